"""Small sums beside the ledger, replaced with their billing period, so that questions stay fast on a large one.

The dimensions come in four families (services, accounts, regions, tags), and a *cube* is the ledger summed by some of
them; provider, charge category and class are in all. Each cube is there by day, and from the first of a month to each
of its days: the rest of a month is all of it without its beginning, a year twelve such blocks. Sums are exact, so any
way of adding them up, and of taking off, gives the same.
Tags with many values (a name, a creation date) are left out; who asks for one is answered by the ledger.
"""

# ruff: noqa: S608  names of tables are made by the ledger from numbers, those of columns stand here

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import false, func, select, text, update
from sqlalchemy.orm import Session

from finops.focus import Dimension
from finops.periods import ONE_DAY, Period
from storage.models import Delivery, DeliveryStatus

TAGS = 1
BITS: dict[str, int] = {
    Dimension.SERVICE: 8,
    Dimension.SERVICE_CATEGORY: 8,
    Dimension.BILLING_ACCOUNT: 4,
    Dimension.SUB_ACCOUNT: 4,
    Dimension.REGION: 2,
}
"""The bit of a dimension's family in a cube's number; tags are the last."""
ALWAYS = ("provider", "charge_category", "charge_class")
KNOWN = {*BITS, *ALWAYS, Dimension.SOURCE, Dimension.DAY, Dimension.MONTH}
FAMILIES = {8: "service_name, service_category", 4: "billing_account_id, sub_account_id", 2: "region_id", 1: "tags"}
WHOLE = sum(FAMILIES)
CUBES = (*(cube for cube in range(WHOLE) if cube.bit_count() <= 2), WHOLE)  # noqa: PLR2004  one or two families
"""More than two families are answered from the one cube that has them all."""
WORTH = 2
"""A cube that is not smaller than that one by this much is left out, and that one answers."""
FEW_DAYS = 2
"""So many days of a month are added up; more are the month to the last of them without the month to the first."""
FEW_VALUES, FEW_KEYS, FEW_SETS = 100, 8, 1000
"""Tags are rolled up while they have so many values each, are so many, and come in so many combinations."""
COLUMNS = (*ALWAYS, *", ".join(FAMILIES.values()).split(", "))
BY = f"currency, {', '.join(COLUMNS)}"
NUMBERED = BY.replace("tags", "set_number")
NUMBER = f"{WHOLE} - grouping(service_name, sub_account_id, region_id, set_number) as cube"
SUMMED = ("date", "currency", *(name for name in COLUMNS if name != "tags"), "tag_set_id")
"""The columns of the ledger that roll-ups are made of, beside the amounts."""
AMOUNTS = ("cost", "billed_cost", "list_cost", "contracted_cost")
SUMMED_UP = (*AMOUNTS, "charges")
"""What is summed. Where the charges of a group come to none, it has none in the days that are asked for."""
SUMS = ", ".join(f"sum({amount}) as {amount}" for amount in SUMMED_UP)
INTO = f"insert into cost_rollups (source_id, billing_period, cube, days, start, {BY}, {', '.join(SUMMED_UP)})"
TO_DATE = f"""{INTO}
    select :source, :month, cube, length, month, {BY}, {", ".join(SUMMED_UP)}
    from (
        select {NUMBERED.replace("set_number", "rolled_daily.set_number")}, cube, month, date,
            {", ".join(f"sum({amount}) over so_far as {amount}" for amount in SUMMED_UP)},
            coalesce(lead(date) over so_far, (month + interval '1 month')::date) as until
        from (select *, date_trunc('month', date)::date as month from rolled_daily) as rolled_daily
        window so_far as (partition by cube, month, {NUMBERED} order by date)
    ) as sums
    join generate_series(2, 31) as length on length between date - month + 1 and until - month
    left join rolled_tags using (set_number) order by cube, length, month"""
"""Each sum holds until the day of the next one; of one day it is there already."""
MEMORY = "128MB"
"""What the database may use for grouping before it sorts on disk."""


