"""Runs a notebook as evidence: checked parameters, a guarded process, a validated result, and what it leaves kept.

Nothing that a notebook hands back is believed by itself: it counts when its process ended well and its result is what
its model promises. Then, and only then, the run has succeeded. Whatever happens, the run's row says how it ended.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from finops.allocated import AllocationResult
from finops.anomalies.results import AnomalyResult
from finops.breakdown import BreakdownResult
from finops.commitments import CoverageResult
from finops.errors import CostsError
from finops.forecasting.results import ForecastResult
from finops.forecasting.reviews import ReviewResult
from finops.recommendations.results import IdleResult
from finops.trend import TrendResult
from finops.weekly import WeeklyResult
from jobs.execution import parameters as declared
from jobs.execution import process, spare
from jobs.execution.process import NotebookFailedError, NotebookRefusedError
from storage import artifacts, runs
from storage.database import transaction
from storage.models import Artifact, Outcome

FOLDER = process.ROOT / "notebooks"
JOB = "notebook:"
TIME_LIMIT = 120
MEMORY_LIMIT = process.MEMORY_LIMIT
IPYNB, HTML, PNG = "application/x-ipynb+json", "text/html", "image/png"


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook, and the model of the one value that it hands back."""

    name: str
    path: Path
    result: type[BaseModel]


RESULTS: Mapping[str, type[BaseModel]] = {
    "allocation": AllocationResult,
    "anomalies": AnomalyResult,
    "commitment_coverage": CoverageResult,
    "cost_breakdown": BreakdownResult,
    "cost_trend": TrendResult,
    "forecast": ForecastResult,
    "forecast_review": ReviewResult,
    "idle_resources": IdleResult,
    "weekly_costs": WeeklyResult,
}


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """What a notebook's run left: its validated result, its page, its pictures in their order."""

    run_id: uuid.UUID
    result: BaseModel
    page: Artifact
    pictures: list[Artifact]


def known(name: str) -> Notebook:
    """Find a notebook by its name. Raises CostsError."""
    if name not in RESULTS:
        message = f"There is no notebook “{name}”. There are: {', '.join(sorted(RESULTS))}."
        raise CostsError(message)
    return Notebook(name, FOLDER / f"{name}.ipynb", RESULTS[name])


def run(name: str, parameters: Mapping[str, object], *, time_limit: float = TIME_LIMIT) -> NotebookRun:
    """Run one of our notebooks. Raises BadParameterError before it starts, NotebookFailedError after."""
    return execute(known(name), parameters, time_limit=time_limit)


def execute(
    notebook: Notebook,
    parameters: Mapping[str, object],
    *,
    time_limit: float = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> NotebookRun:
    """Run a notebook under its limits and keep what it leaves, the traces of a failure too."""
    with transaction() as session:
        run_id = runs.begin(session, f"{JOB}{notebook.name}", parameters=dict(parameters)).id
    try:
        shown = _checked(notebook, parameters)
        with spare.workspace(memory_limit) as (folder, waiting):
            order = {
                "name": notebook.name,
                "notebook": str(notebook.path),
                "parameters": dict(parameters),
                "shown": shown,
                "memory_limit": memory_limit,
            }
            try:
                called = f"The notebook {notebook.name}"
                ended_well = process.run(order, folder, name=called, time_limit=time_limit, waiting=waiting)
                result = judged(notebook, folder, ended_well=ended_well)
            except BaseException:
                _keep(run_id, notebook.name, folder)
                raise
            return _succeed(run_id, notebook.name, folder, result)
    except BaseException as error:
        said = (
            str(error) if isinstance(error, CostsError) else f"It was stopped: {type(error).__name__} {error}".strip()
        )
        with transaction() as session:
            runs.finish(session, run_id, outcome=Outcome.FAILED, error=said)
        raise


def _checked(notebook: Notebook, parameters: Mapping[str, object]) -> dict[str, Any]:
    source = json.loads(notebook.path.read_text(encoding="utf-8"))
    return declared.checked(source, parameters, name=notebook.name)


def judged(notebook: Notebook, folder: Path, *, ended_well: bool) -> BaseModel:
    """Return the validated result that a run left in its folder. Raises NotebookFailedError for anything less."""
    problem = folder / "problem.txt"
    if problem.exists():
        raise _refused(folder) or NotebookFailedError(problem.read_text(encoding="utf-8"))
    if not ended_well:
        words = (folder / process.LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        message = f"The notebook {notebook.name} could not be run: {words[-1] if words else 'its process was killed'}."
        raise NotebookFailedError(message)
    shown = [output.get("data", {}) for output in _cells(folder)[-1].get("outputs", ())]
    values = [data["application/json"] for data in shown if "application/json" in data]
    if len(values) != 1 or "result" not in _tags(_cells(folder)[-1]):
        message = f"The notebook {notebook.name} did not end with one result: its last cell, tagged `result`, shows it."
        raise NotebookFailedError(message)
    try:
        return notebook.result.model_validate_json(json.dumps(values[0]))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "as a whole"
        message = f"The result of the notebook {notebook.name} is not valid ({place}): {first['msg']}."
        raise NotebookFailedError(message) from error


def _refused(folder: Path) -> NotebookRefusedError | None:
    """Return the known error that a cell raised, if it was one: it says what to do, and not in which cell."""
    raised = folder / "raised.txt"
    kind, _, words = raised.read_text(encoding="utf-8").partition("\n") if raised.exists() else ("", "", "")
    return NotebookRefusedError(words) if words and kind in _known_errors(CostsError) else None


def _known_errors(base: type[CostsError]) -> set[str]:
    return {base.__name__}.union(*(_known_errors(each) for each in base.__subclasses__()))


def _cells(folder: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads((folder / "executed.ipynb").read_text(encoding="utf-8"))["cells"]
    return cells


def _tags(cell: Mapping[str, Any]) -> list[str]:
    tags: list[str] = cell["metadata"].get("tags", [])
    return tags


def _succeed(run_id: uuid.UUID, name: str, folder: Path, result: BaseModel) -> NotebookRun:
    kept = _keep(run_id, name, folder)
    with transaction() as session:
        runs.finish(session, run_id, outcome=Outcome.SUCCEEDED, result=result.model_dump(mode="json"))
    page = next(one for one in kept if one.media_type == HTML)
    return NotebookRun(run_id, result, page, [one for one in kept if one.media_type == PNG])


def _keep(run_id: uuid.UUID, name: str, folder: Path) -> list[Artifact]:
    """Save the executed copy, its page and its charts: those that there are."""
    files = [(f"{name}.ipynb", IPYNB, folder / "executed.ipynb"), (f"{name}.html", HTML, folder / "page.html")]
    found = [(label, kind, path.read_bytes()) for label, kind, path in files if path.exists()]
    found += [(f"{name}-{number}.png", PNG, content) for number, content in enumerate(_pictures(folder), 1)]
    with transaction() as session:
        return [
            artifacts.save(session, run_id=run_id, name=label, media_type=kind, content=content)
            for label, kind, content in found
        ]


def _pictures(folder: Path) -> list[bytes]:
    if not (folder / "executed.ipynb").exists():
        return []
    charts = (cell for cell in _cells(folder) if "chart" in _tags(cell))
    shown = (output.get("data", {}) for cell in charts for output in cell.get("outputs", ()))
    return [base64.b64decode(data["image/png"]) for data in shown if "image/png" in data]
