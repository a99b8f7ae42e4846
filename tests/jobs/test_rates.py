"""Files of rates come in whole or not at all, plain or zipped."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from costs import cli
from finops.errors import BadDeliveryError
from jobs.rates import load

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


def test_a_corrected_rate_replaces_the_old_one(database: Path, tmp_path: Path) -> None:
    """Of the same day, pair and source."""
    file = tmp_path / "own.csv"
    for rate in ("0.9", "0.91"):
        file.write_text(f"date,base,quote,rate\n2026-11-20,usd,eur,{rate}\n")
        load(file)
    shown = json.loads(run("show", "--json").stdout)
    assert [(one["base"], one["rate"].rstrip("0"), one["source"]) for one in shown] == [("USD", "0.91", "own.csv")]


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
