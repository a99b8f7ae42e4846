"""A child that stands ready makes the next notebook quick, and nothing else about it is different."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from jobs import notebooks
from jobs.execution import process, spare
from jobs.execution.process import NotebookFailedError
from jobs.execution.spare import Keeper, Spare

from .conftest import Maker

TOLD = """told = {'kernel': os.getpid(), 'child': os.getppid(), 'folder': os.getcwd(), 'given': given}
JSON(told | {'left': 'left' in globals(), 'token': os.environ.get('SLACK_BOT_TOKEN')})"""
SEEN = ("import os\nfrom IPython.display import JSON", TOLD)
PATIENCE = 60


def until(true: Callable[[], object]) -> None:
    """Wait for something that another thread or process does."""
    clock = threading.Event()
    for _ in range(PATIENCE * 20):
        if true():
            return
        clock.wait(0.05)
    message = "it did not come"
    raise AssertionError(message)


@pytest.fixture
def keeper(database: Path) -> Iterator[Keeper]:
    """One that has a child ready."""
    with spare.kept() as found:
        found.want()
        until(lambda: found.spare and found.spare.ready)
        yield found


def waiting(keeper: Keeper) -> Spare:
    """Return the child that waits."""
    assert keeper.spare is not None
    return keeper.spare


def shown(notebook: notebooks.Notebook, **given: object) -> dict[str, object]:
    """Run it; return what its result holds."""
    return notebooks.execute(notebook, given).result.model_dump()


def test_a_notebook_runs_in_the_child_that_waits_and_the_next_one_in_another(
    keeper: Keeper, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A namespace is never used twice; a parameter comes through, a secret does not; nothing is left of either."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "hunter2")
    first = waiting(keeper)
    probe = make(f"left = 1\n{SEEN[0]}", SEEN[1], parameters="given: str = ''")
    one = shown(probe, given="first")
    assert (one["child"], one["given"], one["left"], one["token"]) == (first.child.pid, "first", True, None)
    until(lambda: keeper.spare)
    two = shown(make(*SEEN, parameters="given: str = ''"), given="second")
    assert (two["given"], two["left"]) == ("second", False)
    assert two["kernel"] != one["kernel"]
    assert not psutil.pid_exists(int(str(one["kernel"])))
    assert not Path(str(one["folder"])).exists()


@pytest.mark.parametrize("who", ["kernel", "child"])
def test_one_that_died_while_it_waited_is_not_used(keeper: Keeper, make: Maker, who: str) -> None:
    """The notebook starts cold, as it would without, and another child is made ready."""
    found = waiting(keeper)
    [kernel] = psutil.Process(found.child.pid).children()
    os.kill(kernel.pid if who == "kernel" else found.child.pid, signal.SIGKILL)
    until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    one = shown(make(*SEEN, parameters="given: str = ''"), given="x")
    assert one["child"] != found.child.pid
    until(lambda: keeper.spare)
    assert not found.folder.exists()


def test_its_limits_hold_from_the_start(keeper: Keeper, make: Maker) -> None:
    """Of time since its order, and of memory; another limit of memory than its own is not its turn."""
    found = waiting(keeper)
    with pytest.raises(NotebookFailedError, match="took longer than 2 seconds"):
        notebooks.execute(make("import time\ntime.sleep(1000)"), {}, time_limit=2)
    assert found.child.returncode is not None
    until(lambda: keeper.spare)
    hoard = make("hoard = [bytearray(50_000_000) for _ in range(100)]", SEEN[1])
    with pytest.raises(NotebookFailedError, match="more than its 1024 MiB of memory in cell"):
        notebooks.execute(hoard, {})
    until(lambda: keeper.spare)
    with pytest.raises(NotebookFailedError, match="more than its 512 MiB of memory in cell"):
        notebooks.execute(hoard, {}, memory_limit=512 * 2**20)


def test_what_it_would_see_differently_now_is_not_used(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another address of the database, say."""
    found = waiting(keeper)
    monkeypatch.setattr(process, "reader_url", lambda: "postgresql://elsewhere")
    with spare.workspace(process.MEMORY_LIMIT) as (folder, child):
        assert child is None
        assert folder != found.folder


def test_one_that_nobody_needs_is_given_up(database: Path) -> None:
    """It holds memory."""
    with spare.kept(idle=0.2) as found:
        found.want()
        until(lambda: found.spare)
        left = found.spare
        until(lambda: found.spare is None)
    assert left is not None
    until(lambda: left.child.returncode is not None)
    assert not left.folder.exists()


def test_none_outlives_its_keeper(database: Path) -> None:
    """Whether it was ready or not; without a keeper there is none."""
    with spare.kept() as found:
        found.want()
        until(lambda: found.spare)
        left = waiting(found)
    assert left.child.returncode is not None
    assert not left.folder.exists()
    with spare.workspace(process.MEMORY_LIMIT) as (_, child):
        assert child is None


def test_a_notebook_that_runs_in_it_outlives_its_keeper(
    keeper: Keeper, make: Maker, database: Path, tmp_path: Path
) -> None:
    """A stopping worker gives its notebook's job back and does not end the run: nothing is marked as failed."""
    found, gate = waiting(keeper), tmp_path / "gate"
    slow = make(
        f"import os, time\nfrom pathlib import Path\nPath({str(gate)!r}).touch()",
        f"while Path({str(gate)!r}).exists(): time.sleep(0.01)",
        "from IPython.display import JSON\nJSON({'child': os.getppid()})",
    )
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(notebooks.execute, slow, {})
        until(gate.exists)
        keeper.end()
        gate.unlink()
        assert run.result(PATIENCE).result.model_dump() == {"child": found.child.pid}
