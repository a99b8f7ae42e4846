"""Recommendations as their cards show them: with the evidence, the approvals so far, and what happened last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from finops.recommendations import quorum
from finops.recommendations.lifecycle import State
from finops.recommendations.quorum import Policy, Quorum
from storage import decisions, measuring, owner_says, recommendations, runs, whereabouts
from storage.artifacts import link
from storage.models import Recommendation, RecommendationEvent
from storage.settings import settings


@dataclass(frozen=True, slots=True)
class Card:
    """One recommendation and what belongs on its card."""

    row: Recommendation
    evidence: str | None = None
    """Address of the executed notebook that found it."""
    approved_by: tuple[str, ...] = ()
    """Who has approved what it shows, or what was decided."""
    quorum: Quorum = field(default_factory=lambda: Quorum(1, ""))
    note: str | None = None
    """What somebody wrote, or why it expired."""
    where: str = ""
    """Cloud, account and region."""
    owner: RecommendationEvent | None = None
    """What its owner said last."""
    measured: str | None = None
    """What it saved so far, by the bill, once it was carried out."""


def policy() -> Policy:
    """Return the limits that are set. Raises BadSettingError."""
    return quorum.read(settings().costs_quorum)


def of(session: Session, row: Recommendation) -> Card:
    """Gather what a card shows."""
    return all_of(session, [row])[0]


def all_of(session: Session, rows: Iterable[Recommendation]) -> list[Card]:
    """Gather what many cards show."""
    chosen = list(rows)
    said = owner_says.newest(session, [row.id for row in chosen])
    places = whereabouts.of(session, {row.resource_id for row in chosen})
    return [replace(_of(session, row), owner=said.get(row.id), where=places.get(row.resource_id, "")) for row in chosen]


def _of(session: Session, row: Recommendation) -> Card:
    page = runs.page(session, row.run_id) if row.run_id else None
    undecided, carried_out = row.state in (State.OPEN, State.SNOOZED), row.state in (State.APPLIED, State.MEASURED)
    counts = undecided or carried_out or row.state is State.APPROVED
    measured = measuring.newest(session, row) if carried_out else None
    given = decisions.counting(session, row) if counts and row.offer_id else []
    needed = decisions.needed(row, policy())
    people = max([needed.people, *(one.quorum for one in given)])
    more = needed if people == needed.people else Quorum(people, "it was approved together with others")
    return Card(
        row=row,
        evidence=link(page) if page else None,
        approved_by=tuple(one.who for one in given),
        quorum=more,
        note=None if undecided or carried_out else recommendations.why(session, row),
        measured=measured.said if measured else None,
    )
