"""Which models forecast, as people write it: `ml_models` of the configuration, in `COSTS_HOME/ml_models.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from finops.errors import BadSettingError
from finops.forecasting.members import ALL, MEMBERS, chosen
from storage import yaml_files

FILE = "ml_models.yaml"
EXAMPLE = "cost_prediction: {algorithm: [prophet, theta, ces, weekday], retrain_interval: 24h}"
ENSEMBLE = "ensemble"
KEYS = ("algorithm", "retrain_interval")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CostPrediction:
    """The members that a forecast may use, and how often one is trained anew."""

    members: tuple[str, ...] = ALL
    retrain_interval: timedelta = timedelta(hours=24)


def cost_prediction(home: Path) -> CostPrediction:
    """Return what the file says, or all members, trained anew every night. Raises BadSettingError."""
    file = home / FILE
    if not file.exists():
        return CostPrediction()
    known = _read(file)
    if set(known) == {"ml_models"}:  # as within a whole configuration
        known = _mapping(file, "ml_models", known["ml_models"])
    _only(file, known, ("cost_prediction",))
    section = _mapping(file, "cost_prediction", known.get("cost_prediction", {}))
    _only(f"{file}, cost_prediction", section, KEYS)
    return CostPrediction(
        _members(f"{file}, algorithm", section.get("algorithm", ENSEMBLE)),
        _interval(f"{file}, retrain_interval", section.get("retrain_interval", "24h")),
    )


def _read(file: Path) -> Mapping[str, object]:
    return _mapping(file, "the file", yaml_files.opened(file))


def _mapping(place: Path, name: str, found: object) -> Mapping[str, object]:
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        message = f"{place}: {name} should hold names and values, for example {EXAMPLE}."
        raise BadSettingError(message)
    return found


def _only(place: Path | str, found: Mapping[str, object], known: tuple[str, ...]) -> None:
    for key in found:
        if key not in known:
            why = " (savings are found by rules, which nothing trains)" if key == "optimization" else ""
            message = (
                f"{place}: “{key[:40]}” is not known here{why}; there is {', '.join(known)}. For example {EXAMPLE}."
            )
            raise BadSettingError(message)


def _members(place: str, given: object) -> tuple[str, ...]:
    if given == ENSEMBLE:
        return ALL
    given_names = given if isinstance(given, list) else [given]
    names = [name for name in given_names if isinstance(name, str)]
    if not names or len(names) < len(given_names):
        message = f"{place}: give {ENSEMBLE}, a model or a list of models; there are {', '.join(MEMBERS)}."
        raise BadSettingError(message)
    try:
        return chosen(names)
    except BadSettingError as error:
        message = f"{place}: {error} {ENSEMBLE} stands for all of them."
        raise BadSettingError(message) from error


def _interval(place: str, given: object) -> timedelta:
    match = re.fullmatch(r"(\d{1,4})([hd])", given) if isinstance(given, str) else None
    found = int(match[1]) * UNITS[match[2]] if match else timedelta(0)
    if not SHORTEST <= found <= LONGEST:
        message = f"{place}: “{str(given)[:20]}” is no interval from 1h to 90d: write it as 24h or 7d."
        raise BadSettingError(message)
    return found
