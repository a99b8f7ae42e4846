"""The manifest asks for what the bot uses, and for nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDS = {
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "views_open": set(),
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "files_upload_v2": {"files:write"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history"},
    "conversations_history": {"channels:history", "groups:history"},  # announcements may go to a private channel
}
"""Web API methods and the scopes that each needs (https://docs.slack.dev/reference/methods)."""


def test_the_scopes_are_those_of_the_methods_in_use() -> None:
    """A method without its scope fails in a real workspace; a scope without use is too much."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    code = "".join(file.read_text() for file in (ROOT / "bot").rglob("*.py"))
    used = set(re.findall(r"client\.((?:chat|files|conversations|views|users|usergroups)_\w+)\(", code))
    assert used <= set(NEEDS)
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {"commands"}.union(*(NEEDS[name] for name in used))


def test_the_command_is_the_one_that_is_listened_to() -> None:
    """And both transports can be switched on."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    bound = re.findall(r'app\.command\("(/\w+)"\)', (ROOT / "bot/listeners/__init__.py").read_text())
    assert [one["command"] for one in manifest["features"]["slash_commands"]] == bound
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/events")
    assert "socket_mode_enabled" in manifest["settings"]


def test_the_events_are_those_that_are_listened_to() -> None:
    """An event that nobody hears is sent for nothing; one that is not subscribed to never comes."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    bound = re.findall(r'app\.event\("(\w+)"\)', (ROOT / "bot/listeners/__init__.py").read_text())
    assert sorted(manifest["settings"]["event_subscriptions"]["bot_events"]) == sorted(bound)
