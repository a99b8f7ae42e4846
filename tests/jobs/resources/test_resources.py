"""What discovery found is listed with what it costs and how it is used, and one is told whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from costs import cli
from finops.prices import Price
from finops.resources import DailyUtilization, Resource
from finops.utilization import daily
from jobs.bills.ingest import ingest
from storage import accounts, prices, resources
from storage.database import transaction
from tests.bot import ledgers

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
WEB = Resource(
    "aws", "i-0web", "machine", "web-1", "us-east-1", "0012", "running", "m5.large", datetime(2026, 1, 3, tzinfo=UTC),
    tags={"team": "web", "env": "prod"}, metadata={"state_since": "2026-02-01T00:00:00+00:00"},
)  # fmt: skip
DISK = replace(
    WEB,
    resource_id="vol-1",
    resource_type="disk",
    name="data",
    size="8 GiB gp3",
    state="unattached",
    tags={"team": "db"},
)
OTHER = replace(WEB, resource_id="i-0webby", name="web-2", region="eu-west-1", sub_account_id="0034", tags={})
EVIL = "\x1b[31mred\x07\u202eevil\r\n"
HEADER = (
    "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,"
    "ChargeCategory,ResourceId,RegionId,SkuId,PricingQuantity,PricingUnit,SubAccountId"
)


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["resources", *arguments])


def discover(*listed: Resource, at: datetime = MONDAY) -> None:
    """Have an inventory list these in both accounts."""
    with transaction() as session:
        resources.save_inventory(session, "aws", [("0012", None), ("0034", None)], listed, at=at)


def measured(name: str = "i-0web") -> list[DailyUtilization]:
    """Return a week of a machine that works from 9 to 10, and of its traffic."""
    cpu = daily(name, "cpu", {MONDAY + timedelta(hours=n): 0.8 if n % 24 == 9 else 0.02 for n in range(24 * 7)})
    days = [(MONDAY + timedelta(days=day)).date() for day in range(7)]
    return [*cpu, *(DailyUtilization(name, "network", day, 2e9, 2e9, 2e9, 2e9, 1) for day in days)]


@pytest.fixture
def estate(database: Path, tmp_path: Path) -> Callable[[str], Any]:
    """Two machines and a disk, of which a machine and the disk are billed; returns what a command prints as JSON."""
    del database
    discover(WEB, DISK, OTHER)
    bill = tmp_path / "bill.csv"
    rows = [
        f"2026-09-01,2026-09-{day:02},USD,2.4,2.4,AWS,EC2,Usage,i-0web,us-east-1,BOX,24,Hrs,0012\n"
        f"2026-09-01,2026-09-{day:02},USD,1,1,AWS,EC2,Usage,vol-1,us-east-1,EBS,0.5,GB-Mo,0012"
        for day in range(1, 31)
    ]
    bill.write_text("\n".join([HEADER, *rows, ""]))
    ingest("auto", [bill], source="payer")
    with transaction() as session:
        resources.save_utilization(session, "aws", measured())
        accounts.note(session, "payer", {"0012": "payments-prod"})
    return lambda text: json.loads(run(*text.split(), "--json").stdout)


def test_resources_are_listed_the_dearest_first_with_cost_and_use_in_words(estate: Callable[[str], Any]) -> None:
    """The last 30 complete days of the ledger, in its currency."""
    del estate
    told = run().stdout.splitlines()
    key = str(WEB.key)[:8]
    assert told[0] == f"{key}  machine  web-1 (i-0web)  running  m5.large  aws us-east-1, payments-prod"
    assert told[1].strip() == (
        "$72.00 in 30 days; CPU P50 2.0 %, P95 2.0 %, max 80 %; network 2.0 GB a day, at most 2.0 GB; "
        "measured on 7 days; since 2026-01-03; env=prod team=web"
    )
    assert [line.split()[1] for line in told[:-1:2]] == ["machine", "disk", "machine"]
    assert "no cost known" in told[5]
    assert told[-1] == "3 resources: $102.00 in 2026-09-01 to 2026-09-30"
    assert run("--top", "1").stdout.splitlines()[-1].startswith("1 of 3 resources: $102.00")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("--type machine", ["web-1", "web-2"]),
        ("--type machine --type disk --region US-EAST-1", ["web-1", "data"]),
        ("--account payments-prod --state unattached", ["data"]),
        ("--account 0034", ["web-2"]),
        ("--tag team", ["web-1", "data"]),
        ("--tag team=web --tag env", ["web-1"]),
        ("--provider aws --tag team=nobody", []),
        ("--top 1", ["web-1"]),
    ],
)
def test_resources_are_narrowed_down(asked: str, names: list[str], estate: Callable[[str], Any]) -> None:
    """By what they are, where they are, and how they are tagged; values of one kind are alternatives."""
    assert [one["name"] for one in estate(asked)["resources"]] == names


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("--type machines", "I don't know “machines”. Did you mean “machine”? For example: --type machine"),
        ("--region mars", "I don't know “mars”. For example: --region eu-west-1"),
        ("--tag Team", "Did you mean “team”"),
        ("--provider gcp", "For example: --provider aws"),
        ("--account nobody", "I don't know “nobody”"),
    ],
)
def test_a_value_that_nothing_has_is_told_with_one_that_exists(
    asked: str, told: str, estate: Callable[[str], Any]
) -> None:
    """A misspelt region is no empty region."""
    del estate
    assert told in str(run(*asked.split()).exception)


def test_what_is_gone_is_listed_on_demand(estate: Callable[[str], Any]) -> None:
    """As closed, with the day; where nothing was ever listed, that is told."""
    discover(WEB, DISK, at=MONDAY + timedelta(days=1))
    assert [one["name"] for one in estate("")["resources"]] == ["web-1", "data"]
    gone = estate("--all")["resources"][-1]
    assert (gone["name"], gone["closed_at"]) == ("web-2", "2026-09-08T00:00:00+00:00")
    assert "closed" in run("--all", "--region", "eu-west-1").stdout
    assert "closed: gone on 2026-09-08 00:00 UTC; before, running" in run("show", "web-2").stdout


def test_without_an_inventory_the_way_to_one_is_told(database: Path) -> None:
    """In a sentence."""
    del database
    assert "`costs run collect` asks the clouds" in run().stdout
    assert "No inventory listed anything with a region yet" in str(run("--region", "x").exception)


def test_amounts_are_text_and_measurements_are_numbers(estate: Callable[[str], Any]) -> None:
    """In JSON, of which a script asks for the sum as well."""
    found = estate("--type machine --region us-east-1")
    (web,) = found["resources"]
    assert {Decimal(web["cost"]["USD"]), Decimal(found["cost"]["USD"])} == {Decimal(72)}
    assert isinstance(web["cost"]["USD"], str)
    assert found["days"] == {"start": "2026-09-01", "end": "2026-10-01"}
    assert web["utilization"]["cpu"] == {
        "days": 7,
        "mean": pytest.approx(0.0525),
        "p50": 0.02,
        "p95": 0.02,
        "maximum": 0.8,
    }
    assert (web["tags"], web["account"], web["account_id"]) == (WEB.tags, "payments-prod", "0012")


def test_one_is_told_whole(estate: Callable[[str], Any]) -> None:
    """With its week, its days, both prices, which of them counts, and what could be saved."""
    del estate
    with transaction() as session:
        listed = Price("aws", "us-east-1", "SKU", "m5.large", Decimal("0.107"), "USD", date(2026, 8, 1), "a list")
        prices.save(session, [listed])
        ledgers.recommend(session, name="x")
        session.flush()
    told = run("show", "i-0web").stdout
    assert told.splitlines()[0] == "web-1 (i-0web): machine in us-east-1"
    for line in (
        f"  key             {WEB.key}",
        "  account         aws 0012 (payments-prod)",
        "  state           running, since 2026-02-01",
        "  tags            env=prod team=web",
        "  cost            $72.00 in 2026-09-01 to 2026-09-30",
        "  your own bill   0.1 USD an hour, 2026-09-01 to 2026-09-30: this one counts",
        "  list price      0.107 USD an hour, says a list, from 2026-08-01",
        "          $72.00  0.1 USD per Hrs, 720 of BOX",
        "  2026-09-07    2.0 %    5.2 %    2.0 %    2.0 %     80 %     80 %     80 %",
        "  2026-09-13     2.0 GB",
        "  Mon  ▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
        "Nothing to save on it is known.",
    ):
        assert line in told.splitlines(), f"{line}\n{told}"


def test_without_a_rate_of_ones_own_the_list_price_counts(estate: Callable[[str], Any]) -> None:
    """And it is told who says it; a thing of no size has no price."""
    with transaction() as session:
        listed = Price("aws", "eu-west-1", "SKU", "m5.large", Decimal("0.107"), "USD", date(2026, 8, 1), "a list")
        prices.save(session, [listed])
    assert "0.107 USD an hour, says a list, from 2026-08-01: it counts" in run("show", "web-2").stdout
    found = estate("show web-2")
    assert (found["counts"], found["list_price"]["on_demand"].rstrip("0"), found["billed_rate"]) == (
        "list_price",
        "0.107",
        None,
    )
    assert estate("show vol-1")["counts"] is None
    assert [Decimal(one["rate"]) for one in estate("show vol-1")["rates"]] == [2]


def test_what_could_be_saved_on_it_is_told(database: Path) -> None:
    """Only of this one, and as long as it is open."""
    del database
    with transaction() as session:
        ledgers.recommend(session, name="i-0web")
        ledgers.recommend(session, name="i-1other")
    told = run("show", "i-0web").stdout
    assert "$120.00 a month  open  Stop i-0web: CPU at 1 %" in told
    assert "i-1other" not in told
    (advice,) = json.loads(run("show", "i-0web", "--json").stdout)["recommendations"]
    assert Decimal(advice["potential_savings"]) == 120


def test_one_is_found_by_id_name_or_key_and_how_it_begins(estate: Callable[[str], Any]) -> None:
    """What is the text comes before what begins with it: i-0web is not i-0webby."""
    for text in ("i-0web", "I-0WEB", "web-1", str(WEB.key), str(WEB.key)[:10]):
        assert estate(f"show {text}")["resource_id"] == "i-0web", text
    for text in ("vol", "dat"):
        assert estate(f"show {text}")["resource_id"] == "vol-1", text


def test_what_may_be_several_or_none_is_told(estate: Callable[[str], Any]) -> None:
    """With ids that tell them apart."""
    del estate
    told = str(run("show", "web").exception)
    assert told.startswith("“web” may be several: ")
    assert all(str(one.key)[:8] in told for one in (WEB, OTHER))
    for text in ("nothing", "", "%", "_"):
        assert "`costs resources` lists what there is" in str(run("show", text).exception)


def test_no_name_or_tag_is_obeyed_by_a_terminal(database: Path) -> None:
    """Nor does any turn the line it stands on, or make a second one."""
    del database
    odd = replace(
        WEB, name=f"{EVIL}name", state=EVIL, size=f"{EVIL}size", region=f"{EVIL}region", sub_account_id="0012",
        attached_to=EVIL, resource_id=f"i-{EVIL}", tags={f"k{EVIL}": f"v{EVIL}", "long": "x" * 5000},
        metadata={"state_since": EVIL},
    )  # fmt: skip
    discover(odd)
    for asked in ([], ["show", str(odd.key)], ["--region", "mars"]):
        found = run(*asked)
        told = found.stdout + str(found.exception or "")
        assert "evil" in told
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told), asked
    assert max(map(len, run().stdout.splitlines())) < 500
    assert json.loads(run("--json").stdout)["resources"][0]["tags"]["long"] == "x" * 5000
