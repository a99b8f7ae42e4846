"""Recommendations to decide on, and people who press Approve."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from finops.people import Person
from finops.recommendations.lifecycle import Happened
from finops.recommendations.quorum import read
from storage import decisions, recommendations
from storage.decisions import Result
from storage.models import Recommendation
from tests.bot import ledgers

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ADA, LENA, VIC = (Person("T0", name) for name in ("UADA", "ULENA", "UVIC"))
POLICY = read("1000 USD")


def opened(session: Session, saving: str = "120", **more: str) -> Recommendation:
    """Return a recommendation about an idle machine of a ledger of its own."""
    ledgers.fill(session)
    return recommendations.get(session, ledgers.recommend(session, saving=saving, **more))


def approve(session: Session, row: Recommendation, by: Person, offer: uuid.UUID | None = None) -> Result:
    """Press Approve on what is shown now, or on an older card."""
    chosen = offer or row.offer_id
    assert chosen
    return decisions.approve(session, chosen, by=by, at=NOW, policy=POLICY)


def acts(session: Session, row: Recommendation) -> list[Happened]:
    """Return what happened so far."""
    return [one.act for one in recommendations.events(session, row.id)]
