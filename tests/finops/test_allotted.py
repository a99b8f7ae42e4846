"""Allocation within a question: rows by team and anything else add up, and to what allocation itself says."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest

from finops.allocation import UNALLOCATED, Key, Rule, allocate
from finops.allotted import allotted, daily, shared
from finops.money import total

TEAM, ENV = "tag:team", "tag:env"
NEARLY = Decimal("1e-12")
RULES = (
    Rule(by=TEAM, names={"pay": "payments"}),
    Rule(to="support", where={"service": ("Support",)}, split="by spend"),
    Rule(to="platform", where={"service": ("Logs*",)}, split={"payments": Decimal(2), "web": Decimal(1)}),
)
Sums = list[tuple[Key, Decimal]]


def charge(team: str | None, service: str, cost: str, env: str | None = None) -> tuple[Key, Decimal]:
    """Make a sum of charges."""
    return {TEAM: team, "service_name": service, ENV: env}, Decimal(cost)


SPENT: Sums = [
    charge("pay", "EC2", "30"),
    charge("web", "EC2", "10"),
    charge(None, "S3", "5"),
    charge(None, "Support", "8"),
    charge("", "Logs", "9"),
]


def rows(sums: Sums, by: list[str], **where: tuple[str, ...]) -> dict[tuple[str | None, ...], Decimal]:
    """Ask by words, TEAM among them or in `where`."""
    narrowed = {TEAM: where["team"]} if "team" in where else {}
    return allotted({TEAM: RULES}, sums, {TEAM: shared(RULES, SPENT)}, by=by, where=narrowed)


def test_by_team_alone_it_is_what_allocation_says() -> None:
    """Names mended, pools split by spend and by weights, the rest unallocated."""
    divided = allocate(RULES, SPENT)
    told = {(one.name,): one.cost for one in (*divided.parts, divided.unallocated)}
    assert rows(SPENT, [TEAM]) == told
    assert told == {("payments",): Decimal(42), ("web",): Decimal(15), (UNALLOCATED,): Decimal(5)}


def test_beside_a_service_what_is_shared_stays_what_it_is() -> None:
    """Support of payments is support; rows add up to the whole."""
    found = rows(SPENT, [TEAM, "service_name"])
    assert found["payments", "Support"] == 6
    assert found["web", "Logs"] == 3
    assert total(found.values()) == total(cost for _, cost in SPENT)


def test_one_team_alone_has_its_part_of_what_is_shared() -> None:
    """However the question is narrowed down otherwise: the parts of the pool are those of the whole."""
    assert rows(SPENT, [], team=("PAYMENTS",)) == {(): Decimal(42)}
    support = [one for one in SPENT if one[0]["service_name"] == "Support"]
    assert rows(support, [], team=("payments",)) == {(): Decimal(6)}
    assert rows(SPENT, ["service_name"], team=("",)) == {("S3",): Decimal(5)}
    assert rows(SPENT, [], team=("nobody",)) == {}


def test_two_divisions_at_once_lose_nothing() -> None:
    """By team and by environment."""
    split = (Rule(by=ENV), Rule(to="shared", where={"service": ("*",)}, split="evenly"))
    sums = [charge("web", "EC2", "10", "prod"), charge("pay", "EC2", "0.1", "dev"), charge(None, "Support", "1")]
    shares = {TEAM: shared(RULES, sums), ENV: shared(split, sums)}
    found = allotted({TEAM: RULES, ENV: split}, sums, shares, by=[TEAM, ENV])
    assert total(found.values()) == Decimal("11.1")
    assert found["web", "prod"] > 10
    assert {env for _, env in found} == {"prod", "dev"}


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_asked_beside_it_adds_up(seed: int) -> None:
    """Credits included; by team it is within a rounding of what allocation says."""
    chance = random.Random(seed)  # noqa: S311  seeded data for a test
    services, teams = ["EC2", "S3", "Support", "Logs", "Logs 2"], ["pay", "web", "data", None]
    sums = [charge(chance.choice(teams), chance.choice(services), f"{chance.uniform(-2, 9):.9f}") for _ in range(200)]
    shares = {TEAM: shared(RULES, sums)}
    both = allotted({TEAM: RULES}, sums, shares, by=[TEAM, "service_name"])
    assert total(both.values()) == total(cost for _, cost in sums)
    divided = allocate(RULES, sums)
    for part in (*divided.parts, divided.unallocated):
        asked = total(cost for (team, _), cost in both.items() if team == part.name)
        assert abs(asked - part.cost) < NEARLY


@pytest.mark.parametrize("split", ["evenly", "by spend", {"web": 2, "data": 1}])
def test_the_days_of_a_month_add_up_to_what_the_month_is_divided_into(split: str | dict[str, int]) -> None:
    """And the parts of each day to that day, whoever spent on it."""
    rules = (Rule(to="platform", where={"service": ("Support",)}, split=split), Rule(by=TEAM))
    chance = random.Random(3)  # noqa: S311  no secret
    sums = [
        (charge(chance.choice(["web", "data", None]), chance.choice(["EC2", "Support"]), "0")[0],
         date(2026, chance.choice([1, 2]), chance.randint(1, 28)), Decimal(chance.randint(1, 9999)) / 7)
        for _ in range(300)
    ]  # fmt: skip
    found = daily(rules, sums)
    for day, names in found.items():
        whole = sum(cost for _, when, cost in sums if when == day)
        assert sum(names.values()) == pytest.approx(whole, abs=Decimal("1e-15"))
    for month in (1, 2):
        whole = allocate(rules, [(key, cost) for key, day, cost in sums if day.month == month])
        for part in (*whole.parts, whole.unallocated):
            days = [names.get(part.name, Decimal(0)) for day, names in found.items() if day.month == month]
            assert sum(days) == pytest.approx(part.cost, abs=Decimal("1e-13"))


def test_what_is_shared_while_nobody_spends_keeps_its_name() -> None:
    """It is not lost."""
    rules = (Rule(to="platform", where={"service": ("Support",)}, split="evenly"),)
    day = date(2026, 1, 5)
    assert daily(rules, [(charge(None, "Support", "0")[0], day, Decimal(8))]) == {day: {"platform": Decimal(8)}}
