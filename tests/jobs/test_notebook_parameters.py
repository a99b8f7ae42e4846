"""Parameter names are an allow-list, and types are held to: a name can never become code."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.execution.parameters import BadParameterError, checked, declared

CELL = """\
start: str | None = None  # a day
top: int = 12
ratio: float = 0.5
exact: bool = True
names: list[str] = ["a", "b"]
plain = "x"
"""


def _notebook(source: str) -> dict[str, Any]:
    return {"cells": [{"metadata": {"tags": ["parameters"]}, "source": source.splitlines(keepends=True)}]}


def test_the_defaults_hold_for_what_is_not_given() -> None:
    """And what is given stands."""
    found = checked(_notebook(CELL), {"top": 3, "ratio": 1, "start": "2026-01-01"}, name="x")
    given = {"start": "2026-01-01", "top": 3, "ratio": 1}
    assert found == {**given, "exact": True, "names": ["a", "b"], "plain": "x"}


def test_a_misspelt_name_is_refused_with_the_closest_one() -> None:
    """papermill would run the defaults."""  # noqa: D403  a name
    with pytest.raises(BadParameterError, match=r"takes no “tpo”\. Did you mean “top”\?"):
        checked(_notebook(CELL), {"tpo": 3}, name="x")


@pytest.mark.parametrize("name", ["__import__('os').system('true')", "top = 1; import os", "top\n", ""])
def test_a_name_cannot_be_code(name: str) -> None:
    """Only the cell's own names pass."""
    with pytest.raises(BadParameterError):
        checked(_notebook(CELL), {name: 1}, name="x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("top", "12"),
        ("top", 1.5),
        ("top", True),
        ("top", None),
        ("ratio", float("nan")),
        ("ratio", float("inf")),
        ("exact", 1),
        ("start", 20260101),
        ("names", ["a", 1]),
        ("names", "a"),
        ("plain", None),
        ("plain", {"a": 1}),
        ("plain", object()),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, value: object) -> None:
    """Python would take True for 1, and a text for a list of letters."""
    with pytest.raises(BadParameterError, match=f"“{name}” of the notebook x must be"):
        checked(_notebook(CELL), {name: value}, name="x")


@pytest.mark.parametrize(
    "line",
    ["import os", "top: int = len('abc')", "top: int = '3'", "top: dict = {}", "a = b = 1", "top: int"],
)
def test_a_cell_that_does_more_than_name_values_is_refused(line: str) -> None:
    """It is read, never run."""
    with pytest.raises(BadParameterError):
        declared(_notebook(line))


def test_a_notebook_without_the_cell_takes_nothing() -> None:
    """And says so."""
    with pytest.raises(BadParameterError, match="It takes: nothing"):
        checked({"cells": []}, {"top": 1}, name="x")
