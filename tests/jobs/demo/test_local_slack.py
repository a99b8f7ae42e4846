"""The demo's local Slack: brought by npm or else explained, started as ours, its processes ended with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from finops.errors import UnavailableError
from jobs.demo import guard, local_slack
from jobs.demo.children import Children

KEPT = Path(__file__).resolve().parents[3] / ".costs"
FAMILY = """
import os, sys, time
from pathlib import Path
from jobs.demo.children import Children
children = Children()
children.start("child", ["sleep", "60"], environment=dict(os.environ), log=Path(sys.argv[1]))
print(children._started[0][1].pid, flush=True)
time.sleep(60)
"""


def _until(holds: Callable[[], bool]) -> bool:
    pause, deadline = threading.Event(), time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        pause.wait(0.02)
    return holds()


def _npm(folder: Path, script: str) -> None:
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_without_npm_there_is_a_sentence_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the rest of the demo goes on."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"npm is not installed.*npm install --prefix.*local-slack-linux-x64@"):
        local_slack.find(tmp_path / "home")


def test_what_npm_said_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline, for example."""
    _npm(tmp_path, "echo 'npm error network offline' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(UnavailableError, match="network offline"):
        local_slack.find(tmp_path / "home")


def test_an_npm_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever."""
    _npm(tmp_path, "exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(local_slack, "FETCH_WITHIN", 0.1)
    with pytest.raises(UnavailableError, match="took longer"):
        local_slack.find(tmp_path / "home")


def test_it_starts_as_ours_with_secrets_that_nobody_else_knows(tmp_path: Path) -> None:
    """Two starts share no token, and a stranger on the port is noticed."""
    try:
        program = local_slack.find(KEPT)
    except UnavailableError as error:
        pytest.skip(str(error))
    children = Children()
    try:
        slack = local_slack.start(program, tmp_path, children, port=guard.port(0, chosen=False))
        names = {one["name"] for one in slack.control("/state")["channels"]}
        assert {"general", "cloud-costs"} <= names
        assert not local_slack.LocalSlack.on(slack.port).is_ours()  # another start would not take it for its own
        assert set(slack.environment()["COSTS_APPROVERS"].split(",")) == {local_slack.LEAD, local_slack.ADMIN}
        config = tmp_path / "local-slack.yaml"
        assert config.stat().st_mode & 0o077 == 0
        assert yaml.safe_load(config.read_text())["app"]["botToken"] == slack.bot_token
        assert local_slack.LocalSlack.on(1).bot_token != local_slack.LocalSlack.on(1).bot_token
    finally:
        children.stop()
    assert not slack.is_ours()


def test_a_program_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    """Instead of waiting for it."""
    broken = tmp_path / "local-slack"
    broken.write_text("#!/bin/sh\necho no such option; exit 3\n")
    broken.chmod(0o755)
    with pytest.raises(UnavailableError, match=r"(?s)did not answer on port 1:.*no such option"):
        local_slack.start(broken, tmp_path / "home", Children(), port=1)


def test_killing_the_demo_ends_its_children(tmp_path: Path) -> None:
    """Even `kill -9`, of which nobody hears."""
    command = [sys.executable, "-c", FAMILY, str(tmp_path / "log")]
    root = Path(local_slack.__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert _until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split())


def test_stopping_waits_for_the_polite_and_kills_the_stubborn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ignores the request is not left behind."""
    monkeypatch.setattr("jobs.demo.children.PATIENCE", 0.2)
    children = Children()
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    children.start("stubborn", [sys.executable, "-c", stubborn], environment={}, log=tmp_path / "log")
    assert _until(lambda: "up" in (tmp_path / "log").read_text())
    children.stop()
    assert children.ended() is None
    assert "up" in children.last_words("stubborn")
