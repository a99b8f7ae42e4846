"""Foreign text made safe for Slack, and cut to Slack's limits (https://api.slack.com/reference/block-kit/blocks)."""

from __future__ import annotations

import re

from slack_sdk.models.blocks import MarkdownTextObject

from finops.foreign import plain

SECTION, BUTTON, VALUE, FALLBACK = 3000, 75, 2000, 3000
_ENTITIES: dict[str, str | int | None] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS: dict[str, str | int | None] = {"*": "\u2217", "~": "\u223c", "`": "\u02cb"}
"""Look-alikes: Slack's markup has no escape for its marks."""
_ITALICS = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""An underscore within a word, as in Standard_D4s_v5, is no mark."""


def markdown(text: str) -> MarkdownTextObject:
    """Return markup in which Slack looks for nothing else: by default it makes mentions and links of bare words."""
    return MarkdownTextObject(text=cut(text, SECTION), verbatim=True)


def escape(text: str) -> str:
    """Return text that Slack shows as it is: no mention, no link, no markup, on one line."""
    return _ITALICS.sub("\uff3f", plain(text)).translate(str.maketrans({**_ENTITIES, **_MARKS}))


def with_code(text: str) -> str:
    """Return a sentence of ours as Slack shows it, its code still code: that is there to be typed."""
    shown = escape(text)
    return shown.replace(str(_MARKS["`"]), "`") if text.count("`") % 2 == 0 else shown


def in_code(text: str) -> str:
    """Return text for a code block, where only entities and the fence matter."""
    return plain(text).translate(str.maketrans({**_ENTITIES, "`": _MARKS["`"]}))


def link(address: object, words: str) -> str:
    """Return a link, or nothing if the address could be read as something else."""
    if not isinstance(address, str) or not re.fullmatch(r"https?://[^\s<>|`]{1,400}", address):
        return ""
    return f"<{address.replace('&', '&amp;')}|{words}>"


def cut(text: str, limit: int) -> str:
    """Shorten to Slack's limit, with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
