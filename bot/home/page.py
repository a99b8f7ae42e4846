"""The Home tab as a whole: put together, and published for one person."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk import WebClient
from slack_sdk.models.blocks import Block, ContextBlock, SectionBlock
from slack_sdk.models.views import View
from sqlalchemy.orm import Session

from bot.blocks.home import section
from bot.blocks.text import SECTION, cut, markdown, with_code
from bot.home.sections import ADMINS, EVERYBODY, Section
from bot.home.viewer import Viewer
from finops.errors import CostsError
from storage.database import transaction

MOST = 100
"""Blocks that Slack takes (https://docs.slack.dev/surfaces/app-home)."""
WHERE = "Answers to these buttons come under *Messages*, above."


def build(viewer: Viewer, *, note: str = "") -> list[Block]:
    """Return the blocks for who looks. `note` says what came of a button."""
    sections = (*EVERYBODY, *(ADMINS if viewer.grants else ()))
    with transaction() as session:
        blocks = [block for each in sections for block in _drawn(session, viewer, each)]
    return fitting([ContextBlock(elements=[markdown(note or WHERE)]), *blocks])


def _drawn(session: Session, viewer: Viewer, each: Section) -> list[Block]:
    """Return one section, or why it cannot be shown: that keeps none of the others."""
    try:
        return each(session, viewer)
    except CostsError as error:
        return section.lead(cut(with_code(str(error)), SECTION))


def fitting(blocks: Sequence[Block]) -> list[Block]:
    """Return as many as Slack takes, and say so where some are left out."""
    if len(blocks) <= MOST:
        return list(blocks)
    left = ContextBlock(elements=[markdown("There is more than fits here: ask for it with `/cost`.")])
    return [*blocks[: MOST - 1], left]


def publish(client: WebClient, user: str, blocks: Sequence[Block]) -> None:
    """Show somebody these blocks. Raises SlackApiError, OSError."""
    client.views_publish(user_id=user, view=View(type="home", blocks=list(blocks)))


def sentence(words: str) -> list[Block]:
    """Return a page of one sentence, markup."""
    return [SectionBlock(text=markdown(words))]
