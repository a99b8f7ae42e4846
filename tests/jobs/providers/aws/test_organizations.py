"""Accounts are called as AWS Organizations calls them, where their bill tells a number only."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from jobs import fetching
from jobs.providers.aws.clients import client
from jobs.sources import SourceEntry
from storage import accounts
from storage.database import transaction
from storage.models import CostRecord

ENTRY = SourceEntry(name="payer", bills="s3://bills/e")
HEADER = "bill_billing_period_start_date,line_item_usage_start_date,line_item_currency_code,line_item_line_item_type,"
HEADER += "line_item_unblended_cost,line_item_usage_account_id"


@pytest.fixture
def organization(aws: str) -> dict[str, str]:
    """An organization of three accounts: their ids by name."""
    del aws
    asked = client("organizations")
    asked.create_organization(FeatureSet="ALL")
    made = {
        name: asked.create_account(AccountName=name, Email=f"{name}@example.com") for name in ("payments", "search")
    }
    return {name: str(one["CreateAccountStatus"]["AccountId"]) for name, one in made.items()}


def _deliver(s3: Any, account: str, cost: str, *, name: str | None = None) -> None:  # noqa: ANN401
    body = f"{HEADER}{',line_item_usage_account_name' if name else ''}\n"
    body += f"2026-08-01T00:00:00Z,2026-08-02T00:00:00Z,USD,Usage,{cost},{account}{f',{name}' if name else ''}\n"
    s3.put_object(Bucket="bills", Key="e/BILLING_PERIOD=2026-08/part.csv", Body=body)


def _names() -> dict[str, str]:
    with transaction() as session:
        return accounts.names(session)


def test_a_delivery_brings_the_names_of_its_accounts(
    s3: Any,  # noqa: ANN401
    organization: dict[str, str],
    database: Path,
) -> None:
    """Whatever was known before is renamed, and the total is the bill's own."""
    account = organization["payments"]
    _deliver(s3, account, "3.5")
    assert fetching.collect(ENTRY) == {"status": "collected", "rows": 1, "loaded": 1, "unchanged": 0}
    assert _names()[account] == "payments"
    assert _names()[organization["search"]] == "search"
    with transaction() as session:
        accounts.note(session, "payer", {account: "Payments of old"})
    _deliver(s3, account, "4")
    fetching.collect(ENTRY)
    assert _names()[account] == "payments"
    with transaction() as session:
        assert session.scalar(select(func.sum(CostRecord.billed_cost))) == Decimal(4)


def test_what_the_bill_itself_says_counts_more(
    s3: Any,  # noqa: ANN401
    organization: dict[str, str],
    database: Path,
) -> None:
    """It is what its readers know."""
    account = organization["payments"]
    _deliver(s3, account, "3.5", name="Payments EU")
    fetching.collect(ENTRY)
    assert _names()[account] == "Payments EU"


def test_without_the_permission_the_bill_is_collected_and_the_run_says_what_it_lacks(
    s3: Any,  # noqa: ANN401
    organization: dict[str, str],
    aws: str,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the permission's name; what is known stays."""
    _deliver(s3, organization["payments"], "3.5")
    fetching.collect(ENTRY)
    _deliver(s3, organization["payments"], "4")
    _permit(aws, monkeypatch, "s3:GetObject", "s3:ListBucket")
    try:
        found = fetching.collect(ENTRY)
    finally:
        httpx.post(f"{aws}/moto-api/reset-auth", content=b"inf")
    assert (found["status"], found["loaded"]) == ("collected", 1)
    assert "allow organizations:ListAccounts to this role" in found["note"]
    assert "Only an organization's management account" in found["note"]
    assert found["note"].endswith("their numbers stand instead.")
    assert _names()[organization["payments"]] == "payments"


def _permit(aws: str, monkeypatch: pytest.MonkeyPatch, *actions: str) -> None:
    """Let the credentials do these actions and nothing else, from now on."""
    iam = client("iam")
    iam.create_user(UserName="costs")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_user_policy(UserName="costs", PolicyName="read", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="costs")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    httpx.post(f"{aws}/moto-api/reset-auth", content=b"0")
