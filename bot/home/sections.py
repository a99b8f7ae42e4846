"""The sections of the Home tab, in their order: each a function of the database and of who looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from bot import recommending
from bot.blocks.home import admin, approvals, facts, told, welcome
from bot.drafts import anomalies, others
from bot.home import costs
from bot.home.viewer import Viewer
from bot.questions import CostQuestion, Kind
from finops.recommendations.lifecycle import Stage, State
from storage import (
    alert_rules,
    alerting,
    asking,
    charges,
    decisions,
    health,
    owners,
    recommendations,
    roles,
    subscriptions,
    whereabouts,
)
from storage.models import Recommendation, Subscription

Section = Callable[[Session, Viewer], list[Block]]


def try_this(session: Session, viewer: Viewer) -> list[Block]:
    """Return three things to try, for who has asked nothing yet."""
    who = viewer.who
    if asking.has_asked(session, workspace=who.workspace, who=who.person.user):
        return []
    return welcome.build(empty=not charges.currencies(session))


def spend(session: Session, viewer: Viewer) -> list[Block]:
    """Return the month's costs and the viewer's teams; nothing of an empty ledger, of which is told elsewhere."""
    return costs.build(session, viewer) if charges.currencies(session) else []


def open_approvals(session: Session, viewer: Viewer) -> list[Block]:
    """Return what waits for this person's decision: not what they have approved, which waits for others."""
    person = viewer.who.person
    rows = recommending.undecided(session, workspace=person.workspace)
    if viewer.decides:
        given = decisions.approved_by(session, person)
        rows = [row for row in rows if row.offer_id and not (row.id in given and _counts(session, row, person.user))]
    where = whereabouts.of(session, {row.resource_id for row in rows[: approvals.SHOWN]})
    approved = recommendations.at_stage(session, Stage.APPROVED, workspace=person.workspace) if viewer.decides else []
    return approvals.build(rows, where, decides=viewer.decides, approved=approved)


def assigned(session: Session, viewer: Viewer) -> list[Block]:
    """Return what this person was asked to look after and nobody has decided; nothing where there is none."""
    person = viewer.who.person
    rows = [
        row
        for row in recommendations.alive(session)
        if row.assigned_to == person.user
        and row.state in (State.OPEN, State.SNOOZED)
        and row.workspace in ("", person.workspace)
    ]
    return approvals.assigned(rows, whereabouts.of(session, {row.resource_id for row in rows[: approvals.SHOWN]}))


def _counts(session: Session, row: Recommendation, user: str) -> bool:
    """Whether an approval still holds: what changed since waits for them again."""
    return user in {one.who for one in decisions.counting(session, row)}


def out_of_order(session: Session, viewer: Viewer) -> list[Block]:
    """Return what is out of order."""
    question = CostQuestion(kind=Kind.ANOMALIES)
    draft = anomalies.draft(session, question, viewer.who)
    return facts.said(draft, title="Out of order", asks=("Anomalies", question))


def alerts(session: Session, viewer: Viewer) -> list[Block]:
    """Return the open alerts."""
    who = viewer.who
    return told.alerts(alerting.listed(session, workspace=who.workspace), who.person.user)


def digests(session: Session, viewer: Viewer) -> list[Block]:
    """Return what this person gets, and then what they set up for channels; last what of it ended of itself."""
    user, workspace = viewer.who.person.user, viewer.who.workspace

    def mine(rows: Sequence[Subscription]) -> list[Subscription]:
        return sorted((one for one in rows if user in (one.person, one.created_by)), key=lambda one: one.person != user)

    alive, ended = subscriptions.alive(session, workspace=workspace), subscriptions.ended(session, workspace=workspace)
    return told.digests(mine(alive), mine(ended))


def data(session: Session, viewer: Viewer) -> list[Block]:
    """Return how fresh the bills are."""
    settled = charges.settled_through(session)
    question = CostQuestion(kind=Kind.FRESHNESS)
    if not settled:
        return []
    return facts.fresh(others.fresh(session, question, viewer.who), settled, asks=("By bill", question))


def granted(session: Session, viewer: Viewer) -> list[Block]:
    """Return who has which role."""
    person = viewer.who.person
    held = roles.grants(session, workspace=person.workspace, enterprise=person.enterprise)
    return admin.roles(held, owners.named(session, workspace=person.workspace), viewer.bootstrapped)


def channels(session: Session, viewer: Viewer) -> list[Block]:
    """Return what channels are about."""
    return admin.channels(asking.scopes(session, workspace=viewer.who.workspace))


def rules(session: Session, viewer: Viewer) -> list[Block]:
    """Return the alert rules of the workspace, and of the deployment: what tells most at first."""
    workspace = viewer.who.workspace
    rows = [row for one in (workspace, alert_rules.COMMAND_LINE) for row in alert_rules.listed(session, workspace=one)]
    alerts = alerting.listed(session, workspace=workspace)
    known = sorted(alert_rules.sound(rows), key=lambda one: -sum(each.rule_id == one[0].id for each in alerts))
    return admin.rules(known, alerts, datetime.now(UTC))


def collection(session: Session, viewer: Viewer) -> list[Block]:
    """Return whether bills are collected."""
    del viewer
    return admin.health(health.look(session, now=datetime.now(UTC)))


EVERYBODY: tuple[Section, ...] = (try_this, spend, assigned, open_approvals, alerts, out_of_order, digests, data)
ADMINS: tuple[Section, ...] = (granted, channels, rules, collection)
