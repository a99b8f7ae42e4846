"""A channel's default scope: what it asks about unless it says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from bot import filters
from bot.asker import Asker
from bot.drafts.draft import Draft
from bot.questions import CostQuestion, Kind, terms
from storage import asking, charges

SCOPED = frozenset({Kind.COST, Kind.COMPARE, Kind.TREND, Kind.FORECAST, Kind.BUDGET, Kind.ANOMALIES})
"""Questions about somebody's costs."""
Where = Mapping[str, tuple[str, ...]]


def of(session: Session, asker: Asker) -> Where:
    """Return the filters of the channel that is asked in; none where it asks about everything."""
    return at(session, workspace=asker.workspace, channel=asker.channel)


def at(session: Session, *, workspace: str, channel: str) -> Where:
    """Return the filters of a channel; none where it asks about everything."""
    found = asking.scope(session, workspace=workspace, channel=channel)
    return {name: tuple(values) for name, values in found.filters.items()} if found else {}


def here(asker: Asker) -> str:
    """Say where a question is asked."""
    return place_of(asker.channel)


def place_of(channel: str) -> str:
    """Say what a channel is to those in it."""
    return "this chat" if channel.startswith("D") else "this channel"


def applied(question: CostQuestion, scope: Where, place: str = "this channel") -> tuple[CostQuestion, str]:
    """Return a question within a scope, and what is said of that; what the question itself names stays as named."""
    if question.kind not in SCOPED:
        return question, ""
    where, said = narrowed(question.where, scope, place)
    return (question if where == question.where else question.changed(where=dict(where))), said


def narrowed(where: Where, scope: Where, place: str) -> tuple[Where, str]:
    """Return filters within a scope, and what is said of that; those that name what the scope does stay as named."""
    if not scope:
        return where, ""
    told = terms(scope)
    within = {**scope, **where}
    if scope.keys() & where.keys() and {name: within[name] for name in scope} != dict(scope):
        return where, f"{place.capitalize()} usually asks about {told}."
    return within, f"Only {told}, {place}'s scope: `/cost scope off` asks about everything."


def draft(session: Session, question: CostQuestion, asker: Asker) -> Draft:
    """Set, show or end the scope of a channel. Raises NotUnderstoodError for values that the ledger does not know."""
    where_asked = {"workspace": asker.workspace, "channel": asker.channel}
    place = here(asker)
    if question.off:
        was = asking.clear_scope(session, **where_asked)
        return Draft(f"{place.capitalize()} asks about everything{' again' if was else ''}.")
    if not question.where:
        return _shown(session, asker)
    where = spelt(session, question)
    asking.set_scope(session, where, **where_asked, by=asker.person.user)
    told = terms(where)
    return Draft(
        headline=f"From now on {place} asks about {told}, whoever asks.",
        notes=(
            "Each answer says so; `/cost scope off` ends it, and a question that names another value still gets it.",
        ),
        deeper=(("This month", CostQuestion()),),
        values={"scope": {name: list(values) for name, values in where.items()}},
    )


def _shown(session: Session, asker: Asker) -> Draft:
    found = asking.scope(session, workspace=asker.workspace, channel=asker.channel)
    if found is None:
        narrows = "`/cost scope team=payments` narrows it down for all here."
        return Draft(f"{here(asker).capitalize()} asks about everything.", notes=(narrows,))
    said = f"{here(asker).capitalize()} asks about {terms(of(session, asker))}, set on {found.set_at:%-d %b %Y}."
    return Draft(said, notes=("`/cost scope off` ends it.",))


def spelt(session: Session, question: CostQuestion) -> dict[str, tuple[str, ...]]:
    """Return its filters as the ledger spells them. Raises NotUnderstoodError for values that it does not know."""
    currency = charges.currency(session)
    if currency is None:
        return question.where
    return filters.spelt(session, filters.named(session, question), currency).where
