"""What people say beside questions, and what is read as something else: said, never silent, and answerable."""

from __future__ import annotations

import pytest

from bot.questions import CostQuestion, Kind, NotUnderstoodError, OneThingError, parse, read
from tests.bot.asked import TODAY


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("next month", ("next month", "the next 30 days")),
        ("next 2 months", ("next 2 months", "next 60 days")),
        ("last 0 days", ("last 0 days", "last 1 day")),
        ("last 100000 days", ("last 100000 days", "last 3660 days")),
        ("by service top 0", ("top 0", "top 1")),
        ("by service top 500", ("top 500", "top 100")),
        ("by service page 0", ("page 0", "page 1")),
    ],
)
def test_what_is_read_as_something_else_is_said(text: str, told: tuple[str, str]) -> None:
    """As a word that was put right is."""
    assert read(text, today=TODAY).mended == (told,)


@pytest.mark.parametrize("text", ["next 30 days", "last 7 days", "last 2 weeks", "by service top 5 page 2"])
def test_what_is_taken_as_it_was_said_needs_no_word(text: str) -> None:
    """Two weeks are fourteen days for everybody."""
    assert read(text, today=TODAY).mended == ()


def test_hello_and_thanks_hide_no_question() -> None:
    """Alone they are answered."""
    asked = parse("by service last 7 days", today=TODAY)
    assert parse("hello, what did we spend by service in the last 7 days please?", today=TODAY) == asked
    assert parse("by service last 7 days, thank you!", today=TODAY) == asked
    assert parse("Hello!", today=TODAY).kind is Kind.HELP
    assert parse("hi, many thanks", today=TODAY).kind is Kind.HELP, "one of them is enough"
    assert parse("Thank you!", today=TODAY) == CostQuestion(kind=Kind.THANKS)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("list teams", "by team"),
        ("what is the most expensive service?", "by service"),
        ("which teams cost the most last month", "by team 2026-10"),
        ("top services", "by service"),
        ("List all the services last month", "by service 2026-10"),
        ("list top 5 accounts", "by account top 5"),
        ("list anomalies", "anomalies"),
        ("list by team", "list by team"),
        ("list prices by team", "list by team"),
        ("list team=web", "list where team=web"),
    ],
)
def test_to_list_names_or_to_ask_for_the_top_is_to_ask_by_them(text: str, meant: str) -> None:
    """List prices are asked for by that name, or before by; the largest always come first."""
    assert str(parse(text, today=TODAY)) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("app=hello by day", "where app=hello by day"),
        ("team=hello and team=thanks", "where team=hello and team=thanks"),
        ("where team is cheers", "where team=cheers"),
        ("team in thx", "where team=thx"),
        ("subscribe team=fridays weekly on fridays", "subscribe where team=fridays weekly on fridays"),
        ("hi, top 5 services of team=hi, thanks a lot!", "by service where team=hi top 5"),
    ],
)
def test_what_is_called_hello_can_be_asked_for(text: str, meant: str) -> None:
    """Where a value stands, a greeting is one; what is meant is taken without a word put right."""
    found = read(text, today=TODAY)
    assert (found.question, found.mended) == (parse(meant, today=TODAY), ())
    values = [value for each in found.question.where.values() for value in each]
    assert values
    assert not {*values} - {"hello", "thanks", "cheers", "thx", "fridays", "hi"}


@pytest.mark.parametrize("text", ["team in (hello, web)", "team in (web, hello)", "app=a and hello", "team=a hello"])
def test_no_name_of_a_list_is_left_out_silently(text: str) -> None:
    """A figure of half of a list would be a wrong one."""
    with pytest.raises(NotUnderstoodError):
        parse(text, today=TODAY)


def test_a_budget_is_asked_for_by_its_name() -> None:
    """In whatever spelling; words that mean something else still do."""
    asked = parse("budget payments", today=TODAY)
    assert (asked.kind, asked.identifier) == (Kind.BUDGET, "payments")
    assert parse(str(asked), today=TODAY) == asked
    hostile = CostQuestion(kind=Kind.BUDGET, identifier='last "month"')
    assert parse(str(hostile), today=TODAY) == hostile
    for text in (
        "budget last month",
        "budget q3",
        "budget 2026-09",
        "budget where team=web",
        "budget in EUR",
        "budget",
    ):
        assert parse(text, today=TODAY).identifier is None, text


def test_two_kinds_of_amount_and_an_end_of_nothing_are_told_in_a_sentence() -> None:
    """Nothing that cannot be answered is offered for them."""
    with pytest.raises(OneThingError, match="say `billed`, then `effective`"):
        parse("billed vs effective", today=TODAY)
    with pytest.raises(OneThingError, match="Say what is to end"):
        parse("None", today=TODAY)
    with pytest.raises(NotUnderstoodError) as error:
        parse("this month vs", today=TODAY)
    assert str(error.value.nearest) == "vs 2026-10"
