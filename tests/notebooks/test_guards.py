"""What a notebook cannot do, and what is known about it when it tried."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from finops.errors import CostsError, UnavailableError
from finops.results import Amount, Result
from jobs import notebooks
from jobs.execution import process
from jobs.execution.parameters import BadParameterError
from jobs.execution.process import NotebookFailedError
from jobs.notebooks import Notebook, NotebookRun
from storage import artifacts
from storage.database import reader_url, transaction
from storage.models import Artifact, Outcome, Run
from storage.settings import Settings

from .conftest import Maker

ROOT = Path(__file__).resolve().parents[2]
SHOW = "from IPython.display import JSON\nJSON({})"
PATIENCE = 15


class Priced(Result):
    """A result with money in it."""

    cost: Amount


def _execute(notebook: Notebook, parameters: Mapping[str, object] | None = None, **limits: float) -> NotebookRun:
    """Run it with a limit that only what hangs can reach."""
    return notebooks.execute(notebook, parameters or {}, **{"time_limit": 60, **limits})  # type: ignore[arg-type]


def _last() -> Run:
    with transaction() as session:
        return session.scalars(select(Run).order_by(Run.started_at.desc())).first()


def _failure(notebook: Notebook, **limits: float) -> str:
    """Run one that fails; its row must say why, in the words of the error."""
    with pytest.raises(NotebookFailedError) as caught:
        _execute(notebook, **limits)
    run = _last()
    assert (run.outcome, run.error) == (Outcome.FAILED, str(caught.value))
    assert run.ended_at is not None
    return str(caught.value)


def _kept(run_id: uuid.UUID) -> dict[str, bytes]:
    with transaction() as session:
        found = session.scalars(select(Artifact).where(Artifact.run_id == run_id))
        return {one.media_type: artifacts.load(one) for one in found}


def test_an_unknown_notebook_is_a_sentence(database: Path) -> None:
    """With the names of those that there are."""
    with pytest.raises(CostsError, match=r"no notebook “\.\./runs”\. There are: allocation"):
        notebooks.run("../runs", {})


def test_a_refused_parameter_leaves_a_failed_run(database: Path, make: Maker) -> None:
    """And no kernel is started."""
    with pytest.raises(BadParameterError, match="takes no “tpo”"):
        _execute(make(SHOW.format(1), parameters="top: int = 1"), {"tpo": 2})
    assert "takes no “tpo”" in (_last().error or "")


def test_a_text_arrives_as_it_is_and_never_as_code(database: Path, make: Maker) -> None:
    """Quotes, backslashes, line ends, braces that papermill could take for its own, and no date or float in between."""
    hostile = "\"); raise SystemExit # \\' {top} \n\u2028 €"
    probe = make(SHOW.format("{'text': text, 'names': names}"), parameters="text: str = ''\nnames: list[str] = []")
    run = _execute(probe, {"text": hostile, "names": [hostile]})
    assert run.result.model_dump() == {"text": hostile, "names": [hostile]}


def test_it_sees_no_secret_and_cannot_write(
    database: Path, make: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither in its environment nor in a file that settings or a cloud's library would read."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SMTP_URL", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("HOME", str(tmp_path))
    probe = make(
        "import os\nfrom pathlib import Path\nfrom sqlalchemy import text\nfrom storage.reading import reading",
        "said = []\nwrites = ['delete from runs', 'create table x (y int)', 'set role postgres; delete from runs',"
        " 'set transaction read write; delete from runs']",
        "for write in writes:\n    try:\n        with reading() as session:\n"
        "            session.execute(text(write))\n            session.commit()\n"
        "            said.append('written')\n"
        "    except Exception as error:\n        said.append(str(error.orig))",
        "from storage.settings import settings\nseen = {'environment': dict(os.environ), 'home': str(Path.home()),"
        " 'folder': str(Path.cwd()), 'slack': settings().slack_bot_token is not None}",
        SHOW.format("seen | {'said': said}"),
    )
    seen = _execute(probe).result.model_dump()
    assert "hunter2" not in json.dumps(seen)
    assert seen["environment"]["DATABASE_READER_URL"] == reader_url()
    assert not {name for name in seen["environment"] if "TOKEN" in name or "SECRET" in name or "PASSWORD" in name}
    assert not seen["slack"]
    assert seen["home"] == seen["folder"] != str(tmp_path)
    assert not Path(seen["folder"]).exists()
    assert len(seen["said"]) == 4
    assert all("permission denied" in one or "read-only" in one for one in seen["said"]), seen["said"]


def test_one_that_takes_too_long_is_ended_with_all_it_started(database: Path, make: Maker, tmp_path: Path) -> None:
    """Its kernel, and a process that left the kernel's session and lost its parent."""
    pids = tmp_path / "pids"
    probe = make(
        "import os, subprocess, time\nfrom pathlib import Path",
        "lost = subprocess.Popen(['sleep', '1000'], start_new_session=True)",
        "os.system('sleep 1000 > /dev/null 2>&1 & echo $! > orphan')",
        f"Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{lost.pid}} {{Path(\"orphan\").read_text()}}')",
        "time.sleep(1000)",
        SHOW.format({}),
    )
    assert _failure(probe, time_limit=5) == "The notebook probe was stopped: it took longer than 5 seconds."
    found = [int(pid) for pid in pids.read_text().split()]
    assert len(found) == 3
    assert not [pid for pid in found if _alive(pid)]
    assert notebooks.IPYNB in _kept(_last().id)


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_one_whose_kernel_dies_has_failed(database: Path, make: Maker) -> None:
    """papermill would call it completed."""  # noqa: D403  a name
    assert "lost its kernel" in _failure(make("import os\nos._exit(0)", SHOW.format({})))


