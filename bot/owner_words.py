"""From the words after `/cost owner` to a name in the tags and whom it stands for: either may be of several words."""

from __future__ import annotations

import re

from slack_sdk import WebClient

from bot import members
from bot.language.quoting import unescaped
from bot.members import NobodyError
from finops.errors import UnknownWordError

EXAMPLE = "owner payments @ada"
NAME, PERSON = 120, 80
"""Characters of a tag's value, and of a name that Slack lets people have."""
_QUOTED = re.compile(r'\s*["“](?P<name>(?:\\.|[^"”\\])+)["”]\s+(?P<whom>.+?)\s*', re.DOTALL)
_EXACT = re.compile(r"\s*(?P<name>.+?)\s+(?P<whom><[@!][^>]*>|@.+?|[UWS][A-Z0-9]{4,})\s*", re.DOTALL)
_PLAIN = re.compile(r"\s*(?P<name>\S+)\s+(?P<whom>.+?)\s*", re.DOTALL)


def read(client: WebClient, words: str) -> tuple[str, str]:
    """Return the name in the tags, and Slack's id of whom it stands for.

    A mention, an @ or an id says where the person begins, and so do quotation marks around the tag; else what is
    somebody's name here. Raises UnknownWordError for what is not whole, NobodyError where nothing or more than one
    thing can be meant, SlackApiError.
    """
    match = _QUOTED.fullmatch(words) or _EXACT.fullmatch(words)
    if match:
        return _checked(unescaped(match["name"])), members.meant(client, match["whom"])
    if (match := _PLAIN.fullmatch(words)) is None:
        raise UnknownWordError(words.strip()[:60], None, EXAMPLE)
    name, whom = _divided(client, words.split())
    return _checked(name), whom


def _checked(name: str) -> str:
    if not name.strip() or len(name) > NAME:
        raise UnknownWordError(name[:60], None, EXAMPLE)
    return name


def _divided(client: WebClient, words: list[str]) -> tuple[str, str]:
    """Divide them where the rest is somebody's name."""
    ends = {" ".join(words[place:]): " ".join(words[:place]) for place in range(1, len(words))}
    bearers = members.bearers(client, [end for end in ends if len(end) <= PERSON])
    known = [end for end, ids in bearers.items() if ids]
    if len(known) > 1:
        told = " and ".join(f"“{one}”" for one in known)
        message = (
            f"{told} are each somebody's name here: write @ and choose from Slack's list, "
            f'or put the tag in quotation marks, as in owner "{ends[known[0]]}" {known[0]}'
        )
        raise NobodyError(message)
    whom = known[0] if known else " ".join(words[1:])
    return ends[whom], members.only(whom, bearers.get(whom, set()))
