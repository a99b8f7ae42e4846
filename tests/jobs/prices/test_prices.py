"""Three providers' price lists are read exactly; the customer's own bill comes before all of them."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from costs import cli
from finops.errors import BadDeliveryError
from finops.prices import Price
from finops.resources import resource_key
from jobs.prices import files, snapshot
from storage import prices
from storage.database import transaction
from storage.models import CloudResource, CostRecord
from tests.bot import ledgers

DAY = date(2026, 11, 20)


def kept(session: Session) -> dict[str, Price]:
    """What is kept of machines in three regions, by SKU."""
    names = (("aws", "us-east-1", "m6i.large"), ("azure", "westeurope", "Standard_D4s_v5"))
    found = [prices.listed(session, *name, DAY) for name in names]
    return {one.provider: one for one in found if one is not None}


def offer(instance: str = "m6i.large", **attributes: str) -> dict[str, Any]:
    """Describe a product as AWS does."""
    plain = {
        "instanceType": instance,
        "vcpu": "2",
        "memory": "8 GiB",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "regionCode": "us-east-1",
    }
    return {"attributes": plain | attributes}


def term(price: str, **attributes: str) -> dict[str, Any]:
    """Price an hour as AWS does."""
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": price}}
    return {"effectiveDate": "2026-07-01T00:00:00Z", "priceDimensions": {"d": dimension}, "termAttributes": attributes}


def year(option: str = "No Upfront") -> dict[str, str]:
    """Describe a year's reservation."""
    return {"LeaseContractLength": "1yr", "PurchaseOption": option, "OfferingClass": "standard"}


OFFER = {
    "offerCode": "AmazonEC2",
    "products": {"SKU1": offer(), "SKU2": offer(operatingSystem="Windows"), "SKU3": {"attributes": {}}},
    "terms": {
        "OnDemand": {"SKU1": {"a": term("0.0960000000")}, "SKU2": {"a": term("0.188")}},
        "Reserved": {"SKU1": {"b": term("0.0605", **year()), "c": term("0", **year("All Upfront"))}},
    },
}


def test_an_aws_offer_file_is_read(database: Path, tmp_path: Path) -> None:
    """Linux on shared hardware; of commitments the one that is paid as it goes."""
    file = tmp_path / "index.json"
    file.write_text(json.dumps(OFFER))
    assert files.load([file]) == 1
    with transaction() as session:
        found = kept(session)["aws"]
    assert (found.sku, found.on_demand, found.commitment_1y) == ("SKU1", Decimal("0.096"), Decimal("0.0605"))
    assert (found.vcpu, found.memory_gib, found.valid_from) == (2, 8, date(2026, 7, 1))


def test_an_aws_offer_file_as_csv_says_the_same(database: Path, tmp_path: Path) -> None:
    """After the lines that it begins with."""
    header = (
        "SKU,TermType,EffectiveDate,Unit,PricePerUnit,Currency,LeaseContractLength,PurchaseOption,OfferingClass,"
        "Instance Type,vCPU,Memory,Tenancy,Operating System,CapacityStatus,Pre Installed S/W,Region Code"
    )
    machine = "m6i.large,2,8 GiB,Shared,Linux,Used,NA,us-east-1"
    lines = [
        '"FormatVersion","v1.0"',
        '"Publication Date","2026-07-01"',
        header,
        f"SKU1,OnDemand,2026-07-01,Hrs,0.0960000000,USD,,,,{machine}",
        f"SKU1,Reserved,2026-06-01,Hrs,0.0605,USD,1yr,No Upfront,standard,{machine}",
        f"SKU1,Reserved,2026-06-01,Quantity,500,USD,1yr,All Upfront,standard,{machine}",
    ]
    file = tmp_path / "index.csv"
    file.write_text("\n".join([*lines, ""]))
    assert files.load([file]) == 1
    with transaction() as session:
        found = kept(session)["aws"]
    assert (found.on_demand, found.commitment_1y, found.memory_gib) == (Decimal("0.096"), Decimal("0.0605"), 8)


