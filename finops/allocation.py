"""Who a cost belongs to: a team, an owner, an environment, by ordered rules; and what is shared, split among them.

Every charge goes to exactly one place, so the parts add up to the bill: the first rule that fits decides, what no rule
fits is unallocated and always shown. (FinOps Framework, capabilities “Allocation” and “Shared cost”.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from finops.errors import UnknownWordError
from finops.focus import DIMENSIONS, Dimension
from finops.money import EXACT, share, total
from finops.tables import missing
from finops.where import Where

TAG = "tag:"
UNALLOCATED = "(unallocated)"
"""Where charges go that no rule fits."""
SMALLEST = Decimal("1e-18")
"""As exact as the ledger; what a split leaves over goes to its first part."""
IN_TIME = (Dimension.DAY, Dimension.MONTH)
Key = Mapping[str, str | None]
EMPTY: Mapping[str, str] = {}


class Rule(BaseModel):
    """One rule: charges that fit `where` go `to` a name, or to the value that they have for `by`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str | None = Field(default=None, min_length=1)
    by: str | None = None
    """A word of `/cost`: `tag:team`, `account`. Charges without a value fit the rules after this one."""
    names: dict[str, str] = Field(default_factory=dict)
    """Of `by`: other spellings, and what they mean."""
    where: Where = Field(default_factory=dict)
    """Words of `/cost`, each with the values that fit; `*` stands for anything, an empty text for no value."""
    split: Literal["evenly", "by spend"] | dict[str, Decimal] | None = None
    """How what goes `to` here is shared among all others: `evenly`, `by spend`, or by weights."""

    @model_validator(mode="after")
    def _sound(self) -> Rule:
        if (self.to is None) == (self.by is None):
            message = "give either `to`, a name, or `by`, a word such as tag:team"
            raise ValueError(message)
        if self.split is not None and self.by is not None:
            message = "what is split has one name: give `to`, not `by`"
            raise ValueError(message)
        if isinstance(self.split, dict) and not (self.split and all(weight > 0 for weight in self.split.values())):
            message = "weights are numbers above 0, as in {payments: 2, web: 1}"
            raise ValueError(message)
        for word in self.words():
            dimension(word)
        return self

    def words(self) -> tuple[str, ...]:
        """Return the words of `/cost` that it looks at."""
        return (*self.where, *([self.by] if self.by else []))

    def place(self, key: Key) -> str | None:
        """Return where a charge goes by this rule, or nothing if it does not fit."""
        if not all(_fits(key[dimension(word)], patterns) for word, patterns in self.where.items()):
            return None
        if self.by is None:
            return self.to
        value = (key[dimension(self.by)] or "").strip()
        folded = {spelling.casefold(): name for spelling, name in self.names.items()}
        return folded.get(value.casefold(), value) or None


def dimension(word: str) -> str:
    """Return what a word of `/cost` stands for. Raises UnknownWordError, also for days, which nobody owns."""
    found = word if word.startswith(TAG) and word != TAG else DIMENSIONS.get(word.lower())
    if found is None or found in IN_TIME:
        raise UnknownWordError(word, None, "where: {account: payments-*, service: Amazon S3, tag:env: prod}")
    return found


