"""Larkspur Outfitters: a fictional shop with everything a bill can tell. No person, account or address is real."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

NAME = "Larkspur Outfitters"


@dataclass(frozen=True, slots=True)
class Place:
    """A linked account, a subscription or a project."""

    id: str
    name: str
    env: str
    number: str = ""
    """Google's project number."""


AWS_PAYER, AWS_PAYER_NAME = "048211770312", "larkspur-billing"
AWS = {
    "prod": Place("118420955734", "payments-prod", "prod"),
    "staging": Place("209914630877", "shop-staging", "staging"),
    "data": Place("356102884419", "data-prod", "prod"),
    "sandbox": Place("447700218856", "sandbox", "dev"),
}
AZURE_ACCOUNT = "5f1c7a90-2d64-4e0b-9a3e-7c1d0e6b8f42:3b9e2c11-6f0a-4d57-8e21-90ab4c3d7e55_2019-05-31"
AZURE_PROFILE = "LKSP-7Q2M-BG7-TGB"
AZURE = {
    "prod": Place("8c2f4b7e-19d3-4c6a-b1f0-6e5d3a92c7f8", "larkspur-eu-prod", "prod"),
    "dev": Place("d41a9e06-7b58-4f2c-9c3d-0a8e6f175b24", "larkspur-eu-dev", "dev"),
}
GCP_ACCOUNT = "01B7F2-9C44A1-5D08E3"
GCP = {
    "analytics": Place("larkspur-analytics", "Larkspur analytics", "prod", "418830277195"),
    "ml": Place("larkspur-ml", "Larkspur ML", "prod", "730156648201"),
    "dev": Place("larkspur-web-dev", "Larkspur web dev", "dev", "265904413378"),
}
TEAMS = ("payments", "checkout", "search", "catalog", "data", "ml", "platform", "mobile")
UNTAGGED_EVERY = 9
"""One thing in nine carries no tags, as in most estates."""


def digest(*parts: object) -> str:
    """Return 64 hexadecimal digits that are the same for the same parts."""
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()


def uuid_text(*parts: object) -> str:
    """Return an id as Microsoft writes them."""
    text = digest(*parts)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-9{text[17:20]}-{text[20:32]}"


def number(*parts: object) -> str:
    """Return an id as Google numbers its resources."""
    return str(int(digest(*parts)[:15], 16) + 10**18)


def tags(team: str, app: str, env: str, name: str) -> dict[str, str]:
    """Return the tags of a thing, or none for those that somebody forgot."""
    if int(digest("tags", name)[:8], 16) % UNTAGGED_EVERY == 0:
        return {}
    return {"team": team, "app": app, "env": env}
