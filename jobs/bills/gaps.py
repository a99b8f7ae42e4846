"""What FOCUS wants of every charge and bills leave out: filled when a file is exported, each gap by its rule.

The lake keeps what the provider wrote. An exported file has to pass for FOCUS 1.2 with others, so here a name that is
missing is the id, a currency of prices that is missing is the bill's, and what a tax row may not have it has not.
"""

from __future__ import annotations

from finops import units
from finops.focus import COLUMNS
from jobs.bills.tables import Workbench

TAXED = "ChargeCategory = 'Tax'"
BOUGHT = "ChargeCategory = 'Purchase'"
OWN_INVOICE = (
    "x_provider in ('aws', 'azure', 'gcp') "
    "and regexp_matches(lower(InvoiceIssuerName), '^(amazon web services|aws|microsoft|google)')"
)
"""A provider's own legal name as the issuer of its invoice does not make it a third party."""
ARN = "regexp_extract(ResourceId, '^arn:[^:]*:([^:]+):[^:]*:[^:]*:([a-z-]+)[/:]', ['service', 'kind'])"
RESOURCE_TYPE = f"""case
    when ResourceId is null then null
    when nullif(trim(ResourceType), '') is not null then ResourceType
    when starts_with(ResourceId, 'i-') then 'ec2 instance'
    when starts_with(ResourceId, 'vol-') then 'ec2 volume'
    when {ARN}.kind <> '' then {ARN}.service || ' ' || {ARN}.kind
    when starts_with(ResourceId, 'arn:') then split_part(ResourceId, ':', 3)
    when regexp_matches(ResourceId, '(?i)/providers/[^/]+/[^/]+/')
        then regexp_extract(ResourceId, '(?i)/providers/([^/]+/[^/]+)/', 1)
    when starts_with(ResourceId, '//') then regexp_extract(ResourceId, '/([^/]+)/[^/]+$', 1)
    else coalesce(ServiceName, ServiceCategory, 'Other') end"""
"""From the id: an ARN's, Azure's and Google's say what they name."""
GAPS = {
    "BillingAccountName": "coalesce(BillingAccountName, BillingAccountId)",
    "CommitmentDiscountName": "coalesce(CommitmentDiscountName, CommitmentDiscountId)",
    "ConsumedUnit": "if(ConsumedQuantity is null, null, coalesce(consumed.focus, 'Units'))",
    "InvoiceIssuerName": f"if({OWN_INVOICE}, ProviderName, coalesce(InvoiceIssuerName, ProviderName))",
    "PricingCurrency": "coalesce(PricingCurrency, BillingCurrency)",
    "PricingCurrencyEffectiveCost": "coalesce(PricingCurrencyEffectiveCost, "
    "if(coalesce(PricingCurrency, BillingCurrency) = BillingCurrency, EffectiveCost, null))",
    "PricingQuantity": f"if({TAXED}, null, coalesce(PricingQuantity, if({BOUGHT}, 1, null)))",
    "PricingUnit": f"if({TAXED} or not (PricingQuantity is not null or {BOUGHT}), null, "
    "coalesce(priced.focus, 'Units'))",
    "PublisherName": "coalesce(PublisherName, ProviderName)",
    "RegionName": "if(RegionId is null, null, coalesce(RegionName, RegionId))",
    "ResourceName": "if(ResourceId is null, null, coalesce(ResourceName, ResourceId))",
    "ResourceType": RESOURCE_TYPE,
    "ServiceCategory": "coalesce(ServiceCategory, 'Other')",
    "ServiceName": "coalesce(ServiceName, 'Other')",
    "ServiceSubcategory": "coalesce(ServiceSubcategory, 'Other (' || coalesce(ServiceCategory, 'Other') || ')')",
    "SkuId": f"if({TAXED}, null, SkuId)",
    "SkuMeter": f"if({TAXED}, null, SkuMeter)",
    "SkuPriceId": f"if({TAXED}, null, "
    "if(shared.SkuPriceId is null, charges.SkuPriceId, SkuId || '/' || charges.SkuPriceId))",
    "SubAccountName": "if(SubAccountId is null, null, coalesce(SubAccountName, SubAccountId))",
    "SubAccountType": "if(SubAccountId is null, null, coalesce(SubAccountType, 'Account'))",
}
"""FOCUS's column: what to write in it, by the nullability rules of FOCUS 1.2."""


def filled(bench: Workbench, table: str) -> str:
    """Return a query for FOCUS's columns of a table of charges, with the gaps filled."""
    _units(bench, table)
    columns = ", ".join(f"{GAPS.get(name, f'charges.{name}')} as {name}" for name in COLUMNS)
    return f"""select {columns} from {table} charges
        left join spelled priced on priced.unit = charges.PricingUnit
        left join spelled consumed on consumed.unit = charges.ConsumedUnit
        left join (select SkuPriceId from {table} where SkuPriceId is not null
                   group by 1 having count(distinct SkuId) > 1) shared
        on shared.SkuPriceId = charges.SkuPriceId"""  # noqa: S608  our own text


def _units(bench: Workbench, table: str) -> None:
    """Make the table `spelled`: each unit that the charges use, and FOCUS's spelling of it."""
    used = f"select PricingUnit from {table} union select ConsumedUnit from {table}"  # noqa: S608  our own text
    found = [unit for (unit,) in bench.duck.execute(used).fetchall() if unit is not None]
    bench.duck.execute("create or replace temp table spelled (unit varchar, focus varchar)")
    if found:
        bench.duck.executemany("insert into spelled values (?, ?)", [(unit, units.focus(unit)) for unit in found])
