"""Putting one item into a list that people wrote as YAML: what they wrote around it stays as it is, comments included.

PyYAML reads where each item stands, so that only its own text is replaced, and the comments within it are lost. Where
that does not lead to the list that is wanted (a list in brackets, say), the whole is written anew without comments.
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def put(text: str, wanted: Sequence[object], place: int, *, new: bool) -> tuple[str, bool]:
    """Return the text of `wanted`, whose item at `place` is the one that changed, and whether no comment is lost.

    `text` is the list before; `new` says that the item was not in it.
    """
    changed, replaced = _put(text, wanted[place], place, new=new)
    if _same(changed, wanted):
        return changed, "#" not in replaced
    return yaml.safe_dump(list(wanted), allow_unicode=True, sort_keys=False), "#" not in text


def _same(text: str, wanted: Sequence[object]) -> bool:
    try:
        return bool(yaml.safe_load(text) == list(wanted))
    except yaml.YAMLError:
        return False


def _put(text: str, item: object, place: int, *, new: bool) -> tuple[str, str]:
    """Return the text with the item in it, and what it replaces."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return f"{text}{_break(text)}- {_item(item, 2)}\n", ""
    if not isinstance(root, yaml.SequenceNode) or root.flow_style or not root.value:
        return "", text
    column = root.start_mark.column
    if not new:
        node = root.value[place]
        start, end = node.start_mark.index, _end(node)
        return text[:start] + _item(item, node.start_mark.column) + text[end:], text[start:end]
    dashed = f"{' ' * column}- {_item(item, column + 2)}\n"
    if place == len(root.value):
        return f"{text}{_break(text)}{dashed}", ""
    start = _above(text, text.rfind("\n", 0, root.start_mark.index) + 1)
    return text[:start] + dashed + text[start:], ""


def _above(text: str, start: int) -> int:
    """Return where the remarks right above a line begin: they are about it."""
    while start and text[text.rfind("\n", 0, start - 1) + 1 : start].lstrip().startswith("#"):
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _break(text: str) -> str:
    return "" if not text or text.endswith("\n") else "\n"


def _item(item: object, column: int) -> str:
    """Return an item as the lines after its dash, `column` being where it begins."""
    lines = yaml.safe_dump(item, allow_unicode=True, sort_keys=False, width=10_000).rstrip("\n").split("\n")
    return f"\n{' ' * column}".join(lines)


def _end(node: yaml.Node) -> int:
    """Return where its text ends: a mapping in lines ends, to PyYAML, where the next text begins, comments between."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)
