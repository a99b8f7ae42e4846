"""What must hold before the demo may start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from finops.errors import UnavailableError
from jobs.demo import guard


def test_a_second_demo_in_the_same_home_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    """The lock goes with the process, so nothing has to be tidied up after one that was killed."""
    refused = pytest.raises(UnavailableError, match=f"process {os.getpid()}")
    with guard.alone(tmp_path), refused, guard.alone(tmp_path):
        pytest.fail("two demos ran in one home")
    with guard.alone(tmp_path):
        pass


def test_a_full_disk_is_for_the_sentence_that_tells_of_it_not_for_the_lock(tmp_path: Path) -> None:
    """The lock needs no room; only its note of who holds it does."""
    (tmp_path / "demo.lock").symlink_to("/dev/full")
    with guard.alone(tmp_path):
        pass


def test_a_port_is_taken_from_the_first_moment_so_that_two_demos_do_not_find_the_same_one_free() -> None:
    """The second takes another one, or is told at once if somebody insists."""
    with guard.hold(0, chosen=False) as first:
        taken = guard.number(first)
        with guard.hold(taken, chosen=False) as second:
            assert guard.number(second) != taken
        with pytest.raises(UnavailableError, match=f"Port {taken} is taken"):
            guard.hold(taken, chosen=True)
    with guard.hold(taken, chosen=True) as again:
        assert guard.number(again) == taken
