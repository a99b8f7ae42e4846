"""Units of three clouds in one spelling."""

from __future__ import annotations

import pytest

from finops.units import focus


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Hrs", "Hours"),
        ("hours", "Hours"),
        ("GB-Mo", "GB-Months"),
        ("LCU-Hrs", "LCU-Hours"),
        ("Lambda-GB-Second", "Lambda GB-Seconds"),
        ("1K tokens", "1000 tokens"),
        ("Requests", "Requests"),
        ("ReadRequestUnits", "ReadRequestUnits"),
        ("gibibyte month", "GiB-Months"),
        ("tebibyte", "TiB"),
        ("second", "Seconds"),
        ("1 Hour", "Hours"),
        ("100 Hours", "100 Hours"),
        ("1 GB/Month", "GB/Month"),
        ("1/Hour", "Units/Hour"),
        ("10K", "10000 Units"),
        ("1M", "1000000 Units"),
        ("1,000 Requests", "1000 Requests"),
    ],
)
def test_a_unit_is_written_as_focus_writes_it(written: str, meant: str) -> None:
    """And what is so already stays as it is."""
    assert focus(written) == meant
    assert focus(meant) == meant
