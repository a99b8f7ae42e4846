"""What was filled into the form of an alert rule, as a rule, or what is wrong with it by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from bot.blocks import rule_form
from bot.language.question import word
from bot.questions import CostQuestion, Kind, Rule, parse
from bot.ruling import BadRuleError, valid
from finops.alerting import durations
from finops.alerting.kinds import TAKES, Comparison, RuleKind, Severity
from finops.alerting.rules import AlertRule
from finops.errors import CostsError

_QUIET = re.compile(r"\s*(\d{1,2}:\d\d)\s*(?:-|–|to)\s*(\d{1,2}:\d\d)\s*(\S+)?\s*", re.IGNORECASE)  # noqa: RUF001
SIZES = ("comparison", "amount", "currency", "share")
Fields = dict[str, object]
SHOWN = {
    "budget": "budget",
    "quiet": "quiet",
    "escalation": "escalate",
    "cool_down": "cool_down",
    "where": "where",
    "to": "channel",
    "name": "name",
}
"""In which field of the form a field of the rule is; all others are how much."""


class BadFieldError(CostsError):
    """A field cannot be read; `field` is its block."""

    def __init__(self, message: str, *, field: str) -> None:
        """Say what is expected, and of which."""
        super().__init__(message)
        self.field = field


def read(
    given: Mapping[str, str], *, name: str, otherwise: str | None, today: date, held: AlertRule | None = None
) -> AlertRule:
    """Return the rule that a form holds; `otherwise` is told where no channel and no person was chosen.

    What the form does not show is as in the rule that it was filled in with, if any. Raises BadFieldError.
    """
    given = {**(_chosen(held) if held else {}), **given}
    if "kind" not in given:
        message = "Choose what the rule is to tell about."
        raise BadFieldError(message, field="kind")
    kind = RuleKind(given["kind"])
    fields: Fields = {
        **(_unshown(held, kind, given) if held else {}),
        "name": given.get("name") or name,
        "kind": kind,
        "severity": given.get("severity", "warning"),
        "to": _whom(given, held) or otherwise,
        "where": _where(given.get("where", ""), today),
        "budget": given.get("budget"),
        "quiet": _quiet(given.get("quiet")),
        "cool_down": _long("cool_down", given.get("cool_down")),
        "escalation": _escalation(given),
        **(_unchanged(held, kind, given) or _size(given.get("size", ""), kind, today)),
    }
    if "grain" in TAKES[kind].fields:
        fields["grain"] = given.get("grain", "daily")
    try:
        return valid({key: value for key, value in fields.items() if value not in (None, {})})
    except BadRuleError as error:
        message = str(error)
        place = error.place.partition(".")[0] or next((one for one in SHOWN if one in message), "")
        raise BadFieldError(message, field=SHOWN.get(place, "size")) from error


def anyway(given: Mapping[str, str], today: date) -> bool:
    """Whether what a form names need not be there yet: `team=web anyway`."""
    return bool(given.get("where")) and (_asked("where", given["where"], today).rule or Rule()).anyway


def _chosen(held: AlertRule) -> dict[str, str]:
    """Return what is always chosen from a list: a surface that leaves that out leaves it as it is."""
    return {"kind": held.kind.value, "grain": held.grain.value, "severity": held.severity.value}


def _whom(given: Mapping[str, str], held: AlertRule | None) -> str | None:
    """Return who was chosen; of a person and a channel the one that is new, as neither can be taken back in Slack."""
    chosen = [given[name] for name in ("person", "channel") if given.get(name)]
    new = [one for one in chosen if held is None or one != held.to]
    return next(iter([*new, *chosen]), None)


def _unshown(held: AlertRule, kind: RuleKind, given: Mapping[str, str]) -> Fields:
    """Return what a rule has that its form has no field for, as far as it goes with what was filled in."""
    critical = given.get("severity") == Severity.CRITICAL
    kept: Fields = {name: getattr(held, name) for name in ("days", "tag") if name in TAKES[kind].fields}
    through = held.break_through and critical
    return {**kept, "owner": held.owner, "muted_until": held.muted_until, "break_through": through}


def _unchanged(held: AlertRule | None, kind: RuleKind, given: Mapping[str, str]) -> Fields:
    """Return how much where nobody touched it: a rule of a file may say more than the field shows."""
    if held is None or kind is not held.kind or given.get("size", "") != rule_form.size(held):
        return {}
    return {name: getattr(held, name) for name in SIZES if name in held.model_fields_set}


def _asked(field: str, words: str, today: date) -> CostQuestion:
    try:
        question = parse(f"alert {words}", today=today)
    except CostsError as error:
        message = str(error)[:300]
        raise BadFieldError(message, field=field) from error
    if question.kind is not Kind.ALERT:
        message = "Write it as after /cost alert."
        raise BadFieldError(message, field=field)
    return question


def _where(words: str, today: date) -> dict[str, tuple[str, ...]]:
    if not words:
        return {}
    question = _asked("where", words, today)
    if question.threshold or (question.rule or Rule(anyway=True)) != Rule(anyway=True) or not question.where:
        message = 'Write whose costs as team=web, service="Amazon RDS".'
        raise BadFieldError(message, field="where")
    return {word(name): values for name, values in question.where.items()}


def _size(words: str, kind: RuleKind, today: date) -> Fields:
    if not words:
        return {}
    question = _asked("size", words, today)
    said = question.rule or Rule()
    if question.where or not (question.threshold or said.share):
        message = "Write how much as > 500 USD, up 30% or < 80%."
        raise BadFieldError(message, field="size")
    above = question.threshold.above if question.threshold else said.share is None or said.share.above
    compared = "comparison" in TAKES[kind].fields
    fields: Fields = {"comparison": Comparison.ABOVE if above else Comparison.BELOW} if compared else {}
    if said.share:
        return fields | {"share": said.share.percent / 100}
    assert question.threshold is not None  # noqa: S101  looked at above
    coded = {"currency": question.threshold.currency} if "currency" in TAKES[kind].fields else {}
    return fields | {"amount": question.threshold.amount, **coded}


def _quiet(words: str | None) -> Fields | None:
    if not words:
        return None
    found = _QUIET.fullmatch(words)
    if found is None:
        message = "Write quiet hours as 22:00-07:00 Europe/Berlin."
        raise BadFieldError(message, field="quiet")
    return {"from": found[1].zfill(5), "to": found[2].zfill(5), "timezone": found[3] or "UTC"}


def _long(field: str, words: str | None) -> str | None:
    if not words:
        return None
    try:
        return durations.written(durations.read(words))
    except ValueError as error:
        message = f"Please {error}."
        raise BadFieldError(message, field=field) from error


def _escalation(given: Mapping[str, str]) -> Fields | None:
    after, to = _long("escalate", given.get("escalate")), given.get("escalate_to")
    if after and not to:
        message = "Choose who is told then."
        raise BadFieldError(message, field="escalate_to")
    if to and not after:
        message = "Say after how long: 4h, for example."
        raise BadFieldError(message, field="escalate")
    return {"after": after, "to": to} if after else None
