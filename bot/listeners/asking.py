"""Questions, what follows from their answers, their charts, and sharing them."""

from __future__ import annotations

from dataclasses import replace

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from bot import asker, awaited, charting, people, permissions, recommending, rule_rights, speaking, subscribing
from bot.answering import Understood, answer, understand
from bot.answers import CostAnswer
from bot.asker import Asker
from bot.audience import named
from bot.blocks import draft as drawn
from bot.blocks.text import SECTION, cut, with_code
from bot.drafts import alerts, subscriptions
from bot.drafts import cost as costs
from bot.listeners import permitted
from bot.listeners.telling import Body
from bot.questions import Kind, NotUnderstoodError, written
from bot.said import Said
from finops.roles import Act
from storage.database import transaction
from storage.models import Outbox, OutboxState

Message = tuple[str, list[Block]]
"""A text for notifications, and blocks."""
RUN = frozenset({Kind.BUDGET, Kind.REPORT})
"""What may be answered with how the server is run."""
SHARED_BEFORE = "This is shared already: once is enough. What of it is not there yet is posted within minutes."


def reply(session: Session, asked: Understood, who: Asker, *, share: bool = True) -> Message:
    """Answer a question as a message. Raises what answers raise."""
    if asked.question.kind is Kind.RECOMMENDATIONS:
        question = asked.question
        page = f"page {question.page}" if question.page > 1 else ""
        words = f"recommendations {question.stage or ''} {written(question.where)} {page}".rstrip()
        return recommending.drawn(session, words, workspace=who.workspace, channel=who.channel)
    draft = answer(session, asked, who)
    if asked.called and asked.question.channel:
        draft = subscriptions.named(draft, asked.question.channel, asked.called)
    if not asked.may_keep:
        draft = alerts.refused(draft, asked.question)
    if asked.admins is not None:
        draft = draft.told_plainly(asked.admins)
    return drawn.fallback(draft), drawn.build(draft, share=share and not who.is_direct)


def allow(client: WebClient, asked: Understood, who: Asker) -> Understood:
    """Return what is asked, with its channel looked up. Raises Refused for who may not, and NotAllowedError.

    A channel's scope narrows down what everybody there is answered.
    """
    rule_rights.allow_managing(client, asked.question, who)
    changes = asked.question.kind is Kind.SCOPE and (asked.question.off or asked.question.where)
    if changes and not who.is_direct:
        permissions.check(client, who.person, Act.SCOPE)
    if asked.question.kind in RUN:
        return _with_admins(client, asked, who)
    return subscribing.placed(client, rule_rights.looked_at(client, asked, who), who)


def _with_admins(client: WebClient, asked: Understood, who: Asker) -> Understood:
    """Return it with whom to ask for what only admins can set up; not for an admin, or where there is none yet."""
    try:
        permissions.check(client, who.person, Act.GRANT)
    except permissions.Refused:
        admins = permissions.able(client, who.person, Act.GRANT)[: permissions.SHOWN]
        return replace(asked, admins=admins) if admins else asked
    return asked


def unclear(error: NotUnderstoodError) -> Message:
    """Say what was not understood, and offer the nearest that is."""
    return cut(with_code(str(error)), SECTION), drawn.unclear(error)


def answer_privately(body: Body, respond: Respond, client: WebClient, text: str) -> None:
    """Answer to the asker alone, in the thread where a button was pressed in one."""
    who = _asker(body, client)
    try:
        with transaction() as session:
            asked = understand(session, text, who)
        asked = allow(client, asked, who)  # between the two: no connection waits for Slack
        with transaction() as session:
            words, blocks = reply(session, asked, who)
            awaited.note(session, body, asked, who, url=respond.response_url)
    except NotUnderstoodError as error:
        words, blocks = unclear(error)
    thread = (body.get("container") or {}).get("thread_ts")
    respond(text=words, blocks=blocks, response_type="ephemeral", replace_original=False, thread_ts=thread)


def _asker(body: Body, client: WebClient) -> Asker:
    return asker.of(client, people.of(body), people.channel(body))


@permitted.asking
def cost(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer `/cost …`, visible to the asker."""
    answer_privately(body, respond, client, body.get("text") or "")


@permitted.asking
def ask(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer what a button asks, visible to whoever pressed it."""
    answer_privately(body, respond, client, body["actions"][0]["value"])


@permitted.asking
def chart(body: Body, respond: Respond, client: WebClient) -> None:
    """Send the chart to the asker's direct messages: Slack shows no private file inside an ephemeral message."""
    found, asked, who = _figures(body, client)
    direct = str(client.conversations_open(users=body["user"]["id"])["channel"]["id"])
    payload = charting.payload(asked.question, who, channel=direct, drawn=charting.Drawn.of(found))
    row = speaking.put(body, charting.KIND, payload, workspace=who.workspace)
    respond(text=_where(row), response_type="ephemeral", replace_original=False)


def _where(row: Outbox | None) -> str:
    """Say where a chart is, or will be; None: an earlier worker died over it, and the outbox sees to it."""
    if row is None:
        return "The chart comes as a direct message, if it is not there yet."
    return speaking.fate(row) or "The chart is in your direct messages."


@permitted.asking
def share(body: Body, respond: Respond, client: WebClient) -> None:
    """Name those who would read an answer before it is shared."""
    said = named(client, body["channel"]["id"])
    blocks = drawn.audience(said, body["actions"][0]["value"])
    respond(text=said, blocks=blocks, response_type="ephemeral", replace_original=False)


@permitted.asking
def share_now(body: Body, respond: Respond, client: WebClient) -> None:
    """Post an answer to the channel, its chart in the thread, where a reply refines it."""
    found, asked, who = _figures(body, client)
    asked = allow(client, asked, who)
    with transaction() as session:
        text, blocks = reply(session, asked, who, share=False)
    what = Said(who.channel, text, blocks, question=str(asked.question), by=who.person.user)
    picture = charting.payload(asked.question, who, channel=who.channel)
    row = speaking.post(body, what, workspace=who.workspace, once=_asked_once(body), chart=picture)
    if row is None:
        respond(text=SHARED_BEFORE, response_type="ephemeral", replace_original=False)
    elif row.state is OutboxState.SENT:
        respond(delete_original=True)
        speaking.draw(row, found)
    else:
        respond(text=speaking.fate(row), response_type="ephemeral", replace_original=False)


def _asked_once(body: Body) -> str:
    """Return what two quick clicks have in common: the question whether to share, which is one message."""
    place = body.get("container") or {}
    return f"share {place.get('channel_id')} {place['message_ts']}" if place.get("message_ts") else ""


@permitted.asking
def cancel(body: Body, respond: Respond, client: WebClient) -> None:
    """Take the question back whether to share."""
    del body, client
    respond(delete_original=True)


def _figures(body: Body, client: WebClient) -> tuple[CostAnswer, Understood, Asker]:
    who = _asker(body, client)
    with transaction() as session:
        asked = understand(session, body["actions"][0]["value"], who)
        return costs.figures(session, asked.question), asked, who
