"""What the outbox holds for Slack, posted: a thread of the web and the bot process, and each answer by its worker."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import (
    announcements,
    arriving,
    awaited,
    charting,
    digest,
    members,
    private,
    reconcile,
    refusals,
    said,
    workspaces,
)
from finops.errors import CostsError, NotAllowedError
from storage import alert_folds, outbox, outlets, pace, posted
from storage.database import transaction
from storage.models import Outbox

PAUSE = 1.0
UNSURE = timedelta(seconds=90)
"""One look into a workspace's histories a minute is what Slack grants new apps."""
NEVER = frozenset({"channel_not_found", "is_archived", "invalid_blocks", "msg_too_long", "no_text", "invalid_payload"})
PEOPLE = "UW"
"""How ids of people begin: Slack answers with the conversation, which alone can be drawn anew."""
PERHAPS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""What Slack says when it does not know itself whether it did it."""
KINDS = (announcements.KIND, said.KIND, private.KIND, charting.KIND, awaited.KIND, outlets.DRAFT)
AWAITED = frozenset({said.KIND, private.KIND, charting.KIND})
"""Somebody waits for these."""
Note = Callable[..., None]
"""What is written down about a message, given a session and its id."""

log = logging.getLogger(__name__)


def run_in_background() -> threading.Event:
    """Start delivering; set the returned event to stop."""
    stop = threading.Event()
    threading.Thread(target=_loop, args=(stop,), name="outbox", daemon=True).start()
    return stop


def _loop(stop: threading.Event) -> None:
    noted = False
    while not stop.wait(PAUSE):
        try:
            noted = noted or _noted()
            while once() and not stop.is_set():  # until nothing is due
                pass
        except (SQLAlchemyError, CostsError) as error:  # the database is away: it is tried again
            log.warning("outbox: %s", str(error).splitlines()[0])
        except Exception:  # the edge: a thread that ended would keep every later message
            log.exception("outbox: a surprise")


def _noted() -> bool:
    """Note which workspace is the deployment's own; False while Slack does not say."""
    try:
        workspaces.own()
    except workspaces.UnsureError as error:
        log.info("outbox: %s", error)
        return False
    return True


def once(client: WebClient | None = None) -> int:
    """Post what is due, with a client of the deployment's own workspace; returns how many messages were tried."""
    with transaction() as session:
        claimed = outbox.claim(session, KINDS, now=datetime.now(UTC))
    with ExitStack() as each:  # a surprise about one is raised once the others were sent: they would wait for its lease
        for message in reversed(claimed):
            each.callback(send, message, client)
    return len(claimed)


def send(message: Outbox, client: WebClient | None = None) -> None:
    """Post one message and note what became of it; no transaction is open while Slack is waited for."""
    try:
        waits = message.kind == awaited.KIND
        note = awaited.turn(message) if waits else _post(client if not message.workspace else None, message)
    except SlackApiError as error:
        note = arriving.refused(message, error) or _refused(message, error)
    except reconcile.NeverKnownError as error:
        note = partial(outbox.ambiguous, error=f"Whether it arrived cannot be looked up: {error}.", counted=False)
    except announcements.NotRedrawnError as error:
        note = partial(outbox.retry, error=str(error), after=error.after)
    except CostsError as error:
        note = partial(outbox.retry, error=str(error), after=_soon(message))
    except (OSError, HTTPException) as error:
        note = _unanswered(message, error)
    with transaction() as session:
        note(session, message.id)


def _post(client: WebClient | None, message: Outbox) -> Note:
    def speaker() -> WebClient:
        return client or workspaces.client(message.workspace)

    if note := _otherwise(speaker, message):
        return note
    if message.kind == announcements.KIND and announcements.redraw_asked(message.payload):
        return partial(outbox.sent, receipt={})
    if over := digest.over(speaker, message.workspace, message.payload):
        return partial(outbox.sent, receipt={alert_folds.NOT_POSTED: over})
    if to := message.payload.get(posted.TO):
        return _in_turn(speaker(), str(speaker().conversations_open(users=to)["channel"]["id"]), message)
    return _placed(speaker, message)


def _placed(speaker: Callable[[], WebClient], message: Outbox) -> Note:
    """Post where it is to go, by its name or id; where no such channel or person is, to where that is seen."""
    try:
        channel = arriving.channel(speaker, message)
    except (NotAllowedError, members.NobodyError) as error:
        return arriving.elsewhere(message, str(error)) or partial(outbox.failed, error=str(error))
    return _in_turn(speaker(), channel, message)


