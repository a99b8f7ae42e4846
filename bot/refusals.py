"""What Slack says when it refuses: for how long it wants to be left alone."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from slack_sdk.errors import SlackApiError

BUSY = timedelta(seconds=30)
"""Slack says how long it wants to be left alone; where it does not, this is long enough."""


def wait(error: SlackApiError) -> timedelta | None:
    """Return how long Slack asks to wait (https://docs.slack.dev/apis/web-api/rate-limits), None if it does not."""
    headers = {name.lower(): value for name, value in (error.response.headers or {}).items()}
    asked, status = str(headers.get("retry-after", "")), int(error.response.status_code or 0)
    if error.response.get("error") == "ratelimited" or asked or status == HTTPStatus.TOO_MANY_REQUESTS:
        return timedelta(seconds=int(asked)) if asked.isdigit() else BUSY
    return None
