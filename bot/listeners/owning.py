"""Ask the owner, and what the owner says: shown on the card and in its thread, it decides nothing by itself."""

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
from finops.recommendations import owning
from finops.recommendations.owning import Says
from finops.roles import Act
from storage import owner_says, owners, posted, recommendations
from storage.database import transaction
from storage.models import Recommendation
from storage.roles import is_group

NAME = 60
SAYS = {
    Action.OWNER_AGREES: Says.AGREES,
    Action.OWNER_KEEPS: Says.KEEPS,
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
            asked = owner_says.asked(session, offer, by=person, at=datetime.now(UTC), whom=owner)
            if channel:
                direct.ask(session, asked, channel=channel, by=person)
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
    """Keep what its owner says of it, once a question."""
    del client
    offer, by, says = chosen(body), people.of(body), SAYS[Action(body["actions"][0]["action_id"])]
    try:
        with transaction() as session:
            said = owner_says.answered(session, offer, by=by, at=datetime.now(UTC), says=says)
            kind = recommendations.get(session, said.recommendation_id).recommendation_type
    except NotOpenError:
        refuse(body, respond, offer)
        return
    announcements.redraw(said.recommendation_id)
    words = f"Thank you. Its card says now: {mention(by.user)} {owning.said(kind, says)}."
    respond(text=words, response_type="ephemeral", replace_original=False)
