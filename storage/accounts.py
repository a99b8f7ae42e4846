"""What sub accounts are called: as their bills say, or else as the provider's own list of accounts does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.focus import Dimension
from storage.charges import CostSum
from storage.models import CostRecord, NamedBy, Source, SubAccountName

KEY = ("source_id", "sub_account_id", "named_by")
WORD = Dimension.SUB_ACCOUNT.value


def note(session: Session, source: str, names: Mapping[str, str], *, on: date | None = None) -> None:
    """Keep what a provider's list calls the sub accounts of a source, by their ids; of an unknown source nothing.

    A name that is empty, or told before the one that is known, replaces nothing.
    """
    _keep(session, source, names, NamedBy.PROVIDER, on or datetime.now(UTC).date())


def note_billed(session: Session, source: str, month: date) -> None:
    """Keep what the charges of a source's billing period call their sub accounts."""
    name = func.max(CostRecord.sub_account_name)
    found = session.execute(
        select(CostRecord.sub_account_id, name)
        .join(Source, Source.id == CostRecord.source_id)
        .where(Source.name == source, CostRecord.billing_period == month)
        .where(CostRecord.sub_account_id.is_not(None), CostRecord.sub_account_name.is_not(None))
        .group_by(CostRecord.sub_account_id)
    )
    _keep(session, source, {str(key): str(called) for key, called in found}, NamedBy.BILL, month)


def _keep(session: Session, source: str, names: Mapping[str, str], by: NamedBy, day: date) -> None:
    source_id = session.scalar(select(Source.id).where(Source.name == source))
    told = {key: name.strip() for key, name in sorted(names.items()) if key and name.strip()}
    if source_id is None or not told:
        return
    rows = [
        {"source_id": source_id, "sub_account_id": key, "named_by": by, "name": name, "told_on": day}
        for key, name in told.items()
    ]
    statement = insert(SubAccountName)
    changes = {"name": statement.excluded.name, "told_on": statement.excluded.told_on}
    later = SubAccountName.told_on <= statement.excluded.told_on
    session.execute(
        statement.on_conflict_do_update(index_elements=KEY, set_=changes, where=later),
        rows,
    )


def names(session: Session) -> dict[str, str]:
    """Return what each sub account is called: by a bill rather than by a list, and the latest of several."""
    order = (SubAccountName.named_by.desc(), SubAccountName.told_on, SubAccountName.source_id)
    found = session.execute(select(SubAccountName.sub_account_id, SubAccountName.name).order_by(*order))
    return {key: name for key, name in found if name != key}  # the last one counts


def labels(session: Session) -> dict[str, str]:
    """Return what people read for each sub account that has a name: that name, and the id where two share it."""
    known = names(session)
    shared = Counter(name.casefold() for name in known.values())
    return {key: name if shared[name.casefold()] == 1 else f"{name} ({key})" for key, name in known.items()}


def either(session: Session, name: str) -> set[str]:
    """Return a name, written small, and what people read for the sub account that has it as its id."""
    return {name.casefold(), labels(session).get(name, name).casefold()}


def ids(session: Session) -> dict[str, tuple[str, ...]]:
    """Return the sub accounts of each name and label, written small: all of them where several share a name."""
    found: dict[str, set[str]] = defaultdict(set)
    for told in (names(session), labels(session)):
        for key, name in told.items():
            found[name.casefold()].add(key)
    return {name: tuple(sorted(keys)) for name, keys in found.items()}


def called(session: Session, sums: Iterable[CostSum]) -> list[CostSum]:
    """Return the sums with their sub accounts, if they have any, as people call them; no sum is added to another."""
    found = list(sums)
    if not found or WORD not in found[0].key:  # all are told apart by the same words
        return found
    return renamed(labels(session), found)


def renamed(told: Mapping[str, str], sums: Iterable[CostSum]) -> list[CostSum]:
    """Return the sums with their sub accounts, if they have any, as `labels` has told."""
    return [
        replace(one, key={**one.key, WORD: _called(told, one.key[WORD])}) if WORD in one.key else one for one in sums
    ]


def _called(told: Mapping[str, str], key: str | None) -> str | None:
    return told.get(key, key) if key else key
