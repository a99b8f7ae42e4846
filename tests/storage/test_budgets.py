"""Budgets are read from YAML or CSV; what is wrong is told by its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops.budgets import Budget
from finops.errors import BadSettingError
from finops.focus import Metric
from finops.periods import Period
from storage.budgets import CSV, YAML, add, budgets

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    """And with an empty one neither."""
    assert budgets(tmp_path) == ()
    (tmp_path / YAML).write_text("")
    assert budgets(tmp_path) == ()


def test_yaml_and_csv_say_the_same(tmp_path: Path) -> None:
    """Amounts are exact: they never pass through a float."""
    amount = "12000.123456789012345678901234567890"
    own = f"name: payments, amount: {amount}, currency: USD, metric: billed, owner: lena"
    (tmp_path / YAML).write_text(f"- {{{own}, where: {{team: payments}}}}")
    (one,) = budgets(tmp_path)
    (tmp_path / YAML).unlink()
    (tmp_path / CSV).write_text(f"name,amount,currency,metric,owner,team\npayments,{amount},USD,billed,lena,payments\n")
    assert budgets(tmp_path) == (one,)
    assert (one.amount, one.measured, one.filters) == (Decimal(amount), Metric.BILLED, {"tag:team": ("payments",)})


def test_a_year_is_the_sum_of_its_months(tmp_path: Path) -> None:
    """Of which some may have an amount of their own."""
    (tmp_path / YAML).write_text("- {name: all, amount: 100.10, months: {2026-12: 250}}")
    (one,) = budgets(tmp_path)
    assert one.of(YEAR) == Decimal("1351.10")
    assert one.of(Period.month(2026, 12)) == 250


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("all: 1", "should be a list"),
        ("- {name: a, amount: 0}", "budget 1: amount"),
        ("- {name: a, amount: NaN}", "budget 1: amount"),
        ("- {name: a, amount: 5}\n- {name: b, amount: x}", "budget 2: amount"),
        ("- {name: a, amount: 5, wher: {team: x}}", "wher"),
        ("- {name: a, amount: 5, where: {colour: x}}", "colour"),
        ("- {name: a, amount: 5, metric: net}", "metric is one of"),
        ("- {name: a, amount: 5, months: {december: 1}}", "2026-12"),
        ("- {name: a, amount: 5}\n- {name: a, amount: 6}", "two budgets are called"),
        ("- [", "is no YAML"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(tmp_path: Path, text: str, said: str) -> None:
    """One sentence, with an example."""
    (tmp_path / YAML).write_text(text)
    with pytest.raises(BadSettingError, match=said):
        budgets(tmp_path)


def test_two_lists_are_one_too_many(tmp_path: Path) -> None:
    """Which of them counts would be a guess."""
    (tmp_path / YAML).write_text("")
    (tmp_path / CSV).write_text("name,amount\n")
    with pytest.raises(BadSettingError, match="keep one"):
        budgets(tmp_path)


def test_budgets_are_added_behind_what_people_wrote_and_never_in_its_place(tmp_path: Path) -> None:
    """Comments and amounts of before stay; a name that is there is not taken again."""
    own = "# ours\n- {name: Payments, amount: 12000}\n"
    (tmp_path / "budgets.yaml").write_text(own)
    given = [Budget(name="payments", amount=Decimal(1)), Budget(name="shop", amount=Decimal("9.50"), currency="EUR")]
    assert add(tmp_path, given) == ["shop"]
    assert add(tmp_path, given) == []
    assert (tmp_path / "budgets.yaml").read_text().startswith(own)
    assert [(one.name, one.amount) for one in budgets(tmp_path)] == [
        ("Payments", Decimal(12000)),
        ("shop", Decimal("9.50")),
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("budgets.yaml", "[{name: a, amount: 1}]\n"), ("budgets.csv", "name,amount\na,1\n")]
)
def test_a_list_that_nothing_can_be_added_to_stays_as_it_is(tmp_path: Path, name: str, text: str) -> None:
    """And a sentence tells what to do."""
    (tmp_path / name).write_text(text)
    with pytest.raises(BadSettingError, match=r"nothing was added|add them there"):
        add(tmp_path, [Budget(name="shop", amount=Decimal(1))])
    assert (tmp_path / name).read_text() == text
