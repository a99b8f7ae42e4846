"""The weekly report: linked where it is there, asked of the jobs where it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from bot.asker import Asker
from bot.drafts.draft import Draft, Plainly
from bot.questions import CostQuestion, When
from finops import weekly
from finops.errors import CostsError
from finops.focus import Dimension
from finops.periods import Period
from finops.tables import days
from storage import charges, requests, runs, weekly_mails
from storage.artifacts import link
from storage.settings import settings

JOB = "report"
SERVICE = Dimension.SERVICE.value
WITHIN = timedelta(minutes=10)
"""What was asked for since then is not asked for again: it is on its way, or failed."""


def draft(session: Session, who: Asker) -> Draft:
    """Link the report of the week that the job would make; where mails of it are missing, ask for them.

    Raises NoChargesError, and CostsError if the report was asked for and could not be made.
    """
    today = datetime.now(UTC).date()  # as the job says which week it is
    week = weekly.windows(charges.settled_through(session), str(weekly.last_monday(today))).week
    receivers = weekly_mails.receivers()
    if weekly_mails.written(session, week.start, receivers) == set(receivers):
        return _there(session, week)
    if _is_new(session):
        requests.ask(session, job=JOB, parameters={}, by=who.person.user)
    more = "It takes a minute or two, and {mailed}."
    return Draft(
        headline=f"I have asked for the weekly report of {days(week)}.",
        more=more.format(mailed=_mailed()),
        plainly=_plainly(more),
        notes=("Say `report weekly` again then: it links it.",),
        values={"requested": JOB, "week": weekly.iso_week(week.start), "page": None},
    )


def _there(session: Session, week: Period) -> Draft:
    """Say that it is there: it is made once a week, so nothing is asked for."""
    page = weekly_mails.page(session, week.start)
    found = link(page) if page else None
    gone = "" if found else " Its page is not kept any more: ask for that week."
    more = f"It is made once a week; {{mailed}}.{gone} The next one comes after {_last_day(week)}."
    return Draft(
        headline=f"The weekly report of {days(week)} is there.",
        more=more.format(mailed=_mailed(done=True)),
        plainly=_plainly(more, done=True),
        evidence=found,
        evidence_name=f"Weekly report, {days(week)}",
        deeper=(("That week by service", CostQuestion(when=When.of(week), group_by=(SERVICE,))),),
        values={"requested": None, "week": weekly.iso_week(week.start), "page": found},
    )


def _last_day(week: Period) -> str:
    following: date = week.end + timedelta(days=6)
    return f"{following:%-d %b}"


def _mailed(*, done: bool = False) -> str:
    if settings().smtp_url is None:
        return "nobody gets it by mail, as SMTP_URL is not set"
    return "those whom MAIL_TO names have it by mail" if done else "those whom MAIL_TO names get it by mail"


def _plainly(more: str, *, done: bool = False) -> Plainly:
    """Say the same without the names of settings."""
    if settings().smtp_url is None:
        return Plainly(more.format(mailed="nobody gets it by mail"), "Ask an admin if it should come by mail")
    return Plainly(more.format(mailed="it has gone out by mail" if done else "it goes out by mail"))


def _is_new(session: Session) -> bool:
    """Whether nobody has asked for it just now. Raises CostsError for why it could not be made."""
    since = requests.newest(session, job=JOB, parameters={}, since=datetime.now(UTC) - WITHIN)
    if since is None:
        return True
    if problem := runs.failed_since(session, JOB, {}, since):
        raise CostsError(problem)
    return False
