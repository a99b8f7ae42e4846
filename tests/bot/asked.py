"""The day on which people ask in these tests."""

from __future__ import annotations

from datetime import date

TODAY = date(2026, 11, 23)  # a Monday
