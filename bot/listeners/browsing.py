"""The list of recommendations: its pages, its kinds, and approving a whole kind by a form that says what it does."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from http.client import HTTPException

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import announcements, approvers, cards, people, recommending
from bot.blocks import forms
from bot.blocks.forms import LINES, Kept
from bot.blocks.listing import ALL
from bot.blocks.text import escape
from bot.listeners import listed
from bot.listeners.deciding import words
from bot.listeners.permitted import asking, handed_in, pressed
from bot.listeners.telling import Body
from finops.errors import NotOpenError
from finops.roles import Act
from storage import approvers as kept
from storage import decisions, owner_says, whereabouts
from storage.database import transaction
from storage.decisions import Outcome, Result

NAMED = 5
WORKING = "I look at all {} of them anew, then approve them. What became of it is told here and in the conversation."
log = logging.getLogger(__name__)
UNDONE = (Outcome.STALE, Outcome.EXPIRED, Outcome.NEEDED)
KEPT = "Their owners need all {} of these, so they are not approved at once: each card asks about that."


@asking
def recommendations(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer `/cost recommendations …`, visible to the asker."""
    del client
    _show(body, respond, str(body.get("text") or ""), replace=False)


@asking
def page(body: Body, respond: Respond, client: WebClient) -> None:
    """Turn to another page: the button carries the words that ask for it."""
    del client
    _show(body, respond, body["actions"][0]["value"], replace=True)


@asking
def kind(body: Body, respond: Respond, client: WebClient) -> None:
    """Show one kind, or all."""
    del client
    action = body["actions"][0]
    chosen, place = action["selected_option"]["value"], str(action.get("block_id") or "").partition(" ")[2]
    _show(body, respond, recommending.with_kind(place, "" if chosen == ALL else chosen), replace=True)


def _show(body: Body, respond: Respond, asked: str, *, replace: bool) -> None:
    text, blocks = listed.drawn(body, asked, channel=people.channel(body))
    if replace:
        respond(text=text, blocks=blocks, replace_original=True)
    else:
        respond(text=text, blocks=blocks, response_type="ephemeral")


@pressed(Act.DECIDE)
def ask_all(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form that lists what approving a whole kind does, the largest twenty at a time."""
    with transaction() as session:
        rows = recommending.of_kind(session, body["actions"][0]["value"], workspace=people.of(body).workspace)
        waiting = [row for row in rows if row.offer_id]
        needed = owner_says.needed(session, [row.id for row in waiting])
        where = whereabouts.of(session, {row.resource_id for row in waiting})
    rows = [row for row in waiting if row.id not in needed]
    if not rows:
        text = KEPT.format(len(waiting)) if waiting else "None of these waits for a decision any more."
        respond(text=text, response_type="ephemeral", replace_original=False)
        return
    shown = rows[:LINES]
    kept = listed.keeping(body, respond, *(row.offer_id for row in shown if row.offer_id))
    quorum = decisions.together(shown, cards.policy())
    view = forms.bulk(shown, kept, quorum=quorum, where=where, left=len(rows) - len(shown), needed=len(needed))
    client.views_open(trigger_id=body["trigger_id"], view=view)


def ack_all(ack: Ack, body: Body) -> None:
    """Take the form in, and have it say at once that it is worked on: twenty take some seconds."""
    many = len(Kept.read(body["view"]).offers)
    ack(response_action="update", view=forms.told(WORKING.format(many)))


def _in_form(body: Body, client: WebClient, said: str) -> None:
    """Say it in the form, too, if it is still open."""
    try:
        client.views_update(view_id=body["view"]["id"], view=forms.told(said))
    except (SlackApiError, OSError, HTTPException) as error:  # it was told already
        log.info("a form does not tell what became of it: %s", error)


@handed_in(Act.DECIDE, also=_in_form)
def approve_all(body: Body, respond: Respond, client: WebClient) -> None:
    """Approve what the form listed: all of it, or nothing."""
    offers, by = Kept.read(body["view"]).offers, people.of(body)
    gone = approvers.gone(client, offers, by=by)
    try:
        with transaction() as session:
            kept.withdraw(session, offers, gone, workspace=by.workspace)
            found = decisions.approve_all(session, offers, by=by, at=datetime.now(UTC), policy=cards.policy())
    except NotOpenError:
        listed.draw_anew(body, respond)
        raise
    said = _said(found) + approvers.said(gone)
    respond(text=said)
    _in_form(body, client, said)
    for one in found:
        announcements.redraw(one.row.id)
    listed.draw_anew(body, respond)


def _said(found: list[Result]) -> str:
    approved = [one for one in found if one.outcome is Outcome.APPROVED]
    undone = [one for one in found if one.outcome in UNDONE]
    if undone:
        each = "\n".join(f"• *{escape(one.row.title)}*: {words(one)}" for one in undone[:NAMED])
        more = f"\n• and {len(undone) - NAMED} more" if len(undone) > NAMED else ""
        return (
            f"Nothing was approved, because not all of it holds any more. Look again, then approve anew:\n{each}{more}"
        )
    again = [one for one in found if one.outcome is Outcome.AGAIN]
    if len(approved) == len(found):
        return f"All {len(found)} are approved. Nothing has been changed yet: their cards show how to do it by hand."
    waiting = next(one for one in found if one.outcome is not Outcome.APPROVED).quorum
    why = f"Each needs {waiting.people} approvals: {escape(waiting.because)}."
    if len(again) == len(found):
        return f"You had approved all {len(found)} already; somebody else has to, too. {why}"
    before = f", {len(again)} of which you had approved already" if again else ""
    decided = f" {len(approved)} are approved now." if approved else ""
    return f"Your approval counts for all {len(found)}{before}.{decided} {why} Somebody else has to approve them, too."
