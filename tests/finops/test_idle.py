"""What counts as unused, on values made by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from finops.money import Money
from finops.recommendations import idle, sizes
from finops.recommendations.actions import action
from finops.recommendations.findings import Finding, RecentCost, RecommendationType
from finops.resources import DailyUtilization, Resource

TODAY = date(2026, 9, 18)
MADE = datetime(2025, 1, 1, tzinfo=UTC)


def thing(kind: str = "machine", state: str = "running", *, provider: str = "aws", **more: Any) -> Resource:  # noqa: ANN401  any field
    """Return a resource of 100 USD a month."""
    given: dict[str, Any] = {
        "resource_id": "i-1", "name": "one", "region": "us-east-1", "sub_account_id": "1", "size": "m5.2xlarge",
        "created_at": MADE, "tags": {"team": "search"}, "metadata": {"zone": "us-east-1a"},
    }  # fmt: skip
    return Resource(provider=provider, resource_type=kind, state=state, **(given | more))


def days(
    *, p95: float = 0.01, maximum: float = 0.04, traffic: float = 1e6, count: int = 14, one: Resource | None = None
) -> list[DailyUtilization]:
    """Return so many days of a machine's CPU and network, up to yesterday."""
    name = (one or thing()).resource_id
    found = []
    for ago in range(1, count + 1):
        day = TODAY - timedelta(days=ago)
        found.append(DailyUtilization(name, "cpu", day, 0.0, p95 / 2, p95, maximum, 24))
        found.append(DailyUtilization(name, "network", day, traffic, traffic, traffic, traffic, 1))
    return found


def cost(amount: str = "100", **covered: str) -> RecentCost:
    """Return what it cost, by the hour, of which commitments covered some."""
    parts = {name: Decimal(value) for name, value in covered.items()}
    return RecentCost("USD", Decimal(amount), parts, timed=Decimal(amount))


def found(
    one: Resource, measured: Sequence[DailyUtilization] = (), recent: RecentCost | None = None, *others: Resource
) -> Finding | None:
    """Return what the rules find of one resource; others run beside it for 1,000 USD each."""
    costs = {other.key: cost("1000") for other in others} | {one.key: recent or cost()}
    listed = idle.find([one, *others], {one.key: measured}, costs, today=TODAY)
    return listed[0] if listed else None


def kind(finding: Finding | None) -> str | None:
    """Return what is recommended, if anything."""
    return finding.recommendation_type.value if finding else None


def test_a_machine_that_did_nothing_for_14_days_is_idle() -> None:
    """All of its cost is saved, and the reason names the numbers."""
    finding = found(thing(), days())
    assert finding is not None
    assert kind(finding) == "stop_idle_machine"
    assert finding.monthly_saving == Money(Decimal(100), "USD")
    assert "95th percentile 1.0 %, highest 4.0 %" in finding.reason
    assert finding.details["team"] == finding.details["owner"] == "search"
    assert json.loads(json.dumps(finding.details)) == finding.details


@pytest.mark.parametrize(
    ("measured", "why"),
    [
        (days(count=13), "a day is missing"),
        ([row for row in days() if row.metric == "cpu"], "its network was not measured"),
        ([row for row in days() if row.metric == "network"], "its CPU was not measured"),
        ([replace(row, samples=0) for row in days()], "no sample was taken"),
        (days(traffic=5_000_001), "it moves data"),
        (days(p95=0.05), "its CPU is at the threshold"),
        (days(maximum=0.2), "it had a peak"),
        ([], "nothing is known"),
    ],
)
def test_a_machine_is_not_idle_when(measured: list[DailyUtilization], why: str) -> None:
    """Missing evidence counts against a finding."""
    smallest = thing(size="m5.large")  # which has no half, so that no other rule speaks
    assert found(smallest, [replace(row, resource_id=smallest.resource_id) for row in measured]) is None, why


def test_one_busy_day_of_fourteen_is_enough_to_keep_a_machine() -> None:
    """Every day counts."""
    rows = days()
    rows[10] = replace(rows[10], p95=0.9, maximum=0.95)
    assert found(thing(), rows) is None


def test_a_stopped_machine_is_not_idle() -> None:
    """Only running ones can be stopped."""
    assert found(thing(state="stopped"), days()) is None


