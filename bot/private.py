"""An answer for one person's eyes: at the address that Slack gave for it, or, once that is gone, by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient, WebhookResponse

KIND = "slack_reply"
GOOD_FOR = timedelta(minutes=29)
"""A response address lives 30 minutes (https://docs.slack.dev/interactivity/handling-user-interaction)."""
TIMEOUT = 10
GONE = frozenset({"expired_url", "used_url", "token_expired", "no_service", "no_active_hooks"})
"""Slack's words for a response address that takes no more."""
ELSEWHERE = frozenset({"channel_not_found", "not_in_channel", "user_not_in_channel", "is_archived"})
"""Where nothing can be shown to the person in the conversation itself: direct messages are always open."""
Payload = dict[str, Any]


def post(client: Callable[[], WebClient], payload: Payload, *, now: datetime) -> dict[str, str]:
    """Send a reply; returns where it went. Only by name it takes a token. Raises SlackApiError, OSError, CostsError."""
    if payload["url"] and now < datetime.fromisoformat(payload["until"]):
        answer = WebhookClient(payload["url"], timeout=TIMEOUT, retry_handlers=[]).send_dict(payload["message"])
        if answer.status_code == HTTPStatus.OK:
            return {"by": "response_url"}
        if not _is_gone(answer):
            raise _error(answer)
    return _by_name(client(), payload)


def _is_gone(answer: WebhookResponse) -> bool:
    return answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) or answer.body.strip() in GONE


def _error(answer: WebhookResponse) -> SlackApiError:
    """Return what slack_sdk raises of its own methods: a webhook's answer is no JSON."""
    word = answer.body.strip()
    told = {"ok": False, "error": word if word.isidentifier() else "no_word_of_slacks"}
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        told["error"] = "ratelimited"
    response = SlackResponse(
        client=None, http_verb="POST", api_url="response_url", req_args={}, data=told, headers=dict(answer.headers),
        status_code=answer.status_code,
    )  # fmt: skip
    return SlackApiError("the response address", response)  # type: ignore[no-untyped-call]


def _by_name(client: WebClient, payload: Payload) -> dict[str, str]:
    """Show it to the person in the conversation, or else in direct messages."""
    said = {name: payload["message"][name] for name in ("text", "blocks") if name in payload["message"]}
    try:
        if payload["channel"]:
            client.chat_postEphemeral(
                channel=payload["channel"], user=payload["user"], thread_ts=payload.get("thread"), **said
            )
            return {"by": "chat.postEphemeral"}
    except SlackApiError as error:
        if error.response.get("error") not in ELSEWHERE:
            raise
    direct = client.conversations_open(users=payload["user"])["channel"]["id"]
    client.chat_postMessage(channel=direct, **said)
    return {"by": "direct message"}
