"""The budgets of `COSTS_HOME/budgets.yaml` or `budgets.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from finops.budgets import Budget
from finops.errors import BadSettingError
from storage import yaml_files, yaml_list

YAML, CSV = "budgets.yaml", "budgets.csv"
EXAMPLE = "- {name: payments, amount: 12000, currency: USD, owner: lena@example.com, where: {team: payments}}"
HEAD = "name,amount,currency,owner,team"
OWN = ("name", "amount", "currency", "metric", "owner")
"""Columns of the CSV file; every other one is a word of `/cost`."""


def budgets(home: Path) -> tuple[Budget, ...]:
    """Return the budgets, in the order of the file; none where there is no file.

    Raises BadSettingError naming the entry that is wrong, or that both files are there.
    """
    files = [home / name for name in (YAML, CSV) if (home / name).exists()]
    if not files:
        return ()
    if len(files) > 1:
        message = f"There are two lists of budgets, {files[0]} and {files[1].name}: keep one."
        raise BadSettingError(message)
    given = _of_yaml(files[0]) if files[0].name == YAML else _of_csv(files[0])
    found = tuple(_budget(f"{files[0]}, {place}", one) for place, one in given)
    yaml_files.distinct(files[0], "budgets", [one.name for one in found])
    return found


def add(home: Path, found: Sequence[Budget]) -> list[str]:
    """Add budgets to `budgets.yaml` whose names are new, whole or not at all; returns their names.

    What stands there stays as it was written. Raises BadSettingError, also where the list is a CSV file.
    """
    known = {one.name.casefold() for one in budgets(home)}
    if (home / CSV).exists():
        message = f"The budgets are kept in {home / CSV}: add them there, or move all to {YAML}."
        raise BadSettingError(message)
    fresh = list({one.name.casefold(): one for one in found if one.name.casefold() not in known}.values())
    if not fresh:
        return []
    file = home / YAML
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    wanted, made = [*_listed(file, yaml_files.parsed(file, before))], before
    for one in fresh:
        wanted.append(one.model_dump(mode="json", exclude_defaults=True))
        made, _ = yaml_list.put(made, wanted, len(wanted) - 1, new=True)
    if not made.startswith(before):
        message = f"{file} is not written as a list of lines that begin with “- ”, so nothing was added: write it so."
        raise BadSettingError(message)
    yaml_files.replace(file, made)
    return [one.name for one in fresh]


def _of_yaml(file: Path) -> Iterable[tuple[str, object]]:
    known = yaml_files.opened(file, yaml.BaseLoader)  # numbers stay text: an amount must never pass through a float
    return [(f"budget {number}", one) for number, one in enumerate(_listed(file, known), 1)]


def _listed(file: Path, known: object) -> list[object]:
    if known in (None, ""):
        return []
    if not isinstance(known, list):
        message = f"{file} should be a list of budgets: {EXAMPLE}"
        raise BadSettingError(message)
    return known


def _of_csv(file: Path) -> Iterable[tuple[str, object]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{file} is no CSV file: {error}. Its first line is {HEAD}."
        raise BadSettingError(message) from error
    return [(f"row {number}", _entry(row)) for number, row in enumerate(rows, 1)]


def _entry(row: Mapping[str | None, object]) -> dict[str, object]:
    given = {str(name).strip(): value.strip() for name, value in row.items() if name and isinstance(value, str)}
    told: dict[str, object] = {name: given[name] for name in OWN if given.get(name)}
    return {**told, "where": {name: value for name, value in given.items() if name not in OWN and value}}


def _budget(place: str, given: object) -> Budget:
    return yaml_files.checked(Budget, place, given, example=f"For example {EXAMPLE}")
