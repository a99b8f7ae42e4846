"""Measurements are told in words and shades that a person reads at a glance."""

from __future__ import annotations

from datetime import date

import pytest

from finops import used
from finops.used import Summary
from finops.utilization import HOURS_A_DAY, HOURS_A_WEEK, Profile


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        ("cpu", 0.004, "0.4 %"),
        ("cpu", 0.125, "12 %"),
        ("memory", 1.0, "100 %"),
        ("network", 0.0, "0 B"),
        ("network", 999.0, "999 B"),
        ("network", 3_400_000_000.0, "3.4 GB"),
        ("disk", 1e20, "100000 PB"),
        ("connections", 1250.0, "1,250"),
        ("connections", 0.25, "0.2"),
    ],
)
def test_a_value_is_shown_in_its_unit(metric: str, value: float, words: str) -> None:
    """Ratios in percent, bytes in steps of a thousand, all else as a number."""
    assert used.shown(metric, value) == words


def test_use_is_said_in_a_few_words_a_metric() -> None:
    """Percentiles of what is measured by the hour; of what is added up by the day, the day."""
    summaries = {
        "cpu": Summary("cpu", 14, mean=0.05, p50=0.03, p95=0.12, maximum=0.4),
        "memory": Summary("memory", 3, mean=0.5, p50=None, p95=0.6, maximum=0.7),
        "network": Summary("network", 14, mean=2e9, p50=2e9, p95=3e9, maximum=3e9),
    }
    said = "CPU P50 3.0 %, P95 12 %, max 40 %; memory P95 60 %, max 70 %; network 2.0 GB a day, at most 3.0 GB"
    assert used.words(summaries) == f"{said}; measured on 14 days"
    assert used.words({}) == ""


def test_a_usual_week_is_drawn_with_its_busiest_hour() -> None:
    """A line a weekday, a shade an hour; what nobody measured is a dot."""
    means = [0.0] * HOURS_A_WEEK
    means[9], means[10], means[33] = 0.8, 0.4, 0.1
    counts = [4] * (6 * HOURS_A_DAY) + [0] * HOURS_A_DAY
    ruler, monday, tuesday, *_, sunday, legend = used.week(
        Profile("i-1", "cpu", date(2026, 9, 20), tuple(means), tuple(counts))
    )
    assert ruler == "     0     6     12    18"
    assert monday == "Mon  ▁▁▁▁▁▁▁▁▁█▅▁▁▁▁▁▁▁▁▁▁▁▁▁"
    assert tuesday == "Tue  ▁▁▁▁▁▁▁▁▁▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁"
    assert sunday == "Sun  " + "·" * HOURS_A_DAY
    assert legend == "     █ 80 % in the busiest hour, 0.0 % in the quietest, · not measured"


def test_a_week_of_nothing_is_drawn_too() -> None:
    """Neither a division by nothing, nor a full shade."""
    for count in (0, 1):
        drawn = used.week(Profile("i-1", "cpu", date(2026, 9, 20), (0.0,) * HOURS_A_WEEK, (count,) * HOURS_A_WEEK))
        assert drawn[1][5:] == ("▁" if count else "·") * HOURS_A_DAY
