"""Each kind of rule fires beyond its boundary, not on it, and not on days that are only half there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.ahead import Ahead
from finops.alerting import appearing, committed, heading, judging, sources
from finops.alerting.appearing import Appeared
from finops.alerting.daily import Daily, Seen
from finops.alerting.findings import Found, course, worse_of
from finops.alerting.heading import Spending
from finops.alerting.judging import Ground
from finops.alerting.lifecycle import AlertAct
from finops.alerting.replaying import Replay, firings, spells
from finops.alerting.rules import AlertRule
from finops.alerting.sources import Behind, Tried
from finops.anomalies.commitments import Life
from finops.budgets import Budget
from finops.commitments import Kind, Use
from finops.periods import ONE_DAY, Period
from finops.recurring import Recurring

START, SETTLED = date(2026, 7, 1), date(2026, 9, 15)  # a Tuesday
SEEN = Seen(START, SETTLED)


def _rule(**fields: Any) -> AlertRule:  # noqa: ANN401  whatever a rule takes
    return AlertRule.model_validate({"name": "x", **fields})


def _daily(changed: dict[date, str] | None = None, *, seen: tuple[Seen, ...] = (SEEN,), last: date = SETTLED) -> Daily:
    """Return 100 a day, but on the days that are named."""
    costs = dict.fromkeys(Period(START, last + ONE_DAY), Decimal(100))
    return Daily(costs | {day: Decimal(cost) for day, cost in (changed or {}).items()}, seen, "USD", last)


def _now(rule: AlertRule, daily: Daily, **more: Any) -> Found | None:  # noqa: ANN401  what Ground takes
    return judging.now(rule, Ground(daily, **more))


@pytest.mark.parametrize(
    ("fields", "cost", "fires"),
    [
        ({"amount": 500}, "500", False),
        ({"amount": 500}, "500.000000000000000001", True),
        ({"amount": 500, "comparison": "below"}, "500", False),
        ({"amount": 500, "comparison": "below"}, "499.99", True),
        ({"amount": 700, "grain": "weekly"}, "100", False),
        ({"amount": 700, "grain": "weekly"}, "100.01", True),
        ({"amount": 1500, "grain": "monthly"}, "100", False),
        ({"amount": 1500, "grain": "monthly"}, "100.01", True),
        ({"amount": 9000, "grain": "monthly", "comparison": "below"}, "100", False),
    ],
)
def test_a_threshold_fires_beyond_its_amount_and_not_on_it(fields: dict[str, object], cost: str, fires: bool) -> None:  # noqa: FBT001
    """Of a day, of seven, of the month so far, which is not too little before it is over."""
    assert (_now(_rule(kind="threshold", **fields), _daily({SETTLED: cost})) is not None) is fires


@pytest.mark.parametrize(
    ("fields", "cost", "fires"),
    [
        ({"share": "0.2"}, "120", True),
        ({"share": "0.2"}, "119.99", False),
        ({"share": "0.2", "amount": 30}, "129.99", False),
        ({"share": "0.2", "amount": 30}, "130", True),
        ({"share": "0.2", "comparison": "below"}, "80", True),
        ({"share": "0.2", "comparison": "below"}, "80.01", False),
        ({"share": "0.1", "grain": "weekly"}, "170", True),
        ({"share": "0.1", "grain": "weekly"}, "169.99", False),
        ({"share": "0.1", "grain": "monthly"}, "250", True),
        ({"share": "0.1", "grain": "monthly"}, "249.99", False),
    ],
)
def test_a_change_fires_from_its_share_and_amount_on(fields: dict[str, object], cost: str, fires: bool) -> None:  # noqa: FBT001
    """A day against its weekday, seven against the seven before, a month against the same days of the one before."""
    assert (_now(_rule(kind="change", **fields), _daily({SETTLED: cost})) is not None) is fires


def test_a_change_without_an_amount_has_the_floor_of_the_estate() -> None:
    """A share of little money is no news: 100 a day, seven times that for seven days."""
    rule = _rule(kind="change", share="0.2")
    assert _now(rule, _daily({SETTLED: "199.99"}), floor=Decimal(100)) is None
    assert _now(rule, _daily({SETTLED: "200"}), floor=Decimal(100)) is not None
    weekly = _rule(kind="change", share="0.2", grain="weekly")
    assert _now(weekly, _daily({SETTLED: "799.99"}), floor=Decimal(100)) is None
    assert _now(weekly, _daily({SETTLED: "800"}), floor=Decimal(100)) is not None


def test_a_day_that_is_not_complete_may_alert_upward_and_never_downward() -> None:
    """What is missing of it is no drop."""
    later = SETTLED + ONE_DAY
    high, low = _daily({later: "900"}, last=later), _daily({later: "1"}, last=later)
    found = _now(_rule(kind="threshold", amount=500), high)
    assert found is not None
    assert (found.provisional, found.first_day, found.value) == (True, later, Decimal(900))
    assert "not complete yet" in found.sentence
    assert found.sentence.startswith("Usage cost $")
    assert _now(_rule(kind="threshold", amount=50, comparison="below"), low) is None
    assert _now(_rule(kind="change", share="0.5", comparison="below"), low) is None


def test_a_period_that_is_half_there_is_no_drop_and_nothing_to_compare_with() -> None:
    """A source that stands still, one that ended, one that began meanwhile, a day that never came."""
    gone = {SETTLED - n * ONE_DAY: "20" for n in range(3)}
    below = _rule(kind="change", share="0.1", comparison="below", grain="weekly")
    assert _now(below, _daily(gone)) is not None
    missing = Seen(START, SETTLED, frozenset({SETTLED}))
    ended, begun = Seen(START, SETTLED - timedelta(days=40)), Seen(SETTLED - timedelta(days=9), SETTLED)
    for other in (missing, ended, begun):
        assert _now(below, _daily(gone, seen=(SEEN, other))) is None
    above = _rule(kind="change", share="0.1", grain="weekly")
    rose = {SETTLED: "900"}
    assert _now(above, _daily(rose)) is not None
    assert _now(above, _daily(rose, seen=(SEEN, begun))) is None
    daily = _rule(kind="change", share="0.1")
    hole = Seen(START, SETTLED, frozenset({SETTLED - timedelta(days=14)}))
    assert _now(daily, _daily(rose)) is not None
    assert _now(daily, _daily(rose, seen=(hole,))) is None
    assert (
        _now(_rule(kind="threshold", amount=50, comparison="below"), _daily({SETTLED: "20"}, seen=(missing,))) is None
    )


def test_a_source_that_is_late_holds_the_last_complete_day_back() -> None:
    """Until it has ended a month ago."""
    late = Seen(START, SETTLED - timedelta(days=5))
    assert _daily(seen=(SEEN, late)).settled == SETTLED - timedelta(days=5)
    assert _daily(seen=(SEEN, Seen(START, SETTLED - timedelta(days=32)))).settled == SETTLED


@pytest.mark.parametrize(("lacking", "fires"), [("10", False), ("10.01", True)])
def test_untagged_costs_fire_beyond_their_share(lacking: str, fires: bool) -> None:  # noqa: FBT001
    """10 % of a day unless the rule says otherwise."""
    part = Daily({SETTLED: Decimal(lacking)}, (SEEN,), "USD", SETTLED)
    found = _now(_rule(kind="untagged", tag="owner"), _daily(), lacking=part)
    assert (found is not None) is fires
    assert found is None or "lack the tag owner" in found.sentence


def test_an_amount_of_untagged_costs_is_enough_by_itself() -> None:
    """However small a part of all it is; a share that the rule names holds as well."""
    part = Daily({SETTLED: Decimal(6)}, (SEEN,), "USD", SETTLED)
    assert _now(_rule(kind="untagged", amount=5), _daily(), lacking=part)
    assert _now(_rule(kind="untagged", amount=5, share="0.1"), _daily(), lacking=part) is None


@pytest.mark.parametrize(
    ("first", "since", "cost", "fires"),
    [
        (6, START, "70", True),
        (7, START, "70", False),
        (6, SETTLED - timedelta(days=6 + 28), "70", True),
        (6, SETTLED - timedelta(days=6 + 27), "70", False),
        (6, START, "69.99", False),
    ],
)
def test_a_service_is_new_for_a_week_where_its_bills_were_known_for_a_month(
    first: int, since: date, cost: str, fires: bool  # noqa: FBT001
) -> None:  # fmt: skip
    """All that a first bill lists is new to us alone."""
    began = SETTLED - timedelta(days=first)
    one = Appeared("aws", "Amazon Bedrock", began, began + timedelta(days=6), Decimal(cost), since)
    found = appearing.now(_rule(kind="new_service", amount=10), [one], settled=SETTLED, currency="USD")
    assert bool(found) is fires


@pytest.mark.parametrize(("used", "fires"), [("80", False), ("79.99", True)])
def test_a_commitment_is_used_too_little_below_its_share(used: str, fires: bool) -> None:  # noqa: FBT001
    """By effective cost, over its days."""
    unused = Decimal(100) - Decimal(used)
    uses = [
        (SETTLED, Use("aws", "EC2", kind, "ri-1", cost, cost))
        for kind, cost in ((Kind.USED, Decimal(used)), (Kind.UNUSED, unused))
    ]
    early = (SETTLED - timedelta(days=7), Use("aws", "EC2", Kind.UNUSED, "ri-1", Decimal(999), Decimal(0)))
    rule = _rule(kind="commitment_underused")
    assert bool(committed.underused(rule, [early, *uses], end=SETTLED, currency="USD")) is fires


@pytest.mark.parametrize(("left", "fires"), [(31, False), (30, True), (0, True), (-1, False)])
def test_a_commitment_ends_after_the_terms_that_are_sold(left: int, fires: bool) -> None:  # noqa: FBT001
    """A year after it began, as far as the bills know its beginning."""
    first = date(2025, 9, 20)
    today = date(2026, 9, 20) - timedelta(days=left)
    life = Life("aws", "ri-1", first, today, Period(date(2025, 1, 1), today + ONE_DAY))
    unknown = Life("aws", "ri-2", first, today, Period(first, today + ONE_DAY))
    found = committed.expiring(_rule(kind="commitment_expiring"), [life, unknown], today=today)
    assert [one.scope for one in found] == (["aws ri-1"] if fires else [])


@pytest.mark.parametrize(("amount", "fires"), [("3000", False), ("2999.99", True)])
def test_a_budget_fires_where_its_month_is_heading_beyond_it(amount: str, fires: bool) -> None:  # noqa: FBT001
    """100 on each of the 30 days of September."""
    usage = dict.fromkeys(Period(START, SETTLED + ONE_DAY), Decimal(100))
    spending = Spending(Budget(name="web", amount=Decimal(amount)), "USD", usage, {}, SETTLED)
    rule = _rule(kind="forecast_over_budget")
    found = heading.over(rule, spending, SETTLED)
    assert (found is not None) is fires
    assert found is None or "100.1 % of its $2,999.99" in found.sentence


def test_a_budget_counts_on_the_fees_of_each_month() -> None:
    """250 that came late in each month before, and are not there yet."""
    usage = dict.fromkeys(Period(START, SETTLED + ONE_DAY), Decimal(100))
    key = ("aws", "Support", "Purchase", None)
    fees = {date(2026, month, 25): Decimal(250) for month in (6, 7, 8)}
    spending = Spending(
        Budget(name="web", amount=Decimal(3200)), "USD", usage, {}, SETTLED, monthly=Recurring({key: fees})
    )
    found = heading.over(_rule(kind="forecast_over_budget"), spending, SETTLED - ONE_DAY)
    assert found is not None
    assert found.value == Decimal(3250)
    known = replace(spending, ahead=Ahead(Decimal(2000), Decimal(250)))
    now = heading.over(_rule(kind="forecast_over_budget"), known, SETTLED)
    assert now is not None
    assert now.value == Decimal(100 * SETTLED.day + 2250)


@pytest.mark.parametrize(("behind", "fires"), [(4, False), (5, True)])
def test_a_bill_is_late_after_its_days_and_one_that_ended_opens_nothing(behind: int, fires: bool) -> None:  # noqa: FBT001
    """It would keep an alert open that there is."""
    today = SETTLED + timedelta(days=behind)
    found = sources.stale(_rule(kind="stale_data"), [Behind("payer", SETTLED)], today=today)
    assert bool(found) is fires
    old = Behind("sample", SETTLED - timedelta(days=32))
    both = sources.stale(_rule(kind="stale_data"), [Behind("payer", SETTLED), old], today=SETTLED)
    assert [(one.scope, one.opens) for one in both] == [("sample", False)]


def test_a_collection_fires_when_it_failed_twice_in_a_row() -> None:
    """Once is a network; and a good one between begins anew."""
    at = datetime(2026, 9, 15, 5, tzinfo=UTC)
    bad, good = Tried(at, "it broke"), Tried(at, None)
    assert sources.failed([bad]) == sources.failed([bad, good, bad]) == sources.failed([good, bad, bad]) == []
    (found,) = sources.failed([bad, bad, good])
    assert (found.value, "it broke" in found.sentence) == (2, True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("224", None), ("226", AlertAct.WORSE), ("176", None), ("174", AlertAct.BETTER)],
)
def test_a_quarter_of_the_distance_is_news(value: str, expected: AlertAct | None) -> None:
    """From 200 where 100 was expected; less is kept in silence."""
    found = Found("", Decimal(value), Decimal(100), "USD", SETTLED, SETTLED, "")
    assert course(Decimal(200), found) is expected


def test_fewer_days_left_are_worse_at_every_half() -> None:
    """Five times in the last month of a commitment, and never better while the day comes nearer."""
    rule, ends = _rule(kind="commitment_expiring"), date(2027, 1, 15)
    life = Life("aws", "ri-1", date(2026, 1, 15), ends, Period(date(2025, 1, 1), ends + ONE_DAY))
    each = [committed.expiring(rule, [life], today=ends - timedelta(days=left))[0] for left in range(30, -1, -1)]
    noted, told = each[0].value, []
    for found in each[1:]:
        act = course(noted, found)
        assert act in {None, AlertAct.WORSE}
        if act:
            noted = found.value
            told.append(int(noted))
    assert told == [15, 7, 3, 1, 0]
    assert worse_of(each[3].value, each[9]) == each[9].value
    assert course(each[9].value, each[3]) is AlertAct.BETTER


def test_a_replay_tells_one_alert_while_it_fires_and_waits_while_it_cools_down() -> None:
    """Days 2 to 4 and 6 are one each; with two days to cool down the sixth is left out, the eighth is not."""
    period = Period(START, START + timedelta(days=10))
    bad = {START + timedelta(days=n) for n in (2, 3, 4, 6, 8)}
    fires = bad.__contains__
    assert [day.day - 1 for day in firings(fires, period)] == [2, 6, 8]
    found = firings(fires, period, cool_down=timedelta(days=2))
    assert [day.day - 1 for day in found] == [2, 8]
    assert Replay(tuple(found), period).sentence == (
        "It would have fired twice in the 10 days that are known: on 3 Jul 2026 and 9 Jul 2026."
    )
    assert [(day.day - 1, length) for day, length in spells(fires, period)] == [(2, 3), (6, 1), (8, 1)]
    assert [length for _, length in spells(fires, period, cool_down=timedelta(days=2))] == [3, 1]


def test_a_replay_of_what_is_always_so_says_that_and_not_that_it_fired_once() -> None:
    """An alert that is open all year tells nobody anything."""
    period = Period(START, START + timedelta(days=10))
    assert Replay((START,), period, open_days=10).sentence == (
        "It would have been open on 10 of 10 days (fired once in the 10 days that are known: on 1 Jul 2026): "
        "most of the time."
    )
    assert Replay((START,), period, open_days=3).sentence.endswith("on 1 Jul 2026; open on 3 of 10 days.")
