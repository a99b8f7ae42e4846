"""What no tag or rule gives to anybody: always shown where costs are asked for by whom they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from bot import table_pages
from bot.questions import IN_TIME, CostQuestion
from finops.allocation import TAG, UNALLOCATED
from finops.money import total


class Keyed(Protocol):
    """A row of an answer."""

    @property
    def key(self) -> Mapping[str, str | None]:
        """By what it is."""

    @property
    def cost(self) -> Decimal:
        """What it costs."""


Row = TypeVar("Row", bound=Keyed)


def shown(rows: Sequence[Row], question: CostQuestion) -> Sequence[Row]:
    """Return the rows of the page that is asked for, and what belongs to nobody, where it is on no page so far.

    Of days and months that take several pages the newest come first. Raises NoSuchPageError.
    """
    if len(rows) > question.top and in_time(question):
        rows = sorted(rows, key=lambda row: str(row.key[question.group_by[0]]), reverse=True)
    owners = _owners(question)
    late = [
        row for row in rows[question.top * question.page :] if len(question.group_by) == 1 and _nobodys(row, owners)
    ]
    return [*table_pages.of(rows, question), *late]


def in_time(question: CostQuestion) -> bool:
    """Whether its rows are days or months, in their order, and not the largest first."""
    return bool(question.group_by) and question.group_by[0] in IN_TIME


def left(rows: Sequence[Row], question: CostQuestion) -> int:
    """Return how many rows come after those."""
    return max(len(rows) - question.top * (question.page - 1) - len(shown(rows, question)), 0)


def cost(rows: Sequence[Keyed], question: CostQuestion) -> Decimal | None:
    """Return what of all rows belongs to nobody; None where they are not by whom they belong to."""
    owners = _owners(question)
    return total(row.cost for row in rows if _nobodys(row, owners)) if owners else None


def _owners(question: CostQuestion) -> list[str]:
    """Return the tags that it is asked by; who asks for one value of them knows whose it is."""
    return [word for word in question.group_by if word.startswith(TAG) and word not in question.where]


def _nobodys(row: Keyed, owners: Sequence[str]) -> bool:
    return any((row.key.get(word) or UNALLOCATED) == UNALLOCATED for word in owners)
