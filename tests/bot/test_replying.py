"""An answer reaches the person: later if Slack is busy or away, by name if its address is gone, and not twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from slack_bolt import App
from sqlalchemy import select, update

from bot import deliver
from bot.intake import Intake
from bot.working import Workers
from storage import outbox
from storage.database import transaction
from storage.models import Inbox, InboxState, Outbox, OutboxState
from tests.bot import payloads
from tests.bot.fake_slack import HANG_UP, FakeSlack

BUSY = (429, {"Retry-After": "3"}, b"rate_limited")


def _ask(bolt: App, slack: FakeSlack) -> None:
    Intake(bolt, lambda: None).take(payloads.command(slack, "help"))
    assert Workers(bolt).once()


def _reply() -> Outbox:
    with transaction() as session:
        return session.scalars(select(Outbox)).one()


def _due() -> None:
    with transaction() as session:
        session.execute(update(Outbox).values(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)))


@pytest.mark.parametrize("lost", [BUSY, HANG_UP, (500, {}, b"oops"), (503, {}, b"<html>")])
def test_an_answer_that_slack_did_not_take_is_tried_again_soon(bolt: App, slack: FakeSlack, lost: object) -> None:
    """Within seconds: somebody waits for it. The question is not answered anew."""
    slack.script["respond"] = [lost]
    _ask(bolt, slack)
    reply = _reply()
    assert reply.state is OutboxState.PENDING
    assert reply.next_attempt_at - datetime.now(UTC) < timedelta(seconds=4)
    _due()
    deliver.once()
    assert _reply().state is OutboxState.SENT
    assert [one["text"][:15] for one in slack.of("respond")] == ["Ask in your own words"[:15]] * 2
    with transaction() as session:
        assert session.scalars(select(Inbox.state)).one() is InboxState.DONE


@pytest.mark.parametrize("gone", [(404, {}, b"expired_url"), (200, {}, b"ok")])
def test_an_address_that_is_gone_is_followed_by_name(bolt: App, slack: FakeSlack, gone: object) -> None:
    """Slack says so, or half an hour has passed."""
    slack.script["respond"] = [BUSY, gone]
    _ask(bolt, slack)
    _due()
    if gone != (404, {}, b"expired_url"):
        with transaction() as session:
            row = session.scalars(select(Outbox)).one()
            row.payload = row.payload | {"until": datetime.now(UTC).isoformat()}
    deliver.once()
    (shown,) = slack.of("chat.postEphemeral")
    assert (shown["channel"], shown["user"]) == (payloads.CHANNEL, payloads.LEAD)
    assert "Ask in your own" in shown["text"]


def test_where_the_bot_is_no_member_it_answers_in_direct_messages(bolt: App, slack: FakeSlack) -> None:
    """They are always open."""
    slack.script["respond"] = [(404, {}, b"used_url")]
    slack.script["chat.postEphemeral"] = [{"ok": False, "error": "not_in_channel"}]
    _ask(bolt, slack)
    assert slack.of("conversations.open")[0]["users"] == payloads.LEAD
    assert slack.of("chat.postMessage")[0]["channel"] == "D0DIRECT"


def test_a_worker_that_died_after_answering_does_not_answer_twice(bolt: App, slack: FakeSlack) -> None:
    """Its successor finds the answer written down."""
    _ask(bolt, slack)
    with transaction() as session:
        session.execute(update(Inbox).values(state=InboxState.WAITING, next_attempt_at=Inbox.received_at))
    assert Workers(bolt).once()
    assert len(slack.of("respond")) == 1


def test_an_answer_that_was_being_sent_when_its_worker_died_is_sent(bolt: App, slack: FakeSlack) -> None:
    """Once its lease is over: rather twice than not."""
    slack.script["respond"] = [HANG_UP]
    _ask(bolt, slack)
    with transaction() as session:
        session.execute(update(Outbox).values(state=OutboxState.SENDING))
    assert deliver.once() == 0
    _due()
    assert deliver.once() == 1
    assert _reply().state is OutboxState.SENT
    with transaction() as session:
        assert not outbox.unsent(session)


def test_what_slack_never_takes_is_given_up(bolt: App, slack: FakeSlack) -> None:
    """Loudly, in the outbox."""
    slack.script["respond"] = [(400, {}, b"invalid_blocks")]
    _ask(bolt, slack)
    assert (_reply().state, _reply().error) == (OutboxState.FAILED, "invalid_blocks")
