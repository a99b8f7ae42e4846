"""The rules of deciding: roles, quorum, what still holds, what counts once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pytest

from finops.errors import BadSettingError, UnknownWordError
from finops.money import Money
from finops.recommendations import kinds, quorum
from finops.recommendations.findings import RecommendationType
from finops.recommendations.offers import Offer, changed
from finops.roles import Act, Role, highest, may


def usd(amount: str) -> Money:
    """Return dollars."""
    return Money(Decimal(amount), "USD")


def test_each_role_may_all_that_the_one_before_it_may() -> None:
    """And one thing more."""
    allowed = [{act for act in Act if may(role, act)} for role in Role]
    assert all(less < more for less, more in pairwise(allowed))
    assert allowed[0] == {Act.LOOK}
    assert allowed[-1] == set(Act)
    assert highest([Role.ANALYST, Role.ADMIN, Role.VIEWER]) is Role.ADMIN
    assert highest([]) is Role.VIEWER


@pytest.mark.parametrize(
    ("savings", "reversible", "people"),
    [
        ([usd("999.99")], True, 1),
        ([usd("1000")], True, 2),
        ([usd("1")], False, 2),
        ([Money(Decimal(899), "EUR")], True, 1),
        ([Money(Decimal(900), "EUR")], True, 2),
        ([Money(Decimal(1), "CHF")], True, 2),
        ([usd("1"), Money(Decimal(1), "CHF")], True, 2),
        ([], True, 1),
    ],
)
def test_a_quorum_follows_money_and_risk(savings: list[Money], reversible: bool, people: int) -> None:  # noqa: FBT001
    """Each currency has its own limit, and one without takes two."""
    assert quorum.read("1000 USD, 900 eur").needed(savings, reversible=reversible).people == people


@pytest.mark.parametrize("text", ["1000", "USD", "1000 USD; 900 EUR", "-5 USD", "1e9 USD", "1000 DOLLARS"])
def test_a_limit_that_cannot_be_read_is_told(text: str) -> None:
    """With what it should look like."""
    with pytest.raises(BadSettingError, match="such as 1000 USD, 900 EUR"):
        quorum.read(text)


def test_without_any_limit_everything_takes_two() -> None:
    """An empty setting is the careful one."""
    assert quorum.read(" ").needed([usd("1")], reversible=True).people == 2


@pytest.mark.parametrize(
    ("shown", "now", "why"),
    [
        ("100", "80", None),
        ("100", "150", None),
        ("100", "79.999", "fell by 20 %"),
        ("100", "-1", "fell by 101 %"),
        ("0", "0", None),
        ("0", "-1", "fell by 100 %"),
    ],
)
def test_a_saving_holds_until_it_fell_by_more_than_a_fifth(shown: str, now: str, why: str | None) -> None:
    """More is no reason to ask again."""
    said = changed(Offer(usd(shown), {}), Offer(usd(now), {}))
    assert said is None if why is None else why in str(said)


def test_another_currency_is_another_offer() -> None:
    """It cannot be compared."""
    assert "EUR now" in str(changed(Offer(usd("1"), {}), Offer(Money(Decimal(1), "EUR"), {})))


def test_what_changed_of_a_resource_is_named_and_kept_short() -> None:
    """A tag of a thousand letters, or a hundred tags, leave a sentence."""
    said = changed(Offer(usd("1"), {"tag a": "x" * 1000}), Offer(usd("1"), {f"tag {n}": "y" for n in range(100)}))
    assert said is not None
    assert "tag 0: none, now y" in said
    assert len(said) < 400


@dataclass
class Row:
    """As much of a recommendation as totals need."""

    resource_id: uuid.UUID
    recommendation_type: str
    potential_savings: Decimal
    currency: str = "USD"


def test_one_resource_has_one_saving_in_a_total() -> None:
    """Stopping it beats halving it; two that say the same count the larger."""
    one, other = uuid.uuid4(), uuid.uuid4()
    rows = [
        Row(one, "rightsize_machine", Decimal(500)),
        Row(one, "stop_idle_machine", Decimal(100)),
        Row(other, "rightsize_machine", Decimal(7)),
        Row(other, "rightsize_machine", Decimal(8)),
        Row(other, "rightsize_machine", Decimal(9), "EUR"),
    ]
    assert kinds.totals(rows) == [usd("108"), Money(Decimal(9), "EUR")]
    assert kinds.totals([]) == []


@pytest.mark.parametrize("words", ["stop_idle_machine", "Idle machines", "machines to stop", "stop"])
def test_a_kind_is_found_by_the_words_of_its_name(words: str) -> None:
    """As people write it."""
    assert kinds.find(words) is RecommendationType.STOP_IDLE_MACHINE


@pytest.mark.parametrize("words", ["stop_idle_machin", "elephants", "", "'; drop table"])
def test_a_kind_that_is_not_known_is_told(words: str) -> None:
    """With the closest, if one is close."""
    with pytest.raises(UnknownWordError) as told:
        kinds.find(words)
    assert told.value.closest == ("stop_idle_machine" if "idle" in words else None)


def test_every_kind_says_what_it_risks() -> None:
    """One that is not known cannot be undone."""
    assert set(kinds.KINDS) == set(RecommendationType)
    assert not kinds.about("something_new").reversible
