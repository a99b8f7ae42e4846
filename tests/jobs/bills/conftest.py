"""Where the bills of these tests go."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def file(home: Path, tmp_path: Path) -> Path:
    """Where a bill goes."""
    del home
    return tmp_path / "bill"
