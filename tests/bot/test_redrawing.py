"""Messages that show recommendations are drawn anew: once, with the newest, and again where Slack did not take it."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from slack_bolt import App
from sqlalchemy import select, update

from bot import announcements, deliver
from bot.actions import Action
from finops.money import Money
from finops.people import Person
from finops.recommendations.findings import Finding, RecommendationType
from finops.recommendations.lifecycle import State
from storage import dispositions, outbox, posted, recommendations
from storage.database import transaction
from storage.models import Outbox
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import hand_in, open_each, opened, press, row_of
from tests.locks import until_somebody_waits

LEAD, BOSS = "ULEAD", "UBOSS"


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger; ULEAD and UBOSS approve."""
    with transaction() as session:
        ledgers.fill(session)
    return bolt


def _json(sent: dict[str, Any]) -> str:
    return json.dumps(sent, ensure_ascii=False)


def _digest(*chosen: uuid.UUID) -> None:
    """Have a message in C1 show these."""
    with transaction() as session:
        digest = {"kind": "recommendations", "recommendation_ids": [str(one) for one in chosen]}
        outbox.put(session, key="new", kind="slack_message", payload={"channel": "C1", "digest": digest})
        (message,) = outbox.claim(session, ["slack_message"], now=ledgers.NOW)
        outbox.sent(session, message.id, {"channel": "C1", "ts": "9.9"})


def _redraws() -> list[tuple[str, bool]]:
    """Return the state of each drawing that the outbox holds, and whether it waits for more than five minutes."""
    with transaction() as session:
        rows = session.query(Outbox).filter(Outbox.payload.has_key(posted.REDRAW)).order_by(Outbox.id)
        late = datetime.now(UTC) + timedelta(minutes=5)
        return [(one.state.value, one.state.value == "pending" and one.next_attempt_at > late) for one in rows]


def test_a_redraw_that_slack_did_not_take_waits_in_the_outbox(app: App, slack: FakeSlack) -> None:
    """One that it took does not."""
    (chosen,) = open_each("5000")
    _digest(chosen)
    slack.script["chat.update"] = [{"ok": False, "error": "ratelimited"}]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert _redraws() == [("pending", False)]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=BOSS)
    assert _redraws() == [("sent", False)] * 2


def test_a_redraw_that_slack_refuses_again_waits_for_as_long_as_slack_asks(app: App, slack: FakeSlack) -> None:
    """And is drawn then."""
    (chosen,) = open_each("100")
    _digest(chosen)
    busy = (429, {"Retry-After": "900"}, {"ok": False, "error": "ratelimited"})
    slack.script["chat.update"] = [busy, busy]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    deliver.once()
    assert _redraws() == [("pending", True)]
    with transaction() as session:
        session.execute(update(Outbox).values(next_attempt_at=datetime.now(UTC)))
    deliver.once()
    assert _redraws() == [("sent", False)]
    assert "*Approved*" in _json(slack.of("chat.update")[2])


def test_a_message_that_shows_many_is_drawn_once_when_all_are_approved(app: App, slack: FakeSlack) -> None:
    """Not once for each; its thread tells it as one, too, by name and sum."""
    found = open_each("100", "100", "100")
    _digest(*found)
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    hand_in(app, opened(slack), who=LEAD)
    assert len(slack.of("chat.update")) == 1
    assert {row_of(one).state for one in found} == {State.APPROVED}
    deliver.once()
    (told,) = slack.of("chat.postMessage")
    assert f"*3 at once*, saving $300.00 a month: approved by <@{LEAD}>." in told["text"]
    assert all(f"• Stop i-{n}" in _json(told) for n in range(3))


def test_an_announcement_says_what_is_open_still_after_each_decision(app: App, slack: FakeSlack) -> None:
    """Approved and put off as well as dismissed; and when the figures of the bill move a little."""
    first, second, third = open_each("300", "200", "100")
    _digest(first, second, third)
    press(app, slack, Action.APPROVE, row_of(first).offer_id, who=LEAD)
    press(app, slack, Action.SNOOZE, row_of(second).offer_id, who=LEAD)
    hand_in(app, opened(slack), who=LEAD, until=str((datetime.now(UTC) + timedelta(days=7)).date()))
    assert slack.of("chat.update")[-1]["text"] == (
        "Of 3 recommendations 1 is open and would save $100.00 a month; 1 approved ($300.00 a month), 1 snoozed."
    )
    with transaction() as session:
        recommendations.record(session, [_found(second, 200), _found(third, 99)], run_id=None)
    deliver.once()
    assert "would save $99.00 a month" in slack.of("chat.update")[-1]["text"]


def _found(chosen: uuid.UUID, saving: int) -> Finding:
    """Return what the analysis found, found again."""
    row, kind = row_of(chosen), RecommendationType.STOP_IDLE_MACHINE
    return Finding(row.resource_id, "aws", kind, row.title, row.reason, Money(Decimal(saving), "USD"), 0.9, row.details)


def test_who_draws_second_waits_and_draws_what_was_decided_meanwhile(app: App, slack: FakeSlack) -> None:
    """However long Slack takes for the first, the last drawing is the newest."""
    del app
    (chosen,) = open_each("100")
    _digest(chosen)
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:  # somebody draws it just now
            session.scalars(select(Outbox).where(Outbox.key == "new").with_for_update()).one()
            second = pool.submit(announcements.redraw, chosen)
            until_somebody_waits()
            with transaction() as other:
                dispositions.dismiss(
                    other, row_of(chosen).offer_id or chosen, by=Person("T0", LEAD), at=datetime.now(UTC), reason="no"
                )
        assert second.result(10) == {("C1", "9.9")}
    (drawn,) = slack.of("chat.update")
    assert "*Dismissed*" in _json(drawn)


def test_a_thread_tells_what_happened_in_its_order(app: App, slack: FakeSlack) -> None:
    """Although the first line had to wait, and the second is due before it."""
    (chosen,) = open_each("5000")
    _digest(chosen)
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    with transaction() as session:
        waits = datetime.now(UTC) + timedelta(minutes=1)
        session.execute(update(Outbox).where(Outbox.payload.has_key(posted.HAPPENED)).values(next_attempt_at=waits))
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=BOSS)
    deliver.once()
    assert slack.of("chat.postMessage") == []
    with transaction() as session:
        session.execute(update(Outbox).values(next_attempt_at=datetime.now(UTC)))
    deliver.once()
    (first,) = slack.of("chat.postMessage")
    assert "1 of 2" in first["text"]
