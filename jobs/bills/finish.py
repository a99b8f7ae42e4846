"""What every format needs at the end, whatever its provider."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from finops.focus import COSTS
from finops.money import NO_CURRENCY
from jobs.bills.formats import Format, Stage
from jobs.bills.rules import INSTANT, choose, constant, is_json, measure, utc_clock

PROVIDERS = {"aws": "aws|amazon.*", "azure": "microsoft|azure", "gcp": "google|gcp"}
"""Our short names, by a word of FOCUS's ProviderName."""
USUAL = {"AWS": "aws", "Amazon Web Services": "aws", "Microsoft": "azure", "Google Cloud": "gcp"}
PLACEHOLDERS = ("n/a", "na", "-", "--", "?", "unknown", "undefined", "not applicable")
"""What stands in the place of a currency, beside an empty cell, where its writer knew none."""
CODE = 3
"""Letters of ISO 4217's codes, which are large: `usd` is USD. Other currencies (`credits`) are as they are written."""
EASTERNMOST = 14
"""Hours that the first midnight of a day is ahead of UTC's."""


def stages(form: Format, *, other: bool = False) -> tuple[Stage, ...]:
    """Return all that a format's rows go through, one after the other, up to the charges.

    `other` is of files whose cells are written in the other of two ways (`Format.written`).
    """
    amounts = (*form.amounts, *form.prices)
    again = form.written[2:] if form.written and other else ()
    return (partial(measure, amounts=amounts, moments=form.moments), *again, *form.stages, finish)


def finish(table: ir.Table) -> ir.Table:
    """Do what every format needs at the end.

    Costs that a row lacks are what was billed, and `x_effective_is_billed` says of which rows that is so for the one
    that matters. An amount whose currency is not named is of none (XXX, as ISO 4217 has it), a code of three letters
    is the same in small ones. A billing period that begins at midnight elsewhere is of the month that begins there.
    `x_provider` is our short name. Tags are there only where they are an object.
    """
    costs = {name: ibis.coalesce(table[name], table.BilledCost) for name in COSTS[1:]}
    return table.mutate(
        **costs,
        BillingCurrency=ibis.coalesce(currency(table.BillingCurrency), constant(NO_CURRENCY)),
        PricingCurrency=currency(table.PricingCurrency),
        BillingPeriodStart=_month(table.BillingPeriodStart),
        x_effective_is_billed=table.EffectiveCost.isnull(),
        x_provider=provider_slug(table.ProviderName),
        Tags=_object(table.Tags),
    )


def currency(name: ir.StringValue) -> ir.StringValue:
    """Return a currency as ISO 4217 writes its code; nothing for what only fills its place."""
    word = name.strip()
    written = ibis.ifelse(word.length() == CODE, word.upper(), word)
    return choose((word.lower().isin(PLACEHOLDERS), constant(None)), otherwise=written)


def _month(start: ir.TimestampValue) -> ir.TimestampValue:
    """Return the first of the month where a period begins with it east of Greenwich, in UTC on the day before."""
    clock = utc_clock(start)
    there = clock + ibis.interval(hours=EASTERNMOST)
    first = (there.day() == 1) & (clock != clock.truncate("D"))
    return ibis.ifelse(first, there.truncate("D").cast(INSTANT), start)


def provider_slug(name: ir.StringValue) -> ir.StringValue:
    """Return our short name of a provider: aws, azure, gcp, or its own in small letters, of whatever script."""
    words = name.lower().re_replace(r"[^\p{L}\p{M}\p{N}]+", "-").re_replace("^-|-$", "")
    # As most bills write them; looking for words takes twenty times as long.
    known = [(name == usual, constant(slug)) for usual, slug in USUAL.items()]
    known += [(words.re_search(f"(^|-)({word})(-|$)"), constant(slug)) for slug, word in PROVIDERS.items()]
    return ibis.coalesce(choose(*known, otherwise=words.nullif("")), constant("unknown"))


def _object(text: ir.StringValue) -> ir.StringValue:
    """Return tags that are a JSON object with something in it; the database cannot hold a NUL in one."""
    held = text.strip().replace("\\u0000", "")
    return ibis.ifelse(held.startswith("{") & is_json(held) & (held != "{}"), held, ibis.null("string"))
