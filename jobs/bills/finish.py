"""What every format needs at the end, whatever its provider."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from finops.focus import COSTS
from jobs.bills.formats import Format, Stage
from jobs.bills.rules import choose, constant, is_json, measure

PROVIDERS = {"aws": ("aws", "amazon"), "azure": ("microsoft", "azure"), "gcp": ("google", "gcp")}
"""Our short names, by words of FOCUS's ProviderName."""
NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved."""


def stages(form: Format) -> tuple[Stage, ...]:
    """Return all that a format's rows go through, one after the other, up to the charges."""
    amounts = (*form.amounts, *form.prices)
    return (partial(measure, amounts=amounts, moments=form.moments), *form.stages, finish)


def finish(table: ir.Table) -> ir.Table:
    """Do what every format needs at the end.

    Costs that a row lacks are what was billed, and `x_effective_is_billed` says of which rows that is so for the one
    that matters; an amount whose currency is not named is of none (XXX, as ISO 4217 has it); `x_provider` is our short
    name; tags are there only where they are an object.
    """
    costs = {name: ibis.coalesce(table[name], table.BilledCost) for name in COSTS[1:]}
    return table.mutate(
        **costs,
        BillingCurrency=ibis.coalesce(table.BillingCurrency, constant(NO_CURRENCY)),
        x_effective_is_billed=table.EffectiveCost.isnull(),
        x_provider=provider_slug(table.ProviderName),
        Tags=_object(table.Tags),
    )


def provider_slug(name: ir.StringValue) -> ir.StringValue:
    """Return our short name of a provider: aws, azure, gcp, or its own in small letters."""
    lower = name.lower()
    known = [(lower.contains(word), constant(slug)) for slug, words in PROVIDERS.items() for word in words]
    return ibis.coalesce(choose(*known, otherwise=lower.re_replace(r"[^a-z0-9]+", "-")), constant("unknown"))


def _object(text: ir.StringValue) -> ir.StringValue:
    """Return tags that are a JSON object with something in it; the database cannot hold a NUL in one."""
    held = text.strip().replace("\\u0000", "")
    return ibis.ifelse(held.startswith("{") & is_json(held) & (held != "{}"), held, ibis.null("string"))
