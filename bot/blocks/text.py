"""Foreign text made safe for Slack, and cut to Slack's limits (https://api.slack.com/reference/block-kit/blocks)."""

from __future__ import annotations

SECTION, BUTTON, VALUE, FALLBACK = 3000, 75, 2000, 3000
_ENTITIES: dict[str, str | int | None] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS: dict[str, str | int | None] = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}
"""Look-alikes: Slack's markup has no escape for its marks."""


def escape(text: str) -> str:
    """Return text that Slack shows as it is: no mention, no link, no markup, on one line."""
    return " ".join(text.split()).translate(str.maketrans({**_ENTITIES, **_MARKS}))


def in_code(text: str) -> str:
    """Return text for a code block, where only entities and the fence matter."""
    return " ".join(text.split()).translate(str.maketrans({**_ENTITIES, "`": _MARKS["`"]}))


def cut(text: str, limit: int) -> str:
    """Shorten to Slack's limit, with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
