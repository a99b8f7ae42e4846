"""The buttons of a recommendation's card: what can be done with it where it stands, by who may."""

from __future__ import annotations

from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    InteractiveElement,
    Option,
    OverflowMenuElement,
)

from bot.actions import Action
from bot.blocks.text import cut, escape, markdown
from bot.cards import Card
from finops.money import Money
from finops.recommendations import kinds
from finops.recommendations.lifecycle import State
from finops.roles import Act, Role, may
from storage.models import Recommendation

DECISIONS = frozenset({Action.APPROVE, Action.DISMISS, Action.DONE, Action.RECONSIDER})
"""What only an approver may press."""
PRESSED: dict[State, dict[Action, str]] = {
    State.OPEN: {Action.APPROVE: "Approve", Action.DISMISS: "Dismiss"},
    State.SNOOZED: {Action.REOPEN: "Open again", Action.DISMISS: "Dismiss"},
    State.APPROVED: {Action.DONE: "Mark carried out"},
    State.DISMISSED: {Action.RECONSIDER: "Open again"},
}
FURTHER = {Action.SNOOZE: "Snooze", Action.ASSIGN: "Assign", Action.ASK_OWNER: "Ask the owner"}
"""What stands in the menu of a card: on a phone five buttons are five lines."""
MEASURED = "From now on it is measured by the bill what this really saved. Press it once the command has been run."


def build(shown: Card, *, place: str = "", role: Role = Role.ADMIN) -> list[Block]:
    """Return them, under the id that tells what the list is that they stand in; nothing where there is none."""
    row = shown.row
    if row.state is State.DISMISSED and not place:  # what was posted is done with: it is looked up in a list
        return []
    buttons = _buttons(row, role)
    return [ActionsBlock(block_id=cut(f"{row.id} {place}".rstrip(), 255), elements=list(buttons))] if buttons else []


def _buttons(row: Recommendation, role: Role) -> list[InteractiveElement]:
    value = str(row.offer_id or row.id)
    buttons: list[InteractiveElement] = [
        ButtonElement(text=text, action_id=action, value=value, **_sure(row, action))
        for action, text in PRESSED.get(row.state, {}).items()
        if may(role, Act.DECIDE if action in DECISIONS else Act.SNOOZE)
    ]
    if row.state is State.OPEN and may(role, Act.SNOOZE):
        options = [Option(value=f"{action}:{value}", text=text) for action, text in FURTHER.items()]
        buttons.append(OverflowMenuElement(action_id=Action.MORE, options=options))
    return buttons


def _sure(row: Recommendation, action: Action) -> dict[str, Any]:
    """Have what acts at once ask once more, on a phone it is under every thumb; and Approve stand out."""
    if action is Action.DONE:
        done = ConfirmObject(title="Was it carried out?", text=markdown(MEASURED), confirm="Yes, it was", deny="Cancel")
        return {"confirm": done}
    if action is not Action.APPROVE:
        return {}
    words = f"Saves {Money(row.potential_savings, row.currency)} a month. {kinds.about(row.recommendation_type).risk}"
    sure = ConfirmObject(title="Approve this?", text=markdown(escape(words)), confirm="Approve", deny="Cancel")
    return {"style": "primary", "confirm": sure}
