"""Folders as providers' exports fill them: which of the files in one count, by the manifests beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jobs.bills.told import Told
from jobs.providers.aws import layout as aws
from jobs.providers.azure import layout as azure

Layout = Callable[[Path, Sequence[Path]], Mapping[Path, Told | None]]
"""Given a folder and all files below it, what the manifests tell of data files; None for one that does not count.
Raises BadDeliveryError."""
LAYOUTS: tuple[Layout, ...] = (aws.told, azure.told)


def told(folder: Path, files: Sequence[Path]) -> dict[Path, Told | None]:
    """Return what is told of files, and None for those that a newer delivery replaced or that no manifest names.

    Raises BadDeliveryError for a manifest that names a file which is not there: the folder is half of a delivery.
    """
    found: dict[Path, Told | None] = {}
    for layout in LAYOUTS:
        for file, what in layout(folder, files).items():
            found[file] = what if file not in found or found[file] else None
    return found
