"""Bills over the network become deliveries like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from finops.errors import CostsError
from jobs import collect, fetching
from jobs.fetching import Fetched
from jobs.sources import SourceEntry

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName"


def _bill(month: int, cost: str) -> str:
    return f"{HEADER}\n2026-{month:02}-01T00:00:00Z,2026-{month:02}-02T00:00:00Z,USD,{cost},{cost},AWS,EC2\n"


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A place that bills are fetched from: text by version, and `error` for one that breaks off."""
    held: dict[str, str] = {}

    def fetch(entry: SourceEntry, folder: Path, known: Callable[[str], bool]) -> Iterator[Fetched]:
        del entry
        for version, text in held.items():
            if text == "error":
                message = "The second page did not come: try again."
                raise CostsError(message)
            if not known(version):
                file = folder / f"{version}.csv"
                file.write_text(text)
                yield Fetched(version, (file,))

    monkeypatch.setattr(fetching, "_fetcher", lambda _: fetch)
    return held


def _collect(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "sources.yaml"
    file.write_text("sources: [{name: far, bills: 's3://bucket/prefix'}]")
    found = collect.run(sources=str(file))["sources"]["far"]
    assert isinstance(found, dict)
    return found


def test_each_version_is_fetched_and_loaded_once(shelf: dict[str, str], tmp_path: Path, database: Path) -> None:
    """The next time only what is new is brought."""
    shelf["august-1"] = _bill(8, "1")
    assert _collect(tmp_path) == {"status": "collected", "rows": 1, "loaded": 1, "unchanged": 0}
    shelf["august-2"], shelf["september-1"] = _bill(8, "2"), _bill(9, "3")
    assert _collect(tmp_path)["loaded"] == 2
    assert _collect(tmp_path) == {"status": "collected", "rows": 0, "loaded": 0, "unchanged": 0}


def test_what_came_before_a_failure_stays_and_the_rest_is_fetched_next_time(
    shelf: dict[str, str], tmp_path: Path, database: Path
) -> None:
    """A failed page fails its period, not the ones before it."""
    shelf["august-1"], shelf["september-1"] = _bill(8, "1"), "error"
    with pytest.raises(CostsError, match="The second page did not come"):
        _collect(tmp_path)
    shelf["september-1"] = _bill(9, "3")
    assert _collect(tmp_path)["loaded"] == 1
