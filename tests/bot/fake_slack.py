"""A small Slack on loopback: it notes what it is asked and answers as scripted.

The shapes are those of https://docs.slack.dev/reference/methods; what matters beyond them is tried on an emulator
that nobody here wrote (e2e).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

WITHIN = 10.0
MEMBER = {"team_id": "T0", "deleted": False, "is_bot": False, "is_restricted": False, "is_ultra_restricted": False}
"""Of what https://docs.slack.dev/reference/objects/user-object says of a usual member."""
HANG_UP = "hang up"
"""A scripted answer that never comes."""


@dataclass
class FakeSlack:
    """What was asked of it, and what it will answer next."""

    address: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: list[tuple[str, str]] = field(default_factory=list)
    script: dict[str, list[Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What people are beyond a member of T0, by their id."""
    channels: list[dict[str, Any]] = field(default_factory=list)
    """What it lists of channels; who is in one, under `members`."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def api(self) -> str:
        """Where the Web API is."""
        return f"{self.address}/api/"

    def of(self, name: str) -> list[dict[str, Any]]:
        """Return what was asked of one method so far."""
        with self.changed:
            return [values for called, values in self.calls if called == name]

    def wait(self, name: str, times: int = 1, within: float = WITHIN) -> list[dict[str, Any]]:
        """Return the calls of a method once there are so many."""
        with self.changed:
            came = self.changed.wait_for(lambda: sum(called == name for called, _ in self.calls) >= times, within)
        assert came, f"no {name}; asked were {[called for called, _ in self.calls]}"
        return self.of(name)

    def bearers(self, name: str) -> list[str]:
        """Return the tokens with which a method was called."""
        with self.changed:
            return [token for called, token in self.tokens if called == name]

    def note(self, name: str, values: dict[str, Any]) -> Any:  # noqa: ANN401  whatever was scripted
        """Note a call, and return what to answer."""
        with self.changed:
            self.calls.append((name, values))
            self.changed.notify_all()
            scripted = self.script.get(name)
            return scripted.pop(0) if scripted else self._usual(name, values)

    def _usual(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        usual: dict[str, dict[str, Any]] = {
            "auth.test": {"user_id": "U0BOT", "bot_id": "B0BOT", "team_id": "T0", "user": "costs", "team": "t"},
            "chat.postMessage": {"ts": f"1700000000.{len(self.calls):06}", "channel": "C0COSTS"},
            "conversations.open": {"channel": {"id": "D0DIRECT"}},
            "conversations.list": {"channels": self.channels},
            "conversations.history": {"messages": []},
            "users.info": {"user": {**MEMBER, "id": values.get("user"), **self.users.get(str(values.get("user")), {})}},
            "files.getUploadURLExternal": {"upload_url": f"{self.address}/upload", "file_id": "F0"},
            "files.completeUploadExternal": {"files": [{"id": "F0"}]},
        }
        if name in ("conversations.info", "conversations.members"):
            return self._of_channel(str(values.get("channel")))
        return {"ok": True} | usual.get(name, {})

    def _of_channel(self, channel: str) -> dict[str, Any]:
        found = next((one for one in self.channels if one["id"] == channel), None)
        if found is None:
            if self.channels:
                return {"ok": False, "error": "channel_not_found"}
            found = {"id": channel, "is_member": True}  # where no test cares
        return {"ok": True, "channel": found, "members": found.get("members", [])}


class _Handler(BaseHTTPRequestHandler):
    slack: FakeSlack

    def do_POST(self) -> None:
        """Answer any method."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type", "")
        values = {"file": raw} if self.path.startswith("/upload") else _values(raw, kind)
        method = self.path.rpartition("/")[2]
        self.slack.tokens.append((method, self.headers.get("Authorization", "").removeprefix("Bearer ")))
        answer = self.slack.note(method, values)
        if answer == HANG_UP:
            self.close_connection = True
            return
        status, headers, content = answer if isinstance(answer, tuple) else (200, {}, answer)
        self._send(status, headers, content if isinstance(content, bytes) else json.dumps(content).encode())

    do_GET = do_POST  # noqa: N815  the names are http.server's

    def _send(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(content)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _values(raw: bytes, kind: str) -> dict[str, Any]:
    if "json" in kind:
        return dict(json.loads(raw or b"{}"))
    return dict(parse_qsl(raw.decode(), keep_blank_values=True))


@contextmanager
def running() -> Iterator[FakeSlack]:
    """Serve on a port of the system's choice until the block ends."""

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.slack = FakeSlack(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Handler.slack
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
