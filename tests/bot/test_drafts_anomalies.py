"""What was out of order, listed and told, of all costs or of some."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.questions import NotUnderstoodError
from finops.anomalies.scopes import Of, Scope
from finops.errors import UnknownWordError
from storage import accounts
from storage.models import Anomaly
from tests.bot.asked import asked
from tests.bot.drawing import HOSTILE


def _event(session: Session, service: str, excess: int) -> uuid.UUID:
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=service)
    row = Anomaly(
        scope=scope.written(), currency="USD", kind="spike", rising=True, first_day=date(2026, 11, 16),
        end_day=date(2026, 11, 20), expected=Decimal(10), actual=Decimal(10 + excess), excess=Decimal(excess),
        excess_so_far=Decimal(excess * 4), monthly=Decimal(excess * 30), months=12.0, lasts=True, rule="default",
        sentence=f"{service} grew.",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def test_what_is_out_of_order_is_listed_and_each_event_told(ledger: Session) -> None:
    """The dearest first, with a button that asks why."""
    assert "Nothing was out of order" in asked(ledger, "anomalies").headline
    over = _event(ledger, "S3", 20)
    chosen = _event(ledger, HOSTILE, 90)
    draft = asked(ledger, "anomalies")
    assert draft.headline == "2 events out of order in the last 30 days; 2 go on."
    assert draft.points[1] == f"S3 in 1, AWS: +$20.00 a day, since 16 Nov 2026, goes on · {str(over)[:8]}"
    assert "+$90.00 a day" in draft.points[0]
    assert str(draft.deeper[0][1]) == f"why {str(chosen)[:8]}"
    assert "grew." in asked(ledger, str(draft.deeper[0][1])).more
    assert len(asked(ledger, "anomalies service=s3").points) == 1
    accounts.note(ledger, "test", {"1": "payments-prod"})
    assert len(asked(ledger, "anomalies account=Payments-Prod").points) == 2, "an account goes by its name, too"
    ledger.execute(update(Anomaly).where(Anomaly.id == over).values(lasts=False))
    draft = asked(ledger, "anomalies")
    assert draft.headline.endswith("1 goes on.")
    assert draft.points[1].endswith(f"16\N{EN DASH}19 Nov 2026, over · {str(over)[:8]}")


def test_an_event_is_of_the_team_that_its_causes_are_of(ledger: Session) -> None:
    """And by a side of it that was merged into it; an all-clear says of what, and that something is elsewhere."""
    mine, other = _event(ledger, "EC2", 90), _event(ledger, "S3", 20)
    clear = asked(ledger, "anomalies team=web")
    assert clear.headline == "Nothing of team=web was out of order in the last 30 days."
    assert clear.more.startswith("2 events were elsewhere, as far as their causes are known. I look every morning")
    assert str(clear.deeper[0][1]) == "anomalies"
    cause = {"share": "1", "values": {"resource": "nat-1"}, "shared": {"tag:team": "web"}}
    ledger.execute(update(Anomaly).where(Anomaly.id == mine).values(causes=[cause]))
    found = asked(ledger, "anomalies team=web")
    assert found.headline == "1 event of team=web out of order in the last 30 days; 1 goes on."
    assert found.values["anomalies"][0]["id"] == str(mine)
    side = _event(ledger, "side", 20)
    team = Scope(of=Of.TEAM, team="data").written()
    ledger.execute(update(Anomaly).where(Anomaly.id == side).values(scope=team, merged_into=other))
    assert [one["id"] for one in asked(ledger, "anomalies team=data").values["anomalies"]] == [str(other)]


def test_whoever_asks_why_of_nothing_is_shown_how_to(ledger: Session) -> None:
    """With an id that is there, or how to list them: no other question's example."""
    with pytest.raises(NotUnderstoodError, match=r"For example: anomalies$"):
        asked(ledger, "why zzz")
    chosen = str(_event(ledger, "S3", 20))[:8]
    with pytest.raises(NotUnderstoodError, match=f"For example: why {chosen}$"):
        asked(ledger, "why zzz")
    with pytest.raises(UnknownWordError, match=f"For example: why {chosen}$"):
        asked(ledger, f"why {'0' if chosen[0] != '0' else '1'}0000000")
