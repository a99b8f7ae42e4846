"""Until which day a provider's figures are complete; days after it are provisional."""

from __future__ import annotations

from datetime import date

from finops.periods import ONE_DAY, Period

LAG = {"aws": 1, "azure": 2, "gcp": 1}
"""Days that usage may still be missing from a day that has ended.

AWS updates its reports up to three times a day and shows usage within 24 hours (AWS, “What are AWS Cost and Usage
Reports?”); Azure within 8 to 24 hours and up to 72 (Microsoft, “Understand Cost Management data”); Google gives no
guarantee, usually a day (Google, “Export Cloud Billing data”). Corrections may come for weeks: complete is not final.
"""
OTHERS = 2


def complete_through(provider: str | None, last_day: date, *, today: date) -> date:
    """Return the last complete day of a source whose newest usage is of `last_day`.

    A month that ended longer ago than the lag is complete up to its last charge. In the month that runs, usage of the
    newest days may still be missing, however long ago the delivery was made: a file of Monday knows little of Monday.
    """
    lag = LAG.get(provider or "", OTHERS) * ONE_DAY
    if Period.month_of(last_day).end + lag <= today:
        return last_day
    return min(last_day - lag, today - ONE_DAY - lag)
