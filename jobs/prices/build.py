"""Builds the shipped snapshot of list prices from published lists: `python -m jobs.prices.build FOLDER`.

The folder holds the files of `FILES`; each is a list of facts that somebody publishes under a free licence, and every
price of the snapshot says from where and of which day it is. No free list of AWS's reservations is known.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import click
import yaml

from finops.prices import HOURS_A_MONTH, Price, a_unit
from jobs.prices.snapshot import FILE, write

AWS = "AWS, as listed by aws/karpenter-provider-aws (Apache-2.0), 2026-07-20"
AZURE = "Microsoft, as listed by Azure/karpenter-provider-azure (Apache-2.0), 2026-06-18"
GCP = "Google, as listed by Cyclenerd/google-cloud-pricing-cost-calculator (Apache-2.0), 2026-07-30"
MEBIBYTES = 1024


def aws(folder: Path) -> Iterator[Price]:
    """Read EC2's types and their prices on demand."""
    with (folder / "aws-instance-types.csv").open(encoding="utf-8", newline="") as file:
        sizes = {row["instance_type"]: row for row in csv.DictReader(file)}
    with (folder / "aws-on-demand-us-east-1-2026-07-20.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, size = row["instance_type"], sizes.get(row["instance_type"])
            yield Price(
                "aws",
                row["region"],
                name,
                name,
                Decimal(row["usd_per_hour"]),
                "USD",
                date(2026, 7, 20),
                AWS,
                vcpu=Decimal(size["vcpu"]) if size else None,
                memory_gib=a_unit(Decimal(size["memory_mib"]), MEBIBYTES) if size else None,
            )


def azure(folder: Path) -> Iterator[Price]:
    """Read virtual machines' prices on demand."""
    with (folder / "azure-on-demand-2026-06-18.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, rate = row["arm_sku_name"], Decimal(row["usd_per_hour"])
            yield Price("azure", row["region"], name, name, rate, "USD", date(2026, 6, 18), AZURE)


def gcp(folder: Path) -> Iterator[Price]:
    """Read machine types' prices: on demand, spot and with commitments, which are published by the month."""
    text = (folder / "gcp-pricing-2026-07-30.yml").read_text(encoding="utf-8")
    # Every scalar as text: a float would not be the number that was written.
    known = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506  makes nothing but text, lists and mappings
    for name, machine in known["compute"]["instance"].items():
        for region, cost in (machine.get("cost") or {}).items():
            yield Price(
                "gcp",
                region,
                name,
                name,
                _number(cost.get("hour")),
                "USD",
                date(2026, 7, 30),
                GCP,
                vcpu=_number(machine.get("cpu")),
                memory_gib=_number(machine.get("ram")),
                spot=_number(cost.get("hour_spot")),
                commitment_1y=_by_the_hour(cost.get("month_1y")),
                commitment_3y=_by_the_hour(cost.get("month_3y")),
            )


def _number(text: str | None) -> Decimal | None:
    """Read an amount; a price of 0 stands for one that is not offered."""
    return Decimal(text) if text and Decimal(text) else None


def _by_the_hour(month: str | None) -> Decimal | None:
    amount = _number(month)
    return None if amount is None else a_unit(amount, HOURS_A_MONTH)


FILES: tuple[Callable[[Path], Iterator[Price]], ...] = (aws, azure, gcp)


def main(folder: Path) -> None:
    """Write the snapshot."""
    count = write(one for read in FILES for one in read(folder))
    click.echo(f"{FILE}: {count:,} prices, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
