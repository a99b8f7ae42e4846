"""What a test does whose counterpart is not there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def absent(reason: str, *, reachable: bool) -> NoReturn:
    """Skip the test; under CI fail it, if this machine could have brought what it needs."""
    if reachable and os.environ.get("CI"):
        pytest.fail(f"{reason}. Under CI nothing is left out that could run.")
    pytest.skip(reason)
