"""Folders to work in: one's own while one works, and gone afterwards, whoever was killed meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from finops.errors import UnavailableError
from jobs import scratch

WORKING = """
import signal, sys; from pathlib import Path; from jobs import scratch
with scratch.folder(Path(sys.argv[1])) as lent:
    (lent / "half").touch()
    print(lent, flush=True)
    signal.pause()
"""


def test_a_folder_is_left_alone_while_its_user_lives_and_goes_at_once_when_it_was_killed(tmp_path: Path) -> None:
    """The system drops the lock with the process."""
    words = [sys.executable, "-c", WORKING, str(tmp_path)]
    root = Path(scratch.__file__).resolve().parents[1]
    with subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout
        theirs = Path(user.stdout.readline().strip())
        with scratch.folder(tmp_path) as ours:
            assert (theirs / "half").exists()
        user.send_signal(signal.SIGKILL)
    assert theirs.exists()
    with scratch.folder(tmp_path) as ours:
        assert list(tmp_path.iterdir()) == [ours]
    assert list(tmp_path.iterdir()) == []


def test_two_of_one_process_leave_each_other_alone(tmp_path: Path) -> None:
    """As the threads of a worker do; and a file that somebody put beside them stays."""
    (tmp_path / "note").touch()
    with scratch.folder(tmp_path) as one, scratch.folder(tmp_path) as other:
        assert one.is_dir()
        assert other.is_dir()
    assert [left.name for left in tmp_path.iterdir()] == ["note"]


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "file").touch()
    told = pytest.raises(UnavailableError, match=r"file cannot be written \(.*\): free disk space or set COSTS_HOME")
    with told, scratch.folder(tmp_path / "file"):
        pass
