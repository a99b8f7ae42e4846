"""Three things to try: on the Home tab of somebody who is new here, and in the message to whoever installed the app."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, SectionBlock

from bot.blocks.home.section import Asks, ask
from bot.blocks.text import markdown, with_code

TRY: tuple[Asks, ...] = (("What did we spend this month?", "this month"), ("What can we save?", "recommendations"))
SCOPE: Asks = ("Whose costs is a channel about?", "scope")
LOAD: Asks = ("Is a bill loaded yet?", "freshness")
EMPTY = (
    "No bill is loaded yet, so there is nothing to answer from. On the server, "
    "`costs ingest auto PATH --source NAME` reads a bill that you have downloaded; README tells how bills are fetched."
)
FULL = "Ask me here, with `/cost` in any channel, or with a mention. Three things to try:"


def build(*, empty: bool) -> list[Block]:
    """Return the words and the buttons; where the ledger is empty they say how to load a bill."""
    words = f"{EMPTY}\nThen there are three things to try:" if empty else FULL
    asks = (*TRY, LOAD if empty else SCOPE)
    buttons = [button for number, one in enumerate(asks) if (button := ask(one, number)) is not None]
    return [SectionBlock(text=markdown(with_code(words))), ActionsBlock(elements=list(buttons))]


def message(*, empty: bool) -> tuple[str, list[Block]]:
    """Return the message to whoever installed the app."""
    hello = "Thank you for installing Costs: I answer what your clouds cost, why that changed, and what can be saved."
    return hello, [SectionBlock(text=markdown(hello)), *build(empty=empty)]
