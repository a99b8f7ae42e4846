"""An alert says how much, since when, why, whether it goes on, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.anomalies.alerts import Alert, summary, whom
from finops.anomalies.detectors import Kind
from finops.periods import Period

SPIKE = Alert(
    name="AmazonEC2 in prod, AWS",
    kind=Kind.SPIKE,
    days=Period(date(2026, 11, 12), date(2026, 11, 15)),
    lasts=False,
    currency="USD",
    expected=Decimal("831.31"),
    actual=Decimal("1155.05"),
    excess=Decimal("323.74"),
    so_far=Decimal("971.22"),
    monthly=Decimal("9853.84"),
    cause="SKU NatGateway-Bytes (region us-east-1) +$320.00, 99% of it, more used.",
)
RAMP = replace(SPIKE, kind=Kind.RAMP, lasts=True, name="BigQuery in data, Google Cloud")


def test_the_text_of_an_alert_makes_sense_alone() -> None:
    """A notification shows nothing else."""
    assert SPIKE.sentence() == (
        "AmazonEC2 in prod, AWS cost $323.74 a day more than expected. $971.22 above expected in all, "
        "12–14 Nov 2026: $1,155.05 a day, where $831.31 was usual. "  # noqa: RUF001
        "SKU NatGateway-Bytes (region us-east-1) +$320.00, 99% of it, more used. "
        "It was a spike of 3 days, over on 15 Nov 2026. Next: ask its owner what ran on those days."
    )


def test_whoever_tags_name_is_to_be_asked() -> None:
    """An owner rather than a team; what somebody wrote into a tag breaks no line."""
    causes = [{"region": "eu-1"}, {"tag:team": "catalog", "tag:owner": ""}, {"tag:owner": "lena"}]
    assert whom(causes) == "team catalog"
    assert whom([{**causes[1], **causes[2]}]) == "owner lena"
    assert whom([]) is None
    assert replace(SPIKE, whom="team cata\nlog").step() == "Next: ask team cata log what ran on those days."


def test_what_goes_on_is_told_by_what_it_costs_a_month() -> None:
    """And whether it still rises."""
    told = RAMP.sentence()
    assert told.startswith("BigQuery in data, Google Cloud costs $323.74 a day more than expected.")
    assert "so far, since 12 Nov 2026:" in told
    assert "It is still rising: $9,853.84 a month more if it stays so." in told
    assert "goes on" in replace(RAMP, kind=Kind.SHIFT).course()


def test_a_month_of_an_event_that_changed_says_that_it_is_reckoned_from_its_last_week() -> None:
    """Else it is not 30 times what is said of a day, and nobody knows why."""
    grown = replace(RAMP, kind=Kind.SHIFT, excess=Decimal("235.99"), monthly=Decimal(13199))
    assert grown.title().endswith("costs $235.99 a day more than expected")
    assert grown.course() == (
        "It goes on, with $433.64 a day more in its last week: $13,199 a month more if it stays so."
    )
    turned = replace(grown, monthly=Decimal(-3044))
    assert "with $100.01 a day less in its last week: $3,044.00 a month less" in turned.course()
    assert "last week" not in replace(RAMP, monthly=Decimal("9900.00")).course()


def test_a_short_one_says_of_how_many_days_it_was_once_it_is_over_and_a_long_one_that_it_became_usual() -> None:
    """What was new for eight weeks is how it is: nothing was over."""
    assert (SPIKE.what(), replace(SPIKE, lasts=True).what(), RAMP.what()) == ("spike of 3 days", "spike", "slow ramp")
    long = replace(SPIKE, kind=Kind.SHIFT, days=Period(date(2026, 1, 1), date(2026, 2, 26)))
    assert long.course() == "After 8 weeks it counts as usual."


def test_a_commitments_event_is_told_against_what_it_saved() -> None:
    """And its next step is to decide on it."""
    ended = replace(RAMP, kind=Kind.ENDED, name="AWS reservation r-1")
    assert ended.title() == "What AWS reservation r-1 covered costs $323.74 a day more without it"
    assert "commit again" in ended.step()
    begun = replace(ended, kind=Kind.BEGUN, excess=-ended.excess)
    assert begun.title() == "What AWS reservation r-1 covers costs $323.74 a day less than without it"


def test_less_is_told_as_less_and_never_as_rising() -> None:
    """Amounts have no sign where a word has it."""
    less = replace(RAMP, excess=-RAMP.excess, so_far=-RAMP.so_far, monthly=-RAMP.monthly, cause=None)
    told = less.sentence()
    assert "$323.74 a day less than expected. $971.22 below expected" in told
    assert "It goes on: $9,853.84 a month less" in told
    assert "-" not in told


def test_what_came_together_is_one_sentence() -> None:
    """It counts what goes on."""
    since = date(2025, 11, 1)
    assert summary([SPIKE], since=since) == "Costs were out of order in 1 event since 1 Nov 2025; none goes on."
    told = summary([SPIKE, RAMP], since=since)
    assert told == "Costs were out of order in 2 events since 1 Nov 2025; 1 of them goes on."
    assert RAMP.of_late == Decimal("323.74")
