"""What migrations make of what was there before, and what they keep from notebooks."""

from __future__ import annotations

from importlib import import_module

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage import offers, recommendations
from storage.models import CloudResource, RecommendationOffer
from tests.bot import ledgers


def test_a_first_offer_is_what_the_cards_would_show_today(session: Session) -> None:
    """Whatever the resource is tagged with: else the first click after an upgrade would say that it has changed."""
    row = recommendations.get(session, ledgers.recommend(session))
    resource = session.get_one(CloudResource, row.resource_id)
    resource.tags, resource.size = {"owner": "", "team": "web"}, ""
    session.flush()
    session.connection().exec_driver_sql(import_module("storage.migrations.versions.0016_deciding").FIRST_OFFERS)
    first = select(RecommendationOffer).where(RecommendationOffer.id != row.offer_id)
    row.offer_id = session.scalars(first).one().id
    assert not offers.renew(session, row)


@pytest.mark.parametrize(
    "table",
    [
        "inbox",
        "outbox",
        "workspaces",
        "oauth_states",
        "errors",
        "asked_threads",
        "alert_rules",
        "alerts",
        "own_workspace",
    ],
)
def test_notebooks_read_nothing_of_what_people_wrote(session: Session, table: str) -> None:
    """Nor tokens; what they compute with they read."""
    may = text("select has_table_privilege('costs_reader', :name, 'SELECT')")
    assert session.scalar(may, {"name": table}) is False
    assert session.scalar(may, {"name": "cost_records"}) is True
