"""The alert rules of `COSTS_HOME/alerts.yaml`, or of any file of the same shape."""

from __future__ import annotations

from pathlib import Path

import yaml

from finops.alerting import whom
from finops.alerting.rules import EXAMPLE, AlertRule
from finops.errors import BadSettingError
from storage import outlets, yaml_files

FILE = "alerts.yaml"
HINTS = {"missing": "it is missing", "extra_forbidden": "no rule has such a field"}


def rules(home: Path) -> tuple[AlertRule, ...]:
    """Return the rules of the file; none where there is no file. Raises BadSettingError naming the wrong one."""
    file = home / FILE
    return read(file) if file.exists() else ()


def read(file: Path) -> tuple[AlertRule, ...]:
    """Return the rules that a file lists. Raises BadSettingError naming the wrong one."""
    known = yaml_files.opened(file, yaml.BaseLoader)  # numbers stay text: an amount must never pass through a float
    if known in (None, ""):
        return ()
    if not isinstance(known, list):
        message = f"{file} should be a list of alert rules, for example - {EXAMPLE}"
        raise BadSettingError(message)
    found = [rule(f"{file}, {yaml_files.called(one, number)}", one) for number, one in enumerate(known, 1)]
    yaml_files.distinct(file, "rules", [one.name for one in found])
    return tuple(found)


def rule(place: str, given: object) -> AlertRule:
    """Make a rule of one entry; `place` says where it stands. Raises BadSettingError, also for whom nobody could tell.

    Whether Slack has such a channel or person is asked when there is something to tell: jobs hold no token.
    """
    found = yaml_files.checked(AlertRule, place, given, example=f"For example {EXAMPLE}", hints=HINTS)
    for word, to in (("to", found.to), ("escalation.to", found.escalation and found.escalation.to)):
        if to and whom.problem(to, outlets=()) and (wrong := whom.problem(to, outlets=outlets.names())):
            message = f"{place}: {word}: {wrong}."
            raise BadSettingError(message)
    return found
