"""The gate is no gate if it can be passed without anything compared."""

from __future__ import annotations

import pytest

from tests.spark import gate


def test_all_compared_passes() -> None:
    """With warnings, as Spark has many."""
    assert gate.judge("=== 4 passed, 31 warnings in 40.11s ===", 0)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("1 failed, 3 passed in 40s", 1),
        ("3 passed, 1 skipped in 40s", 0),
        ("3 passed, 1 error in 40s", 1),
        ("4 passed in 40s", 3),
    ],
)
def test_a_difference_a_skipped_test_and_a_broken_run_fail(said: str, status: int) -> None:
    """One is enough."""
    assert not gate.judge(said, status)


@pytest.mark.parametrize("said", ["4 skipped in 0.1s", "no tests ran in 0.1s", ""])
def test_nothing_compared_is_no_pass(said: str) -> None:
    """Where everything is skipped, pytest itself is content."""
    with pytest.raises(gate.GateError, match="no test ran"):
        gate.judge(said, 0)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.9" 2023-10-17', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("no such thing", 0),
    ],
)
def test_the_version_of_java_is_read_as_it_says_it(said: str, version: int) -> None:
    """Before nine it counted otherwise."""
    assert gate.version(said) == version
