"""Of what could be saved, the part that filters name: team=payments, as the digest of such a scope counts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.drafts import scope
from bot.questions import CostQuestion, Kind, OneThingError, parse
from finops.allocation import TAG
from finops.errors import UnknownWordError
from finops.focus import DIMENSIONS
from storage.models import CloudResource, Recommendation

Where = Mapping[str, tuple[str, ...]]
EXAMPLE = "recommendations where team=payments"
KNOWN = frozenset(DIMENSIONS[name] for name in ("provider", "region", "account", "resource"))
"""What a resource says of itself, beside its tags."""
_FILTERS = re.compile(
    r"(?P<words>.*?)(?:\s+(?:for|of))?\s+(?P<filters>(?:where\b|[\w:.-]+\s*=).*?)(?P<page>\s+page\s+\d{1,4}\s*)?",
    re.IGNORECASE | re.DOTALL,
)


def divided(text: str) -> tuple[str, Where]:
    """Return the words of a list without its filters, and those. Raises NotUnderstoodError, UnknownWordError."""
    found = _FILTERS.fullmatch(text)
    if found is None:
        return text, {}
    question = parse(found["filters"], today=datetime.now(UTC).date())
    if question.model_fields_set != {"where"}:
        raise UnknownWordError(found["filters"][:60], None, EXAMPLE)
    return f"{found['words']}{found['page'] or ''}", question.where


def can_tell(where: Where) -> bool:
    """Whether resources say of themselves all that these filters are about."""
    return all(name in KNOWN or name.startswith(TAG) for name in where)


def spelt(session: Session, where: Where) -> Where:
    """Return filters as the ledger spells them. Raises NotUnderstoodError; OneThingError for what no resource says."""
    if not can_tell(where):
        message = f"Savings are narrowed down by cloud, account, region, resource or tag. For example: {EXAMPLE}"
        raise OneThingError(message)
    return scope.spelt(session, CostQuestion(kind=Kind.RECOMMENDATIONS, where=dict(where))) if where else {}


def within(session: Session, rows: Iterable[Recommendation], where: Where) -> list[Recommendation]:
    """Return the savings of what is asked about; of what its resource does not say, none is."""
    return [row for row in rows if not where or _is_within(session, row, where)]


def _is_within(session: Session, row: Recommendation, where: Where) -> bool:
    one = session.get_one(CloudResource, row.resource_id)
    known = {"provider": {one.provider}, "region_id": {one.region}, "sub_account_id": {one.sub_account_id or ""}}
    known |= {"resource": {one.resource_id, one.name or one.resource_id}}
    known |= {f"tag:{key}": {str(value)} for key, value in one.tags.items()}
    wanted = {name: {value.casefold() for value in values} for name, values in where.items()}
    return all({each.casefold() for each in known.get(name, ())} & values for name, values in wanted.items())
