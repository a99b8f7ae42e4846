"""Expected, Real and Fixed: what somebody says of an anomaly, kept for good and shown on its message."""

from __future__ import annotations

import uuid

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import announcements
from bot.actions import Action
from bot.blocks import anomaly
from bot.listeners.permitted import pressed
from bot.listeners.telling import Body
from finops.roles import Act
from storage import anomalies, outbox
from storage.database import transaction


@pressed(Act.JUDGE)
def judge(body: Body, respond: Respond, client: WebClient) -> None:
    """Keep what the button says of its event, unless somebody has said the same before.

    Whoever presses it in an answer, which is not drawn anew, is told so.
    """
    del client
    button = body["actions"][0]
    chosen, verdict = uuid.UUID(button["value"]), anomaly.BUTTONS[Action(button["action_id"])]
    with transaction() as session:
        row = anomalies.get(session, chosen)
        before = anomalies.said(session, [row]).get(chosen)
        if before is None or before.verdict is not verdict:
            before = anomalies.say(session, row, verdict, who=body["user"]["id"])
            payload = {"channel": None, announcements.REDRAW: str(chosen)}
            outbox.put(session, key=f"anomaly {chosen} said {before.id}", kind=announcements.KIND, payload=payload)
        kept = anomaly.kept(before)
    redrawn, place = announcements.redraw_anomaly(chosen), body.get("container") or {}
    if (place.get("channel_id"), place.get("message_ts")) not in redrawn:
        thread = place.get("thread_ts")
        respond(text=kept, response_type="ephemeral", replace_original=False, thread_ts=thread)
