"""Every charge goes to one name, and the parts add up to the bill."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from pydantic import ValidationError

from finops.allocation import UNALLOCATED, Rule, allocate, assigned, needed, unclaimed
from finops.errors import UnknownWordError

TEAM = Rule(by="tag:team", names={"Pay": "payments"})
DATA = Rule(to="data", where={"account": ("data-*", "99")})


def _key(team: str | None = None, account: str = "a", service: str = "EC2") -> dict[str, str | None]:
    return {"tag:team": team, "sub_account_id": account, "service_name": service}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (_key("web"), "web"),
        (_key("PAY "), "payments"),
        (_key("web", "data-prod"), "web"),
        (_key(None, "data-prod"), "data"),
        (_key("", "Data-Prod"), "data"),
        (_key(None, "99"), "data"),
        (_key(None, "b"), UNALLOCATED),
    ],
)
def test_the_first_rule_that_fits_decides(key: dict[str, str | None], name: str) -> None:
    """Blanks and case aside; an empty tag is no tag."""
    assert assigned((TEAM, DATA), key)[0] == name


def test_an_empty_text_asks_for_what_has_no_value() -> None:
    """So that a rule can fit what is not tagged."""
    rule = Rule(to="nobody", where={"tag:team": ("",), "service": ("S3",)})
    assert assigned((rule,), _key("web", service="S3"))[0] == UNALLOCATED
    assert assigned((rule,), _key(None, service="S3"))[0] == "nobody"


def test_only_what_the_rules_look_at_is_summed_by() -> None:
    """Each once, in the ledger's words."""
    assert needed((TEAM, DATA, Rule(to="x", where={"tag:team": ("x",)}))) == ("tag:team", "sub_account_id")


def _split(split: str | dict[str, int], *costs: tuple[str | None, str, str]) -> dict[str, tuple[Decimal, Decimal]]:
    rules = (Rule(to="platform", where={"service": ("Support",)}, split=split), TEAM)
    done = allocate(rules, [(_key(team, service=service), Decimal(cost)) for team, service, cost in costs])
    assert sum(part.cost for part in (*done.parts, done.unallocated)) == done.total
    return {part.name: (part.direct, part.shared) for part in (*done.parts, done.unallocated)}


SPENT = (("web", "EC2", "30"), ("data", "EC2", "10"), (None, "EC2", "5"), ("web", "Support", "8"))


def test_what_is_shared_is_split_evenly_by_spend_or_by_weights() -> None:
    """Not to what nobody claims, which has no one to pay it."""
    assert _split("evenly", *SPENT) == {"web": (30, 4), "data": (10, 4), UNALLOCATED: (5, 0)}
    assert _split("by spend", *SPENT) == {"web": (30, 6), "data": (10, 2), UNALLOCATED: (5, 0)}
    assert _split({"data": 3, "new": 1}, *SPENT) == {
        "web": (30, 0),
        "data": (10, 6),
        "new": (0, 2),
        UNALLOCATED: (5, 0),
    }


def test_with_nobody_to_share_it_what_is_shared_keeps_its_name() -> None:
    """Rather than vanish."""
    assert _split("evenly", ("web", "Support", "8")) == {"platform": (0, 8), UNALLOCATED: (0, 0)}


def test_parts_add_up_exactly_whatever_the_amounts() -> None:
    """Thirds, credits and 18 decimals."""
    chance = random.Random(7)  # noqa: S311  seeded, to be the same each time
    for _ in range(50):
        costs = [
            (chance.choice(["a", "b", "c", None]), chance.choice(["EC2", "Support"]), str(chance.uniform(-9, 99)))
            for _ in range(chance.randint(0, 12))
        ]
        _split(chance.choice(["evenly", "by spend"]), *costs)
        _split({"a": 1, "b": 1, "z": 1}, *costs)


def test_the_largest_that_nobody_claims_is_named() -> None:
    """By what one would write a rule with."""
    sums = [(_key(None, "a", "EC2"), Decimal(3)), (_key(None, "b", "S3"), Decimal(9)), (_key("web"), Decimal(50))]
    about = ("service_name", "sub_account_id")
    assert unclaimed((TEAM,), sums, about=about, top=1) == [("S3, b", Decimal(9))]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "give either `to`, a name, or `by`"),
        ({"to": "a", "by": "tag:team"}, "give either `to`, a name, or `by`"),
        ({"by": "tag:team", "split": "evenly"}, "what is split has one name"),
        ({"to": "a", "split": {"b": 0}}, "weights are numbers above 0"),
        ({"to": "a", "spilt": "evenly"}, "Extra inputs are not permitted"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(given: dict[str, object], problem: str) -> None:
    """With what to write."""
    with pytest.raises(ValidationError, match=problem):
        Rule.model_validate(given)


@pytest.mark.parametrize("word", ["day", "month", "tag:", "acount"])
def test_a_word_that_nobody_owns_costs_by_is_refused(word: str) -> None:
    """Days belong to all."""
    with pytest.raises(UnknownWordError, match=word):
        Rule(to="a", where={word: ("x",)})
