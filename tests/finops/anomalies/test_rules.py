"""Ordered rules decide how a series is watched: the first that fits, and for what it leaves out, the estate."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event
from finops.anomalies.rules import USUAL, Rule, rule_of, with_rule
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity
from finops.errors import UnknownWordError
from finops.periods import Period

EC2 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="0123", service_name="AmazonEC2")
REGION = Scope(of=Of.REGION, provider="aws", sub_account_id="0123", region_id="us-east-1")
WEB = Scope(of=Of.TEAM, team="web")


def _event(kind: Kind = Kind.SPIKE, excess: int = 50) -> Event:
    first = date(2026, 9, 1)
    amount = Decimal(excess)
    return Event(
        "",
        Period(first, first + timedelta(3)),
        kind,
        Decimal(100),
        100 + amount,
        amount,
        amount,
        Decimal(9),
        lasts=True,
    )


@pytest.mark.parametrize(
    ("where", "fitting"),
    [
        ({}, [EC2, REGION, WEB]),
        ({"provider": "AWS"}, [EC2, REGION]),
        ({"account": ["9*", "01*"], "service": "amazon*"}, [EC2]),
        ({"account": "sand*"}, [EC2, REGION]),
        ({"region": "*"}, [REGION]),
        ({"team": "web"}, [WEB]),
        ({"region": ""}, []),
    ],
)
def test_a_series_fits_by_its_own_words_and_by_the_name_of_its_account(where: Any, fitting: list[Scope]) -> None:  # noqa: ANN401
    """Upper and lower case are one; what a series is not told apart by does not fit."""
    rule = Rule(name="a", where=where)
    called = {"0123": "sandbox"}
    assert [one for one in (EC2, REGION, WEB) if rule.fits(one, called)] == fitting


def test_the_first_rule_that_fits_decides_and_else_the_default() -> None:
    """As for whom costs belong to."""
    rules = (Rule(name="a", where={"service": "*S3"}), Rule(name="b", where={"provider": "aws"}), Rule(name="c"))
    assert [rule_of(one, rules).name for one in (EC2, WEB)] == ["b", "c"]
    assert rule_of(WEB, rules[:2]) is USUAL


def test_what_a_rule_leaves_out_is_the_estates() -> None:
    """Nothing is not the same as left out."""
    usual = Sensitivity(rate=Decimal("0.05"), amount=Decimal(25))
    assert USUAL.sensitivity(usual) == usual
    told = Rule(name="a", rate=Decimal(1), amount=Decimal(0)).sensitivity(usual)
    assert told == Sensitivity(rate=Decimal(1), share=usual.share, amount=Decimal(0))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule(name="a"), [Kind.SPIKE, Kind.DROP]),
        (Rule(name="a", direction="up"), [Kind.SPIKE]),
        (Rule(name="a", direction="down"), [Kind.DROP]),
        (Rule(name="a", kinds=(Kind.DROP, Kind.NEW)), [Kind.DROP]),
        (Rule(name="a", ignore=True), []),
    ],
)
def test_a_rule_says_what_is_told(rule: Rule, told: list[Kind]) -> None:
    """By kind and direction; or nothing at all."""
    assert [one.kind for one in (_event(), _event(Kind.DROP, -50)) if rule.tells(EC2, one)] == told


def test_of_a_region_only_its_first_costs_are_told() -> None:
    """Its services tell the rest."""
    assert [kind for kind in (Kind.SPIKE, Kind.NEW) if USUAL.tells(REGION, _event(kind))] == [Kind.NEW]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "at least 1 character"),
        ({"rate": 50}, "0.001 to 10 false alarms"),
        ({"rate": True}, "give a number"),
        ({"amount": -1}, "amount from 0 up"),
        ({"kinds": ["gap"]}, "was not collected"),
        ({"kinds": ["explosion"]}, "'spike'"),
        ({"direction": "sideways"}, "'up' or 'down'"),
        ({"name": "default", "where": {"team": "web"}}, "no other rule fits"),
        ({"notify": True}, "Extra inputs"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong: dict[str, Any], words: str) -> None:
    """Before anything is judged by it."""
    with pytest.raises(ValidationError, match=words):
        Rule.model_validate({"name": "a"} | wrong)


def test_a_word_that_tells_no_series_apart_is_refused() -> None:
    """Though `/cost` knows it."""
    with pytest.raises(UnknownWordError, match="resource"):
        Rule(name="a", where={"resource": ("i-1",)})


def test_a_changed_rule_keeps_its_place_and_a_new_one_decides() -> None:
    """But `default` is last."""
    rules = (Rule(name="a"), Rule(name="b"))
    changed = Rule(name="b", ignore=True)
    assert with_rule(rules, changed) == (rules[0], changed)
    assert [one.name for one in with_rule(rules, Rule(name="c"))] == ["c", "a", "b"]
    assert [one.name for one in with_rule(rules, USUAL)] == ["a", "b", "default"]
