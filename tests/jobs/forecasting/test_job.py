"""The forecast as people ask for it: by a word, with what remains when the models fail."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from costs import cli
from finops.errors import UnknownWordError
from finops.trend import NoChargesError
from jobs import forecast, notebooks
from jobs.execution.process import NotebookFailedError
from storage import charges


@pytest.mark.parametrize(
    ("word", "found"),
    [("service", "service_name"), ("team", "tag:team"), ("tag:cost-center", "tag:cost-center"), ("", None)],
)
def test_parts_are_asked_for_in_peoples_words(word: str, found: str | None) -> None:
    """As in a question."""
    assert forecast.dimension(word) == found


@pytest.mark.parametrize("word", ["servise", "day", "month", "tag:"])
def test_a_word_that_names_no_part_is_refused(word: str) -> None:
    """Days and months are what is forecast."""
    with pytest.raises(UnknownWordError, match="costs forecast --by service"):
        forecast.dimension(word)


def test_an_empty_ledger_is_told_before_anything_starts(database: Path) -> None:
    """With the way out."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        forecast.make()


def test_where_the_models_break_the_notebook_it_runs_on_the_weekdays(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the second run is told why."""
    asked: list[dict[str, Any]] = []

    def execute(_: object, parameters: dict[str, Any], **_limits: object) -> object:
        asked.append(parameters)
        if len(asked) == 1:
            message = "The notebook forecast lost its kernel: it was ended, or needed more than its 2048 MiB of memory."
            raise NotebookFailedError(message)
        return SimpleNamespace(run_id=uuid.uuid4())

    monkeypatch.setattr(charges, "settled_through", lambda _: {"aws": date(2026, 1, 31)})
    monkeypatch.setattr(notebooks, "execute", execute)
    forecast.make(days=7, models=["theta", "ces"])
    assert [one["models"] for one in asked] == [["theta", "ces"], ["weekday"]]
    assert asked[1]["note"].startswith("The models could not be used, so this is the median of each weekday.")
    assert "lost its kernel" in asked[1]["note"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--models", "lstm"], "“lstm” is no model: choose of weekday"),
        (["--budget", "much"], "“much” is no amount"),
        (["--budget", "NaN"], "“NaN” is no amount"),
        (["--series", "x.parquet"], "--series needs --out and at least one --cutoff"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(home: Path, words: list[str], said: str) -> None:
    """Before the database is asked for."""
    answer = CliRunner().invoke(cli, ["forecast", *words])
    assert answer.exit_code
    assert said in f"{answer.output}{answer.exception}"
