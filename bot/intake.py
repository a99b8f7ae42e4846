"""The way in, the same for HTTP and Socket Mode: what Slack sent is kept, then acknowledged, and then worked on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest
from slack_bolt.request.internals import extract_team_id

from bot import organizations, repeated, workspaces
from bot.inline import ACKNOWLEDGING
from storage import inbox
from storage.database import statement, transaction

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack is told at once: usually that it arrived, to a form also what is wrong with it."""

    status: int = 200
    body: Body | None = None


TAKEN = Answer()
STRANGE = Answer(status=400)
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""The last one is that of the others' own sign."""


class Intake:
    """Takes deliveries in; `bell` is rung when there is something to do."""

    def __init__(self, app: App, bell: Callable[[], object]) -> None:
        self.app, self.bell = app, bell

    def take(self, body: Body) -> Answer:
        """Keep a delivery and say what Slack is to be told. Raises UnavailableError: then Slack sends it again."""
        kind = body.get("type")
        if kind == "url_verification":
            return Answer(body={"challenge": str(body.get("challenge", ""))})
        if not body or "ssl_check" in body:
            return TAKEN if body else STRANGE
        body = organizations.settled(typed(body))
        if kind == "block_suggestion":  # a list that somebody is typing into: nothing to keep, nothing changes
            return self._look(body)
        workspace, held = extract_team_id(body) or "", kind == "view_submission"
        with statement() as session:
            row = inbox.put(session, workspace=workspace, key=repeated.key(body), payload=json.dumps(body), held=held)
        if row is None:
            return TAKEN
        answer = self._form(row, body) if held else TAKEN
        self.bell()
        return answer

    def _form(self, row: int, body: Body) -> Answer:
        """Have a form looked at: what is sent back to be mended is not worked on."""
        answer = self._look(body)
        sent_back = (answer.body or {}).get("response_action") == "errors"
        with transaction() as session:
            (inbox.refuse if sent_back else inbox.release)(session, row)
        return answer

    def _look(self, body: Body) -> Answer:
        if not workspaces.is_admitted(extract_team_id(body) or ""):
            return TAKEN
        request = BoltRequest(mode="socket_mode", body=body, context={ACKNOWLEDGING: True})
        response = self.app.dispatch(request)
        said = json.loads(response.body) if response.body and response.body.startswith("{") else None
        return Answer(response.status, said)


def typed(body: Body) -> Body:
    """Return a command with its text as it was typed: Slack escapes three characters of it, as it does in messages.

    Here alone, before it is kept: done twice, it would change what somebody meant by &amp;gt; in so many letters.
    (https://docs.slack.dev/messaging/formatting-message-text#escaping)
    """
    text = body.get("text")
    if "command" not in body or not isinstance(text, str):
        return body
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    return {**body, "text": text}


def read(body: bytes) -> Body:
    """Read what came over HTTP: JSON, or a form with JSON in it. Raises ValueError, TypeError, RecursionError."""
    text = body.decode()
    if not text.startswith("{"):
        form = dict(parse_qsl(text, keep_blank_values=True))
        if "payload" not in form:
            return form
        text = form["payload"]
    found = json.loads(text)
    if not isinstance(found, dict):
        message = "no JSON object"
        raise TypeError(message)
    return found
