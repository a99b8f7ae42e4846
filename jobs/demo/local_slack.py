"""A Slack to try the bot in without an account: npm's `local-slack`, a single-file emulator, on a port of its own."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from finops.errors import UnavailableError
from jobs.demo.children import Children

PACKAGE, VERSION = "local-slack-linux-x64", "0.1.8"
WITHIN = 20.0
"""Seconds to answer in; it took less than one."""
FETCH_WITHIN = 120
"""Seconds for npm to bring 95 MB."""
VIEWER, LEAD, ADMIN, BOT = "U0VIC", "U0LENA", "U0ADA", "U0COSTS"
GENERAL, COSTS = "C0GENERAL", "C0COSTS"
_PEOPLE = ((LEAD, "lena", "Lena (lead, approves)"), (ADMIN, "ada", "Ada (admin)"), (VIEWER, "vic", "Vic (may look)"))
"""Its page acts as the first of them until one chooses."""


@dataclass(frozen=True, slots=True)
class LocalSlack:
    """A running emulator and what the bot needs to talk to it."""

    port: int
    team: str
    bot_token: str
    app_token: str
    signing_secret: str

    @classmethod
    def on(cls, port: int) -> LocalSlack:
        """Return one with an identity and secrets that nobody else knows."""
        return cls(
            port=port,
            team=f"T0{secrets.token_hex(5).upper()}",
            bot_token=f"xoxb-{secrets.token_hex(12)}",
            app_token=f"xapp-{secrets.token_hex(12)}",
            signing_secret=secrets.token_hex(16),
        )

    @property
    def url(self) -> str:
        """Address of its page, and of its control interface."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the settings of the bot and web processes."""
        return {
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "COSTS_CHANNEL": COSTS,
            "COSTS_APPROVERS": f"{LEAD},{ADMIN}",
        }

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  its JSON
        """Ask its control interface; with a body it is a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  our own loopback address
            f"{self.url}/_control{path}", data, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  as above
            return json.loads(answer.read() or b"{}")

    def is_ours(self) -> bool:
        """Whether what answers on the port is the one that we started."""
        try:
            return bool(self.control("/state")["workspace"]["teamId"] == self.team)
        except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError):
            return False

    def is_connected(self) -> bool:
        """Whether the bot listens over Socket Mode."""
        try:
            return any("socket connected" in str(one.get("summary")) for one in self.control("/log")["log"])
        except (urllib.error.URLError, OSError, ValueError):
            return False


def find(home: Path, *, progress: Callable[[str], None] | None = None) -> Path:
    """Return the emulator's program, brought by npm into COSTS_HOME/tools if need be. Raises UnavailableError."""
    program = _place(home)
    if not program.exists():
        _fetch(home, progress or (lambda _: None))
    return program


def _place(home: Path) -> Path:
    return home / "tools" / "node_modules" / PACKAGE / "bin" / "local-slack"


def _fetch(home: Path, progress: Callable[[str], None]) -> None:
    tools = home / "tools"
    words = ["npm", "install", "--prefix", str(tools), "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"]
    by_hand = f"`{shlex.join(words)}`"
    npm = shutil.which("npm")
    if npm is None:
        message = f"npm is not installed: install it (it comes with Node.js) and start again, which runs {by_hand}."
        raise UnavailableError(message)
    progress("Fetching a local Slack (95 MB, once)")
    try:
        tools.mkdir(parents=True, exist_ok=True)
        subprocess.run(  # noqa: S603  npm's own program
            [npm, *words[1:]], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=FETCH_WITHIN
        )
        _place(home).stat()
    except subprocess.TimeoutExpired as error:
        message = f"npm took longer than {FETCH_WITHIN} s to bring it: try {by_hand} by hand."
        raise UnavailableError(message) from error
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stderr.decode(errors="replace").splitlines() if "error" in line.lower()]
        message = f"npm could not bring it ({said[0] if said else 'no reason given'}): try {by_hand} by hand."
        raise UnavailableError(message) from error
    except OSError as error:
        message = f"npm could not bring it ({error.strerror}): try {by_hand} by hand."
        raise UnavailableError(message) from error


def _config(slack: LocalSlack, *, mode: str, request_url: str) -> dict[str, Any]:
    members = [LEAD, ADMIN, VIEWER, BOT]
    return {
        "workspace": {"name": "Acme", "domain": "acme", "teamId": slack.team},
        "app": {
            "appId": "A0COSTS",
            "botUserId": BOT,
            "botName": "costs",
            "botToken": slack.bot_token,
            "appToken": slack.app_token,
            "signingSecret": slack.signing_secret,
            "mode": mode,
            "requestUrl": request_url,
        },
        "users": [{"id": one, "name": name, "real_name": real} for one, name, real in _PEOPLE],
        "channels": [
            {"id": COSTS, "name": "cloud-costs", "members": members},
            {"id": GENERAL, "name": "general", "members": members},
        ],
    }


def start(
    program: Path, folder: Path, children: Children, *, port: int, mode: str = "socket", request_url: str = ""
) -> LocalSlack:
    """Start it and wait until it answers as ours. Raises UnavailableError."""
    slack = LocalSlack.on(port)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "local-slack.yaml"
    config.touch(mode=0o600)
    config.write_text(yaml.safe_dump(_config(slack, mode=mode, request_url=request_url)))
    command = [str(program), "--config", str(config), "--port", str(port), "--base-host", "127.0.0.1"]
    children.start("local-slack", command, environment=dict(os.environ), log=folder / "local-slack.log")
    deadline, pause = time.monotonic() + WITHIN, threading.Event()
    while time.monotonic() < deadline and children.ended() is None:
        if slack.is_ours():
            return slack
        pause.wait(0.05)
    message = f"The local Slack did not answer on port {port}: {children.last_words('local-slack')}"
    raise UnavailableError(message)
