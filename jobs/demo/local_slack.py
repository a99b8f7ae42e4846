"""A Slack to try the bot in without an account: npm's `local-slack`, a single-file emulator, on a port of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from finops.errors import UnavailableError
from jobs.demo.children import Children

PACKAGE, VERSION = "local-slack-linux-x64", "0.1.8"
WITHIN = 20.0
"""Seconds to answer in; it took less than one."""
TEAM = "T0ACME"
VIEWER, LEAD, ADMIN, BOT = "U0VIC", "U0LENA", "U0ADA", "U0COSTS"
GENERAL, COSTS = "C0GENERAL", "C0COSTS"
_PEOPLE = ((VIEWER, "vic", "Vic (may look)"), (LEAD, "lena", "Lena (lead, approves)"), (ADMIN, "ada", "Ada (admin)"))


@dataclass(frozen=True, slots=True)
class LocalSlack:
    """A running emulator and what the bot needs to talk to it."""

    port: int
    bot_token: str
    app_token: str
    signing_secret: str

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


def find(home: Path) -> Path | None:
    """Return the emulator's program, brought by npm into COSTS_HOME/tools if need be; None where that cannot be."""
    tools = home / "tools"
    program = tools / "node_modules" / PACKAGE / "bin" / "local-slack"
    npm = shutil.which("npm")
    if program.exists() or npm is None:
        return program if program.exists() else None
    tools.mkdir(parents=True, exist_ok=True)
    words = [npm, "install", "--prefix", str(tools), "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=180)  # noqa: S603  npm's own program
    except (subprocess.SubprocessError, OSError):
        return None
    return program if program.exists() else None


def _config(slack: LocalSlack, *, mode: str, request_url: str) -> dict[str, Any]:
    members = [VIEWER, LEAD, ADMIN, BOT]
    return {
        "workspace": {"name": "Acme", "domain": "acme", "teamId": TEAM},
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
    slack = LocalSlack(port, f"xoxb-{secrets.token_hex(12)}", f"xapp-{secrets.token_hex(12)}", secrets.token_hex(16))
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "local-slack.yaml"
    config.write_text(yaml.safe_dump(_config(slack, mode=mode, request_url=request_url)))
    config.chmod(0o600)
    command = [str(program), "--config", str(config), "--port", str(port), "--base-host", "127.0.0.1"]
    children.start("local-slack", command, environment=dict(os.environ), log=folder / "local-slack.log")
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline and children.ended() is None:
        try:
            if TEAM in json.dumps(slack.control("/state")):
                return slack
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.05)
    message = f"The local Slack did not answer on port {port}: its words are in {folder / 'local-slack.log'}."
    raise UnavailableError(message)
