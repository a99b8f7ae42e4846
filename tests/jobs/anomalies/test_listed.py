"""What is known of the ledger's anomalies, at the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from finops.anomalies.feedback import Verdict
from finops.anomalies.scopes import Of, Scope
from finops.errors import UnknownWordError
from jobs.cli.anomalies import anomalies as command
from storage import anomalies
from storage.database import transaction
from storage.models import Anomaly, Source

TODAY = datetime.now(UTC).date()


def _known(name: str, *, ago: int, days: int | None = None, **changes: Any) -> str:  # noqa: ANN401  a row's values
    """Write one down that began so many days ago and took so many, or lasts."""
    first = TODAY - timedelta(days=ago)
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="123", service_name=name)
    values = {
        "scope": scope.written(), "currency": "USD", "kind": "spike", "rising": True, "first_day": first,
        "end_day": first + timedelta(days=days or ago), "months": 40.0, "lasts": days is None, "rule": "default",
        "expected": Decimal(800), "actual": Decimal(1100), "excess": Decimal(300), "excess_so_far": Decimal(900),
        "monthly": Decimal("9131.25"), "sentence": "SKU NatGateway-Bytes +$290.00, more used.",
    } | changes  # fmt: skip
    with transaction() as session:
        row = Anomaly(**values)
        session.add(row)
        session.flush()
        return str(row.id)


def _said(*words: str) -> str:
    found = CliRunner().invoke(command, [*words], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_what_lasts_or_ended_lately_is_listed_the_newest_first(database: Path) -> None:
    """All the rest on demand; what was merged or withdrawn never."""
    del database
    _known("Old", ago=90, days=3)
    _known("Lasting", ago=80)
    parent = _known("Late", ago=10, days=3)
    _known("Side", ago=10, days=3, merged_into=parent)
    _known("Withdrawn", ago=9, days=3, withdrawn_at=datetime.now(UTC))
    names = [line.partition("  ")[2] for line in _said().splitlines()[::3]]
    assert names == ["Late in 123, AWS", "Lasting in 123, AWS"]
    assert "Old in 123" in _said("--all")
    assert "Withdrawn" not in _said("--all")


def test_what_lasted_when_its_bills_ended_is_said_to_have_no_data_since_and_leaves_the_list(database: Path) -> None:
    """A closed account's last event would last forever; what other bills tell goes on."""
    del database
    gone = _known("Gone", ago=80, end_day=TODAY - timedelta(days=40))
    _known("There", ago=80)
    assert "Gone" in _said()  # no bill is settled, so nobody knows that one ended
    with transaction() as session:
        session.add(Source(name="payer", provider="aws", format="focus", settled_through=TODAY - timedelta(days=2)))
    assert "Gone" not in _said()
    assert "There in 123, AWS" in _said()
    ended = TODAY - timedelta(days=40)
    assert f"There is no data since {ended:%-d %b %Y}: its bills ended" in _said("show", gone)


def test_a_line_says_since_when_how_much_and_why(database: Path) -> None:
    """And what people said of it."""
    del database
    chosen = _known("EC2", ago=5)
    with transaction() as session:
        anomalies.say(session, anomalies.named(session, chosen), Verdict.REAL, who="ULEAD")
    first = TODAY - timedelta(days=5)
    assert _said() == (
        f"{chosen[:8]}  EC2 in 123, AWS\n"
        f"          since {first:%-d %b %Y}: +$300.00 a day, +$900.00 so far; spike, real\n"
        "          SKU NatGateway-Bytes +$290.00, more used.\n"
    )


def test_scripts_read_amounts_as_text(database: Path) -> None:
    """Never as floats; the scope as an object."""
    del database
    chosen = _known("EC2", ago=5, days=2)
    [one] = json.loads(_said("--json"))
    assert one == json.loads(_said("show", chosen, "--json"))
    assert one["id"] == chosen
    assert one["scope"] == {"of": "service", "provider": "aws", "sub_account_id": "123", "service_name": "EC2"}
    assert Decimal(one["excess"]) == 300
    assert (one["kind"], one["lasts"], one["verdict"], one["shows_in"]) == ("spike", False, None, [])


def test_one_is_told_whole_by_the_beginning_of_its_id(database: Path) -> None:
    """Where it shows as well, too."""
    del database
    chosen = _known("EC2", ago=5)
    _known("EC2-other", ago=5, merged_into=chosen)
    told = _said("show", chosen[:8].upper())
    assert told.startswith("EC2 in 123, AWS costs $300.00 a day more than expected.\n$900.00 above expected so far")
    assert "as comes about once in 40 months there." in told
    assert "It shows in EC2-other in 123, AWS as well." in told
    assert f"Id: {chosen}" in told


@pytest.mark.parametrize("text", ["", "nothing", "%", "_"])
def test_an_id_that_is_none_is_told_so(database: Path, text: str) -> None:
    """Two that begin alike as well."""
    del database
    _known("EC2", ago=5)
    _known("S3", ago=5)
    with pytest.raises(UnknownWordError, match="costs anomalies --all"):
        _said("show", text)


def test_where_nothing_is_known_what_to_do_is_told(database: Path) -> None:
    """As JSON, an empty list."""
    del database
    assert "Nothing was out of order in the last 30 days" in _said()
    assert "`costs run anomalies`" in _said("--all")
    assert json.loads(_said("--json")) == []


def test_a_file_without_a_place_for_its_days_is_refused(tmp_path: Path) -> None:
    """And the other way round."""
    for words in (["--series", str(tmp_path / "in.csv")], ["--out", str(tmp_path / "out.csv")]):
        found = CliRunner().invoke(command, words)
        assert found.exit_code == 2
        assert "belong together" in found.output
