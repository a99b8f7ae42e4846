"""My spend and my teams: the month to date as `/cost` answers it, of my scope, else of my teams, else of everything."""

from __future__ import annotations

from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from bot.blocks.home import spend as drawn
from bot.drafts import cost, scope
from bot.home.viewer import Viewer
from bot.questions import CostQuestion
from bot.windows import windows
from finops.trend import complete_through
from storage import allotted, charges

TEAM = "tag:team"
MOST = 10
"""Teams in the table; the question that its button asks has them all."""
NO_TEAM = "Nobody has told me which teams are yours: an admin can, with `/cost owner payments @you`."
SERVICE = ("service_name",)


def build(session: Session, viewer: Viewer) -> list[Block]:
    """Return the section. Raises as `answer` does."""
    question, said = scope.applied(CostQuestion(), scope.of(session, viewer.who))
    if question.where:
        draft = cost.draft(session, question)
        asks = ("By service", question.changed(group_by=SERVICE))
        return drawn.build(draft, title="My spend", asks=asks, teams=False, note=said.replace("channel's", "chat's"))
    teams = mine(session, viewer)
    if not teams:
        asks = ("By team", CostQuestion(group_by=(TEAM,)))
        note = "" if viewer.names else NO_TEAM
        return drawn.build(cost.draft(session, question), title="Our spend", asks=asks, teams=False, note=note)
    question = CostQuestion(where={TEAM: teams}, group_by=(TEAM,), top=MOST)
    asks = ("By service", CostQuestion(where={TEAM: teams}, group_by=SERVICE))
    left = f"… and {len(teams) - MOST} more teams." if len(teams) > MOST else ""
    return drawn.build(cost.draft(session, question), title="My spend", asks=asks, teams=True, note=left)


def mine(session: Session, viewer: Viewer) -> tuple[str, ...]:
    """Return the teams of somebody as the ledger spells them, those that cost most this month first."""
    currency = charges.currency(session)
    if not viewer.names or currency is None:
        return ()
    month, _ = windows(CostQuestion(), complete_through(charges.settled_through(session)))
    sums = allotted.sums(session, period=month, currency=currency, group_by=(TEAM,))
    spelt = (one.key[TEAM] or "" for one in sums)
    return tuple(name for name in spelt if name.casefold() in viewer.names)
