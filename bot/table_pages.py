"""The rows of a page of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from bot.questions import CostQuestion
from finops.errors import CostsError


class NoSuchPageError(CostsError):
    """More pages were asked for than there are."""

    def __init__(self, pages: int, last: str) -> None:
        """Say how many there are, and the words for the last one; the most usual question has none."""
        way = f"say `{last}`" if last else "leave the page out"
        super().__init__(f"There {'is only 1 page' if pages == 1 else f'are only {pages} pages'}: {way}.")


Row = TypeVar("Row")


def of(rows: Sequence[Row], question: CostQuestion, top: int | None = None) -> list[Row]:
    """Return the rows of the page that is asked for, at most `top`. Raises NoSuchPageError, unless there is no row."""
    many = min(question.top, top or question.top)
    pages = -(-len(rows) // many)
    if rows and question.page > pages:
        raise NoSuchPageError(pages, str(question.changed(page=pages)))
    return list(rows[many * (question.page - 1) : many * question.page])


def beyond(asked: int, pages: int) -> str:
    """Say that the last page is shown in place of one that is not there; nothing where it is there."""
    if asked <= pages:
        return ""
    return "There is only this page." if pages == 1 else f"There are {pages} pages; this is the last."
