"""What `report weekly` promises is what happens: a report that is there is linked by its name, another is asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.answering import answer, understand
from bot.asker import Asker
from bot.blocks import draft as drawn
from bot.drafts.draft import Draft
from bot.terminal import shown
from finops.errors import CostsError
from finops.people import Person
from storage import outbox, runs, weekly_mails
from storage.models import Artifact, Outcome, Request
from storage.settings import settings
from tests.bot import ledgers

ASKER = Asker(Person("T0", "ULEAD"), "C0COSTS", date(2026, 11, 23))
MONDAY = date(2026, 11, 16)


@pytest.fixture
def ledger(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The small ledger, and a home without any file."""
    ledgers.fill(session)
    monkeypatch.setattr(type(settings()), "home", property(lambda _: tmp_path))
    return session


def _ask(session: Session, text: str) -> Draft:
    return answer(session, understand(session, text, ASKER), ASKER)


def _asked(session: Session) -> list[str]:
    return list(session.scalars(select(Request.job).order_by(Request.id)))


def test_a_weekly_report_that_is_there_is_linked_and_none_is_promised(ledger: Session) -> None:
    """By its own name, not as evidence; nothing is asked of the jobs, which would make none."""
    run = runs.begin(ledger, "notebook:weekly_costs")
    ledger.add(Artifact(run_id=run.id, name="a", media_type="text/html", address="a", size=1, sha256="0"))
    runs.finish(ledger, run.id, outcome=Outcome.SUCCEEDED, result={"start": str(MONDAY)})
    (receiver,) = weekly_mails.receivers()
    outbox.put(ledger, key=weekly_mails.key(MONDAY, receiver), kind="mail", payload={})
    draft = _ask(ledger, "report weekly")
    assert draft.headline == "The weekly report of 16\N{EN DASH}22 Nov 2026 is there."
    assert "minute" not in draft.more
    assert _asked(ledger) == []
    assert "|Weekly report, 16\N{EN DASH}22 Nov 2026>" in str([one.to_dict() for one in drawn.build(draft)])
    assert "Weekly report, 16\N{EN DASH}22 Nov 2026: http" in shown(draft)


def test_a_weekly_report_that_is_not_there_is_asked_for_once_and_tells_how_one_sees_it(ledger: Session) -> None:
    """Another week's page is not linked in its place; what failed says why."""
    for _ in range(2):
        draft = _ask(ledger, "report weekly")
        assert draft.headline == "I have asked for the weekly report of 16\N{EN DASH}22 Nov 2026."
        assert draft.notes == ("Say `report weekly` again then: it links it.",)
        assert (_asked(ledger), draft.evidence) == (["report"], None)
    run = runs.begin(ledger, "report")
    runs.finish(ledger, run.id, outcome=Outcome.FAILED, error="Nobody receives the report.")
    ledger.execute(update(Request).values(created_at=run.started_at))
    with pytest.raises(CostsError, match="Nobody receives"):
        _ask(ledger, "report weekly")
