"""The asking side of the command line."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from bot.cli import ask
from storage.database import transaction
from storage.models import CostRecord
from tests.bot import ledgers


def test_a_name_of_five_thousand_letters_leaves_the_amounts_in_sight(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what a terminal would obey is left out."""
    del database
    monkeypatch.setattr(gc, "disable", lambda: None)
    with transaction() as session:
        ledgers.fill(session)
        session.execute(update(CostRecord).where(CostRecord.service_name == "S3").values(service_name="\x1b[2J" * 1250))
    told = CliRunner().invoke(ask, ["by service 2026-10"])
    assert told.exit_code == 0, told.output
    assert "$31.00" in told.output
    assert "\x1b" not in told.output
    assert max(map(len, told.output.splitlines())) < 200
