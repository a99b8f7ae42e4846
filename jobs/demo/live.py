"""The demo's processes: the Procfile's web, bot and clock, and a local Slack to talk to them in a browser."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import click

from finops.errors import UnavailableError
from jobs.demo import guard, local_slack
from jobs.demo.children import Children

WITHIN = 30.0
"""Seconds for the web process to answer in."""


def show(home: Path, *, transport: str, port: int) -> None:
    """Start everything, say where it is, and stop it all on Ctrl-C or when one of them ends."""
    children, ended = Children(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        slack = _slack(home, children, transport=transport, port=port)
        _processes(home, children, slack, transport=transport, port=port)
        _told(slack, port)
        while not ended.wait(0.5):
            _alive(children, home)
    finally:
        children.stop()
    click.echo("Stopped.")


def _slack(home: Path, children: Children, *, transport: str, port: int) -> local_slack.LocalSlack | None:
    program = local_slack.find(home)
    if program is None:
        return None
    mode = "socket" if transport == "socket" else "events"
    request_url = f"http://127.0.0.1:{port}/slack/events"
    return local_slack.start(
        program, home / "local-slack", children, port=guard.port(0, chosen=False), mode=mode, request_url=request_url
    )


def _processes(
    home: Path, children: Children, slack: local_slack.LocalSlack | None, *, transport: str, port: int
) -> None:
    environment = {**os.environ, "PORT": str(port), "COSTS_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    talking = environment | (slack.environment() if slack else {})
    costs = [sys.executable, "-m", "costs"]
    children.start("web", [*costs, "web"], environment=talking, log=home / "logs" / "web.log")
    _until_healthy(children, port, home)
    if slack and transport == "socket":
        children.start("bot", [*costs, "bot"], environment=talking, log=home / "logs" / "bot.log")
    children.start("clock", [*costs, "clock"], environment=environment, log=home / "logs" / "clock.log")


def _until_healthy(children: Children, port: int, home: Path) -> None:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        _alive(children, home)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                if b'"ok"' in answer.read():
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    message = f"The web process did not answer on port {port}: its words are in {home / 'logs' / 'web.log'}."
    raise UnavailableError(message)


def _alive(children: Children, home: Path) -> None:
    name = children.ended()
    if name:
        log = home / ("local-slack" if name == "local-slack" else "logs") / f"{name}.log"
        last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        message = f"The {name} process ended: {last[0] if last else 'without a word'} ({log})"
        raise UnavailableError(message)


def _told(slack: local_slack.LocalSlack | None, port: int) -> None:
    if slack:
        click.echo(
            f"\n  Slack         {slack.url}\n"
            "                be Lena in #cloud-costs (she may approve) and type /cost; Vic may only look"
        )
    else:
        click.echo("\n  Slack         not here: install npm and start again, and the demo brings a local one")
    click.echo(f"  evidence      http://127.0.0.1:{port}/\n\nCtrl-C ends everything.")
