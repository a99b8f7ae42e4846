"""The evidence page of an executed notebook: nbconvert with our template, everything foreign escaped, no script."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import bleach  # type: ignore[import-untyped]
import nbformat
from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]

from finops.foreign import visible
from finops.tables import PROVIDERS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ERROR_MARKER = "papermill-error-cell-tag"
SHORT = 60
"""Letters of a parameter that stands at the top. What is longer stands at the end, so that the answer comes first."""
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td", "b", "span"}
_TABLE_ATTRIBUTES = {"th": ["class"], "td": ["class", "colspan"], "span": ["title"]}


class EvidencePage(TemplateExporter):
    """nbconvert's export, with text escaped unless the template says otherwise: its own default is the reverse.

    Not its HTML exporter, which reads the finished page through another parser and writes it anew.
    """

    file_extension = ".html"

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  traitlets' own
        super().__init__(template_name="report", extra_template_basedirs=[str(TEMPLATES)], **options)  # type: ignore[no-untyped-call]

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        own = {
            "code": code,
            "day": day,
            "markdown": markdown,
            "moment": moment,
            "only_table": only_table,
            "picture": picture,
            "words": words,
        }
        environment.filters.update(own)
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


def _intro(cells: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the notebook's first words: not those that papermill puts before them when a cell fails."""
    own = (cell for cell in cells if ERROR_MARKER not in cell["metadata"].get("tags", ()))
    return next((cell for cell in own if cell["cell_type"] == "markdown"), {"id": "", "source": "# Evidence"})


def _title(intro: Mapping[str, Any]) -> str:
    return str(intro["source"]).splitlines()[0].removeprefix("# ")


def _code_style() -> str:
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "github-dark"))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def markdown(source: str) -> Markup:
    """Turn a notebook's own words into HTML; tags in them stay text."""
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return Markup(MarkdownWithMath(renderer=renderer).render(source))  # noqa: S704  escaped by the renderer


def code(source: str) -> Markup:
    """Colour Python."""
    return Markup(highlight(source, PythonLexer(), HtmlFormatter()))  # noqa: S704  pygments escapes


def render(notebook: NotebookNode, *, parameters: Mapping[str, Any], problem: str | None) -> str:
    """Return the page of an executed notebook."""
    found, intro = result(notebook.cells), _intro(notebook.cells)
    given = {name: value for name, value in parameters.items() if value is not None}
    facts = {
        "title": _title(intro),
        "intro": intro,
        "parameters": {name: value for name, value in given.items() if len(str(value)) <= SHORT},
        "long_parameters": {name: value for name, value in given.items() if len(str(value)) > SHORT},
        "ran_at": notebook.metadata.get("papermill", {}).get("start_time"),
        "settled_through": found.get("settled_through", {}) if isinstance(found, dict) else {},
        "names": PROVIDERS,
        "problem": problem,
        "result": json.dumps(found, indent=2, ensure_ascii=False) if found is not None else None,
        "code_style": Markup(_code_style()),  # noqa: S704  made by pygments from its own colours
    }
    html, _ = EvidencePage().from_notebook_node(notebook, resources={"costs": facts})
    return visible(str(html))  # names stand in tables, in sentences and in the result as data


def warm() -> None:
    """Read a notebook of nothing and make its page, so that the libraries have done their first-time work before."""
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<table></table>"}}
    cell = {"id": "code", "cell_type": "code", "metadata": {}, "source": "1", "outputs": [output], "execution_count": 1}
    words = {"id": "words", "cell_type": "markdown", "metadata": {}, "source": "# Nothing"}
    empty = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [words, cell]}
    read = nbformat.reads(json.dumps(empty), as_version=4)  # type: ignore[no-untyped-call]
    render(read, parameters={}, problem=None)


def write(executed: Path, target: Path, *, parameters: Mapping[str, Any], problem: str | None) -> None:
    """Write the page of an executed notebook."""
    notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    target.write_text(render(notebook, parameters=parameters, problem=problem), encoding="utf-8")
