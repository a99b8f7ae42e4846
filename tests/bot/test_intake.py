"""What Slack sent is kept before it is acknowledged, worked off once, and outlives whoever took it in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt import Ack, App
from sqlalchemy import select, update

from bot import repeated, working
from bot.intake import TAKEN, Answer, Intake, read
from bot.listeners.telling import INTERRUPTED
from bot.working import Workers
from storage import inbox
from storage.database import libpq, transaction, url
from storage.models import Inbox, InboxState
from tests.bot import payloads
from tests.bot.fake_slack import FakeSlack

DIES = """
import os, signal, sys
from bot import app, intake
from tests.bot import payloads
from tests.bot.fake_slack import FakeSlack
taken = intake.Intake(app.build(), lambda: os.kill(os.getpid(), signal.SIGKILL))
taken.take(payloads.command(FakeSlack(sys.argv[1]), "help"))
"""


def _rows() -> list[Inbox]:
    with transaction() as session:
        return list(session.scalars(select(Inbox).order_by(Inbox.id)))


def _age(**values: Any) -> None:  # noqa: ANN401  a row's columns
    with transaction() as session:
        session.execute(update(Inbox).values(**values))


def _work_off(app: App) -> int:
    """Work until nothing is due; returns how much there was."""
    workers, done = Workers(app), 0
    while workers.once():
        done += 1
    return done


def _unworked(app: App, body: dict[str, Any]) -> Answer:
    return Intake(app, lambda: None).take(body)


def test_a_process_killed_right_after_the_acknowledgement_loses_nothing(bolt: App, slack: FakeSlack) -> None:
    """Whoever starts next answers what was taken in."""
    environment = {**os.environ, "DATABASE_URL": libpq(url())}
    died = subprocess.run([sys.executable, "-c", DIES, slack.address], env=environment, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    assert not slack.of("respond")
    assert _work_off(bolt) == 1
    assert "Ask in your own" in slack.of("respond")[0]["text"]
    assert [row.state for row in _rows()] == [InboxState.DONE]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("alert team=web daily &gt; 1500 USD", "alert team=web daily > 1500 USD"),
        ("a&amp;b &lt; &amp;gt;", "a&b < &gt;"),
    ],
)
def test_a_command_is_kept_as_it_was_typed(bolt: App, slack: FakeSlack, sent: str, kept: str) -> None:
    """Slack escapes three characters of it; of messages that is undone where they are read."""
    _unworked(bolt, payloads.command(slack, sent))
    [row] = _rows()
    assert json.loads(row.payload or "")["text"] == kept


def test_a_worker_that_died_is_followed_by_another_once_its_lease_ends(bolt: App, slack: FakeSlack) -> None:
    """Not before."""
    _unworked(bolt, payloads.command(slack, "help"))
    with transaction() as session:
        assert [inbox.claim(session) is not None for _ in range(2)] == [True, False]
    assert _work_off(bolt) == 0
    _age(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1))
    assert _work_off(bolt) == 1
    (told_to,) = slack.of("respond")
    assert "Ask in your own" in told_to["text"]


def test_a_delivery_that_ends_its_worker_every_time_is_given_up(bolt: App, slack: FakeSlack) -> None:
    """After five times; it would end the sixth. Who waits for an answer is told, nobody else."""
    _unworked(bolt, payloads.command(slack, "help"))
    _unworked(bolt, payloads.event("app_home_opened"))
    _age(attempts=inbox.ATTEMPTS)
    assert _work_off(bolt) == 2
    assert [row.state for row in _rows()] == [InboxState.FAILED] * 2
    assert [one["text"] for one in slack.of("respond")] == [INTERRUPTED]
    assert not slack.of("chat.postEphemeral")


def test_work_that_takes_long_keeps_its_lease(bolt: App, slack: FakeSlack) -> None:
    """Only who still works on it renews it."""
    _unworked(bolt, payloads.command(slack, "help"))
    with transaction() as session:
        row = inbox.claim(session, lease=timedelta(seconds=-1))
        assert row is not None
        inbox.renew(session, [row.id])
    assert _work_off(bolt) == 0


def test_what_waited_for_half_an_hour_is_told_by_name_and_not_done(bolt: App, slack: FakeSlack) -> None:
    """Its response address is gone by then."""
    _unworked(bolt, payloads.command(slack, "help"))
    _age(received_at=datetime.now(UTC) - timedelta(minutes=31))
    assert _work_off(bolt) == 1
    (late,) = slack.of("chat.postEphemeral")
    assert (late["channel"], late["user"]) == (payloads.CHANNEL, payloads.LEAD)
    assert "please do it again" in late["text"]
    assert not slack.of("respond")
    assert _rows()[0].state is InboxState.EXPIRED


def test_what_nobody_waits_for_is_not_told_when_it_is_late(bolt: App, slack: FakeSlack) -> None:
    """An opened Home, say."""
    _unworked(bolt, payloads.event("app_home_opened"))
    _age(received_at=datetime.now(UTC) - timedelta(minutes=31))
    assert _work_off(bolt) == 1
    assert not slack.of("chat.postEphemeral")


def test_the_acknowledgement_waits_for_no_answer(intake: Intake, slack: FakeSlack, bolt: App) -> None:
    """However many slow questions are being answered."""
    go_on = threading.Event()
    bolt.command("/slow")(ack=lambda ack: ack(), lazy=[lambda: go_on.wait(20)])
    slow = {"command": "/slow"}
    crowd = working.THREADS * 3
    taken = [intake.take(payloads.command(slack, "") | slow) for _ in range(crowd)]
    assert [one.status for one in taken] == [200] * crowd
    assert sum(row.state is InboxState.DONE for row in _rows()) == 0
    go_on.set()


def test_a_replay_acts_once_over_either_transport(bolt: App, slack: FakeSlack) -> None:
    """Slack, or somebody who recorded it, may deliver the same request again."""
    for _ in range(3):
        assert _unworked(bolt, payloads.command(slack, "help", trigger="same")) == TAKEN
    _unworked(bolt, payloads.command(slack, "help", trigger="other"))
    assert _work_off(bolt) == 2


@pytest.fixture
def saved(bolt: App) -> list[str]:
    """An app with a form that wants a name; returns the names it saved."""
    names: list[str] = []

    def check(ack: Ack, view: dict[str, Any]) -> None:
        name = view["state"]["values"].get("name")
        ack() if name else ack(response_action="errors", errors={"name": "Give it a name."})

    bolt.view("budget")(ack=check, lazy=[lambda view: names.append(view["state"]["values"]["name"])])
    return names


def test_a_form_is_sent_back_with_what_is_wrong_and_then_taken_once(bolt: App, saved: list[str]) -> None:
    """Although its submission is keyed by the form as it was shown."""
    wrong = _unworked(bolt, payloads.form("budget"))
    assert wrong.body == {"response_action": "errors", "errors": {"name": "Give it a name."}}
    assert _work_off(bolt) == 0
    for _ in range(2):  # an impatient finger: two submissions, each with a trigger of its own
        assert _unworked(bolt, payloads.form("budget", values={"name": "web"})).status == 200
    assert _work_off(bolt) == 1
    assert saved == ["web"]


def test_a_form_whose_process_died_before_it_was_looked_at_is_looked_at_again(bolt: App, saved: list[str]) -> None:
    """What was not taken then is not done now."""
    for number, values in enumerate(({}, {"name": "web"})):
        body = payloads.form("budget", view=f"V{number}", values=values)
        with transaction() as session:
            inbox.put(session, workspace="T0", key=repeated.key(body), payload=json.dumps(body), held=True)
    assert _work_off(bolt) == 0, "it is still being looked at"
    _age(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1))
    assert _work_off(bolt) == 2
    assert saved == ["web"]


def test_text_that_postgresql_calls_no_text_is_kept_all_the_same(bolt: App, slack: FakeSlack) -> None:
    """A NUL, half an emoji, right to left, and a lot of it."""
    for text in ("a\x00b", "\ud83d", "\u202e\u05e9\u05dc\u05d5\u05dd", "x" * 3000, "';drop table inbox;--", "🦄" * 99):
        _unworked(bolt, payloads.command(slack, text))
    assert _work_off(bolt) == 6
    assert len(slack.of("respond")) == 6
    assert {row.state for row in _rows()} == {InboxState.DONE}


def test_payloads_are_forgotten_and_later_their_keys(bolt: App, slack: FakeSlack) -> None:
    """What still waits is not."""
    _unworked(bolt, payloads.command(slack, "help", trigger="done"))
    _work_off(bolt)
    _unworked(bolt, payloads.command(slack, "help", trigger="waiting"))
    now = datetime.now(UTC)

    def left(after: timedelta) -> list[tuple[str, bool]]:
        with transaction() as session:
            inbox.prune(session, now=now + after)
        return [(row.key, row.payload is not None) for row in _rows()]

    assert left(timedelta(days=1)) == [("done", True), ("waiting", True)]
    assert left(inbox.KEEP_PAYLOAD + timedelta(hours=1)) == [("done", False), ("waiting", True)]
    assert left(inbox.KEEP + timedelta(hours=1)) == [("waiting", True)]


def test_slack_checks_the_address_and_the_certificate(bolt: App) -> None:
    """Neither leaves a row."""
    assert _unworked(bolt, {"type": "url_verification", "challenge": "abc"}).body == {"challenge": "abc"}
    assert _unworked(bolt, {"ssl_check": "1", "token": "x"}).status == 200
    assert _unworked(bolt, {}).status == 400
    assert not _rows()


def test_a_form_is_read_whatever_words_it_holds() -> None:
    """A question about a payload is no payload."""
    assert read(b"command=%2Fcost&text=payload") == {"command": "/cost", "text": "payload"}
    assert read(b"payload=%7B%22type%22%3A%22block_actions%22%7D") == {"type": "block_actions"}
    for broken in (b"\xff", b"{", b"payload=", b"payload=%5B%5D", b"payload=" + b"%5B" * 100_000):
        with pytest.raises((ValueError, TypeError, RecursionError)):
            read(broken)
