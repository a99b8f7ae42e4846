"""What is missing is told by name; the role that we ship allows what we ask, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from google.cloud import asset_v1, billing_v1, monitoring_v3, resourcemanager_v3
from google.cloud.billing import budgets_v1
from google.rpc import code_pb2, error_details_pb2

import jobs.providers.gcp
from jobs.doctor import Check, examine
from jobs.providers.gcp import clients
from jobs.sources import SourceEntry

ROLE = yaml.safe_load((Path(jobs.providers.gcp.__file__).parent / "role.yaml").read_text())["includedPermissions"]
TABLE = "bigquery://shop.billing.gcp_billing_export_resource_v1_0A1B2C_3D4E5F_6A7B8C?since=2026-08"
STANDARD = "bigquery://shop.billing.gcp_billing_export_v1_0A1B2C_3D4E5F_6A7B8C"
ENTRIES = (SourceEntry(name="bills", bills=TABLE), SourceEntry(name="resources", provider="gcp", inventory="live"))
METHODS = {
    "billing.accounts.list": "ListBillingAccounts",
    "billing.budgets.list": "ListBudgets",
    "billing.resourceAssociations.list": "ListProjectBillingInfo",
    "cloudasset.assets.listResource": "ListAssets",
    "monitoring.timeSeries.list": "ListTimeSeries",
    "resourcemanager.projects.get": "SearchProjects",
}
"""Google's documentation of each method names the permission."""
SAID = {
    "bigquery.tables.get": (
        "GET",
        "Permission bigquery.tables.get denied on table shop:billing.t (or it may not exist).",
    ),
    "bigquery.jobs.create": (
        "POST",
        "Access Denied: Project shop: User does not have bigquery.jobs.create permission in project shop.",
    ),
    "bigquery.tables.getData": (
        "POST",
        "Access Denied: Table t: User does not have permission to query table t, or perhaps it does not exist.",
    ),
}
"""As BigQuery words it."""
FOR_THE_QUOTA = {"serviceusage.services.use"}
"""Asked for beside every call, by no call of its own."""


@pytest.fixture
def google(cloud: Any, replay: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Google that answers whatever it is asked."""
    project = resourcemanager_v3.Project(name="projects/123", project_id="web", state="ACTIVE")
    cloud.pages("SearchProjects", resourcemanager_v3.SearchProjectsResponse(projects=[project]))
    cloud.pages("ListAssets", asset_v1.ListAssetsResponse())
    cloud.pages("ListTimeSeries", monitoring_v3.ListTimeSeriesResponse())
    cloud.pages("ListBudgets", budgets_v1.ListBudgetsResponse())
    cloud.pages("ListProjectBillingInfo", billing_v1.ListProjectBillingInfoResponse())
    cloud.pages("ListBillingAccounts", billing_v1.ListBillingAccountsResponse())
    return cloud, replay


def _refuse(google: tuple[Any, Any], permission: str) -> None:
    cloud, replay = google
    if permission in METHODS:
        cloud.refuse(METHODS[permission], permission)
        return
    part, text = SAID[permission]
    answer = {"error": {"code": 403, "message": text, "errors": [{"message": text, "reason": "accessDenied"}]}}
    replay.once(part, 403, answer)


def _failed(*entries: SourceEntry) -> list[Check]:
    return [one for one in examine(entries) if not one.well]


def test_with_the_role_all_is_well(google: tuple[Any, Any]) -> None:
    """Every call that collecting makes is tried once, and only dry queries are sent."""
    cloud, replay = google
    found = list(examine(ENTRIES))
    assert [one for one in found if not one.well] == []
    assert "looking for new rows reads 0 bytes, about USD 0.0000" in found[1].what
    assert {name for name, _ in cloud.asked} == set(METHODS.values())
    assert all(one["dryRun"] for one in replay.queries())


@pytest.mark.parametrize("permission", sorted(set(ROLE) - FOR_THE_QUOTA))
def test_each_permission_of_the_role_is_missed_by_name(google: tuple[Any, Any], permission: str) -> None:
    """With what is therefore not collected; so the role has none that we do without."""
    _refuse(google, permission)
    (check,) = _failed(*ENTRIES)
    assert check.missing == permission
    assert check.lost
    assert "role.yaml" in str(check.advice)


def test_the_role_holds_all_that_is_asked() -> None:
    """And nothing that changes anything."""
    assert set(ROLE) == {*METHODS, *SAID} | FOR_THE_QUOTA
    writing = {one for one in ROLE if not one.endswith((".get", ".list", ".getData", ".listResource", ".use"))}
    assert writing == {"bigquery.jobs.create"}  # a query is a job


def test_an_interface_that_is_switched_off_is_no_missing_permission(google: tuple[Any, Any]) -> None:
    """It is switched on by a command."""
    off = error_details_pb2.ErrorInfo(reason="SERVICE_DISABLED", metadata={"service": "cloudasset.googleapis.com"})
    google[0].once("ListAssets", code_pb2.PERMISSION_DENIED, "Cloud Asset API has not been used in project 1", off)
    (check,) = _failed(ENTRIES[1])
    assert (check.missing, check.advice) == (
        None,
        "Switch the interface on: gcloud services enable cloudasset.googleapis.com.",
    )


def test_the_standard_and_the_detailed_export_of_an_account_are_not_both_collected(google: tuple[Any, Any]) -> None:
    """They hold the same costs."""
    first = _failed(*ENTRIES, SourceEntry(name="again", bills=STANDARD))[0]
    assert first.lost == "nothing, but its costs would count twice"
    assert str(first.advice).startswith("Remove bills or again from the list")


def test_without_credentials_it_is_told_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence for each entry."""
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415  slow

    def nobody(*_: object) -> None:
        message = "Your default credentials were not found."
        raise DefaultCredentialsError(message)

    for name in ("bigquery", "projects"):
        monkeypatch.setattr(clients, name, nobody)
    found = _failed(*ENTRIES)
    assert len(found) == 2
    assert all("run `gcloud auth application-default login`" in str(one.advice) for one in found)


def test_an_address_that_is_wrong_is_told(google: tuple[Any, Any]) -> None:
    """As a check that did not go well."""
    (check,) = _failed(SourceEntry(name="bills", bills="bigquery://shop"))
    assert "no address of a billing export" in str(check.advice)
