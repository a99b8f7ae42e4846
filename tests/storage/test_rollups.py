"""The small sums beside the ledger answer as the ledger does, to the last decimal."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, text
from sqlalchemy.orm import Session

from finops.focus import Dimension, Metric
from finops.periods import Period
from storage import charges, rolling, rollups
from storage.charges import CostSum
from storage.database import engine
from storage.models import CostRecord, CostRollup, Delivery, Source, TagSet

MONTHS = (date(2026, 8, 1), date(2026, 9, 1))
WORDS = [*(word for word in Dimension if word is not Dimension.RESOURCE), "tag:team", "tag:env", "tag:name", "tag:none"]


def _row(chance: random.Random, month: date, source: int, sets: list[uuid.UUID]) -> CostRecord:
    # Some charges' days lie outside of their billing period: late usage, and what is paid a year ahead.
    day = month + timedelta(days=chance.choice([chance.randrange(31), chance.randrange(-9, 400)]))
    service = chance.choice(["EC2", "S3", "RDS", None, ""])
    return CostRecord(
        id=uuid.UUID(int=chance.getrandbits(128)), billing_period=month, source_id=source, date=day,
        provider=chance.choice(["aws", "gcp"]), service_name=service, service_category=service and service[:1],
        billing_account_id="1", sub_account_id=chance.choice(["a", "b", None]), region_id=chance.choice(["us", "eu"]),
        charge_category=chance.choice(["Usage", "Tax", "Credit"]), charge_class=chance.choice([None, "Correction"]),
        billing_currency=chance.choice(["USD", "USD", "EUR"]), tag_set_id=chance.choice([*sets, None]), charges=1,
        **{metric.value: Decimal(chance.randrange(-(10**9), 10**24)).scaleb(-18) for metric in Metric},
    )  # fmt: skip


def _load(session: Session, source: Source, month: date, rows: list[CostRecord]) -> Delivery:
    name = f"cost_records_{month:%Y_%m}"
    session.execute(text(f"create table if not exists {name} partition of cost_records for values in ('{month}') "
                         "partition by list (source_id)"))  # fmt: skip
    session.execute(text(f"create table if not exists {name}_s{source.id}_v0 partition of {name} "
                         f"for values in ({source.id})"))  # fmt: skip
    version = Delivery(source_id=source.id, billing_period=month, fingerprint=str(month), format="focus", files=[],
                       rows=len(rows), billed_cost={}, effective_cost={}, status="loaded")  # fmt: skip
    session.add_all([version, *rows])
    session.flush()
    _roll_up(session, version)
    return version


def _roll_up(session: Session, version: Delivery) -> None:
    name = f"cost_records_{version.billing_period:%Y_%m}_s{version.source_id}_v0"
    rolling.replace(session, source_id=version.source_id, month=version.billing_period, version=version.id, rows=name,
                    tag_sets=["tag_sets"])  # fmt: skip


@pytest.fixture(params=[0, rolling.WORTH], ids=["every cube", "those worth it"])
def ledger(session: Session, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Two sources over two months, with days before and long after; names of machines are tags with many values."""
    monkeypatch.setattr(rolling, "WORTH", request.param)
    chance = random.Random(7)  # noqa: S311  the same rows every time
    sources = [Source(name=name, provider="aws", format="focus") for name in ("one", "two")]
    tags: list[dict[str, Any]] = [
        {"team": chance.choice(["web", "data", ""]), "env": "prod", "name": f"i-{n}"} for n in range(200)
    ]
    tags += [{"team": "web", "env": None}, {"env": {"a": 1}}, {}]
    sets = [TagSet(id=uuid.UUID(int=chance.getrandbits(128)), tags=each) for each in tags]
    session.add_all([*sources, *sets])
    session.flush()
    for month in MONTHS:
        for source in sources:
            ids = [one.id for one in sets if month == MONTHS[1] or one.tags.get("name", "i-0") != "i-0"]
            _load(session, source, month, [_row(chance, month, source.id, ids) for _ in range(300)])
    return session


