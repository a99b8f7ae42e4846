"""Bills over the network: fetched as deliveries into a folder of this machine, then read like any other file.

A fetcher is a function of a provider's folder, chosen by the address's scheme. It brings every billing period whose
newest version is not known yet, each as one delivery: all its files or none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from jobs import names, scratch
from jobs.bills.told import Told
from jobs.fetched import Fetch, Fetched
from jobs.sources import SCHEMES, SourceEntry
from storage import fetches
from storage.database import transaction
from storage.settings import settings

__all__ = ["Fetch", "Fetched", "collect"]


def collect(entry: SourceEntry) -> dict[str, Any]:
    """Fetch and ingest what is new of one source, and say what came of it. Raises CostsError."""
    from jobs.bills.guarded import ingest  # noqa: PLC0415  slow to import, and only for bills

    with transaction() as session:
        known = fetches.known(session, entry.name)
    counted, reasons, notes, rows = {"loaded": 0, "unchanged": 0}, [], list[str](), 0
    with scratch.folder(settings().home / "tmp") as folder:
        for delivery in _fetcher(entry)(entry, folder, known.__contains__):
            # What was asked for just now is as of now, unless its provider says when it was made.
            told = {**dict.fromkeys(delivery.files, Told(made=datetime.now(UTC))), **delivery.told}
            done = ingest(entry.format, delivery.files, source=entry.name, told=told)
            for status in counted:
                counted[status] += sum(one.status == status for one in done.periods)
            rows += sum(one.rows for one in done.periods)
            notes += delivery.notes
            names.note(done, delivery.account_names)
            reasons += [f"{one.billing_period}: {one.reason}" for one in done.rejected]
            if not done.rejected:
                with transaction() as session:
                    fetches.note(session, entry.name, delivery.version)
    beside = {"note": " ".join(dict.fromkeys(notes))} if notes else {}
    if reasons:
        return {"status": "failed", "reason": "; ".join(reasons), **counted, **beside}
    return {"status": "collected", "rows": rows, **counted, **beside}


def _fetcher(entry: SourceEntry) -> Fetch:
    module, name = SCHEMES[str(entry.scheme)].split(":")
    found: Fetch = getattr(import_module(module), name)
    return found
