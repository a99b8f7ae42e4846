"""The bot through a Slack that nobody here wrote, over both transports, as a person would use it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.errors import UnavailableError
from finops.recommendations.lifecycle import State
from jobs.demo import guard, local_slack
from jobs.demo.children import Children
from storage import outbox, recommendations
from storage.database import libpq, transaction, url
from storage.models import Inbox
from tests.bot import ledgers

KEPT = Path(__file__).resolve().parents[3] / ".costs"
"""Where the demo keeps the emulator too, so that npm brings it once."""


@dataclass(frozen=True)
class Stage:
    """A running local Slack, the bot behind it, and one recommendation to decide on."""

    slack: local_slack.LocalSlack
    web: str
    chosen: uuid.UUID

    def messages(self, channel: str = local_slack.COSTS) -> list[dict[str, Any]]:
        """Return what a channel shows."""
        found: list[dict[str, Any]] = self.slack.control(f"/messages/{channel}")["messages"]
        return found

    def until(self, holds: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever was waited for
        """Wait for something to be true, within ten seconds."""
        wait, deadline = threading.Event(), time.monotonic() + 10
        while time.monotonic() < deadline:
            if found := holds():
                return found
            wait.wait(0.05)
        pytest.fail(f"it did not happen; the channel shows {[one.get('text') for one in self.messages()]}")

    def say(self, text: str, user: str = local_slack.LEAD) -> dict[str, Any]:
        """Type `/cost TEXT` and return the answer."""
        before = len(self.messages())
        self.slack.control("/command", {"channel": local_slack.COSTS, "user": user, "command": "/cost", "text": text})
        self.until(lambda: len(self.messages()) > before)
        return self.messages()[-1]

    def press(self, message: dict[str, Any], action: str, user: str = local_slack.LEAD) -> None:
        """Press a button of a message."""
        elements = [one for block in message["blocks"] for one in block.get("elements", [])]
        value = next(one["value"] for one in elements if one.get("action_id") == action)
        act = {"type": "button", "block_id": "b", "action_id": action, "value": value}
        body = {"channel": local_slack.COSTS, "messageTs": message["ts"], "user": user, "action": act}
        self.slack.control("/interact", body)


@pytest.fixture(params=["socket", "http"])
def stage(request: pytest.FixtureRequest, database: Path, tmp_path: Path) -> Iterator[Stage]:
    """Start the emulator, and the web or bot process, on the test run's database."""
    try:
        program = local_slack.find(KEPT)
    except UnavailableError as error:
        pytest.skip(str(error))
    with transaction() as session:
        ledgers.fill(session)
        chosen = ledgers.recommend(session)
    children, port = Children(), guard.port(0, chosen=False)
    try:
        mode = "socket" if request.param == "socket" else "events"
        slack = local_slack.start(
            program, tmp_path, children, port=guard.port(0, chosen=False), mode=mode,
            request_url=f"http://127.0.0.1:{port}/slack/events",
        )  # fmt: skip
        environment = {**os.environ, **slack.environment(), "DATABASE_URL": libpq(url()), "PORT": str(port)}
        process = "bot" if mode == "socket" else "web"
        children.start(process, [sys.executable, "-m", "costs", process], environment=environment, log=tmp_path / "log")
        ready = Stage(slack, f"http://127.0.0.1:{port}", chosen)
        ready.until(lambda: children.ended() or _listens(ready, mode))
        yield ready
    finally:
        children.stop()


def _listens(stage: Stage, mode: str) -> bool:
    if mode == "socket":
        return "apps.connections.open" in json.dumps(stage.slack.control("/log"))
    try:
        with urllib.request.urlopen(stage.web + "/healthz", timeout=5) as answer:
            return b"true" in answer.read()
    except urllib.error.URLError:
        return False


def test_a_question_is_answered_and_its_chart_arrives(stage: Stage) -> None:
    """Privately, with the figures; the chart as a PNG in direct messages; shared on demand."""
    answer = stage.say("by service 2026-10")
    assert "Spent $341.00 from 1 Oct to 31 Oct 2026" in answer["text"]
    stage.press(answer, "answer_chart")
    stage.until(lambda: ".png" in json.dumps(stage.slack.control("/log")))
    stage.press(answer, "answer_share")
    stage.until(lambda: any("341" in one.get("text", "") for one in stage.messages() if one is not answer))
    stage.say("by servce")
    stage.until(lambda: any("Did you mean “service”" in one.get("text", "") for one in stage.messages()))


def test_a_recommendation_is_decided_once_and_redrawn(stage: Stage) -> None:
    """Announced through the outbox; refused to a viewer; pressed by two people, several times, decided once."""
    with transaction() as session:
        digest = {"kind": "recommendations", "recommendation_ids": [str(stage.chosen)]}
        outbox.put(session, key="test digest", kind="slack_message", payload={"channel": None, "digest": digest})
    announced = stage.until(lambda: next((one for one in stage.messages() if "would save" in one["text"]), None))
    stage.press(announced, "recommendation_approve", user=local_slack.VIEWER)
    stage.until(lambda: any("Only approvers" in one.get("text", "") for one in stage.messages()))
    for user in (local_slack.LEAD, local_slack.ADMIN, local_slack.LEAD):
        stage.press(announced, "recommendation_approve", user=user)
    stage.until(lambda: "Approved" in json.dumps(next(m for m in stage.messages() if m["ts"] == announced["ts"])))
    stage.until(lambda: sum("first decision stands" in one.get("text", "") for one in stage.messages()) == 2)
    with transaction() as session:
        row = recommendations.get(session, stage.chosen)
        history = recommendations.events(session, stage.chosen)
    assert row.state is State.APPROVED
    assert row.decided_by in (local_slack.LEAD, local_slack.ADMIN)
    assert [one.after for one in history] == [State.APPROVED]


@pytest.mark.parametrize("stage", ["http"], indirect=True)
@pytest.mark.parametrize("flaw", ["forged", "stale", "missing", "malformed"])
def test_what_slack_did_not_sign_is_refused(stage: Stage, flaw: str) -> None:
    """401, and no row written."""
    body = b"command=%2Fcost&text=&user_id=U0LENA&channel_id=C0COSTS&trigger_id=forged"
    stamp = str(int(time.time()) - (600 if flaw == "stale" else 0))
    key = b"wrong" if flaw == "forged" else stage.slack.signing_secret.encode()
    signature = "v0=" + hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": "soon" if flaw == "malformed" else stamp}
    if flaw == "missing":
        del headers["X-Slack-Signature"]
    request = urllib.request.Request(stage.web + "/slack/events", body, headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 401
    with transaction() as session:
        assert _inbox(session) == 0


def _inbox(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Inbox)) or 0
