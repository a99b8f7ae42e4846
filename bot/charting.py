"""A chart on its way into a channel or to a person: in the outbox first, uploaded at once, and shown once.

Slack shows a file when its upload is completed, and takes no metadata for it. So the file's id is written down before:
whether it is there is looked up by that id before it is uploaded again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.client import HTTPException
from typing import Any, Self

from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError
from slack_sdk.web import SlackResponse
from sqlalchemy.orm import Session

from bot import reconcile
from bot.answers import CostAnswer
from bot.asker import Asker
from bot.drafts import cost
from bot.pictures import picture
from bot.questions import CostQuestion, read
from bot.wording import headline
from finops.errors import CostsError
from storage import outbox, pace
from storage.database import transaction
from storage.models import Outbox, OutboxState
from storage.settings import settings

KIND = "slack_chart"
AFTER, DRAWN, FILES = "after", "drawn", "files"
"""In a payload: the key of the answer that it belongs under, and the picture; in a receipt: files that may be shown."""
SOON = timedelta(seconds=1)
Payload = dict[str, Any]
Note = Callable[..., None]


class NotShownError(CostsError):
    """An upload ended before anybody could see it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and what it is called."""

    png: bytes
    title: str
    filename: str

    @classmethod
    def of(cls, found: CostAnswer) -> Self:
        """Draw an answer."""
        return cls(picture(found), headline(found), f"costs-{found.start}-{found.end}.png")

    def kept(self) -> Payload:
        """Return it as the outbox keeps it."""
        return {"png": base64.b64encode(self.png).decode(), "title": self.title, "filename": self.filename}


def payload(asked: CostQuestion, who: Asker, *, channel: str, drawn: Drawn | None = None) -> Payload:
    """Return what the outbox keeps: what is drawn, if it is not yet, as it was meant on the asker's day."""
    kept = drawn.kept() if drawn else None
    return {"channel": channel, "question": str(asked), "today": who.today.isoformat(), DRAWN: kept}


def key(answer: str) -> str:
    """Return the key of the chart of an answer."""
    return f"chart of {answer}"


def fill(session: Session, row: Outbox, drawn: Drawn) -> Outbox | None:
    """Keep the picture, so that another attempt shows the same; None if somebody else has taken it on meanwhile."""
    return outbox.fill(session, row.id, {DRAWN: drawn.kept()}) if row.attempts == 1 else None


def post(speaker: Callable[[], WebClient], message: Outbox) -> Note:
    """Upload it, unless it is there; returns what is written down.

    Raises NotShownError, SlackApiError, OSError (from then on it may be there), NeverKnownError, CostsError.
    """
    answer = _answer(message)
    if answer is not None and answer.state is not OutboxState.SENT:
        return _waits(answer)
    channel, thread = str(message.payload["channel"]), str((answer.receipt or {})["ts"]) if answer else None
    client, tried = speaker(), (message.receipt or {}).get(FILES) or []
    if tried and outbox.maybe_sent(message):
        found = reconcile.find(client, channel, message, thread=thread, shows=partial(_shows, tried))
        if isinstance(found, reconcile.Wait):
            return partial(outbox.later, after=found.after, cursor=found.cursor, error=message.error)
        if found is not None:
            return partial(_arrived, workspace=message.workspace, receipt={"channel": channel, "ts": found})
    drawn = _drawn(message)
    _upload(client, message, drawn, channel=channel, thread=thread)
    return partial(_arrived, workspace=message.workspace, receipt={"channel": channel})


def _answer(message: Outbox) -> Outbox | None:
    if not (name := message.payload.get(AFTER)):
        return None
    with transaction() as session:
        return outbox.of_key(session, name, workspace=message.workspace)


def _waits(answer: Outbox) -> Note:
    if answer.state in (OutboxState.PENDING, OutboxState.SENDING):
        return partial(outbox.later, after=max(answer.next_attempt_at - datetime.now(UTC), SOON))
    return partial(outbox.failed, error="The answer that it belongs to was not posted.")


def _shows(files: Sequence[str], posted: Mapping[str, Any]) -> bool:
    return any(one.get("id") in files for one in posted.get("files") or [])


def _drawn(message: Outbox) -> Drawn:
    """Return the picture that was drawn, or draw it: who should have has died. Raises as an answer does."""
    if kept := message.payload.get(DRAWN):
        return Drawn(base64.b64decode(kept["png"]), kept["title"], kept["filename"])
    today = date.fromisoformat(message.payload["today"])
    first = settings().costs_fiscal_year_start
    question = read(message.payload["question"], today=today, fiscal_year_start=first).question
    with transaction() as session:
        found = cost.figures(session, question)
    drawn = Drawn.of(found)
    with transaction() as session:
        outbox.fill(session, message.id, {DRAWN: drawn.kept()})
    return drawn


def _upload(client: WebClient, message: Outbox, drawn: Drawn, *, channel: str, thread: str | None) -> None:
    own_client = _Uploading(client, message.id)
    try:
        own_client.files_upload_v2(
            channel=channel, thread_ts=thread, filename=drawn.filename, title=drawn.title, alt_txt=drawn.title,
            content=drawn.png,
        )  # fmt: skip
    except (OSError, HTTPException, SlackRequestError) as error:
        if own_client.completing:
            raise
        said = f"The chart could not be uploaded: {str(error) or type(error).__name__}."
        raise NotShownError(said) from error


class _Uploading(WebClient):
    """Slack's own upload, which writes down what file it is before anybody can see it."""

    def __init__(self, client: WebClient, message_id: int) -> None:
        super().__init__(
            token=client.token, base_url=client.base_url, timeout=client.timeout, ssl=client.ssl, proxy=client.proxy,
            retry_handlers=[],
        )  # fmt: skip
        self.message_id = message_id
        self.completing = False

    def files_completeUploadExternal(  # noqa: N802  Slack's name
        self,
        *,
        files: list[dict[str, Any]],
        **more: Any,  # noqa: ANN401
    ) -> SlackResponse:
        """Complete it."""
        with transaction() as session:
            outbox.note_receipt(session, self.message_id, FILES, [str(one["id"]) for one in files])
        self.completing = True
        return super().files_completeUploadExternal(files=files, **more)


def _arrived(session: Session, message_id: int, *, workspace: str, receipt: Mapping[str, Any]) -> None:
    """Note it, and let go of the picture. It waited for no turn, as its answer just had one; what comes next does."""
    outbox.sent(session, message_id, receipt=receipt)
    outbox.fill(session, message_id, {DRAWN: None})
    pace.pause(session, workspace=workspace, what=f"post {receipt['channel']}", until=pace.POST)
