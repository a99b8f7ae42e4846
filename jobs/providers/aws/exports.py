"""Bills from AWS's exports in a bucket: `s3://BUCKET/PREFIX`.

Of every billing period the newest delivery is brought, once: all files that its manifest names, or none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from finops.errors import BadSettingError
from jobs.bills.told import Told
from jobs.fetched import Fetched
from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import organizations
from jobs.providers.aws.clients import asking, client
from jobs.providers.aws.deliveries import Delivery, Thing, manifests, newest
from jobs.sources import SourceEntry

LIST, GET = "s3:ListBucket", "s3:GetObject"
PIECE = 1 << 20
ATTEMPTS = 4
EXAMPLE = "s3://my-billing-bucket/exports/cur2"


def address(entry: SourceEntry) -> tuple[str, str]:
    """Return bucket and prefix of an entry's address. Raises BadSettingError."""
    bucket, _, prefix = str(entry.bills).partition("://")[2].partition("/")
    if not bucket:
        message = f"{entry.name}: {entry.bills} is no address of exports: write for example {EXAMPLE}."
        raise BadSettingError(message)
    return bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def fetch(entry: SourceEntry, folder: Path, known: Callable[[str], bool]) -> Iterator[Fetched]:
    """Bring the newest delivery of every billing period that is not known yet, oldest first. Raises CostsError.

    A delivery that is not whole is told of after the others were brought.
    """
    bucket, prefix = address(entry)
    s3 = client("s3", profile=entry.profile)
    problems, called = [], cache(partial(organizations.names, entry))
    for delivery in deliveries(s3, bucket, prefix):
        if known(delivery.version) or not (delivery.things or delivery.missing):
            continue
        try:
            files = _whole(s3, bucket, delivery, folder / (delivery.month or "all"))
        except BadAnswerError as error:
            problems.append(str(error))
        else:
            told = dict.fromkeys(files, Told(made=delivery.at[0]))
            names, notes = called()
            yield Fetched(delivery.version, files, delivery.month or None, told, names, notes)
    if problems:
        raise BadAnswerError(" ".join(problems))


def deliveries(s3: Any, bucket: str, prefix: str) -> list[Delivery]:  # noqa: ANN401  boto3 is published without types
    """Return the newest delivery of every billing period below a prefix. Raises BadAnswerError, BadSettingError."""
    with asking(f"the list of s3://{bucket}/{prefix}", needs=LIST):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        listed = [
            Thing(one["Key"], one["Size"], one["ETag"].strip('"'), one["LastModified"])
            for page in pages
            for one in page.get("Contents", ())
        ]
    return newest(listed, {one.key: _manifest(s3, bucket, one) for one in manifests(listed)})


def _manifest(s3: Any, bucket: str, thing: Thing) -> dict[str, Any]:  # noqa: ANN401  as above
    with asking(f"s3://{bucket}/{thing.key}", needs=GET):
        text = s3.get_object(Bucket=bucket, Key=thing.key)["Body"].read()
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError) as error:
        message = f"s3://{bucket}/{thing.key} is no manifest ({error}): wait for the next delivery."
        raise BadAnswerError(message) from error


def _whole(s3: Any, bucket: str, delivery: Delivery, folder: Path) -> tuple[Path, ...]:  # noqa: ANN401  as above
    if delivery.missing:
        message = (
            f"The delivery of {delivery.month} is not whole: its manifest names s3://{bucket}/{delivery.missing[0]}, "
            "which is not there. It is tried again the next time."
        )
        raise BadAnswerError(message)
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(
        _download(s3, bucket, thing, folder / f"{number}-{thing.key.rpartition('/')[2]}")
        for number, thing in enumerate(delivery.things)
    )


def _download(s3: Any, bucket: str, thing: Thing, target: Path) -> Path:  # noqa: ANN401  as above
    import stamina  # noqa: PLC0415  only for those who use AWS
    from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError  # noqa: PLC0415

    broken = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
    with asking(f"s3://{bucket}/{thing.key}", needs=GET):
        for attempt in stamina.retry_context(on=broken, attempts=ATTEMPTS):
            with attempt, target.open("wb") as file:
                # What was overwritten since it was listed belongs to another delivery.
                answer = s3.get_object(Bucket=bucket, Key=thing.key, IfMatch=thing.etag)
                for piece in answer["Body"].iter_chunks(PIECE):
                    file.write(piece)
    if target.stat().st_size != thing.size:
        message = f"s3://{bucket}/{thing.key} came with {target.stat().st_size} of {thing.size} bytes: try again."
        raise BadAnswerError(message)
    return target
