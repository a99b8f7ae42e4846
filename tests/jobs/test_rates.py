"""Files of rates come in whole or not at all, plain or zipped."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from costs import cli
from finops.errors import BadDeliveryError
from finops.rates import ContradictionError, JumpError
from jobs.rates import load
from storage.database import transaction
from storage.models import ExchangeRate

ECB = "Date,USD,GBP,\n2026-11-20,1.0850,0.8421,\n2026-11-19,1.0800,0.8400,\n"


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["rates", *arguments])


def test_the_ecbs_zip_is_read_and_shown(database: Path, tmp_path: Path) -> None:
    """Read again, it changes nothing; the newest rate of each pair is listed."""
    file = tmp_path / "eurofxref-hist.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("eurofxref-hist.csv", ECB)
    assert "4 rates" in run("import", str(file)).stdout
    assert json.loads(run("import", str(file), "--json").stdout)["rates"] == 4
    shown = json.loads(run("show", "--json").stdout)
    assert [(one["quote"], one["rate"].rstrip("0"), one["day"]) for one in shown] == [
        ("GBP", "0.8421", "2026-11-20"),
        ("USD", "1.085", "2026-11-20"),
    ]
    assert "1 EUR =" in run("show").stdout


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of one's own, by the same name each time."""

    def write(*rows: str) -> Path:
        file = tmp_path / "own.csv"
        file.write_text("\n".join(["date,base,quote,rate", *rows, ""]))
        return file

    return write


def _shown() -> list[tuple[str, str, str]]:
    shown = json.loads(run("show", "--json").stdout)
    return [(one["base"], one["rate"].rstrip("0"), one["source"]) for one in shown]


def test_a_corrected_rate_replaces_the_old_one_if_that_is_wanted(database: Path, own: Callable[..., Path]) -> None:
    """Of the same day, pair and source; else it is a contradiction, and what is kept stays, all of it."""
    load(own("2026-11-20,usd,eur,0.9"))
    load(own("2026-11-20,USD,EUR,0.900"))
    contradicting = own("2026-11-19,USD,EUR,0.89", "2026-11-20,USD,EUR,0.91")
    with pytest.raises(
        ContradictionError, match=r"own\.csv says two things of the rate from USD to EUR: 1 USD = 0\.9 "
    ):
        load(contradicting)
    assert _shown() == [("USD", "0.9", "own.csv")]
    assert "2 rates" in run("import", "--anyway", str(contradicting)).stdout
    assert _shown() == [("USD", "0.91", "own.csv")]


def test_a_rate_that_contradicts_a_kept_one_turned_around_is_refused(database: Path, own: Callable[..., Path]) -> None:
    """0.9 in both directions is a mistake; 1.11 is the same rate, rounded."""
    load(own("2026-11-20,USD,EUR,0.9"))
    load(own("2026-11-20,EUR,USD,1.11"))
    load(own("2026-11-21,USD,EUR,0.9"))
    with pytest.raises(ContradictionError, match="between USD and EUR"):
        load(own("2026-11-21,EUR,USD,0.9"))
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(ExchangeRate)) == 3


@pytest.mark.parametrize("rate", ["9.1", "0.05"])
def test_a_rate_that_jumps_has_its_point_in_the_wrong_place(
    rate: str, database: Path, own: Callable[..., Path]
) -> None:
    """Beside what is kept as within a file; months later, money may well be another."""
    load(own("2026-11-19,USD,EUR,0.9"))
    jump = own("2026-11-18,USD,EUR,0.91", f"2026-11-20,USD,EUR,{rate}")
    with pytest.raises(JumpError, match=rf"1 USD = 0\.9 EUR of 2026-11-19, and 1 USD = {rate} EUR of 2026-11-20"):
        load(jump)
    assert _shown() == [("USD", "0.9", "own.csv")]
    load(own(f"2027-11-20,USD,EUR,{rate}"))
    load(jump, anyway=True)
    load(own("2026-11-17,USD,EUR,0.9"))


def test_a_broken_file_keeps_nothing(database: Path, tmp_path: Path) -> None:
    """Neither the rows before the broken one."""
    file = tmp_path / "own.csv"
    file.write_text("date,base,quote,rate\n2026-11-20,USD,EUR,0.9\n2026-11-19,USD,EUR,x\n")
    with pytest.raises(BadDeliveryError, match=r"own\.csv, row 2"):
        load(file)
    assert "No rates are kept" in run("show").stdout
    file.write_bytes(b"PK\x03\x04 damaged")
    with pytest.raises(BadDeliveryError):
        load(file)
    with pytest.raises(BadDeliveryError, match="cannot be read"):
        load(tmp_path / "none.csv")
