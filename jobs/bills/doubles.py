"""Two files of one delivery with the same charges: somebody's copy, or two exports of the same costs."""

from __future__ import annotations

from collections.abc import Sequence

from finops.errors import BadDeliveryError
from jobs.bills.files import File
from jobs.bills.tables import Workbench
from jobs.bills.told import NOTHING

ALIKE = """select list(x_file order by x_file) from (
    select x_file, date_trunc('month', BillingPeriodStart) as month, count(*) as rows, sum(BilledCost) as billed,
           sum(PricingQuantity) as quantity
    from charges where x_file in ($files) group by 1, 2)
    group by month, rows, billed, quantity having count(*) > 1"""
SAME = """select list(x_file order by x_file) from (
    select x_file, sum(hash(charge)::hugeint) as content
    from (select x_file, {'all': row(columns(* exclude x_file))} as charge from charges where x_file in ($files))
    group by 1) group by content having count(*) > 1 limit 1"""


def check(bench: Workbench, opened: Sequence[File]) -> None:
    """Refuse a delivery that holds a file's charges twice: they would be counted twice. Raises BadDeliveryError.

    Files that a manifest names are its provider's word: small ones may be alike.
    """
    doubtful = [number for number, file in enumerate(opened) if file.told == NOTHING]
    if len(doubtful) < 2:  # noqa: PLR2004  a pair
        return
    alikes = bench.duck.execute(ALIKE.replace("$files", ", ".join(map(str, doubtful)))).fetchall()
    for (alike,) in alikes:  # most often there is none, and rows need not be compared
        found = bench.duck.execute(SAME.replace("$files", ", ".join(map(str, alike)))).fetchone()
        if found:
            first, second = found[0][:2]
            problem = f"it holds the same charges as {opened[first].name}: give each charge once."
            raise BadDeliveryError(opened[second].name, problem)
