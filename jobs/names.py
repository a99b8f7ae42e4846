"""What sub accounts are called, noted beside a delivery: a nicety, which never changes what is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from finops.periods import Period
from jobs.providers.answers import BadAnswerError, Recorded, reading
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


def recorded(file: Path) -> dict[str, str]:
    """Return the names by account of a recorded `aws organizations list-accounts`. Raises BadAnswerError.

    Of pages that are files beside each other (`ListAccounts-1.json`) the file is the one without a number, which need
    not be there.
    """
    found: dict[str, str] = {}
    pages = list(Recorded(file.parent).pages(file.stem))
    if not pages:
        message = f"There is no {file}: record it with `aws organizations list-accounts`, or leave `names` out."
        raise BadAnswerError(message)
    with reading(f"{file.name} of AWS"):
        for page in pages:
            found |= {str(one["Id"]): str(one.get("Name") or "") for one in page["Accounts"]}
    return found
