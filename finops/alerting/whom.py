"""Whom an alert rule tells, as people write it: a channel, a person, a mail address, an outlet, or an id of Slack's."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from finops.foreign import plain

HOW = "write #web for a channel, @ada for a person, ada@example.com for mail, or the name of an outlet"
SHOWN = 60
_ID = re.compile(r"[CDGUW][A-Z0-9]+")
_LEAST = 9
"""Slack's own are at least so long; a shorter word in capitals is rather a name."""
_CHANNEL = re.compile(r"#[^\s#@,<>]{1,80}")
_PERSON = re.compile(r"@[^@#,<>]*[^\s@#,<>][^@#,<>]*")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]|\.(?!\.)){0,250}[A-Za-z0-9]")


class Way(StrEnum):
    """What a word names, by its shape."""

    CHANNEL = "channel"
    PERSON = "person"
    MAIL = "mail address"
    ID = "id"
    NAME = "outlet"


def way(to: str) -> Way:
    """Return what it names; an outlet may be called as an id looks, so those that there are come before ids."""
    if to.startswith("#"):
        return Way.CHANNEL
    if to.startswith("@"):
        return Way.PERSON
    if "@" in to:
        return Way.MAIL
    return Way.ID if _ID.fullmatch(to) else Way.NAME


def problem(to: str, *, outlets: Collection[str]) -> str | None:
    """Return what is wrong with it, as far as that is known without asking Slack; `outlets` are all that there are."""
    kind, shown = way(to), f"“{plain(to)[:SHOWN]}”"
    if to in outlets or (kind is Way.ID and len(to) >= _LEAST):
        return None
    if kind in _SHAPES:
        return None if _SHAPES[kind].fullmatch(to) else f"{shown} is no {kind}: {HOW}"
    there = f"those of outlets.yaml are {', '.join(sorted(outlets))}" if outlets else "outlets.yaml has none"
    return f"there is no outlet {shown} ({there}): {HOW}"


_SHAPES = {Way.CHANNEL: _CHANNEL, Way.PERSON: _PERSON, Way.MAIL: _MAIL}
