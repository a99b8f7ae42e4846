"""What is missing is told by name; the role that we ship allows what we ask, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import jobs.providers.azure
from jobs.doctor import Check, examine
from jobs.providers.azure import permissions
from jobs.providers.azure.items import READERS
from jobs.sources import SourceEntry

ROLE = json.loads((Path(jobs.providers.azure.__file__).parent / "role.json").read_text())
ALLOWED = [*ROLE["Actions"], *ROLE["DataActions"]]
HOLDS = json.loads((Path(__file__).parent / "recorded" / "resources.json").read_text())
CALLS = {
    "Microsoft.Authorization/permissions": "Microsoft.Authorization/permissions/read",
    "Microsoft.Consumption/usageDetails": "Microsoft.Consumption/usageDetails/read",
    "Microsoft.Consumption/budgets": "Microsoft.Consumption/budgets/read",
    "Microsoft.CostManagement/query": "Microsoft.CostManagement/query/read",
    "Microsoft.ResourceGraph": "Microsoft.ResourceGraph/resources/read",
    "metrics:getBatch": "Microsoft.Insights/metrics/read",
    "/exports/": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "/exports?": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "/subscriptions?": "Microsoft.Resources/subscriptions/read",
}
"""A part of each address that is asked, and what Azure asks for in turn."""
XML = {"Content-Type": "application/xml"}
BLOBS = """<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="exports"><Blobs><Blob>
<Name>a.csv</Name><Properties><Content-Length>9</Content-Length><Etag>1</Etag><BlobType>BlockBlob</BlobType>
</Properties></Blob></Blobs></EnumerationResults>"""
BYTE = {"Content-Type": "text/csv", "Content-Range": "bytes 0-0/9", "ETag": "1", "x-ms-blob-type": "BlockBlob"}
ENTRIES = (
    SourceEntry(name="bills", bills="azure-usage://subscriptions/s-1"),
    SourceEntry(name="exports", bills="azure-blob://costs/exports/daily"),
    SourceEntry(name="resources", provider="azure", inventory="live"),
)


@pytest.fixture
def cloud(azure: Any) -> Any:  # noqa: ANN401  of conftest
    """Azure that answers whatever it is asked, and knows an identity that holds our role."""
    _allow(azure, ALLOWED)
    answers = {
        "Microsoft.Consumption/usageDetails": {"value": []},
        "Microsoft.Consumption/budgets": {"value": []},
        "Microsoft.CostManagement/query": {
            "properties": {"columns": [{"name": "Cost"}, {"name": "Currency"}], "rows": []}
        },
        "Microsoft.ResourceGraph": {"totalRecords": len(HOLDS), "count": len(HOLDS), "data": HOLDS},
        "metrics:getBatch": {"values": []},
        "/subscriptions?": {"value": [{"subscriptionId": "s-1", "displayName": "Shop", "state": "Enabled"}]},
    }
    for part, answer in answers.items():
        azure.will(part, answer)
    azure.will("/exports?", BLOBS, headers=XML)
    azure.will("/exports/a.csv", "D", headers=BYTE)
    return azure


def _allow(azure: Any, actions: list[str]) -> None:  # noqa: ANN401
    azure.answers.pop("Microsoft.Authorization/permissions", None)
    azure.will("Microsoft.Authorization/permissions", {"value": [{"actions": actions, "notActions": []}]})


def _missing(checks: list[Check]) -> set[str | None]:
    return {one.missing for one in checks if not one.well}


def test_with_our_role_everything_works(cloud: Any) -> None:  # noqa: ANN401
    """One line for every call that collecting makes."""
    found = list(examine(ENTRIES))
    assert [one for one in found if not one.well] == []
    assert [one.what for one in found] == [
        "read usage details of subscriptions/s-1 (actualcost)",
        "read usage details of subscriptions/s-1 (amortizedcost)",
        "read Azure's own sums of subscriptions/s-1",
        "list the budgets of subscriptions/s-1",
        "read the exports in costs/exports/daily/",
        "list subscriptions",
        "see 15 types of resources in Shop (s-1)",
        "ask Azure Resource Graph",
        "read metrics in westeurope",
    ]


@pytest.mark.parametrize("action", ALLOWED)
def test_a_permission_that_is_taken_away_is_named(cloud: Any, action: str) -> None:  # noqa: ANN401
    """Each that our role holds is needed: without it something is not collected, and that is told, too."""
    calls = [part for part, needed in CALLS.items() if needed == action]
    for part in calls:
        cloud.refuse(part)
    if not calls:  # a type of resources, which Azure leaves out without a word
        _allow(cloud, [one for one in ALLOWED if one != action])
    found = list(examine(ENTRIES if calls else ENTRIES[2:]))
    assert _missing(found) == {action}
    for check in found:
        assert check.well or (check.lost and check.advice and "role.json" in check.advice)


def test_a_subscription_that_is_not_shown_is_told(cloud: Any) -> None:  # noqa: ANN401
    """Beside those that are."""
    entry = SourceEntry(name="resources", provider="azure", inventory="live", accounts=("s-1", "s-9"), services=("vm",))
    found = {one.what: one for one in examine([entry])}
    assert found["see 5 types of resources in Shop (s-1)"].well
    assert "Azure does not show the subscription s-9" in str(found["see the subscription s-9"].advice)


def test_what_azure_says_is_missing_is_passed_on(cloud: Any) -> None:  # noqa: ANN401
    """Its message names the action, which need not be the one that we know of."""
    cloud.refuse("Microsoft.Consumption/budgets", "Microsoft.Consumption/register/action")
    assert _missing(list(examine(ENTRIES))) == {"Microsoft.Consumption/register/action"}


def test_our_role_reads_and_does_nothing_else() -> None:
    """Every action is one that a call of ours takes, or a type that is listed."""
    assert set(ALLOWED) == {*CALLS.values(), *(f"{name}/read" for name in READERS)}
    assert all(one.endswith("/read") for one in ALLOWED)


@pytest.mark.parametrize(
    ("held", "well"),
    [
        ([(["*/read"], [])], True),
        ([(["*"], ["Microsoft.Compute/*"])], False),
        ([(["*"], ["Microsoft.Compute/*"]), (["microsoft.compute/DISKS/*"], [])], True),
        ([(["Microsoft.Compute/disks"], [])], False),
        ([], False),
    ],
)
def test_roles_are_read_as_azure_reads_them(azure: Any, held: list[tuple[list[str], list[str]]], *, well: bool) -> None:  # noqa: ANN401
    """Stars stand for anything; what one role leaves out another may allow."""
    azure.will("permissions", {"value": [{"actions": yes, "notActions": no} for yes, no in held]})
    wanted = "Microsoft.Compute/disks/read"
    assert permissions.missing("s-1", [wanted]) == ([] if well else [wanted])


def test_of_a_billing_account_other_roles_are_advised(cloud: Any) -> None:  # noqa: ANN401
    """Roles of subscriptions say nothing there."""
    account = "providers/Microsoft.Billing/billingAccounts/1234:5678"
    cloud.refuse("billingAccounts", "Microsoft.Billing/billingAccounts/read")
    found = list(examine([SourceEntry(name="bills", bills=f"azure-usage://{account}")]))
    assert _missing(found) == {"Microsoft.Billing/billingAccounts/read"}
    assert "Cost Management + Billing" in str(found[0].advice)


def test_an_empty_folder_and_a_wrong_address_are_told(cloud: Any) -> None:  # noqa: ANN401
    """They are no matter of permissions."""
    cloud.answers.pop("/exports?")
    cloud.will("/exports?", BLOBS.replace("<Content-Length>9", "<Content-Length>0"), headers=XML)
    entries = [SourceEntry(name="bills", bills="azure-usage://"), ENTRIES[1]]
    wrong, empty = examine(entries)
    assert not wrong.well
    assert "is no address of usage details" in str(wrong.advice)
    assert "/exports/daily/ is empty: has the export run yet" in str(empty.advice)