def _tables(session: Session, asked: dict[str, Any]) -> tuple[list[CostSum], set[str]]:
    """Ask, and tell which of the two tables answered."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        found = charges.sums(session, **asked)
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return found, {name for name in ("cost_records", "cost_rollups") if any(f"FROM {name}" in one for one in seen)}


def _question(chance: random.Random) -> dict[str, Any]:
    words = chance.sample(WORDS, 5)
    start = date(2026, 7, 20) + timedelta(days=chance.randrange(80))
    values = ["aws", "EC2", "", "a", "us", "Usage", "web", "prod", "one", "2026-09", "2026-09-03", "i-7"]
    return {
        "period": Period(start, start + timedelta(days=chance.choice([0, 1, 7, 30, 365]))),
        "currency": chance.choice(["USD", "EUR"]),
        "metric": chance.choice(list(Metric)),
        "group_by": words[: chance.randrange(3)],
        "where": {word: chance.sample(values, 8) for word in words[3 : 3 + chance.randrange(3)]},
    }


def _sorted(found: list[CostSum]) -> list[tuple[str, Decimal]]:
    return sorted((str(one.key), one.cost) for one in found)


def test_any_question_has_the_same_answer(ledger: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred of them, seeded: every dimension, several tags, days, months, a year."""
    chance = random.Random(11)  # noqa: S311  the same questions every time
    small = 0
    for _ in range(300):
        asked = _question(chance)
        found, tables = _tables(ledger, asked)
        small += tables == {"cost_rollups"}
        with monkeypatch.context() as patch:
            patch.setattr(rollups, "cube", lambda *_, **__: None)
            truth, whole = _tables(ledger, asked)
        assert whole == {"cost_records"}
        assert _sorted(found) == _sorted(truth), asked
    assert small > 150


def test_two_periods_beside_each_other_are_what_each_is_alone(ledger: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far apart, meeting, one within the other; from the small sums as from the ledger."""
    chance = random.Random(13)  # noqa: S311  the same questions every time
    for _ in range(100):
        asked, other = _question(chance), _question(chance)["period"]
        periods = [asked.pop("period"), other]
        found = charges.beside(ledger, periods=periods, **asked)
        with monkeypatch.context() as patch:
            patch.setattr(rollups, "cube", lambda *_, **__: None)
            whole = charges.beside(ledger, periods=periods, **asked)
            truth = [charges.sums(ledger, period=one, **asked) for one in periods]
        assert [_sorted(one) for one in found] == [_sorted(one) for one in whole] == [_sorted(one) for one in truth]
        assert all(one == sorted(one, key=lambda each: -each.cost) for one in found)


def test_a_tag_with_many_values_is_answered_by_the_ledger(ledger: Session) -> None:
    """So is one whose values are no text; others are not, and neither is one that nothing carries."""
    asked = {"period": Period.month(2026, 9), "currency": "USD"}
    for key, table in [
        ("name", "cost_records"),
        ("env", "cost_records"),
        ("team", "cost_rollups"),
        ("x", "cost_rollups"),
    ]:
        assert _tables(ledger, {**asked, "group_by": [f"tag:{key}"]})[1] == {table}, key


def test_one_tag_alone_is_answered_by_sums_without_the_others(ledger: Session) -> None:
    """Beside another dimension, too, and also of charges that lack it; not two tags, nor one that some bill lacks."""
    month = Period.month(2026, 9)
    service, tags = Dimension.SERVICE, ["team"]
    keyed = {each for each in rollups.BY_KEY if _held(ledger) >> each & 1}
    assert keyed == (set() if rolling.WORTH else set(rollups.BY_KEY))
    if rollups.KEYED | rollups.TAGS in keyed:
        assert rollups.cube(ledger, [], month, tags=tags) == rollups.KEYED | rollups.TAGS
    assert (rollups.cube(ledger, [service], month, tags=tags) in rollups.BY_KEY) == (25 in keyed)
    assert rollups.cube(ledger, [service], month, tags=["team", "env"]) not in rollups.BY_KEY
    assert rollups.cube(ledger, [service], month, tags=["x"]) not in rollups.BY_KEY
    asked = {"period": month, "currency": "USD", "group_by": ["tag:team"]}
    assert {one.key["tag:team"] for one in charges.sums(ledger, **asked)} == {"web", "data", "", None}


def test_of_the_sums_by_one_tag_those_are_kept_that_are_worth_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services with tags of their own: by a key and the service there is more than by all tags, by a key alone less."""
    monkeypatch.setattr(rolling, "WORTH", 2)
    source = Source(name="one", provider="aws", format="focus")
    chance = random.Random(5)  # noqa: S311  the same rows every time
    tags = [{key: f"{key}{chance.randrange(5)}" for key in ("team", "env", "app")} for _ in range(120)]
    sets = [TagSet(id=uuid.UUID(int=chance.getrandbits(128)), tags=each) for each in tags]
    session.add_all([source, *sets])
    session.flush()
    rows = [_row(chance, MONTHS[1], source.id, [one.id]) for one in sets]
    for number, row in enumerate(rows):
        row.provider, row.service_name, row.service_category = "aws", f"service {number // 2}", "any"
        row.sub_account_id, row.region_id, row.charge_category, row.charge_class = "a", "us", "Usage", None
        row.billing_currency, row.date = "USD", MONTHS[1]
    _load(session, source, MONTHS[1], rows)
    keyed = [each for each in rollups.BY_KEY if _held(session) >> each & 1]
    assert (17 in keyed, 25 in keyed) == (True, False)
    asked: dict[str, Any] = {"period": Period.month(2026, 9), "currency": "USD", "group_by": ["tag:team"]}
    found = sum((one.cost for one in charges.sums(session, **asked)), Decimal(0))
    assert found == sum((row.effective_cost for row in rows), Decimal(0))


def _held(session: Session) -> int:
    return int(session.scalar(select(func.bit_and(Delivery.cubes))) or 0)


def test_a_resource_and_a_ledger_that_is_not_rolled_up_are_answered_by_the_ledger(ledger: Session) -> None:
    """One delivery from before there were roll-ups is enough."""
    asked = {"period": Period.month(2026, 9), "currency": "USD"}
    assert _tables(ledger, {**asked, "group_by": ["resource"]})[1] == {"cost_records"}
    assert charges.spans(ledger) is not None
    ledger.scalars(select(Delivery).limit(1)).one().cubes = None
    ledger.flush()
    assert _tables(ledger, asked)[1] == {"cost_records"}


def test_replacing_a_period_replaces_its_sums(ledger: Session) -> None:
    """And only its own."""
    version = ledger.scalars(select(Delivery).where(Delivery.billing_period == MONTHS[1]).limit(1)).one()
    count = select(func.count()).select_from(CostRollup)
    mine = count.where(CostRollup.source_id == version.source_id, CostRollup.billing_period == version.billing_period)
    before, had = ledger.scalar(count), ledger.scalar(mine)
    _roll_up(ledger, version)
    assert (ledger.scalar(count), ledger.scalar(mine)) == (before, had)
    ledger.execute(
        delete(CostRecord).where(
            CostRecord.source_id == version.source_id, CostRecord.billing_period == version.billing_period
        )
    )
    _roll_up(ledger, version)
    assert (ledger.scalar(count), ledger.scalar(mine)) == (before - had, 0)
    assert (version.first_day, version.unrolled_tags) == (None, [])


def test_a_ledger_from_before_is_rolled_up_by_the_next_load(ledger: Session) -> None:
    """One whose rows are not there yet is left alone."""
    early, late = ledger.scalars(select(Delivery).order_by(Delivery.id).limit(2)).all()
    early.cubes = late.cubes = None
    parent = f"cost_records_{early.billing_period:%Y_%m}_s{early.source_id}_v"
    ledger.execute(text(f"alter table {parent}0 rename to {parent}{early.id}"))
    ledger.flush()
    rolling.catch_up(ledger)
    assert (early.cubes is None, late.cubes is None) == (False, True)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 31, 365])
