"""The Home tab, opened and read."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import App

from bot.actions import Action
from bot.home import page
from bot.intake import Intake
from bot.working import Workers
from tests.bot import payloads
from tests.bot.fake_slack import FakeSlack

LEAD = payloads.LEAD
Block = dict[str, Any]


def send(app: App, *sent: payloads.Body) -> None:
    """Have Slack send these, and all of it done."""
    for body in sent:
        Intake(app, lambda: None).take(body)
    while Workers(app).once():
        pass


def published(slack: FakeSlack) -> list[Block]:
    """Return the blocks that were published last."""
    view = slack.of("views.publish")[-1]["view"]
    found: list[Block] = (json.loads(view) if isinstance(view, str) else view)["blocks"]
    assert len(found) <= page.MOST
    return found


def open_home(app: App, slack: FakeSlack, user: str = LEAD) -> list[Block]:
    """Have somebody open the tab; return what is shown."""
    send(app, payloads.opened(user=user))
    assert slack.of("views.publish")[-1]["user_id"] == user
    return published(slack)


def titles(blocks: list[Block]) -> list[str]:
    """Return the headings."""
    return [one["text"]["text"] for one in blocks if one["type"] == "header"]


def words_of(blocks: list[Block]) -> str:
    """Return all that it says, as JSON."""
    return json.dumps(blocks, ensure_ascii=False)


def buttons(blocks: list[Block], action: Action) -> list[Block]:
    """Return the buttons of an action."""
    found = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory", {}))]
    return [one for one in found if str(one.get("action_id", "")).startswith(action)]
