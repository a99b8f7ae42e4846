"""What leaves the system leaves it once, is tried again when it must be, and is given up loudly."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import outbox, requests
from storage.database import transaction
from storage.models import Outbox, OutboxState

SOON = timedelta(seconds=1)


def _now() -> datetime:
    return datetime.now(UTC) + SOON


def _put(session: Session, key: str = "weekly 2026-W47 to a@example.com") -> Outbox:
    outbox.put(session, key=key, kind="mail", payload={"to": ["a@example.com"]})
    [message] = outbox.claim(session, ["mail"], now=_now())
    return message


def test_a_key_is_written_once(session: Session) -> None:
    """A second cause of the same message changes nothing."""
    assert outbox.put(session, key="k", kind="mail", payload={"n": 1})
    assert not outbox.put(session, key="k", kind="mail", payload={"n": 2})
    [message] = outbox.claim(session, ["mail"], now=_now())
    assert message.payload == {"n": 1}


def test_a_claimed_message_is_left_alone_until_its_lease_ends(session: Session) -> None:
    """Then it may have been sent, and whoever takes it over is told so."""
    message = _put(session)
    assert (message.state, message.attempts, outbox.maybe_sent(message)) == (OutboxState.SENDING, 1, False)
    assert outbox.claim(session, ["mail"], now=_now() + outbox.LEASE - 2 * SOON) == []
    assert outbox.claim(session, ["slack_message"], now=_now() + 2 * outbox.LEASE) == []
    [again] = outbox.claim(session, ["mail"], now=_now() + outbox.LEASE)
    assert (again.attempts, outbox.maybe_sent(again)) == (2, True)
    outbox.sent(session, again.id, {"ts": "1.2"})
    assert again.receipt is not None
    assert (again.receipt["ambiguous"], again.receipt["ts"]) == (1, "1.2")
    first = outbox.first_tried(again)
    assert first is not None
    assert abs(first - _now()) < timedelta(seconds=30)


def test_two_senders_never_get_the_same_message(database: Path) -> None:
    """Each of forty messages is claimed by one of two threads."""
    with transaction() as session:
        for number in range(40):
            outbox.put(session, key=str(number), kind="mail", payload={})
    together = threading.Barrier(2)

    def claim_all(_: int) -> list[int]:
        mine: list[int] = []
        while True:
            together.wait(10)
            with transaction() as session:
                claimed = [one.id for one in outbox.claim(session, ["mail"], now=_now(), limit=5)]
            mine += claimed
            if len(mine) >= 20:
                return mine

    with ThreadPoolExecutor(2) as senders:
        one, other = senders.map(claim_all, range(2))
    assert len(one) == len(other) == len({*one} | {*other}) / 2 == 20


def test_a_second_sender_neither_waits_for_the_first_nor_takes_the_same(database: Path) -> None:
    """It takes what is left, while the first has not yet said which are its own."""
    with transaction() as session:
        for number in range(4):
            outbox.put(session, key=str(number), kind="mail", payload={})
    with transaction() as first, transaction() as second:
        second.execute(text("set local lock_timeout = '1s'"))  # a wait for the first would never end
        taken = [[one.key for one in outbox.claim(each, ["mail"], now=_now(), limit=3)] for each in (first, second)]
    assert taken == [["0", "1", "2"], ["3"]]


def test_a_refused_message_waits_longer_each_time_and_is_given_up_loudly(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """Not lost from sight: its state, its error and the log say so."""
    message = _put(session)
    outbox.retry(session, message.id, error="450 busy.")
    session.refresh(message)
    assert message.state is OutboxState.PENDING
    assert timedelta(seconds=10) < message.next_attempt_at - datetime.now(UTC) < timedelta(seconds=40)
    message.attempts = outbox.ATTEMPTS
    outbox.retry(session, message.id, error="450 busy.")
    assert message.state is OutboxState.FAILED
    assert message.error == "450 busy. Given up after 12 attempts."
    assert "weekly 2026-W47 to a@example.com” is failed" in caplog.text


def test_a_lost_answer_is_counted_and_never_undoes_a_delivery(session: Session) -> None:
    """Sent again under the same key while that may help, else left as what it is."""
    message = _put(session)
    outbox.ambiguous(session, message.id, error="connection lost", after=timedelta(0))
    assert message.state is OutboxState.PENDING
    outbox.claim(session, ["mail"], now=_now())
    outbox.ambiguous(session, message.id, error="connection lost")
    assert (message.state, (message.receipt or {})["ambiguous"]) == (OutboxState.AMBIGUOUS, 2)
    outbox.sent(session, message.id)
    outbox.retry(session, message.id, error="too late")
    outbox.failed(session, message.id, "too late")
    assert (message.state, message.error) == (OutboxState.SENT, None)


def test_waits_double_up_to_an_hour_and_are_spread() -> None:
    """From 15 to 25 seconds at first, never more than 75 minutes, whatever the number."""
    assert outbox.backoff(1, jitter=0) == timedelta(seconds=15)
    assert outbox.backoff(1, jitter=1) == timedelta(seconds=25)
    assert outbox.backoff(2, jitter=0.5) == timedelta(seconds=40)
    assert outbox.backoff(10**6, jitter=1) == timedelta(minutes=75)
    waits = sum((outbox.backoff(n, jitter=0.5) for n in range(1, outbox.ATTEMPTS)), timedelta())
    assert timedelta(hours=3) < waits < timedelta(hours=8)


def test_two_workspaces_may_have_the_same_message(session: Session) -> None:
    """It is another one."""
    assert outbox.put(session, key="k", kind="mail", payload={}, workspace="T1")
    assert outbox.put(session, key="k", kind="mail", payload={}, workspace="T2")
    assert not outbox.put(session, key="k", kind="mail", payload={}, workspace="T1")


def test_a_message_that_is_not_due_yet_loses_no_attempt(session: Session) -> None:
    """A channel's pace must not use up what is meant for failures."""
    message = _put(session)
    for _ in range(outbox.ATTEMPTS + 1):
        outbox.later(session, message.id, after=timedelta(0))
        [message] = outbox.claim(session, ["mail"], now=_now())
    assert message.attempts == 1


