"""Until which day a provider's figures are complete; days after it are provisional."""

from __future__ import annotations

from datetime import date

from finops.periods import ONE_DAY

LAG = {"aws": 1, "azure": 2, "gcp": 1}
"""Days that usage may still be missing from a day that has ended.

AWS updates its reports up to three times a day and shows usage within 24 hours (AWS, “What are AWS Cost and Usage
Reports?”); Azure within 8 to 24 hours and up to 72 (Microsoft, “Understand Cost Management data”); Google gives no
guarantee, usually a day (Google, “Export Cloud Billing data”). Corrections may come for weeks: complete is not final.
"""
OTHERS = 2


def complete_through(provider: str | None, last_day: date, *, today: date) -> date:
    """Return the last complete day: a source's last day with usage, unless that is still too young."""
    lag = LAG.get(provider or "", OTHERS)
    return min(last_day, today - ONE_DAY * (1 + lag))
