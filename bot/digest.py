"""A digest: the figures of `/cost` for the last complete day or week, and what else matters, in one message."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import folded as beyond
from bot import members, narrowed, recommending, savings_of
from bot.answers import CostAnswer
from bot.blocks import recommendation
from bot.drafts import budget
from bot.drafts import cost as costs
from bot.drafts.anomalies import DAYS
from bot.drafts.draft import Draft, money
from bot.questions import CostQuestion, Kind, When
from bot.wording import freshness_line, headline, movers_line
from finops import digests
from finops.digests import Ended, Every, Point
from finops.errors import UnknownWordError
from finops.money import total
from finops.people import Person
from finops.recommendations import kinds
from finops.roles import Standing
from finops.trend import NoChargesError
from storage import accounts, alert_caps, alerting, alerts, anomalies, anomaly_scopes, asking, outlets, subscriptions
from storage.database import transaction
from storage.models import Outbox, Subscription
from storage.settings import settings

SUBSCRIPTION, SINCE = "subscription", "since"
"""In a payload: whose digest it is, and when the one before was due."""
Where = Mapping[str, tuple[str, ...]]


def of(session: Session, payload: Mapping[str, Any]) -> Draft:
    """Return the digest that a row of the outbox asks for."""
    row = session.get_one(Subscription, uuid.UUID(payload[SUBSCRIPTION]))
    since = datetime.fromisoformat(payload[SINCE]) if payload.get(SINCE) else None
    scope = asking.scope(session, workspace=row.workspace, channel=row.channel)
    filters = {**(scope.filters if scope else {}), **row.filters}
    where = {name: tuple(values) for name, values in filters.items()}
    folded = payload.get(alert_caps.FOLDED, [])
    told = build(session, row.cadence, where=where, workspace=row.workspace, since=since, folded=folded)
    return told.noted(f"The {row.cadence} digest: `/cost subscriptions` shows and ends it.")


def hand_over(session: Session, message: Outbox) -> None:
    """Draw an outlet's digest and write it down for whoever delivers it. Raises UnknownWordError, BadSettingError."""
    outlet = outlets.named(settings().home, message.payload["outlet"])
    since = datetime.fromisoformat(message.payload[SINCE]) if message.payload.get(SINCE) else None
    cadence = Every(message.payload["cadence"])
    told = build(session, cadence, where=outlet.filters, workspace="", since=since)
    lines = [*told.points, *told.notes]
    outlets.put(session, outlet, key=message.key, title=told.headline, lines=lines, link=told.evidence)


def over(client: Callable[[], WebClient], workspace: str, payload: Mapping[str, Any]) -> str | None:
    """Say why a digest is not posted: it was ended since, or its reader is no member any more, which ends it.

    Raises SlackApiError where Slack does not say who that is.
    """
    if SUBSCRIPTION not in payload:
        return None
    chosen = uuid.UUID(payload[SUBSCRIPTION])
    with transaction() as session:
        row = session.get(Subscription, chosen)
        ended, person = row is None or row.deleted_at is not None, row.person if row else None
    if ended:
        return "it was ended"
    if person is None or members.standing(client(), Person(workspace, person)) is Standing.MEMBER:
        return None
    with transaction() as session:
        subscriptions.end_one(session, chosen, why=Ended.LEFT)
    return Ended.LEFT.told


def build(
    session: Session, cadence: Every, *, where: Where, workspace: str, since: datetime | None,
    folded: Sequence[int] = (),
) -> Draft:  # fmt: skip
    """Tell of the last complete day or seven: spend first, then what matters most; `since` is when the last one was.

    `folded` are the messages of the outbox that were too many for a day, and are told here.
    """
    asked = CostQuestion(when=When(days=cadence.days), where=dict(where))
    try:
        found = costs.figures(session, asked)
        points = list(_points(session, found, workspace=workspace, since=since, folded=folded))
    except (NoChargesError, UnknownWordError):  # all of it was taken back, or nobody is called so any more
        kept = tuple(beyond.points(session, folded))
        return Draft(headline=_empty(session, where), points=kept, values={"empty": True})
    return Draft(
        headline=headline(found),
        points=(*beyond.points(session, folded), *digests.ranked(points)),
        notes=(freshness_line(found),),
        evidence=found.evidence,
        deeper=(*_deeper(asked), *costs.as_report(found)),
        ask=asked,
        chart=cadence is Every.WEEKLY,
        values=found.json_values(),
    )


