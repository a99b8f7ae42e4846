"""Two files of one delivery with the same charges: somebody's copy, or two exports of the same costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from finops.errors import BadDeliveryError
from jobs.bills.files import File
from jobs.bills.rules import FILE
from jobs.bills.tables import Workbench, identifier
from jobs.bills.told import NOTHING

ALIKE = """select list(x_file order by x_file) from (
    select x_file, date_trunc('month', BillingPeriodStart) as month, count(*) as rows, sum(BilledCost) as billed,
           sum(PricingQuantity) as quantity
    from charges where x_file in ($files) group by 1, 2)
    group by month, rows, billed, quantity having count(*) > 1"""
SAME = """select list(x_file order by x_file) from (
    select x_file, sum(hash(row($columns))::hugeint) as content from charges where x_file in ($files) group by 1)
    group by content having count(*) > 1 limit 1"""
SAMPLED = 200_000
"""Of more charges than that, one in sixteen is compared."""
FEWEST = 3
"""So many charges have to be shared at least."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two files share that are two versions of one bill, not two parts of it."""

    of: str
    """What of a charge is compared, in the engine's words."""
    among: str
    """Of which charges."""
    most: float
    """Which share of the smaller file's charges."""
    sample: str
    """What one in sixteen is chosen by: a part of what is compared."""
    told: str


CHARGE = "ChargePeriodStart, ChargePeriodEnd, SubAccountId, ServiceName, SkuId, ResourceId, ChargeCategory"
MONTH = "date_trunc('month', BillingPeriodStart)"
CHARGES = Likeness(f"{CHARGE}, BilledCost, PricingQuantity, Tags, {MONTH}", "true", 0.5, "BilledCost", "too")
"""Half of the very same charges: days that both have would be counted twice."""
USE = Likeness(
    f"{CHARGE}, BillingAccountId, RegionId, BilledCost > 0, PricingQuantity, PricingUnit, Tags, PricingCategory, "
    f"CommitmentDiscountId, CommitmentDiscountStatus, ChargeClass, BillingCurrency, {MONTH}",
    "PricingQuantity <> 0 and coalesce(ResourceId, SkuId) is not null",
    0.9,
    "PricingQuantity",
    "too, at other prices",
)
"""Nearly all of the same use, whatever it costs: every price was restated, as when a discount comes late. Parts of one
bill differ in hours, resources or quantities; lines of one hour of one resource (covered or not, a negation) in what
else is compared. Only charges that say how much of what was used can be told apart by that."""
LIKENESSES = (CHARGES, USE)
SHARED = """with core as (
    select x_file, hash($of) as charge
    from charges where x_file in ($files) and BilledCost <> 0 and $among
        and ($all or hash(ChargePeriodStart, $sample) % 16 = 0)
), counted as (select x_file, charge, count(*) as times from core group by all)
, sizes as (select x_file, sum(times) as rows from counted group by 1)
select one.x_file, another.x_file, sum(least(one.times, another.times)) as same
from counted one join counted another on another.charge = one.charge and one.x_file < another.x_file
join sizes a on a.x_file = one.x_file join sizes b on b.x_file = another.x_file
group by 1, 2 having same >= $fewest and same >= $most * least(any_value(a.rows), any_value(b.rows))
order by 1, 2"""


def check(bench: Workbench, opened: Sequence[File]) -> None:
    """Refuse a delivery that holds a file's charges twice: they would be counted twice. Raises BadDeliveryError.

    Files that a manifest names are its provider's word: small ones may be alike.
    """
    doubtful = [number for number, file in enumerate(opened) if file.told == NOTHING]
    if len(doubtful) > 1:
        _copies(bench, opened, doubtful)
    runs = {number: file.told.run or str(number) for number, file in enumerate(opened) if _unsure(file)}
    if len(set(runs.values())) > 1:
        _versions(bench, opened, runs)


def _unsure(file: File) -> bool:
    """Whether a file may be a version of what lies beside it; what was fetched was chosen."""
    return file.told == NOTHING or file.told.run is not None


def _copies(bench: Workbench, opened: Sequence[File], doubtful: Sequence[int]) -> None:
    alikes = bench.duck.execute(ALIKE.replace("$files", ", ".join(map(str, doubtful)))).fetchall()
    described = bench.duck.execute("describe charges").fetchall()
    columns = ", ".join(identifier(name) for name, *_ in described if name != FILE)
    for (alike,) in alikes:  # most often there is none, and rows need not be compared
        same = SAME.replace("$files", ", ".join(map(str, alike))).replace("$columns", columns)
        found = bench.duck.execute(same).fetchone()
        if found:
            first, second = found[0][:2]
            problem = f"it holds the same charges as {opened[first].name}: give each charge once."
            raise BadDeliveryError(opened[second].name, problem)


def _versions(bench: Workbench, opened: Sequence[File], runs: Mapping[int, str]) -> None:
    """Refuse two versions of one bill: a bill to date beside a later one, or one whose prices were restated."""
    counted = bench.duck.execute("select count(*) from charges").fetchone()
    whole = str(not counted or counted[0] <= SAMPLED).lower()
    for likeness in LIKENESSES:
        query = SHARED
        for name, value in {
            **asdict(likeness),
            "fewest": FEWEST,
            "files": ", ".join(map(str, runs)),
            "all": whole,
        }.items():
            query = query.replace(f"${name}", str(value))
        pairs = bench.duck.execute(query).fetchall()
        found = next(((first, second) for first, second, _ in pairs if runs[first] != runs[second]), None)
        if found:
            first, second = found
            shared = f"most of its charges are in {opened[first].name}, {likeness.told}"
            raise BadDeliveryError(opened[second].name, f"{shared}: of versions of a bill, give the newest alone.")
