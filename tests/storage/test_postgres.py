"""The embedded database starts for its first user and stops after its last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from finops.errors import UnavailableError
from storage import postgres

ASK = "from storage.database import engine; engine().connect().close(); print('ok')"


def _costs(home: Path, code: str = ASK) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COSTS_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_it_works_in_a_long_path_with_spaces_and_leaves_no_process(tmp_path: Path) -> None:
    """A home of 150 characters and blanks is no reason to fail, and the last user stops the server."""
    home = tmp_path / ("a long name with spaces " * 5)
    done = _costs(home)
    assert (done.stdout, done.returncode) == ("ok\n", 0), done.stderr
    assert not postgres.is_running(home)


def test_the_last_user_stops_it_and_no_one_before(tmp_path: Path) -> None:
    """Who came second and is done leaves it to the first, who goes on asking."""
    twice = f"{ASK}; import sys; sys.stdin.read(); {ASK}"
    environment = {**os.environ, "COSTS_HOME": str(tmp_path)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", twice], env=environment, stdin=pipe, stdout=pipe, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "ok\n"
        assert _costs(tmp_path).stdout == "ok\n"
        assert postgres.is_running(tmp_path)
        assert first.communicate(timeout=60)[0] == "ok\n"
    assert not postgres.is_running(tmp_path)


def test_it_works_in_a_short_path_with_a_space() -> None:
    """Where the socket would fit into the folder itself."""
    with tempfile.TemporaryDirectory(prefix="o h ") as place:
        done = _costs(Path(place))
        assert (done.stdout, done.returncode) == ("ok\n", 0), done.stderr


def test_a_socket_outside_the_home_lets_nobody_else_in() -> None:
    """Whoever reaches it is trusted, so only its owner may."""
    ask = (
        "from storage.database import engine; from storage import postgres; from storage.settings import settings;"
        "engine().connect().close();"
        "found = postgres._server().PostmasterInfo.read_from_pgdata(settings().home / 'postgres' / 'data');"
        "print(oct(found.socket_path.stat().st_mode & 0o777), oct(found.socket_dir.stat().st_mode & 0o1777))"
    )
    with tempfile.TemporaryDirectory(prefix="o h ") as place:
        done = _costs(Path(place), ask)
    socket, folder = done.stdout.split()
    assert socket == "0o700", done.stderr
    assert folder in ("0o700", "0o1777")


def test_a_path_that_a_shell_would_read_otherwise_is_refused(tmp_path: Path) -> None:
    """In one sentence, before anything is made."""
    with pytest.raises(UnavailableError, match=r"for the '\$' in it: set COSTS_HOME"):
        postgres.start(tmp_path / "$(touch here)")
    assert not list(tmp_path.iterdir())


def test_it_starts_again_after_an_interrupted_first_start(tmp_path: Path) -> None:
    """What a killed initdb left behind is set aside, not deleted and not stumbled over."""
    left = tmp_path / "postgres" / "data"
    left.mkdir(parents=True)
    (left / "half").write_text("written")
    done = _costs(tmp_path)
    assert done.returncode == 0, done.stderr
    assert (left.parent / "data.broken-1" / "half").exists()


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    database = create_engine(address)
    with database.connect() as connection:
        yield connection
    database.dispose()


@pytest.fixture
def stubborn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose database cannot stop in order, as after a full disk: its checkpointer does not answer."""
    monkeypatch.setattr(postgres, "PATIENCE", 1)
    with _connected(postgres.start(tmp_path, keep=True)) as connection:
        found = text("select pid from pg_stat_activity where backend_type = 'checkpointer'")
        os.kill(connection.execute(found).scalar_one(), signal.SIGSTOP)
    yield tmp_path
    postgres.stop(tmp_path)
    postgres.release(tmp_path)


def test_one_that_cannot_stop_in_order_is_stopped_all_the_same(stubborn: Path) -> None:
    """It would be left behind, and no next start would work."""
    assert postgres.stop(stubborn)
    assert not list(stubborn.rglob("postmaster.pid"))


def test_one_that_still_stops_does_not_keep_the_next_from_starting(stubborn: Path) -> None:
    """Who told it to stop was killed, or lost patience."""
    found = next(stubborn.rglob("postmaster.pid"))
    os.kill(int(found.read_text().splitlines()[0]), signal.SIGINT)
    while "stopping" not in found.read_text():
        pass
    done = _costs(stubborn)
    assert (done.stdout, done.returncode) == ("ok\n", 0), done.stderr


def test_why_it_did_not_start_is_what_its_log_calls_fatal(tmp_path: Path) -> None:
    """Not the last line, which says only that it is down; and not the whole page."""
    log = tmp_path / "log"
    log.write_text(
        "2026-11-23 16:55:57.085 UTC [7] FATAL:  could not write: No space left on device\n"
        "2026-11-23 16:55:57.091 UTC [5] LOG:  database system is shut down\n"
    )
    assert postgres._why(log, OSError("no matter")) == "FATAL:  could not write: No space left on device"  # noqa: SLF001
    assert postgres._why(tmp_path / "none", OSError("one\ntwo")) == "one"  # noqa: SLF001


def test_db_start_keeps_it_until_db_stop(tmp_path: Path) -> None:
    """Who asked to keep it running finds it running, however many users came and went."""
    started = _costs(
        tmp_path,
        f"from storage import postgres; from pathlib import Path; postgres.start(Path({str(tmp_path)!r}), keep=True)",
    )
    assert started.returncode == 0, started.stderr
    try:
        _costs(tmp_path)
        assert postgres.is_running(tmp_path)
    finally:
        assert postgres.stop(tmp_path)
    assert not postgres.is_running(tmp_path)


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """No traceback for a wrong COSTS_HOME."""
    (tmp_path / "file").write_text("")
    done = _costs(tmp_path / "file", "from costs import main; import sys; sys.argv=['costs','db','url']; main()")
    assert done.returncode == 1
    assert "COSTS_HOME" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
