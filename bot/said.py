"""An answer that is posted where it was asked: in the outbox first, so that it is neither lost nor repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from storage import asking
from storage.models import Outbox

KIND = "slack_answer"
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What is posted where, and what the conversation is about from then on."""

    channel: str
    text: str
    blocks: Sequence[Block] = ()
    thread: str | None = None
    """Slack's `ts` of the message that it is written under."""
    question: str | None = None
    """What a reply to it refines; None where nothing was answered."""
    by: str = ""
    """Who asked."""
    above: str | None = None
    """The message that asked, where that is no thread: a reply to it refines the question, too."""

    def payload(self) -> Payload:
        """Return it as the outbox keeps it."""
        threads = [one for one in (self.thread or self.above,) if one]
        return {
            "channel": self.channel,
            "thread_ts": self.thread,
            "text": self.text,
            "blocks": [one.to_dict() for one in self.blocks],
            "asked": {"question": self.question, "by": self.by, "threads": threads} if self.question else None,
        }


def drawn(payload: Payload) -> tuple[str, list[dict[str, Any]] | None]:
    """Return text and blocks, as they were when it was answered."""
    return payload["text"], payload["blocks"] or None


def remember(session: Session, message: Outbox, ts: str) -> None:
    """Note what is refined by a reply to what was posted, and to what asked for it."""
    asked = message.payload["asked"]
    for thread in {ts, *asked["threads"]} if asked else ():
        place = {"workspace": message.workspace, "channel": message.payload["channel"], "thread": thread}
        asking.note(session, asked["question"], **place, by=asked["by"])