def test_a_resource_without_a_charge_saves_nothing() -> None:
    """No cost is known, or it is less than a unit of money."""
    assert idle.find([thing()], {thing().key: days()}, {}, today=TODAY) == []
    assert found(thing(), days(), cost("0.99")) is None


def test_an_oversized_machine_is_halved_once() -> None:
    """Half of what it costs by the hour is saved; what passed through it is not."""
    finding = found(thing(), days(p95=0.2, maximum=0.5), replace(cost("100"), timed=Decimal(60)))
    assert finding is not None
    assert (kind(finding), finding.monthly_saving.amount) == ("rightsize_machine", Decimal(30))
    assert "m5.xlarge" in finding.title
    assert "Value=m5.xlarge" in finding.details["command"]
    assert "Value=m5.2xlarge" in finding.details["undo"]
    assert "Memory is not measured" in finding.reason


@pytest.mark.parametrize("measured", [days(p95=0.4), days(p95=0.1, maximum=0.8)])
def test_a_machine_that_half_of_it_could_not_carry_is_kept(measured: list[DailyUtilization]) -> None:
    """After halving, P95 must stay under 80 % and no peak may be cut."""
    assert found(thing(), measured) is None


def test_halving_needs_to_know_what_is_paid_by_the_hour() -> None:
    """Without that there is no amount to halve."""
    assert found(thing(), days(p95=0.2, maximum=0.5), replace(cost(), timed=None)) is None


def test_an_idle_machine_is_stopped_rather_than_halved() -> None:
    """One resource has one total."""
    listed = idle.find([thing()], {thing().key: days()}, {thing().key: cost()}, today=TODAY)
    assert [one.recommendation_type for one in listed] == [RecommendationType.STOP_IDLE_MACHINE]


def test_what_a_reservation_covers_is_not_saved() -> None:
    """It is paid whether or not the machine runs."""
    arn = "arn:aws:ec2:us-east-1:1:reserved-instances/1"
    finding = found(thing(), days(), cost("100", **{arn: "80"}), thing(resource_id="i-2"))
    assert finding is not None
    assert finding.monthly_saving.amount == Decimal(20)
    assert "$80.00 of its cost is reserved" in finding.reason
    assert found(thing(), days(), cost("100", **{arn: "100"}), thing(resource_id="i-2")) is None


def test_what_a_savings_plan_covers_is_saved_if_others_can_use_it() -> None:
    """Freed coverage lands on other machines, or nowhere."""
    recent = cost("100", **{"arn:aws:savingsplans::1:savingsplan/1": "80"})
    lands, alone = found(thing(), days(), recent, thing(resource_id="i-2")), found(thing(), days(), recent)
    assert lands is not None
    assert alone is not None
    assert (lands.monthly_saving.amount, alone.monthly_saving.amount) == (Decimal(100), Decimal(20))
    assert "lands on other machines" in lands.reason


@pytest.mark.parametrize(
    ("since", "expected"), [("2026-09-11T23:59:00+00:00", "delete_unattached_disk"), ("2026-09-12", None)]
)
def test_a_disk_is_unattached_after_seven_days(since: str, expected: str | None) -> None:
    """Not earlier."""
    disk = thing("disk", "unattached", size="100 GiB gp3", metadata={"state_since": since, "kind": "gp3"})
    assert kind(found(disk)) == expected


def test_what_the_provider_says_comes_before_what_was_seen() -> None:
    """First seen today does not make a disk young, if it was left long ago."""
    both = {"state_since": "2026-01-01T00:00:00+00:00", "seen_since": "2026-09-18T00:00:00+00:00"}
    assert found(thing("disk", "unattached", metadata=both)) is not None
    assert found(thing("disk", "unattached", metadata={"seen_since": both["seen_since"]})) is None
    assert found(thing("disk", "unattached", metadata={})) is None
    assert found(thing("disk", "attached", metadata=both)) is None