def item(price: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  as Azure's JSON holds anything
    """Price a machine as Azure does."""
    plain = {
        "currencyCode": "USD",
        "retailPrice": float(price),
        "armRegionName": "westeurope",
        "effectiveStartDate": "2026-06-01T00:00:00Z",
        "productName": "Virtual Machines Dsv5 Series",
        "skuName": "D4s v5",
        "serviceName": "Virtual Machines",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "Standard_D4s_v5",
    }
    return plain | more


PAGES = [
    {
        "Items": [
            item("0.23", savingsPlan=[{"term": "3 Years", "retailPrice": 0.11}]),
            item("0.414", productName="Virtual Machines Dsv5 Series Windows"),
            item("0.03", skuName="D4s v5 Spot"),
            item("0.04", skuName="D4s v5 Low Priority"),
        ],
        "NextPageLink": "https://prices.azure.com/next",
    },
    {"Items": [item("1314", type="Reservation", reservationTerm="1 Year")], "NextPageLink": None},
]


def pages(folder: Path, given: list[dict[str, Any]]) -> list[Path]:
    """Save pages as they come."""
    found = []
    for number, page in enumerate(given):
        found.append(folder / f"{number}.json")
        found[-1].write_text(json.dumps(page))
    return found


def test_azures_pages_are_read_together(database: Path, tmp_path: Path) -> None:
    """Spot and Windows are told apart; a year's reservation is priced by its hours."""
    pages(tmp_path, PAGES)
    assert files.load([tmp_path]) == 1
    with transaction() as session:
        found = kept(session)["azure"]
    assert (found.on_demand, found.spot) == (Decimal("0.23"), Decimal("0.03"))
    assert (found.commitment_1y, found.commitment_3y) == (Decimal("0.15"), Decimal("0.11"))


def test_pages_without_the_last_one_are_refused(database: Path, tmp_path: Path) -> None:
    """Half a list would pass for the whole."""
    with pytest.raises(BadDeliveryError, match="another page follows it"):
        files.load(pages(tmp_path, PAGES[:1]))


def test_googles_catalogue_is_read(database: Path, tmp_path: Path) -> None:
    """Units and billionths, a row a region; the first tier that costs something."""
    rate = {"unitPrice": {"currencyCode": "USD", "units": "2", "nanos": 933908000}, "startUsageAmount": 100}
    free = {"unitPrice": {"currencyCode": "USD", "units": "0", "nanos": 0}, "startUsageAmount": 0}
    sku = {
        "skuId": "039F-D0DA-4055",
        "category": {"usageType": "Preemptible"},
        "serviceRegions": ["us-central1", "us-east1"],
        "pricingInfo": [
            {
                "pricingExpression": {"usageUnitDescription": "hour", "tieredRates": [free, rate]},
                "effectiveTime": "2023-03-24T10:52:50.681Z",
            }
        ],
    }
    assert files.load(pages(tmp_path, [{"skus": [sku], "nextPageToken": ""}])) == 2
    with transaction() as session:
        found = prices.listed(session, "gcp", "us-east1", "039F-D0DA-4055", DAY)
    assert found is not None
    assert (found.spot, found.on_demand, found.unit) == (Decimal("2.933908"), None, "hour")


def test_a_recorded_page_of_googles_catalogue_is_read(database: Path, tmp_path: Path, samples: Path) -> None:
    """As Google sent it."""
    page = json.loads((samples / "gcp" / "catalog" / "opencost-skus.json").read_text())
    page["nextPageToken"] = ""
    assert files.load(pages(tmp_path, [page])) > 3


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", "{", "expected a price list as JSON or CSV"),
        ("a.json", "[]", "expected an AWS offer file"),
        ("a.json", '{"products": {}, "terms": {}}', "holds no price"),
        ("a.csv", "a,b\n1,2\n", "no header that begins with SKU"),
        ("a.json", json.dumps({"Items": [item("1") | {"retailPrice": "x"}]}), "row 1, column retailPrice"),
    ],
)
def test_what_is_no_price_list_is_refused(name: str, content: str, told: str, database: Path, tmp_path: Path) -> None:
    """And nothing is kept."""
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(BadDeliveryError, match=told):
        files.load([file])
    with transaction() as session:
        assert prices.known(session) == []


