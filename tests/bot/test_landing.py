"""Where a month ends, said alike by all who say it, with the fees that come each month and have not come yet."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from finops import weekly
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from storage import accounts, alert_reading, charges, coming
from storage.alert_ledger import Ledger
from storage.models import CostRecord, Delivery
from tests.bot import ledgers
from tests.bot.asked import ask
from tests.bot.forecast_made import keep_forecast, landing

RULES = """
team:
- {to: support, where: {service: Support}, split: by spend}
- {to: data, where: {service: S3}}
- {by: "tag:team"}
"""
THREE = (date(2026, 8, 25), date(2026, 9, 26), date(2026, 10, 25))


def _fees(session: Session, service: str = "EC2", cost: str = "40") -> None:
    for day in THREE:
        ledgers.fee(session, service, cost, day)


def test_a_fee_that_comes_each_month_is_expected_before_it_came(ledger: Session) -> None:
    """In the landing by pace and of a part; of the same costs, and not where others are asked for."""
    _fees(ledger)
    assert landing(ledger, "") == 360 + 40
    assert landing(ledger, "service=EC2") == 230 + 10 * 10 + 40
    assert landing(ledger, "charge=Usage") == 360
    assert landing(ledger, "service=S3") == 20 + 10
    keep_forecast(ledger, group_by="service_name", name="EC2", cost=20.0)
    assert landing(ledger, "service=EC2") == 230 + 10 * 20 + 40
    assert ask(ledger, "forecast service=ec2").more == (
        "November is heading for about $470.00 ($470.00 to $470.00), "
        "with $40.00 of monthly fees and taxes that have not come yet."
    )


def test_a_fee_that_came_after_the_forecast_was_made_counts_once(ledger: Session) -> None:
    """The forecast knew of it as one that was due."""
    _fees(ledger)
    keep_forecast(ledger, group_by=None, due=40)
    assert landing(ledger, "") == 250 + 10 * 10 + 40
    ledgers.fee(ledger, "EC2", "40", date(2026, 11, 18))
    ledger.execute(update(Delivery).values(fingerprint="newer"))
    assert landing(ledger, "") == 290 + 10 * 10


def _weekly(session: Session) -> Decimal | None:
    """Return what Monday's mail says, as its notebook asks for it."""
    settled = charges.settled_through(session)
    when = weekly.windows(settled)
    left = coming.of(session, when.month.end - weekly.ONE_DAY, currency="USD")
    sums = charges.sums(session, period=when.known, currency="USD", group_by=weekly.keys("team"))
    spends = [weekly.Spend.of(row.key, row.cost, owner_tag="team") for row in sums]
    told = weekly.build(spends, when, currency="USD", settled=settled, owner_tag="team", known=None, ahead=left)
    return told.month.landing


def _budgets(session: Session) -> dict[str, Decimal]:
    return {one["name"]: Decimal(str(one["landing"])) for one in ask(session, "budget").values["budgets"]}


def _alerts(session: Session) -> dict[str, Decimal | None]:
    rule = AlertRule(name="r", kind=RuleKind.FORECAST_OVER_BUDGET, to="C0")
    found = alert_reading.spending(Ledger.read(session), rule)
    return {one.budget.name: one.standing(one.settled).landing for one in found}


def test_all_who_say_where_a_month_ends_say_the_same(ledger: Session, tmp_path: Path) -> None:
    """Answer, budget, its alert, weekly report, forecast: by pace, by a part's forecast, by that of them alone."""
    narrow = {"name": "ec2", "amount": 400, "currency": "USD", "where": {"service": "EC2"}}
    (tmp_path / "budgets.yaml").write_text(json.dumps([narrow, {"name": "all", "amount": 1, "currency": "USD"}]))
    _fees(ledger)

    def said() -> tuple[Decimal | None, Decimal | None]:
        found = {"ec2": landing(ledger, "service=EC2"), "all": landing(ledger, "")}
        assert _budgets(ledger) == _alerts(ledger) == found
        assert _weekly(ledger) == found["all"]
        return found["ec2"], found["all"]

    assert said() == (230 + 10 * 10 + 40, 250 + 10 * 11 + 40)
    keep_forecast(ledger, group_by="service_name", name="EC2", cost=20.0)
    assert said() == (230 + 10 * 20 + 40, 250 + 10 * 20 + 40)
    keep_forecast(ledger, group_by=None, cost=30.0, service_name="EC2")
    assert said() == (230 + 10 * 30 + 40, 250 + 10 * 20 + 40)
    assert "November is heading for about $570.00" in ask(ledger, "forecast service=EC2").more
    assert "November is heading for about $490.00" in ask(ledger, "forecast by service").more


@pytest.mark.parametrize("text", ["account=111", "account='pay ments'", "account='PAY MENTS'"])
def test_a_part_is_known_by_its_id_and_its_name_however_it_is_spelt(ledger: Session, text: str) -> None:
    """As an account's forecast goes by its name."""
    ledger.execute(update(CostRecord).values(sub_account_id="111"))
    accounts.note(ledger, "test", {"111": "Pay ments"})
    keep_forecast(ledger, group_by="sub_account_id", name="Pay ments", cost=20.0)
    assert landing(ledger, text) == 250 + 10 * 20
    told = ask(ledger, f"forecast {text}").headline
    assert told.startswith("Pay ments: from 21 Nov to 20 Dec 2026 (30 days) usage will cost about $600.00")


def test_a_fee_that_is_shared_is_due_of_those_who_share_it(ledger: Session, tmp_path: Path) -> None:
    """By what each has cost of late, though the month has nothing of it yet: teams add up to the whole."""
    (tmp_path / "allocation.yaml").write_text(RULES)
    before = [landing(ledger, f"team={name}") or 0 for name in ("web", "data")]
    _fees(ledger, "Support", "100")
    ledger.execute(update(Delivery).values(fingerprint="newer"))
    after = [landing(ledger, f"team={name}") or 0 for name in ("web", "data")]
    assert landing(ledger, "") == sum(before) + 100
    assert abs(sum(after) - sum(before) - 100) <= Decimal("0.02")
    assert all(now > then for now, then in zip(after, before, strict=True))
