"""What a digest tells: the figures of `/cost`, and what matters most first."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from slack_sdk.models.blocks import ActionsBlock
from sqlalchemy.orm import Session

from bot import digest
from bot.answering import answer, understand
from bot.blocks import draft as drawn
from finops.alerting.kinds import Severity
from finops.anomalies.scopes import Of, Scope
from finops.digests import Every
from storage import alerting
from storage.models import AlertRuleRow, Anomaly
from tests.bot import ledgers
from tests.bot.asked import ASKER
from tests.bot.drawing import HOSTILE, assert_harmless, sendable

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
EMPTY: dict[str, tuple[str, ...]] = {}


def _anomaly(session: Session, excess: str, service: str = "EC2", team: str = "") -> None:
    amount = Decimal(excess)
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=service)
    session.add(
        Anomaly(
            id=uuid.uuid4(), scope=scope.written(), currency="USD", rising=amount > 0, kind="spike", lasts=True,
            first_day=date(2026, 11, 16), end_day=date(2026, 11, 21), expected=Decimal(100), actual=100 + amount,
            excess=amount, excess_so_far=amount * 5, monthly=amount * 30, rule="default", months=9.0,
            found_at=datetime(2026, 11, 21, tzinfo=UTC),
            causes=[{"share": "1", "values": {"tag:team": team}, "shared": {}}] if team else None,
        )
    )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(("cadence", "words"), [(Every.DAILY, "last 1 days"), (Every.WEEKLY, "last 7 days")])
def test_the_figures_are_those_of_cost(ledger: Session, cadence: Every, words: str) -> None:
    """And the month's end is that of `/cost` without a word."""
    told = digest.build(ledger, cadence, where=EMPTY, workspace="T0", since=SINCE)
    asked = answer(ledger, understand(ledger, words, ASKER), ASKER)
    assert told.headline == asked.headline
    assert told.values["total"] == asked.values["total"]
    month = answer(ledger, understand(ledger, "", ASKER), ASKER).headline
    [landing] = [one for one in told.points if one.startswith("The month is heading for")]
    assert landing.removeprefix("The ")[:-1] in month


def test_what_matters_most_comes_first_and_a_notification_alone_makes_sense(ledger: Session, tmp_path: Path) -> None:
    """A budget that is exceeded, then by money a month; what costs less than expected is told here, last."""
    (tmp_path / "budgets.yaml").write_text("- {name: all, amount: 100, currency: USD}\n")
    _anomaly(ledger, "50")
    _anomaly(ledger, "-20", service="S3")
    ledgers.recommend(ledger, saving="7")
    told = digest.build(ledger, Every.DAILY, where=EMPTY, workspace="T0", since=SINCE)
    firsts = [one.partition(" ")[0] for one in told.points]
    assert firsts[:2] == ["The", "New"], told.points
    assert firsts[-1] == "Lower"
    assert "heading over" in told.points[0]
    assert any("would save $7.00 a month" in one for one in told.points)
    text = drawn.fallback(told)
    assert text.startswith("Spent $11.00 on 20 Nov 2026")
    assert all(one[:20] in text for one in told.points)
    blocks = drawn.build(told, share=False)
    assert_harmless(sendable(blocks))
    buttons = [block.to_dict()["elements"] for block in blocks if isinstance(block, ActionsBlock)]
    pressed = [one["value"] for row in buttons for one in row]
    assert "last 1 days" in " ".join(pressed)
    assert "anomalies" in pressed


def test_what_was_told_yesterday_is_not_news(ledger: Session) -> None:
    """An event is in one digest of a reader."""
    _anomaly(ledger, "50")
    later = datetime(2026, 11, 22, tzinfo=UTC)
    told = digest.build(ledger, Every.DAILY, where=EMPTY, workspace="T0", since=later)
    assert not any("out of order" in one for one in told.points)


def test_a_scope_holds_for_all_of_it(ledger: Session) -> None:
    """Spend, events and savings of others are not told; hostile names are text."""
    _anomaly(ledger, "50", service="S3")
    ledgers.recommend(ledger, saving="7")
    told = digest.build(ledger, Every.DAILY, where={"tag:team": ("web",)}, workspace="T0", since=SINCE)
    assert told.headline.startswith("Team web: spent $10.00")
    assert not any(word in one for one in told.points for word in ("out of order", "save", "S3"))
    hostile = digest.build(ledger, Every.DAILY, where={"tag:team": (HOSTILE,)}, workspace="T0", since=SINCE)
    assert "no charges" in hostile.headline
    assert_harmless(sendable(drawn.build(hostile)))


def test_an_event_whose_causes_are_a_teams_is_in_its_digest(ledger: Session) -> None:
    """Its series is a service's, as most are."""
    _anomaly(ledger, "50", team="web")
    _anomaly(ledger, "70", service="S3", team="data")
    told = digest.build(ledger, Every.DAILY, where={"tag:team": ("web",)}, workspace="T0", since=SINCE)
    [point] = [one for one in told.points if "out of order" in one]
    assert "EC2" in point
    assert "S3" not in point


def test_open_alerts_are_told_first_and_those_that_were_held_back_before_all(ledger: Session) -> None:
    """What quiet hours or a cap kept is folded into the digest; a digest of a part of the costs has none."""
    rule = AlertRuleRow(workspace="T0", name="r", rule={}, severity=Severity.WARNING, created_by="ULEAD")
    ledger.add(rule)
    ledger.flush()
    for scope, told in (("a", True), ("b", False)):
        found = alerting.Found(scope, Decimal(9), None, "USD", SINCE.date(), SINCE.date(), f"{scope} is over 5.")
        alert = alerting.fire(ledger, rule, found, at=SINCE)
        assert alert is not None
        alert.told_at = SINCE if told else None
    ledger.flush()
    points = digest.build(ledger, Every.DAILY, where=EMPTY, workspace="T0", since=SINCE).points
    assert points[:2] == ("Alerts not told of before: b is over 5.", "Open alerts: a is over 5.")
    others = digest.build(ledger, Every.DAILY, where=EMPTY, workspace="T1", since=SINCE).points
    web = digest.build(ledger, Every.DAILY, where={"tag:team": ("web",)}, workspace="T0", since=SINCE).points
    assert not any("is over 5" in one for one in (*others, *web))
