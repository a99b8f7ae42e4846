"""Whoever waits for a forecast gets it once it is there, or is told what stands in its way."""

from __future__ import annotations

from datetime import timedelta

from slack_bolt import App
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot import awaited, deliver
from bot.intake import Intake
from bot.working import Workers
from storage import outbox, runs
from storage.database import transaction
from storage.models import Outbox, OutboxState, Outcome, Request, SlackPace
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.forecast_made import keep_forecast


def _requests(session: Session) -> list[tuple[str, object]]:
    return [(one.job, one.parameters) for one in session.scalars(select(Request).order_by(Request.id))]


def _taken(bolt: App, slack: FakeSlack, body: dict[str, object]) -> None:
    Intake(bolt, lambda: None).take(body)
    assert Workers(bolt).once()
    del slack


def _due() -> None:
    """Let what waits look again now."""
    with transaction() as session:
        waiting = update(Outbox).where(Outbox.state == OutboxState.PENDING)
        session.execute(waiting.values(next_attempt_at=Outbox.created_at - timedelta(hours=1)))
        session.execute(delete(SlackPace))
    deliver.once()
    deliver.once()  # what is given is a message of its own


def test_whoever_asked_gets_the_forecast_once_it_is_there(bolt: App, slack: FakeSlack) -> None:
    """Privately what was asked by a command, in its thread what was asked by a mention; each once."""
    with transaction() as session:
        ledgers.fill(session)
    _taken(bolt, slack, payloads.command(slack, "forecast service=ec2"))
    _taken(bolt, slack, payloads.event("app_mention", text="<@UBOT> forecast service=ec2", ts="5.5"))
    assert "is being computed" in slack.of("respond")[0]["text"]
    assert "is being computed" in slack.of("chat.postMessage")[0]["text"]
    _due()
    assert (len(slack.of("respond")), len(slack.of("chat.postMessage"))) == (1, 1), "it is not there yet"
    with transaction() as session:
        assert len(_requests(session)) == 1, "both wait for the same"
        keep_forecast(session, group_by=None, service_name="EC2")
    _due()
    _due()
    _, given = slack.of("respond")
    assert "service=ec2: from 21 Nov to 20 Dec 2026 (30 days) usage will cost about $300.00" in given["text"]
    assert given["response_type"] == "ephemeral"
    asked, posted = slack.of("chat.postMessage")
    assert "(30 days) usage will cost about $300.00" in posted["text"]
    assert posted["thread_ts"] == asked["thread_ts"]


def test_whoever_waits_is_told_what_stands_in_the_way(bolt: App, slack: FakeSlack) -> None:
    """Too little history; and a worker that is away, after ten minutes."""
    with transaction() as session:
        ledgers.fill(session)
    _taken(bolt, slack, payloads.command(slack, "forecast service=ec2"))
    _taken(bolt, slack, payloads.command(slack, "forecast service=s3"))
    with transaction() as session:
        run = runs.begin(session, "forecast", parameters=_requests(session)[0][1])  # type: ignore[arg-type]
        runs.finish(session, run.id, outcome=Outcome.FAILED, error="A forecast needs 14 days of charges.")
        session.execute(update(Outbox).values(created_at=Outbox.created_at - timedelta(minutes=11)))
    _due()
    told = sorted(one["text"][:16] for one in slack.of("respond")[2:])
    assert told == ["A forecast needs", "This took longer"]
    with transaction() as session:
        assert not outbox.unsent(session)


def test_whoever_waits_with_a_question_that_is_read_no_more_is_told(bolt: App, slack: FakeSlack) -> None:
    """A newer version may read less than the one that wrote it down: waiting on would be silence."""
    with transaction() as session:
        ledgers.fill(session)
    _taken(bolt, slack, payloads.command(slack, "forecast service=ec2"))
    with transaction() as session:
        waits = session.scalars(select(Outbox).where(Outbox.kind == awaited.KIND)).one()
        waits.payload = {**waits.payload, "question": "forecast frobnicated qwertz"}
    _due()
    assert "I don't know" in slack.of("respond")[-1]["text"]
    with transaction() as session:
        assert not outbox.unsent(session)
