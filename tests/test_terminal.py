"""Whatever somebody named a provider, a service, a resource or a tag: no command lets a terminal obey it."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from costs import Lazy, cli
from finops.resources import Resource
from storage import resources
from storage.database import transaction
from storage.models import Recommendation

EVIL = "\x1b]0;owned\x07\x1b[31mred\u202eevil"
ORDERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NAMED = ("ProviderName", "ServiceName", "ServiceCategory", "RegionId", "SubAccountId", "SubAccountName", "InvoiceId")
NAMED += ("CommitmentDiscountId", "ResourceId", "ResourceName", "SkuId", "PricingUnit", "BillingAccountId")
COMMANDS = (
    "ask",
    *(f"ask,by {word}" for word in ("provider", "service", "category", "account", "region", "resource", "tag:team")),
    "allocation",
    "reconcile,--period,2026-08",
    "restatements",
    "recommendations",
    "resources",
    "anomalies",
    "jobs",
)


def run(*words: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, words)


@pytest.fixture
def hostile(database: Path, tmp_path: Path) -> Path:
    """A bill, read twice, a resource and a recommendation in which every name is one."""
    del database
    bill = tmp_path / "bill.csv"
    for billed in ("12", "13"):
        with bill.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["BillingPeriodStart", "ChargePeriodStart", "BillingCurrency", "BilledCost", *NAMED, "Tags"])
            tags = json.dumps({"team": f"t{EVIL}"})
            rows.writerow(["2026-08-01", "2026-08-02", "USD", billed, *(f"{name}{EVIL}" for name in NAMED), tags])
        assert run("ingest", "auto", str(bill), "--source", "payer").exit_code == 0
    thing = Resource(
        "aws", f"i-{EVIL}", "machine", f"n{EVIL}", EVIL, EVIL, EVIL, EVIL, datetime(2026, 1, 1, tzinfo=UTC)
    )
    with transaction() as session:
        resources.save_inventory(session, "aws", [], [thing], at=datetime(2026, 8, 3, tzinfo=UTC))
        session.add(
            Recommendation(
                resource_id=thing.key, recommendation_type="stop_idle_machine", potential_savings=Decimal(12),
                currency="USD", confidence_score=0.9, title=f"Stop {EVIL}", reason=EVIL, state="open", details={},
            )
        )  # fmt: skip
    return bill


def test_no_command_lets_a_terminal_obey_a_name(hostile: Path) -> None:
    """Nor one that refuses: the names are shown, and nothing in them is run, or turns the line."""
    shown = []
    for command in (*COMMANDS, f"ingest,auto,{hostile},--source,payer", "ask,where service=none"):
        found = run(*command.split(","))
        told = f"{found.stdout}{found.exception or ''}"
        assert not ORDERS.search(told), (command, told)
        shown += [command] if "evil" in told else []
    assert len(shown) > len(COMMANDS) - 4, shown


class Echo(Lazy):
    """Has one command, which says a name in the given form."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return it, by whatever name."""
        del ctx

        @click.command(cmd_name)
        @click.option("--json", "as_json", is_flag=True)
        def echo(*, as_json: bool) -> None:
            click.echo(json.dumps(EVIL, ensure_ascii=False) if as_json else EVIL)

        return echo


def test_json_has_the_names_as_they_are() -> None:
    """A script joins by them; what is for people has not. Click itself drops colours, where nobody looks on."""
    assert json.loads(CliRunner().invoke(Echo(), ["echo", "--json"]).stdout) == EVIL
    assert CliRunner().invoke(Echo(), ["echo"]).stdout == " ]0;owned red[U+202E]evil\n"


def test_help_is_a_word_too() -> None:
    """Of all commands, or of one; it says what --help says."""
    assert run("help").output == run("--help").output
    assert run("help", "roles").output == run("roles", "--help").output
    assert "No such command 'nosuch'" in run("help", "nosuch").output
