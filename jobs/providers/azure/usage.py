"""Bills from Azure's usage details: `azure-usage://SCOPE`, a billing month at a time, each at most once a day.

SCOPE is `subscriptions/ID`, `providers/Microsoft.Billing/billingAccounts/ID` or anything else that Azure takes there.
After a question mark may stand `since=2026-01` (older months are read once; else the month before and this one),
`by=dates` (for subscriptions whose billing periods have no month for a name: pay as you go, and customer agreements;
accounts of customer agreements are known by their ids) and `metric=actual` (where Azure has no amortized costs).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from finops.errors import BadSettingError
from finops.periods import ONE_DAY, Period
from jobs.fetched import Fetched
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure import clients
from jobs.providers.azure.details import exported
from jobs.providers.azure.pages import Row, usage
from jobs.sources import SourceEntry

if TYPE_CHECKING:
    from azure.mgmt.consumption import ConsumptionManagementClient

KNOWN = {"since": None, "by": ("dates", "period"), "metric": ("actual", "amortized")}
MODERN = ("/billingprofiles/", "/invoicesections/", "/customers/")
NO_SUCH_PERIOD = (400, 404)
EXAMPLE = "azure-usage://subscriptions/00000000-0000-0000-0000-000000000001?since=2026-01"


@dataclass(frozen=True, slots=True)
class Address:
    """Where usage details are asked for, and how."""

    scope: str
    since: date | None = None
    by_dates: bool = False
    amortized: bool = True

    @property
    def modern(self) -> bool:
        """Whether it is an account of a customer agreement, which is asked with dates outside the filter."""
        path = f"/{self.scope.lower()}/"
        account = path.partition("/billingaccounts/")[2]
        return any(part in path for part in MODERN) or ":" in account


def address(entry: SourceEntry) -> Address:
    """Read the entry's address. Raises BadSettingError."""
    scope, _, query = str(entry.bills).partition("://")[2].partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    wrong = next((key for key, value in given.items() if value not in (KNOWN.get(key, ()) or (value,))), None)
    if not scope.strip("/") or wrong or not set(given) <= set(KNOWN):
        message = f"{entry.name}: {entry.bills} is no address of usage details: write for example {EXAMPLE}."
        raise BadSettingError(message)
    since = Period.billing(given["since"]).start if "since" in given else None
    return Address(scope.strip("/"), since, given.get("by") == "dates", given.get("metric") != "actual")


def fetch(entry: SourceEntry, folder: Path, known: Callable[[str], bool]) -> Iterator[Fetched]:
    """Bring every billing month that is not known as of today, oldest first. Raises CostsError.

    A month of which one page failed is not brought, nor are those after it.
    """
    where, today = address(entry), datetime.now(UTC).date()
    client: ConsumptionManagementClient | None = None
    for month in _months(where, today):
        # Azure changes an open month several times a day, and the one before it until about the fifth.
        version = f"{month.start:%Y-%m}@{today if month.end >= _before(today).end else 'settled'}"
        if known(version):
            continue
        client = client or clients.consumption()
        file = folder / f"{month.start:%Y-%m}.jsonl"
        if _write(file, read(client, where, month)):
            yield Fetched(version, (file,), f"{month.start:%Y-%m}")


def read(client: ConsumptionManagementClient, where: Address, month: Period) -> Iterator[Row]:
    """Return a billing month's rows under the headers of an export. Raises BadAnswerError, RefusedError."""
    amortized = _of_month(client, where, month, "amortizedcost") if where.amortized else None
    return exported(_of_month(client, where, month, "actualcost"), amortized=amortized)


def glance(where: Address, month: Period, metric: str) -> None:
    """Ask for the first page of a list (`actualcost`, `amortizedcost`). Raises BadAnswerError, RefusedError."""
    next(_asked(clients.consumption(), where, month, metric), None)


def _of_month(client: ConsumptionManagementClient, where: Address, month: Period, metric: str) -> Iterator[Row]:
    if not (where.by_dates or where.modern):
        yield from _asked(client, where, month, metric)
        return
    # Use of the month before may have come too late for its bill, and is then on this one.
    for asked in (_before(month.start), month):
        for row in _asked(client, where, asked, metric):
            about = row["properties"]
            day = str(about.get("date") or about.get("usageStart") or asked.start)[:10]
            billed = str(about.get("billingPeriodStartDate") or day)[:7]
            if date.fromisoformat(day) in asked and billed == f"{month.start:%Y-%m}":
                yield row


def _asked(client: ConsumptionManagementClient, where: Address, month: Period, metric: str) -> Iterator[Row]:
    scope, dates = _request(where, month)
    try:
        yield from usage(client, scope, metric=metric, **dates)
    except clients.AnsweredError as error:
        if dates or error.status not in NO_SUCH_PERIOD:
            raise
        hint = f"If its billing periods have no month for a name, add ?by=dates to azure-usage://{where.scope}."
        message = f"{error} {hint}"
        raise BadAnswerError(message) from error


def _request(where: Address, month: Period) -> tuple[str, dict[str, Any]]:
    """Return the scope to ask, and what to ask it besides the list."""
    first, last = month.start.isoformat(), (month.end - ONE_DAY).isoformat()
    if where.modern:
        return where.scope, {"params": {"startDate": first, "endDate": last}}
    if where.by_dates:
        return where.scope, {"filter": f"properties/usageStart ge '{first}' and properties/usageEnd le '{last}'"}
    return f"{where.scope}/providers/Microsoft.Billing/billingPeriods/{month.start:%Y%m}", {}


def _months(where: Address, today: date) -> list[Period]:
    first = min(where.since or today, _before(today).start)
    return list(Period(first, today + ONE_DAY).months())


def _before(day: date) -> Period:
    return Period.month_of(day.replace(day=1) - ONE_DAY)


def _write(file: Path, rows: Iterator[Row]) -> int:
    """Write rows as JSON lines, and return how many there were."""
    written = 0
    with file.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            written += 1
    return written
