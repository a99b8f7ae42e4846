"""Google's public price list, billing accounts and budgets, as plain values; amounts exact.

Prices are list prices: what a contract takes off stands in the billing export alone. Budgets know limits, not what was
spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from jobs.providers.answers import instant, reading
from jobs.providers.gcp import clients

COMPUTE_ENGINE = "6F81-5844-456A"
"""The service id whose list machines, disks and addresses are in."""
AT_ONCE = 5000
"""SKUs a page, which is the most that Google gives."""
NANO = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one more unit, from an amount of use on."""

    start: Decimal
    """In the price's unit, by month unless the SKU says otherwise."""
    price: Decimal
    """By one unit, in the SKU's currency."""


@dataclass(frozen=True, slots=True)
class Sku:
    """One line of the price list."""

    sku_id: str
    service_id: str
    description: str
    family: str
    """`Compute`, `Storage`, `Network`, `License`, `ApplicationServices`."""
    group: str
    """`N1Standard`, `RAM`, `SSD`, `GPU`."""
    usage_type: str
    """`OnDemand`, `Preemptible`, `Commit1Yr`, `Commit3Yr`."""
    regions: tuple[str, ...]
    currency: str
    unit: str
    """UCUM, as Google writes it: `h`, `GiBy.h`, `GiBy.mo`."""
    base_unit: str
    base_units: Decimal
    """How many base units one unit is: 3600 of `s` are one `h`."""
    rates: tuple[Rate, ...]
    """In order of their start; the first from 0 on."""
    valid_from: datetime | None
    """Unknown in some recorded pages."""

    @property
    def price(self) -> Decimal:
        """The price of one unit beyond all free and cheaper or dearer tiers before it."""
        return self.rates[-1].price


@dataclass(frozen=True, slots=True)
class Account:
    """A billing account."""

    account_id: str
    name: str
    open: bool
    parent: str
    """The account of the reseller that it belongs to; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit that somebody set; the amount is unknown where it follows what was spent the period before."""

    budget_id: str
    name: str
    amount: Decimal | None
    currency: str | None
    thresholds: tuple[Decimal, ...]
    """Shares of the amount at which it alerts: 0.9 is 90 %."""
    projects: tuple[str, ...]
    """`projects/NUMBER`; none means the whole account."""
    period: str
    """`MONTH`, `QUARTER`, `YEAR`; empty where dates of its own were chosen."""


def skus(service: str = COMPUTE_ENGINE, *, currency: str = "USD") -> Iterator[Sku]:
    """Yield every line of a service's price list. Raises BadAnswerError, RefusedError: then use nothing of it."""
    for page in pages(service, currency=currency):
        yield from read(page)


def pages(service: str = COMPUTE_ENGINE, *, currency: str = "USD") -> Iterator[dict[str, Any]]:
    """Yield the pages of `services.skus.list` as JSON, as they are recorded. Raises BadAnswerError, RefusedError."""
    from google.cloud.billing_v1 import ListSkusRequest  # noqa: PLC0415  slow, and only for those who use Google Cloud

    asked = ListSkusRequest(parent=f"services/{service}", currency_code=currency, page_size=AT_ONCE)
    with clients.asking(f"the price list of service {service}"):
        for page in clients.catalog().list_skus(asked, retry=clients.patiently()).pages:
            yield clients.told_in_json(page)


def read(page: Mapping[str, Any]) -> Iterator[Sku]:
    """Yield the lines of one page of `services.skus.list`, asked live or recorded. Raises BadAnswerError."""
    with reading("Google's services.skus.list"):
        for one in page.get("skus", ()):
            if one.get("pricingInfo"):  # some that are not sold any more have none
                yield _sku(one)


def _sku(one: Mapping[str, Any]) -> Sku:
    about, told = one["category"], one["pricingInfo"][-1]
    expression = told["pricingExpression"]
    tiers = expression["tieredRates"]
    return Sku(
        sku_id=one["skuId"],
        service_id=one["name"].split("/")[1],
        description=one["description"],
        family=about.get("resourceFamily", ""),
        group=about.get("resourceGroup", ""),
        usage_type=about.get("usageType", ""),
        regions=tuple(one.get("serviceRegions", ())),
        currency=tiers[0]["unitPrice"].get("currencyCode", "USD"),
        unit=expression["usageUnit"],
        base_unit=expression.get("baseUnit", ""),
        base_units=_exact(expression.get("baseUnitConversionFactor", 1)),
        rates=tuple(Rate(_exact(tier.get("startUsageAmount", 0)), money(tier["unitPrice"])) for tier in tiers),
        valid_from=instant(told["effectiveTime"]) if "effectiveTime" in told else None,
    )


def money(amount: Mapping[str, Any]) -> Decimal:
    """Return an amount that Google tells in units and billionths of one, exactly."""
    return Decimal(amount.get("units", 0)) + int(amount.get("nanos", 0)) * NANO


def _exact(number: float) -> Decimal:
    """Return the decimal number that is meant: the shortest text of the binary one."""
    return Decimal(str(number))


def services() -> dict[str, str]:
    """Return the names of all services by their ids. Raises BadAnswerError, RefusedError."""
    from google.cloud.billing_v1 import ListServicesRequest  # noqa: PLC0415  slow, as above

    with clients.asking("the list of services"):
        asked = ListServicesRequest(page_size=AT_ONCE)
        return {
            one.service_id: one.display_name
            for one in clients.catalog().list_services(asked, retry=clients.patiently())
        }


def accounts() -> list[Account]:
    """Return the billing accounts that the credentials see. Raises BadAnswerError, RefusedError."""
    with clients.asking("the list of billing accounts", needs="billing.accounts.list"):
        found = list(clients.billing().list_billing_accounts(retry=clients.patiently()))
    return [Account(_id(one.name), one.display_name, one.open, _id(one.master_billing_account)) for one in found]


def projects(account: str) -> list[str]:
    """Return the projects whose costs a billing account pays. Raises BadAnswerError, RefusedError."""
    name = f"billingAccounts/{account}"
    with clients.asking(f"the projects of billing account {account}", needs="billing.resourceAssociations.list"):
        paid = clients.billing().list_project_billing_info(name=name, retry=clients.patiently())
        return sorted(one.project_id for one in paid if one.billing_enabled)


def budgets(account: str) -> Iterator[Budget]:
    """Yield a billing account's budgets. Raises BadAnswerError, RefusedError."""
    parent = f"billingAccounts/{account}"
    with clients.asking(f"the budgets of billing account {account}", needs="billing.budgets.list"):
        pages: Iterable[Any] = clients.budgets().list_budgets(parent=parent, retry=clients.patiently()).pages
        for page in pages:
            told = clients.told_in_json(page)
            with reading("Google's budgets.list"):
                yield from map(_budget, told.get("budgets", ()))


def _budget(one: Mapping[str, Any]) -> Budget:
    limit, about = one.get("amount", {}).get("specifiedAmount"), one.get("budgetFilter", {})
    return Budget(
        budget_id=_id(one["name"]),
        name=one.get("displayName", ""),
        amount=money(limit) if limit else None,
        currency=limit.get("currencyCode") if limit else None,
        thresholds=tuple(_exact(rule.get("thresholdPercent", 0)) for rule in one.get("thresholdRules", ())),
        projects=tuple(about.get("projects", ())),
        period=PERIODS.get(about.get("calendarPeriod", 0), ""),
    )


PERIODS = {1: "MONTH", 2: "QUARTER", 3: "YEAR"}
"""Google's numbers of them."""


def _id(name: str) -> str:
    return name.rsplit("/", 1)[-1]
