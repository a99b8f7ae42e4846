"""A recommendation in somebody's direct messages: its owner is asked about it, or it was assigned."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot.actions import Action
from bot.blocks import recommendation
from bot.blocks.text import cut, escape, markdown
from bot.cards import Card
from bot.members import mention
from finops.recommendations import owning
from finops.recommendations.lifecycle import State
from finops.recommendations.owning import Says
from finops.roles import Act, Role, may
from storage.models import RecommendationEvent

TITLE = 150
AGREED = "Fine by me"
ANOTHER = "It is on the card. To say something else, have them ask you again."


def question(shown: Card, reply: RecommendationEvent | None, *, by: str) -> tuple[str, list[Block]]:
    """Return text and blocks of what an owner is asked, once: `reply` is the answer, if it is there.

    Whether it is done others decide, on other messages.
    """
    row, known = shown.row, owning.words(shown.row.recommendation_type)
    words = f"{mention(by)} asks you, its owner: *{escape(cut(row.title, TITLE))}*. {known.question}"
    blocks: list[Block] = [SectionBlock(text=markdown(words))]
    if reply is not None:
        given = known.button if reply.note == Says.KEEPS else AGREED
        blocks.append(SectionBlock(text=markdown(f"You said on {reply.at:%-d %b %Y}: *{given}*. {ANOTHER}")))
    elif row.state in (State.OPEN, State.SNOOZED):
        value = str(row.offer_id or row.id)
        answers = [
            ButtonElement(text=AGREED, action_id=Action.OWNER_AGREES, value=value),
            ButtonElement(text=known.button, action_id=Action.OWNER_KEEPS, value=value),
        ]
        blocks.append(ActionsBlock(elements=list(answers)))
    return words, [*blocks, *recommendation.card(shown, role=Role.VIEWER)]


def build(shown: Card, *, by: str, role: Role) -> tuple[str, list[Block]]:
    """Return text and blocks of what was assigned to who reads it, of that role; by '' the reader asked for it."""
    title = escape(cut(shown.row.title, TITLE))
    words = f"{mention(by)} asks you to look after this: *{title}*." if by else f"As you asked: *{title}*."
    blocks: list[Block] = [SectionBlock(text=markdown(words)), *recommendation.card(shown, role=role)]
    if shown.row.state is State.OPEN and not may(role, Act.DECIDE):
        blocks.append(ContextBlock(elements=[markdown(f"An approver has to decide this. {_can(by, role)}".rstrip())]))
    return words, [*blocks, *recommendation.later([shown])]


def _can(by: str, role: Role) -> str:
    if may(role, Act.SNOOZE):
        return "You can ask its owner, put it off or hand it over: see the menu."
    return f"Tell {mention(by)} what you know of it." if by else ""
