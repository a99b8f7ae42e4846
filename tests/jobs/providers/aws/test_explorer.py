"""Cost Explorer's sums become a bill of sums, page by page, to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from finops.periods import ONE_DAY, Period
from jobs import fetching
from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import explorer
from jobs.providers.aws.clients import client
from jobs.sources import SourceEntry
from storage.database import transaction
from storage.models import CostRecord

ENTRY = SourceEntry(name="explorer", bills="cost-explorer://")
AUGUST = Period.month(2026, 8)


def _group(*keys: str, billed: str, effective: str, unit: str = "USD") -> dict[str, Any]:
    amounts = {"UnblendedCost": billed, "AmortizedCost": effective}
    return {"Keys": list(keys), "Metrics": {name: {"Amount": each, "Unit": unit} for name, each in amounts.items()}}


def _page(period: Period, *groups: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    days = {"Start": str(period.start), "End": str(period.start + ONE_DAY)}
    page = {"ResultsByTime": [{"TimePeriod": days, "Total": {}, "Groups": list(groups), "Estimated": False}]}
    return page | ({"NextPageToken": token} if token else {})


@pytest.fixture
def answers(aws: str) -> Callable[..., None]:
    """Queue what Cost Explorer answers next; without any it answers nothing."""

    def queue(*pages: dict[str, Any]) -> None:
        done = httpx.post(f"{aws}/moto-api/static/ce/cost-and-usage-results", json={"results": list(pages)})
        assert done.status_code == 201

    return queue


def test_every_page_is_read_once(answers: Callable[..., None]) -> None:
    """By the token of the page before; what costs nothing is left out."""
    answers(
        _page(AUGUST, _group("1", "EC2", billed="0.0551724144", effective="1e-10"), token="second"),  # noqa: S106
        _page(AUGUST, _group("1", "S3", billed="2", effective="3"), _group("1", "Glue", billed="0", effective="0")),
    )
    found = list(explorer.sums(client("ce"), AUGUST, by=("LINKED_ACCOUNT", "SERVICE")))
    assert [(one.keys[1], one.amounts["BilledCost"], one.amounts["EffectiveCost"]) for one in found] == [
        ("EC2", Decimal("0.0551724144"), Decimal("1e-10")),
        ("S3", Decimal(2), Decimal(3)),
    ]


def test_pages_in_a_circle_are_told(answers: Callable[..., None]) -> None:
    """Instead of counted for ever."""
    answers(_page(AUGUST, token="a"), _page(AUGUST, token="b"), _page(AUGUST, token="a"))  # noqa: S106
    with pytest.raises(BadAnswerError, match="lead in a circle"):
        list(explorer.sums(client("ce"), AUGUST, by=("SERVICE",)))


@pytest.mark.parametrize("group", [_group("x", billed="1,5", effective="1"), {"Keys": ["x"], "Metrics": {}}])
def test_an_answer_in_another_shape_is_told(answers: Callable[..., None], group: dict[str, Any]) -> None:
    """It is not read as nothing."""
    answers(_page(AUGUST, group))
    with pytest.raises(BadAnswerError, match="GetCostAndUsage"):
        list(explorer.sums(client("ce"), AUGUST, by=("SERVICE",)))


def test_the_last_months_become_a_bill_and_only_once(
    answers: Callable[..., None], database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Usage by service, tax and credit by what they are; the second time nothing is new."""
    monkeypatch.setattr(explorer, "MONTHS", 2)
    monkeypatch.setattr(explorer, "datetime", _Noon)
    answers(
        _page(AUGUST, _group("0123456789012", "Amazon RDS", billed="10.0000000001", effective="12")),
        _page(AUGUST, _group("0123456789012", "Tax", billed="2", effective="2")),
        _page(Period.month(2026, 9), _group("0123456789012", "Amazon RDS", billed="5", effective="5")),
        _page(Period.month(2026, 9), _group("0123456789012", "Credit", billed="-1", effective="-1")),
    )
    assert fetching.collect(ENTRY)["loaded"] == 2
    with transaction() as session:
        rows = session.scalars(select(CostRecord).order_by(CostRecord.date, CostRecord.billed_cost.desc())).all()
        kept = [(r.service_name, r.charge_category, r.sub_account_id, r.billed_cost, r.effective_cost) for r in rows]
    account = "0123456789012"
    assert kept == [
        ("Amazon RDS", "Usage", account, Decimal("10.0000000001"), Decimal(12)),
        ("Tax", "Tax", account, Decimal(2), Decimal(2)),
        ("Amazon RDS", "Usage", account, Decimal(5), Decimal(5)),
        ("Credit", "Credit", account, Decimal(-1), Decimal(-1)),
    ]
    assert fetching.collect(ENTRY) == {"status": "collected", "rows": 0, "loaded": 0, "unchanged": 0}


def test_a_months_total_is_summed_by_currency_and_metric(answers: Callable[..., None]) -> None:
    """To hold an export's total against."""
    answers(
        _page(AUGUST, _group("Usage", billed="0.1", effective="0.3"), _group("Tax", billed="0.2", effective="0.2")),
    )
    assert explorer.monthly_totals(AUGUST) == {"USD": {"BilledCost": Decimal("0.3"), "EffectiveCost": Decimal("0.5")}}


class _Noon(datetime):
    """A day in September."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        """Return it."""
        del tz
        return datetime(2026, 9, 18, 12, tzinfo=UTC)
