"""A bill names its accounts, however it comes in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from finops.errors import CostsError
from jobs import collect
from jobs.cli.bills import ingest
from storage import accounts
from storage.database import transaction
from storage.models import CostRecord

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,"
HEADER += "SubAccountId,SubAccountName"


def _bill(folder: Path, month: int, *named: str) -> Path:
    when = f"2026-{month:02}-01T00:00:00Z,2026-{month:02}-02T00:00:00Z"
    file = folder / f"{month}.csv"
    file.write_text("\n".join([HEADER, *(f"{when},USD,2,2,AWS,EC2,{one}" for one in named)]) + "\n")
    return file


def _names() -> dict[str, str]:
    with transaction() as session:
        return accounts.names(session)


def test_a_file_that_is_read_by_hand_names_its_accounts(tmp_path: Path, database: Path) -> None:
    """The latest month counts, and one without names takes none away; what was billed stays."""
    for month, named in ((9, ("01,shop", "02,")), (8, ("01,old shop", "02,data")), (10, ("01,",))):
        done = CliRunner().invoke(ingest, ["focus", str(_bill(tmp_path, month, *named)), "--source", "payer"])
        assert done.exit_code == 0, done.output
    assert _names() == {"01": "shop", "02": "data"}
    with transaction() as session:
        assert session.scalar(select(func.sum(CostRecord.billed_cost))) == Decimal(10)


def test_files_of_the_list_of_sources_name_their_accounts(tmp_path: Path, database: Path) -> None:
    """As they are collected."""
    _bill(tmp_path, 9, "01,shop")
    (tmp_path / "sources.yaml").write_text("sources: [{name: payer, bills: '*.csv'}]")
    collect.run(sources=str(tmp_path / "sources.yaml"))
    assert _names() == {"01": "shop"}


def test_a_recorded_list_of_accounts_names_what_a_bill_numbers(tmp_path: Path, database: Path) -> None:
    """What the bill itself says counts more; of accounts that it lacks nothing is lost."""
    _bill(tmp_path, 9, "01,", "02,shop")
    (tmp_path / "sources.yaml").write_text("sources: [{name: payer, bills: '*.csv', names: told/ListAccounts.json}]")
    with pytest.raises(CostsError, match=r"There is no .*ListAccounts.json: record it with `aws organizations"):
        collect.run(sources=str(tmp_path / "sources.yaml"))
    (tmp_path / "told").mkdir()
    listed = tmp_path / "told" / "ListAccounts.json"
    listed.write_text('{"Accounts": [{"Id": "01", "Name": "payments-prod"}, {"Id": "02", "Name": "other"}]}')
    collect.run(sources=str(tmp_path / "sources.yaml"))
    assert _names() == {"01": "payments-prod", "02": "shop"}
    listed.write_text('{"Groups": []}')
    with pytest.raises(CostsError, match=r"ListAccounts.json of AWS answered without 'Accounts'"):
        collect.run(sources=str(tmp_path / "sources.yaml"))
