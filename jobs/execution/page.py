"""The evidence page of an executed notebook: nbconvert with our template, everything foreign escaped, no script."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import bleach  # type: ignore[import-untyped]  # published without types
import nbformat
from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]  # published without types

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
_TABLE_ATTRIBUTES = {"th": ["class"], "td": ["class", "colspan"]}


class EvidencePage(HTMLExporter):
    """nbconvert's HTML export, with text escaped unless the template says otherwise: its own default is the reverse."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  traitlets' own
        super().__init__(template_name="report", extra_template_basedirs=[str(TEMPLATES)], **options)  # type: ignore[no-untyped-call]

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        environment.filters.update(day=day, moment=moment, only_table=only_table, picture=picture, words=words)
        return environment


def day(text: str) -> str:
    """Show an ISO day to a person: 21 Nov 2026."""
    found = date.fromisoformat(text)
    return f"{found.day} {found:%b %Y}"


def moment(text: str) -> str:
    """Show an ISO instant in UTC: 21 Nov 2026, 09:12 UTC."""
    found = datetime.fromisoformat(text)
    return f"{found.day} {found:%b %Y, %H:%M} UTC"


def words(name: str) -> str:
    """Turn a parameter's name into words: Group by."""
    return name.replace("_", " ").capitalize()


def only_table(html: str) -> Markup:
    """Let a plain table through and nothing else: every other tag is shown as text, whoever wrote it."""
    return Markup(bleach.clean(html, tags=_TABLE_TAGS, attributes=_TABLE_ATTRIBUTES))  # noqa: S704  cleaned


def picture(data: Mapping[str, str]) -> str:
    """Return a chart as an address that holds it whole. An image runs no script, whatever its SVG holds."""
    if "image/svg+xml" in data:
        return "data:image/svg+xml;base64," + base64.b64encode(data["image/svg+xml"].encode()).decode()
    return "data:image/png;base64," + data["image/png"].replace("\n", "")


def result(cells: Iterable[Mapping[str, Any]]) -> Any:  # noqa: ANN401  whatever JSON the notebook displayed
    """Return what the cell tagged `result` displayed as JSON, or None."""
    tagged = (cell for cell in cells if "result" in cell["metadata"].get("tags", ()))
    shown = (output.get("data", {}) for cell in tagged for output in cell.get("outputs", ()))
    return next((data["application/json"] for data in shown if "application/json" in data), None)


def _code_style() -> str:
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "github-dark"))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def write(executed: Path, target: Path, *, parameters: Mapping[str, Any], problem: str | None) -> None:
    """Write the page of an executed notebook."""
    notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    found = result(notebook.cells)
    facts = {
        "parameters": {name: value for name, value in parameters.items() if value is not None},
        "ran_at": notebook.metadata.get("papermill", {}).get("start_time"),
        "settled_through": found.get("settled_through", {}) if isinstance(found, dict) else {},
        "names": NAMES,
        "problem": problem,
        "result": json.dumps(found, indent=2, ensure_ascii=False) if found is not None else None,
        "code_style": Markup(_code_style()),  # noqa: S704  made by pygments from its own colours
    }
    html, _ = EvidencePage().from_notebook_node(notebook, resources={"costs": facts})
    target.write_text(html, encoding="utf-8")
