"""Approve, Mark carried out, Open again: decided once, by somebody who may, and redrawn wherever it was posted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, SectionBlock

from bot import announcements, approvers, cards, people
from bot.actions import Action
from bot.blocks import recommendation
from bot.blocks.text import cut, escape, markdown
from bot.cards import Card
from bot.listeners import listed
from bot.listeners.permitted import pressed
from bot.listeners.telling import Body
from finops.errors import NotOpenError
from finops.recommendations.lifecycle import State
from finops.roles import Act
from storage import approvers as kept
from storage import decisions, dispositions, recommendations
from storage.database import transaction
from storage.decisions import Outcome, Result
from storage.models import Recommendation

Move = Callable[..., Recommendation]
"""Of `storage.dispositions`: takes a session, an offer, `by` and `at`."""
ANEW = "anew"
"""The block of a question that has been answered once its button was pressed."""


@pressed(Act.DECIDE)
def approve(body: Body, respond: Respond, client: WebClient) -> None:
    """Approve what the button's card shows, or say why that no longer holds."""
    offer, by = chosen(body), people.of(body)
    knowing = body["actions"][0]["action_id"] == Action.APPROVE_ANYWAY
    try:
        gone = approvers.gone(client, [offer], by=by)
        with transaction() as session:
            kept.withdraw(session, [offer], gone, workspace=by.workspace)
            found = decisions.approve(
                session, offer, by=by, at=datetime.now(UTC), policy=cards.policy(), despite_owner=knowing
            )
    except NotOpenError:
        refuse(body, respond, offer)
        return
    redraw(body, respond, found.row.id)
    if said := words(found):
        said += approvers.said(gone)
        respond(text=said, blocks=_anew(found, said), response_type="ephemeral", replace_original=False)


@pressed(Act.DECIDE)
def done(body: Body, respond: Respond, client: WebClient) -> None:
    """Note that it was carried out by hand."""
    del client
    _move(body, respond, dispositions.done)


@pressed(Act.SNOOZE)
def reopen(body: Body, respond: Respond, client: WebClient) -> None:
    """Open what was put off."""
    del client
    _move(body, respond, dispositions.reopen)


@pressed(Act.DECIDE)
def reconsider(body: Body, respond: Respond, client: WebClient) -> None:
    """Open what was dismissed: that takes who may dismiss."""
    del client
    _move(body, respond, dispositions.reconsider)


def _move(body: Body, respond: Respond, move: Move) -> None:
    """Move it once; who comes second is told who was first."""
    offer = chosen(body)
    try:
        with transaction() as session:
            row = move(session, offer, by=people.of(body), at=datetime.now(UTC))
    except NotOpenError:
        refuse(body, respond, offer)
        return
    redraw(body, respond, row.id)


def chosen(body: Body) -> uuid.UUID:
    """Return the offer of the button, or of what was chosen from a card's menu."""
    pressed = body["actions"][0]
    value = str(pressed["value"] if "selected_option" not in pressed else pressed["selected_option"]["value"])
    return uuid.UUID(value.rpartition(":")[2])


def further(body: Body) -> str:
    """Return what was chosen from a card's menu."""
    return str(body["actions"][0]["selected_option"]["value"]).partition(":")[0]


def words(found: Result) -> str:
    """Return what only the person is told: why it is not enough, or did not happen."""
    count = f"{found.given} of {found.quorum.people} approvals: {found.quorum.because}."
    return {
        Outcome.APPROVED: "",
        Outcome.COUNTED: escape(f"Your approval counts. {count}"),
        Outcome.AGAIN: escape(f"You had approved it already; somebody else has to, too. {count}"),
        Outcome.STALE: escape(found.sentence),
        Outcome.EXPIRED: escape(found.sentence),
        Outcome.NEEDED: recommendation.owner(Card(found.row, owner=found.owner)),
    }[found.outcome]


def _anew(found: Result, said: str) -> list[Block] | None:
    """Return a button beside the question whether what is so now, or what its owner needs, is approved as well."""
    if found.outcome is Outcome.NEEDED:
        title = escape(cut(found.row.title, recommendation.TITLE))
        return _question(f"{said}. Approve “{title}” all the same?", Action.APPROVE_ANYWAY, found.row)
    if found.outcome is not Outcome.STALE or not found.sentence.endswith("?"):
        return None
    return _question(said, Action.APPROVE, found.row)


def _question(said: str, action: Action, row: Recommendation) -> list[Block]:
    words, style = ("Approve anew", "primary") if action is Action.APPROVE else ("Approve all the same", "danger")
    button = ButtonElement(text=words, action_id=action, value=str(row.offer_id), style=style)
    return [SectionBlock(text=markdown(said)), ActionsBlock(block_id=ANEW, elements=[button])]


def refuse(body: Body, respond: Respond, offer: uuid.UUID) -> None:
    """Tell who comes too late who was first. Raises NotOpenError for what was deleted."""
    with transaction() as session:
        row = recommendations.of_offer(session, offer, workspace=people.of(body).workspace)
        first = recommendation.refusal(row)
    redraw(body, respond, row.id)
    respond(text=first, response_type="ephemeral", replace_original=False)


def redraw(body: Body, respond: Respond, recommendation_id: uuid.UUID) -> None:
    """Draw anew where it was posted, and a private list as of now."""
    redrawn = announcements.redraw(recommendation_id)
    place = body.get("container") or {}
    if not place or (place.get("channel_id"), place.get("message_ts")) in redrawn:
        return
    if body["actions"][0].get("block_id") == ANEW:
        _answered(respond, recommendation_id)
        return
    asked = listed.words(body) or "recommendations"
    text, blocks = listed.drawn(body, asked, channel=people.channel(body), also=recommendation_id)
    respond(text=text, blocks=blocks, replace_original=True)


def _answered(respond: Respond, recommendation_id: uuid.UUID) -> None:
    """Put what is so now in the place of a question: the list that it came from cannot be drawn from here."""
    with transaction() as session:
        row = recommendations.get(session, recommendation_id)
    if row.state is not State.APPROVED:
        respond(delete_original=True)
        return
    title = escape(cut(row.title, recommendation.TITLE))
    where = "`/cost recommendations approved` shows what is to be done."
    respond(text=f"“{title}” is approved. {where}", replace_original=True)
