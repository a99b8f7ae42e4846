"""The models run in a process of their own, and its end is not ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from costs import cli
from finops.forecasting import history
from finops.forecasting.history import CannotForecastError, History
from finops.forecasting.many import forecasts as made_here
from jobs.forecasting import child, guarded

START = date(2026, 1, 1)
CHEAP = ("weekday", "level", "weekday_long", "yearly")


def _series(name: str = "compute", days: int = 90) -> History:
    week = np.resize([100.0] * 5 + [50.0] * 2, days)
    return History(name, START, week + np.random.default_rng(1).normal(0, 5, days))


def test_the_child_says_what_this_process_would_have_said(home: Path) -> None:
    """To the cent, a whole and its parts."""
    parts = [_series("one"), _series("two")]
    series = [History("all", START, parts[0].amounts + parts[1].amounts), *parts]
    found = guarded.forecasts(series, 20, CHEAP, currency="USD", parts=True)
    assert found == made_here(series, 20, CHEAP, currency="USD", parts=True)
    assert found[0].note is None


def test_many_series_are_done_by_more_processes_to_the_same_end(home: Path) -> None:
    """From a few tasks on."""
    series = [_series(str(number)) for number in range(child.WORTH)]
    assert guarded.forecasts(series, 5, CHEAP, currency="USD") == made_here(series, 5, CHEAP, currency="USD")


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"time_limit": 0.05}, "The forecast was stopped: it took longer than 0.05 seconds."),
        ({"memory_limit": 40 * 2**20}, "The forecast's process ended early:"),
    ],
)
def test_a_child_that_hangs_or_eats_leaves_the_weekdays_and_says_so(
    home: Path, limits: dict[str, float], why: str
) -> None:
    """A forecast is there all the same, and nothing of the child."""
    [found] = guarded.forecasts([_series()], 10, currency="USD", **limits)  # type: ignore[arg-type]
    assert found.members == ["weekday"]
    assert found.note is not None
    assert found.note.startswith("The models could not be used, so this is the median of each weekday.")
    assert why in found.note
    assert not [one for one in psutil.Process().children(recursive=True) if "forecasting" in _command(one)]


def _command(one: psutil.Process) -> str:
    """Return what runs; nothing of what has ended, whether or not somebody was told yet."""
    try:
        return " ".join(one.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def _forecasting() -> list[psutil.Process]:
    """Our processes that forecast."""
    return [one for one in psutil.Process().children() if "jobs.forecasting.child" in one.cmdline()]


def test_a_child_that_is_killed_leaves_the_weekdays_and_says_so(home: Path) -> None:
    """As the system does when the machine runs out of memory."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(guarded.forecasts, [_series()], 10, currency="USD")
        while not asked.done() and not _forecasting():
            continue
        for one in _forecasting():
            one.kill()
        [found] = asked.result()
    assert found.members == ["weekday"]
    assert found.note is not None
    assert found.note.endswith("The forecast's process ended early: it was killed.")


def test_a_number_that_is_missing_is_told_and_the_others_are_forecast(home: Path, tmp_path: Path) -> None:
    """NaN from a provider, all zero, all negative: each by name."""
    amounts = {"good": 5.0, "credits": -5.0, "nothing": 0.0, "broken": float("nan")}
    columns = {
        "unique_id": pa.array([name for name in amounts for _ in range(40)]),
        "ds": pa.array(_days(40) * len(amounts)),
        "y": pa.array([amount for amount in amounts.values() for _ in range(40)]),
    }
    out = tmp_path / "out.parquet"
    code, words = _ask(_file(tmp_path, columns), out, "--horizon", "7", "--cutoff", "2026-02-09")
    assert code == 0
    assert "nothing has cost nothing in 40 days: there is nothing to forecast." in words
    assert "broken has no number on 2026-01-01 and on 39 other days: have its source collected again" in words
    rows = pq.read_table(out).to_pylist()
    assert {row["unique_id"] for row in rows} == {"good", "credits"}
    assert {row["mean"] for row in rows if row["unique_id"] == "credits"} == {-5.0}


def test_too_little_history_starts_no_child(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused at once."""
    monkeypatch.setattr(guarded.process, "run", None)
    with pytest.raises(CannotForecastError, match="needs at least 10"):
        guarded.forecasts([_series(days=history.LEAST - 1)], 10, currency="USD")


def _file(folder: Path, columns: dict[str, pa.Array]) -> str:
    target = folder / "series.parquet"
    pq.write_table(pa.table(columns), target)
    return str(target)


def _days(count: int) -> list[date]:
    return [START + timedelta(days=number) for number in range(count)]


def _ask(file: str, out: Path, *more: str) -> tuple[int, str]:
    models = ("--models", "weekday,level")
    answer = CliRunner().invoke(cli, ["forecast", "--series", file, "--out", str(out), *models, *more])
    words = str(answer.exception) if answer.exception and not isinstance(answer.exception, SystemExit) else ""
    return answer.exit_code, answer.output + words


def test_a_judge_gets_forecasts_that_know_nothing_of_what_came_later(home: Path, tmp_path: Path) -> None:
    """What comes after a cutoff may be anything."""
    amounts, out = list(_series().amounts), tmp_path / "out.parquet"
    names, days = ["a"] * 90 + ["b"] * 5, _days(90) + _days(5)
    tables = []
    for later in (1.0, 1e9):
        changed = [*amounts[:60], *([later] * 30), *([1.0] * 5)]
        file = _file(tmp_path, {"unique_id": pa.array(names), "ds": pa.array(days), "y": pa.array(changed)})
        code, words = _ask(file, out, "--horizon", "7", "--cutoff", "2026-02-01", "--cutoff", "2026-03-01")
        assert code == 0, words
        assert "2 forecasts, 14 days" in words
        assert "2026-02-01: b ends on 2026-01-05: choose a cutoff up to then." in words
        tables.append(pq.read_table(out))
    assert tables[0].equals(tables[1])
    assert tables[0].column_names == ["unique_id", "cutoff", "ds", "mean", "lo80", "hi80", "lo95", "hi95"]
    assert [str(row)[:10] for row in tables[0]["ds"].to_pylist()[:2]] == ["2026-02-02", "2026-02-03"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"unique_id": pa.array(["a"]), "y": pa.array([1.0])}, "not a Parquet file of series with the columns"),
        (
            {"unique_id": pa.array(["a", "a"]), "ds": pa.array([START, START]), "y": pa.array([1.0, 2.0])},
            "row 2: a has 2026-01-01 twice",
        ),
        (
            {"unique_id": pa.array(["a"]), "ds": pa.array([START]), "y": pa.array(["much"])},
            "row 1: expected a name, a day, a number",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused(
    home: Path, tmp_path: Path, columns: dict[str, pa.Array], words: str
) -> None:
    """With the place and what was expected."""
    code, said = _ask(_file(tmp_path, columns), tmp_path / "out.parquet", "--cutoff", "2026-01-01")
    assert code == 1
    assert words in said
    assert not (tmp_path / "out.parquet").exists()
