"""Costs from AWS's Cost Explorer: `cost-explorer://`, for who has no export, and to hold an export's totals against.

It knows sums only: a day, an account and a service, without resources, tags and prices. Every page of every request
costs USD 0.01. (AWS, “Cost Explorer pricing”, `GetCostAndUsage`.)
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from pathlib import Path
from typing import Any

from finops.money import EXACT
from finops.periods import ONE_DAY, Period
from jobs.fetched import Fetched
from jobs.providers.answers import BadAnswerError, reading
from jobs.providers.aws import organizations
from jobs.providers.aws.clients import asking, client
from jobs.sources import SourceEntry

ASK = "ce:GetCostAndUsage"
METRICS = {"BilledCost": "UnblendedCost", "EffectiveCost": "AmortizedCost"}
"""FOCUS's word, and Cost Explorer's; an account without private discounts has no net ones."""
CATEGORIES = {
    "Tax": "Tax",
    "Credit": "Credit",
    "Refund": "Adjustment",
    "Upfront": "Purchase",
    "Recurring": "Purchase",
    "Support": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "Enterprise Discount Program Discount": "Adjustment",
    "Other out-of-cycle charges": "Purchase",
}
"""What is no usage: the value of RECORD_TYPE, and FOCUS's ChargeCategory. All others count as usage."""
MONTHS = 13
OPEN = 2
"""Months that are asked for again at every run; earlier ones once more when they leave these."""
HEADER = (
    *("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory"),
    *("ProviderName", "SubAccountId", "ServiceName", "BillingCurrency", "BilledCost", "EffectiveCost", "x_Aggregate"),
)


@dataclass(frozen=True, slots=True)
class Sum:
    """One group of one answer: its keys, and an amount in a currency by metric."""

    day: date
    keys: tuple[str, ...]
    currency: str
    amounts: dict[str, Decimal]


def fetch(entry: SourceEntry, folder: Path, known: Callable[[str], bool]) -> Iterator[Fetched]:
    """Bring every month that changed, oldest first, each as a FOCUS file of sums. Raises BadAnswerError."""
    ce = client("ce", profile=entry.profile)
    today, called = datetime.now(UTC).date(), cache(partial(organizations.names, entry))
    for number, period in enumerate(_months(today)):
        settled = f"{period.start:%Y-%m} settled"
        if number < MONTHS - OPEN and known(settled):
            continue
        file = folder / f"{period.start:%Y-%m}.csv"
        if not _write(file, ce, period.until(today)):
            continue
        version = f"{period.start:%Y-%m} {hashlib.sha256(file.read_bytes()).hexdigest()}"
        if number < MONTHS - OPEN:
            version = settled
        if not known(version):
            names, notes = called()
            yield Fetched(version, (file,), f"{period.start:%Y-%m}", account_names=names, notes=notes)


def _months(today: date) -> list[Period]:
    first = Period.month_of(today)
    months = [first]
    while len(months) < MONTHS:
        months.insert(0, Period.month_of(months[0].start - ONE_DAY))
    return months


def _write(file: Path, ce: Any, period: Period) -> int:  # noqa: ANN401  boto3 is published without types
    """Write the sums of a period; returns how many there are."""
    month, count = Period.month_of(period.start), 0
    with file.open("w", newline="", encoding="utf-8") as text:
        rows = csv.writer(text)
        rows.writerow(HEADER)
        for one, account, service, category in _charges(ce, period) if period.days else ():
            days = f"{one.day}T00:00:00Z", f"{one.day + ONE_DAY}T00:00:00Z"
            amounts = (f"{one.amounts[metric]:f}" for metric in METRICS)
            ends = f"{month.start}T00:00:00Z", f"{month.end}T00:00:00Z"
            rows.writerow((*ends, *days, category, "AWS", account, service, one.currency, *amounts, "true"))
            count += 1
    return count


def _charges(ce: Any, period: Period) -> Iterator[tuple[Sum, str, str, str]]:  # noqa: ANN401  as above
    """Return each sum with its account, service and category: usage by service, all else by what it is."""
    once = {"Dimensions": {"Key": "RECORD_TYPE", "Values": sorted(CATEGORIES)}}
    for one in sums(ce, period, by=("LINKED_ACCOUNT", "SERVICE"), where={"Not": once}):
        yield one, one.keys[0], one.keys[1], "Usage"
    for one in sums(ce, period, by=("LINKED_ACCOUNT", "RECORD_TYPE"), where=once):
        yield one, one.keys[0], one.keys[1], CATEGORIES.get(one.keys[1], "Adjustment")


def sums(
    ce: Any,  # noqa: ANN401  as above
    period: Period,
    *,
    by: Sequence[str],
    where: dict[str, Any] | None = None,
    granularity: str = "DAILY",
) -> Iterator[Sum]:
    """Return every group of every page. Raises BadAnswerError, RefusedError.

    The SDK has no paginator for this operation; a token that comes again would be a circle.
    """
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": str(period.start), "End": str(period.end)},
        "Granularity": granularity,
        "Metrics": list(METRICS.values()),
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in by],
    }
    asked |= {"Filter": where} if where else {}
    seen: set[str] = set()
    while True:
        with asking(f"Cost Explorer's {period}", needs=ASK):
            page = ce.get_cost_and_usage(**asked)
        with reading("GetCostAndUsage"):
            yield from _of_page(page)
        token = page.get("NextPageToken")
        if not token:
            return
        if token in seen:
            message = f"Cost Explorer's pages of {period} lead in a circle: try again."
            raise BadAnswerError(message)
        seen.add(token)
        asked["NextPageToken"] = token


def _of_page(page: dict[str, Any]) -> Iterator[Sum]:
    for answer in page["ResultsByTime"]:
        day = date.fromisoformat(answer["TimePeriod"]["Start"])
        groups = answer.get("Groups") or ()
        for keys, metrics in [(tuple(one["Keys"]), one["Metrics"]) for one in groups]:
            units = {metrics[name]["Unit"] for name in METRICS.values()}
            if len(units) > 1:
                message = f"one sum is in {' and '.join(sorted(units))}"
                raise ValueError(message)
            amounts = {ours: _amount(metrics[name]["Amount"]) for ours, name in METRICS.items()}
            if any(amounts.values()):
                yield Sum(day, keys, units.pop(), amounts)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        message = f"“{text}” is no amount"
        raise ValueError(message) from error


def monthly_totals(period: Period, *, profile: str | None = None) -> dict[str, dict[str, Decimal]]:
    """Return a month's sums by currency and metric (BilledCost, EffectiveCost), as Cost Explorer adds them up.

    Raises BadAnswerError, RefusedError.
    """
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    ce = client("ce", profile=profile)
    for one in sums(ce, period, by=("RECORD_TYPE",), granularity="MONTHLY"):
        for metric, amount in one.amounts.items():
            found[one.currency][metric] = EXACT.add(found[one.currency].get(metric, Decimal(0)), amount)
    return dict(found)
