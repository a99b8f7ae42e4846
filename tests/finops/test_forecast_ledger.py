"""From the ledger's sums to series: usage alone, parts that add up, and what is too young among the rest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.allocation import Rule
from finops.forecasting import ledger, reviews
from finops.forecasting.forecast import make, told
from finops.forecasting.history import CannotForecastError, History
from finops.forecasting.results import ForecastResult, headline, measured
from finops.periods import Period

THROUGH = date(2026, 2, 28)
Row = tuple[dict[str, str | None], Decimal]


def _rows(service: str | None, days: int, cost: str, category: str = "Usage") -> list[Row]:
    return [
        (
            {"date": str(THROUGH - timedelta(days=n)), "charge_category": category, "charge_class": None, "s": service},
            Decimal(cost),
        )
        for n in range(days)
    ]


def test_parts_are_the_largest_of_late_and_all_else_and_add_up_each_day() -> None:
    """A service of three days is among everything else."""
    rows = [*_rows("compute", 60, "10"), *_rows("storage", 40, "5"), *_rows("new", 3, "99"), *_rows(None, 60, "1")]
    known = ledger.usage(rows, "s", through=THROUGH, top=3)
    assert [part.name for part in known.parts] == ["compute", "storage", ledger.OTHER]
    together = np.sum([np.pad(one.amounts, (60 - one.days, 0)) for one in known.parts], axis=0)
    assert together == pytest.approx(known.whole.amounts)


def test_what_is_left_bears_its_name_where_it_is_one_alone() -> None:
    """Of two neither name would be true, and what is too new has no forecast of its own."""
    rows = [*_rows("compute", 60, "10"), *_rows("storage", 40, "5"), *_rows("small", 60, "1")]
    known = ledger.usage(rows, "s", through=THROUGH, top=2)
    assert [part.name for part in known.parts] == ["compute", "storage", "small"]
    assert known.parts[-1].amounts.sum() == 60
    nothing = [*rows, *_rows("free", 60, "0")]
    assert ledger.usage(nothing, "s", through=THROUGH, top=2).parts[-1].name == "small"
    ended = [({**key, "date": "2025-12-01"}, cost) for key, cost in _rows("ended", 1, "1")]
    for more in (_rows("other", 60, "1"), _rows("new", 3, "1"), ended):
        assert ledger.usage([*rows, *more], "s", through=THROUGH, top=2).parts[-1].name == ledger.OTHER


def test_what_lacks_a_name_is_called_the_same_when_it_is_reviewed() -> None:
    """Else its forecast would be held against nothing."""
    rows = [*_rows("compute", 60, "10"), *_rows(None, 60, "1")]
    names = [part.name for part in ledger.usage(rows, "s", through=THROUGH).parts]
    assert names == ["compute", "no s"]
    assert reviews.came(rows, "s", names, Period.month(2026, 2)) == {"compute": 280, "no s": 28}


RULES = (Rule(to="platform", where={"service": ("logs",)}, split={"web": 3, "data": 1}), Rule(by="tag:team"))


def _tagged(team: str | None, service: str, cost: str, category: str = "Usage") -> list[Row]:
    named = _rows(None, 60, cost, category)
    return [({**key, "tag:team": team, "service_name": service}, amount) for key, amount in named]


def test_teams_are_what_the_rules_of_allocation_make_of_the_charges() -> None:
    """What is shared is split, what nobody claims is a part of its own, and the parts add up to the whole."""
    rows = [*_tagged("web", "compute", "10"), *_tagged(None, "logs", "4"), *_tagged(None, "disks", "1")]
    rows += _tagged(None, "tax", "7", "Tax")
    assert ledger.grouping("team", RULES) == ["date", "charge_category", "charge_class", "service_name", "tag:team"]
    known = ledger.usage(ledger.parted(rows, "team", RULES), "team", through=THROUGH)
    assert {part.name: part.amounts[0] for part in known.parts} == {"web": 13, "data": 1, "(unallocated)": 1}
    assert set(known.whole.amounts) == {15}
    assert (known.so_far, known.one_off) == (0, 0)


def test_accounts_are_called_by_their_names() -> None:
    """By their numbers where they have none."""
    rows = [({**key, "sub_account_id": key["s"]}, cost) for key, cost in [*_rows("1", 60, "3"), *_rows("2", 60, "2")]]
    found = ledger.parted(rows, "sub_account_id", called={"1": "payments-prod"})
    known = ledger.usage(found, "sub_account_id", through=THROUGH)
    assert [part.name for part in known.parts] == ["payments-prod", "2"]


def test_days_that_are_not_complete_are_told_and_not_learned_from() -> None:
    """What they cost so far, without what follows no trend."""
    through = THROUGH - timedelta(days=2)
    rows = [*_rows("compute", 60, "10"), *_rows("tax", 1, "7", "Tax")]
    assert ledger.provisional(rows, through) == {THROUGH - timedelta(days=1): Decimal(10), THROUGH: Decimal(10)}
    assert ledger.usage(rows, None, through=through).whole.end == THROUGH - timedelta(days=1)


def test_what_follows_no_trend_counts_once_and_only_where_it_came() -> None:
    """Tax of this month beside its usage; none of it in the series."""
    rows = [*_rows("compute", 60, "10"), *_rows("tax", 5, "7", "Tax")]
    known = ledger.usage(rows, None, through=date(2026, 2, 27), top=3)
    assert (known.so_far, known.one_off, known.parts) == (Decimal(270), Decimal(28), [])
    assert set(known.whole.amounts) == {10.0}


def test_a_rest_that_began_yesterday_was_nothing_before() -> None:
    """It does not keep the others from being forecast."""
    known = ledger.usage([*_rows("compute", 60, "10"), *_rows("new", 1, "3")], "s", through=THROUGH)
    assert known.parts[-1].name == ledger.OTHER
    assert list(known.parts[-1].amounts) == [0] * 9 + [3]


def test_a_ledger_of_tax_alone_cannot_be_forecast() -> None:
    """There is no usage, whatever else there is: no advice to read bills that were read."""
    with pytest.raises(CannotForecastError, match=r"^There is no usage to carry on, only fees, taxes or credits"):
        ledger.usage(_rows("x", 60, "1", "Tax"), "s", through=THROUGH)
    with pytest.raises(CannotForecastError, match="no usage to carry on where service is Support, only fees"):
        ledger.usage(_rows("x", 60, "1", "Purchase"), None, through=THROUGH, which="where service is Support")


def test_why_there_is_no_forecast_is_told_of_what_was_asked_for() -> None:
    """Not of all usage; the series is called the same all the same."""
    asked = {"through": THROUGH, "which": "where service is S3"}
    with pytest.raises(CannotForecastError, match=r"^Usage where service is S3 has 5 days of charges"):
        ledger.usage(_rows("x", 5, "1"), None, **asked)  # type: ignore[arg-type]
    with pytest.raises(CannotForecastError, match=r"^Usage where service is S3 has no charges up to"):
        ledger.usage([], None, **asked)  # type: ignore[arg-type]
    assert ledger.usage(_rows("x", 60, "1"), None, **asked).whole.name == ledger.WHOLE  # type: ignore[arg-type]


def test_it_reaches_at_least_to_the_end_of_the_month() -> None:
    """Where the month lands."""
    known = ledger.usage(_rows("compute", 60, "10"), None, through=THROUGH)
    assert [ledger.horizon(known.whole, days) for days in (7, 30, 90)] == [31, 31, 90]


def test_the_result_says_where_the_month_lands_and_how_sure_that_is() -> None:
    """All lines together against the budget."""
    rows = [*_rows("compute", 60, "10"), *_rows("tax", 1, "7", "Tax")]
    known = ledger.usage(rows, None, through=date(2026, 2, 20))
    [made], errors = make([known.whole], 30, ("weekday", "level"))
    found = ForecastResult.of(
        [told(made, currency="USD", measured=errors)],
        known,
        metric="effective_cost",
        settled_through={"aws": date(2026, 2, 20)},
        group_by=None,
        budget="300",
    )
    assert (found.start, found.end, found.landing) == (date(2026, 2, 21), date(2026, 3, 23), Decimal(280))
    assert found.exceeding == Decimal("0.01")
    assert headline(found).startswith("From 21 Feb to 22 Mar 2026 (30 days) usage will cost about $300.00, in 4 of 5")
    assert "February is heading for about $280.00 ($280.00 to $280.00)" in headline(found)
    assert "exceeds its budget of $300.00 with 1 %" in headline(found)
    assert measured(found)[0][0] == "Past forecasts measured"


def test_of_cents_the_sum_of_the_rounded_days_lies_within_its_interval() -> None:
    """Thirty roundings are more than a quiet series moves by."""
    quiet = History("x", THROUGH - timedelta(days=59), np.full(60, 0.0149))
    [made], errors = make([quiet], 30, ("weekday", "level"))
    found = told(made, currency="USD", measured=errors).whole
    low, high = found.between(80)
    assert found.expected == Decimal("0.30")
    assert low <= found.expected <= high
