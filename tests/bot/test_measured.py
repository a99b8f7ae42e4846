"""What a carried-out saving saved, where people see it: on its card, in the thread, under the list, in the terminal."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy.orm import Session

from bot import announcements, cards, recommendations_cli, recommending
from bot.blocks import recommendation
from jobs import measure
from storage import posted, recommendations
from storage.database import transaction
from storage.models import Recommendation, RecommendationEvent
from tests.measured import carried_out, look

SAID = "7 days on: $63.00 saved of $72.33 promised (87 %)"


def _drawn(session: Session, row: Recommendation) -> str:
    blocks = recommendation.card(cards.of(session, row))
    return json.dumps([one.to_dict() for one in blocks], ensure_ascii=False)


def test_a_card_tells_that_it_will_be_measured_and_then_what_was_saved(session: Session) -> None:
    """Who carried it out stays beside it."""
    row = carried_out(session)
    assert "*Carried out* by <@UADA> on 8 Nov 2026 at 12:00 UTC · what it saves is measured 7, 14" in _drawn(
        session, row
    )
    look(session, today=date(2026, 11, 21))
    assert f"*Carried out* by <@UADA> on 8 Nov 2026 at 12:00 UTC · {SAID}" in _drawn(session, row)


def test_the_thread_gets_a_line(session: Session) -> None:
    """With what it cost before and after."""
    row = carried_out(session)
    look(session, today=date(2026, 11, 21))
    event = recommendations.events(session, row.id)[-1]
    assert isinstance(event, RecommendationEvent)
    text, _ = announcements.draw(session, {posted.HAPPENED: event.id})
    assert text.startswith(f"*Stop i-1*: {SAID}; it cost $70.00 on 1–7 Nov 2026 and $7.00 on 9–15 Nov 2026. _")  # noqa: RUF001


def test_the_list_ends_with_what_all_together_saved(session: Session) -> None:
    """Also where nothing waits for a decision."""
    carried_out(session)
    look(session, today=date(2026, 11, 21))
    _, blocks = recommending.drawn(session, "recommendations", workspace="T0", channel="C1")
    told = json.dumps([one.to_dict() for one in blocks])
    assert "1 saving carried out, $310.00 a month promised; measured over 7 days: $63.00 saved of $72.33" in told


def test_the_job_measures_and_the_command_line_lists_it(database: Path) -> None:
    """In words and as JSON with exact amounts."""
    del database
    with transaction() as session:
        carried_out(session)
    nothing = CliRunner().invoke(recommendations_cli.recommendations, ["--carried-out", "disks"])
    assert nothing.output.startswith("Nothing was carried out yet")
    done = measure.run(at="2026-11-21T05:45:00+00:00")
    assert done == {"due": 1, "measured": 1, "waiting": 0, "news": 1}
    shown = CliRunner().invoke(recommendations_cli.recommendations, ["--carried-out"], catch_exceptions=False).output
    assert "2026-11-08  Stop i-1" in shown
    assert SAID in shown
    asked = CliRunner().invoke(recommendations_cli.recommendations, ["--carried-out", "--json"], catch_exceptions=False)
    (found,) = json.loads(asked.output)
    (week,) = found["measured"]
    assert (week["days"], week["saved"][:5], week["why_not"]) == (7, "63.00", None)
    listed = CliRunner().invoke(recommendations_cli.recommendations, [], catch_exceptions=False).output
    assert listed.startswith("There is nothing to save")
    assert "measured over 7 days: $63.00 saved of $72.33 promised (87 %)." in listed
