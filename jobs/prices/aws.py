"""The AWS price list: an offer file of EC2, as JSON or CSV.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html. Of machines only Linux without further
software, on shared hardware, as used; of commitments the standard class without upfront payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from finops.errors import BadDeliveryError
from finops.prices import Price
from jobs.prices.values import amount, day, number

SOURCE = "AWS Price List"
PLAIN = {"operatingsystem": "Linux", "tenancy": "Shared", "preinstalledsw": "NA", "capacitystatus": "Used"}
TERMS = {"1yr": "commitment_1y", "3yr": "commitment_3y"}


def from_json(offer: Mapping[str, Any], *, file: str) -> Iterator[Price]:
    """Read an offer file as JSON. Raises BadDeliveryError."""
    try:
        products, terms = offer["products"], offer["terms"]
    except (KeyError, TypeError) as error:
        raise BadDeliveryError(file, f"expected an AWS offer file, found no {error}.") from error
    for sku, product in products.items():
        attributes = {name.lower(): value for name, value in product.get("attributes", {}).items()}
        if _is_plain(attributes):
            base = _base(sku, attributes)
            for kind in ("OnDemand", "Reserved"):
                for term in terms.get(kind, {}).get(sku, {}).values():
                    yield from _of_term(base, kind, term, file)


def from_csv(rows: Iterable[Mapping[str, str]], *, file: str) -> Iterator[Price]:
    """Read the rows of an offer file as CSV, by header. Raises BadDeliveryError."""
    for number_, row in enumerate(rows, 1):
        cells = {name.replace(" ", "").replace("/", "").lower(): value for name, value in row.items() if name}
        if not _is_plain(cells) or cells.get("unit") != "Hrs":
            continue
        value = amount(cells.get("priceperunit"), file=file, row=number_, column="PricePerUnit")
        base = replace(
            _base(cells["sku"], cells),
            currency=cells.get("currency") or "USD",
            valid_from=day(cells.get("effectivedate"), file=file, row=number_),
        )
        if cells.get("termtype") == "OnDemand":
            yield base.priced("on_demand", value)
        elif name := _commitment(cells):
            yield base.priced(name, value)


def _is_plain(attributes: Mapping[str, str]) -> bool:
    return bool(attributes.get("instancetype")) and all(attributes.get(name) == value for name, value in PLAIN.items())


def _base(sku: str, attributes: Mapping[str, str]) -> Price:
    return Price(
        provider="aws",
        region=attributes.get("regioncode") or attributes.get("location") or "",
        sku=sku,
        instance_type=attributes["instancetype"],
        on_demand=None,
        currency="USD",
        valid_from=date.min,
        source=SOURCE,
        vcpu=number(attributes.get("vcpu")),
        memory_gib=number(attributes.get("memory")),
    )


def _of_term(base: Price, kind: str, term: Mapping[str, Any], file: str) -> Iterator[Price]:
    since = replace(base, valid_from=day(term.get("effectiveDate"), file=file))
    name = (
        "on_demand"
        if kind == "OnDemand"
        else _commitment({key.lower(): value for key, value in term.get("termAttributes", {}).items()})
    )
    for dimension in term.get("priceDimensions", {}).values() if name else ():
        if dimension.get("unit") == "Hrs":
            for currency, value in dimension["pricePerUnit"].items():
                rate = amount(value, file=file, column="pricePerUnit")
                yield replace(since, currency=currency).priced(str(name), rate)


def _commitment(attributes: Mapping[str, str]) -> str | None:
    wanted = attributes.get("purchaseoption") == "No Upfront" and attributes.get("offeringclass") == "standard"
    return TERMS.get(attributes.get("leasecontractlength", "")) if wanted else None
