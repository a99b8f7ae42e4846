# ruff: noqa: FBT001, PLR0917  the signature is Bolt's
"""What a listener answers: written down under a key first, so that it is neither lost nor repeated, then sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from slack_bolt import Respond
from slack_bolt.request.internals import extract_channel_id, extract_user_id
from slack_sdk.models.attachments import Attachment
from slack_sdk.models.blocks import Block
from slack_sdk.webhook import WebhookResponse

from bot import deliver, private
from storage import outbox
from storage.database import statement

DELIVERY = "costs_delivery"
"""Where a request's context holds which delivery of the inbox it is."""
DONE = WebhookResponse(url="", status_code=200, body="ok", headers={})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the inbox that is being worked on."""

    id: int
    workspace: str
    attempt: int
    """From 1; more means that an earlier worker died over it."""
    received_at: datetime
    replies: count[int] = field(default_factory=count)


class Reply(Respond):
    """Bolt's `respond`, by way of the outbox."""

    def __init__(self, delivery: Delivery, body: Mapping[str, Any]) -> None:
        super().__init__(response_url=_address(body))
        self.delivery = delivery
        event = body.get("event") or {}
        self.to = {
            "channel": extract_channel_id(dict(body)),
            "user": extract_user_id(dict(body)),
            "thread": event.get("thread_ts") if isinstance(event, dict) else None,
        }

    @property
    def reaches(self) -> bool:
        """Whether there is anybody to be told."""
        return bool(self.response_url or self.to["user"])

    def __call__(
        self,
        text: str | dict[str, Any] = "",
        blocks: Sequence[dict[str, Any] | Block] | None = None,
        attachments: Sequence[dict[str, Any] | Attachment] | None = None,
        response_type: str | None = None,
        replace_original: bool | None = None,
        delete_original: bool | None = None,
        unfurl_links: bool | None = None,
        unfurl_media: bool | None = None,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> WebhookResponse:
        """Answer the person. What Slack does not take now is tried again by the outbox."""
        whole = text if isinstance(text, dict) else {"text": text}
        others = {
            "blocks": blocks, "attachments": attachments, "response_type": response_type,
            "replace_original": replace_original, "delete_original": delete_original, "unfurl_links": unfurl_links,
            "unfurl_media": unfurl_media, "thread_ts": thread_ts, "metadata": metadata,
        }  # fmt: skip
        self._send({**{name: value for name, value in others.items() if value is not None}, **whole})
        return DONE

    def _send(self, message: dict[str, Any]) -> None:
        payload = {
            "url": self.response_url,
            "until": (self.delivery.received_at + private.GOOD_FOR).isoformat(),
            "message": json.loads(json.dumps(message, default=_plain)),
            **self.to,
        }
        key = f"reply {self.delivery.id} {next(self.delivery.replies)}"
        with statement() as session:
            row = outbox.put_claimed(
                session, workspace=self.delivery.workspace, key=key, kind=private.KIND, payload=payload
            )
        if row is not None:  # else whoever worked on this before has answered already
            deliver.send(row)


def _plain(block: Any) -> Any:  # noqa: ANN401  what json does not know
    return block.to_dict()


def _address(body: Mapping[str, Any]) -> str | None:
    several = body.get("response_urls") or [{}]
    found = body.get("response_url") or several[0].get("response_url")
    return found if isinstance(found, str) else None
