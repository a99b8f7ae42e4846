"""A channel's day has so many alerts; what comes beyond waits for one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import announcements
from finops.alerting.findings import Found
from finops.alerting.rules import AlertRule
from finops.digests import Every
from finops.errors import BadSettingError
from finops.people import Person
from jobs import digest
from jobs.alerting import folding
from jobs.alerting.following import follow
from storage import alert_caps, alert_rules, alerting, subscriptions
from storage.models import AlertRuleRow, CostAlert, Outbox
from storage.settings import settings

ADA = Person("T0", "ada")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOUND = Found("", Decimal(600), Decimal(500), "USD", date(2026, 3, 9), date(2026, 3, 10), "It was $600.00.")
Rule = tuple[AlertRuleRow, AlertRule]


@pytest.fixture(autouse=True)
def _two_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTS_ALERTS_A_DAY", "2")
    monkeypatch.setenv("COSTS_TIMEZONE", "Europe/Berlin")


def _rule(session: Session, name: str, **fields: object) -> Rule:
    given = {"name": name, "kind": "threshold", "amount": 500, "currency": "USD", "to": "C0WEB", **fields}
    rule = AlertRule.model_validate(given)
    return alert_rules.add(session, rule, by=ADA), rule


def _fire(session: Session, name: str, *, at: datetime = NOON, value: int = 600, **fields: object) -> CostAlert:
    """Have a rule of that name fire, whose value stands in its sentence."""
    rule = _rule(session, name, **fields)
    follow(session, *rule, [replace(FOUND, value=Decimal(value), sentence=f"{name} was ${value}.")], at=at)
    (alert,) = alerting.of_rule(session, rule[0].id)
    return alert


def _sent(session: Session) -> list[str]:
    """Return what is sent by itself, by the rules' names, and what the channel is told besides."""
    rows = session.scalars(select(Outbox).order_by(Outbox.id)).all()
    free = [row for row in rows if not alert_caps.is_kept(row) and "into" not in (row.receipt or {})]
    return [str(announcements.draw(session, row.payload)[0]) for row in free if "subscription" not in row.payload]


def _created(session: Session, at: datetime) -> None:
    for row in alert_caps.waiting(session):
        row.created_at = at
    session.flush()


def test_beyond_a_day_s_alerts_one_message_at_its_end_tells_the_rest(session: Session) -> None:
    """The most important first, what is over left out; the channel is told once that this is so, and when."""
    told = [_fire(session, f"r{n}", at=NOON + n * HOUR) for n in range(2)]
    small, large = _fire(session, "small", value=700), _fire(session, "large", value=900)
    info, over = _fire(session, "info", severity="info", value=9000), _fire(session, "over", value=800)
    alerting.over(session, over, at=NOON + HOUR)
    assert [one.told_at is None for one in (*told, small, large, info)] == [False, False, True, True, True]
    [_, _, notice] = _sent(session)
    assert notice.startswith("2 alerts a day are told here one by one, and today's have been.")
    assert "in one message at 18:00 (Europe/Berlin)" in notice
    _created(session, NOON)
    assert folding.summarize(session, now=NOON + 4 * HOUR + timedelta(minutes=59)) == 0
    assert folding.summarize(session, now=NOON + 5 * HOUR) == 1
    assert folding.summarize(session, now=NOON + 6 * HOUR) == 0
    [row] = [one for one in session.scalars(select(Outbox)) if alert_caps.FOLDED in one.payload]
    text, blocks = announcements.draw(session, row.payload)
    assert row.payload["channel"] == "C0WEB"
    assert text.startswith("3 alerts beyond those that are told one by one a day: Warning: large was $900.")
    shown = str(blocks[0].to_dict())
    assert [shown.index(one) for one in ("large was", "small was", "info was")] == sorted(
        shown.index(one) for one in ("large was", "small was", "info was")
    )
    assert "over was" not in shown
    assert large.told_at == NOON + 5 * HOUR


def test_a_critical_alert_always_comes_at_once_and_the_next_day_is_another(session: Session) -> None:
    """Days are the channel's: Berlin's begins at 23:00 UTC; another channel has its own."""
    for n in range(2):
        _fire(session, f"r{n}")
    assert _fire(session, "critical", severity="critical").told_at == NOON
    assert _fire(session, "late", at=NOON + 10 * HOUR).told_at is None
    assert _fire(session, "elsewhere", to="C0DATA").told_at == NOON
    assert _fire(session, "tomorrow", at=NOON + 11 * HOUR).told_at == NOON + 11 * HOUR


def test_what_waits_is_posted_only_once_and_escalates_after_people_were_told(session: Session) -> None:
    """Not in the next hour, nor in the next day's first."""
    for n in range(2):
        _fire(session, f"r{n}")
    rule = _rule(session, "waits", escalation={"after": "2h", "to": "UBOSS"})
    for hour in (0, 1, 3):
        assert follow(session, *rule, [FOUND], at=NOON + hour * HOUR)["escalated"] == 0
    assert len(alert_caps.waiting(session)) == 1
    _created(session, NOON)
    folding.summarize(session, now=NOON + 5 * HOUR)
    counts = [follow(session, *rule, [FOUND], at=NOON + hour * HOUR) for hour in (6, 7, 24)]
    assert [(one["told"], one["escalated"]) for one in counts] == [(0, 0), (0, 1), (0, 0)]


def test_where_a_daily_digest_goes_it_takes_in_what_waits(session: Session) -> None:
    """And nothing comes at 18:00; the next digest has nothing of it any more."""
    one, _ = subscriptions.add(
        session, workspace="T0", channel="C0WEB", person=None, cadence=Every.DAILY, filters={}, timezone="UTC", by="U1"
    )
    one.created_at = NOON - 48 * HOUR
    for n in range(3):
        last = _fire(session, f"r{n}")
    assert "with the next daily digest" in _sent(session)[-1]
    _created(session, NOON)
    assert folding.summarize(session, now=NOON + 12 * HOUR) == 0
    morning = NOON + 21 * HOUR
    for at in (morning, morning + 24 * HOUR):
        assert digest.put(session, one, now=at)
    rows = [row.payload for row in session.scalars(select(Outbox).order_by(Outbox.id)) if "subscription" in row.payload]
    assert [len(payload.get(alert_caps.FOLDED, ())) for payload in rows] == [1, 0]
    assert last.told_at == morning
    assert "r2 was $600." in announcements.draw(session, rows[0])[0]


def test_a_time_zone_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting's name."""
    monkeypatch.setenv("COSTS_TIMEZONE", "Berlin")
    settings.cache_clear()
    with pytest.raises(BadSettingError, match=r"COSTS_TIMEZONE is wrong: .*no time zone"):
        settings()
