"""What a digest tells comes in the order of what matters, in few words."""

from __future__ import annotations

from decimal import Decimal

from finops.digests import Every, Point, monthly, movers, ranked, several


def test_what_is_urgent_comes_first_and_then_what_most_money_is_at_stake_in() -> None:
    """A fall counts as much as a rise; what has no money in it comes last, as it was given."""
    points = [
        Point("landing"),
        Point("budget", Decimal(50), urgent=True),
        Point("movers", Decimal(-900)),
        Point("anomalies", Decimal(300)),
        Point("", Decimal(10**6)),
        Point("drops"),
    ]
    assert ranked(points) == ["budget", "movers", "anomalies", "landing", "drops"]


def test_a_list_names_three_and_counts_the_rest() -> None:
    """Nobody reads twenty on a phone; nothing is said of none."""
    assert several("New", []) == ""
    assert several("New", ["A", "B"]) == "New: A; B."
    assert several("New", ["A", "B", "C", "D", "E"]) == "New: A; B; C; and 2 more."


def test_movers_say_which_way_and_no_foreign_name_pushes_the_others_out() -> None:
    """Their amounts are exact to the cent."""
    told = movers([("EC2", Decimal("12.345")), ("S3", Decimal(-1)), ("x" * 500, Decimal(0))], "USD")
    assert told.startswith("Largest changes: EC2 +$12.3")
    assert "S3 -$1.00" in told
    assert len(told) < 150
    assert movers([], "USD") == ""


def test_a_days_change_weighs_as_a_months() -> None:
    """So that a week's and a day's are held against the same."""
    assert monthly(Decimal(12), 1) == Decimal(365)
    assert monthly(Decimal(84), Every.WEEKLY.days) == Decimal(365)
