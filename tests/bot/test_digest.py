"""Digests go where they were asked for, once a day or a week, and end when nobody can read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from slack_bolt import App
from sqlalchemy import select

from bot import app as bot_app
from bot import deliver
from bot.subscriptions_cli import subscriptions as cli
from finops.digests import Ended
from finops.errors import UnknownWordError
from storage import asking, outbox, outlets, subscriptions
from storage.database import transaction
from storage.models import Outbox, OutboxState, Subscription
from storage.settings import settings
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import say

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
EMPTY: dict[str, tuple[str, ...]] = {}


@pytest.fixture
def app(bolt: App, slack: FakeSlack) -> App:
    """The app before a small ledger, and two channels of which it is in one."""
    slack.channels += [
        {"id": "C0WEBTEAM", "name": "web", "is_member": True},
        {"id": "C0OTHERS", "name": "others", "is_member": False},
        {"id": "C0SECRET", "name": "board", "is_member": True, "is_private": True, "members": ["UBOSS"]},
    ]
    with transaction() as session:
        ledgers.fill(session)
    return bolt


def _said(app: App, slack: FakeSlack, text: str, who: str = "ULEAD") -> str:
    before = len(slack.of("respond"))
    say(app, slack, text, who=who)
    answer = slack.wait("respond", before + 1)[-1]
    return f"{answer['text']} {json.dumps(answer.get('blocks'))}"


def _alive() -> list[Subscription]:
    with transaction() as session:
        return subscriptions.alive(session)


def test_anybody_subscribes_themselves_and_ends_it(app: App, slack: FakeSlack) -> None:
    """In their direct messages, in their time zone; said twice it is one."""
    slack.users["UVIC"] = {"tz": "Europe/Berlin"}
    assert "You get the daily digest every day at 9:00 (Europe/Berlin)." in _said(app, slack, "subscribe daily", "UVIC")
    assert "so already" in _said(app, slack, "subscribe daily to me", "UVIC")
    [row] = _alive()
    assert (row.channel, row.person, row.timezone, row.created_by) == ("D0DIRECT", "UVIC", "Europe/Berlin", "UVIC")
    assert "`/cost subscribe off daily`" in _said(app, slack, "subscriptions", "UVIC")
    assert "No digests go to you" in _said(app, slack, "subscriptions", "ULEAD")
    assert "1 digest no longer goes to you." in _said(app, slack, "unsubscribe daily", "UVIC")
    assert not _alive()


def test_how_often_no_digest_goes_out_is_answered_with_what_does_in_the_asker_s_words(
    app: App, slack: FakeSlack
) -> None:
    """No id of a direct message, which nobody may name; pressed, it does what it says."""
    told = _said(app, slack, "subscribe monthly", "UVIC")
    assert "subscribe weekly" in told
    assert "D0DIRECT" not in told
    assert '"value": "subscribe weekly"' in told
    assert "subscribe weekly #web" in _said(app, slack, "subscribe monthly #web")
    assert not _alive()


def test_hour_and_day_are_chosen_and_changed_in_the_zone_of_whoever_says_so(app: App, slack: FakeSlack) -> None:
    """Of each cadence there is one; what is not said stays as it is."""
    slack.users["UVIC"] = {"tz": "Europe/Berlin"}
    told = _said(app, slack, "subscribe daily at 7", "UVIC")
    assert "You get the daily digest every day at 7:00 (Europe/Berlin)." in told
    assert "7:00 (Europe/Berlin): that was so already" in _said(app, slack, "subscribe daily", "UVIC")
    assert "every day at 19:00 (Europe/Berlin) from now on" in _said(app, slack, "subscribe daily 7pm", "UVIC")
    assert "on Mondays at 9:00" in _said(app, slack, "subscribe weekly", "UVIC")
    assert "on Fridays at 9:00 (Europe/Berlin) from now on" in _said(app, slack, "subscribe weekly on fridays", "UVIC")
    assert "on Fridays at 8:00" in _said(app, slack, "subscribe weekly at 8", "UVIC")
    assert [(one.cadence, one.hour, one.weekday) for one in _alive()] == [("daily", 19, 0), ("weekly", 8, 4)]
    listed = _said(app, slack, "subscriptions", "UVIC")
    assert "to you, on Fridays at 8:00 (Europe/Berlin)" in listed
    assert "choose another hour" in listed
    told = CliRunner().invoke(cli).output
    assert "on Fridays at 8:00 (Europe/Berlin)" in told
    assert [one["weekday"] for one in json.loads(CliRunner().invoke(cli, ["--json"]).output)] == [None, "friday"]
    assert "full hour" in _said(app, slack, "subscribe daily at 7:30", "UVIC")


def test_a_channel_takes_an_analyst_and_the_bot_in_it(app: App, slack: FakeSlack) -> None:
    """And a private one takes somebody who is in it: nobody learns otherwise that it is there."""
    assert "Only analysts may" in _said(app, slack, "subscribe weekly #web", "UVIC")
    assert "invite me there" in _said(app, slack, "subscribe weekly #others")
    assert "I see no channel" in _said(app, slack, "subscribe weekly #nowhere")
    assert "I see no channel" in _said(app, slack, "subscribe weekly #board")
    assert not _alive()
    told = _said(app, slack, "subscribe weekly team=WEB to #web")
    assert "#web gets the weekly digest of team=web on Mondays" in told
    assert "subscribe off where team=web weekly #web`" in told
    [row] = _alive()
    assert (row.channel, row.person, row.filters) == ("C0WEBTEAM", None, {"tag:team": ["web"]})
    elsewhere = _said(app, slack, "subscriptions")
    assert "1 digest goes to you, to this channel or where you set them up" in elsewhere
    assert (
        "`/cost subscribe off where team=web weekly` <#C0WEBTEAM>  to another channel, set up by you, on" in elsewhere
    )
    assert "No digests go to you" in _said(app, slack, "subscriptions", "UVIC")
    assert "EC2" in _said(app, slack, "subscribe weekly service=EC3 #web")
    assert "1 digest no longer goes to #web." in _said(app, slack, "subscribe off weekly #web")
    assert not _alive()


def _posted(app: App, slack: FakeSlack) -> Outbox:
    del app
    with transaction() as session:
        [row] = subscriptions.alive(session)
        payload = {"channel": row.channel, "subscription": str(row.id), "since": SINCE.isoformat()}
        outbox.put(session, workspace="T0", key="a digest", kind="slack_message", payload=payload)
    deliver.once(bot_app.client())
    with transaction() as session:
        return session.scalars(select(Outbox).where(Outbox.key == "a digest")).one()


def test_it_is_posted_where_it_was_asked_for_within_what_the_channel_asks_about(app: App, slack: FakeSlack) -> None:
    """A scope that the channel has holds for its digest."""
    _said(app, slack, "subscribe weekly #web")
    with transaction() as session:
        asking.set_scope(session, {"service_name": ["S3"]}, workspace="T0", channel="C0WEBTEAM", by="ULEAD")
    assert _posted(app, slack).state is OutboxState.SENT
    [sent] = slack.of("chat.postMessage")
    assert sent["channel"] == "C0WEBTEAM"
    assert sent["text"].startswith("S3: spent $7.00 from 14 Nov to 20 Nov 2026")


def test_who_is_no_member_any_more_is_told_nothing(app: App, slack: FakeSlack) -> None:
    """The subscription ends with it."""
    _said(app, slack, "subscribe daily")
    slack.users["ULEAD"] = {"deleted": True}
    message = _posted(app, slack)
    assert message.receipt == {"not_posted": "its reader is no member any more"}
    assert not slack.of("chat.postMessage")
    assert not _alive()
    assert "its reader is no member any more" in CliRunner().invoke(cli).output


def test_what_was_ended_meanwhile_is_not_posted(app: App, slack: FakeSlack) -> None:
    """Even if it was due before."""
    _said(app, slack, "subscribe daily")
    with transaction() as session:
        [row] = subscriptions.alive(session)
        payload = {"channel": row.channel, "subscription": str(row.id), "since": None}
        outbox.put(session, workspace="T0", key="a digest", kind="slack_message", payload=payload)
        subscriptions.end_one(session, row.id)
    deliver.once(bot_app.client())
    assert not slack.of("chat.postMessage")


def test_a_digest_that_could_not_arrive_is_told_to_who_set_it_up_and_shown(app: App, slack: FakeSlack) -> None:
    """In direct messages, in the list and at the command line, with the words that begin it anew."""
    _said(app, slack, "subscribe weekly team=web on fridays at 8 #web")
    with transaction() as session:
        [row] = subscriptions.alive(session)
        subscriptions.refuse(session, row, Ended.ARCHIVED)
        subscriptions.refuse(session, row, Ended.ARCHIVED)
    while deliver.once(bot_app.client()):
        pass
    [sent] = slack.of("chat.postMessage")
    assert slack.of("conversations.open")[-1]["users"] == "ULEAD"
    assert sent["channel"] == "D0DIRECT"
    assert sent["text"].startswith("The weekly digest to <#C0WEBTEAM>, about team=web has ended on ")
    assert sent["text"].endswith(": the channel is archived.")
    assert "`/cost subscribe where team=web weekly on fridays at 8:00 #channel` begins it anew" in str(sent["blocks"])
    assert "; a channel has to have me in it" in str(sent["blocks"])
    assert "ended on" in _said(app, slack, "subscriptions")
    assert "ended on" not in _said(app, slack, "subscriptions", "UVIC")
    assert ": the channel is archived" in CliRunner().invoke(cli).output
    next(one for one in slack.channels if one["name"] == "web")["is_archived"] = True
    assert "Nothing can be posted to #web: it is archived" in _said(app, slack, "subscribe weekly <#C0WEBTEAM|web>")


def test_the_command_line_lists_and_ends_them(app: App, slack: FakeSlack) -> None:
    """Whoever set them up."""
    _said(app, slack, "subscribe daily")
    [row] = _alive()
    runner = CliRunner()
    assert json.loads(runner.invoke(cli, ["--json"]).output)[0]["person"] == "ULEAD"
    assert str(row.id)[:8] in runner.invoke(cli).output
    assert isinstance(runner.invoke(cli, ["--end", "nothing"]).exception, UnknownWordError)
    assert "No digests go anywhere" in runner.invoke(cli, ["--end", str(row.id)[:8]]).output
    assert not _alive()


def test_the_digest_of_an_outlet_is_drawn_and_handed_on_once(
    app: App, slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the figures and the scope of anybody's; Slack hears nothing of it."""
    del app
    monkeypatch.setattr(type(settings()), "home", property(lambda _: tmp_path))
    (tmp_path / "outlets.yaml").write_text('- {name: ops, url: "json://x", tells: [daily], where: {team: web}}')
    payload = {"outlet": "ops", "cadence": "daily", "since": SINCE.isoformat()}
    with transaction() as session:
        outbox.put(session, key="daily digest ops of 2026-11-21", kind=outlets.DRAFT, payload=payload)
    assert deliver.once(bot_app.client()) == 1
    assert deliver.once(bot_app.client()) == 0
    with transaction() as session:
        [message] = session.scalars(select(Outbox).where(Outbox.kind == outlets.KIND))
    assert message.payload["outlet"] == "ops"
    assert message.payload["title"].startswith("Team web: spent $10.00 on 20 Nov 2026")
    assert not slack.of("chat.postMessage")