def filters(where: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return what words of `/cost` stand for, with their values. Raises UnknownWordError."""
    return {dimension(word): values for word, values in where.items()}


def _fits(value: str | None, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase((value or "").casefold(), pattern.casefold()) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Part:
    """What one name is charged: its own charges, and its part of what is shared."""

    name: str
    direct: Decimal
    shared: Decimal
    share: Decimal | None
    """Of the whole, as a ratio."""

    @property
    def cost(self) -> Decimal:
        """Return both together."""
        return EXACT.add(self.direct, self.shared)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A total, and the parts that add up to it exactly, the largest first."""

    total: Decimal
    parts: tuple[Part, ...]
    unallocated: Part
    pools: dict[str, Decimal]
    """What was shared, by its name, before it was split."""


def needed(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return by what the charges have to be summed for these rules."""
    return tuple(dict.fromkeys(dimension(word) for rule in rules for word in rule.words()))


def assigned(rules: Sequence[Rule], key: Key) -> tuple[str, Rule | None]:
    """Return the name that a charge goes to, and the rule that says so."""
    for rule in rules:
        if name := rule.place(key):
            return name, rule
    return UNALLOCATED, None


def unclaimed(
    rules: Sequence[Rule],
    sums: Iterable[tuple[Key, Decimal]],
    *,
    about: Sequence[str],
    top: int,
    called: Mapping[str, str] = EMPTY,
) -> list[tuple[str, Decimal]]:
    """Return the largest of what no rule fits, named by the dimensions `about`: what is worth a tag, or a rule.

    `called` has the names of sub accounts, by their ids.
    """
    found: dict[str, Decimal] = {}
    for key, cost in sums:
        if assigned(rules, key)[1] is None:
            name = ", ".join(_called(key[word], word, called) or missing(word) for word in about)
            found[name] = EXACT.add(found.get(name, Decimal(0)), cost)
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))[:top]


def _called(value: str | None, word: str, called: Mapping[str, str]) -> str | None:
    return called.get(value, value) if value and word == Dimension.SUB_ACCOUNT else value


def allocate(rules: Sequence[Rule], sums: Iterable[tuple[Key, Decimal]]) -> Allocation:
    """Give every sum to one name, then split what is shared. Amounts are of one currency; `sums` by `needed(rules)`."""
    direct, pools, splits = direct_costs(rules, sums)
    shared: dict[str, Decimal] = {}
    for pool, cost in pools.items():
        for name, part in split(cost, weights(splits[pool], direct) or {pool: Decimal(1)}).items():
            shared[name] = EXACT.add(shared.get(name, Decimal(0)), part)
    return _told(direct, shared, pools)


def direct_costs(
    rules: Sequence[Rule], sums: Iterable[tuple[Key, Decimal]]
) -> tuple[dict[str, Decimal], dict[str, Decimal], dict[str, Rule]]:
    """Return what each name costs by itself, what is shared by its name, and the rule that each of it is split by."""
    direct: dict[str, Decimal] = {}
    pools: dict[str, Decimal] = {}
    splits: dict[str, Rule] = {}
    for key, cost in sums:
        name, rule = assigned(rules, key)
        into = pools if rule is not None and rule.split else direct
        into[name] = EXACT.add(into.get(name, Decimal(0)), cost)
        if rule is not None and rule.split:
            splits.setdefault(name, rule)
    return direct, pools, splits


def weights(rule: Rule, direct: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return who shares and how much; nobody where there is nobody to share among."""
    if isinstance(rule.split, dict):
        return rule.split
    spending = {name: cost for name, cost in sorted(direct.items()) if name != UNALLOCATED and cost > 0}
    return spending if rule.split == "by spend" else dict.fromkeys(spending, Decimal(1))


def split(cost: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Split an amount exactly: the parts add up to it."""
    whole = total(weights.values())
    parts = {
        name: EXACT.divide(EXACT.multiply(cost, weight), whole).quantize(SMALLEST, ROUND_DOWN, context=EXACT)
        for name, weight in weights.items()
    }
    first = next(iter(parts))
    parts[first] = EXACT.add(parts[first], EXACT.subtract(cost, total(parts.values())))
    return parts


def _told(direct: Mapping[str, Decimal], shared: Mapping[str, Decimal], pools: dict[str, Decimal]) -> Allocation:
    whole = total([*direct.values(), *shared.values()])

    def part(name: str) -> Part:
        own, more = direct.get(name, Decimal(0)), shared.get(name, Decimal(0))
        return Part(name, own, more, share(EXACT.add(own, more), whole))

    names = sorted({*direct, *shared} - {UNALLOCATED})
    ranked = sorted(map(part, names), key=lambda one: (-one.cost, one.name))
    return Allocation(whole, tuple(ranked), part(UNALLOCATED), pools)
