"""The first question is not the slow one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import warming
from bot.questions import CostQuestion
from storage.settings import settings


def test_warming_asks_as_a_person_would(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an empty ledger, too."""
    asked: list[CostQuestion] = []
    draft = warming.cost.draft
    monkeypatch.setattr(
        warming.cost, "draft", lambda session, question: (asked.append(question), draft(session, question))[1]
    )
    warming.warm()
    assert asked


def test_a_database_that_does_not_answer_is_no_matter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks first is told."""
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    settings.cache_clear()
    warming.in_background().join(timeout=30)
