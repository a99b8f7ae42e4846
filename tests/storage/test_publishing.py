"""A delivery takes its place while people ask: nobody sees a half of it, and nobody is ended for it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from finops.errors import UnavailableError
from storage import ledger
from storage.database import transaction
from storage.models import CostRecord, Source

MONTHS = (date(2026, 9, 1), date(2026, 10, 1))
NULL = r"\N"
WAITING = text("select count(*) from pg_locks where not granted and locktype = 'relation'")


@pytest.fixture
def source(database: Path, tmp_path: Path) -> int:
    """A source whose two months are in the ledger, of one charge each."""
    with transaction() as session:
        held = Source(name="aws", provider="aws", format="focus")
        session.add(held)
        session.flush()
        _publish(session, held.id, tmp_path, charges=1)
        return held.id


def _publish(session: Session, source: int, folder: Path, *, charges: int) -> None:
    stubs = {name: folder / f"{name}.csv" for name in ledger.STUBS}
    for name, file in stubs.items():
        file.write_text(f"{ledger.STUBS[name]}\n")
    ledger.stage(session, stubs)
    names = [name.strip() for name in ledger.COLUMNS.split(",")]
    amounts = dict.fromkeys(["cost", "billed_cost", "list_cost", "contracted_cost"], 1)
    for month in MONTHS:
        known = {"id": uuid.uuid4(), "date": month, "provider": "aws", "charge_category": "Usage"}
        known |= {"currency": "USD", "charges": charges}
        cells = (str((known | amounts).get(name, NULL)) for name in names)
        rows = folder / f"{month}.csv"
        rows.write_text(f"{','.join(names)}\n{','.join(cells)}\n")
        ledger.fill(session, source_id=source, month=month, version=charges, rows=[rows])
    ledger.publish(session, source_id=source, versions=dict.fromkeys(MONTHS, charges))


def _charges(session: Session, month: date) -> int:
    session.execute(text("set local lock_timeout = '5s'"))
    return session.scalars(select(CostRecord.charges).where(CostRecord.billing_period == month)).one()


def _replace(source: int, folder: Path) -> None:
    with transaction() as session:
        _publish(session, source, folder, charges=2)


def test_a_reader_who_asks_on_gets_the_old_rows_and_is_not_ended(source: int, tmp_path: Path) -> None:
    """Publishing waits for a reader without holding what that one asks for next: else the two would wait for ever."""
    with ThreadPoolExecutor(1) as pool:
        with transaction() as reader, transaction() as watching:
            assert _charges(reader, MONTHS[1]) == 1
            published = pool.submit(_replace, source, tmp_path)
            while not watching.execute(WAITING).scalar_one():
                assert not published.done()
            assert _charges(reader, MONTHS[0]) == 1
        published.result(timeout=30)
    with transaction() as reader:
        assert [_charges(reader, month) for month in MONTHS] == [2, 2]


def test_a_reader_who_never_ends_is_named_and_nothing_is_loaded(
    source: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than that everybody else waits behind the one who waits."""
    monkeypatch.setattr(ledger, "PATIENCE", 0)
    with transaction() as reader:
        assert _charges(reader, MONTHS[1]) == 1
        with pytest.raises(UnavailableError, match="nothing was loaded: try again"):
            _replace(source, tmp_path)
        assert [_charges(reader, month) for month in MONTHS] == [1, 1]