def test_one_that_needs_too_much_memory_has_failed(database: Path, make: Maker) -> None:
    """It is refused the memory, so that the machine does not run out of it."""
    probe = make("hoard = [bytearray(50_000_000) for _ in range(100)]", SHOW.format({}))
    assert "more than its 512 MiB of memory in cell" in _failure(probe, memory_limit=512 * 2**20)


def test_one_that_raises_is_told_in_a_sentence_and_its_traces_are_kept(database: Path, make: Maker) -> None:
    """The page says that its numbers are not complete, and shows what was reached; the message is escaped."""
    probe = make("print('reached')", "raise ValueError('<b>no</b> such day')", SHOW.format({}))
    assert _failure(probe) == "The notebook probe failed in cell 2: ValueError: <b>no</b> such day"
    kept = _kept(_last().id)
    page = kept[notebooks.HTML].decode()
    assert "These numbers are not complete" in page
    assert "reached" in page
    assert "<b>no" not in page
    assert "An Exception was encountered" not in page
    assert notebooks.IPYNB in kept


def test_one_whose_result_is_not_what_it_promised_has_failed(database: Path, make: Maker) -> None:
    """Though every cell ran; what it left is kept for whoever asks why."""
    assert "is not valid (cost)" in _failure(make(SHOW.format({"cost": 0.1}), result=Priced))
    assert _last().result is None
    assert notebooks.HTML in _kept(_last().id)


@pytest.mark.parametrize(
    ("tags", "shown", "said"),
    [
        (["other"], [{"cost": "1"}], "did not end with one result"),
        (["result"], [], "did not end with one result"),
        (["result"], [{"cost": "1"}, {"cost": "2"}], "did not end with one result"),
        (["result"], [{"cost": "1", "more": 1}], r"is not valid \(more\)"),
        (["result"], [["1"]], r"is not valid \(as a whole\)"),
    ],
)
def test_a_result_counts_only_if_it_is_one_and_valid(
    tmp_path: Path, tags: list[str], shown: list[object], said: str
) -> None:
    """Where the process ended well, too."""
    outputs = [{"output_type": "display_data", "data": {"application/json": value}} for value in shown]
    cells = [{"cell_type": "code", "metadata": {"tags": tags}, "source": "", "outputs": outputs}]
    (tmp_path / "executed.ipynb").write_text(json.dumps({"cells": cells}))
    with pytest.raises(NotebookFailedError, match=said):
        notebooks.judged(Notebook("probe", tmp_path, Priced), tmp_path, ended_well=True)


def test_a_valid_result_of_a_process_that_was_killed_does_not_count(tmp_path: Path) -> None:
    """It wrote the result, and then something went wrong."""
    (tmp_path / "words.log").write_text("Traceback\nOSError: no space left\n")
    with pytest.raises(NotebookFailedError, match="could not be run: OSError: no space left"):
        notebooks.judged(Notebook("probe", tmp_path, Priced), tmp_path, ended_well=False)


def test_nothing_of_it_outlives_a_killed_worker(database: Path, make: Maker, tmp_path: Path) -> None:
    """SIGKILL leaves us no moment to tidy up: the system does."""
    pid = tmp_path / "pid"
    probe = make(
        "import os, time\nfrom pathlib import Path",
        f"Path({str(pid)!r}).with_suffix('.new').write_text(str(os.getpid()))",
        f"Path({str(pid)!r}).with_suffix('.new').rename({str(pid)!r})\ntime.sleep(1000)",
        SHOW.format({}),
    )
    script = (
        "import sys; from pathlib import Path; from jobs import notebooks; from pydantic import BaseModel\n"
        "notebooks.execute(notebooks.Notebook('probe', Path(sys.argv[1]), BaseModel), {})"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, str(probe.path)], cwd=ROOT, env={**os.environ})
    try:
        kernel = psutil.Process(_wait_for(pid, worker))
        child = kernel.parent()
        assert child is not None
        folder = Path(child.cwd())
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert not psutil.wait_procs([kernel, child], timeout=PATIENCE)[1]
    assert folder.is_dir()  # nobody was left to clear it away, so the next run does
    with process.workspace():
        assert not folder.exists()


def _wait_for(file: Path, worker: subprocess.Popen[bytes]) -> int:
    """Wait until the notebook has written the file, or its worker has ended."""
    while not file.exists():
        try:
            worker.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        message = f"the worker ended with {worker.returncode}"
        raise AssertionError(message)
    return int(file.read_text())


def test_a_home_that_takes_no_files_is_a_sentence(
    database: Path, make: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the run's row carries it."""
    notebook = make(SHOW.format({}))
    monkeypatch.setattr(process, "settings", lambda: Settings(costs_home=tmp_path / "file"))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UnavailableError, match="free disk space"):
        _execute(notebook)
    assert "free disk space" in (_last().error or "")
