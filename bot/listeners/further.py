"""The ⋯ menu of a card: what is done with it more rarely than approving or dismissing it."""

from __future__ import annotations

from slack_bolt import Respond
from slack_sdk import WebClient

from bot.actions import Action
from bot.listeners import disposing, owning
from bot.listeners.deciding import further
from bot.listeners.telling import Body, Listener, told

LISTENERS: dict[str, Listener] = {
    Action.SNOOZE: disposing.ask_until,
    Action.ASSIGN: disposing.ask_whom,
    Action.ASK_OWNER: owning.ask,
}


@told
def menu(body: Body, respond: Respond, client: WebClient) -> None:
    """Do what was chosen, by who may do that."""
    LISTENERS[further(body)](body, respond, client)
