"""From the words of an alert to the rule that they mean."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import ValidationError
from sqlalchemy.orm import Session

from bot.asker import Asker
from bot.blocks import rule_form
from bot.language.question import word
from bot.language.rule import WATCHED
from bot.questions import CostQuestion, Kind, OneThingError, Rule, Watch, When, written
from finops import invalid
from finops.alerting.kinds import TAKES, Comparison, Grain, RuleKind, Severity
from finops.alerting.rules import PARTS, AlertRule
from finops.focus import Metric
from storage import charges

EXAMPLE = "alert when team=payments daily > 1500 USD"
LONGEST_NAME = 60
_SILENT = {"alert", "where", "when", "on", "and"}
_SIGNS = {">": "above", "<": "below"}


CALLED = {
    "amount": "the amount",
    "share": "the share",
    "days": "the number of days",
    "budget": "the name of the budget",
    "to": "whom it tells",
    "quiet.from": "the beginning of quiet hours",
    "quiet.to": "the end of quiet hours",
}
"""What people call a field."""


class BadRuleError(OneThingError):
    """No rule can be like this; `place` is the field that is wrong, '' for several."""

    def __init__(self, message: str, *, place: str) -> None:
        """Say what is wrong, and keep with which."""
        super().__init__(message)
        self.place = place


def rule_of(session: Session, question: CostQuestion, who: Asker, *, name: str | None = None) -> AlertRule:
    """Return the rule; whom it tells is where it was asked for, unless that was said.

    Raises OneThingError for what no rule can be made of.
    """
    said = question.rule or Rule()
    kind = kind_of(question)
    if kind is None:
        message = f"Say what to wait for. For example: {EXAMPLE}"
        raise OneThingError(message)
    _refuse_odd(question, kind)
    fields: dict[str, object] = {
        "name": name or name_of(question),
        "kind": kind,
        "where": {word(dimension): values for dimension, values in question.where.items()},
        "severity": Severity(said.severity or Severity.WARNING),
        "to": said.to if said.to not in {None, "me"} else _whom(question, said, who),
        "budget": said.budget,
        "days": question.days,
        **_sizes(session, question, said),
    }
    if "currency" not in TAKES[kind].fields:
        fields.pop("currency", None)
    if question.cadence is not None:
        fields["grain"] = Grain(question.cadence.value)
    return valid({name: value for name, value in fields.items() if value not in (None, {})})


def valid(fields: dict[str, object]) -> AlertRule:
    """Return the rule with these fields. Raises BadRuleError with what is wrong."""
    try:
        return AlertRule.model_validate(fields)
    except ValidationError as error:
        place, problem = invalid.first(error)
        called = CALLED.get(place, place)
        told = f"{called} {problem.removeprefix('it ')}" if problem.startswith("it ") else problem
        message = f"{told[:1].upper()}{told[1:]}."
        raise BadRuleError(message, place=place) from error


def kind_of(question: CostQuestion) -> RuleKind | None:
    """Return what is watched; None where nothing says so."""
    said = question.rule or Rule()
    if said.watch is not None:
        return RuleKind(said.watch.value)
    if said.share is not None:
        return RuleKind.CHANGE
    return RuleKind.THRESHOLD if question.threshold else None


def name_of(question: CostQuestion) -> str:
    """Name a rule by what it says: team-web-daily-above-500-usd."""
    said = (question.rule or Rule()).model_copy(update={"severity": None, "to": None, "anyway": False})
    words = str(question.model_copy(update={"kind": Kind.ALERT, "rule": said, "channel": None})).split()
    return _named(words)


def name_anew(rule: AlertRule) -> str:
    """Name a rule that was changed before it was kept by what it says now."""
    watch = WATCHED[Watch(rule.kind.value)] if rule.kind.value in set(Watch) else ""
    grain = str(rule.grain) if "grain" in TAKES[rule.kind].fields else ""
    size = rule_form.size(rule)
    parts = [watch, rule.budget or "", size if rule.share else "", written(rule.filters), grain]
    return _named(" ".join([*parts, "" if rule.share else size]).split())


def _named(words: list[str]) -> str:
    kept = " ".join(_SIGNS.get(one, one) for one in words if one not in _SILENT)
    return re.sub(r"\W+", "-", kept.casefold()).strip("-")[:LONGEST_NAME].strip("-") or "rule"


def tells_only(question: CostQuestion, who: Asker) -> bool:
    """Whether a rule tells nobody but who asks for it."""
    said = (question.rule or Rule()).to
    named = said in {"me", who.person.user, f"<@{who.person.user}>"}
    return named or (said is None and question.channel is None and who.is_direct)


def _whom(question: CostQuestion, said: Rule, who: Asker) -> str | None:
    if question.channel and said.to is None:
        return question.channel
    if not who.workspace:
        return None
    return who.person.user if said.to == "me" or who.is_direct else who.channel


def _sizes(session: Session, question: CostQuestion, said: Rule) -> dict[str, object]:
    above = question.threshold.above if question.threshold else said.share.above if said.share else True
    sizes: dict[str, object] = {} if above else {"comparison": Comparison.BELOW}
    if said.watch is Watch.COMMITMENT_UNDERUSED and not said.share:
        sizes["share"] = PARTS[RuleKind.COMMITMENT_UNDERUSED]
    if said.share:
        sizes["share"] = said.share.percent / Decimal(100)
    if said.watch is not None:
        sizes.pop("comparison", None)
    if question.threshold:
        sizes["amount"] = question.threshold.amount
        sizes["currency"] = question.threshold.currency or question.currency or charges.currency(session)
    return sizes


def _refuse_odd(question: CostQuestion, kind: RuleKind) -> None:
    """Raise OneThingError for what a question may say and a rule may not."""
    if question.metric is not Metric.EFFECTIVE:
        message = f"Rules watch what was used (effective costs), not {question.metric}. For example: {EXAMPLE}"
        raise OneThingError(message)
    if kind is RuleKind.UNTAGGED and not (question.threshold or (question.rule and question.rule.share)):
        message = "Say how much may be untagged. For example: alert when untagged > 100 USD, or > 10%"
        raise OneThingError(message)
    if question.when != When() and (question.days is None or "days" not in TAKES[kind].fields):
        message = f"A rule watches the days to come, so it has no dates: say daily, weekly or monthly, as in {EXAMPLE}"
        raise OneThingError(message)
