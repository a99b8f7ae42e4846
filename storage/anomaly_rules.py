"""The rules of anomalies as people write them, in `COSTS_HOME/anomalies.yaml`, and how they have series watched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from finops.anomalies import feedback
from finops.anomalies.feedback import Opinion
from finops.anomalies.rules import DEFAULT, EXAMPLE, USUAL, Rule, rule_of, with_rule
from finops.anomalies.scopes import Scope
from finops.anomalies.series import Sensitivity
from finops.errors import BadSettingError, CostsError, UnknownWordError
from storage import verdicts, yaml_files, yaml_list

FILE = "anomalies.yaml"
WHOLE = f"a list of rules, for example - {EXAMPLE}"
EMPTY: Mapping[str, str] = {}


def rules(home: Path) -> tuple[Rule, ...]:
    """Return the rules in their order, the last of which fits everything. Raises BadSettingError naming the wrong one.

    Without a file there is one rule, `default`.
    """
    file = home / FILE
    return _whole(file, read(file)) if file.exists() else (USUAL,)


def named(rules: Sequence[Rule], name: str) -> Rule:
    """Return the rule of a name. Raises UnknownWordError."""
    for rule in rules:
        if rule.name == name:
            return rule
    names = ", ".join(rule.name for rule in rules)
    raise UnknownWordError(name, None, f"costs anomalies replay {DEFAULT}. The rules there are: {names}.")


def read(file: Path) -> list[object]:
    """Return what stands in the file. Raises BadSettingError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {' '.join(str(error).split())}."
        raise BadSettingError(message) from error
    return parsed(file, text)


def parsed(file: Path, text: str) -> list[object]:
    """Return what a text holds, `file` being where it stands. Raises BadSettingError."""
    known = yaml_files.parsed(file, text)
    if known is None:
        return []
    if not isinstance(known, list):
        message = f"{file} should hold {WHOLE}."
        raise BadSettingError(message)
    return known


def _whole(file: Path, given: Sequence[object]) -> tuple[Rule, ...]:
    """Check the rules one by one, then their order."""
    found = [rule(f"{file}, {yaml_files.called(one, number)}", one) for number, one in enumerate(given, 1)]
    names = [one.name for one in found]
    for number, name in enumerate(names, 1):
        problem = None
        if name in names[: number - 1]:
            problem = "there is a rule of this name before it: rename one"
        elif name == DEFAULT and number < len(names):
            problem = "it fits everything, so no rule after it is asked: put it last"
        if problem:
            message = f"{file}, {yaml_files.called(given[number - 1], number)}: {problem}."
            raise BadSettingError(message)
    return tuple(found) if DEFAULT in names else (*found, USUAL)


def rule(place: str, given: object) -> Rule:
    """Read one rule; `place` says where it stands. Raises BadSettingError."""
    return yaml_files.checked(Rule, place, given, example=f"For example {EXAMPLE}.", hints=yaml_files.QUOTED)


def written(rule: Rule) -> dict[str, object]:
    """Return a rule as it stands in the file: texts, numbers and lists, nothing that it leaves out."""
    kept = rule.model_dump(exclude_defaults=True)
    kept |= {name: _plain(kept[name]) for name in ("rate", "share", "amount") if name in kept}
    kept |= {"kinds": [kind.value for kind in rule.kinds]} if rule.kinds else {}
    kept |= {"where": {word: list(values) for word, values in rule.where.items()}} if rule.where else {}
    return kept


def _plain(number: object) -> object:
    """Return a number as YAML writes it; what a float cannot hold stays a text, which is read as exactly."""
    text = str(number)
    return float(text) if repr(float(text)) == text else int(text) if text.isdecimal() else text


def save(home: Path, changed: Rule) -> Path | None:
    """Write one rule into the file, whole or not at all: in its place, or where `with_rule` has a new one.

    Comments stay. Where they cannot, the file as it was is kept beside it, and its path returned. Raises
    BadSettingError, CostsError.
    """
    file = (home / FILE).resolve()  # a link stays one
    held = read(file) if file.exists() else []
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    before = [one.name for one in _whole(file, held)[: len(held)]]
    new = changed.name not in before
    names = [one.name for one in with_rule(rules(home) if held else (), changed)]
    place = names.index(changed.name)
    wanted = [*held[:place], written(changed), *held[place + (not new) :]]
    made, kept = yaml_list.put(text, wanted, place, new=new)
    _whole(file, parsed(file, made))
    try:
        return yaml_files.replace(file, made, keep=not kept)
    except OSError as error:
        message = f"{file} could not be written ({error.strerror or error}), so no rule was saved."
        raise CostsError(message) from error


def sensitivities(
    session: Session,
    scopes: Iterable[Scope],
    rules: Sequence[Rule],
    *,
    usual: Sensitivity,
    now: datetime,
    called: Mapping[str, str] = EMPTY,
) -> dict[str, Sensitivity]:
    """Return how each series is watched, by the key of its scope: by its rule, moved by what people said of it."""
    said: dict[str, list[Opinion]] = defaultdict(list)
    for opinion, keys in verdicts.opinions(session):
        for key in keys:
            said[key].append(opinion)
    wanted = {scope.written(): rule_of(scope, rules, called).sensitivity(usual) for scope in scopes}
    return feedback.sensitivities(wanted, said, now)