def test_what_was_delivered_is_forgotten_only_where_nobody_looks_for_it(session: Session) -> None:
    """Where a posted message is has to be known for drawing it anew."""
    for kind in ("slack_reply", "slack_message"):
        outbox.put(session, key=kind, kind=kind, payload={})
        [message] = outbox.claim(session, [kind], now=_now())
        outbox.sent(session, message.id)
    outbox.put(session, key="waits", kind="slack_reply", payload={})
    outbox.prune(session, "slack_reply", before=_now() + SOON)
    assert {one.key for one in session.query(Outbox)} == {"slack_message", "waits"}
    assert [one.key for one in outbox.unsent(session)] == ["waits"]


def test_requests_are_taken_in_their_order_by_one_clock(session: Session) -> None:
    """What was deferred is not offered again."""
    first = requests.ask(session, job="collect", parameters={}, by="U1")
    requests.ask(session, job="analyse", parameters={"start": "2026-09-01"}, by="U2")
    assert [one.job for one in requests.pending(session)] == ["collect", "analyse"]
    requests.deferred(session, first.id)
    assert [(one.job, one.requested_by) for one in requests.pending(session)] == [("analyse", "U2")]


def test_what_belongs_into_a_thread_goes_in_the_order_in_which_it_was_written(session: Session) -> None:
    """However long the first waits; other threads and channels do not wait for it."""
    now = _now()
    for key, thread in (("first", "1.0"), ("second", "1.0"), ("elsewhere", "2.0")):
        outbox.put(session, key=key, kind="slack_message", payload={"thread_ts": thread})
    outbox.put(session, key="no thread", kind="slack_message", payload={})
    taken = {one.key: one.id for one in outbox.claim(session, ["slack_message"], now=now)}
    assert set(taken) == {"first", "elsewhere", "no thread"}
    outbox.later(session, taken["first"], after=timedelta(seconds=1), error=None)
    assert [one.key for one in outbox.claim(session, ["slack_message"], now=now)] == []
    outbox.sent(session, taken["first"])
    assert [one.key for one in outbox.claim(session, ["slack_message"], now=now)] == ["second"]
