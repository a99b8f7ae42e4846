"""Currencies and names of a bill that cannot be what they are said to be: refused in a sentence, with their place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finops.errors import BadDeliveryError
from jobs.bills import tables
from jobs.bills.files import File
from jobs.bills.formats import Format
from jobs.bills.tables import Workbench, literal

CURRENCY = re.compile(r"[A-Za-z][A-Za-z0-9 _.-]{0,19}")
LETTERS = {
    "ProviderName": 100,
    **dict.fromkeys(("ServiceName", "ServiceCategory", "RegionId", "PricingUnit", "InvoiceId"), 500),
    **dict.fromkeys(("BillingAccountId", "SubAccountId", "SubAccountName", "SkuId"), 500),
    **dict.fromkeys(("ResourceId", "CommitmentDiscountId"), 2100),
}
"""Of names that people group by, how many letters they may have. Ids of resources are the longest: an ARN has 2,048
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html), all others are far below these."""


def check(bench: Workbench, form: Format, opened: Sequence[File]) -> None:
    """Refuse what can be no currency, and what is no name but a text. Raises BadDeliveryError."""
    _currencies(bench, form, opened)
    _lengths(bench, form, opened)


def _currencies(bench: Workbench, form: Format, opened: Sequence[File]) -> None:
    """Refuse what can be no currency: bills hold placeholders (`MC`) and credits, but no sentences."""
    found = bench.duck.execute("select BillingCurrency, min(x_file) from charges group by 1 order by 2").fetchall()
    wrong = next(((name, number) for name, number in found if not CURRENCY.fullmatch(name)), None)
    if wrong:
        name, number = wrong
        row, _ = tables.misread(bench, form, number, where=f"BillingCurrency = {literal(name)}")
        problem = f"expected a currency's code, such as EUR, found “{name[:40]}”: export the file anew."
        raise BadDeliveryError(opened[number].name, problem, row=row, column="BillingCurrency")


def _lengths(bench: Workbench, form: Format, opened: Sequence[File]) -> None:
    """Refuse names that no provider gives: the database could not index them, and nobody read them."""
    longest = ", ".join(f"max(length({name}))" for name in LETTERS)
    found = bench.duck.execute(f"select {longest} from charges").fetchone()  # noqa: S608  names of ours
    for (name, most), length in zip(LETTERS.items(), found or (), strict=True):
        if length and length > most:
            where = f"length({name}) = {length}"
            file = bench.duck.execute(f"select x_file, {name} from charges where {where} limit 1").fetchone()  # noqa: S608
            assert file  # noqa: S101  the longest is there
            row, _ = tables.misread(bench, form, file[0], where=where)
            problem = f"expected a name of at most {most} letters, found {length:,}, beginning with “{file[1][:40]}”"
            raise BadDeliveryError(opened[file[0]].name, f"{problem}: export the file anew.", row=row, column=name)
