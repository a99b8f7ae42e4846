"""A table of 34 characters: as wide as a phone shows in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from bot.drafts.draft import Grid
from finops.foreign import middle, plain, shortened

WIDTH = 34
HELD = "\u00a0"
"""A space that no surface swallows: some fold the common ones inside code."""
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "\u02cb"})
BETWEEN, LEAST = " · ", 8
"""What stands between the names of a row, and the room from which on each of two is cut by itself."""
FEW = 5
"""Cells that are left at least of either of two names, where else two rows would look alike."""


def lines(grid: Grid, width: int = WIDTH) -> list[str]:
    """Return its lines, each at most so wide: names shortened in their middle, figures on the right."""
    rows = [tuple(plain(cell) for cell in row) for row in (grid.head, *grid.rows)]
    columns = range(1, len(grid.head))
    widths = [max(cell_len(row[column]) for row in rows) for column in columns]
    room = width - sum(widths) - len(widths)
    name = max(min(room, max(cell_len(row[0]) for row in rows)), 1)
    names = _told_apart([row[0] for row in rows], name)
    return [_line(set_cell_size(names[row[0]], name), row[1:], widths) for row in rows]


def coded(grid: Grid) -> list[str]:
    """Return its lines as code each, so that figures end below each other: some surfaces know no code of several."""
    return [f"`{line.replace(' ', HELD).translate(_ENTITIES)}`" for line in lines(grid)]


def _line(name: str, figures: tuple[str, ...], widths: list[int]) -> str:
    padded = (f"{' ' * (width - cell_len(cell))}{cell}" for cell, width in zip(figures, widths, strict=True))
    return " ".join([name, *padded])


def _told_apart(names: Sequence[str], width: int) -> dict[str, str]:
    """Return each name as it fits; those that would look alike are cut where they differ."""
    short = {name: name if cell_len(name) <= width else _short(name, width) for name in names}
    alike: dict[str, list[str]] = {}
    for name, cut in short.items():
        alike.setdefault(cut, []).append(name)
    return short | {
        name: cut for group in alike.values() if len(group) > 1 for name, cut in _apart(group, width, set(alike))
    }


def _apart(group: list[str], width: int, taken: AbstractSet[str]) -> Iterable[tuple[str, str]]:
    """Cut names alike, but elsewhere, so that each is another one with most of its beginning, if that works."""
    common = next(place for place, letters in enumerate(zip_longest(*group)) if len({*letters}) > 1)
    ends = ([_cut(name, head, width) for name in group] for head in range(width - 2, 0, -1))
    inside = [_begun(f"{name[:1]}…{name[max(common - 2, 1) :]}", width - 1) + "…" for name in group]
    fitting = (cut for cut in (_both(group, width), *ends, inside) if len({*cut}) == len(group) and not taken & {*cut})
    return zip(group, next(fitting, [_short(name, width) for name in group]), strict=True)


def _both(group: list[str], width: int) -> list[str]:
    """Cut pairs of names so that each name is told apart from others of its side; the second has what it needs."""
    pairs = [name.partition(BETWEEN) for name in group]
    second = min(max(cell_len(other) for _, _, other in pairs), width - len(BETWEEN) - FEW)
    if second < FEW or not all(between for _, between, _ in pairs):
        return []
    firsts = _told_apart([one for one, _, _ in pairs], width - len(BETWEEN) - second)
    seconds = _told_apart([other for _, _, other in pairs], second)
    return [f"{firsts[one]}{BETWEEN}{seconds[other]}" for one, _, other in pairs]


def _cut(text: str, head: int, width: int) -> str:
    """Leave out a text's middle: its beginning has so many cells, of which some letters take two."""
    return f"{_begun(text, head).rstrip()}…{_begun(text[::-1], width - 1 - head)[::-1].lstrip()}"


def _begun(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width)


def _short(text: str, width: int) -> str:
    """Shorten a name in its middle; of two names the first at its end, to what the other one leaves, or half."""
    one, between, other = text.partition(BETWEEN)
    room = width - len(BETWEEN)
    if cell_len(text) != len(text):
        return _cut(text, width // 3, width)
    if not between or room < LEAST:
        return middle(text, width)
    first = max(room - len(other), room // 2)
    begun = one if len(one) <= first else f"{one[: first - 1].rstrip()}…"
    return f"{begun}{BETWEEN}{shortened(other, room - len(begun))}"
