"""The rules of allocation as people write them: in `COSTS_HOME/allocation.yaml`, a list for each way to divide."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from finops.allocation import Rule
from finops.errors import BadSettingError
from storage.yaml_files import QUOTED, checked, opened

FILE = "allocation.yaml"
DEFAULT = {
    "team": (Rule(by="tag:team"),),
    "owner": (Rule(by="tag:owner"),),
    "environment": (Rule(by="tag:environment"), Rule(by="tag:env")),
}
"""Without a file: by the tag of that name."""
EXAMPLE = "team: [{by: tag:team}, {to: data, where: {account: data-*}}]"


def rules(home: Path, name: str) -> tuple[Rule, ...]:
    """Return the rules that divide costs by `name`: team, owner, environment, or what the file calls its lists.

    Raises BadSettingError naming the rule that is wrong.
    """
    file = home / FILE
    known = _read(file) if file.exists() else {}
    if name in known:
        return _rules(file, name, known[name])
    if name in DEFAULT:
        return DEFAULT[name]
    names = ", ".join(sorted({*known, *DEFAULT}))
    message = f"{file} has no rules for “{name[:40]}”; there are: {names}. For example {EXAMPLE}."
    raise BadSettingError(message)


def named(home: Path) -> frozenset[str]:
    """Return the names that the file has rules for. Raises BadSettingError."""
    file = home / FILE
    return frozenset(_read(file)) if file.exists() else frozenset()


def written(rules: tuple[Rule, ...]) -> str:
    """Write rules as one text, which `told` reads: what a notebook is given."""
    return json.dumps([rule.model_dump(mode="json", exclude_defaults=True) for rule in rules])


def told(name: str, text: str | None) -> tuple[Rule, ...]:
    """Read a list of rules from a text, or return those that need no file. Raises BadSettingError."""
    if text is None:
        if name not in DEFAULT:
            message = f"There are no rules for “{name[:40]}”: give a list, for example {EXAMPLE.partition(': ')[2]}."
            raise BadSettingError(message)
        return DEFAULT[name]
    try:
        given = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        message = f"The rules given for {name} are no YAML: {' '.join(str(error).split())}."
        raise BadSettingError(message) from error
    return _rules(Path("rules"), name, given)


def _read(file: Path) -> dict[str, object]:
    known = opened(file)
    if not isinstance(known, dict) or not all(isinstance(name, str) for name in known):
        message = f"{file} should hold lists of rules by name: {EXAMPLE}."
        raise BadSettingError(message)
    return known


def _rules(file: Path, name: str, given: object) -> tuple[Rule, ...]:
    if not isinstance(given, list) or not given:
        message = f"{file}, {name}: give a list of rules, for example {EXAMPLE}."
        raise BadSettingError(message)
    return tuple(_rule(f"{file}, {name}, rule {number}", one) for number, one in enumerate(given, 1))


def _rule(place: str, given: object) -> Rule:
    return checked(Rule, place, given, example=f"For example {EXAMPLE}.", hints=QUOTED)
