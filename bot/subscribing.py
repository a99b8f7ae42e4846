"""Where a digest is to go: Slack is asked before anything is written down, and who may not is told so."""

from __future__ import annotations

from dataclasses import replace

from slack_sdk import WebClient

from bot import permissions, places
from bot.answering import Understood
from bot.asker import Asker
from bot.drafts import subscriptions
from bot.questions import CostQuestion, Kind
from finops.errors import NotAllowedError
from finops.roles import Act


def placed(client: WebClient, asked: Understood, who: Asker) -> Understood:
    """Return a subscription with the id of where it goes: of direct messages where no channel is named.

    Anybody has digests sent to themselves; to a channel that takes an analyst, and the bot in it.
    Raises Refused, NotAllowedError, SlackApiError, and NotUnderstoodError for how often none goes out: before its
    channel is filled in, so that what is offered is said in the words of whoever asked.
    """
    question = asked.question
    if question.kind is not Kind.SUBSCRIBE or not changes(question):
        return asked
    subscriptions.possible(question)
    if question.channel is None:
        channel = str(client.conversations_open(users=who.person.user)["channel"]["id"])
    else:
        permissions.check(client, who.person, Act.SUBSCRIBE)
        channel, called = _channel(client, question.channel, who, ending=question.off)
        asked = replace(asked, called=called)
    return replace(asked, question=question.changed(channel=channel))


def changes(question: CostQuestion) -> bool:
    """Whether something is subscribed to or ended, and not only listed."""
    return question.off or question.cadence is not None


def _channel(client: WebClient, named: str, who: Asker, *, ending: bool) -> tuple[str, str]:
    """Return its id, and what it is called."""
    found = places.seen(client, named, by=who.person)
    if found.get("is_im") or found.get("is_mpim"):
        message = "A digest goes to a channel or to you: name a channel, or none."
        raise NotAllowedError(message)
    called = f"#{found['name']}" if found.get("name") else ""
    return str(found["id"]) if ending else places.joined(found), called