def cube(session: Session, words: Iterable[str], period: Period, *, tags: Sequence[str]) -> int | None:
    """Return the smallest cube that has these dimensions and tags' keys, or None if only the ledger answers.

    All that was loaded for days of `period` must have it, and with those keys.
    """
    wanted = TAGS if tags else 0
    for word in words:
        if word not in KNOWN:
            return None
        wanted |= BITS.get(word, 0)
    outside = func.coalesce((Delivery.last_day < period.start) | (Delivery.first_day >= period.end), false())
    there = func.bit_and(func.coalesce(Delivery.cubes, 0))
    left_out = func.bool_or(func.coalesce(Delivery.unrolled_tags.overlap(list(tags)), false())) if tags else false()
    held, lacking = session.execute(
        select(there, left_out).where(Delivery.status == DeliveryStatus.LOADED, ~outside)
    ).one()
    fit = (each for each in CUBES if each & wanted == wanted and (held or 0) >> each & 1)
    return None if lacking else min(fit, key=int.bit_count, default=None)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Days whose sums make a period: those to add, their first days by how many they are, and one to take off."""

    added: dict[int, list[date]]
    taken_off: Period | None = None


def blocks(period: Period, words: Iterable[str]) -> Blocks:
    """Return the fewest blocks that make a period, none across what it is grouped by."""
    if Dimension.DAY in words:
        return Blocks({1: list(period)})
    added: dict[int, list[date]] = {}
    taken_off = None
    for month in period.months():
        start, end = max(month.start, period.start), min(month.end, period.end)
        if start == month.start:
            added.setdefault((end - start).days, []).append(start)
        elif (end - start).days <= FEW_DAYS:
            added.setdefault(1, []).extend(Period(start, end))
        else:  # only the first month of a period can begin in its middle
            added.setdefault((end - month.start).days, []).append(month.start)
            taken_off = Period(month.start, start)
            added.setdefault(taken_off.days, []).append(month.start)
    return Blocks(added, taken_off)


def days(session: Session) -> Period | None:
    """Return the days of a ledger that is rolled up, from the first to the last; None if it is not."""
    known = func.bool_and(Delivery.cubes.is_not(None))
    held = select(func.min(Delivery.first_day), func.max(Delivery.last_day), known)
    first, last, whole = session.execute(held.where(Delivery.status == DeliveryStatus.LOADED)).one()
    return Period(first, last + ONE_DAY) if whole and first else None


def replace(session: Session, *, source_id: int, month: date, version: int, rows: str, tag_sets: Sequence[str]) -> None:
    """Roll up the ledger's rows of (source, month), which the table `rows` holds, instead of what was there before.

    They may be summed already, as far as `SUMMED` and the amounts are there.
    `version` is the delivery's id; the tables `tag_sets` hold the sets of tags. Nobody waits for it, and nobody sees
    it before the transaction ends.
    """
    session.execute(text(f"set local work_mem = '{MEMORY}'"))
    here = {"source": source_id, "month": month}
    session.execute(text("delete from cost_rollups where source_id = :source and billing_period = :month"), here)
    left_out = _tags(session, rows, tag_sets)
    _whole(session, rows)
    cubes = _worth(session)
    session.execute(text(f"""create temp table rolled_daily on commit drop as
        select {NUMBER}, date, {NUMBERED}, {SUMS} from rolled_whole
        group by grouping sets ({_grouping(cubes, "date")})"""))  # fmt: skip
    session.execute(text(f"""{INTO} select :source, :month, cube, 1, date, {BY}, {", ".join(SUMMED_UP)}
        from rolled_daily left join rolled_tags using (set_number) order by cube, date"""), here)  # fmt: skip
    session.execute(text(TO_DATE), here)
    _know(session)
    first, last = session.execute(text("select min(date), max(date) from rolled_whole")).one()
    held = sum(1 << each for each in cubes)
    done = {"cubes": held, "unrolled_tags": left_out, "first_day": first, "last_day": last}
    session.execute(update(Delivery).where(Delivery.id == version).values(done))
    session.execute(text("drop table rolled_sets, rolled_tags, rolled_whole, rolled_daily"))


def catch_up(session: Session) -> None:
    """Roll up what the ledger got before there were roll-ups."""
    without = select(Delivery).where(Delivery.status == DeliveryStatus.LOADED, Delivery.cubes.is_(None))
    for version in session.scalars(without).all():
        rows = f"cost_records_{version.billing_period:%Y_%m}_s{version.source_id}_v{version.id}"
        if session.scalar(select(func.to_regclass(rows))) is not None:  # one that is being loaded has no rows yet
            replace(
                session,
                source_id=version.source_id,
                month=version.billing_period,
                version=version.id,
                rows=rows,
                tag_sets=["tag_sets"],
            )


def _grouping(cubes: Iterable[int], *others: str) -> str:
    """Write the grouping sets of these cubes."""
    always = [*others, "currency", *ALWAYS]
    families = (
        [columns.replace("tags", "set_number") for bit, columns in FAMILIES.items() if each & bit] for each in cubes
    )
    return ", ".join(f"({', '.join([*always, *columns])})" for columns in families)


def _worth(session: Session) -> list[int]:
    """Return the cubes to make: how much each sums up is told without the days."""
    combinations = f"select distinct {NUMBERED} from rolled_whole"
    counted = session.execute(text(f"""select cube, count(*) from (
        select {NUMBER} from ({combinations}) as known group by grouping sets ({_grouping(CUBES)})) as each
        group by cube""")).all()  # fmt: skip
    sizes = {each: int(size) for each, size in counted}
    return [each for each in CUBES if each == WHOLE or sizes.get(each, 0) * WORTH <= sizes.get(WHOLE, 0)]


def _know(session: Session) -> None:
    """Let the database learn what the table is like, once it has grown much."""
    grown = """select relpages * 2 < pg_relation_size(oid) / current_setting('block_size')::int
        from pg_class where oid = 'cost_rollups'::regclass"""
    if session.execute(text(grown)).scalar():
        session.execute(text("analyze cost_rollups"))


def _tags(session: Session, rows: str, tag_sets: Sequence[str]) -> list[str]:
    """Number what is left of each set of tags; returns the keys that were left out."""
    union = " union all ".join(f"select id, tags from {table}" for table in tag_sets)
    session.execute(text(f"""create temp table rolled_sets on commit drop as
        select distinct on (id) id, tags from ({union}) as known
        where id in (select tag_set_id from {rows}) and jsonb_typeof(tags) = 'object'"""))  # fmt: skip
    counted = session.execute(text("""select key, count(*) as values, sum(sets) as sets, bool_and(plain) as plain
        from (select key, count(*) as sets, jsonb_typeof(value) in ('string', 'null') as plain
              from rolled_sets, jsonb_each(tags) group by key, value) as pairs
        group by key order by sets desc, key""")).all()  # fmt: skip
    kept = [key for key, values, _, plain in counted if plain and values <= FEW_VALUES][:FEW_KEYS]
    while _numbered(session, kept) > FEW_SETS:
        kept.pop()
    return [key for key, *_ in counted if key not in kept]


def _numbered(session: Session, kept: list[str]) -> int:
    """Make the table of sets with these keys only; returns how many there are."""
    pairs = ", ".join(f"cast(:key{place} as text), tags -> cast(:key{place} as text)" for place in range(len(kept)))
    values = {f"key{place}": key for place, key in enumerate(kept)}
    reduced = f"jsonb_strip_nulls(jsonb_build_object({pairs}))"
    session.execute(text("drop table if exists rolled_tags"))
    session.execute(text(f"""create temp table rolled_tags on commit drop as
        select row_number() over () as set_number, tags, array_agg(id) as ids
        from (select id, {reduced} as tags from rolled_sets) as few group by tags"""), values)  # fmt: skip
    return int(session.execute(text("select count(*) from rolled_tags")).scalar_one())


def _whole(session: Session, rows: str) -> None:
    """Sum the ledger's rows by all the families."""
    session.execute(text("analyze rolled_tags"))
    session.execute(text(f"""create temp table rolled_whole on commit drop as
        with numbers as (select unnest(ids) as id, set_number from rolled_tags)
        select date, {NUMBERED}, {SUMS} from {rows} as held left join numbers on numbers.id = held.tag_set_id
        group by date, {NUMBERED}"""))  # fmt: skip
    session.execute(text("analyze rolled_whole"))
