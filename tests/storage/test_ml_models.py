"""`ml_models.yaml` chooses who forecasts; what is wrong with it is told in a sentence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from finops.errors import BadSettingError
from finops.forecasting.members import ALL
from storage import ml_models
from storage.ml_models import CostPrediction


def _written(folder: Path, text: str) -> Path:
    (folder / ml_models.FILE).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_all_members_are_trained_every_day(tmp_path: Path) -> None:
    """An empty one says nothing else."""
    assert ml_models.cost_prediction(tmp_path) == CostPrediction(ALL, timedelta(hours=24))
    assert ml_models.cost_prediction(_written(tmp_path, "")) == CostPrediction()


@pytest.mark.parametrize(
    ("text", "members", "hours"),
    [
        ("cost_prediction: {algorithm: prophet, retrain_interval: 7d}", ("prophet",), 168),
        ("cost_prediction: {algorithm: [theta, ces, theta]}", ("theta", "ces"), 24),
        ("ml_models:\n  cost_prediction:\n    algorithm: ensemble\n    retrain_interval: 1h\n", ALL, 1),
    ],
)
def test_it_names_members_and_an_interval(tmp_path: Path, text: str, members: tuple[str, ...], hours: int) -> None:
    """Alone, or as the section of a whole configuration."""
    found = ml_models.cost_prediction(_written(tmp_path, text))
    assert found == CostPrediction(members, timedelta(hours=hours))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cost_prediction: {algorithm: lstm}", "algorithm: “lstm” is no model: choose of weekday"),
        ("cost_prediction: {algorithm: []}", "give ensemble, a model or a list of models"),
        ("cost_prediction: {algorithm: [1]}", "give ensemble, a model or a list of models"),
        ("cost_prediction: {retrain_interval: daily}", "“daily” is no interval from 1h to 90d: write it as 24h or 7d"),
        ("cost_prediction: {retrain_interval: 0h}", "“0h” is no interval"),
        ("cost_prediction: {retrain_interval: 91d}", "“91d” is no interval"),
        ("cost_prediction: {epochs: 3}", "“epochs” is not known here; there is algorithm, retrain_interval"),
        ("optimization: {algorithm: reinforcement_learning}", "savings are found by rules, which nothing trains"),
        ("cost_prediction: prophet", "cost_prediction should hold names and values"),
        ("- prophet", "the file should hold names and values"),
        ("cost_prediction: {", "is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_the_place_and_a_way_out(tmp_path: Path, text: str, said: str) -> None:
    """In one sentence or two."""
    with pytest.raises(BadSettingError, match=r"ml_models\.yaml") as refused:
        ml_models.cost_prediction(_written(tmp_path, text))
    assert said in str(refused.value)
