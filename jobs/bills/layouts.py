"""Folders as providers' exports fill them: which of the files in one count, by the manifests beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jobs.providers.aws import layout as aws
from jobs.providers.azure import layout as azure

Layout = Callable[[Path, Sequence[Path]], set[Path]]
"""Given a folder and all files below it, those data files that do not count. Raises BadDeliveryError."""
LAYOUTS: tuple[Layout, ...] = (aws.left_out, azure.left_out)


def left_out(folder: Path, files: Sequence[Path]) -> set[Path]:
    """Return the data files that a newer delivery in the same folder replaced, or that no manifest names.

    Raises BadDeliveryError for a manifest that names a file which is not there: the folder is half of a delivery.
    """
    return {file for layout in LAYOUTS for file in layout(folder, files)}
