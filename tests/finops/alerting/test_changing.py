"""What a change to a rule does to its open alerts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.alerting.changing import Effect, effect
from finops.alerting.kinds import Grain, RuleKind, Severity
from finops.alerting.rules import AlertRule

RULE = AlertRule(name="web", kind=RuleKind.THRESHOLD, where={"team": ("web",)}, amount=Decimal(500), currency="USD")


@pytest.mark.parametrize(
    ("change", "done"),
    [
        ({"where": {"team": ("data",)}}, Effect.CLOSED),
        ({"grain": Grain.WEEKLY}, Effect.CLOSED),
        ({"currency": "EUR"}, Effect.CLOSED),
        ({"kind": RuleKind.CHANGE}, Effect.CLOSED),
        ({"amount": Decimal(800)}, Effect.JUDGED),
        ({"amount": Decimal(800), "to": "#ops"}, Effect.JUDGED),
        ({"severity": Severity.CRITICAL, "to": "#ops", "name": "web-team"}, Effect.KEPT),
        ({"amount": Decimal("500.00")}, Effect.KEPT),
    ],
)
def test_an_alert_is_closed_judged_anew_or_kept_by_what_is_changed(change: dict[str, Any], done: Effect) -> None:
    """Closed where it would be about something else, judged where only how much is another."""
    assert effect(RULE, RULE.model_copy(update=change)) is done


def test_what_becomes_of_them_is_told_before_and_after() -> None:
    """And nothing where none is open."""
    assert Effect.CLOSED.told(0) == ""
    assert Effect.CLOSED.told(2).startswith("2 alerts are open, and closed when this is saved")
    assert Effect.CLOSED.told(1, saved=True).startswith("1 alert was closed")
    assert Effect.JUDGED.told(1, saved=True) == Effect.JUDGED.told(1)
