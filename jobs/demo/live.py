"""The demo's processes: the Procfile's web, bot and clock, and a local Slack to talk to them in a browser."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy import select, update

from finops.errors import UnavailableError
from finops.people import Person
from finops.recommendations.lifecycle import State
from finops.roles import Role
from jobs.demo import guard, local_slack
from jobs.demo.children import Children
from jobs.demo.local_slack import ADMIN, LocalSlack
from storage import outbox, recommendations, roles
from storage.database import transaction
from storage.models import Outbox, OutboxState

WITHIN = 60.0
"""Seconds for the processes to answer in; on an idle machine it takes two."""
PAUSE = threading.Event()


def show(home: Path, *, transport: str, held: socket.socket) -> None:
    """Start everything, say where it is, and stop it all on Ctrl-C or when one of them ends.

    The web process gets the port that was held for it.
    """
    children, port = Children(), guard.number(held)
    try:
        slack, without = _slack(home, children, transport=transport, port=port)
        if slack:
            _announced(slack)
        held.close()
        _processes(home, children, slack, transport=transport)
        _ready(children, slack, transport=transport, port=port)
        _told(slack, without, port)
        while _alive(children):
            PAUSE.wait(0.5)
    except KeyboardInterrupt:
        click.echo("\nStopping …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # an impatient second Ctrl-C must leave nobody behind
            signal.signal(number, signal.SIG_IGN)
        children.stop()
    click.echo("Stopped. What was made stays; start it again at any time.")


def _slack(home: Path, children: Children, *, transport: str, port: int) -> tuple[LocalSlack | None, str]:
    """Start the local Slack; without it say why there is none."""
    try:
        program = local_slack.find(home, progress=lambda sentence: click.echo(f"· {sentence}", err=True))
    except UnavailableError as error:
        return None, str(error)
    found = local_slack.start(
        program,
        home / "local-slack",
        children,
        port=guard.port(0, chosen=False),
        mode="socket" if transport == "socket" else "events",
        request_url=f"http://127.0.0.1:{port}/slack/events",
    )
    return found, ""


def _announced(slack: LocalSlack) -> None:
    """Have the savings announced: the local Slack forgets, so what an earlier one showed is announced again."""
    ours = Outbox.kind == "slack_message"
    with transaction() as session:
        roles.grant(session, ADMIN, Role.ADMIN, by=Person(slack.team, "the demo"))
        session.execute(update(Outbox).where(ours, Outbox.state == OutboxState.SENT).values(receipt={}))
        known = [str(one.id) for one in recommendations.alive(session) if one.state is State.OPEN]
        waiting = session.scalar(select(Outbox.id).where(ours, Outbox.state == OutboxState.PENDING).limit(1))
        if known and waiting is None:
            digest = {"kind": "recommendations", "recommendation_ids": known}
            payload = {"channel": None, "digest": digest}
            outbox.put(session, key=f"demo {slack.team} digest", kind="slack_message", payload=payload)


def _processes(home: Path, children: Children, slack: LocalSlack | None, *, transport: str) -> None:
    environment = dict(os.environ)
    talking = environment | (slack.environment() if slack else {})
    names = ["web", "clock", *(["bot"] if slack and transport == "socket" else [])]
    for name in names:
        children.start(
            name,
            [sys.executable, "-m", "costs", name],
            environment=environment if name == "clock" else talking,
            log=home / "logs" / f"{name}.log",
        )


def _ready(children: Children, slack: LocalSlack | None, *, transport: str, port: int) -> None:
    _until(children, "web", lambda: _healthy(port))
    if slack and transport == "socket":
        _until(children, "bot", slack.is_connected)


def _until(children: Children, name: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while _alive(children) and time.monotonic() < deadline:
        if holds():
            return
        PAUSE.wait(0.1)
    message = f"The {name} process did not answer within {WITHIN:.0f} s:\n{children.last_words(name)}"
    raise UnavailableError(message)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return b'"ok"' in answer.read()
    except (urllib.error.URLError, OSError):
        return False


def _alive(children: Children) -> bool:
    """Return true, or raise UnavailableError with the last words of the process that ended."""
    if name := children.ended():
        message = f"The {name} process ended, so the demo stops:\n{children.last_words(name)}"
        raise UnavailableError(message)
    return True


def _told(slack: LocalSlack | None, without: str, port: int) -> None:
    if slack:
        click.echo(
            f"\n  Slack         {slack.url}\n"
            "                You are Lena, who may approve. In #cloud-costs type /cost, or /cost help; press Chart;\n"
            "                press Approve under a recommendation. Vic (choose him at the top) may only look.\n"
            "                It is a new workspace at each start: what was set up in an earlier one (roles, rules,\n"
            "                digests, owners) is not in it; what was decided stays."
        )
    else:
        click.echo(f"\n  Slack         none to talk to here\n                {without}")
    click.echo(f"  evidence      http://127.0.0.1:{port}/\n\nCtrl-C ends everything.")
