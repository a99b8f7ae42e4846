"""The manifest asks for what the bot uses, and for nothing else."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from bot.questions import Kind, read
from bot.working import ENDINGS

ROOT = Path(__file__).resolve().parents[2]
NEEDS = {
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "views_open": set(),
    "views_update": set(),
    "views_publish": set(),
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "files_upload_v2": {"files:write"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history"},
    "conversations_history": {"channels:history", "groups:history"},  # announcements may go to a private channel
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
}
"""Web API methods and the scopes that each needs (https://docs.slack.dev/reference/methods)."""

EVENTS: dict[str, set[str]] = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "message.im": {"im:history"},
    "app_uninstalled": set(),
    "tokens_revoked": set(),
}
"""Events and the scope that each needs."""


def test_the_scopes_are_those_of_the_methods_in_use() -> None:
    """A method without its scope fails in a real workspace; a scope without use is too much."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    code = "".join(file.read_text() for file in (ROOT / "bot").rglob("*.py"))
    used = set(re.findall(r"client\.((?:chat|files|conversations|views|users|usergroups)_\w+)\(", code))
    assert used <= set(NEEDS)
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {"commands"}.union(
        *(NEEDS[name] for name in used), *(EVENTS[name] for name in events)
    )


def test_the_events_are_those_that_are_listened_to() -> None:
    """And people can write to the bot at all."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    bound = re.findall(r'app\.event\("(\w+)"\)', (ROOT / "bot/listeners/__init__.py").read_text())
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(one.partition(".")[0] for one in events) == sorted([*bound, *ENDINGS])
    home = manifest["features"]["app_home"]
    assert home["home_tab_enabled"] is True
    assert (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"]) == (True, False)


def test_the_command_is_the_one_that_is_listened_to() -> None:
    """And both transports can be switched on."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    bound = re.findall(r'app\.command\("(/\w+)"\)', (ROOT / "bot/listeners/__init__.py").read_text())
    assert [one["command"] for one in manifest["features"]["slash_commands"]] == bound
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/events")
    assert "socket_mode_enabled" in manifest["settings"]


def test_what_slack_shows_beside_the_command_can_be_typed() -> None:
    """It is a question as it stands, of which nothing has to be put right."""
    [command] = json.loads((ROOT / "manifest.json").read_text())["features"]["slash_commands"]
    reading = read(command["usage_hint"], today=date(2026, 11, 23))
    assert (str(reading.question), reading.mended) == (command["usage_hint"], ())
    assert reading.question.kind is Kind.COST
