"""What is out of order, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot import table_pages
from bot.asker import Asker
from bot.drafts.draft import Draft, Judged, rounded
from bot.questions import CostQuestion, Kind, When, terms
from finops.anomalies.alerts import Alert
from finops.anomalies.scopes import Scope
from finops.errors import UnknownWordError
from finops.foreign import middle, worded
from finops.periods import ONE_DAY, Period
from storage import accounts, alerts, anomalies, anomaly_scopes, runs
from storage.artifacts import link
from storage.models import Anomaly

DAYS = 30
"""How long ago an event may have ended to be listed still."""
BEFORE = timedelta(days=7)
"""The days before an event that are shown with it."""
BUTTONS, NAME, LONGEST, ID = 4, 40, 80, 8
MOST = 15
"""Events of a message: with more of them it would be longer than Slack takes."""
SIGNS = "+ is more than expected, - is less."


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """List what is out of order, or ended in the last 30 days; what costs most first."""
    del who
    last, called = alerts.through(session), accounts.labels(session)
    since = last - timedelta(days=DAYS) if last else None
    known = anomalies.listed(session, since=since)
    rows = anomaly_scopes.of(session, known, question.where)
    told = sorted(
        ((row, alerts.alert(row, called, last)) for row in rows),
        key=lambda one: (not one[1].lasts, -abs(one[1].excess)),
    )
    shown = table_pages.of(told, question, MOST)
    if not told:
        return _clear(session, question, elsewhere=len(known))
    return Draft(
        headline=_headline(told, _of(question)),
        more=f"{told[0][1].title()}, {told[0][1].when()}.",
        points=tuple(_point(row, one) for row, one in shown),
        notes=tuple(note for note in (_left(told, question), _how(shown), SIGNS) if note),
        deeper=(
            *((f"Why {worded(one.name, NAME)}", _why(row)) for row, one in shown[:BUTTONS]),
            *((("More", question.changed(page=question.page + 1)),) if _left(told, question) else ()),
        ),
        values={"anomalies": [_values(row, one) for row, one in told]},
    )


def _clear(session: Session, question: CostQuestion, *, elsewhere: int) -> Draft:
    """Say that nothing was out of order, of what; and that something was `elsewhere`, which may be the asker's, too."""
    others = f"{elsewhere} event{'s were' if elsewhere > 1 else ' was'} elsewhere, as far as their causes are known. "
    known = anomalies.any_known(session)
    looked = "I look every morning, on settled days." if known else "Nobody has looked yet."
    return Draft(
        headline=f"Nothing{_of(question)} was out of order in the last {DAYS} days.",
        more=f"{others if elsewhere else ''}{looked}",
        notes=() if known else ("`costs run anomalies` looks.",),
        deeper=(("All anomalies", CostQuestion(kind=Kind.ANOMALIES)),) if elsewhere else (),
        values={"anomalies": []},
    )


def _of(question: CostQuestion) -> str:
    """Name the costs that are asked about: of team=payments."""
    return f" of {terms(question.where)}" if question.where else ""


def why(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Tell all of one event. Raises UnknownWordError."""
    del who
    try:
        row = anomalies.named(session, question.identifier or "")
    except UnknownWordError as error:
        raise UnknownWordError(error.word, None, example(session)) from error
    one = alerts.alert(row, accounts.labels(session), alerts.through(session))
    page = runs.page(session, row.run_id) if row.run_id else None
    where, said = Scope.read(row.scope).where, anomalies.said(session, [row]).get(row.id)
    costs = (("By day", _by_day(where, one, alerts.through(session))),) if _asked(where) else ()
    return Draft(
        headline=f"{one.title()}.",
        more=f"{one.amounts()} {one.cause or 'Why is not known yet: its page is made each morning.'}",
        notes=(one.course(), one.step()),
        evidence=link(page) if page else None,
        deeper=(*costs, ("All anomalies", CostQuestion(kind=Kind.ANOMALIES))),
        judged=Judged(row.id, said),
        values=_values(row, one) | {"said": str(said.verdict) if said else None},
    )


def _by_day(where: Mapping[str, tuple[str, ...]], one: Alert, last: date | None) -> CostQuestion:
    """Ask for the days of an event and those before it: to its end or, while it lasts, to the last settled day."""
    end = max(one.days.end, last + ONE_DAY) if one.lasts and last else one.days.end
    days = Period(one.days.start - BEFORE, end)
    return CostQuestion(where=dict(where), group_by=("date",), when=When.of(days))


def _asked(where: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether it can be asked for: a team's costs are told by rules, not by filters."""
    return bool(where)


def _headline(told: list[tuple[Anomaly, Alert]], of: str) -> str:
    going = sum(one.lasts for _, one in told)
    events = f"{len(told)} event{'s' if len(told) > 1 else ''}{of} out of order in the last {DAYS} days"
    return f"{events}; {going or 'none'} go{'' if going > 1 else 'es'} on."


def _point(row: Anomaly, one: Alert) -> str:
    """Tell one event in a line: what, how much a day, since when, whether it is over; its id last."""
    sign = "+" if one.excess > 0 else ""
    amount = f"{sign}{rounded(one.excess, one.currency)} a day"
    state = "goes on" if one.lasts else "no data since" if one.silent else "over"
    return f"{worded(one.name, LONGEST)}: {amount}, {one.when()}, {state} · {_short(row)}"


def _how(shown: list[tuple[Anomaly, Alert]]) -> str:
    """Say what the ids are for, with one that is there."""
    return f"`why {_short(shown[0][0])}` tells all of one, by the id at its end." if shown else ""


def _short(row: Anomaly) -> str:
    return str(row.id)[:ID]


def example(session: Session) -> str:
    """Return words that ask why, of the newest event that there is, or that list them."""
    return next((str(_why(row)) for row in anomalies.listed(session)), "anomalies")


def _left(told: list[tuple[Anomaly, Alert]], question: CostQuestion) -> str:
    left = len(told) - min(question.top, MOST) * question.page
    return f"{left} more: say `{question.changed(page=question.page + 1)}`." if left > 0 else ""


def _why(row: Anomaly) -> CostQuestion:
    return CostQuestion(kind=Kind.WHY, identifier=_short(row))


def _values(row: Anomaly, one: Alert) -> dict[str, object]:
    return {
        "id": str(row.id),
        "what": one.title(),
        "since": str(one.days.start),
        "lasts": one.lasts,
        "currency": one.currency,
        "excess_a_day": f"{one.excess:f}",
        "so_far": f"{one.so_far:f}",
        "cause": middle(one.cause, 600) if one.cause else None,
    }
