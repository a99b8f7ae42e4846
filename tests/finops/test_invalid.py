"""What is wrong with what somebody wrote is said in plain words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from finops.alerting.rules import AlertRule
from finops.invalid import first


@pytest.mark.parametrize(
    ("wrong", "place", "told"),
    [
        ({"amount": 0}, "amount", "it has to be more than 0"),
        ({"amount": "a lot"}, "amount", "it has to be a number such as 12.50"),
        ({"days": 400}, "days", "it has to be 366 or less"),
        ({"quiet": {"from": "25:00", "to": "99:00"}}, "quiet.from", "it has to be a time of day such as 22:00"),
        ({"currency": "usd"}, "currency", "it has to be three capital letters such as USD"),
        ({"where": ["team"]}, "where", "it has to be names with values, as {name: value}"),
        ({"name": ""}, "name", "it is empty"),
        ({"nonsense": 1}, "nonsense", "there is no such field"),
        ({"cool_down": "soon"}, "cool_down", "write how long as 30m, 4h or 2d, 90d at most"),
        ({"budget": "x"}, "", "a rule about costs above or below an amount has no use for a budget: leave it out"),
        ({"amount": None}, "", "a rule about costs above or below an amount needs an amount, as in amount: 500"),
    ],
)
def test_no_word_of_the_library_reaches_a_person(wrong: dict[str, Any], place: str, told: str) -> None:
    """Where it stands, and what is expected there."""
    with pytest.raises(ValidationError) as error:
        AlertRule.model_validate({"name": "a", "kind": "threshold", "amount": 5} | wrong)
    assert first(error.value) == (place, told)
