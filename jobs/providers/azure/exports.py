"""Bills from Cost Management's exports on Blob Storage: `azure-blob://ACCOUNT/CONTAINER/FOLDER OF THE EXPORT`.

Of every billing month the newest run is brought, once: all its files, as many rows as its manifest counted, or none.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from finops.errors import BadSettingError
from jobs.bills.told import Told
from jobs.fetched import Fetched
from jobs.providers.answers import BadAnswerError, reading
from jobs.providers.azure import clients
from jobs.providers.azure.runs import Blob, Run, manifests, newest
from jobs.sources import SourceEntry

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
PIECE = 1 << 20
ACTUAL_COST, AMORTIZED_COST = "ActualCost", "AmortizedCost"
EXAMPLE = "azure-blob://ACCOUNT/CONTAINER/costs/daily"


def address(entry: SourceEntry) -> tuple[str, str, str]:
    """Return account, container and folder of an entry's address. Raises BadSettingError."""
    account, _, path = str(entry.bills).partition("://")[2].partition("/")
    container, _, folder = path.partition("/")
    if not account or not container:
        message = f"{entry.name}: {entry.bills} is no address of exports: write for example {EXAMPLE}."
        raise BadSettingError(message)
    return account, container, f"{folder.strip('/')}/" if folder.strip("/") else ""


def fetch(entry: SourceEntry, folder: Path, known: Callable[[str], bool]) -> Iterator[Fetched]:
    """Bring the newest run of every month that is not known yet, oldest first. Raises CostsError.

    A run that is not whole is told of after the others were brought.
    """
    account, container, prefix = address(entry)
    client = clients.blobs(account).get_container_client(container)
    problems = []
    for run in runs(client, prefix):
        if known(run.version) or not (run.blobs or run.missing):
            continue
        try:
            files = _bill(client, run, folder / f"{run.days.start:%Y-%m}")
        except BadAnswerError as error:
            problems.append(str(error))
        else:
            yield Fetched(run.version, tuple(files), f"{run.days.start:%Y-%m}", files)
    if problems:
        raise BadAnswerError(" ".join(problems))


def runs(client: ContainerClient, prefix: str) -> list[Run]:
    """Return the newest run of every month below a folder. Raises BadAnswerError, BadSettingError."""
    with clients.asking(f"the blobs of {client.url}/{prefix}", needs=READ):
        listed = [
            Blob(one.name, one.size, one.etag, one.last_modified)
            for one in client.list_blobs(name_starts_with=prefix)
            if one.size  # with a hierarchical namespace, folders are listed, too
        ]
    return newest(listed, {one.name: _manifest(client, one) for one in manifests(listed)})


def glance(client: ContainerClient, prefix: str) -> None:
    """List one blob below a folder and read its first byte. Raises BadAnswerError, also if there is none."""
    with clients.asking(f"the blobs of {client.url}/{prefix}", needs=READ):
        first = next((one for one in client.list_blobs(name_starts_with=prefix, results_per_page=1) if one.size), None)
        if first:
            client.download_blob(first.name, offset=0, length=1).readall()
            return
    message = f"{client.url}/{prefix} is empty: has the export run yet, and into this folder?"
    raise BadAnswerError(message)


def _manifest(client: ContainerClient, blob: Blob) -> dict[str, Any]:
    with clients.asking(blob.name, needs=READ), reading(blob.name):
        return dict(json.loads(client.download_blob(blob.name, **_same(blob)).readall()))


def _bill(client: ContainerClient, run: Run, folder: Path) -> dict[Path, Told]:
    """Write the files of a month's bill, of both halves if there are two. Raises BadAnswerError."""
    files = _whole(client, run, folder)
    found = dict.fromkeys(files, Told(run.at, ACTUAL_COST if run.amortized else None))
    if run.amortized:
        more = _whole(client, run.amortized, folder / "amortized")
        found |= dict.fromkeys(more, Told(run.amortized.at, AMORTIZED_COST))
    return found


def _whole(client: ContainerClient, run: Run, folder: Path) -> tuple[Path, ...]:
    """Write the files of a run. Raises BadAnswerError if one is missing or changed meanwhile."""
    what = f"The export {run.export} of {run.days}"
    if run.missing:
        message = f"{what} lacks {', '.join(run.missing)}: nothing of it is read; it is tried again."
        raise BadAnswerError(message)
    folder.mkdir()
    files = tuple(folder / f"{number}-{blob.name.rpartition('/')[2]}" for number, blob in enumerate(run.blobs))
    for blob, file in zip(run.blobs, files, strict=True):
        with clients.asking(blob.name, needs=READ), file.open("wb") as written:
            client.download_blob(blob.name, **_same(blob)).readinto(written)
    held = sum(_rows(file) for file in files)
    if held != (held if run.rows is None else run.rows):
        message = (
            f"{what} has {held} rows, and its manifest counts {run.rows}: nothing of it is read; it is tried again."
        )
        raise BadAnswerError(message)
    return files


def _same(blob: Blob) -> dict[str, Any]:
    """Ask for the very version that was listed: an export may be overwritten while it is read."""
    from azure.core import MatchConditions  # noqa: PLC0415  slow, and only for those who use Azure

    return {"etag": blob.etag, "match_condition": MatchConditions.IfNotModified}


def _rows(file: Path) -> int:
    """Count a part's rows, its header left out. Raises BadAnswerError if it is damaged."""
    import pyarrow as pa  # noqa: PLC0415  slow, and needed only here
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        if file.suffix == ".parquet":
            return int(pq.ParquetFile(file).metadata.num_rows)
        with file.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            return max(_lines(gzip.open(plain) if packed else plain) - 1, 0)
    except (OSError, EOFError, zlib.error, pa.ArrowInvalid) as error:
        message = f"{file.name.partition('-')[2]} is cut off or damaged ({error}): nothing of it is read."
        raise BadAnswerError(message) from error


def _lines(data: IO[bytes] | gzip.GzipFile) -> int:
    """Count lines with something in them; a line end between quotation marks ends none. Needs little memory."""
    counted, quoted, begun = 0, False, b""
    while piece := data.read(PIECE):
        parts = piece.split(b'"')
        outside = b"x".join(parts[quoted::2])  # the x stands for what was between quotation marks
        *ended, last = (begun + b"x" * quoted + outside).replace(b"\r", b"").split(b"\n")
        counted += sum(map(bool, ended))
        begun = b"x" if last or (len(parts) > 1 and not outside) else b""
        quoted ^= len(parts) % 2 == 0
    return counted + bool(begun or quoted)
