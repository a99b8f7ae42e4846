"""Rules that fire in the small ledger, and what became of their alerts."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot import announcements
from finops.alerting.kinds import RuleKind
from finops.alerting.lifecycle import AlertAct
from finops.alerting.rules import AlertRule
from finops.people import Person
from storage import alert_rules, alerting, outbox, owners
from storage.alerting import Found
from storage.database import transaction
from storage.models import CostAlert
from tests.bot.ledgers import NOW
from tests.bot.pressing import CHANNEL

LEAD = "ULEAD"
AT = datetime.now(UTC)


def rules(workspace: str = "T0") -> list[AlertRule]:
    """Return the rules of a workspace."""
    with transaction() as session:
        return [alert_rules.value(one) for one in alert_rules.listed(session, workspace=workspace)]


def fired(sentence: str = "Team web costs $900.00 a day", *, workspace: str = "T0") -> uuid.UUID:
    """Have a rule fire, and its message posted."""
    with transaction() as session:
        rule = AlertRule(name="web", kind=RuleKind.THRESHOLD, where={"team": ("web",)}, amount=Decimal(500), to=CHANNEL)
        row = alert_rules.add(session, rule, by=Person(workspace, LEAD))
        alert = alerting.fire(session, row, found("900", sentence), at=AT)
        assert alert is not None
        alerting.tell(session, alert, to=CHANNEL, at=AT)
        owners.put(session, "web", "UWEB", by=Person(workspace, LEAD))
    with transaction() as session:
        [message] = outbox.claim(session, [announcements.KIND], now=NOW + timedelta(days=400))
        outbox.sent(session, message.id, {"channel": CHANNEL, "ts": "1.1"})
    return alert.id


def found(value: str, sentence: str = "Team web costs more") -> Found:
    """Return what a rule may find."""
    days = {"first_day": date(2026, 11, 20), "end_day": date(2026, 11, 22)}
    return Found(
        scope="", value=Decimal(value), expected=Decimal(500), currency="USD", sentence=sentence, **days
    )  # fmt: skip


def alert(chosen: uuid.UUID) -> CostAlert:
    """Return an alert as it is now."""
    with transaction() as session:
        return alerting.get(session, chosen)


def acts(chosen: uuid.UUID) -> list[AlertAct]:
    """Return what was done with an alert, in order."""
    with transaction() as session:
        return [one.act for one in alerting.history(session, chosen)]
