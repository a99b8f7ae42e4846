"""The day on which the company of these tests is built, and the months of its bills."""

from __future__ import annotations

from datetime import date

TODAY = date(2026, 9, 18)
MONTHS = ["2025-09", "2025-10", "2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 10))]
