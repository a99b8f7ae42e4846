"""An alert rule: whose costs, over which days, what of them is worth telling, whom, and when not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from finops.alerting import sentences
from finops.alerting.durations import Duration
from finops.alerting.kinds import CALLED, OF_FIELDS, OPTIONS, TAKES, WATCHED, Comparison, Grain, RuleKind, Severity
from finops.alerting.quiet import QuietHours
from finops.allocation import dimension, filters
from finops.foreign import plain
from finops.where import Where

EXAMPLE = '{name: web, kind: threshold, where: {team: web}, amount: 500, currency: USD, to: "#costs"}'
WHOM = 200
DAYS: Mapping[RuleKind, int] = MappingProxyType(
    {
        RuleKind.NEW_SERVICE: 7,
        RuleKind.NEW_REGION: 7,
        RuleKind.COMMITMENT_EXPIRING: 30,
        RuleKind.COMMITMENT_UNDERUSED: 7,
        RuleKind.STALE_DATA: 4,
    }
)
"""What `days` is where a rule does not say."""
PARTS: Mapping[RuleKind, Decimal] = MappingProxyType(
    {RuleKind.COMMITMENT_UNDERUSED: Decimal("0.8"), RuleKind.UNTAGGED: Decimal("0.1")}
)
"""What `share` is where a rule does not say. Common targets: 80 % of a commitment used, 90 % of costs allocated."""


class Escalation(BaseModel):
    """Who is told as well if nobody acknowledged an alert for so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Duration
    to: str = Field(min_length=1, max_length=WHOM)


class AlertRule(BaseModel):
    """One rule; without `where` it is about all costs. Amounts in `currency`, of the days that `grain` sums."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    kind: RuleKind
    where: Where = Field(default_factory=dict)
    """Words of `/cost` (provider, account, service, region, team, tag:key), each with its values."""
    grain: Grain = Grain.DAILY
    comparison: Comparison = Comparison.ABOVE
    amount: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Of `threshold` what the days cost; of `change` how much more or less; of others, less is not told."""
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    """Without it the one that is asked for first."""
    share: Decimal | None = Field(default=None, gt=0, le=100, allow_inf_nan=False)
    """A ratio, 0.2 for 20 %: of `change` against before, of `untagged` of the whole, of `commitment_underused` what
    must be used, of `forecast_over_budget` of the budget (1 without it)."""
    days: int | None = Field(default=None, ge=1, le=366)
    """Of `stale_data` how many may be missing, of `commitment_expiring` how many before its end, of others how many
    are looked at; `DAYS` has what is usual."""
    budget: str | None = Field(default=None, min_length=1, max_length=80)
    """Of `forecast_over_budget`; without it every budget."""
    tag: str | None = Field(default=None, min_length=1, max_length=128)
    """Of `untagged`: the key that is missed, `team` without it."""
    severity: Severity = Severity.WARNING
    to: str | None = Field(default=None, min_length=1, max_length=WHOM)
    """`#channel`, `@person`, a mail address or the name of an outlet; without it the channel of announcements."""
    owner: str | None = Field(default=None, min_length=1, max_length=WHOM)
    quiet: QuietHours | None = None
    break_through: bool = False
    """Whether it is told in quiet hours, too, which only a critical one may."""
    cool_down: Duration | None = None
    """So long after an alert was over, the same is not opened again."""
    escalation: Escalation | None = None
    muted_until: AwareDatetime | None = None

    @field_validator("name")
    @classmethod
    def _told(cls, name: str) -> str:
        if not (told := plain(name)):
            message = "give it a name of a few words"
            raise ValueError(message)
        return told

    @model_validator(mode="after")
    def _sound(self) -> AlertRule:
        for word, values in self.where.items():
            dimension(word)
            if not values:
                message = f"where {word}: give at least one value"
                raise ValueError(message)
        self._fits_its_kind()
        if self.break_through and self.severity is not Severity.CRITICAL:
            message = "only a critical rule breaks through quiet hours: give it severity: critical"
            raise ValueError(message)
        return self

    def _fits_its_kind(self) -> None:
        takes, given = TAKES[self.kind], {name for name in OPTIONS & self.model_fields_set if getattr(self, name)}
        if odd := sorted(given - takes.fields):
            message = f"a rule about {CALLED[self.kind]} has no use for {OF_FIELDS[odd[0]]}: leave it out"
            raise ValueError(message)
        if takes.one_of and all(getattr(self, name) is None for name in takes.one_of):
            needed = " or ".join(OF_FIELDS[one] for one in takes.one_of)
            message = f"a rule about {CALLED[self.kind]} needs {needed}, as in {takes.example}"
            raise ValueError(message)
        if self.kind is RuleKind.ANOMALY and (odd := sorted(set(self.filters) - WATCHED)):
            message = f"anomalies are told apart by provider, account, service, region and team, not by {odd[0]}"
            raise ValueError(message)
        if self.kind is RuleKind.COMMITMENT_UNDERUSED and self.share is not None and self.share > 1:
            message = "share is what must be used of a commitment: 0.8 for 80 %, 1 at most"
            raise ValueError(message)

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """Whose costs, in the ledger's words."""
        return filters(self.where)

    @property
    def looked_at(self) -> int:
        """How many days its `days` stand for; 1 for kinds that have none."""
        return self.days or DAYS.get(self.kind, 1)

    @property
    def part(self) -> Decimal:
        """What its `share` stands for, as a ratio; 1 for kinds that have none, 0 where an amount is enough."""
        if self.share is not None:
            return self.share
        alone = self.kind is RuleKind.UNTAGGED and self.amount is not None
        return Decimal(0) if alone else PARTS.get(self.kind, Decimal(1))

    def is_muted(self, at: datetime) -> bool:
        """Whether it is muted at that moment."""
        return self.muted_until is not None and at < self.muted_until

    def silent_until(self, at: datetime) -> datetime | None:
        """Return when people may be told (UTC), if not at this moment: it is muted, or these are quiet hours."""
        if self.muted_until is not None and self.is_muted(at):
            return self.muted_until.astimezone(UTC)
        return self.quiet.until(at) if self.quiet and not self.break_through else None

    def sentence(self) -> str:
        """Tell what it does in one plain sentence; foreign text is as it was written."""
        return sentences.sentence(self)
