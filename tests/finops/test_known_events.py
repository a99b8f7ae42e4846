"""What people know of some days is told beside costs that it can be about, and beside no others."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from finops import charts, drawing, marks
from finops.known_events import Kind, KnownEvent, near, said, within
from finops.periods import Period

DAY = date(2026, 11, 12)
ONE = timedelta(days=1)


def event(title: str = "Checkout 4.2", first: date = DAY, days: int = 1, **more: Any) -> KnownEvent:  # noqa: ANN401
    """Make one."""
    return KnownEvent(title=title, first=first, end=first + ONE * days, **more)


def test_it_is_told_with_a_change_that_begins_soon_after_and_with_no_other() -> None:
    """Three days before it, or the day after: preparations cost, too."""
    began = [DAY - 2 * ONE, DAY - ONE, DAY, DAY + 3 * ONE, DAY + 4 * ONE]
    told = [bool(near([event()], Period(day, day + 20 * ONE), {})) for day in began]
    assert told == [False, True, True, True, False]


def test_a_long_one_is_told_with_what_begins_while_it_lasts() -> None:
    """A migration of a month."""
    assert near([event("Move", days=30)], Period(DAY + 20 * ONE, DAY + 25 * ONE), {})


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"tag:team": {"Payments"}}, True),
        ({"tag:team": {"web"}}, False),
        ({"tag:team": {"web", "payments"}}, True),
        ({"service_name": {"EC2"}}, True),
        ({"tag:team": {"payments"}, "provider": {"azure"}}, False),
        ({"tag:team": {"payments"}, "provider": {"aws"}}, True),
    ],
)
def test_it_is_told_of_costs_that_it_can_be_about(facts: dict[str, set[str]], *, told: bool) -> None:
    """What is not known of them excludes nothing, what contradicts does."""
    found = within([event(where={"team": "pay*", "cloud": "aws"})], Period(DAY, DAY + ONE), facts)
    assert bool(found) is told


def test_the_sentence_names_three_and_counts_the_rest() -> None:
    """With day and scope, in their order; it names no cause."""
    several = [event(f"Release {n}", where={"team": "web"}) for n in range(5)]
    words = said(several, "Known around that day")
    assert words == (
        "Known around that day: Release 0 (team=web) on 12 Nov 2026; Release 1 (team=web) on 12 Nov 2026; "
        "Release 2 (team=web) on 12 Nov 2026, and 2 more."
    )
    assert said([event("Move", days=3)], "Known") == "Known: Move over 12–14 Nov 2026."  # noqa: RUF001
    assert said([], "Known") == ""


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"title": " \x1b "}, "say what happened"),
        ({"days": 0}, "last day"),
        ({"days": 4000}, "within ten years"),
        ({"where": {"colour": "red"}}, "don't know “colour”"),
        ({"where": {"day": "2026-11-12"}}, "don't know “day”"),
        ({"link": "javascript:alert(1)"}, "https://"),
        ({"link": "https://x.test/ a"}, "no spaces"),
    ],
)
def test_what_makes_no_event_is_refused(more: dict[str, Any], problem: str) -> None:
    """With a reason that a person understands."""
    with pytest.raises(ValidationError, match=problem):
        event(**more)


def test_a_title_obeys_no_terminal() -> None:
    """Control characters are left out, a changed direction is shown."""
    assert event("a\x1b[31m\nb\u202e").title == "a [31m b[U+202E]"


def _axes() -> Any:  # noqa: ANN401  matplotlib publishes no types
    figure, axes = drawing.canvas("Costs", height=3)
    axes.set_xlim(DAY.toordinal() - 30, DAY.toordinal() + 30)
    axes.set_ylim(0, 100)
    return figure, axes


def _drawn(*events: KnownEvent) -> tuple[list[str], list[str], float]:
    """Return the numbers on the picture, what names them, and how far up it goes."""
    _, axes = _axes()
    named = marks.draw(axes, events, DAY - 30 * ONE, DAY + 29 * ONE)
    return [text.get_text() for text in axes.texts], [one.get_label() for one in named], axes.get_ylim()[1]


def test_each_mark_has_a_number_and_a_name_and_none_covers_another() -> None:
    """Those of neighbouring days share one tag; what is drawn below it keeps clear."""
    tags, names, top = _drawn(event("B $x$", DAY + ONE), event("A"), event("C", DAY + 10 * ONE, 12))
    assert tags == ["1, 2", "3"]
    assert names == ["A, 12 Nov", r"B \$x\$, 13 Nov", "C, 22 Nov–3 Dec"]  # noqa: RUF001
    assert top > 100


def test_holidays_give_way_when_there_are_too_many() -> None:
    """Six are told apart on a phone."""
    releases = [event(f"R{n}", DAY + n * 4 * ONE) for n in range(-3, 3)]
    holidays = [event(f"H{n}", DAY + n * ONE, kind=Kind.HOLIDAY) for n in range(5)]
    _, names, _ = _drawn(*holidays, *releases)
    assert [name.split(",")[0] for name in names] == [f"R{n}" for n in range(-3, 3)]


def test_days_without_events_are_drawn_as_they_were() -> None:
    """No room is taken for nothing."""
    assert _drawn(event(first=date(2020, 1, 1))) == ([], [], 100)


def test_the_chart_of_days_names_them_beneath() -> None:
    """Also where there is one series, which needs no legend."""
    costs = {"AWS": {DAY + n * ONE: Decimal(10) for n in range(9)}}
    figure = charts.daily(costs, title="Costs", currency="USD", known=[event("Move", DAY + 3 * ONE, 2)])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["AWS", "Move, 15–16 Nov"]  # noqa: RUF001
    assert [text.get_text() for text in figure.axes[0].texts] == ["1"]


def test_a_picture_grows_by_the_names_beneath_it() -> None:
    """The plot keeps its height."""
    figure, axes = _axes()
    before = figure.get_figheight()
    marks.legend(figure, [], marks.draw(axes, [event(), event("B")], DAY, DAY + ONE), columns=3)
    assert figure.get_figheight() > before
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["B, 12 Nov", "Checkout 4.2, 12 Nov"]