def _empty(session: Session, where: Where) -> str:
    about = narrowed.told(where, accounts.labels(session))
    return f"{about}: there are no charges to tell of." if about else "There are no charges to tell of."


def _deeper(asked: CostQuestion) -> tuple[tuple[str, CostQuestion], ...]:
    where = {"where": asked.where} if asked.where else {}
    return (
        ("By service", asked.changed(group_by=("service_name",))),
        ("This month", CostQuestion.model_validate(where)),
        ("Anomalies", CostQuestion(kind=Kind.ANOMALIES, **where)),
        ("Savings", CostQuestion(kind=Kind.RECOMMENDATIONS, **(where if savings_of.can_tell(asked.where) else {}))),
        ("Budgets", CostQuestion(kind=Kind.BUDGET, **where)),
    )


def _points(
    session: Session, found: CostAnswer, *, workspace: str, since: datetime | None, folded: Sequence[int]
) -> Iterator[Point]:
    """Return what is told beside the spend. Raises NoChargesError, UnknownWordError."""
    where, currency = found.question.where, found.currency
    yield _landing(session, where)
    yield _budgets(session, where, currency)
    yield _movers(found)
    yield from _alerts(session, where, workspace, folded)
    yield from _anomalies(session, where, currency, since)
    yield _savings(session, where, currency, workspace)


def _alerts(session: Session, where: Where, workspace: str, folded: Sequence[int]) -> Iterator[Point]:
    """Tell of open alerts, first of those that quiet hours have kept; those of `folded` are told already.

    What an alert is about is its rule's to say, so where a digest is of a part of the costs they are left out.
    """
    told = alert_caps.alerts(row for one in folded if (row := session.get(Outbox, one)))
    found = [] if where else [one for one in alerting.listed(session, workspace=workspace) if one.id not in told]
    kept = [one.sentence.rstrip(". ") for one in found if one.told_at is None]
    rest = [one.sentence.rstrip(". ") for one in found if one.told_at is not None]
    yield Point(digests.several("Alerts not told of before", kept), urgent=True)
    yield Point(digests.several("Open alerts", rest), urgent=True)


def _landing(session: Session, where: Where) -> Point:
    month = costs.figures(session, CostQuestion(where=dict(where)))
    if month.landing is None:
        return Point("")
    return Point(f"The month is heading for {money(month.landing, month.currency)}.")


def _budgets(session: Session, where: Where, currency: str) -> Point:
    found = budget.standings(session, CostQuestion(kind=Kind.BUDGET, where=dict(where)))
    above = [one for one in found if one.over > 0]
    stake = total(one.over for one in above if one.currency == currency)
    return Point(budget.told(found), stake, urgent=bool(above))


def _movers(found: CostAnswer) -> Point:
    if not found.comparable or not found.movers:
        return Point("")
    most = max((change for _, change in found.movers), key=abs)
    days = (found.end - found.start).days
    return Point(movers_line(found), digests.monthly(most, days))


def _anomalies(session: Session, where: Where, currency: str, since: datetime | None) -> Iterator[Point]:
    """Tell what began to be out of order since the last digest; what costs less than expected is told here alone."""
    last, called = alerts.through(session), accounts.labels(session)
    if last is None or since is None:
        return
    listed = anomalies.listed(session, since=last - timedelta(days=DAYS))
    rows = sorted(
        anomaly_scopes.of(session, [row for row in listed if row.found_at >= since], where),
        key=lambda row: -abs(row.monthly),
    )
    for rising, what in ((True, "New out of order"), (False, "Lower than expected")):
        some = [row for row in rows if row.rising is rising]
        stake = total(row.monthly for row in some if row.currency == currency)
        named = [f"{one.title()}, {one.when()}" for one in (alerts.alert(row, called, last) for row in some)]
        yield Point(digests.several(what, named), stake if rising else total([]))


def _savings(session: Session, where: Where, currency: str, workspace: str) -> Point:
    rows = savings_of.within(session, recommending.undecided(session, workspace=workspace), where)
    if not rows:
        return Point("")
    stake = next((one.amount for one in kinds.totals(rows) if one.currency == currency), total([]))
    return Point(recommendation.waiting(rows), stake)
