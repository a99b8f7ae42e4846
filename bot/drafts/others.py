"""Freshness, reports, help, and what is not kept yet."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot import evidence, table_pages
from bot.asker import Asker
from bot.drafts import weekly_report
from bot.drafts.draft import Draft, Grid, listed
from bot.questions import EXAMPLES, Cadence, CostQuestion, Kind, NotUnderstoodError
from bot.wording import headline
from finops.foreign import plain
from finops.tables import PROVIDERS
from finops.trend import NoChargesError, complete_through
from storage import charges, requests, runs
from storage.artifacts import link
from storage.sources import Fresh, freshness

PAGES = {
    "cost_breakdown": "where the money goes",
    "cost_trend": "the trend",
    "allocation": "who costs belong to",
}
"""Notebooks that people ask for as a report; the first that is there is linked."""


def fresh(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Say until which day each bill is complete. Raises NoChargesError."""
    del who
    found = freshness(session)
    if not found:
        raise NoChargesError
    through = complete_through(charges.settled_through(session))
    shown = table_pages.of(found, question)
    return Draft(
        headline=f"Complete through {through:%-d %b %Y}: figures end there unless days are named.",
        more=_late(found),
        grid=Grid(("Bill", "Complete", "Read"), tuple(_row(one) for one in shown)),
        notes=("Days after it are provisional and still grow.",),
        values={"through": str(through), "sources": [_values(one) for one in found]},
    )


def _late(found: list[Fresh]) -> str:
    newest = max((one.settled_through for one in found if one.settled_through), default=None)
    late = [one for one in found if one.settled_through and newest and (newest - one.settled_through).days > 3]  # noqa: PLR2004  providers settle within three days of each other
    if not late:
        return "No bill is more than three days behind another."
    one = min(late, key=lambda each: each.settled_through or date.min)
    return f"{plain(one.name)} is behind: its last complete day is {one.settled_through:%-d %b %Y}."


def _row(one: Fresh) -> tuple[str, str, str]:
    day = f"{one.settled_through:%-d %b}" if one.settled_through else "never"
    read = f"{one.read_at:%-d %b}" if one.read_at else "never"
    return f"{one.name} ({PROVIDERS.get(one.provider or '', one.provider or 'unknown')})", day, read


def _values(one: Fresh) -> dict[str, str | None]:
    return {
        "source": one.name,
        "provider": one.provider,
        "settled_through": str(one.settled_through) if one.settled_through else None,
        "read_at": one.read_at.isoformat() if one.read_at else None,
    }


def report(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Ask the jobs for a report, and tell where the last ones are. Raises as `answer` does, and NotUnderstoodError."""
    if question.cadence is None and question.model_fields_set - {"kind"}:
        return _of_costs(session, question.changed(kind=Kind.COMPARE if question.against else Kind.COST), who)
    if question.cadence:
        _weekly(question)
        return weekly_report.draft(session, who)
    requests.ask(session, job="analyse", parameters={}, by=who.person.user)
    pages = {name: page for name in PAGES if (page := _page(session, name))}
    first = next(iter(pages), None)
    return Draft(
        headline=f"I have asked for this month's pages anew: {listed(list(PAGES.values()))}.",
        more=f"{'Below is the last one; the new ones take' if first else 'They take'} a minute or two.",
        notes=("Say `report` again then: it links them.",),
        evidence=pages[first] if first else None,
        evidence_name=PAGES[first].capitalize() if first else "",
        values={"requested": "analyse", "pages": pages},
    )


def _weekly(question: CostQuestion) -> None:
    """Raise NotUnderstoodError for another report than the weekly one, which is of everybody's costs of last week."""
    weekly = CostQuestion(kind=Kind.REPORT, cadence=Cadence.WEEKLY)
    more = str(question.changed(kind=Kind.COMPARE if question.against else Kind.COST, cadence=None))
    wrong = more if question.cadence is Cadence.WEEKLY else str(question.cadence)
    if wrong:
        raise NotUnderstoodError(wrong[:60], None, weekly, known=True)


def _of_costs(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Have the page made that tells what an answer tells, or link it."""
    from bot.drafts import cost  # noqa: PLC0415  only for those who ask for it

    found = cost.figures(session, question)
    again = (("Ask again", question),)
    if found.evidence:
        return Draft(
            "There is such a report.",
            headline(found),
            evidence=found.evidence,
            evidence_name="Report",
            deeper=again,
            values={},
        )
    if not evidence.possible(found):
        return Draft(
            "Of that I cannot make a report.",
            "I make them of everybody's costs on complete days, by one or two names, as billed: report by service last "
            "month.",
            deeper=again,
            values={"requested": None},
        )
    requests.ask(session, job="analyse", parameters=evidence.parameters(found), by=who.person.user)
    return Draft(
        headline=f"I have asked for this as a report: {question}." if str(question) else "I have asked for a report.",
        more="It takes a minute or two: then the same question links it.",
        deeper=again,
        values={"requested": "analyse", "parameters": evidence.parameters(found)},
    )


def _page(session: Session, name: str) -> str | None:
    run = runs.latest(session, f"notebook:{name}")
    page = runs.page(session, run.id) if run else None
    return link(page) if page else None


def thanks(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Say something friendly."""
    del session, question, who
    return Draft(
        "You are welcome.",
        "Ask on whenever you like.",
        notes=("`help` shows what I know.",),
        values={"thanks": True},
    )


def help_(session: Session | None = None, question: CostQuestion | None = None, who: Asker | None = None) -> Draft:
    """Say what one can ask."""
    del session, question, who
    return Draft(
        headline="Ask in your own words; for example:",
        lines=EXAMPLES,
        deeper=(
            ("This month", CostQuestion()),
            (
                "Last 7 days by service",
                CostQuestion.model_validate({"when": {"days": 7}, "group_by": ["service_name"]}),
            ),
            ("What can we save?", CostQuestion(kind=Kind.RECOMMENDATIONS)),
        ),
        values={"help": [{"ask": words, "answer": meaning} for words, meaning in EXAMPLES]},
    )
