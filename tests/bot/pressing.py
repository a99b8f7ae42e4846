"""Slack's payloads for what people type, press and hand in."""

from __future__ import annotations

import json
import uuid
from typing import Any

from slack_bolt import App, BoltRequest

from bot.actions import Action, Form
from storage import recommendations
from storage.database import transaction
from storage.models import Recommendation
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack

CHANNEL = "C0COSTS"
CHOICES = ("reason", "kind", "grain", "severity")
"""Fields of forms that are chosen from a list."""


def open_each(*savings: str, **details: str) -> list[uuid.UUID]:
    """Open a recommendation of each saving, about the machines i-0, i-1 and so on."""
    with transaction() as session:
        return [ledgers.recommend(session, saving=one, name=f"i-{n}", **details) for n, one in enumerate(savings)]


def row_of(chosen: uuid.UUID) -> Recommendation:
    """Return a recommendation as it is now."""
    with transaction() as session:
        return recommendations.get(session, chosen)


def say(app: App, slack: FakeSlack, text: str, *, who: str, workspace: str = "T0") -> None:
    """Type `/cost TEXT`."""
    body = {
        "command": "/cost", "text": text, "user_id": who, "channel_id": CHANNEL, "team_id": workspace,
        "api_app_id": "A0", "trigger_id": uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
    }  # fmt: skip
    assert app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200


def press(
    app: App, slack: FakeSlack, action: Action | str, value: object, *, who: str, block: str = "b", **more: object
) -> None:
    """Press a button of a private list, or choose from one of its menus (`selected_option`)."""
    body = {
        "type": "block_actions", "user": {"id": who, "team_id": "T0"}, "team": {"id": "T0"}, "api_app_id": "A0",
        "channel": {"id": CHANNEL}, "trigger_id": uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
        "container": {"channel_id": CHANNEL, "message_ts": "1.1", "is_ephemeral": True},
        "actions": [{"action_id": str(action), "block_id": block, "type": "button", "value": str(value), **more}],
    }  # fmt: skip
    assert app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200


def choose(app: App, slack: FakeSlack, action: Action, value: object, *, who: str) -> None:
    """Choose from the menu of a card."""
    press(app, slack, Action.MORE, "", who=who, selected_option={"value": f"{action}:{value}"})


def opened(slack: FakeSlack, times: int = 1) -> dict[str, Any]:
    """Return the last form that was opened."""
    view = slack.wait("views.open", times)[-1]["view"]
    return dict(json.loads(view) if isinstance(view, str) else view)


def hand_in(app: App, view: dict[str, Any], *, who: str, **given: str | None) -> Any:  # noqa: ANN401  what Slack is answered
    """Fill a form in and hand it in, None for what nobody chose; returns what Slack is told at once."""
    keys = {"until": "selected_date", "to": "selected_user", "escalate_to": "selected_user", "person": "selected_user"}
    keys |= dict.fromkeys(CHOICES, "selected_option")
    values = {
        name: {"given": {keys.get(name, "value"): {"value": value} if value and name in CHOICES else value}}
        for name, value in given.items()
    }
    body = {
        "type": "view_submission", "user": {"id": who, "team_id": "T0"}, "team": {"id": "T0"}, "api_app_id": "A0",
        "trigger_id": uuid.uuid4().hex, "response_urls": [],
        "view": {**view, "id": "V0", "hash": uuid.uuid4().hex, "state": {"values": values}},
    }  # fmt: skip
    assert view["callback_id"] in list(Form)
    answer = app.dispatch(BoltRequest(mode="socket_mode", body=body))
    assert answer.status == 200
    return json.loads(answer.body) if answer.body else {}
