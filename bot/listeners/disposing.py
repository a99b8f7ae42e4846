"""Dismiss, Snooze and Assign: a form each, and what becomes of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.models.views import View
from sqlalchemy.orm import Session

from bot import announcements, direct, members, people
from bot.actions import Form
from bot.blocks import forms, recommendation
from bot.blocks.forms import OTHER, REASONS, Kept, values
from bot.blocks.text import cut, escape
from bot.home import viewer
from bot.listeners import listed
from bot.listeners.deciding import chosen, refuse
from bot.listeners.permitted import handed_in, pressed
from bot.listeners.telling import Body, Listener
from finops.errors import NotOpenError
from finops.people import Person
from finops.recommendations.lifecycle import State
from finops.roles import Act
from storage import dispositions, recommendations
from storage.database import transaction
from storage.models import Recommendation

WEEK, LONGEST = timedelta(days=7), timedelta(days=366)
UNDECIDED = (State.OPEN, State.SNOOZED)
Change = Callable[[Session, uuid.UUID, Person, datetime], Recommendation]
"""What is done to the recommendation of an offer, by whom and when."""


@pressed(Act.DECIDE)
def ask_why(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form of Dismiss."""
    _open(body, respond, client, forms.dismiss)


@pressed(Act.SNOOZE)
def ask_until(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form of Snooze."""
    initial = datetime.now(UTC).date() + WEEK
    _open(body, respond, client, lambda row, kept: forms.snooze(row, kept, initial=initial))


@pressed(Act.SNOOZE)
def ask_whom(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form of Assign."""
    _open(body, respond, client, forms.assign)


def _open(body: Body, respond: Respond, client: WebClient, form: Callable[[Recommendation, Kept], View]) -> None:
    offer = chosen(body)
    with transaction() as session:
        row = recommendations.of_offer(session, offer, workspace=people.of(body).workspace)
    if row.state not in UNDECIDED:
        refuse(body, respond, offer)
        return
    client.views_open(trigger_id=body["trigger_id"], view=form(row, listed.keeping(body, respond, offer)))


def ack_form(ack: Ack, body: Body) -> None:
    """Take a form in, or send it back with what is wrong or missing. Nothing is asked for here but the clock."""
    wrong = _wrong(body)
    if wrong:
        ack(response_action="errors", errors=wrong)
    else:
        ack()


def _wrong(body: Body) -> dict[str, str]:
    """Say of each field what is wrong with it; Slack itself insists on those that are not optional, others do not."""
    given, form = values(body["view"]), body["view"].get("callback_id")
    day, today = given.get("until"), datetime.now(UTC).date()
    wrong = {}
    if form == Form.DISMISS and given.get("reason") not in REASONS:
        wrong["reason"] = "Choose why not: it is kept with the decision."
    if form == Form.DISMISS and given.get("reason") == OTHER and not given.get("words", "").strip():
        wrong["words"] = "Say which reason: a few words are enough."
    if form in (Form.ASSIGN, Form.ALERT_ASSIGN) and not given.get("to"):
        wrong["to"] = "Choose who looks after it."
    if not _fits(day, today) or (day is None and form in (Form.SNOOZE, Form.ALERT_SNOOZE)):
        wrong["until"] = f"Choose a day after today and not after {today + LONGEST:%-d %b %Y}."
    return wrong


def _fits(day: str | None, today: date) -> bool:
    return day is None or today < date.fromisoformat(day) <= today + LONGEST


def unless_sent_back(listener: Listener) -> Listener:
    """Bolt does the work of a form even if its acknowledgement sent it back."""

    @wraps(listener)
    def listen(body: Body, respond: Respond, client: WebClient) -> None:
        if not _wrong(body):
            listener(body, respond, client)

    return listen


def until_of(day: str | None) -> datetime | None:
    """Return the beginning of a day in UTC; None for none."""
    return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None


@unless_sent_back
@handed_in(Act.DECIDE)
def dismiss(body: Body, respond: Respond, client: WebClient) -> None:
    """Dismiss it, with the reason that was given."""
    del client
    given = values(body["view"])
    reason = ". ".join(one for one in (REASONS.get(given.get("reason", "")), given.get("words")) if one)
    until = until_of(given.get("until"))
    _change(
        body,
        respond,
        lambda session, offer, by, at: dispositions.dismiss(session, offer, by=by, at=at, reason=reason, until=until),
    )


@unless_sent_back
@handed_in(Act.SNOOZE)
def snooze(body: Body, respond: Respond, client: WebClient) -> None:
    """Put it off until the day that was given."""
    del client
    until = until_of(values(body["view"])["until"])
    assert until is not None  # noqa: S101  the form requires a day
    _change(
        body,
        respond,
        lambda session, offer, by, at: dispositions.snooze(session, offer, by=by, at=at, until=until),
    )


@unless_sent_back
@handed_in(Act.SNOOZE)
def assign(body: Body, respond: Respond, client: WebClient) -> None:
    """Make somebody responsible, and send the card there."""
    to, by = values(body["view"])["to"], people.of(body)
    channel, role = direct.opened(client, to, by=by), viewer.role_of(client, Person(by.workspace, to, by.enterprise))

    def hand_over(session: Session, offer: uuid.UUID, by: Person, at: datetime) -> Recommendation:
        row = dispositions.assign(session, offer, by=by, at=at, to=to)
        direct.put(session, row, channel=channel, to=to, by=by, role=role)
        return row

    _change(body, respond, hand_over)


def _change(body: Body, respond: Respond, change: Change) -> None:
    """Make a change once; who comes second is told who was first."""
    (offer,) = Kept.read(body["view"]).offers
    try:
        with transaction() as session:
            row = change(session, offer, people.of(body), datetime.now(UTC))
    except NotOpenError:
        with transaction() as session:
            row = recommendations.of_offer(session, offer, workspace=people.of(body).workspace)
        said = recommendation.refusal(row)
    else:
        said = _said(row)
    announcements.redraw(row.id)
    respond(text=said)
    listed.draw_anew(body, respond, also=row.id)


def _said(row: Recommendation) -> str:
    title = escape(cut(row.title, recommendation.TITLE))
    if row.state is State.OPEN:
        return f"“{title}” is assigned to {members.mention(row.assigned_to or '')} now."
    return f"“{title}” is {row.state}{f' until {row.until:%-d %b %Y}' if row.until else ''} now."
