"""Alert rules as they are kept: added one by one, or told by `alerts.yaml`, each workspace's apart."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.alerting.rules import AlertRule
from finops.errors import CostsError, UnknownWordError
from finops.foreign import plain
from finops.people import Person
from storage import alert_files, alerting, yaml_files
from storage.models import AlertRuleRow

COMMAND_LINE = ""
"""The workspace of the command line and of `alerts.yaml`; its rules tell the deployment's own workspace."""
REMOVED = "the rule was removed"
"""Why its alerts are over."""
FILE = Person(COMMAND_LINE, "alerts.yaml")
"""Who is written down for a rule of the file."""
ANEW = "It was kept by another version: end it (`/cost alert off NAME`, `costs alerts remove NAME`) and make it anew."


class RuleExistsError(CostsError):
    """A rule of that name is there already."""


def add(session: Session, rule: AlertRule, *, by: Person, from_yaml: bool = False) -> AlertRuleRow:
    """Keep a new rule. Raises RuleExistsError, and nothing is changed."""
    new = insert(AlertRuleRow).values(
        workspace=by.workspace, name=rule.name, created_by=by.user, from_yaml=from_yaml, **_columns(rule)
    )
    once = new.on_conflict_do_nothing(
        index_elements=["workspace", "name"], index_where=AlertRuleRow.deleted_at.is_(None)
    )
    made: AlertRuleRow | None = session.scalar(once.returning(AlertRuleRow))
    if made is None:
        message = f"There is a rule “{rule.name}” already: choose another name, or remove that one first."
        raise RuleExistsError(message)
    return made


def replace(session: Session, row: AlertRuleRow, rule: AlertRule) -> None:
    """Give a rule other values; what it opened stays its own."""
    row.name = rule.name
    for name, value in _columns(rule).items():
        setattr(row, name, value)
    session.flush()


def _columns(rule: AlertRule) -> dict[str, Any]:
    held = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"muted_until"})
    return {"rule": held, "severity": rule.severity, "muted_until": rule.muted_until}


def value(row: AlertRuleRow) -> AlertRule:
    """Return the rule that a row holds. Raises BadSettingError, naming it, for one that does not hold any more."""
    held: object = row.rule
    given = {**held, "name": row.name, "muted_until": row.muted_until} if isinstance(held, dict) else held
    place = f"The alert rule “{plain(row.name)}”"
    return yaml_files.checked(AlertRule, place, given, example=ANEW, hints=alert_files.HINTS)


def sound(rows: Sequence[AlertRuleRow]) -> list[tuple[AlertRuleRow, AlertRule]]:
    """Return these rules with what they hold, without those that do not hold any more."""
    return [(row, found) for row in rows if (found := _held(row)) is not None]


def _held(row: AlertRuleRow) -> AlertRule | None:
    try:
        return value(row)
    except CostsError:
        return None


def silent_until(row: AlertRuleRow, at: datetime) -> datetime | None:
    """Return when its people may be told, if not at this moment; of a rule that does not hold only a mute counts."""
    found = _held(row)
    if found is not None:
        return found.silent_until(at)
    return row.muted_until if row.muted_until is not None and at < row.muted_until else None


def listed(session: Session, *, workspace: str | None = None) -> list[AlertRuleRow]:
    """Return the rules that are there, in the order of their names: of one workspace, or of all."""
    found = select(AlertRuleRow).where(AlertRuleRow.deleted_at.is_(None))
    if workspace is not None:
        found = found.where(AlertRuleRow.workspace == workspace)
    return list(session.scalars(found.order_by(AlertRuleRow.workspace, AlertRuleRow.name)))


def named(session: Session, name: str, *, workspace: str) -> AlertRuleRow:
    """Return the rule of a name. Raises UnknownWordError with the nearest, CostsError for one of the server's."""
    known = {row.name: row for row in listed(session, workspace=workspace)}
    found = _of_name(known, name)
    if found is not None:
        return found
    if workspace and (other := _of_name({row.name: row for row in listed(session, workspace=COMMAND_LINE)}, name)):
        message = f"“{other.name}” is a rule of the server: it is muted there, by `costs alerts mute`, and ended there."
        raise CostsError(message)
    close, lists = difflib.get_close_matches(name, known, n=1), "/cost alerts" if workspace else "costs alerts rules"
    raise UnknownWordError(name[:60], close[0] if close else None, f"`{lists}` lists those there are.")


def _of_name(known: Mapping[str, AlertRuleRow], name: str) -> AlertRuleRow | None:
    folded = {one.casefold(): row for one, row in known.items()}
    return known.get(name) or folded.get(name.strip().casefold())


def editable(session: Session, name: str, *, workspace: str) -> AlertRuleRow:
    """Return the rule of a name that a workspace can change.

    Raises CostsError saying where another one is changed, UnknownWordError.
    """
    mine = {row.name: row for row in listed(session, workspace=workspace)}
    others = {row.name: row for row in listed(session, workspace=COMMAND_LINE)}
    found = _of_name(mine, name) or _of_name(others, name)
    if found is None:
        return named(session, name, workspace=workspace)
    check_editable(found, workspace=workspace)
    return found


def check_editable(row: AlertRuleRow, *, workspace: str) -> None:
    """Raise CostsError for a rule that is changed elsewhere, saying where."""
    name = plain(row.name)
    if row.from_yaml:
        message = f"“{name}” stands in alerts.yaml on the server: change it there, and it holds within the hour."
        raise CostsError(message)
    if row.workspace == COMMAND_LINE != workspace:
        message = f"“{name}” was set up on the server: `costs alerts remove` and `costs alerts add` change it there."
        raise CostsError(message)
    if row.workspace != workspace:
        raise UnknownWordError(name[:60], None, "`/cost alerts` lists the rules.")


def mute(session: Session, row: AlertRuleRow, *, until: datetime | None) -> None:
    """Tell nothing of a rule until then; None ends that."""
    row.muted_until = until
    session.flush()


def remove(session: Session, row: AlertRuleRow, *, at: datetime) -> int:
    """Take a rule out, and close what it opened: how many alerts, is returned. Its name is free again.

    Raises CostsError for one that the file would bring back.
    """
    if row.from_yaml:
        message = f"“{row.name}” stands in alerts.yaml: take it out there, and it is gone with the next evaluation."
        raise CostsError(message)
    return gone(session, row, at=at)


def gone(session: Session, row: AlertRuleRow, *, at: datetime, why: str = REMOVED) -> int:
    """Take it out, and close what it opened: nobody would judge that any more."""
    silent = silent_until(row, at) is not None
    row.deleted_at = at
    session.flush()
    opened = alerting.of_rule(session, row.id)
    return sum(alerting.over(session, one, at=at, note=why, silent=silent) for one in opened)


def sync(session: Session, rules: Sequence[AlertRule], *, at: datetime) -> None:
    """Keep what the file tells now: new rules, changed ones, and without those that it tells no more.

    What was muted by a person stays muted. Raises RuleExistsError where somebody made a rule of such a name.
    """
    held = {row.name: row for row in listed(session, workspace=COMMAND_LINE)}
    for rule in rules:
        row = held.get(rule.name)
        if row is None or not row.from_yaml:
            add(session, rule, by=FILE, from_yaml=True)
        elif _held(row) != rule:
            muted = rule.muted_until or row.muted_until
            replace(session, row, rule.model_copy(update={"muted_until": muted}))
    names = {rule.name for rule in rules}
    for row in held.values():
        if row.from_yaml and row.name not in names:
            gone(session, row, at=at)
