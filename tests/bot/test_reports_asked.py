"""What `report weekly` promises is what happens: a report that is there is linked by its name, another is asked for."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.blocks import draft as drawn
from bot.questions import NotUnderstoodError
from bot.terminal import shown
from finops.errors import CostsError
from storage import outbox, runs, weekly_mails
from storage.models import Artifact, Outcome, Request
from tests.bot.asked import ask

MONDAY = date(2026, 11, 16)


def _asked(session: Session) -> list[str]:
    return list(session.scalars(select(Request.job).order_by(Request.id)))


def test_a_weekly_report_that_is_there_is_linked_and_none_is_promised(ledger: Session) -> None:
    """By its own name, not as evidence; nothing is asked of the jobs, which would make none."""
    run = runs.begin(ledger, "notebook:weekly_costs")
    ledger.add(Artifact(run_id=run.id, name="a", media_type="text/html", address="a", size=1, sha256="0"))
    runs.finish(ledger, run.id, outcome=Outcome.SUCCEEDED, result={"start": str(MONDAY)})
    (receiver,) = weekly_mails.receivers()
    outbox.put(ledger, key=weekly_mails.key(MONDAY, receiver), kind="mail", payload={})
    draft = ask(ledger, "report weekly")
    assert draft.headline == "The weekly report of 16\N{EN DASH}22 Nov 2026 is there."
    assert "minute" not in draft.more
    assert "nobody gets it by mail" in draft.more
    assert [str(asked) for _, asked in draft.deeper] == ["by service 2026-11-16 to 2026-11-22"]
    assert _asked(ledger) == []
    assert "|Weekly report, 16\N{EN DASH}22 Nov 2026>" in str([one.to_dict() for one in drawn.build(draft)])
    assert "Weekly report, 16\N{EN DASH}22 Nov 2026: http" in shown(draft)


def test_a_weekly_report_that_is_not_there_is_asked_for_once_and_tells_how_one_sees_it(ledger: Session) -> None:
    """Another week's page is not linked in its place; what failed says why."""
    for _ in range(2):
        draft = ask(ledger, "report weekly")
        assert draft.headline == "I have asked for the weekly report of 16\N{EN DASH}22 Nov 2026."
        assert draft.notes == ("Say `report weekly` again then: it links it.",)
        assert (_asked(ledger), draft.evidence) == (["report"], None)
    run = runs.begin(ledger, "report")
    runs.finish(ledger, run.id, outcome=Outcome.FAILED, error="Nobody receives the report.")
    ledger.execute(update(Request).values(created_at=run.started_at))
    with pytest.raises(CostsError, match="Nobody receives"):
        ask(ledger, "report weekly")


@pytest.mark.parametrize(
    ("text", "wrong"), [("report monthly", "monthly"), ("report daily", "daily"), ("report weekly by team", "by team")]
)
def test_another_report_than_the_weekly_one_is_not_given_in_its_place(ledger: Session, text: str, wrong: str) -> None:
    """What is not understood is said, and the weekly one is a button."""
    with pytest.raises(NotUnderstoodError, match=f"“{wrong}”") as error:
        ask(ledger, text)
    assert str(error.value.nearest) == "report weekly"
    assert _asked(ledger) == []
