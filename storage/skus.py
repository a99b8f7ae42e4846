"""What SKUs are called: the ledger keeps their ids, and this what bills call them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import SkuName

KEY = ("provider", "sku_id")


def note(session: Session, told: Iterable[tuple[str, str, str]], *, on: date) -> None:
    """Keep what a bill of that month calls SKUs (provider, id, name). An older bill's name replaces nothing."""
    rows = [{"provider": provider, "sku_id": sku, "name": name, "told_on": on} for provider, sku, name in sorted(told)]
    statement = insert(SkuName)
    changes = {"name": statement.excluded.name, "told_on": statement.excluded.told_on}
    newer = statement.on_conflict_do_update(
        index_elements=KEY, set_=changes, where=SkuName.told_on <= statement.excluded.told_on
    )
    if rows:
        session.execute(newer, rows)


def names(session: Session, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the names of these SKUs, each a provider and an id, as far as bills tell them."""
    if not wanted:
        return {}
    asked = select(SkuName.provider, SkuName.sku_id, SkuName.name)
    found = session.execute(asked.where(tuple_(SkuName.provider, SkuName.sku_id).in_(wanted)))
    return {(provider, sku): name for provider, sku, name in found}
