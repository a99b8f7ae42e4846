"""What a browser and an admin do to install the app in a further workspace."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
from click.testing import CliRunner, Result
from starlette.applications import Starlette

from bot.cli_workspaces import workspaces as command
from storage import tokens
from storage.database import transaction
from storage.models import Workspace

KEY, NEXT = tokens.new_key(), tokens.new_key()


def granted(team: str, name: str, **more: object) -> dict[str, object]:
    """Return what Slack answers when a workspace grants the app its scopes."""
    return {
        "ok": True, "app_id": "A0", "team": {"id": team, "name": name}, "authed_user": {"id": "UINST"},
        "access_token": f"xoxb-{team}", "bot_user_id": "U0BOT", "scope": "commands,chat:write", "token_type": "bot",
    } | more  # fmt: skip


def get(pages: Starlette, path: str, cookie: str = "") -> httpx.Response:
    """Ask the web application for a page."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=pages)
        async with httpx.AsyncClient(transport=transport, base_url="http://costs") as client:
            return await client.get(path, headers={"Cookie": cookie} if cookie else {})

    return asyncio.run(ask())


def run(*words: str) -> Result:
    """Run a command of `costs workspaces`."""
    return CliRunner().invoke(command, words, catch_exceptions=False)


def install(pages: Starlette, query: str = "") -> httpx.Response:
    """Do what a browser does: begin, agree at Slack's, come back."""
    begun = get(pages, f"/slack/install{query}")
    assert begun.status_code == 200, begun.text
    (address,) = re.findall(r'href="(https://slack.com/oauth/v2/authorize[^"]+)"', begun.text)
    asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
    assert asked["redirect_uri"] == ["https://costs.example.com/slack/oauth_redirect"]
    assert "chat:write" in asked["scope"][0]
    state = asked["state"][0]
    cookie = begun.headers["set-cookie"].split(";")[0]
    return get(pages, f"/slack/oauth_redirect?code=c&state={state}", cookie)


def connect() -> str:
    """Return the query of a new ticket's address."""
    return "?" + urlsplit(run("connect").output.strip()).query


def stored(workspace: str) -> Workspace:
    """Return what is kept of a workspace."""
    with transaction() as session:
        return session.get_one(Workspace, workspace)
