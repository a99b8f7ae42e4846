"""What is an anomaly worth telling: ordered rules, of which the first that fits a series decides how it is watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity
from finops.errors import BadSettingError, UnknownWordError
from finops.focus import DIMENSIONS, Dimension
from finops.where import Where

DEFAULT = "default"
"""The rule of what no other fits."""
TEAM = "team"
EXAMPLE = "{name: sandbox, where: {account: sandbox-*}, kinds: [spike, new], direction: up, rate: 0.1, amount: 50}"
NAMED = Dimension.SUB_ACCOUNT.value
EMPTY: Mapping[str, str] = {}


class Rule(BaseModel):
    """How the series that fit `where` are watched; what is left out is as the estate has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    where: Where = Field(default_factory=dict)
    """Words of `/cost` (provider, account, service, region, team), each with the values that fit: `*` stands for
    anything, an empty text for no value. A series that is not told apart by a word does not fit it."""
    kinds: tuple[Kind, ...] = ()
    """What is told; without any, all kinds."""
    direction: Literal["up", "down"] | None = None
    """What is told: costs that rise, or that fall; without it, both."""
    rate: Decimal | None = None
    """False alarms a month that each of its series may raise."""
    share: Decimal | None = None
    """Of the series' daily level: less is never an anomaly."""
    amount: Decimal | None = None
    """A day, in the series' currency: less is never an anomaly."""
    ignore: bool = False
    """Whether nothing is told of its series."""

    @field_validator("kinds", mode="before")
    @classmethod
    def _listed(cls, kinds: object) -> object:
        return (kinds,) if isinstance(kinds, str) else kinds

    @field_validator("rate", "share", "amount", mode="before")
    @classmethod
    def _numbers(cls, given: object) -> object:
        """Refuse `yes`, which YAML reads as a number."""
        if isinstance(given, bool):
            message = "give a number, as 0.25"
            raise ValueError(message)  # noqa: TRY004  pydantic turns a ValueError into its own error
        return given

    @model_validator(mode="after")
    def _sound(self) -> Rule:
        for word in self.where:
            part(word)
        if Kind.GAP in self.kinds:
            message = "a gap is a day that was not collected, and no anomaly: leave it out of `kinds`"
            raise ValueError(message)
        if self.name == DEFAULT and self.where:
            message = f"“{DEFAULT}” is what no other rule fits: leave out its `where`, or give it another name"
            raise ValueError(message)
        try:
            self.sensitivity(Sensitivity())
        except BadSettingError as error:
            raise ValueError(str(error).removesuffix(".")) from error
        return self

    def fits(self, scope: Scope, called: Mapping[str, str] = EMPTY) -> bool:
        """Whether it decides on a series; `called` has the names of sub accounts by their ids, and both fit."""
        for word, patterns in self.where.items():
            value = getattr(scope, part(word))
            if value is None:
                return False
            texts = {value, called.get(value, value)} if part(word) == NAMED else {value}
            if not any(fnmatchcase(text.casefold(), one.casefold()) for text in texts for one in patterns):
                return False
        return True

    def sensitivity(self, usual: Sensitivity) -> Sensitivity:
        """Return what it asks for, and for what it leaves out the estate's. Raises BadSettingError."""
        given = {name: getattr(self, name) for name in ("rate", "share", "amount")}
        kept = {name: getattr(usual, name) if value is None else value for name, value in given.items()}
        return Sensitivity(**kept)

    def tells(self, scope: Scope, event: Event) -> bool:
        """Whether an event is told. Of a region only its first costs are: its services tell the rest."""
        if self.ignore or (scope.of is Of.REGION and event.kind is not Kind.NEW):
            return False
        way = "up" if event.excess > 0 else "down"
        return (not self.kinds or event.kind in self.kinds) and self.direction in {None, way}


USUAL = Rule(name=DEFAULT)
"""Tells everything, as the estate has it: what holds without a file, and for what no rule of it fits."""


def part(word: str) -> str:
    """Return the part of a scope that a word of `/cost` stands for. Raises UnknownWordError."""
    found = TEAM if word.lower() == TEAM else str(DIMENSIONS.get(word.lower(), ""))
    if found not in Scope.parts():
        raise UnknownWordError(word, None, "where: {provider: aws, account: prod-*, service: AmazonEC2, team: web}.")
    return found


def rule_of(scope: Scope, rules: Sequence[Rule], called: Mapping[str, str] = EMPTY) -> Rule:
    """Return the first rule that fits a series."""
    return next((rule for rule in rules if rule.fits(scope, called)), USUAL)


def with_rule(rules: Sequence[Rule], changed: Rule) -> tuple[Rule, ...]:
    """Return the rules with one changed in its place; a new one is first, so that it decides, `default` last."""
    if any(one.name == changed.name for one in rules):
        return tuple(changed if one.name == changed.name else one for one in rules)
    return (*rules, changed) if changed.name == DEFAULT else (changed, *rules)
