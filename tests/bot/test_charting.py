"""A chart survives what happens between drawing it and Slack's answer, and is shown once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bot import asker, charting, deliver, speaking
from bot.actions import Action
from bot.drafts import cost
from bot.questions import parse
from bot.said import Said
from finops.people import Person
from storage import outbox
from storage.database import transaction
from storage.models import Outbox, OutboxState
from tests.bot import passing, payloads
from tests.bot.fake_slack import HANG_UP, FakeSlack

COMPLETE = "files.completeUploadExternal"
PNG = b"\x89PNG"
WHO = asker.Asker(Person("T0", "ULEAD"), "C0COSTS", today=date(2026, 11, 23))


def press(app: App, slack: FakeSlack, action: Action) -> dict[str, Any]:
    """Press Chart, or the second Share, and return what was sent."""
    body = payloads.button(slack, action, "by service 2026-10")
    app.dispatch(BoltRequest(mode="socket_mode", body=body))
    return body


def chart() -> Outbox:
    """Return the chart's row."""
    with transaction() as session:
        return session.query(Outbox).filter_by(kind=charting.KIND).one()


def told(slack: FakeSlack) -> str:
    """Return what whoever pressed was told last."""
    return str(slack.of("respond")[-1].get("text", ""))


def test_a_pause_that_slack_asks_for_is_kept_and_the_same_picture_comes_after_it(app: App, slack: FakeSlack) -> None:
    """Who pressed is told; once it is there the outbox keeps no picture."""
    slack.script[COMPLETE] = [(429, {"Retry-After": "77"}, {"ok": False, "error": "ratelimited"})]
    press(app, slack, Action.CHART)
    assert "as soon as it does" in told(slack)
    waits = chart().next_attempt_at - datetime.now(UTC)
    assert timedelta(seconds=60) < waits < timedelta(seconds=78)
    passing.posted()
    first, second = slack.of("upload")
    assert first["file"].startswith(PNG)
    assert first == second
    assert (chart().state, chart().payload[charting.DRAWN]) == (OutboxState.SENT, None)
    passing.posted()
    assert len(slack.of(COMPLETE)) == 2


@pytest.mark.parametrize("lost", [HANG_UP, (500, {}, {"ok": False, "error": "fatal_error"})])
@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_makes_it_look_for_the_file_before_it_is_shown_again(
    app: App,
    slack: FakeSlack,
    lost: object,
    arrived: bool,  # noqa: FBT001
) -> None:
    """Slack takes no key for a file: its own id tells."""
    slack.script[COMPLETE] = [lost]
    press(app, slack, Action.CHART)
    assert "I look whether it is there" in told(slack)
    there = {"ts": "9.9", "files": [{"id": "F0" if arrived else "F9"}]}
    slack.script["conversations.history"] = [{"ok": True, "messages": [there]}]
    passing.posted()
    assert slack.of("conversations.history")[0]["channel"] == "D0DIRECT"
    assert len(slack.of(COMPLETE)) == (1 if arrived else 2)
    assert chart().state is OutboxState.SENT


def test_an_upload_that_broke_off_was_seen_by_nobody_and_is_repeated_without_a_look(app: App, slack: FakeSlack) -> None:
    """Before it is completed a file is shown nowhere."""
    slack.script["upload"] = [HANG_UP]
    press(app, slack, Action.CHART)
    assert not outbox.maybe_sent(chart())
    passing.posted()
    assert chart().state is OutboxState.SENT
    assert (len(slack.of("upload")), len(slack.of(COMPLETE))) == (2, 1)
    assert not slack.of("conversations.history")


def test_a_worker_that_dies_after_the_answer_leaves_its_chart_to_the_outbox(app: App, slack: FakeSlack) -> None:
    """It is drawn from the question, as it was meant on that day, under the answer."""
    del app
    asked = parse("last month by service", today=WHO.today)
    body = payloads.button(slack, Action.SHARE_NOW, str(asked))
    what = Said("C0COSTS", "an answer", by="ULEAD")
    speaking.post(body, what, workspace="T0", chart=charting.payload(asked, WHO, channel="C0COSTS"))
    assert deliver.once() == 0, "somebody else took it while its worker may still live"
    passing.posted()
    (sent,) = slack.of(COMPLETE)
    with transaction() as session:
        answer = session.query(Outbox).filter_by(kind="slack_answer").one()
    assert (sent["channel_id"], sent["thread_ts"]) == ("C0COSTS", (answer.receipt or {})["ts"])
    assert slack.of("files.getUploadURLExternal")[0]["filename"] == "costs-2026-10-01-2026-11-01.png"
    assert not slack.of("conversations.history")


def test_who_draws_too_late_leaves_it_to_whoever_took_it_on(app: App, slack: FakeSlack) -> None:
    """Its lease had ended: two would show it twice."""
    del app
    asked = parse("last month by service", today=WHO.today)
    body, what = payloads.button(slack, Action.SHARE_NOW, str(asked)), Said("C0COSTS", "an answer", by="ULEAD")
    row = speaking.post(body, what, workspace="T0", chart=charting.payload(asked, WHO, channel="C0COSTS"))
    assert row
    passing.posted()
    with transaction() as session:
        found = cost.figures(session, asked)
    speaking.draw(row, found)
    assert len(slack.of(COMPLETE)) == 1


def test_a_chart_waits_for_its_answer_and_does_not_come_without_it(app: App, slack: FakeSlack) -> None:
    """Wherever the answer ends up is where it belongs."""
    slack.script["chat.postMessage"] = [(429, {"Retry-After": "30"}, {"ok": False, "error": "ratelimited"})]
    press(app, slack, Action.SHARE_NOW)
    assert deliver.once() == 1  # the chart, whose answer is not there
    assert chart().state is OutboxState.PENDING
    passing.posted()
    assert [one["channel_id"] for one in slack.of(COMPLETE)] == ["C0COSTS"]
    slack.script["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    press(app, slack, Action.SHARE_NOW)
    passing.posted()
    assert len(slack.of(COMPLETE)) == 1


def test_the_same_press_delivered_again_shows_nothing_twice(app: App, slack: FakeSlack) -> None:
    """Slack repeats what it thinks was not heard."""
    body = press(app, slack, Action.CHART)
    app.dispatch(BoltRequest(mode="socket_mode", body=body))
    passing.posted()
    assert len(slack.of(COMPLETE)) == 1