def test_blocks_are_just_the_period(length: int) -> None:
    """Each day once, when what is taken off is taken off; few, and none across what it is grouped by."""
    for offset in range(64):
        start = date(2026, 1, 1) + timedelta(days=offset)
        period = Period(start, start + timedelta(days=length))
        for words in ([], ["date"], ["month"]):
            blocks = rollups.blocks(period, words)
            each = [
                Period(first, first + timedelta(days=size)) for size, some in blocks.added.items() for first in some
            ]
            counted = Counter(day for block in each for day in block)
            if blocks.taken_off:
                assert blocks.taken_off in each  # it is read with the others, and counts against them
                counted.subtract(2 * list(blocks.taken_off))
            assert {day: count for day, count in counted.items() if count} == dict.fromkeys(period, 1)
            assert words or len(each) <= 14
            if "month" in words:
                assert all(len(list(block.months())) == 1 for block in each)


def test_what_ended_before_the_days_asked_for_is_not_among_them(ledger: Session) -> None:
    """A service of the first days of a month only, asked for from the tenth on: no group of nothing."""
    source = Source(name="three", provider="aws", format="focus")
    ledger.add(source)
    ledger.flush()
    chance = random.Random(5)  # noqa: S311  the same row every time
    row = _row(chance, MONTHS[0], source.id, [])
    row.date, row.service_name, row.billing_currency = date(2026, 8, 3), "Ended", "USD"
    _load(ledger, source, MONTHS[0], [row])
    asked = {"currency": "USD", "group_by": ["service_name"], "where": {"service_name": ["Ended"]}}
    for first, known in ((10, 0), (2, 1)):
        found, tables = _tables(ledger, {**asked, "period": Period(date(2026, 8, first), date(2026, 8, 30))})
        assert (len(found), tables) == (known, {"cost_rollups"})
