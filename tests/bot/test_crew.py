"""The processes that answer: another follows one that dies, and none outlives the one that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from slack_bolt import App

from bot.crew import Crew
from bot.intake import Intake
from storage.database import libpq, url
from tests.bot import payloads
from tests.bot.fake_slack import FakeSlack

PATIENCE = 60.0
STARTS = """
import threading
from bot.crew import Crew
if __name__ == "__main__":
    print(*Crew(1).start().pids(), flush=True)
    threading.Event().wait()
"""


def test_a_process_that_dies_is_followed_by_another(bolt: App, slack: FakeSlack) -> None:
    """What came meanwhile is answered by it."""
    crew = Crew(1).start()
    try:
        intake = Intake(bolt, crew.ring)
        intake.take(payloads.command(slack, "help"))
        slack.wait("respond", within=PATIENCE)
        (first,) = crew.pids()
        os.kill(first, signal.SIGKILL)
        intake.take(payloads.command(slack, "help"))
        slack.wait("respond", 2, within=PATIENCE)
        assert crew.pids() != [first]
    finally:
        crew.stop()
    assert not any(psutil.pid_exists(one) for one in crew.pids())


def test_none_outlives_the_process_that_started_it(slack: FakeSlack, bolt: App, tmp_path: Path) -> None:
    """Even if that was killed and could tell nobody."""
    program = tmp_path / "starts.py"  # spawning runs a file anew
    program.write_text(STARTS)
    environment = {**os.environ, "DATABASE_URL": libpq(url())}
    command = [sys.executable, str(program)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        member = psutil.Process(int(starter.stdout.readline()))
        starter.kill()
    assert member.wait(timeout=PATIENCE) in (0, None)
