"""What was too much for a channel's day, and the message that was to tell it: nobody else sees it."""

from __future__ import annotations

import pytest
from slack_bolt import App
from sqlalchemy import select

from bot import app as bot_app
from bot import deliver
from finops.digests import Every
from storage import alert_caps, outbox, subscriptions, workspaces
from storage.database import transaction
from storage.models import Outbox, OutboxState
from tests.bot.fake_slack import FakeSlack


@pytest.mark.parametrize("code", ["is_archived", "not_in_channel", "channel_not_found"])
def test_a_digest_that_takes_in_alerts_is_told_in_no_other_channel(bolt: App, slack: FakeSlack, code: str) -> None:
    """It may be a private one's; what Slack said is kept, so that the digest ends."""
    del bolt
    slack.script["chat.postMessage"] = [{"ok": False, "error": code}]
    with transaction() as session:
        workspaces.note_own(session, "T0")
        row, _ = subscriptions.add(
            session, workspace="T0", channel="C0SECRET", person=None, cadence=Every.DAILY, filters={},
            timezone="UTC", by="UBOSS",
        )  # fmt: skip
        payload = {"channel": row.channel, "subscription": str(row.id), "since": None, alert_caps.FOLDED: [1]}
        outbox.put(session, workspace="T0", key="a digest", kind="slack_message", payload=payload)
    deliver.once(bot_app.client())
    deliver.once(bot_app.client())
    assert [one["channel"] for one in slack.of("chat.postMessage")] == ["C0SECRET"]
    with transaction() as session:
        [message] = session.scalars(select(Outbox))
        assert (message.payload, message.error) == (payload, code)
        assert message.state in {OutboxState.FAILED, OutboxState.PENDING}