def _otherwise(speaker: Callable[[], WebClient], message: Outbox) -> Note | None:
    """Send what is no message in a channel: a reply to one person, a chart, what is drawn for an outlet."""
    if message.kind == private.KIND:
        return partial(outbox.sent, receipt=private.post(speaker, message.payload, now=datetime.now(UTC)))
    if message.kind == charting.KIND:
        return charting.post(speaker, message)
    if message.kind == outlets.DRAFT:
        with transaction() as session:
            digest.hand_over(session, message)  # once, by its key: dying before it is noted repeats nothing
        return partial(outbox.sent, receipt={})
    return None


def _in_turn(client: WebClient, channel: str, message: Outbox) -> Note:
    """Post to a channel when it is its turn, and only what is not there yet."""
    if outbox.maybe_sent(message):
        found = reconcile.find(client, channel, message)
        if isinstance(found, reconcile.Wait):
            return partial(outbox.later, after=found.after, cursor=found.cursor, error=message.error)
        if found is not None:
            return partial(_arrived, message=message, channel=channel, ts=found)
    with transaction() as session:
        draws = said.drawn(message.payload) if message.kind == said.KIND else None
        text, blocks = draws or announcements.draw(session, message.payload)
        wait = pace.take(session, workspace=message.workspace, what=f"post {channel}", every=pace.POST)
    if wait:
        return partial(outbox.later, after=wait, error=message.error)
    thread, metadata = message.payload.get("thread_ts"), reconcile.metadata(message)
    answer = client.chat_postMessage(channel=channel, thread_ts=thread, text=text, blocks=blocks, metadata=metadata)
    place = str(answer.get("channel") or channel) if channel[0] in PEOPLE else channel
    return partial(_arrived, message=message, channel=place, ts=str(answer["ts"]))


def _arrived(session: Session, message_id: int, *, message: Outbox, channel: str, ts: str) -> None:
    outbox.sent(session, message_id, receipt={"channel": channel, "ts": ts})
    if message.kind == said.KIND:
        said.remember(session, message, ts)


def _soon(message: Outbox) -> timedelta | None:
    """Somebody waits for an answer: it is tried again sooner than an announcement, which waits as outbox says."""
    return timedelta(seconds=1 << min(message.attempts, 6)) if message.kind in AWAITED else None


def _refused(message: Outbox, error: SlackApiError) -> Note:
    """Tell what is worth another try; where Slack itself failed, the message may be there all the same."""
    code = str(error.response.get("error", "unknown"))
    wait, status = refusals.wait(error), int(error.response.status_code or 0)
    if wait is not None:
        return _paused(message, wait, code)
    if code in NEVER:
        return partial(outbox.failed, error=code)
    unclear = code in PERHAPS or not code.isidentifier()  # no word of Slack's: a proxy's page, or half an answer
    if message.kind == private.KIND:  # twice is better than never, where one person sees it
        return partial(outbox.retry, error=code, after=_soon(message))
    if unclear or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return partial(outbox.ambiguous, error=code, after=UNSURE)
    if message.kind in (said.KIND, charting.KIND):  # whoever asked is told, and can ask again
        return partial(outbox.failed, error=code)
    return partial(outbox.retry, error=code)


def _paused(message: Outbox, wait: timedelta, code: str) -> Note:
    """Have the whole channel wait, not only this message: the next one would be refused as well."""
    channel = arriving.remembered(message)
    if message.kind not in (private.KIND, charting.KIND) and channel and posted.TO not in message.payload:
        with transaction() as session:
            pace.pause(session, workspace=message.workspace, what=f"post {channel}", until=wait)
    return partial(outbox.retry, error=code, after=wait)


def _unanswered(message: Outbox, error: OSError | HTTPException) -> Note:
    """Look for the message before sending it again, unless it cannot have left."""
    said = str(error) or type(error).__name__
    if isinstance(getattr(error, "reason", error), (ConnectionRefusedError, socket.gaierror)):
        return partial(outbox.retry, error=said, after=_soon(message))
    if message.kind == private.KIND:
        return partial(outbox.retry, error=said, after=_soon(message))
    return partial(outbox.ambiguous, error=said, after=UNSURE)
