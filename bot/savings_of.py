"""Of what could be saved, the part that filters name: team=payments, as the digest of such a scope counts it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.drafts import scope
from bot.questions import CostQuestion, Kind, OneThingError, parse, terms
from finops.allocation import TAG
from finops.errors import UnknownWordError
from finops.focus import DIMENSIONS
from storage import resource_services
from storage.models import CloudResource, Recommendation

Where = Mapping[str, tuple[str, ...]]
EXAMPLE = "recommendations where team=payments"
OWN = frozenset(DIMENSIONS[name] for name in ("provider", "region", "account", "resource"))
"""What a resource says of itself, beside its tags."""
KNOWN = OWN | set(resource_services.WORDS)
"""And what its charges said of it when the saving was found."""
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
    """Whether all that these filters are about is known of resources."""
    return all(name in KNOWN or name.startswith(TAG) for name in where)


def scoped(session: Session, where: Where, *, workspace: str, channel: str) -> tuple[Where, str]:
    """Return filters within the scope of a channel, and what is said of that, as the other answers do."""
    found, place = scope.at(session, workspace=workspace, channel=channel), scope.place_of(channel)
    if can_tell(found):
        return scope.narrowed(where, found, place)
    of = "Savings" if where else "This list is of everything: savings"
    return where, f"{of} cannot be narrowed down to {terms(found)}, {place}'s scope."


def spelt(session: Session, where: Where) -> Where:
    """Return filters as the ledger spells them. Raises NotUnderstoodError; OneThingError for what no resource says."""
    if not can_tell(where):
        by = "cloud, service, account, region, resource or tag"
        message = f"Savings are narrowed down by {by}. For example: {EXAMPLE}"
        raise OneThingError(message)
    return scope.spelt(session, CostQuestion(kind=Kind.RECOMMENDATIONS, where=dict(where))) if where else {}


def within(session: Session, rows: Iterable[Recommendation], where: Where) -> list[Recommendation]:
    """Return the savings of what is asked about; of a resource of which that is not known, none is."""
    found = list(rows)
    if not where:
        return found
    keys = {row.resource_id for row in found}
    resources = {one.id: one for one in session.scalars(select(CloudResource).where(CloudResource.id.in_(keys)))}
    wanted = {name: {value.casefold() for value in values} for name, values in where.items()}
    return [row for row in found if _is_within(row, resources[row.resource_id], wanted)]


def _is_within(row: Recommendation, one: CloudResource, wanted: Mapping[str, Collection[str]]) -> bool:
    known = {"provider": {one.provider}, "region_id": {one.region}, "sub_account_id": {one.sub_account_id or ""}}
    known |= {"resource": {one.resource_id, one.name or one.resource_id}}
    known |= {name: {str(row.details.get(name) or "")} for name in resource_services.WORDS}
    known |= {name: {""} for name in wanted if name.startswith(TAG)}  # it may lack a tag
    known |= {f"{TAG}{key}": {str(value)} for key, value in one.tags.items()}
    return all({each.casefold() for each in known.get(name, ())} & {*values} for name, values in wanted.items())
