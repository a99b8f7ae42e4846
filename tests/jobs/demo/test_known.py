"""What the fictional company's people wrote down."""

from __future__ import annotations

from pathlib import Path

from jobs.demo import known
from storage.budgets import budgets


def test_its_budgets_are_read_and_those_that_somebody_changed_stay(tmp_path: Path) -> None:
    """However often the demo runs."""
    known.budget(tmp_path)
    assert [one.name for one in budgets(tmp_path)] == ["company", "payments", "data"]
    (tmp_path / "budgets.yaml").unlink()
    (tmp_path / "budgets.csv").write_text("name,amount,currency,owner,team\nmine,1,USD,me@acme.test,\n")
    known.budget(tmp_path)
    assert [one.name for one in budgets(tmp_path)] == ["mine"]
