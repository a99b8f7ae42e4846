"""The fictional company is the same every time, and its files say what its truth says."""

from __future__ import annotations

import filecmp
import json
import os
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops.errors import UnavailableError
from finops.money import total
from jobs.demo import estate
from jobs.demo.estate import Estate, azure_bill, company
from jobs.demo.estate.timeline import Timeline
from tests.jobs.demo.days import MONTHS, TODAY


def test_the_same_day_and_seed_give_the_same_bytes(built: Estate, tmp_path: Path) -> None:
    """Every file, and no other."""
    again = estate.build(tmp_path / "demo", today=TODAY)
    compared = filecmp.dircmp(built.folder, again.folder)
    ours, theirs = (sorted(p.relative_to(root) for p in root.rglob("*")) for root in (built.folder, again.folder))
    assert ours == theirs
    assert (compared.diff_files, compared.left_only, compared.right_only) == ([], [], [])
    files = [str(name) for name in ours if (built.folder / name).is_file()]
    assert filecmp.cmpfiles(built.folder, again.folder, files, shallow=False)[0] == files


def test_a_finished_estate_is_used_again(built: Estate) -> None:
    """The second build of a day takes no time."""
    again = estate.build(built.folder, today=TODAY)
    assert (again.built, again.rows) == (False, built.rows)


def test_what_a_killed_build_left_is_swept(tmp_path: Path) -> None:
    """A folder of hours ago goes, one of this minute may still be written."""
    old, young = tmp_path / ".demo-old", tmp_path / ".demo-young"
    for each in (old, young):
        each.mkdir()
    os.utime(old, (0, 0))
    estate._sweep(tmp_path / "demo")  # noqa: SLF001  a whole build would take seconds
    assert (old.exists(), young.exists()) == (False, True)


def test_an_interrupted_build_leaves_what_was_there(
    built: Estate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A full disk is told in a sentence, and nothing half-made is left."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(estate, "_aws", lambda *_: {"totals": {}, "waste": []})
    monkeypatch.setattr(azure_bill, "write", full)
    before = (built.folder / "truth.json").read_bytes()
    with pytest.raises(UnavailableError, match="No space left on device"):
        estate.build(built.folder, today=TODAY + timedelta(days=1))
    with pytest.raises(UnavailableError):
        estate.build(tmp_path / "demo", today=TODAY)
    assert (built.folder / "truth.json").read_bytes() == before
    assert (list(tmp_path.iterdir()), [one.name for one in built.folder.parent.iterdir()]) == ([], ["demo"])


def test_it_is_a_company_of_a_realistic_size(built: Estate) -> None:
    """About 200,000 charges, 250,000 to 400,000 USD a month."""
    assert 180_000 < built.rows < 220_000
    for month in MONTHS[:-1]:
        spent = total(Decimal(known[month]["billed_cost"]) for known in built.truth["totals"].values())
        assert 240_000 < spent < 400_000


def test_bills_answers_and_truth_name_the_same_things(
    built: Estate,
    aws_rows: list[dict[str, str]],
    azure_rows: list[tuple[str, str, str, str]],
    gcp_rows: list[dict[str, Any]],
) -> None:
    """What is planted stands in a bill and in an answer, under one id."""
    billed = {row["lineItem/ResourceId"] for row in aws_rows}
    billed |= {resource for _, _, resource, _ in azure_rows} | {row["resource"]["global_name"] for row in gcp_rows}
    answered = "".join(file.read_text() for file in built.folder.glob("answers/**/*.json"))
    waste = built.truth["waste"]
    assert {one["recommendation_type"] for one in waste} == {
        "stop_idle_machine", "rightsize_machine", "delete_unattached_disk", "release_idle_address",
    }  # fmt: skip
    for one in waste:
        assert one["resource_id"] in billed
        assert one["resource_id"].rsplit("/", 1)[-1] in answered
        assert Decimal(one["monthly_waste"]) > 1


def test_the_spike_and_the_step_can_be_seen(
    built: Estate, aws_rows: list[dict[str, str]], azure_rows: list[tuple[str, str, str, str]]
) -> None:
    """Known events are in the bills, on the days that the truth says."""
    events = {one["kind"]: one for one in built.truth["events"]}
    nat: dict[str, Decimal] = defaultdict(Decimal)
    for row in aws_rows:
        if row["lineItem/UsageType"] == events["spike"]["sku"]:
            nat[row["lineItem/UsageStartDate"][:10]] += Decimal(row["lineItem/UnblendedCost"])
    spiked = {day for day, cost in nat.items() if cost > 2 * sorted(nat.values())[len(nat) // 2]}
    start, until = (date.fromisoformat(events["spike"][name]) for name in ("from", "until"))
    assert spiked == {(start + timedelta(days=n)).isoformat() for n in range((until - start).days)}
    assert events["step"]["from"] == "2026-08-14"
    first = min(day[6:] + day[:5] for _, day, resource, _ in azure_rows if "claims-batch" in resource)
    assert first == "202608/14"
    assert events["reservation_expired"]["from"] == "2026-09-01"


def test_the_ramp_more_than_doubles_what_a_day_costs(built: Estate, gcp_rows: list[dict[str, Any]]) -> None:
    """From its first day to yesterday."""
    ramp = next(one for one in built.truth["events"] if one["kind"] == "ramp")
    days = {
        row["usage_start_time"][:10]: Decimal(row["cost"])
        for row in gcp_rows
        if row["sku"]["description"] == ramp["sku"] and row["project"]["id"] == "larkspur-analytics"
    }
    week = timedelta(days=7)  # the same weekday, at both ends
    first, last = date.fromisoformat(ramp["from"]), TODAY - timedelta(days=1)
    last -= (last - first) % week
    assert days[last.isoformat()] > 2 * days[first.isoformat()]


def test_no_real_account_address_or_person_is_in_it(built: Estate) -> None:
    """Addresses are of the ranges that are reserved for documentation."""
    for file in built.folder.glob("answers/aws/*/*/DescribeAddresses.json"):
        for address in json.loads(file.read_text())["Addresses"]:
            assert address["PublicIp"].startswith(("192.0.2.", "198.51.100.", "203.0.113."))
    assert built.truth["company"] == company.NAME


@pytest.mark.parametrize(
    ("today", "start", "days"),
    [
        (date(2026, 9, 1), date(2025, 8, 1), 396),
        (date(2026, 1, 1), date(2024, 12, 1), 396),
        (date(2028, 3, 1), date(2027, 2, 1), 394),
        (date(2026, 9, 2), date(2025, 9, 1), 366),
    ],
)
def test_thirteen_months_end_yesterday(today: date, start: date, days: int) -> None:
    """Also on the first of a month, when the last one is whole."""
    timeline = Timeline(today, 1)
    assert (timeline.start, timeline.days, len(timeline.months)) == (start, days, 13)
    assert timeline.day(timeline.days - 1) == today - timedelta(days=1)
