"""What a question says of an alert rule beyond whose costs, how often and how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bot.language.quoting import quoted, value_text


class Watch(StrEnum):
    """What a rule waits for, where that is not an amount or a change."""

    ANOMALY = "anomaly"
    FORECAST_OVER_BUDGET = "forecast_over_budget"
    NEW_SERVICE = "new_service"
    NEW_REGION = "new_region"
    COMMITMENT_EXPIRING = "commitment_expiring"
    COMMITMENT_UNDERUSED = "commitment_underused"
    UNTAGGED = "untagged"
    STALE_DATA = "stale_data"
    FAILED_COLLECTION = "failed_collection"


class Manage(StrEnum):
    """What is done to a rule that there is."""

    MUTE = "mute"
    UNMUTE = "unmute"
    OFF = "off"
    EDIT = "edit"


SHARED = frozenset({None, Watch.COMMITMENT_UNDERUSED, Watch.UNTAGGED, Watch.FORECAST_OVER_BUDGET})
"""Of these a share may be said; where nothing else is watched it is a change."""
WATCHED = {
    Watch.ANOMALY: "on anomalies",
    Watch.FORECAST_OVER_BUDGET: "when forecast over budget",
    Watch.NEW_SERVICE: "on new service",
    Watch.NEW_REGION: "on new region",
    Watch.COMMITMENT_EXPIRING: "when commitment expiring",
    Watch.COMMITMENT_UNDERUSED: "when commitment underused",
    Watch.UNTAGGED: "when untagged",
    Watch.STALE_DATA: "when data stale",
    Watch.FAILED_COLLECTION: "on failed collection",
}
"""As one writes it."""


class Share(BaseModel):
    """A part of what was or what is, in percent: up 30 %, less than 80 % used, more than 10 % untagged."""

    model_config = ConfigDict(frozen=True)

    above: bool = True
    percent: Decimal

    def written(self, watch: Watch | None) -> str:
        """Write it as it is read; of costs it is a change."""
        words = ("up", "down") if watch is None else (">", "<")
        return f"{words[0 if self.above else 1]} {self.percent:f}%"


class Rule(BaseModel):
    """What else is said of a rule."""

    model_config = ConfigDict(frozen=True)

    watch: Watch | None = None
    budget: str | None = None
    """Of FORECAST_OVER_BUDGET: its name; without one any budget."""
    share: Share | None = None
    severity: str | None = None
    to: str | None = None
    """A person: `me`, `@name` or Slack's `<@ID>`."""
    anyway: bool = False
    """Whether what it names need not be there yet."""
    manage: Manage | None = None
    name: str | None = None
    """Of `manage`: the rule's."""
    until: date | None = None
    """Of MUTE: the day on which it is heard again."""

    def __str__(self) -> str:
        """Write it as it is read."""
        words = [
            f"{self.manage} {value_text(self.name or '')}" if self.manage else "",
            f"until {self.until}" if self.until else "",
            WATCHED[self.watch] if self.watch else "",
            quoted(self.budget) if self.budget is not None else "",
            self.share.written(self.watch) if self.share else "",
            f"severity {self.severity}" if self.severity else "",
            f"to {self.to}" if self.to else "",
            "anyway" if self.anyway else "",
        ]
        return " ".join(filter(None, words))
