"""A notebook is thin, linear and committed clean; what it computes, finops does."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs import notebooks
from jobs.execution.parameters import declared

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_CELLS, MOST_LINES = 12, 10
FORBIDDEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each committed notebook in turn, as JSON."""
    found: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return found


def _code(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _tagged(notebook: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    return [cell for cell in _code(notebook) if tag in cell["metadata"].get("tags", [])]


def test_every_notebook_has_a_model_for_its_result() -> None:
    """And every model a notebook."""
    assert {path.stem for path in NOTEBOOKS} == set(notebooks.RESULTS)


def test_it_opens_with_a_title_and_what_it_tells(notebook: dict[str, Any]) -> None:
    """One heading and a paragraph that a tired manager understands."""
    first = notebook["cells"][0]
    title, _, words = "".join(first["source"]).partition("\n")
    assert first["cell_type"] == "markdown"
    assert title.startswith("# ")
    assert 60 < len(words.strip()) < 500


def test_its_parameters_are_typed(notebook: dict[str, Any]) -> None:
    """One cell, annotations throughout, plain defaults."""
    [cell] = _tagged(notebook, "parameters")
    assert all(isinstance(line, ast.AnnAssign) for line in ast.parse("".join(cell["source"])).body)
    assert declared(notebook)


def test_it_is_short_and_linear(notebook: dict[str, Any]) -> None:
    """No function, no class, no loop."""
    assert len(_code(notebook)) <= MOST_CELLS
    for cell in _code(notebook):
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= MOST_LINES, source
        assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, FORBIDDEN)], source


def test_it_imports_finops_and_storage_alone(notebook: dict[str, Any]) -> None:
    """Beside the standard library; and it never opens a transaction that could write."""
    nodes = [node for cell in _code(notebook) for node in ast.walk(ast.parse("".join(cell["source"])))]
    names = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    assert {name.split(".")[0] for name in names} <= {"finops", "storage", *sys.stdlib_module_names}
    assert "storage.database" not in names


def test_it_ends_with_its_result_and_shows_a_chart_and_its_inputs(notebook: dict[str, Any]) -> None:
    """The one value that is validated and stored."""
    assert notebook["cells"][-1] in _tagged(notebook, "result")
    assert len(_tagged(notebook, "result")) == len(_tagged(notebook, "evidence")) == 1
    assert _tagged(notebook, "chart")


def test_it_is_committed_clean(notebook: dict[str, Any]) -> None:
    """No output, no count, and ids that a diff can name."""
    assert not [cell for cell in _code(notebook) if cell["outputs"] or cell["execution_count"]]
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", cell["id"]) for cell in notebook["cells"])
