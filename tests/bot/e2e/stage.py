"""A stage to watch the bot on: a Slack that nobody here wrote, and what a person sees and does there."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.socket_mode.builtin.connection import Connection

from jobs.demo.local_slack import COSTS, LEAD, LocalSlack

WITHIN = 30.0
Message = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """A running local Slack, and the bot behind it."""

    slack: LocalSlack
    web: str

    def messages(self, channel: str = COSTS) -> list[Message]:
        """Return what a channel shows."""
        found: list[Message] = self.slack.control(f"/messages/{channel}")["messages"]
        return found

    def texts(self) -> list[str]:
        """Return the words that the channel shows."""
        return [str(one.get("text")) for one in self.messages()]

    def now(self, message: Message) -> str:
        """Return a message as it is shown now, as JSON."""
        return json.dumps([one for one in self.messages() if one["ts"] == message["ts"]], ensure_ascii=False)

    def files(self, user: str = LEAD) -> list[Message]:
        """Return the files that a person got in direct messages."""
        channels = [one["id"] for one in self.slack.control("/state")["channels"]]
        direct = [one for one in channels if one.startswith("D") and user in self._members(one)]
        return [file for channel in direct for one in self.messages(channel) for file in one.get("files", [])]

    def _members(self, channel: str) -> list[str]:
        found = next(one for one in self.slack.control("/state")["channels"] if one["id"] == channel)
        return list(found["members"])

    def until(self, holds: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever was waited for
        """Wait for something to be true."""
        wait, deadline = threading.Event(), time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            if found := holds():
                return found
            wait.wait(0.05)
        pytest.fail(f"it did not happen; the channel shows {self.texts()}")

    def say(self, text: str, user: str = LEAD) -> Message:
        """Type `/cost TEXT` and return the answer."""
        before = len(self.messages())
        self.slack.control("/command", {"channel": COSTS, "user": user, "command": "/cost", "text": text})
        self.until(lambda: len(self.messages()) > before)
        return self.messages()[-1]

    def press(self, message: Message, action: str, user: str = LEAD) -> None:
        """Press the first button of that name under a message."""
        elements = [(block, one) for block in message["blocks"] for one in block.get("elements", [])]
        block, button = next(found for found in elements if found[1].get("action_id") == action)
        value, block_id = button["value"], block.get("block_id", "b")
        act = {"type": "button", "block_id": block_id, "action_id": action, "value": value}
        self.slack.control(
            "/interact", {"channel": message["channel"], "messageTs": message["ts"], "user": user, "action": act}
        )

    def hand_in(self, values: dict[str, dict[str, Any]], user: str = LEAD) -> None:
        """Fill the form in that is open, field by field, and hand it in: over the socket of the emulator's page."""
        self.until(lambda: "views.open" in self._log())
        page = Connection(f"ws://127.0.0.1:{self.slack.port}/ui", logging.getLogger(__name__))
        page.connect()
        filled = {block: {"given": value} for block, value in values.items()}
        page.send(json.dumps({"t": "view_submit", "user": user, "values": filled}))
        # A socket that is closed with unread bytes is reset, and what was sent may be lost with it.
        self.until(lambda: "view_submission" in self._log())
        page.disconnect()

    def _log(self) -> str:
        return json.dumps(self.slack.control("/log")["log"])

    def thread(self, message: Message) -> list[str]:
        """Return what stands under a message."""
        return [str(one["text"]) for one in self.messages() if one.get("thread_ts") == message["ts"]]

    def picture(self, file: Message) -> bytes:
        """Return an uploaded file's content, as Slack would show it."""
        request = urllib.request.Request(
            file["url_private"], headers={"Authorization": f"Bearer {self.slack.bot_token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bytes(answer.read())

    def serves(self) -> bool:
        """Whether the web process is well."""
        try:
            with urllib.request.urlopen(self.web + "/healthz", timeout=5) as answer:
                return b"true" in answer.read()
        except urllib.error.URLError:
            return False
