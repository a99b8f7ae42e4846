"""What should not have happened: kept without secrets under the id that a person was told, for thirty days."""

from __future__ import annotations

import traceback
import uuid
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from finops.errors import CostsError
from finops.foreign import harmless
from finops.redaction import redact
from storage.models import SurpriseError
from storage.settings import settings

KEEP = timedelta(days=30)
SUMMARY, ASKED, TRACE = 500, 500, 20_000
FEWEST, ID = 4, 8
"""Characters of an id: so many will do for finding it, so many it has."""


class UnknownErrorIdError(CostsError):
    """No error has that id."""


def number() -> str:
    """Return an id to quote."""
    return uuid.uuid4().hex[:ID]


def keep(
    session: Session, error: BaseException, *, name: str, place: str, asked: str, who: str, workspace: str
) -> None:
    """Keep an error: where, when, what was asked by whom, and how it came about."""
    told = "".join(traceback.format_exception(error))
    session.add(
        SurpriseError(
            id=name, workspace=workspace, place=place, who=who, asked=_clean(asked)[:ASKED],
            summary=_clean("".join(traceback.format_exception_only(error)).strip())[:SUMMARY],
            traceback=_clean(told)[-TRACE:],
        )
    )  # fmt: skip
    session.flush()


def _clean(text: str) -> str:
    return harmless(redact(text, known_secrets()))


def known_secrets() -> set[str]:
    """Return the secrets that this process was started with."""
    held = settings()
    values = [getattr(held, name) for name in type(held).model_fields]
    held_secrets = [one.get_secret_value() for one in values if isinstance(one, SecretStr)]
    return {*held_secrets, *(part.strip() for one in held_secrets for part in one.split(","))}


def latest(session: Session, *, limit: int = 20) -> list[SurpriseError]:
    """Return the newest, newest first."""
    return list(session.scalars(select(SurpriseError).order_by(SurpriseError.at.desc()).limit(limit)))


def find(session: Session, begin: str) -> SurpriseError:
    """Return the error of an id, or of how it begins. Raises UnknownErrorIdError."""
    wanted = begin.strip().lower()
    fitting = SurpriseError.id.startswith(wanted, autoescape=True)
    found = list(session.scalars(select(SurpriseError).where(fitting).limit(2))) if len(wanted) >= FEWEST else []
    if len(found) != 1:
        message = (
            f"No error has the id “{begin}”: write the eight characters that were told. Errors are kept for "
            f"{KEEP.days} days; `costs errors` lists the latest."
        )
        raise UnknownErrorIdError(message)
    return found[0]


def prune(session: Session, *, now: datetime) -> None:
    """Forget what is old."""
    session.execute(delete(SurpriseError).where(SurpriseError.at < now - KEEP))
