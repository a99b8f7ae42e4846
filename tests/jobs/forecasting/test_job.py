"""The forecast as people ask for it: by a word, with what remains when the models fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from costs import cli
from finops.errors import BadSettingError, UnknownWordError
from finops.trend import NoChargesError
from jobs import forecast
from jobs.forecasting import asked
from storage.allocation import FILE


@pytest.mark.parametrize(
    ("word", "found"),
    [("service", "service_name"), ("team", "tag:team"), ("tag:cost-center", "tag:cost-center"), ("", None)],
)
def test_parts_are_asked_for_in_peoples_words(word: str, found: str | None) -> None:
    """As in a question."""
    assert asked.dimension(word) == found


@pytest.mark.parametrize("word", ["servise", "day", "month", "tag:"])
def test_a_word_that_names_no_part_is_refused(word: str) -> None:
    """Days and months are what is forecast."""
    with pytest.raises(UnknownWordError, match="costs forecast --by service"):
        asked.dimension(word)


def test_a_list_of_allocation_rules_says_whose_the_costs_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the tag does; a file that is no YAML is told."""
    monkeypatch.setenv("COSTS_HOME", str(tmp_path))
    assert asked.parts("team") == ("tag:team", None)
    (tmp_path / FILE).write_text("team: [{by: 'tag:team'}]\nfloor: [{to: second, where: {account: '2*'}}]\n")
    assert asked.parts("team") == ("tag:team", '[{"by": "tag:team"}]')
    assert asked.parts("floor")[0] == "tag:floor"
    assert asked.parts("service") == ("service_name", None)
    (tmp_path / FILE).write_text("team: {")
    with pytest.raises(BadSettingError, match="is no YAML"):
        asked.parts("team")


def test_an_empty_ledger_is_told_before_anything_starts(database: Path) -> None:
    """With the way out."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        forecast.make()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--models", "lstm"], "“lstm” is no model: choose of weekday"),
        (["--budget", "much"], "“much” is no amount"),
        (["--budget", "NaN"], "“NaN” is no amount"),
        (["--days", "soon"], "'soon' is not a valid integer"),
        (["--daze", "3"], "No such option '--daze'"),
        (["models", "--last", "0"], "0 is not in the range 1<=x<=1000"),
        (["--series", "x.parquet"], "--series needs --out and at least one --cutoff"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(home: Path, words: list[str], said: str) -> None:
    """Before the database is asked for."""
    answer = CliRunner().invoke(cli, ["forecast", *words])
    assert answer.exit_code
    assert said in f"{answer.output}{answer.exception}"
