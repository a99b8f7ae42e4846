"""What an alert rule can watch, over which days, and how much it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class RuleKind(StrEnum):
    """What is watched."""

    THRESHOLD = "threshold"
    CHANGE = "change"
    FORECAST_OVER_BUDGET = "forecast_over_budget"
    ANOMALY = "anomaly"
    NEW_SERVICE = "new_service"
    NEW_REGION = "new_region"
    COMMITMENT_EXPIRING = "commitment_expiring"
    COMMITMENT_UNDERUSED = "commitment_underused"
    UNTAGGED = "untagged"
    STALE_DATA = "stale_data"
    FAILED_COLLECTION = "failed_collection"


class Severity(StrEnum):
    """How much it matters. A critical alert may break through quiet hours."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Grain(StrEnum):
    """Which days are summed: one, the last seven, or those of the month so far."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Comparison(StrEnum):
    """On which side of its threshold a cost is worth telling."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Takes:
    """Which fields a kind of rule has use for; of `one_of` it needs at least one."""

    fields: frozenset[str]
    one_of: tuple[str, ...] = ()
    example: str = ""


def _takes(fields: str, one_of: str = "", example: str = "") -> Takes:
    return Takes(frozenset(fields.split()), tuple(one_of.split()), example)


TAKES: Mapping[RuleKind, Takes] = MappingProxyType(
    {
        RuleKind.THRESHOLD: _takes("where grain comparison amount currency", "amount", "amount: 500"),
        RuleKind.CHANGE: _takes("where grain comparison amount currency share", "share amount", "share: 0.2"),
        RuleKind.FORECAST_OVER_BUDGET: _takes("budget share"),
        RuleKind.ANOMALY: _takes("where amount"),
        RuleKind.NEW_SERVICE: _takes("where amount currency days"),
        RuleKind.NEW_REGION: _takes("where amount currency days"),
        RuleKind.COMMITMENT_EXPIRING: _takes("days"),
        RuleKind.COMMITMENT_UNDERUSED: _takes("share days amount currency"),
        RuleKind.UNTAGGED: _takes("where tag grain share amount currency"),
        RuleKind.STALE_DATA: _takes("days"),
        RuleKind.FAILED_COLLECTION: _takes(""),
    }
)
"""Fields that another kind would ignore are refused, so that no rule means less than it says."""
CALLED: Mapping[RuleKind, str] = MappingProxyType(
    {
        RuleKind.THRESHOLD: "costs above or below an amount",
        RuleKind.CHANGE: "costs that go up or down",
        RuleKind.FORECAST_OVER_BUDGET: "a month heading over its budget",
        RuleKind.ANOMALY: "anomalies",
        RuleKind.NEW_SERVICE: "a new service",
        RuleKind.NEW_REGION: "a new region",
        RuleKind.COMMITMENT_EXPIRING: "a commitment that ends",
        RuleKind.COMMITMENT_UNDERUSED: "a commitment that is not used",
        RuleKind.UNTAGGED: "untagged costs",
        RuleKind.STALE_DATA: "bills that are late",
        RuleKind.FAILED_COLLECTION: "a collection that failed",
    }
)
"""As a person says it."""
OF_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "where": "whose costs (where)",
        "grain": "daily, weekly or monthly (grain)",
        "comparison": "above or below (comparison)",
        "amount": "an amount",
        "currency": "a currency",
        "share": "a share",
        "days": "a number of days",
        "budget": "a budget",
        "tag": "a tag",
    }
)
"""What a field is to a person; those who write YAML need its name, too."""
OPTIONS = frozenset({"where", "grain", "comparison", "amount", "currency", "share", "days", "budget", "tag"})
"""The fields that say what is watched; all others every kind has."""
WATCHED = frozenset({"provider", "sub_account_id", "service_name", "region_id", "tag:team"})
"""In the ledger's words: what anomalies are told apart by, so that no rule about them can look at anything else."""
