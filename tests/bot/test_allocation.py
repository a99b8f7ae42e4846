"""`costs allocation` on a small ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from bot.allocation import allocation
from finops.errors import BadSettingError
from storage import accounts
from storage.database import transaction
from storage.models import CostRecord
from storage.settings import settings
from tests.bot import ledgers

OCTOBER = ["--period", "2026-10"]


@pytest.fixture(autouse=True)
def _no_rules_left(home: Path) -> Iterator[None]:
    """The home is that of all tests."""
    yield
    (home / "allocation.yaml").unlink(missing_ok=True)


@pytest.fixture
def home(database: Path) -> Path:
    """A home with a ledger: October costs EC2 310 for the team web, and S3 31 for nobody."""
    del database
    with transaction() as session:
        ledgers.fill(session)
    return settings().home


def _shown(*arguments: str) -> str:
    done = CliRunner().invoke(allocation, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_without_rules_the_tag_decides_and_what_nobody_claims_is_named(home: Path) -> None:
    """With its share."""
    del home
    told = json.loads(_shown("--json", *OCTOBER))
    assert [(one["name"], one["cost"], one["share"]) for one in told["parts"]] == [
        ("web", "310.000000000000000000", "0.909091"),
        ("(unallocated)", "31.000000000000000000", "0.090909"),
    ]
    assert "S3, no sub account" in _shown(*OCTOBER)


def test_what_nobody_claims_is_named_by_its_accounts_name(home: Path) -> None:
    """Rules go on by its number."""
    (home / "allocation.yaml").write_text("team:\n- {to: web, where: {account: '0001'}}\n")
    with transaction() as session:
        for service, account in (("EC2", "0001"), ("S3", "0002")):
            session.execute(update(CostRecord).where(CostRecord.service_name == service).values(sub_account_id=account))
        accounts.note(session, "test", {"0001": "web-prod", "0002": "data-prod"})
    assert "S3, data-prod" in _shown(*OCTOBER)
    assert "web-prod" not in _shown(*OCTOBER)


def test_rules_of_the_file_come_in_their_order_and_share_what_is_shared(home: Path) -> None:
    """The month to date, where no month is asked for."""
    (home / "allocation.yaml").write_text(
        "team:\n- {by: 'tag:team'}\n- {to: platform, where: {service: s*}, split: evenly}\n"
    )
    told = json.loads(_shown("--json"))
    assert (told["start"], told["end"]) == ("2026-11-01", "2026-11-21")
    assert [(one["name"], float(one["cost"])) for one in told["parts"]] == [("web", 250.0), ("(unallocated)", 0.0)]
    assert "of which shared $20.00" in _shown()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("cost-center", "team: [{by: 'tag:team'}]", "no rules for “cost-center”; there are: environment, owner, team"),
        ("team", "- a", "should hold lists of rules by name"),
        ("team", "team: x", r"allocation\.yaml, team: give a list of rules"),
        ("team", "team: [{to: a, where: {account: 123}}]", "rule 1: where.account.*put the value in quotation marks"),
        ("team", "team: [{by: 'tag:t'}, {to: a, where: {acount: x}}]", "rule 2: .*acount"),
        ("team", "team: [", "is no YAML"),
        ("team", "team: [{to: 2026-13-45}]", "is no YAML"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_the_rule(home: Path, name: str, text: str, problem: str) -> None:
    """And nothing is shown."""
    (home / "allocation.yaml").write_text(text)
    with pytest.raises(BadSettingError, match=problem):
        CliRunner().invoke(allocation, [name], catch_exceptions=False)
