"""What Slack sends: a command, a button, a form, an event; the shapes are those of docs.slack.dev."""

from __future__ import annotations

import uuid
from typing import Any

from tests.bot.fake_slack import FakeSlack

Body = dict[str, Any]
CHANNEL, LEAD = "C0COSTS", "ULEAD"


def command(slack: FakeSlack, text: str, *, team: str = "T0", trigger: str | None = None) -> Body:
    """`/cost TEXT`."""
    return {
        "command": "/cost", "text": text, "user_id": LEAD, "channel_id": CHANNEL, "team_id": team, "api_app_id": "A0",
        "trigger_id": trigger or uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
    }  # fmt: skip


def button(slack: FakeSlack, action: str, value: str, *, team: str = "T0", user: str = LEAD) -> Body:
    """A button that somebody pressed."""
    return {
        "type": "block_actions", "user": {"id": user, "team_id": team}, "team": {"id": team}, "api_app_id": "A0",
        "channel": {"id": CHANNEL}, "trigger_id": uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
        "container": {"channel_id": CHANNEL, "message_ts": "1.1"},
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
    }  # fmt: skip


def opened(*, user: str = LEAD, team: str = "T0", tab: str = "home") -> Body:
    """Somebody opens the app."""
    body = event("app_home_opened", team=team, tab=tab, event_ts="1.1")
    body["event"] |= {"user": user, "channel": "D0DIRECT"}
    return body


def pressed_at_home(action: str, value: str, *, user: str = LEAD, team: str = "T0") -> Body:
    """A button of the Home tab: it has no channel, and no address to respond to."""
    return {
        "type": "block_actions", "user": {"id": user, "team_id": team}, "team": {"id": team}, "api_app_id": "A0",
        "trigger_id": uuid.uuid4().hex, "container": {"type": "view", "view_id": "V0"},
        "view": {"id": "V0", "type": "home", "app_installed_team_id": team},
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
    }  # fmt: skip


def form(callback: str, *, view: str = "V1", shown: str = "1.a", team: str = "T0", values: Body | None = None) -> Body:
    """A form that somebody submitted."""
    return {
        "type": "view_submission", "user": {"id": LEAD, "team_id": team}, "team": {"id": team}, "api_app_id": "A0",
        "trigger_id": uuid.uuid4().hex, "response_urls": [],
        "view": {
            "id": view, "hash": shown, "type": "modal", "callback_id": callback, "app_installed_team_id": team,
            "private_metadata": "", "state": {"values": values or {}},
        },
    }  # fmt: skip


def event(kind: str, *, team: str = "T0", **more: Any) -> Body:  # noqa: ANN401  an event's parts
    """An event of the Events API."""
    return {
        "type": "event_callback", "team_id": team, "api_app_id": "A0", "event_id": f"Ev{uuid.uuid4().hex}",
        "event": {"type": kind, "user": LEAD, "channel": CHANNEL, **more},
    }  # fmt: skip


def of_organization(body: Body, enterprise: str, *, team: str | None) -> Body:
    """A delivery of an app that is installed for a whole organization, as Slack tells it of each kind."""
    within = {"enterprise_id": enterprise, "is_enterprise_install": True, "team_id": team}
    if "command" in body:
        return body | within | {"is_enterprise_install": "true"}
    if "event" in body:
        return body | within | {"authorizations": [within | {"team_id": None, "user_id": "UBOT", "is_bot": True}]}
    view = {"view": body["view"] | {"app_installed_team_id": enterprise, "team_id": team}} if "view" in body else {}
    whole = {"enterprise": {"id": enterprise}, "is_enterprise_install": True, "team": None}
    return body | whole | view | {"user": body["user"] | {"team_id": team}}
