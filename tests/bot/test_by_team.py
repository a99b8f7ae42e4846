"""`/cost by team` and `costs allocation team` never contradict, and what belongs to nobody is always shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.allocation import allocation
from bot.answers import CostAnswer, answer
from bot.conversion import answer_in
from bot.pictures import _days
from bot.questions import parse
from bot.wording import freshness_line
from finops.allocation import UNALLOCATED
from finops.errors import BadSettingError, UnknownWordError
from finops.money import total
from storage.database import transaction
from storage.models import CostRecord, TagSet
from storage.settings import settings
from tests.bot import ledgers

TODAY = date(2026, 11, 22)
RULES = """
team:
- {by: "tag:team", names: {web: Web shop}}
- {to: data, where: {account: "2"}}
- {to: platform, where: {account: "3"}, split: by spend}
"""


@pytest.fixture
def file(database: Path) -> Iterator[Path]:
    """The rules' file, of a home that is that of all tests, and a ledger to divide.

    Of November's days until the 20th: EC2 230 for the team web, S3 20 in account 2, 3 or none, day by day in turn.
    """
    del database
    with transaction() as session:
        ledgers.fill(session)
        s3 = session.scalars(select(CostRecord).where(CostRecord.service_name == "S3").order_by(CostRecord.date))
        for number, row in enumerate(s3):
            row.sub_account_id = ("2", "3", None)[number % 3]
    found = settings().home / "allocation.yaml"
    yield found
    found.unlink(missing_ok=True)


@pytest.fixture
def ruled(file: Path) -> Path:
    """With rules."""
    file.write_text(RULES)
    return file


def ask(text: str, session: Session | None = None) -> CostAnswer:
    """Ask in words."""
    if session is not None:
        return answer(session, parse(text, today=TODAY))
    with transaction() as opened:
        return answer(opened, parse(text, today=TODAY))


def parts(found: CostAnswer) -> dict[str, Decimal]:
    """Return the rows by what they are called."""
    return {row.label: row.cost for row in found.rows}


def allocated(*more: str) -> dict[str, Decimal]:
    """Return what `costs allocation` says."""
    told = CliRunner().invoke(allocation, ["team", "--json", *more], catch_exceptions=False)
    return {one["name"]: Decimal(one["cost"]) for one in json.loads(told.output)["parts"]}


@pytest.mark.parametrize(("text", "more"), [("by team", ()), ("by team 2026-10", ("--period", "2026-10"))])
def test_a_question_by_team_says_what_allocation_says(ruled: Path, text: str, more: tuple[str, ...]) -> None:
    """The month to date, and a month; spelt as a tag it is the same question."""
    del ruled
    asked = parts(ask(text))
    assert asked == parts(ask(text.replace("team", "tag:team")))
    told = allocated(*more)
    assert asked.keys() == told.keys() == {"Web shop", "data", UNALLOCATED}
    assert all(abs(asked[name] - told[name]) < Decimal("1e-12") for name in told)
    assert total(asked.values()) == ask(text).total


def test_where_follows_the_rules_too(ruled: Path) -> None:
    """The parts of all teams are the whole; days and services of one are what it costs."""
    del ruled
    told, whole = allocated(), ask("by team").total
    each = [ask(f'where team="{name}"').total for name in told]
    assert abs(total(each) - whole) < Decimal("1e-12")
    for by in ("by day", "by service", "by provider and service"):
        found = ask(f"{by} where team=data top 100")
        assert abs(found.total - told["data"]) < Decimal("1e-12")
        assert abs(total(row.cost for row in found.rows) - found.total) < Decimal("1e-12")
    assert (
        total(cost for days in _days(ask("where team=data")).values() for cost in days.values())
        == ask("where team=data").total
    )


def test_what_is_narrowed_down_is_a_part_of_that(ruled: Path) -> None:
    """A pool is split by what all charges say, whatever else the question leaves out."""
    del ruled
    s3, ec2 = (ask(f"where team=data and service={name}").total for name in ("S3", "EC2"))
    assert abs(s3 + ec2 - ask("where team=data").total) < Decimal("1e-12")
    assert ec2 == 0


def test_a_team_is_found_however_it_is_spelt_and_an_unknown_one_is_guessed(ruled: Path) -> None:
    """`untagged` asks for what belongs to nobody."""
    del ruled
    assert ask("where team=DATA").total == ask("where team=data").total
    assert ask("where team=untagged").total == ask('where team="(unallocated)"').total == allocated()[UNALLOCATED]
    with pytest.raises(UnknownWordError, match="Did you mean “data”"):
        ask("where team=dat")


def test_the_month_of_a_team_lands_beyond_what_it_cost(ruled: Path) -> None:
    """Its part of what is shared included."""
    del ruled
    found = ask("where team=data")
    assert found.landing is not None
    assert found.landing > found.total


def test_what_belongs_to_nobody_is_shown_below_the_top(ruled: Path) -> None:
    """And said with its share; also without rules, where the tag decides."""
    found = ask("by team top 1")
    assert list(parts(found)) == ["Web shop", UNALLOCATED]
    assert (found.others, found.unclaimed) == (1, allocated()[UNALLOCATED])
    assert " of it, belongs to nobody." in freshness_line(found)
    ruled.unlink()
    found = ask("by team top 1")
    assert list(parts(found)) == ["web", "no team tag"]
    assert (found.others, found.unclaimed) == (0, Decimal(20))
    assert "$20.00, 8.0 % of it, belongs to nobody." in freshness_line(found)
    assert found.json_values()["unclaimed"] == "20.000000000000000000"
    assert ask("by service").unclaimed is None


def test_in_another_currency_it_is_shown_as_well(ruled: Path) -> None:
    """Where rates convert."""
    del ruled
    with transaction() as session:
        found = answer_in(session, parse("by team top 1", today=TODAY), "USD")
    assert list(parts(found)) == ["Web shop", UNALLOCATED]
    assert found.unclaimed == parts(found)[UNALLOCATED]


def test_a_list_of_ones_own_divides_a_question_too(file: Path) -> None:
    """`by tag:product`, with no such tag anywhere; `by env` takes rules for environment."""
    file.write_text("product: [{to: shop, where: {service: EC2}}]\nenvironment: [{to: prod, where: {provider: aws}}]\n")
    assert parts(ask("by tag:product")) == {"shop": Decimal(230), UNALLOCATED: Decimal(20)}
    assert parts(ask("by env")) == {"prod": Decimal(250)}
    assert parts(ask("by team")) == {"web": Decimal(230), "no team tag": Decimal(20)}


def test_rules_that_cannot_be_read_answer_no_question_about_them(file: Path) -> None:
    """A wrong division is worse than none; other questions go on."""
    file.write_text("team: [{to: a, where: {colour: red}}]")
    with pytest.raises(BadSettingError, match=r"allocation\.yaml, team, rule 1"):
        ask("by team")
    assert ask("by service").total == 250


def test_several_tags_of_one_charge_count_it_once(ruled: Path) -> None:
    """The first rule that fits has it whole."""
    del ruled
    with transaction() as session:
        tags = TagSet(id=uuid.uuid4(), tags={"team": "data", "app": "x"})
        session.add(tags)
        session.flush()
        session.execute(update(CostRecord).where(CostRecord.sub_account_id == "3").values(tag_set_id=tags.id))
    found = ask("by team")
    assert total(row.cost for row in found.rows) == found.total == 250
