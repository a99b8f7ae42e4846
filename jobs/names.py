"""What sub accounts are called, noted beside a delivery: a nicety, which never changes what is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from finops.periods import Period
from storage import accounts
from storage.database import transaction

if TYPE_CHECKING:
    from jobs.bills.results import Ingested

NONE: Mapping[str, str] = MappingProxyType({})


def note(done: Ingested, listed: Mapping[str, str] = NONE) -> None:
    """Keep the names that the loaded periods tell, and those (by id) that the provider lists."""
    with transaction() as session:
        for one in done.periods:
            if one.status == "loaded":
                accounts.note_billed(session, done.source, Period.billing(one.billing_period).start)
        if not done.rejected:
            accounts.note(session, done.source, listed)
