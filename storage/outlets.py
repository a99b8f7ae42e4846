"""The outlets of `COSTS_HOME/outlets.yaml`, and what is written down for them: a worker delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from finops.errors import BadSettingError, UnknownWordError
from finops.outlets import Outlet, disarmed
from storage import outbox, yaml_files
from storage.settings import settings

FILE = "outlets.yaml"
KIND, DRAFT = "outlet", "outlet_digest"
"""Of a row of the outbox: a text for an outlet; a digest for one, which is yet to be drawn."""
EXAMPLE = 'For example: - {name: oncall, url: "pagerduty://${PD_KEY}@${PD_API}", tells: [anomalies]}'
MAIL = "or - {name: finance, mail: [cfo@example.com], tells: [weekly]}"
ADDRESS = "@"
"""What an outlet is called that is no outlet, but the mail address of a rule: the file has none of that name."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
LONGEST_TITLE, LONGEST_TEXT = 200, 8000


def outlets(home: Path) -> tuple[Outlet, ...]:
    """Return them, in the order of the file; none where there is no file. Raises BadSettingError naming the entry."""
    file = home / FILE
    if not file.exists():
        return ()
    known = yaml_files.opened(file)
    if known is None:
        return ()
    if not isinstance(known, list):
        message = f"{file} should be a list of outlets. {EXAMPLE}"
        raise BadSettingError(message)
    hints = {"extra_forbidden": "no such word here"}
    found = tuple(
        yaml_files.checked(Outlet, f"{file}, outlet {number}", one, example=f"{EXAMPLE} {MAIL}.", hints=hints)
        for number, one in enumerate(known, 1)
    )
    yaml_files.distinct(file, "outlets", [one.name for one in found])
    return found


def names() -> list[str]:
    """Return what the outlets of the file are called. Raises BadSettingError."""
    return [one.name for one in outlets(settings().home)]


def named(home: Path, name: str) -> Outlet:
    """Return one. Raises UnknownWordError, BadSettingError."""
    known = {one.name: one for one in outlets(home)}
    if name not in known:
        there = f"`costs outlets` lists those of {FILE} ({', '.join(known) or 'none'})."
        raise UnknownWordError(name[:60], None, there)
    return known[name]


def of(payload: Mapping[str, Any]) -> Outlet:
    """Return whom a text is for: an outlet of the file, or the mail address of a rule. Raises as `named` does."""
    if "mail" in payload:
        return address(*payload["mail"])
    return named(settings().home, str(payload["outlet"]))


def address(*mail: str) -> Outlet:
    """Return the mail address that a rule names, as if it were an outlet."""
    return Outlet.model_construct(name=ADDRESS, mail=mail)


def put(
    session: Session, outlet: Outlet, *, key: str, title: str, lines: list[str], link: str | None = None,
    about: Mapping[str, Any] = NOTHING, not_before: datetime | None = None,
) -> bool:  # fmt: skip
    """Write a text down for an outlet, once a key. Returns whether it is new. Foreign names in it stay names.

    `about` is kept beside it; an outlet that the file does not have is the mail address of a rule.
    """
    text = "\n".join([*map(disarmed, lines), *([link] if link else [])])
    payload: dict[str, Any] = {
        "outlet": outlet.name,
        "title": disarmed(title)[:LONGEST_TITLE],
        "text": text[:LONGEST_TEXT],
    }
    if outlet.name == ADDRESS:
        payload["mail"] = list(outlet.mail)
    key = f"{key} to outlet {outlet.name}"
    return outbox.put(session, key=key, kind=KIND, payload=payload | dict(about), not_before=not_before)
