"""What the notebook `idle_resources` hands back: its findings, as data that can travel and be checked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Self

from pydantic import Field, model_validator

from finops.money import Money, total
from finops.recommendations.findings import Finding, RecommendationType
from finops.results import Amount, Result


class FindingResult(Result):
    """One finding, its money as text."""

    resource_id: uuid.UUID
    provider: str
    recommendation_type: RecommendationType
    title: str
    reason: str
    monthly_saving: Amount
    currency: str
    confidence: float = Field(ge=0, le=1)
    details: dict[str, Any]

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Take it from what the rules found."""
        return cls(
            resource_id=finding.resource_id,
            provider=finding.provider,
            recommendation_type=finding.recommendation_type,
            title=finding.title,
            reason=finding.reason,
            monthly_saving=finding.monthly_saving.amount,
            currency=finding.monthly_saving.currency,
            confidence=finding.confidence,
            details=finding.details,
        )

    def finding(self) -> Finding:
        """Return the finding that it was made of."""
        return Finding(
            resource_id=self.resource_id,
            provider=self.provider,
            recommendation_type=self.recommendation_type,
            title=self.title,
            reason=self.reason,
            monthly_saving=Money(self.monthly_saving, self.currency),
            confidence=self.confidence,
            details=self.details,
        )


def monthly_savings(findings: Iterable[Finding]) -> dict[str, Money]:
    """Add up what could be saved a month, by currency. One resource has one finding, so nothing counts twice."""
    found = [finding.monthly_saving for finding in findings]
    currencies = sorted({saving.currency for saving in found})
    return {name: Money(total(one.amount for one in found if one.currency == name), name) for name in currencies}


class IdleResult(Result):
    """What the notebook hands back."""

    today: date
    """The day after the last complete one."""
    settled_through: dict[str, date]
    resources: int
    """How many were looked at."""
    monthly_saving: dict[str, Amount]
    """By currency."""
    findings: list[FindingResult]

    @classmethod
    def of(
        cls, findings: Iterable[Finding], *, today: date, settled_through: Mapping[str, date], resources: int
    ) -> Self:
        """Take it from what the rules found."""
        found = list(findings)
        return cls(
            today=today,
            settled_through=dict(settled_through),
            resources=resources,
            monthly_saving={name: money.amount for name, money in monthly_savings(found).items()},
            findings=[FindingResult.of(finding) for finding in found],
        )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts = monthly_savings(one.finding() for one in self.findings)
        if {name: money.amount for name, money in parts.items()} != self.monthly_saving:
            message = "the findings do not add up to the savings"
            raise ValueError(message)
        return self
