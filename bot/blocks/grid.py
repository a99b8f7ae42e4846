"""A table of 34 characters: as wide as a phone shows in one line."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from bot.drafts.draft import Grid
from finops.foreign import middle, plain

WIDTH = 34


def lines(grid: Grid, width: int = WIDTH) -> list[str]:
    """Return its lines, each at most so wide: names shortened in their middle, figures on the right."""
    rows = [tuple(plain(cell) for cell in row) for row in (grid.head, *grid.rows)]
    columns = range(1, len(grid.head))
    widths = [max(cell_len(row[column]) for row in rows) for column in columns]
    room = width - sum(widths) - len(widths)
    name = max(min(room, max(cell_len(row[0]) for row in rows)), 1)
    return [_line(row, name, widths) for row in rows]


def _line(row: tuple[str, ...], name: int, widths: list[int]) -> str:
    figures = (f"{' ' * (width - cell_len(cell))}{cell}" for cell, width in zip(row[1:], widths, strict=True))
    return " ".join([_fitted(row[0], name), *figures])


def _fitted(text: str, width: int) -> str:
    """Cut and pad by the cells that letters take: some take two."""
    short = text if cell_len(text) <= width else middle(text, width)
    return set_cell_size(short, width)
