"""Where a billing export lies in BigQuery: `bigquery://PROJECT.DATASET.TABLE`.

TABLE is the standard export (`gcp_billing_export_v1_…`) or the detailed one (`gcp_billing_export_resource_v1_…`); the
detailed one holds all that is in the standard one, so a list of sources names one of them for a billing account.
After a question mark may stand `since=2024-01` (the first invoice month; else thirteen months ago),
`maximum_bytes=200000000000` (what one query may read at most), and `run_in=PROJECT` (whose queries they are; else the
table's own).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from finops.errors import BadSettingError
from finops.periods import Period

STANDARD, DETAILED = "standard", "detailed"
KINDS = {"gcp_billing_export_v1_": STANDARD, "gcp_billing_export_resource_v1_": DETAILED}
ADDRESS = re.compile(r"(?P<project>[a-z][a-z0-9.:-]+)\.(?P<dataset>\w+)\.(?P<table>[\w-]+)")
KNOWN = {"since": r"\d{4}-(0[1-9]|1[0-2])", "maximum_bytes": r"[1-9]\d{0,17}", "run_in": r"[a-z][a-z0-9.:-]+"}
LEAST = 10 * 1024**2
"""BigQuery bills no query less than this."""
MOST = 100 * 1024**3
MONTHS = 13
EXAMPLE = "bigquery://my-project.billing.gcp_billing_export_resource_v1_0A1B2C_3D4E5F_6A7B8C?since=2025-01"


@dataclass(frozen=True, slots=True)
class Export:
    """A billing export's table, and how it is asked."""

    project: str
    dataset: str
    table: str
    since: date
    maximum_bytes: int = MOST
    run_in: str = ""
    """The project whose queries they are."""

    @property
    def path(self) -> str:
        """The table as SQL names it."""
        return f"{self.project}.{self.dataset}.{self.table}"

    @property
    def kind(self) -> str:
        """`standard` or `detailed`: its name decides."""
        return next(kind for start, kind in KINDS.items() if self.table.startswith(start))

    @property
    def account(self) -> str:
        """The billing account, as the table's name has it."""
        return next(self.table.removeprefix(start) for start in KINDS if self.table.startswith(start))


def parse(address: str, *, today: date | None = None) -> Export:
    """Read an address. Raises BadSettingError."""
    place, _, query = address.partition("://")[2].partition("?")
    found = ADDRESS.fullmatch(place)
    if not found:
        message = f"{address} is no address of a billing export: write for example {EXAMPLE}."
        raise BadSettingError(message)
    if not found["table"].startswith(tuple(KINDS)):
        names = " or ".join(f"{start}…" for start in KINDS)
        message = (
            f"{address}: {found['table']} is neither the standard nor the detailed billing export: "
            f"their tables are called {names}."
        )
        raise BadSettingError(message)
    given = _options(address, query)
    since = Period.billing(given["since"]).start if "since" in given else _months_ago(today or _today(), MONTHS)
    most = int(given.get("maximum_bytes", MOST))
    return Export(**found.groupdict(), since=since, maximum_bytes=most, run_in=given.get("run_in", found["project"]))


def _options(address: str, query: str) -> dict[str, str]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    wrong = next((key for key, value in given.items() if not re.fullmatch(KNOWN.get(key, "(?!)"), value)), None)
    if wrong is None and int(given.get("maximum_bytes", LEAST)) < LEAST:
        wrong = "maximum_bytes"
    if wrong is not None:
        message = (
            f"{address}: {wrong}={given[wrong]} is not understood; known are since=YYYY-MM, "
            f"maximum_bytes={LEAST} or more, and run_in=PROJECT."
        )
        raise BadSettingError(message)
    return given


def _today() -> date:
    return datetime.now(UTC).date()


def _months_ago(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
