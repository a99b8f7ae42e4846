"""What an inventory asked for, and nothing else, is closed when it is missing: the mechanism that all clouds share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finops.resources import Resource
from finops.utilization import daily
from jobs import inventory, kinds
from jobs.providers.answers import Inventory
from jobs.sources import SourceEntry
from storage import resources
from storage.database import transaction

NOW = datetime(2026, 9, 14, 6, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
THINGS = tuple(
    Resource("azure", f"/{kind}", kind, kind, "westeurope", "s1", "running", "?", MADE)
    for kind in ("machine", "disk", "database")
)
ALL = Inventory("azure", (("s1", None),), THINGS)
ENTRY = SourceEntry(name="a", provider="azure", inventory="live")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, database: Path) -> Iterator[list[Inventory]]:
    """Answer with these, one after another."""
    answers: list[Inventory] = []
    monkeypatch.setattr(inventory, "_reader", lambda *_: lambda _entry, at: (at, answers.pop(0))[1])
    yield answers
    assert not answers


def _open() -> set[str]:
    with transaction() as session:
        return {one.resource_type for one in resources.load(session)}


def test_only_the_services_of_the_list_are_kept_and_closed(cloud: list[Inventory]) -> None:
    """A provider that cannot ask for less brings more than is wanted: it is left out."""
    cloud += [ALL, ALL, replace(ALL, resources=())]
    assert inventory.live(ENTRY, at=NOW).resources == 3
    databases = ENTRY.model_copy(update={"services": ("sql",)})
    assert inventory.live(databases, at=LATER).summary() | {"measurements": 0} == {
        "provider": "azure", "scopes": 1, "resources": 1, "closed": 0, "measurements": 0,
    }  # fmt: skip
    assert inventory.live(databases, at=LATER + timedelta(hours=1)).closed == 1
    assert _open() == {"machine", "disk"}


def test_what_is_measured_of_the_unwanted_is_left_out(cloud: list[Inventory]) -> None:
    """With the things themselves."""
    rows = [row for one in THINGS for row in daily(one.resource_id, "cpu", {NOW: 0.5})]
    cloud.append(replace(ALL, utilization=tuple(rows)))
    assert inventory.live(ENTRY.model_copy(update={"services": ("sql",)}), at=NOW).measurements == 1


def test_a_kind_whose_list_failed_closes_nothing_and_is_told(cloud: list[Inventory]) -> None:
    """The others are kept and closed all the same."""
    part = frozenset({("s1", None, "disk")})
    cloud += [ALL, replace(ALL, resources=(), asked=part, failed=("Azure refused the machines.",))]
    inventory.live(ENTRY, at=NOW)
    told = inventory.live(ENTRY, at=LATER).summary()
    assert (told["closed"], told["status"]) == (1, "failed")
    assert told["reason"].startswith("Azure refused the machines. ")
    assert _open() == {"machine", "database"}


@pytest.mark.parametrize("provider", kinds.SERVICES)
def test_services_share_no_kind(provider: str) -> None:
    """Or what one service lists would be gone when the other alone is asked."""
    named = [kind for each in kinds.SERVICES[provider].values() for kind in each]
    assert len(named) == len(set(named))
    assert kinds.wanted(provider, ()) == set(named) == kinds.wanted("aws", ())
