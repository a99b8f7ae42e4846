"""Names and values as a question writes them: in quotation marks where they need them."""

from __future__ import annotations

import re

BARE = re.compile(r"[A-Za-z0-9_./:@+-]*[A-Za-z0-9_/:@+-]")
"""What needs no quotation marks: a full stop at the end would end the sentence."""


def value_text(value: str) -> str:
    """Write a value of a filter, in quotation marks where it needs them."""
    return value if BARE.fullmatch(value) else quoted(value)


def quoted(text: str) -> str:
    """Write it in quotation marks."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unescaped(text: str) -> str:
    """Return what stood between the quotation marks."""
    return re.sub(r"\\([\"\\])", r"\1", text)