def test_an_idle_address_is_released_unless_it_became_free_this_week() -> None:
    """When that was is often unknown; then the charge speaks."""
    address = {"allocation_id": "eipalloc-1", "address": "192.0.2.1"}
    free = thing("address", "unattached", metadata=address)
    assert kind(found(free)) == "release_idle_address"
    for about, said in (
        ({}, "belongs to no machine, and"), ({"seen_since": "2026-09-18T06:00:00+00:00"}, "belongs to no machine, and"),
        ({"seen_since": "2026-09-01T06:00:00+00:00"}, "has belonged to no machine since 1 Sep 2026 or longer, and"),
        ({"state_since": "2026-08-01T06:00:00+00:00"}, "has belonged to no machine since 1 Aug 2026, and"),
    ):  # fmt: skip
        assert said in str(getattr(found(replace(free, metadata=address | about)), "reason", ""))
    assert found(replace(free, metadata=address | {"state_since": "2026-09-14T00:00:00+00:00"})) is None
    assert found(replace(free, state="attached")) is None


def test_the_largest_saving_comes_first() -> None:
    """And the order of the input does not matter."""
    machines = [thing(resource_id=f"i-{n}") for n in range(3)]
    costs = {one.key: cost(str(10 * n + 10)) for n, one in enumerate(machines)}
    measured = {one.key: days(one=one) for one in machines}
    listed = idle.find(machines, measured, costs, today=TODAY)
    assert [one.monthly_saving.amount for one in listed] == [30, 20, 10]
    assert listed == idle.find(machines[::-1], measured, costs, today=TODAY)


NASTY = "x'; rm -rf / #\"$(id)`id`"
ALL = [
    (RecommendationType.STOP_IDLE_MACHINE, "machine"), (RecommendationType.RIGHTSIZE_MACHINE, "machine"),
    (RecommendationType.DELETE_UNATTACHED_DISK, "disk"), (RecommendationType.RELEASE_IDLE_ADDRESS, "address"),
]  # fmt: skip


@pytest.mark.parametrize("provider", ["aws", "azure", "gcp"])
@pytest.mark.parametrize(("what", "type_"), ALL)
def test_foreign_text_never_leaves_its_place_in_a_command(provider: str, what: RecommendationType, type_: str) -> None:
    """A name with quotes and substitutions stays one word, and cannot end the address."""
    about = dict.fromkeys(("zone", "kind", "allocation_id", "address", "resource_group"), NASTY)
    one = thing(type_, provider=provider, resource_id=f"/{NASTY}", name=NASTY, region=NASTY, sub_account_id=NASTY,
                size=NASTY, metadata=about)  # fmt: skip
    steps = action(what, one, new_size=NASTY)
    assert steps is not None
    for command in (steps.command, steps.undo):
        plain = command.replace(shlex.quote(NASTY), "").replace(shlex.quote(f"/{NASTY}"), "")
        plain = plain.replace(shlex.quote(f"{NASTY}-before-delete"), "")
        assert "rm -rf" not in plain
        assert "$(id)" not in plain
    address = urlsplit(steps.console_url)
    assert (address.scheme, " " in steps.console_url, '"' in steps.console_url) == ("https", False, False)


def test_a_provider_without_commands_yields_nothing() -> None:
    """A finding that nobody could carry out is none."""
    assert found(thing(provider="other"), days()) is None


@pytest.mark.parametrize(
    ("provider", "size", "expected"),
    [
        ("aws", "m5.2xlarge", "m5.xlarge"),
        ("aws", "r6i.4xlarge", "r6i.2xlarge"),
        ("aws", "c6gd.xlarge", "c6gd.large"),
        ("aws", "m5.large", None),
        ("aws", "t3.2xlarge", None),
        ("aws", "m5.12xlarge", None),
        ("aws", "g5.2xlarge", None),
        ("azure", "Standard_D8s_v5", "Standard_D4s_v5"),
        ("azure", "Standard_E16ds_v5", "Standard_E8ds_v5"),
        ("azure", "Standard_D2s_v5", None),
        ("azure", "Standard_D48s_v5", None),
        ("azure", "Standard_B4ms", None),
        ("gcp", "n2-standard-8", "n2-standard-4"),
        ("gcp", "e2-highmem-16", "e2-highmem-8"),
        ("gcp", "n2-standard-2", None),
        ("gcp", "e2-micro", None),
        ("gcp", "n2-custom-6-8192", None),
        ("other", "m5.2xlarge", None),
    ],
)
def test_a_half_is_known_where_the_ladder_halves(provider: str, size: str, expected: str | None) -> None:
    """Burstable, odd and smallest sizes have none."""
    assert sizes.half(provider, size) == expected
