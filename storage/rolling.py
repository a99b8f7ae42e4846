"""Making the small sums beside the ledger, when a billing period is loaded; `storage.rollups` says what they are."""

# ruff: noqa: S608  names of tables are made by the ledger from numbers, those of columns stand here

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from storage.models import Delivery, DeliveryStatus
from storage.rollups import ALWAYS, BY_KEY, CUBES, FAMILIES, KEYED, WHOLE

WORTH = 2
"""A cube that is not smaller than that one by this much is left out, and that one answers."""
FEW_VALUES, FEW_KEYS, FEW_SETS = 100, 8, 1000
"""Tags are rolled up while they have so many values each, are so many, and come in so many combinations."""
COLUMNS = (*ALWAYS, *", ".join(FAMILIES.values()).split(", "))
BY = f"currency, {', '.join(COLUMNS)}"
NUMBERED = BY.replace("tags", "set_number")
NUMBER = f"{WHOLE} - grouping(service_name, sub_account_id, region_id, set_number) as cube"
BY_EACH = BY.replace("tags", "key_number")
KEY_NUMBER = f"{WHOLE + KEYED} - grouping(service_name, sub_account_id, region_id, key_number) as cube"
WITH_KEYS = "join rolled_keys on rolled_keys.set_number = coalesce(rolled_whole.set_number, 0)"
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


def replace(session: Session, *, source_id: int, month: date, version: int, rows: str, tag_sets: Sequence[str]) -> None:
    """Roll up the ledger's rows of (source, month), which the table `rows` holds, instead of what was there before.

    They may be summed already, as far as `SUMMED` and the amounts are there.
    `version` is the delivery's id; the tables `tag_sets` hold the sets of tags. Nobody waits for it, and nobody sees
    it before the transaction ends.
    """
    session.execute(text(f"set local work_mem = '{MEMORY}'"))
    here = {"source": source_id, "month": month}
    session.execute(text("delete from cost_rollups where source_id = :source and billing_period = :month"), here)
    kept, left_out = _tags(session, rows, tag_sets)
    _whole(session, rows)
    _keys(session, kept)
    cubes, keyed = _worth(session)
    session.execute(text(f"""create temp table rolled_daily on commit drop as
        select {NUMBER}, date, {NUMBERED}, {SUMS} from rolled_whole
        group by grouping sets ({_grouping(cubes, "date")})"""))  # fmt: skip
    if keyed:
        # All of them are summed, and those kept that are worth it: what is grouped by has to stand in one of the sets.
        session.execute(text(f"""insert into rolled_daily select * from (
            select {KEY_NUMBER}, date, {BY_EACH}, {SUMS} from rolled_whole {WITH_KEYS}
            group by grouping sets ({_grouping(BY_KEY, "date", tags="key_number")})) as each
            where cube = any(:keyed)"""), {"keyed": keyed})  # fmt: skip
    session.execute(text(f"""{INTO} select :source, :month, cube, 1, date, {BY}, {", ".join(SUMMED_UP)}
        from rolled_daily left join rolled_tags using (set_number) order by cube, date"""), here)  # fmt: skip
    session.execute(text(TO_DATE), here)
    _know(session)
    first, last = session.execute(text("select min(date), max(date) from rolled_whole")).one()
    held = sum(1 << each for each in (*cubes, *keyed))
    done = {"cubes": held, "rolled_tags": kept, "unrolled_tags": left_out, "first_day": first, "last_day": last}
    session.execute(update(Delivery).where(Delivery.id == version).values(done))
    session.execute(text("drop table rolled_sets, rolled_tags, rolled_keys, rolled_whole, rolled_daily"))


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


def _grouping(cubes: Iterable[int], *others: str, tags: str = "set_number") -> str:
    """Write the grouping sets of these cubes."""
    always = [*others, "currency", *ALWAYS]
    families = ([columns.replace("tags", tags) for bit, columns in FAMILIES.items() if each & bit] for each in cubes)
    return ", ".join(f"({', '.join([*always, *columns])})" for columns in families)


def _worth(session: Session) -> tuple[list[int], list[int]]:
    """Return the cubes to make, and those by a single key: how much each sums up is told without the days."""
    combinations = f"select distinct {NUMBERED} from rolled_whole"
    sizes = _sizes(session, f"""select {NUMBER} from ({combinations}) as known
        group by grouping sets ({_grouping(CUBES)})""")  # fmt: skip
    made = [each for each in CUBES if each == WHOLE or sizes.get(each, 0) * WORTH <= sizes.get(WHOLE, 0)]
    by_key = _sizes(session, f"""select {KEY_NUMBER} from ({combinations}) as rolled_whole {WITH_KEYS}
        group by grouping sets ({_grouping(BY_KEY, tags="key_number")})""")  # fmt: skip
    beside = {each: sizes.get(each & WHOLE if each & WHOLE in made else WHOLE, 0) for each in BY_KEY}
    return made, [each for each in BY_KEY if by_key.get(each, 0) * WORTH <= beside[each]]


def _sizes(session: Session, groups: str) -> dict[int, int]:
    counted = session.execute(text(f"select cube, count(*) from ({groups}) as each group by cube"))
    return {cube: int(size) for cube, size in counted}


def _know(session: Session) -> None:
    """Let the database learn what the table is like, once it has grown much."""
    grown = """select relpages * 2 < pg_relation_size(oid) / current_setting('block_size')::int
        from pg_class where oid = 'cost_rollups'::regclass"""
    if session.execute(text(grown)).scalar():
        session.execute(text("analyze cost_rollups"))


def _tags(session: Session, rows: str, tag_sets: Sequence[str]) -> tuple[list[str], list[str]]:
    """Number what is left of each set of tags; returns the keys that were kept, and those that were left out."""
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
    return kept, [key for key, *_ in counted if key not in kept]


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


def _keys(session: Session, kept: Sequence[str]) -> None:
    """Number each value of each key, and lacking it, beside the sets; none of a charge's tags is the set 0."""
    session.execute(text("""create temp table rolled_keys on commit drop as
        select set_number, key, tags ->> key as value,
            dense_rank() over (order by key, tags ->> key) + (select count(*) from rolled_tags) as key_number
        from (select set_number, tags from rolled_tags union all select 0, null) as sets,
            unnest(cast(:kept as text[])) as key"""), {"kept": list(kept)})  # fmt: skip
    each = "select distinct key_number, jsonb_build_object(key, value), cast('{}' as uuid[]) from rolled_keys"
    session.execute(text(f"insert into rolled_tags {each}"))
    session.execute(text("analyze rolled_keys"))


def _whole(session: Session, rows: str) -> None:
    """Sum the ledger's rows by all the families."""
    session.execute(text("analyze rolled_tags"))
    session.execute(text(f"""create temp table rolled_whole on commit drop as
        with numbers as (select unnest(ids) as id, set_number from rolled_tags)
        select date, {NUMBERED}, {SUMS} from {rows} as held left join numbers on numbers.id = held.tag_set_id
        group by date, {NUMBERED}"""))  # fmt: skip
    session.execute(text("analyze rolled_whole"))
