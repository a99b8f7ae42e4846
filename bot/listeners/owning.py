"""Ask the owner, and what the owner says: written into the thread, it decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import announcements, direct, people
from bot.actions import Action
from bot.blocks.text import cut, escape
from bot.listeners.deciding import chosen, refuse
from bot.listeners.permitted import pressed
from bot.listeners.telling import Body
from bot.members import mention
from finops.errors import NotOpenError
from finops.roles import Act
from storage import dispositions, owners, posted, recommendations
from storage.database import transaction
from storage.models import Recommendation
from storage.roles import is_group

NAME = 60
SAYS = {
    Action.OWNER_AGREES: "it may go",
    Action.OWNER_KEEPS: "it is needed",
}


@pressed(Act.SNOOZE)
def ask(body: Body, respond: Respond, client: WebClient) -> None:
    """Ask whom the tags name: a person in direct messages, a user group in the thread of each message."""
    offer, person = chosen(body), people.of(body)
    with transaction() as session:
        row = recommendations.of_offer(session, offer, workspace=people.of(body).workspace)
        names = [row.details.get("owner"), row.details.get("team")]
        owner = owners.of(session, names, workspace=person.workspace)
        public = bool(posted.showing(session, row.id))
    if owner is None or (is_group(owner) and not public):
        respond(text=_nobody(row, names, owner), response_type="ephemeral", replace_original=False)
        return
    channel = None if is_group(owner) else direct.opened(client, owner, by=person)
    try:
        with transaction() as session:
            row = dispositions.asked(session, offer, by=person, at=datetime.now(UTC), whom=owner)
            if channel:
                direct.put(session, row, channel=channel, to=owner, by=person, owner=True)
    except NotOpenError:
        refuse(body, respond, offer)
        return
    announcements.redraw(row.id)
    respond(text=f"{mention(owner)} was asked.", response_type="ephemeral", replace_original=False)


def _nobody(row: Recommendation, names: list[object], owner: str | None) -> str:
    title = escape(cut(row.title, NAME))
    if owner:
        return f"{mention(owner)} owns “{title}”, but no channel shows it where a group could be asked."
    named = [escape(cut(str(one), NAME)) for one in dict.fromkeys(names) if one]
    if not named:
        return f"“{title}” has no tag `owner` or `team`, so nobody can be asked: Assign it to somebody instead."
    return (
        f"Nobody is known here for “{named[0]}”, the owner of “{title}”. An admin says who it is:"
        f" `/cost owner {named[0]} @somebody`"
    )


@pressed(Act.LOOK)
def answer(body: Body, respond: Respond, client: WebClient) -> None:
    """Keep what its owner says of it."""
    del client
    offer, words = chosen(body), SAYS[Action(body["actions"][0]["action_id"])]
    try:
        with transaction() as session:
            row = dispositions.answered(session, offer, by=people.of(body), at=datetime.now(UTC), words=words)
    except NotOpenError:
        refuse(body, respond, offer)
        return
    announcements.redraw(row.id)
    respond(text=f"Thank you: it is noted that {words}.", response_type="ephemeral", replace_original=False)
