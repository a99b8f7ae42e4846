"""At the command line, too, a rule about what nobody knows is kept, and told to tell nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from jobs.alerting import kept, listed
from storage.database import transaction
from tests.bot import ledgers


def _added(**fields: object) -> str:
    rule = AlertRule.model_validate({"name": "one", "kind": RuleKind.THRESHOLD, "amount": Decimal(500), **fields})
    [(line, values)] = kept.add([rule], by="me", dry_run=True)
    assert (values["unknown"] or "") in line
    return str(values["unknown"])


def test_a_rule_about_what_nobody_knows_is_told_to_tell_nothing(database: Path) -> None:
    """With what is meant perhaps; as it is added, and for as long as it waits."""
    del database
    assert _added(where={"team": ["webb"]}) == "None", "before the first bill nothing is known to be unknown"
    with transaction() as session:
        ledgers.fill(session)
    waits = "No bill knows “webb” yet, so it tells nothing until then. Did you mean web?"
    assert _added(where={"team": ["webb"]}) == waits
    assert _added(where={"team": ["web"], "service": ["ec2"]}) == "None"
    assert _added(currency="EUR").startswith("No bill is in EUR yet")
    assert _added(kind=RuleKind.FORECAST_OVER_BUDGET, amount=None, budget="pay").startswith("There is no budget “pay”")
    rule = AlertRule(name="kept", kind=RuleKind.THRESHOLD, amount=Decimal(500), where={"team": ("webb",)})
    kept.add([rule], by="me")
    [(line, values)] = listed.rules()
    assert line.endswith(waits)
    assert values["unknown"] == waits
