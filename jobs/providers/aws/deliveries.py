"""Deliveries of AWS's exports, as they lie in a bucket: which there are, and which is the newest of a billing period.

A legacy report writes PREFIX/REPORT/YYYYMMDD-YYYYMMDD/ASSEMBLY/… and beside the assemblies the manifest of the one that
counts. A data export (CUR 2.0, FOCUS) writes EXPORT/data/BILLING_PERIOD=YYYY-MM/… and, after all files, a manifest to
EXPORT/metadata/BILLING_PERIOD=YYYY-MM/…: one that is overwritten, or one a run. Both name their files; others are not
read. (AWS, “Viewing AWS Cost and Usage Report files in Amazon S3”, “Understanding export delivery”.)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops.errors import BadSettingError
from jobs.providers.answers import reading

REPORT = re.compile(r"^(?P<export>.*?)/?(?P<month>\d{6})\d{2}-\d{8}/[^/]+-Manifest\.json$")
EXPORT = re.compile(r"^(?P<export>.*?)/?metadata/BILLING_PERIOD=(?P<month>\d{4}-\d{2})/(?:[^/]+/)?[^/]*Manifest\.json$")
PARTITION = re.compile(r"BILLING_PERIOD=(\d{4}-\d{2})/")
DATA = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, slots=True)
class Thing:
    """An object in the bucket."""

    key: str
    size: int
    etag: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One version of one billing period."""

    export: str
    month: str
    """`2026-09`; empty for files that do not say."""
    version: str
    at: tuple[datetime, str]
    """When its manifest was written, and where: runs have folders that begin with their time."""
    things: tuple[Thing, ...]
    missing: tuple[str, ...] = ()
    """Keys that its manifest names and that are not there."""


def manifests(listed: Iterable[Thing]) -> list[Thing]:
    """Return the manifests that count, of every billing period."""
    return [one for one in listed if REPORT.match(one.key) or EXPORT.match(one.key)]


def newest(listed: Iterable[Thing], read: Mapping[str, dict[str, Any]]) -> list[Delivery]:
    """Return the newest delivery of every billing period, oldest first. Raises BadSettingError, BadAnswerError.

    `read` holds every manifest by its key. Without any, the data files of a folder are a delivery.
    """
    held = {one.key: one for one in listed}
    found = [_with_manifest(held, held[key], manifest) for key, manifest in read.items()] or _without(held)
    exports = sorted({one.export for one in found})
    if len(exports) > 1:
        message = f"There are several exports ({', '.join(exports)}): give each a source, with its folder as address."
        raise BadSettingError(message)
    months = {one.month: one for one in sorted(found, key=lambda one: one.at)}  # the last one stays
    return [months[month] for month in sorted(months)]


def _with_manifest(held: Mapping[str, Thing], thing: Thing, manifest: Mapping[str, Any]) -> Delivery:
    with reading(thing.key):
        if place := REPORT.match(thing.key):
            keys, version = list(manifest["reportKeys"]), str(manifest["assemblyId"])
            month = f"{place['month'][:4]}-{place['month'][4:]}"
        else:
            place = EXPORT.match(thing.key)
            keys = [re.sub(r"^s3://[^/]+/", "", str(one)) for one in manifest["dataFiles"]]
            month, version = str(place and place["month"]), thing.etag
    there = tuple(held[key] for key in keys if key in held)
    missing = tuple(str(key) for key in keys if key not in held)
    return Delivery(
        str(place and place["export"]), month, f"{month} {version}", (thing.changed, thing.key), there, missing
    )


def _without(held: Mapping[str, Thing]) -> list[Delivery]:
    groups: dict[tuple[str, str], list[Thing]] = {}
    for key, thing in held.items():
        if key.lower().endswith(DATA) and thing.size:
            month = PARTITION.search(key)
            folder = PARTITION.split(key)[0] if month else ""
            groups.setdefault((folder, month[1] if month else ""), []).append(thing)
    return [
        Delivery(export, month, _digest(things), max((one.changed, one.key) for one in things), tuple(things))
        for (export, month), things in groups.items()
    ]


def _digest(things: Iterable[Thing]) -> str:
    return hashlib.sha256("\n".join(sorted(f"{one.key} {one.etag}" for one in things)).encode()).hexdigest()
