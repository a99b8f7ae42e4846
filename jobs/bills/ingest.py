"""One delivery, from files to the ledger: whole or not at all, and the same one only once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import duckdb
import psycopg
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from finops.errors import BadDeliveryError, BadSettingError, CostsError, UnavailableError
from jobs.bills import again, rollup, tables, trace, verdict
from jobs.bills import files as delivery
from jobs.bills.formats import Format, recognize
from jobs.bills.normalize import normalize
from jobs.bills.results import Ingested
from jobs.bills.told import Told
from storage import lake, ledger, restatements, skus
from storage.database import transaction
from storage.models import Delivery, Source

RULES = 7
"""Version of the normalizing rules: raising it makes deliveries read before load anew."""
Progress = Callable[[str], None]


def ingest(
    format: str,  # noqa: A002  the command's word
    paths: Sequence[Path],
    *,
    source: str,
    anyway: bool = False,
    progress: Progress | None = None,
    told: Mapping[Path, Told] = MappingProxyType({}),
) -> Ingested:
    """Read a delivery and replace the billing periods that it brings, in one transaction.

    `format` is one of `jobs.bills.formats.NAMES` or `auto`; `told` is what is known of files beyond their manifests.
    Raises BadDeliveryError, and then nothing was stored; a period that lost rows or is of another account is `rejected`
    in the result, one that is older than the loaded one, or was loaded before it, is `unchanged`. `anyway` loads both.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", source):
        message = (
            f"“{source[:80]}” is no name for a source: use up to 63 letters, digits, dots, dashes and underscores."
        )
        raise BadSettingError(message)
    try:
        with tables.workbench() as bench:
            tell = progress or (lambda _: None)
            tell("opening")
            opened = delivery.open_all(paths, bench.folder, told=told)
            done = _ingest(bench, format, opened, source=source, anyway=anyway, tell=tell)
    except CostsError as error:
        with suppress(CostsError, SQLAlchemyError):  # the error itself matters more than its trace
            trace.failed(source, format, paths, str(error))
        raise
    trace.ended(source, paths, done)
    return done


def _ingest(
    bench: tables.Workbench,
    wanted: str,
    opened: Sequence[delivery.File],
    *,
    source: str,
    anyway: bool,
    tell: Progress,
) -> Ingested:
    form = _one_format(wanted, opened)
    with transaction() as session:
        made = [file.told.made for file in opened]
        since = min((one for one in made if one), default=None) if all(made) else None
        before = None if anyway else again.known(session, source, again.digest(RULES, opened), made=since)
        if before and before.format == form.name:
            return before
    tell("normalizing")
    normalize(bench, form, opened)
    tell("loading")
    with _said(opened):
        return _load(bench, form, opened, source=source, anyway=anyway)


@contextmanager
def _said(opened: Sequence[delivery.File]) -> Iterator[None]:
    """Tell what a person can do about what the database refuses."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.errors.DiskFull):
            message = f"The database's disk is full, and nothing was loaded ({cause}): free space."
            raise UnavailableError(message) from error
        if isinstance(cause, (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)):
            message = "Something else used the ledger for too long, and nothing was loaded: try again."
            raise UnavailableError(message) from error
        if isinstance(cause, psycopg.DataError):
            problem = f"the database cannot hold a value of it ({str(cause).splitlines()[0]}): export the file anew."
            raise BadDeliveryError(opened[0].name, problem) from error
        raise


def _one_format(wanted: str, opened: Sequence[delivery.File]) -> Format:
    forms = [(recognize(wanted, file.headers, file=file.name), file) for file in opened]
    first, _ = forms[0]
    for form, file in forms:
        if form.stages != first.stages:
            problem = f"it is {form.name}, but {opened[0].name} is {first.name}: give one format a delivery."
            raise BadDeliveryError(file.name, problem)
    return first


def _fingerprint(totals: rollup.Totals, opened: Sequence[delivery.File]) -> str:
    parts = sorted(opened[number].sha256 for number in totals.files)
    return hashlib.sha256(" ".join([str(RULES), str(totals.month), *parts]).encode()).hexdigest()


def _load(
    bench: tables.Workbench,
    form: Format,
    opened: Sequence[delivery.File],
    *,
    source: str,
    anyway: bool,
) -> Ingested:
    with transaction() as session:
        ledger.lock(session, source)
        held = _source(session, source, form)
        results, fresh = [], []
        for totals in _periods(bench, opened):
            fingerprint = _fingerprint(totals, opened)
            result, version = verdict.judge(session, held, totals, opened, fingerprint=fingerprint, anyway=anyway)
            results.append(result)
            if version:
                fresh.append((totals, version))
        if fresh:
            ledger.stage(session, rollup.roll_up(bench, [totals.month for totals, _ in fresh]))
            skus.note(session, rollup.sku_names(bench), on=max(totals.month for totals, _ in fresh))
            files = rollup.write([totals for totals, _ in fresh], bench)
            for (totals, version), written in zip(fresh, files, strict=True):
                _fill(session, held, totals, version, written)
            versions = {totals.month: version.id for totals, version in fresh}
            ledger.publish(session, source_id=held.id, versions=versions)
        _note_provider(bench, held)
        again.settle(session, held)
        done = Ingested(source, form.name, tuple(results), _lacks(bench))
        again.remember(held, again.digest(RULES, opened), done)
    return done


def _periods(bench: tables.Workbench, opened: Sequence[delivery.File]) -> list[rollup.Totals]:
    try:
        return rollup.periods(bench)
    except duckdb.OutOfRangeException as error:
        problem = "its amounts add up to more than 20 digits before the point: export the file anew."
        raise BadDeliveryError(opened[0].name, problem) from error


def _source(session: Session, name: str, form: Format) -> Source:
    held = session.scalar(select(Source).where(Source.name == name))
    if held is None:
        held = Source(name=name, format=form.name)
        session.add(held)
    held.format = form.name
    session.flush()
    return held


def _fill(session: Session, source: Source, totals: rollup.Totals, version: Delivery, written: rollup.Written) -> None:
    version.lake_address = lake.address(source.name, f"{totals.month:%Y-%m}", version.fingerprint)
    lake.put(written.charges, version.lake_address)
    session.flush()
    ledger.fill(
        session,
        source_id=source.id,
        month=totals.month,
        version=version.id,
        rows=written.daily,
        summed=written.summed,
    )
    restatements.note(session, source_id=source.id, month=totals.month, version=version.id)


def _note_provider(bench: tables.Workbench, source: Source) -> None:
    found = bench.duck.execute("select x_provider from charges group by 1 order by count(*) desc limit 1").fetchone()
    if found:
        source.provider = found[0]


def _lacks(bench: tables.Workbench) -> tuple[str, ...]:
    lacks = bench.duck.execute("select coalesce(bool_or(x_effective_is_billed), false) from charges").fetchone()
    return ("EffectiveCost",) if lacks and lacks[0] else ()
