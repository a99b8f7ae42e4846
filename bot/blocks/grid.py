"""A table of 34 characters: as wide as a phone shows in one line."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from bot.drafts.draft import Grid
from finops.foreign import middle, plain, shortened

WIDTH = 34
BETWEEN, LEAST = " · ", 8
"""What stands between the names of a row, and the room from which on each of two is cut by itself."""


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
    short = text if cell_len(text) <= width else _short(text, width)
    return set_cell_size(short, width)


def _short(text: str, width: int) -> str:
    """Shorten a name in its middle; of two names the first at its end, to what the other one leaves, or half."""
    one, between, other = text.partition(BETWEEN)
    room = width - len(BETWEEN)
    if not between or room < LEAST or cell_len(text) != len(text):
        return middle(text, width)
    first = max(room - len(other), room // 2)
    begun = one if len(one) <= first else f"{one[: first - 1].rstrip()}…"
    return f"{begun}{BETWEEN}{shortened(other, room - len(begun))}"
