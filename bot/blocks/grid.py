"""A table of 34 characters: as wide as a phone shows in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from bot.drafts.draft import Grid
from finops.foreign import plain
from finops.shown_names import begun, between_words, inner, last_word, own, path, recognizable

WIDTH = 34
HELD = "\u00a0"
"""A space that no surface swallows: some fold the common ones inside code."""
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "\u02cb"})
BETWEEN, LEAST = " · ", 8
"""What stands between the names of a row, and the room from which on each of two is cut by itself."""
FEW = 5
"""Cells that are left at least of either of two names, where else two rows would look alike."""


def lines(grid: Grid, width: int = WIDTH) -> list[str]:
    """Return its lines, each at most so wide: names cut so that they are known again, figures on the right."""
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
    short = {name: _short(name, width) for name in names}
    alike: dict[str, list[str]] = {}
    for name, cut in short.items():
        alike.setdefault(cut, []).append(name)
    taken = set(alike)
    for cut, group in alike.items():
        if len(group) > 1:
            short |= _apart(group, width, taken - {cut})
            taken |= {short[name] for name in group}
    return short


def _apart(group: list[str], width: int, taken: AbstractSet[str]) -> Mapping[str, str]:
    """Cut names alike, but elsewhere, so that each is another one with most of its beginning, if that works."""
    fitting = (
        cut
        for cut in (_whole_kept(group, one, width) for one in _elsewhere(group, width))
        if len({*cut}) == len(group) and not taken & {*cut}
    )
    return dict(zip(group, next(fitting, [_short(name, width) for name in group]), strict=True))


def _whole_kept(group: list[str], cut: Sequence[str], width: int) -> list[str]:
    """Leave alone what needs no cut; else it would look cut."""
    kept = zip(group, cut, strict=True) if cut else ()
    return [name if cell_len(name) <= width else one for name, one in kept]


def _elsewhere(group: list[str], width: int) -> Iterator[list[str]]:
    """Give the ways to cut names that begin alike, what reads best first."""
    room, owned = width - len(BETWEEN), [own(name) for name in group]
    for second in (room - room // 2, room - FEW):
        yield _both(group, second, width)
    yield _places(group, width)
    yield [between_words(name, width, cell_len) for name in group]
    yield [_letters(name, width) for name in owned]
    yield [last_word(name, width, cell_len) for name in owned]
    for names in (owned, group):
        for head in range(width - 2, 0, -1):
            yield [inner(name, width, cell_len, head) for name in names]
    place = next(place for place, letters in enumerate(zip_longest(*group)) if len({*letters}) > 1)
    yield [f"{begun(f'{name[:1]}…{name[max(place - 2, 1) :]}', width - 1, cell_len)}…" for name in group]


def _places(group: list[str], width: int) -> list[str]:
    """Name resources that are called alike by the first part of their paths that differs, and by their last one."""
    paths = [path(name) for name in group]
    place = next((place for place, parts in enumerate(zip(*paths, strict=False)) if len({*parts}) > 1), None)
    room = width - 1 - max(cell_len(parts[-1]) if parts else width for parts in paths)
    if place is None or room < FEW:
        return []
    return [f"{recognizable(parts[place], room, cell_len)}…{parts[-1]}" for parts in paths]


def _letters(name: str, width: int) -> str:
    return f"{begun(name, width - 1, cell_len).rstrip()}…"


def _both(group: list[str], most: int, width: int) -> list[str]:
    """Cut pairs of names so that each name is told apart from others of its side; the second has at most so much."""
    pairs = [name.partition(BETWEEN) for name in group]
    second = min(max(cell_len(own(other)) for _, _, other in pairs), most)
    if second < FEW or not all(between for _, between, _ in pairs):
        return []
    firsts = _told_apart([one for one, _, _ in pairs], width - len(BETWEEN) - second)
    seconds = _told_apart([other for _, _, other in pairs], second)
    return [f"{firsts[one]}{BETWEEN}{seconds[other]}" for one, _, other in pairs]


def _short(text: str, width: int) -> str:
    """Shorten a name so that it is known again; each of two to what the other one leaves, or half."""
    one, between, other = text.partition(BETWEEN)
    room = width - len(BETWEEN)
    if cell_len(text) <= width or not between or room < LEAST:
        return recognizable(text, width, cell_len)
    first = recognizable(one, max(room - cell_len(own(other)), room // 2), cell_len)
    return f"{first}{BETWEEN}{recognizable(other, room - cell_len(first), cell_len)}"
