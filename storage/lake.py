"""The charge lake: one Parquet file a (source, billing period) version, in a folder or any object store."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from finops.errors import UnavailableError
from storage.settings import settings


def address(source: str, month: str, fingerprint: str) -> str:
    """Return where a version lies, relative to the lake."""
    return f"source={source}/billing_period={month}/{fingerprint[:16]}.parquet"


def put(file: Path, place: str) -> None:
    """Store a finished file whole or not at all. Raises UnavailableError."""
    lake = settings().lake_address
    try:
        if "://" in lake:
            _store(lake).put(place, file)
            return
        target = Path(lake) / place
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_suffix(".part")
        shutil.copyfile(file, aside)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(target)
    except (OSError, BaseError) as error:
        message = f"The charge lake {lake} cannot be written ({error}): is there room, and access?"
        raise UnavailableError(message) from error


def fetch(place: str, folder: Path) -> Path:
    """Return a stored file as a local one, fetched into `folder` where it is not local. Raises UnavailableError."""
    lake = settings().lake_address
    if "://" not in lake:
        held = Path(lake) / place
        if not held.is_file():
            message = f"{held} is gone from the charge lake: restore that file from a backup."
            raise UnavailableError(message)
        return held
    target = folder / place.replace("/", "_")
    try:
        target.write_bytes(bytes(_store(lake).get(place).bytes()))
    except (OSError, BaseError) as error:
        message = f"{place} cannot be read from the charge lake {lake} ({error})."
        raise UnavailableError(message) from error
    return target


@cache
def _store(lake: str) -> ObjectStore:
    return from_url(lake)
