"""Two exports of the same costs made one bill: what was billed, and beside it what each use was worth (amortized).

Both list everything that has nothing to do with reservations and savings plans, so of the amortized export only what
has is taken. (Microsoft, “Understand cost details fields”: amortized cost spreads a purchase over what used it.)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.errors import BadDeliveryError
from jobs.bills.told import Told

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AMORTIZED = "amortizedcost"
BOUGHT = "ChargeCategory = 'Purchase' and (CommitmentDiscountId is not null or PricingCategory = 'Committed')"
USED = "ChargeCategory = 'Usage' and (CommitmentDiscountStatus is not null or PricingCategory = 'Committed')"
SIGNS = f"""select x_file, coalesce(bool_or({BOUGHT}), false),
    coalesce(bool_or({USED} and (BilledCost <> 0 or CommitmentDiscountStatus = 'Unused')), false)
    from charges where x_effective_is_billed group by 1 order by 1"""  # noqa: S608  our own text
MONTHS = "select distinct date_trunc('month', BillingPeriodStart)::date from charges where x_file in ({files})"
REST = """select date_trunc('month', BillingPeriodStart)::date, BillingCurrency,
    count(*) filter (where x_file in ({files})), sum(BilledCost) filter (where x_file in ({files})),
    count(*) filter (where x_file not in ({files})), sum(BilledCost) filter (where x_file not in ({files}))
    from charges where not coalesce({used}, false) and not coalesce({bought}, false)
    and date_trunc('month', BillingPeriodStart)::date in ({months}) group by 1, 2 order by 1, 2"""
JOINED = """with marked as (
    select *, x_file in ({files}) as amortized, coalesce({used}, false) as used, coalesce({bought}, false) as bought,
           date_trunc('month', BillingPeriodStart)::date in ({months}) as paired from charges)
    select * exclude (amortized, used, bought, paired) replace (
        if(amortized, 0, BilledCost) as BilledCost, if(paired and bought, 0, EffectiveCost) as EffectiveCost,
        x_effective_is_billed and not paired as x_effective_is_billed)
    from marked where if(amortized, used, not (paired and used and BilledCost = 0))"""


File = tuple[str, Told]
"""Its name, and what is told of it."""


def join(duck: DuckDBPyConnection, opened: Sequence[File]) -> str | None:
    """Return one bill of exports of actual and of amortized cost, if there are both. Raises BadDeliveryError.

    BilledCost then sums up to the first's, and EffectiveCost to what the second says of commitments and the first of
    all else. An amortized export alone says nothing of what was billed, and is refused.
    """
    second = _amortized(duck, opened)
    if not second:
        return None
    files = ", ".join(map(str, second))
    months = _months(duck, files)
    first = [number for number in range(len(opened)) if number not in second]
    billed = _months(duck, ", ".join(map(str, first))) if first else set()
    if alone := sorted(months - billed):
        problem = (
            f"of {alone[0]:%Y-%m} it lists amortized cost, which says nothing of what was billed: "
            "give the export of actual cost with it, or export FOCUS."
        )
        raise BadDeliveryError(opened[second[0]][0], problem)
    days = ", ".join(f"date '{month}'" for month in months) or "null"
    given = {"files": files, "used": USED, "bought": BOUGHT, "months": days}
    if any(opened[number][1].kind is None for number in second):
        _same_rest(duck, opened[second[0]][0], REST.format(**given))
    return JOINED.format(**given)


def _amortized(duck: DuckDBPyConnection, opened: Sequence[File]) -> list[int]:
    """Return the files of amortized cost: by their manifest, or by what only such an export lists."""
    found = [number for number, file in enumerate(opened) if _kind(file) == AMORTIZED]
    for number, bought, worth in duck.execute(SIGNS).fetchall():
        if _kind(opened[number]) or not worth:
            continue
        if bought:
            problem = (
                "it lists purchases of commitments and what their use was worth: actual and amortized cost in one "
                "file cannot be told apart; give each export's file."
            )
            raise BadDeliveryError(opened[number][0], problem)
        found.append(number)
    return sorted(found)


def _kind(file: File) -> str:
    return (file[1].kind or "").lower()


def _months(duck: DuckDBPyConnection, files: str) -> set[date]:
    return {month for (month,) in duck.execute(MONTHS.format(files=files)).fetchall()}


def _same_rest(duck: DuckDBPyConnection, name: str, rest: str) -> None:
    """Refuse halves that do not list the same charges outside commitments: one may be cut, or taken for the other."""
    for month, currency, others, worth, rows, billed in duck.execute(rest).fetchall():
        if (others, worth) != (rows, billed):
            problem = (
                f"of {month:%Y-%m} it lists {others} charges outside commitments ({currency} {_plain(worth)}), and the "
                f"export of actual cost {rows} ({currency} {_plain(billed)}): give both as of the same day, whole, or "
                "each in its folder with its manifest."
            )
            raise BadDeliveryError(name, problem)


def _plain(amount: Decimal | None) -> str:
    return f"{(amount or Decimal(0)).normalize():f}"
