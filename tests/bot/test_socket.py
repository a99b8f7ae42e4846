"""Socket Mode: acknowledged when it is kept, not before, and with what a form is to be told."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from sqlalchemy import func, select

from bot import socket
from bot.intake import Intake
from finops.errors import UnavailableError
from storage.database import transaction
from storage.models import Inbox
from tests.bot import payloads
from tests.bot.fake_slack import FakeSlack


class Wire:
    """The other end of the socket: it keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def send_socket_mode_response(self, response: SocketModeResponse) -> None:
        """Keep it, and how much the inbox held by then."""
        with transaction() as session:
            kept = session.scalar(select(func.count()).select_from(Inbox))
        self.told.append({**response.to_dict(), "kept": kept})


def _heard(intake: Intake, body: payloads.Body) -> list[dict[str, Any]]:
    wire = Wire()
    sent = SocketModeRequest(type="slash_commands", envelope_id="E1", payload=body)
    socket.heard(intake, wire, sent)  # type: ignore[arg-type]
    return wire.told


def test_what_is_kept_is_acknowledged(bolt: App, slack: FakeSlack) -> None:
    """Once it is there, and not before."""
    told = _heard(Intake(bolt, lambda: None), payloads.command(slack, "help"))
    assert told == [{"envelope_id": "E1", "kept": 1}]


def test_a_form_is_told_what_is_wrong_with_it(bolt: App) -> None:
    """As over HTTP."""

    def check(ack: Ack) -> None:
        ack(response_action="errors", errors={"name": "Give it a name."})

    bolt.view("named")(ack=check, lazy=[])
    (told,) = _heard(Intake(bolt, lambda: None), payloads.form("named"))
    assert told["payload"] == {"response_action": "errors", "errors": {"name": "Give it a name."}}


def test_what_cannot_be_kept_is_not_acknowledged(bolt: App, slack: FakeSlack) -> None:
    """Slack sends it again."""

    class Full(Intake):
        def take(self, body: payloads.Body) -> Any:  # noqa: ANN401  it never returns
            del body
            message = "The database did not answer."
            raise UnavailableError(message)

    assert _heard(Full(bolt, lambda: None), payloads.command(slack, "help")) == []
