"""The one place where an alert changes: once, with a row of who and when, and told where it is shown."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.alerting import lifecycle
from finops.alerting.findings import Found
from finops.alerting.lifecycle import OPEN, AlertAct, AlertState, AlertVerdict
from finops.errors import NotOpenError, UnknownWordError
from finops.people import Person
from storage import alert_caps, alert_holding, alert_posts
from storage.models import AlertRuleRow, CostAlert, CostAlertEvent

EVALUATION = Person("", "costs")
"""Who is written down when the evaluation itself changes an alert."""


def fire(session: Session, rule: AlertRuleRow, found: Found, *, at: datetime) -> CostAlert | None:
    """Open an alert; None if one of this rule and scope is open. Nobody is told yet: `tell` does that."""
    new = insert(CostAlert).values(
        rule_id=rule.id, workspace=rule.workspace, scope=found.scope, state=AlertState.FIRING, first_at=at,
        worst=found.value, noted=found.value, **_figures(found, at),
    )  # fmt: skip
    # as the index has it: of a parameter a prepared statement, after a while, no longer knows the value
    once = new.on_conflict_do_nothing(index_elements=["rule_id", "scope"], index_where=text("state <> 'over'"))
    alert: CostAlert | None = session.scalar(once.returning(CostAlert))
    if alert is not None:
        _event(session, alert, AlertAct.FIRED, before=None, by=EVALUATION, at=at)
    return alert


def _figures(found: Found, at: datetime) -> dict[str, Any]:
    names = ("value", "expected", "currency", "first_day", "end_day", "sentence", "provisional")
    return {name: getattr(found, name) for name in names} | {"last_at": at}


def tell(session: Session, alert: CostAlert, *, to: str | None, at: datetime) -> bool:
    """Have its message posted, once, unless its channel had the alerts of the day. Returns whether it is new."""
    return alert_posts.post(session, alert, to) and _counted(session, [alert], at)


def tell_many(session: Session, alerts: Sequence[CostAlert], *, to: str | None, at: datetime) -> bool:
    """Have one message about many of a rule posted, as above."""
    return alert_posts.post_many(session, alerts, to) and _counted(session, alerts, at)


def _counted(session: Session, alerts: Sequence[CostAlert], at: datetime) -> bool:
    """Note that people are told, unless the message waits for a digest or the end of the day."""
    severity = session.get_one(AlertRuleRow, alerts[0].rule_id).severity
    key = alert_posts.key_of(*alerts)
    if alert_caps.keep(session, key, workspace=alerts[0].workspace, severity=severity, at=at):
        return False
    for alert in alerts:
        known(session, alert, at=at)
    return True


def known(session: Session, alert: CostAlert, *, at: datetime) -> None:
    """Note that people know of it without a message of its own."""
    alert.told_at = at
    session.flush()


def refresh(session: Session, alert: CostAlert, found: Found, *, at: datetime) -> None:
    """Keep what is found now, where it is no news: nobody is told, and nothing is drawn anew."""
    _update(session, alert, **_figures(found, at))


def changed(
    session: Session, alert: CostAlert, act: AlertAct, found: Found, *, worst: Decimal, at: datetime,
    silent: bool = False,
) -> bool:  # fmt: skip
    """Keep that it became WORSE or BETTER, and have it drawn anew; False if it was over meanwhile.

    Here and below: while `silent` nobody is told, which waits for `alert_holding.release`.
    """
    kept = _update(session, alert, **_figures(found, at), worst=worst, noted=found.value)
    if kept:
        _event(session, alert, act, before=alert.state, by=EVALUATION, at=at, silent=silent)
    return kept


def over(session: Session, alert: CostAlert, *, at: datetime, note: str | None = None, silent: bool = False) -> bool:
    """Close it: what it told of does not hold any more. False if it was over already."""
    return _moved(
        session, alert, AlertState.OVER, AlertAct.OVER, by=EVALUATION, at=at, note=note, silent=silent, over_at=at
    )


def acknowledge(session: Session, alert_id: uuid.UUID, *, by: Person, at: datetime) -> CostAlert:
    """Take it on: it escalates no more. Raises NotOpenError naming who did before, UnknownWordError for a stranger."""
    alert = get(session, alert_id, workspace=by.workspace)
    if alert.state is AlertState.ACKNOWLEDGED:
        raise _taken(alert, AlertState.ACKNOWLEDGED)
    _move(
        session, alert, AlertState.ACKNOWLEDGED, AlertAct.ACKNOWLEDGED, by=by, at=at, acknowledged_by=by.user,
        acknowledged_at=at, snoozed_until=None,
    )  # fmt: skip
    return alert


def snooze(session: Session, alert_id: uuid.UUID, *, by: Person, at: datetime, until: datetime) -> CostAlert:
    """Hear nothing of it until then, when it fires again if it still holds. Raises NotOpenError, UnknownWordError."""
    alert = get(session, alert_id, workspace=by.workspace)
    if until <= at:
        message = "An alert is snoozed until a moment that is yet to come."
        raise NotOpenError(message)
    note = until.isoformat(timespec="minutes")
    _move(session, alert, AlertState.SNOOZED, AlertAct.SNOOZED, by=by, at=at, note=note, snoozed_until=until)
    return alert


def wake(session: Session, alert: CostAlert, *, at: datetime, silent: bool = False) -> bool:
    """Have a snoozed one fire again: nobody has taken it on, and people have as long to do so as at first.

    False if somebody was faster.
    """
    return _moved(
        session, alert, AlertState.FIRING, AlertAct.WOKEN, by=EVALUATION, at=at, silent=silent, snoozed_until=None,
        acknowledged_by=None, acknowledged_at=None, escalated_at=None, told_at=at if alert.told_at else None,
    )  # fmt: skip


def assign(session: Session, alert_id: uuid.UUID, *, by: Person, at: datetime, to: str) -> CostAlert:
    """Make somebody responsible (Slack's id). Raises NotOpenError once it is over, UnknownWordError."""
    alert = get(session, alert_id, workspace=by.workspace)
    _remark(session, alert, AlertAct.ASSIGNED, by=by, at=at, note=to, assigned_to=to)
    return alert


def judge(session: Session, alert_id: uuid.UUID, verdict: AlertVerdict, *, by: Person, at: datetime) -> CostAlert:
    """Say what it was, also after it is over; what is expected and open counts as acknowledged.

    Raises UnknownWordError.
    """
    alert = get(session, alert_id, workspace=by.workspace)
    act = AlertAct(verdict.value)
    if verdict is AlertVerdict.EXPECTED and alert.state in {AlertState.FIRING, AlertState.SNOOZED}:
        _move(
            session, alert, AlertState.ACKNOWLEDGED, act, by=by, at=at, acknowledged_by=by.user, acknowledged_at=at,
            snoozed_until=None, verdict=verdict,
        )  # fmt: skip
        return alert
    alert.verdict = verdict
    session.flush()
    _event(session, alert, act, before=alert.state, by=by, at=at)
    return alert


def escalate(session: Session, alert: CostAlert, *, to: str, at: datetime) -> bool:
    """Tell somebody else as well, once unless it wakes since, while nobody acknowledged it. False if that is not so."""
    unheard = (CostAlert.state == AlertState.FIRING, CostAlert.escalated_at.is_(None))
    if not _update(session, alert, *unheard, escalated_at=at):
        return False
    _event(session, alert, AlertAct.ESCALATED, before=alert.state, by=EVALUATION, at=at, note=to)
    alert_posts.post(session, alert, to, escalated=True)
    return True


def escalate_many(session: Session, alerts: Sequence[CostAlert], *, to: str, at: datetime) -> int:
    """Tell somebody else as well of alerts that one message told of, in one message, too; returns of how many."""
    unheard = (CostAlert.state == AlertState.FIRING, CostAlert.escalated_at.is_(None))
    chosen = [one for one in alerts if _update(session, one, *unheard, escalated_at=at)]
    events = [
        _event(session, one, AlertAct.ESCALATED, before=one.state, by=EVALUATION, at=at, note=to, silent=True)
        for one in chosen
    ]
    if chosen:
        alert_posts.in_threads(session, chosen[0], events[0], count=len(chosen))
        alert_posts.post_many(session, chosen, to, escalated=True)
    return len(chosen)


def told_together(session: Session, alert: CostAlert) -> int:
    """Return of how many alerts of its rule people were told at the same moment as of this one."""
    same = select(func.count()).where(CostAlert.rule_id == alert.rule_id, CostAlert.told_at == alert.told_at)
    return session.scalar(same) or 0


def get(session: Session, alert_id: uuid.UUID, *, workspace: str | None = None) -> CostAlert:
    """Return one, of a workspace or of any; until the transaction ends nobody else changes it.

    Raises UnknownWordError, also for one of another workspace.
    """
    statement = select(CostAlert).where(CostAlert.id == alert_id).with_for_update()
    found = session.scalar(statement, execution_options={"populate_existing": True})
    if found is None or (workspace is not None and found.workspace not in {workspace, ""}):
        lists = "/cost alerts" if workspace else "costs alerts"
        raise UnknownWordError(str(alert_id), None, f"`{lists}` lists those that are open.")
    return found


def named(session: Session, text: str) -> CostAlert:
    """Return the one whose id begins so. Raises UnknownWordError, also where several do."""
    begins = cast(CostAlert.id, Text).startswith(text.strip().lower(), autoescape=True)
    rows = list(session.scalars(select(CostAlert).where(begins).limit(2))) if text.strip() else []
    if len(rows) != 1:
        raise UnknownWordError(text[:60], None, "`costs alerts --all` lists the ids of those there are.")
    return rows[0]


def listed(session: Session, *, workspace: str | None = None, everything: bool = False) -> list[CostAlert]:
    """Return the open alerts, or all, the newest first; those of a workspace together with the deployment's own."""
    found = select(CostAlert)
    if workspace is not None:
        found = found.where(CostAlert.workspace.in_({workspace, ""}))
    if not everything:
        found = found.where(CostAlert.state.in_(OPEN))
    return list(session.scalars(found.order_by(CostAlert.first_at.desc(), CostAlert.scope, CostAlert.id)))


def of_rule(session: Session, rule_id: uuid.UUID) -> list[CostAlert]:
    """Return the open alerts of a rule."""
    return list(session.scalars(select(CostAlert).where(CostAlert.rule_id == rule_id, CostAlert.state.in_(OPEN))))


def ended(session: Session, rule_id: uuid.UUID, *, since: datetime) -> set[str]:
    """Return the scopes of a rule of which an alert was over at that moment or later."""
    found = select(CostAlert.scope).where(CostAlert.rule_id == rule_id, CostAlert.over_at >= since)
    return set(session.scalars(found))


def history(session: Session, alert_id: uuid.UUID) -> Sequence[CostAlertEvent]:
    """Return what happened to it, in order."""
    found = select(CostAlertEvent).where(CostAlertEvent.alert_id == alert_id)
    return session.scalars(found.order_by(CostAlertEvent.id)).all()


def _remark(
    session: Session, alert: CostAlert, act: AlertAct, *, by: Person, at: datetime, note: str | None, **values: object
) -> None:
    """Note what leaves the state as it is. Raises NotOpenError once it is over."""
    if not _update(session, alert, **values):
        raise _taken(alert, AlertState.OVER)
    _event(session, alert, act, before=alert.state, by=by, at=at, note=note)


def _move(
    session: Session, alert: CostAlert, after: AlertState, act: AlertAct, *, by: Person, at: datetime,
    note: str | None = None, **values: Any,  # noqa: ANN401  columns
) -> None:  # fmt: skip
    """Change the state. Raises NotOpenError, naming who was faster."""
    if not _moved(session, alert, after, act, by=by, at=at, note=note, **values):
        raise _taken(alert, after)


def _moved(
    session: Session, alert: CostAlert, after: AlertState, act: AlertAct, *, by: Person, at: datetime,
    note: str | None = None, silent: bool = False, **values: object,
) -> bool:  # fmt: skip
    """Change the state if it is still what the row says, and may become that."""
    before = alert.state
    if after not in lifecycle.AFTER[before] and not (before is after is AlertState.SNOOZED):
        return False
    if not _update(session, alert, CostAlert.state == before, state=after, **values):
        return False
    _event(session, alert, act, before=before, by=by, at=at, note=note, silent=silent)
    return True


def _update(session: Session, alert: CostAlert, *only: Any, **values: object) -> bool:  # noqa: ANN401  conditions
    """Write values where it is still open and what `only` says; the row is as it is then, either way."""
    changed = session.execute(
        update(CostAlert).where(CostAlert.id == alert.id, CostAlert.state != AlertState.OVER, *only)
        .values(**values).returning(CostAlert.id),
        execution_options={"synchronize_session": False},
    ).all()  # fmt: skip
    session.refresh(alert)
    return bool(changed)


def _event(
    session: Session, alert: CostAlert, act: AlertAct, *, before: AlertState | None, by: Person, at: datetime,
    note: str | None = None, silent: bool = False,
) -> CostAlertEvent:  # fmt: skip
    event = CostAlertEvent(
        alert_id=alert.id, workspace=by.workspace, who=by.user, at=at, act=act, before=before, after=alert.state,
        value=alert.value, note=note,
    )  # fmt: skip
    session.add(event)
    session.flush()
    alert_posts.happened(session, alert, event, silent=silent)
    alert_holding.note(session, alert, event, silent=silent)
    return event


def _taken(alert: CostAlert, after: AlertState) -> NotOpenError:
    who = f" by {alert.acknowledged_by}" if alert.state is AlertState.ACKNOWLEDGED and alert.acknowledged_by else ""
    return NotOpenError(f"The alert is {alert.state} already{who}, so it cannot become {after}.")
