"""A digest is due once a local day or week, whatever the clocks there do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.digests import Ended, Every
from jobs import digest
from storage import subscriptions
from storage.models import Outbox, OutboxState, Subscription
from storage.posted import KIND

BERLIN = "Europe/Berlin"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def _subscribed(session: Session, cadence: Every, *, timezone: str = BERLIN, hour: int = 9) -> Subscription:
    subscriptions.add(
        session, workspace="T0", channel="C0WEB", person=None, cadence=cadence, filters={}, timezone=timezone,
        by="ULEAD", hour=hour,
    )  # fmt: skip
    [row] = subscriptions.alive(session)
    row.created_at = BEGUN
    session.flush()
    return row


def _ticked(session: Session, row: Subscription, start: datetime, end: datetime) -> list[str]:
    """Run the job every five minutes; return the days whose digest was written down, in their order."""
    at, written = start, 0
    while at < end:
        written += digest.put(session, row, now=at)
        at += timedelta(minutes=5)
    keys = list(session.scalars(select(Outbox.key).order_by(Outbox.id)))
    assert len(keys) == written
    return [key.rpartition(" ")[2] for key in keys]


@pytest.mark.parametrize(
    ("day", "timezone", "hour"),
    [
        (datetime(2026, 3, 29, tzinfo=UTC), BERLIN, 2),  # 02:00 does not exist
        (datetime(2026, 10, 25, tzinfo=UTC), BERLIN, 2),  # 02:00 comes twice
        (datetime(2026, 9, 6, tzinfo=UTC), "America/Santiago", 0),  # the day begins at 01:00
    ],
)
def test_every_local_day_has_one_digest_where_an_hour_is_missing_or_comes_twice(
    session: Session, day: datetime, timezone: str, hour: int
) -> None:
    """Daily, over the three days around the change."""
    row = _subscribed(session, Every.DAILY, timezone=timezone, hour=hour)
    start = (day - timedelta(days=1)).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    end = (day + timedelta(days=2)).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    days = [f"{day + timedelta(days=number):%Y-%m-%d}" for number in (-1, 0, 1)]
    assert _ticked(session, row, start + timedelta(hours=hour), end) == days


def test_a_week_has_one_digest_on_its_monday(session: Session) -> None:
    """However often the job runs meanwhile, and from when on the next one tells is written with it."""
    row = _subscribed(session, Every.WEEKLY)
    start = datetime(2026, 11, 16, 0, tzinfo=UTC)
    assert _ticked(session, row, start, start + timedelta(days=10)) == ["2026-11-09", "2026-11-16", "2026-11-23"][1:]
    last = session.scalars(select(Outbox).order_by(Outbox.id.desc())).first()
    assert last is not None
    assert last.workspace == "T0"
    assert last.payload == {
        "channel": "C0WEB", "subscription": str(row.id), "since": "2026-11-16T08:00:00+00:00",
    }  # fmt: skip


def test_another_day_and_hour_begin_with_the_next_one(session: Session) -> None:
    """Neither the last Friday is made up for nor a day told twice."""
    _subscribed(session, Every.WEEKLY)
    add = partial(
        subscriptions.add, session, workspace="T0", channel="C0WEB", person=None, cadence=Every.WEEKLY, filters={},
        timezone=BERLIN, by="ULEAD",
    )  # fmt: skip
    row, _ = add(weekday=4, hour=8)
    row.created_at = start = datetime(2026, 11, 18, 10, tzinfo=UTC)  # a Wednesday
    assert [one.id for one in subscriptions.alive(session)] == [row.id]
    assert _ticked(session, row, start, start + timedelta(days=7)) == ["2026-11-20"]
    add(hour=20)
    assert not digest.put(session, row, now=datetime(2026, 11, 20, 19, 30, tzinfo=UTC))
    assert digest.put(session, row, now=datetime(2026, 11, 27, 19, 0, tzinfo=UTC))
    assert not digest.put(session, row, now=datetime(2026, 11, 27, 19, 30, tzinfo=UTC))


def test_nothing_is_sent_of_before_it_was_asked_for_nor_long_after_it_was_due(session: Session) -> None:
    """Who subscribes at noon hears tomorrow; a clock that stood still for a day does not tell two at once."""
    row = _subscribed(session, Every.DAILY)
    row.created_at = datetime(2026, 11, 20, 11, tzinfo=UTC)
    assert not digest.put(session, row, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert not digest.put(session, row, now=datetime(2026, 11, 22, 7, 30, tzinfo=UTC))
    assert digest.put(session, row, now=datetime(2026, 11, 22, 8, 1, tzinfo=UTC))


def _failed(session: Session, row: Subscription, code: str) -> datetime:
    """Have a digest be due and Slack refuse it; returns when the job runs next."""
    now = datetime(2026, 11, 20, 8, 1, tzinfo=UTC)
    assert digest.put(session, row, now=now)
    [message] = session.scalars(select(Outbox))
    message.state, message.error = OutboxState.FAILED, code
    session.flush()
    return now + timedelta(minutes=5)


@pytest.mark.parametrize("code", ["is_archived", "channel_not_found", "not_in_channel Given up after 12 attempts."])
def test_a_channel_that_cannot_be_posted_to_ends_its_digest_and_tells_once_who_set_it_up(
    session: Session, code: str
) -> None:
    """On the first failure, not each day for ever; begun anew it is no longer said to have ended."""
    row = _subscribed(session, Every.DAILY)
    now = _failed(session, row, code)
    for minutes in (0, 5, 10):
        digest.put(session, row, now=now + timedelta(minutes=minutes))
    assert subscriptions.alive(session) == []
    assert [one.ended_why for one in subscriptions.ended(session, workspace="T0")] == [Ended(code.partition(" ")[0])]
    [told] = session.scalars(select(Outbox).where(Outbox.key.startswith("digest ")))
    assert (told.workspace, told.kind) == ("T0", KIND)
    assert told.payload == {"channel": None, "to": "ULEAD", "digest_ended": str(row.id)}
    assert subscriptions.ended(session, workspace="T1") == []
    _subscribed(session, Every.DAILY)
    assert subscriptions.ended(session) == []


def test_what_slack_may_yet_take_ends_nothing(session: Session) -> None:
    """Slack being away, and what is being posted at this moment."""
    row = _subscribed(session, Every.DAILY)
    now = _failed(session, row, "service_unavailable")
    digest.put(session, row, now=now)
    [message] = session.scalars(select(Outbox))
    message.state, message.error = OutboxState.SENDING, "is_archived"
    session.flush()
    digest.put(session, row, now=now)
    assert subscriptions.alive(session) == [row]


def test_an_empty_ledger_has_nothing_to_tell(home: object, session: Session) -> None:
    """No message says that there is none."""
    del home
    _subscribed(session, Every.DAILY)
    assert digest.run() == {"written": 0}
