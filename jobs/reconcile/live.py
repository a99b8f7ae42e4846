"""The providers' own sums of a billing period, asked while one waits: Cost Explorer, Cost Management, BigQuery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any

from finops.errors import BadSettingError
from finops.focus import Metric
from finops.periods import Period
from finops.reconcile import Figure
from jobs.doctor import provider_of
from jobs.sources import SourceEntry, entries
from storage.settings import settings

Sums = dict[str, dict[str, Decimal]]
"""By currency and FOCUS's name of the cost."""
METRICS = {"BilledCost": Metric.BILLED, "EffectiveCost": Metric.EFFECTIVE}


def figures(period: Period, source: str | None = None) -> list[Figure]:
    """Ask the provider of every listed source that can be asked, or of one. Raises CostsError if none can."""
    found = [
        figure
        for entry in entries(settings().sources_file)
        if entry.bills is not None and source in {None, entry.name}
        for figure in _of(entry, period)
    ]
    if not found:
        message = (
            f"No provider can be asked for {period.start:%Y-%m}: the list of sources needs an entry"
            f"{f' “{source}”' if source else ''} with `provider: aws`, or one of azure-usage:// or bigquery://."
        )
        raise BadSettingError(message)
    return found


def _of(entry: SourceEntry, period: Period) -> Iterator[Figure]:
    asked = ASKED.get(entry.provider or provider_of(entry) or "")
    for currency, amounts in (asked(entry, period) if asked else {}).items():
        for name, metric in METRICS.items():
            if name in amounts:
                origin = f"the provider's own {name}"
                yield Figure(entry.name, amounts[name], currency, metric=metric, origin=origin)


def _aws(entry: SourceEntry, period: Period) -> Sums:
    return _called("jobs.providers.aws.explorer", period, profile=entry.profile)


def _azure(entry: SourceEntry, period: Period) -> Sums:
    """Ask for the scope of the address, or for the one subscription that the entry names."""
    if entry.scheme == "azure-usage":
        return _called("jobs.providers.azure.totals", _scope(entry), period)
    if len(entry.accounts) == 1:
        return _called("jobs.providers.azure.totals", f"subscriptions/{entry.accounts[0]}", period)
    return {}


def _scope(entry: SourceEntry) -> str:
    return str(entry.bills).partition("://")[2].partition("?")[0]


def _gcp(entry: SourceEntry, period: Period) -> Sums:
    if entry.scheme != "bigquery":
        return {}
    return _called("jobs.providers.gcp.bigquery", str(entry.bills), f"{period.start:%Y-%m}")


def _called(module: str, *given: Any, **named: Any) -> Sums:  # noqa: ANN401  each provider asks in its own words
    """Call a provider's `monthly_totals`, whose SDK is imported only now."""
    found: Sums = import_module(module).monthly_totals(*given, **named)
    return found


ASKED: dict[str, Callable[[SourceEntry, Period], Sums]] = {"aws": _aws, "azure": _azure, "gcp": _gcp}
