"""Bills from Google's export in BigQuery: an invoice month at a time, read anew as a whole when it got new rows.

The export is only ever added to, and rows of an invoice month come for weeks after it; so the newest `export_time` of
each month tells its version. Asking for that reads three narrow columns of the partitions since the address's `since`
(and nothing while the table is as it was: BigQuery remembers answers for a day); a month is read from the partitions
that hold it. Every query is tried dry first, and none may read more than the address's `maximum_bytes`.

A line of the file is the row as BigQuery's TO_JSON_STRING writes it: every field there is, numbers exact (a NUMERIC
with a fraction is text, a FLOAT64 the shortest text that means it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.errors import BadSettingError
from finops.money import total
from finops.periods import Period
from jobs.fetched import Fetched
from jobs.providers.answers import BadAnswerError
from jobs.providers.gcp import clients
from jobs.providers.gcp.export import Export, parse
from jobs.sources import SourceEntry

if TYPE_CHECKING:
    from google.cloud.bigquery import Client
    from google.cloud.bigquery.table import RowIterator

MONTH = "ifnull(invoice.month, format_timestamp('%Y%m', usage_start_time))"
"""As `jobs.providers.gcp.bills` finds the billing period."""
TIB = Decimal(1024**4)
PRICE_OF_A_TIB = Decimal("6.25")
"""USD: on-demand list price of a query in the US (cloud.google.com/bigquery/pricing); a guide, for a sentence."""
GET_DATA = "bigquery.tables.getData"
PAGE = 20_000
"""Rows; BigQuery cuts a page at 10 MB anyhow."""
EARLIER = timedelta(days=32)
"""Partitions may be months; nothing of an invoice month is exported before it begins."""


@dataclass(frozen=True, slots=True)
class Month:
    """What the export holds of one invoice month."""

    invoice_month: str
    """`202609`."""
    rows: int
    newest: datetime
    """The newest export time."""
    first: datetime
    last: datetime
    """The partitions that hold it, both inclusive."""

    @property
    def version(self) -> str:
        """What tells this state of the month from all others."""
        return f"{self.invoice_month}@{self.newest.isoformat()}#{self.rows}"

    @property
    def billing_period(self) -> str:
        """`2026-09`."""
        return f"{self.invoice_month[:4]}-{self.invoice_month[4:]}"


@dataclass(frozen=True, slots=True)
class Queries:
    """Bounded queries of one export."""

    export: Export
    client: Client

    @property
    def source(self) -> str:
        """The table, in SQL."""
        return f"`{self.export.path}`"

    def bytes(self, text: str, **values: Any) -> int:  # noqa: ANN401  any parameter's type
        """Return how many bytes a query would read: a dry run, which is free. Raises BadAnswerError, RefusedError."""
        from google.cloud.bigquery import QueryJobConfig  # noqa: PLC0415  slow, and only for those who use Google Cloud

        config = QueryJobConfig(dry_run=True, use_query_cache=False, query_parameters=_parameters(values))
        with clients.asking(f"a dry run on {self.export.path}", needs=GET_DATA):
            job = self.client.query(text, job_config=config, retry=clients.patiently())
            return int(job.total_bytes_processed or 0)

    def rows(self, what: str, text: str, **values: Any) -> Iterator[Any]:  # noqa: ANN401
        """Yield a query's rows, as many as BigQuery says there are. Raises BadAnswerError, RefusedError."""
        from google.cloud.bigquery import QueryJobConfig  # noqa: PLC0415  slow, as above

        most = self.export.maximum_bytes
        needed = self.bytes(text, **values)
        if needed > most:
            message = (
                f"{what} would read {size(needed)} of {self.export.path} (about USD {price(needed)}), more than "
                f"maximum_bytes={most} ({size(most)}) allows: raise it in the address, or read less with `since`."
            )
            raise BadSettingError(message)
        config = QueryJobConfig(maximum_bytes_billed=most, query_parameters=_parameters(values))
        with clients.asking(f"{what} of {self.export.path}", needs=GET_DATA):
            again = clients.patiently()
            answer: RowIterator = self.client.query(text, job_config=config, retry=again).result(PAGE, retry=again)
            count = 0
            for count, row in enumerate(answer, 1):  # noqa: B007  counted for what follows
                yield row
        if count != answer.total_rows:
            message = f"{what} of {self.export.path} brought {count} of {answer.total_rows} rows: nothing is kept."
            raise BadAnswerError(message)

    def partition(self) -> str:
        """Return the column that partitions go by. Raises RefusedError, BadAnswerError."""
        with clients.asking(f"the table {self.export.path}", needs="bigquery.tables.get"):
            table = self.client.get_table(self.export.path, retry=clients.patiently())
        by = table.time_partitioning
        return "_PARTITIONTIME" if by is not None and by.field is None else "export_time"


