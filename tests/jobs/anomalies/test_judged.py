"""An outside judge brings series and takes away a row a day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from costs import cli
from jobs.anomalies import watching

START = date(2025, 1, 6)
DAYS = 300


def _table(names: tuple[str, ...] = ("a", "b")) -> pa.Table:
    amounts = np.resize([110, 115, 112, 118, 109, 60, 55.0], DAYS)
    amounts = amounts * np.random.default_rng(5).normal(1, 0.03, DAYS)
    amounts[-10] *= 1.6
    days = [START + timedelta(days=day) for day in range(DAYS)]
    return pa.table({"unique_id": [n for n in names for _ in days], "ds": days * len(names),
                     "y": np.tile(amounts, len(names))})  # fmt: skip


def _ask(*words: str | Path) -> tuple[int, str]:
    answer = CliRunner().invoke(cli, ["anomalies", *map(str, words)])
    error = str(answer.exception) if answer.exception and not isinstance(answer.exception, SystemExit) else ""
    return answer.exit_code, answer.output + error


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_each_of_the_last_days_of_each_series_gets_a_row(tmp_path: Path, ending: str) -> None:
    """In and out as Parquet or as CSV."""
    file, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    pacsv.write_csv(_table(), file) if ending == "csv" else pq.write_table(_table(), file)
    code, words = _ask("--series", file, "--last", "30", "--out", out, "--json")
    assert code == 0, words
    assert json.loads(words)["days"] == 60
    table = pacsv.read_csv(out) if ending == "csv" else pq.read_table(out)
    assert table.column_names == ["unique_id", "ds", "score", "alarm", "kind"]
    alarmed = [row for row in table.to_pylist() if row["alarm"]]
    assert [(row["unique_id"], row["kind"]) for row in alarmed] == [("a", "spike"), ("b", "spike")]
    assert str(alarmed[0]["ds"])[:10] == str(START + timedelta(days=DAYS - 10))
    assert alarmed[0]["score"] >= 4


def test_many_series_are_judged_by_two_processes_all_the_same(tmp_path: Path) -> None:
    """In the order in which they came."""
    file, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    names = tuple(f"s{number:03}" for number in range(watching.WORTH + 1))
    pq.write_table(_table(names), file)
    assert _ask("--series", file, "--last", "10", "--out", out)[0] == 0
    table = pq.read_table(out)
    assert table["unique_id"].to_pylist()[::10] == list(names)
    assert sum(table["alarm"].to_pylist()) == len(names)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--last", "0"), "at least 1, not 0"),
        (("--rate", "0"), "0.00001 to 10 false alarms"),
        (("--rate", "often"), "“often” is no number"),
        (("--share", "-1"), "too little to speak of"),
    ],
)
def test_a_wrong_word_is_refused_and_nothing_is_written(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    """With what was expected."""
    pq.write_table(_table(), tmp_path / "in.parquet")
    code, said = _ask("--series", tmp_path / "in.parquet", "--out", tmp_path / "out.csv", *change)
    assert code != 0
    assert words in said
    assert [one.name for one in tmp_path.iterdir()] == ["in.parquet"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unique_id,ds\na,2026-01-01\n", "not a CSV file of series"),
        ("unique_id,ds,y\na,2026-01-01,1\na,2026-01-01,2\n", "row 2: a has 2026-01-01 twice"),
        ("unique_id,ds,y\na,soon,1\n", "row 1: expected a name, a day, a number"),
        ("unique_id,ds,y\na,2026-01-01,inf\n", "endless amount on 2026-01-01"),
        ("unique_id,ds,y\n", "holds no series that can be judged"),
        ("", "not a CSV file of series"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """One sentence, and nothing half-written."""
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(text)
    code, said = _ask("--series", file, "--out", out)
    assert code == 1
    assert words in said
    assert not out.exists()


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """A folder that is not there."""
    pq.write_table(_table(), tmp_path / "in.parquet")
    code, said = _ask("--series", tmp_path / "in.parquet", "--out", tmp_path / "nowhere" / "out.csv")
    assert code == 1
    assert "could not be written" in said
