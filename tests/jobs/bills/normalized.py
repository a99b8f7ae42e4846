"""What the rules make of files, for tests to look at."""

from __future__ import annotations

from pathlib import Path

from jobs.bills import files, tables
from jobs.bills.formats import recognize
from jobs.bills.normalize import normalize


def charges(*paths: Path) -> list[dict[str, object]]:
    """Return the normalized rows of one file, or of several that are one delivery, as text."""
    with tables.workbench() as bench:
        opened = files.open_all(paths, bench.folder)
        normalize(bench, recognize("auto", opened[0].headers, file=str(paths[0])), opened)
        order = "order by charges.BilledCost, charges.ChargeCategory"  # as numbers: the columns beside are text
        found = bench.duck.execute(f"select columns(*)::varchar from charges {order}")  # noqa: S608  our own
        names = [one[0] for one in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