def fetch(entry: SourceEntry, folder: Path, known: Callable[[str], bool]) -> Iterator[Fetched]:
    """Bring every invoice month that got new rows, oldest first, one file each. Raises CostsError.

    A file is gone once the next one is asked for, so that only one month lies on the disk. A month of which one page
    failed is not brought.
    """
    queries = opened(str(entry.bills))
    partition = queries.partition()
    for month in months(queries, partition):
        if known(month.version):
            continue
        file = folder / f"{month.billing_period}.jsonl"
        _write(file, month, _lines(queries, partition, month))
        yield Fetched(month.version, (file,), month.billing_period)
        file.unlink(missing_ok=True)


def opened(address: str) -> Queries:
    """Return what asks the export at an address. Raises BadSettingError, BadAnswerError."""
    export = parse(address)
    with clients.asking(f"a client for {export.path}"):
        return Queries(export, clients.bigquery(export.run_in))


def months(queries: Queries, partition: str) -> list[Month]:
    """Return every invoice month since the address's `since`, oldest first. Raises CostsError."""
    since = queries.export.since
    rows = queries.rows("the list of invoice months", listing(queries, partition), **_since(since))
    return [Month(row["month"], row["counted"], row["newest"], row["first"], row["last"]) for row in rows]


def listing(queries: Queries, partition: str) -> str:
    """Return the query that lists invoice months; its text is always the same, so that its answer is remembered."""
    return (
        f"select {MONTH} as month, count(*) as counted, max(export_time) as newest, "  # noqa: S608  no foreign text
        f"min({partition}) as first, max({partition}) as last from {queries.source} "
        f"where {partition} >= @begin and {MONTH} >= @since group by month order by month"
    )


def listing_bytes(queries: Queries, partition: str) -> int:
    """Return how many bytes listing the invoice months would read. Raises BadAnswerError, RefusedError."""
    return queries.bytes(listing(queries, partition), **_since(queries.export.since))


def _since(since: date) -> dict[str, Any]:
    begin = datetime.combine(since - EARLIER, time(), UTC)
    return {"begin": begin, "since": f"{since:%Y%m}"}


def _lines(queries: Queries, partition: str, month: Month) -> Iterator[str]:
    text = (
        f"select to_json_string(t) as line from {queries.source} as t where {MONTH} = @month "  # noqa: S608
        f"and {partition} between @first and @last and export_time <= @newest"
    )
    values = {"month": month.invoice_month, "first": month.first, "last": month.last, "newest": month.newest}
    for row in queries.rows(f"invoice month {month.billing_period}", text, **values):
        yield str(row["line"])


def _write(file: Path, month: Month, lines: Iterator[str]) -> None:
    """Write a month's rows, if they are as many as were counted. Raises BadAnswerError."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for count, line in enumerate(lines, 1):  # noqa: B007  counted for what follows
            out.write(line + "\n")
    if count != month.rows:
        message = (
            f"Invoice month {month.billing_period} has {count} rows where {month.rows} were counted just before: "
            "the export is being written; it is read again next time."
        )
        raise BadAnswerError(message)


def monthly_totals(address: str, invoice_month: str) -> dict[str, dict[str, Decimal]]:
    """Return an invoice month's (`202609` or `2026-09`) sums by currency, as BigQuery itself adds them up, exactly.

    BilledCost is the cost with all credits, ContractedCost the cost without them, Credits the credits alone (negative);
    all are in the export's own currency. Raises CostsError.
    """
    queries = opened(address)
    partition = queries.partition()
    text = (
        "select currency, sum(cast(cast(cost as string) as bignumeric)) as cost, "  # noqa: S608
        "sum((select sum(cast(cast(c.amount as string) as bignumeric)) from unnest(credits) as c)) as credit "
        f"from {queries.source} where {MONTH} = @month and {partition} >= @begin group by currency"
    )
    month = Period.billing(invoice_month if "-" in invoice_month else f"{invoice_month[:4]}-{invoice_month[4:]}")
    asked = {"month": f"{month.start:%Y%m}", "begin": _since(month.start)["begin"]}
    found = {}
    for row in queries.rows(f"the totals of {month}", text, **asked):
        cost, credit = Decimal(row["cost"] or 0), Decimal(row["credit"] or 0)
        billed = total([cost, credit])  # a sum by itself would be rounded
        found[str(row["currency"])] = {"BilledCost": billed, "ContractedCost": cost, "Credits": credit}
    return found


def _parameters(values: dict[str, Any]) -> list[Any]:
    from google.cloud.bigquery import ScalarQueryParameter  # noqa: PLC0415  slow, as above

    kinds = {str: "STRING", datetime: "TIMESTAMP"}
    return [ScalarQueryParameter(name, kinds[type(value)], value) for name, value in values.items()]


def size(number: int) -> str:
    """Write a number of bytes for people: `1.2 GiB`."""
    amount, units = Decimal(number), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024 and len(units) > 1:  # noqa: PLR2004  what the units say
        amount, units = amount / 1024, units[1:]
    return f"{amount:.1f} {units[0]}" if units[0] != "bytes" else f"{number} bytes"


def price(number: int) -> Decimal:
    """Return about how many USD a query that reads so many bytes costs."""
    return (number / TIB * PRICE_OF_A_TIB).quantize(Decimal("0.0001"))
