"""What the inventories of all providers share: where answers come from, and how they are read.

An answer is one page of JSON in the provider's own shape. It comes live from the provider, or from a folder of recorded
files: `OPERATION.json`, or `OPERATION-anything.json` for each of several pages.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from finops.errors import CostsError
from finops.resources import DailyUtilization, Resource
from finops.utilization import daily

NEXT = ("NextToken", "nextLink", "nextPageToken")


NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""As JSON writes it; no database holds one in a text."""


class BadAnswerError(CostsError):
    """A provider's answer is missing, incomplete or not what was expected."""


class Answers(Protocol):
    """A provider that can be asked."""

    def pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  any API's parameters
        """Return every page of an operation's answer. Raises BadAnswerError."""


Asked = tuple[str, str | None, str]
"""A sub account, its region where regions are asked one by one, and a kind of resource: `machine`."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one provider's accounts hold, and how much of it was used."""

    provider: str
    scopes: tuple[tuple[str, str | None], ...]
    """Where was asked: a sub account, and its region where regions are asked one by one."""
    resources: tuple[Resource, ...]
    utilization: tuple[DailyUtilization, ...] = field(default=())
    asked: frozenset[Asked] | None = None
    """What was listed in full, so that whatever is missing of it is gone; None is every wanted kind in every scope."""
    failed: tuple[str, ...] = ()
    """What could not be listed, each in a sentence; everything else is kept all the same."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answers that lie in a folder."""

    folder: Path

    def pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401, ARG002  what was asked is past
        """Return the pages that were recorded, in order of their names; none if there is no such file."""
        page: dict[str, Any] = {}
        file = self.folder
        for file in sorted([*self.folder.glob(f"{operation}.json"), *self.folder.glob(f"{operation}-*.json")]):
            page = _load(file)
            yield page
        left = next((name for name in NEXT if page.get(name)), None)
        if left:
            message = (
                f"{file} is not the last page ({left} is set): export all pages, or what is missing would look gone."
            )
            raise BadAnswerError(message)

    def required(self, operation: str) -> None:
        """Raise BadAnswerError unless the operation was recorded: an absent list is not an empty one."""
        if next(iter(self.pages(operation)), None) is None:
            message = f"{self.folder} has no {operation}.json: record that answer too, even if it is an empty list."
            raise BadAnswerError(message)


def _load(file: Path) -> dict[str, Any]:
    try:
        page = json.loads(NUL.sub(r"\1", file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        message = f"{file} is no JSON ({error}): record the answer again."
        raise BadAnswerError(message) from error
    problem = page.get("error") or page.get("Error") if isinstance(page, dict) else "it is no object"
    if problem:
        code = problem.get("code") or problem.get("Code") if isinstance(problem, dict) else problem
        message = f"{file} holds an error instead of an answer ({code}): allow reading and record it again."
        raise BadAnswerError(message)
    return dict(page)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn a malformed answer into a sentence that names the operation and what was missing."""
    try:
        yield
    except KeyError as error:
        message = f"{what} answered without {error}: was the file cut, or is it another operation's?"
        raise BadAnswerError(message) from error
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        message = f"{what} answered in a shape that is not its own ({error}): record it again."
        raise BadAnswerError(message) from error


def folders(root: Path, depth: int) -> list[tuple[str, ...]]:
    """Return the names of the folders so many levels down. Raises BadAnswerError if there are none."""
    found = sorted(path.relative_to(root).parts for path in root.glob("/".join(["*"] * depth)) if path.is_dir())
    if not found:
        layout = "/".join(["ACCOUNT", "REGION"][:depth])
        message = f"{root} has no recorded answers: it needs a folder {layout} for each account."
        raise BadAnswerError(message)
    return found


def instant(value: str | datetime) -> datetime:
    """Read an instant as providers write it; one without zone is UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def cpu(
    resource_id: str, mean: Mapping[datetime, float], highest: Mapping[datetime, float]
) -> Iterator[DailyUtilization]:
    """Sum up a day's samples of CPU (0 to 1). A day whose maxima are missing is left out."""
    yield from daily(resource_id, "cpu", mean, peaks=highest)


def network(resource_id: str, directions: Sequence[Mapping[datetime, float]]) -> Iterator[DailyUtilization]:
    """Sum a day's bytes in both directions. A day that lacks one of them is left out."""
    sums = [_by_day(values.items()) for values in directions]
    for day in sorted(set.intersection(*(set(each) for each in sums))) if sums else ():
        total = sum(each[day] for each in sums)
        yield DailyUtilization(resource_id, "network", day, total, total, total, total, 1, total, total, total)


def _by_day(values: Iterable[tuple[datetime, float]]) -> dict[date, float]:
    days: dict[date, float] = defaultdict(float)
    for at, value in values:
        days[at.astimezone(UTC).date()] += value
    return days