def test_the_price_of_a_day_is_the_one_that_held_then(session: Session) -> None:
    """A newer list does not change what was."""
    for day, rate in ((date(2026, 1, 1), "0.10"), (date(2026, 7, 1), "0.09")):
        prices.save(session, [Price("aws", "us-east-1", "x", "m", Decimal(rate), "USD", day, "AWS")])
    found = [prices.price(session, "aws", "us-east-1", "m", day) for day in (date(2026, 6, 30), DAY)]
    assert [one.on_demand if one else None for one in found] == [Decimal("0.10"), Decimal("0.09")]
    assert prices.price(session, "aws", "us-east-1", "m", date(2025, 12, 31)) is None


def test_the_bills_own_rate_always_comes_first(session: Session) -> None:
    """Of the machines of a type, by the hour, without spot and commitments."""
    ledgers.fill(session)
    machine = CloudResource(
        id=resource_key("aws", "i-7"), provider="aws", resource_id="i-7", resource_type="machine", region="us-east-1",
        size="m6i.large", created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    session.add(machine)
    session.flush()
    model = session.scalars(select(CostRecord).where(CostRecord.date == DAY)).first()
    assert model is not None
    for cost, hours, more in (
        ("1.92", "24", {}),
        ("0.30", "24", {"pricing_category": "Dynamic"}),
        ("0.90", "24", {"commitment_discount_id": "plan", "commitment_discount_status": "Used"}),
        ("5", "100", {"pricing_unit": "GB"}),
    ):
        amounts = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(cost))
        values: dict[str, Any] = {"pricing_unit": "Hrs", "pricing_quantity": Decimal(hours)} | more
        session.add(
            CostRecord(
                id=uuid.uuid4(), billing_period=model.billing_period, source_id=model.source_id, date=DAY,
                provider="aws", region_id="us-east-1", resource_id=machine.id, charge_category="Usage",
                billing_currency="USD", charges=1, **amounts, **values,
            )
        )  # fmt: skip
    session.flush()
    listed = Price("aws", "us-east-1", "m6i.large", "m6i.large", Decimal("0.096"), "USD", DAY, "AWS", vcpu=Decimal(2))
    prices.save(session, [listed, replace(listed, sku="m6i.xlarge", instance_type="m6i.xlarge")])
    found = prices.price(session, "aws", "us-east-1", "m6i.large", DAY)
    assert found is not None
    assert (found.on_demand, found.billed, found.vcpu) == (Decimal("0.08"), True, 2)
    assert found.source.startswith("your bill, 2026-11-20 to 2026-11-20; else AWS")
    other = prices.price(session, "aws", "us-east-1", "m6i.xlarge", DAY)
    assert other is not None
    assert (other.on_demand, other.billed) == (Decimal("0.096"), False)


def test_the_shipped_snapshot_names_source_and_day_of_every_price() -> None:
    """Three clouds, small enough to ship."""
    found = list(snapshot.read())
    assert len(found) > 80_000
    assert {one.provider for one in found} == {"aws", "azure", "gcp"}
    assert all("2026-0" in one.source and one.valid_from.year == 2026 for one in found)
    assert len({(one.provider, one.region, one.sku) for one in found}) == len(found)
    assert snapshot.FILE.stat().st_size < 1_000_000


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["prices", *arguments])


def test_a_price_is_shown_with_its_source(database: Path) -> None:
    """From the shipped snapshot where nothing else was imported."""
    told = run("show", "gcp", "us-central1", "n2-standard-4", "--at", "2026-11-20")
    assert "n2-standard-4 in us-central1 (4 vCPU, 16 GiB), USD per hour" in told.stdout
    assert "on demand            0.194236" in told.stdout
    assert "Cyclenerd/google-cloud-pricing-cost-calculator" in told.stdout
    values = json.loads(run("show", "aws", "us-east-1", "m6i.large", "--at", "2026-11-20", "--json").stdout)
    assert (values["on_demand"].rstrip("0"), values["spot"], values["billed"]) == ("0.096", None, False)
    assert "No price of x1 in nowhere" in str(run("show", "aws", "nowhere", "x1").exception)
