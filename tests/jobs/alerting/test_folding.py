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
from storage import alert_caps, alert_folds, alert_posts, alert_rules, alerting, outbox, subscriptions
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert, Outbox, Subscription
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


def _subscribed(session: Session) -> Subscription:
    one, _ = subscriptions.add(
        session, workspace="T0", channel="C0WEB", person=None, cadence=Every.DAILY, filters={}, timezone="UTC", by="U1"
    )
    one.created_at = NOON - 48 * HOUR
    return one


def _together(session: Session) -> list[Outbox]:
    """Return the messages that take others in."""
    return [one for one in session.scalars(select(Outbox).order_by(Outbox.id)) if alert_caps.FOLDED in one.payload]


def _summary(session: Session, *, now: datetime) -> str | None:
    """Run what writes summaries; return the new one, if there is one."""
    before = len(_together(session))
    alert_folds.give_back(session)
    written = folding.summarize(session, now=now)
    new = _together(session)[before:]
    assert len(new) == written
    return str(announcements.draw(session, new[0].payload)) + str(new[0].payload) if new else None


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
    [row] = _together(session)
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
    one = _subscribed(session)
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


@pytest.mark.parametrize("is_archived", [True, False])
def test_what_a_digest_took_in_that_does_not_arrive_is_told_in_one_message(
    session: Session, *, is_archived: bool
) -> None:
    """As Slack refused it, or as it was ended before it was posted; nobody counts as told meanwhile."""
    one, morning = _subscribed(session), NOON + 21 * HOUR
    for n in range(3):
        last = _fire(session, f"r{n}")
    _created(session, NOON)
    assert digest.put(session, one, now=morning)
    [message] = _together(session)
    if is_archived:
        outbox.failed(session, message.id, "is_archived")
    else:
        subscriptions.end_one(session, one.id)
        outbox.sent(session, message.id, {alert_folds.NOT_POSTED: "it was ended"})
    assert alert_folds.give_back(session) == 1
    assert alert_folds.give_back(session) == 0
    assert last.told_at is None
    assert [row.sent_at for row in alert_caps.waiting(session)] == [None]
    assert not digest.put(session, one, now=morning)
    assert not subscriptions.alive(session)
    assert "r2 was $600." in str(_summary(session, now=morning))
    assert last.told_at == morning
    assert _summary(session, now=morning + 24 * HOUR) is None


def test_what_comes_after_a_day_s_message_has_another_and_what_fails_is_tried_once_a_day(session: Session) -> None:
    """Nothing counts as told by a message that is none."""
    for n in range(2):
        _fire(session, f"r{n}")
    evening = NOON + 5 * HOUR
    for name in ("early", "late"):
        alert = _fire(session, name)
        _created(session, NOON)
        assert f"{name} was $600." in str(_summary(session, now=evening))
        assert alert.told_at == evening
    outbox.failed(session, _together(session)[-1].id, "is_archived")
    assert [_summary(session, now=evening + hour * HOUR) for hour in (1, 2, 23)] == [None] * 3
    assert alert.told_at is None
    tomorrow = str(_summary(session, now=evening + 24 * HOUR))
    assert "late was $600." in tomorrow
    assert "early was" not in tomorrow


def test_quiet_hours_and_a_mute_that_came_since_keep_what_waits(session: Session) -> None:
    """By themselves: what else waits is told, by a digest, too; theirs is when people may be told."""
    for n in range(2):
        _fire(session, f"r{n}")
    quiet = {"from": "17:30", "to": "09:00", "timezone": "Europe/Berlin"}
    asleep, muted = _fire(session, "asleep", quiet=quiet), _fire(session, "muted")
    alert_rules.mute(session, session.get_one(AlertRuleRow, muted.rule_id), until=NOON + 100 * HOUR)
    _fire(session, "awake")
    _created(session, NOON)
    evening = str(_summary(session, now=NOON + 5 * HOUR))
    assert [name in evening for name in ("awake was", "asleep was", "muted was")] == [True, False, False]
    assert (asleep.told_at, muted.told_at) == (None, None)
    assert _summary(session, now=NOON + 19 * HOUR) is None
    assert "asleep was" in str(_summary(session, now=NOON + 20 * HOUR))
    one = _subscribed(session)
    assert digest.put(session, one, now=NOON + 93 * HOUR)
    assert muted.told_at is None
    assert digest.put(session, one, now=NOON + 117 * HOUR)
    assert muted.told_at == NOON + 117 * HOUR


def test_a_channel_s_name_and_its_id_are_one_place_once_something_arrived_there(session: Session) -> None:
    """So that both share the day's alerts, and its digest; a name that nothing went to yet has a day of its own."""
    _subscribed(session)
    first = _fire(session, "first", to="#web")
    row = outbox.of_key(session, alert_posts.key_of(first), workspace="T0")
    assert row is not None
    outbox.sent(session, row.id, {"channel": "C0WEB", "ts": "1.0"})
    told = [_fire(session, f"{n}", to=to).told_at is not None for n, to in enumerate(["#web", "C0WEB", "#web", "#new"])]
    assert told == [True, True, False, True]
    assert len(alert_caps.waiting(session, ["C0WEB"])) == 1
    assert "with the next daily digest" in str(_sent(session))


def test_a_time_zone_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting's name."""
    monkeypatch.setenv("COSTS_TIMEZONE", "Berlin")
    settings.cache_clear()
    with pytest.raises(BadSettingError, match=r"COSTS_TIMEZONE is wrong: .*no time zone"):
        settings()


@pytest.mark.usefixtures("database")
def test_the_digest_job_looks_for_what_was_lost_each_time_it_runs() -> None:
    """Then it waits for the next message that may take it in."""
    with transaction() as session:
        one = _subscribed(session)
        for n in range(3):
            _fire(session, f"r{n}")
        _created(session, NOON)
        assert digest.put(session, one, now=NOON + 21 * HOUR)
        [message] = _together(session)
        outbox.failed(session, message.id, "is_archived")
    digest.run()
    with transaction() as session:
        assert [row.sent_at for row in alert_caps.waiting(session)] == [None]
