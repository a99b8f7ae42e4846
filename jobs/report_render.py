"""From the mail as a value to its three texts: subject, plain text, HTML with its styles inlined."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from jobs.report_view import Weekly

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "email"
WIDTH = 72


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's texts."""

    subject: str
    text: str
    html: str


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.j2"], ["txt.j2"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["columns"] = columns
    return environment


def columns(label: str, *cells: str, width: int = WIDTH) -> str:
    """Set a row for a fixed-width reader: the label at the left, the numbers at the right under each other."""
    numbers = "".join(cell.rjust(size) for cell, size in zip(cells, (12, 13, 10), strict=False))
    room = max(width - len(numbers), 12)
    shown = label if len(label) <= room else f"{label[: room - 1]}…"
    return f"{shown.ljust(room)}{numbers}".rstrip()


def render(mail: Weekly) -> Rendered:
    """Render the weekly mail."""
    subject = _fill("weekly/subject.txt.j2", mail)
    return Rendered(
        subject=" ".join(subject.split()),  # whatever a name held, a subject is one line
        text=_fill("weekly/body.txt.j2", mail).strip() + "\n",
        html=_inlined(_fill("weekly/body.html.j2", mail)),
    )


def _fill(name: str, mail: Weekly) -> str:
    return _environment().get_template(name).render(mail=mail)


def _inlined(html: str) -> str:
    """Move the styles into the elements; the rules for phones and dark screens stay in the head."""
    inliner: Any = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    return str(inliner.inline(html))
