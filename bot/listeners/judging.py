"""Expected, Real and Fixed: what somebody says of an anomaly, kept for good and shown on its message."""

from __future__ import annotations

import uuid

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import announcements
from bot.actions import Action
from bot.blocks import anomaly
from bot.listeners.telling import Body, told
from storage import anomalies
from storage.database import transaction
from storage.settings import settings


@told
def judge(body: Body, respond: Respond, client: WebClient) -> None:
    """Keep what the button says of its event, unless somebody has said the same before."""
    who = body["user"]["id"]
    if who not in settings().approvers:
        able = ", ".join(f"<@{one}>" for one in sorted(settings().approvers)) or "nobody yet (COSTS_APPROVERS)"
        words = f"Only approvers may say what it was, as thresholds follow it: {able}."
        respond(text=words, response_type="ephemeral", replace_original=False)
        return
    pressed = body["actions"][0]
    chosen, verdict = uuid.UUID(pressed["value"]), anomaly.BUTTONS[Action(pressed["action_id"])]
    with transaction() as session:
        row = anomalies.get(session, chosen)
        before = anomalies.said(session, [row]).get(chosen)
        if before is None or before.verdict is not verdict:
            anomalies.say(session, row, verdict, who=who)
    with transaction() as session:
        announcements.redraw_anomaly(session, client, chosen)
