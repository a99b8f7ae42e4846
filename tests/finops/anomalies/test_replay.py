"""What rules would have told over the last year, and what that changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event, watch
from finops.anomalies.feedback import Verdict
from finops.anomalies.replay import YEAR, Judged, Replay, compare, spanned
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series
from finops.periods import Period

START = date(2026, 1, 15)
PERIOD = Period(START, START + timedelta(days=60))


def _service(name: str, account: str = "a") -> Scope:
    return Scope(of=Of.SERVICE, provider="aws", sub_account_id=account, service_name=name)


EC2, S3, WEB = _service("EC2"), _service("S3"), Scope(of=Of.TEAM, team="web")


def _event(day: int, length: int = 3, excess: int = 50) -> Event:
    first = START + timedelta(days=day)
    amount = Decimal(excess)
    days = Period(first, first + timedelta(days=length))
    kind = Kind.SPIKE if excess > 0 else Kind.DROP
    return Event("", days, kind, Decimal(100), 100 + amount, amount, 30 * amount, Decimal(9), lasts=False)


def _days(told: Replay) -> dict[str, list[int]]:
    events = {"told": told.told, "new": told.new, "missed": told.missed}
    return {name: [(one.event.days.start - START).days for one in each] for name, each in events.items()}


def test_events_of_a_rule_are_told_and_what_it_changes_is_new_or_missed() -> None:
    """An event is the same where it shares a day and a direction, by whichever rule."""
    after = [(EC2, _event(5)), (EC2, _event(20)), (S3, _event(40))]
    before = [(EC2, _event(7)), (EC2, _event(20, excess=-50)), (S3, _event(40))]
    assert _days(compare(PERIOD, {EC2}, after, before)) == {"told": [5, 20], "new": [20], "missed": [20]}


def test_what_began_before_the_year_is_not_of_it() -> None:
    """Nor what is said to begin after it."""
    found = [(EC2, _event(-1)), (EC2, _event(59)), (EC2, _event(60))]
    assert _days(compare(PERIOD, {EC2}, found, [])) == {"told": [59], "new": [59], "missed": []}


def test_a_side_of_an_event_is_told_with_it_and_neither_new_nor_missed() -> None:
    """A team's, whose service's is told now as well."""
    team, both = [(WEB, _event(5))], [(WEB, _event(5)), (EC2, _event(5))]
    told = compare(PERIOD, {EC2, WEB}, both, team)
    assert [one.scope for one in told.told] == [EC2]
    assert ([one.scope for one in told.new], told.missed) == ([EC2], [])
    told = compare(PERIOD, {EC2, WEB}, team, both)
    assert (told.new, [one.scope for one in told.missed]) == ([], [EC2])


def test_an_event_has_the_verdict_of_the_one_it_shares_days_with() -> None:
    """Of its own series and direction; the last one counts."""
    days = Period(START + timedelta(days=6), START + timedelta(days=9))
    judged = [Judged(EC2, True, days, one) for one in (Verdict.EXPECTED, Verdict.REAL)]  # noqa: FBT003  as its name says
    found = [(EC2, _event(5)), (S3, _event(30)), (EC2, _event(7, excess=-10))]
    told = compare(PERIOD, {EC2, S3}, found, [], judged)
    assert {(one.scope, one.event.excess > 0): one.verdict for one in told.told} == {
        (EC2, True): Verdict.REAL,
        (EC2, False): None,
        (S3, True): None,
    }


def test_each_month_has_its_sums_and_months_without_events_are_there() -> None:
    """By the day on which events began; amounts of all their days, above and below what was expected."""
    found = [(EC2, _event(5)), (S3, _event(9, excess=-20)), (EC2, _event(50, 2))]
    judged = [Judged(EC2, True, PERIOD, Verdict.FIXED)]  # noqa: FBT003
    told = compare(PERIOD, {EC2, S3}, found, [], judged)
    assert {f"{month.start:%m}": (one.events, one.above, one.below) for month, one in told.months().items()} == {
        "01": (2, Decimal(150), Decimal(60)),
        "02": (0, Decimal(0), Decimal(0)),
        "03": (1, Decimal(100), Decimal(0)),
    }
    assert [one.verdicts[Verdict.FIXED] for one in told.months().values()] == [1, 0, 1]
    assert round(told.a_month, 2) == 1.52


def test_the_year_ends_with_the_last_known_day_and_begins_with_the_first_at_most() -> None:
    """Whichever series knows it."""
    short, long = Series("", START, np.zeros(10)), Series("", START, np.zeros(900))
    assert spanned([(EC2, short)]) == Period(START, START + timedelta(days=10))
    end = START + timedelta(days=900)
    assert spanned([(EC2, short), (S3, long)]) == Period(end - timedelta(days=YEAR), end)


def test_what_came_after_a_day_changes_nothing_of_what_was_known_on_it() -> None:
    """Whatever the day, the rule, and gaps: all that is replayed is as it would have been told then."""
    random = np.random.default_rng(11)
    amounts = np.resize([110, 115, 112, 118, 109, 60, 55.0], 700) * random.normal(1, 0.04, 700)
    amounts[[333, 480, 620]] *= 2.2
    amounts[520:] *= 1.4
    amounts[400:430] = 0
    amounts[[350, 351, 610]] = np.nan
    wanted = Sensitivity(rate=Decimal(2), amount=Decimal(5))
    whole = watch(Series("", START, amounts), wanted)
    for day in [*range(8, 700, 61), 334, 401, 431, 481, 521, 611, 621]:
        known = watch(Series("", START, amounts[:day]), wanted)
        assert known.alarms == whole.alarms[:day]
        assert known.kinds == whole.kinds[:day]
        assert (known.months == whole.months[:day]).all()
    assert sum(whole.alarms) > 5
