"""What sub accounts are called: the latest name, the bill's own before a list's, and never none instead of one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import accounts
from storage.charges import CostSum
from storage.models import CostRecord, Source
from tests.bot import ledgers

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


@pytest.fixture
def ledger(session: Session) -> Session:
    """The small ledger, its services in an account each, and a source without charges."""
    ledgers.fill(session)
    for service, account in (("EC2", "0001"), ("S3", "0002")):
        session.execute(update(CostRecord).where(CostRecord.service_name == service).values(sub_account_id=account))
    session.add(Source(name="other", provider="aws", format="focus"))
    session.flush()
    return session


def test_the_latest_name_wins_and_none_never_does(ledger: Session) -> None:
    """However often it is told, in whatever order."""
    for _ in range(2):
        accounts.note(ledger, "test", {"0001": " payments ", "0002": "data"}, on=MONDAY)
    accounts.note(ledger, "test", {"0001": "Payments", "0002": " "}, on=TUESDAY)
    accounts.note(ledger, "test", {"0001": "of old"}, on=MONDAY)
    accounts.note(ledger, "other", {"0002": "", "": "nobody"}, on=TUESDAY)
    accounts.note(ledger, "not a source", {"0002": "nobody"}, on=TUESDAY)
    assert accounts.names(ledger) == {"0001": "Payments", "0002": "data"}


def test_what_a_bill_says_counts_more_than_a_list(ledger: Session) -> None:
    """Of its latest period; one that is read again later on changes nothing."""
    accounts.note(ledger, "other", {"0001": "listed", "0002": "listed"}, on=TUESDAY)
    for month, name in ((11, "new"), (10, "old")):
        period = date(2026, month, 1)
        of_month = (CostRecord.billing_period == period) & (CostRecord.sub_account_id == "0001")
        ledger.execute(update(CostRecord).where(of_month).values(sub_account_name=name))
        accounts.note_billed(ledger, "test", period)
    assert accounts.names(ledger) == {"0001": "new", "0002": "listed"}


def test_accounts_that_share_a_name_are_told_apart(ledger: Session) -> None:
    """By their numbers; asked for by the name, both are meant."""
    accounts.note(ledger, "test", {"0001": "Prod", "0002": "prod", "0003": "0003"})
    assert accounts.labels(ledger) == {"0001": "Prod (0001)", "0002": "prod (0002)"}
    assert accounts.ids(ledger)["prod"] == ("0001", "0002")
    assert accounts.ids(ledger)["prod (0002)"] == ("0002",)


def test_sums_are_called_and_stay_as_many_as_they_are(ledger: Session) -> None:
    """Other words of the same letters are no accounts."""
    accounts.note(ledger, "test", {"0001": "prod"})
    told = [
        CostSum({"sub_account_id": account, "service_name": "0001"}, Decimal(1)) for account in ("0001", "0002", None)
    ]
    found = accounts.called(ledger, told)
    assert [tuple(one.key.values()) for one in found] == [("prod", "0001"), ("0002", "0001"), (None, "0001")]
    assert [one.cost for one in found] == [1, 1, 1]
