"""Several workspaces of one company: installed by OAuth, with a ticket or not, admitted before they are answered."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from slack_bolt import App
from starlette.applications import Starlette

from bot import deliver, web, workspaces
from bot.intake import Intake
from bot.working import Workers
from finops.errors import BadSettingError
from storage import workspaces as kept
from storage.database import transaction
from storage.models import WorkspaceState
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.installing import connect, get, granted, install, run, stored


def test_what_is_installed_with_a_ticket_is_admitted_once(pages: Starlette) -> None:
    """The ticket survives that somebody looks ahead; a second workspace needs another one."""
    ticket = connect()
    assert get(pages, f"/slack/install{ticket}").status_code == 200
    assert "Costs is installed in Acme Labs: type /cost there." in install(pages, ticket).text
    assert stored("T1").state is WorkspaceState.ADMITTED
    used = get(pages, f"/slack/install{ticket}")
    assert used.status_code == 403
    assert "was used already" in used.text
    assert get(pages, "/slack/install?ticket=invented").status_code == 403


def test_what_is_installed_without_one_waits_for_an_admin(pages: Starlette) -> None:
    """And is told so."""
    told = install(pages).text
    assert "answers nobody there yet" in told
    assert "costs workspaces admit T1" in told
    assert not workspaces.is_admitted("T1")
    assert "waiting" in run("list").output
    assert "Acme Labs may ask now." in run("admit", "T1").output
    assert workspaces.is_admitted("T1")
    with pytest.raises(kept.UnknownWorkspaceError, match="T9"):
        run("admit", "T9")


@pytest.mark.parametrize(
    ("query", "cookie", "words"),
    [
        ("error=access_denied", "", "somebody cancelled it"),
        ("code=c&state=invented", "slack-app-oauth-state=invented", "done already"),
        ("code=c&state=invented", "", "not the browser"),
        ("code=c", "", "not the browser"),
    ],
)
def test_a_return_that_was_not_begun_here_installs_nothing(
    pages: Starlette, query: str, cookie: str, words: str
) -> None:
    """Whoever invents a state or takes somebody else's."""
    answer = get(pages, f"/slack/oauth_redirect?{query}", cookie)
    assert words in answer.text
    assert "No workspace was installed" in run("list").output


def test_a_name_that_would_be_markup_is_text(pages: Starlette, slack: FakeSlack) -> None:
    """A workspace is called what its owner likes."""
    slack.script["oauth.v2.access"] = [granted("T1", "<script>alert(1)</script>")]
    assert "<script>alert" not in install(pages).text


def test_a_waiting_workspace_is_told_that_it_waits_and_nothing_else(
    pages: Starlette, bolt: App, slack: FakeSlack
) -> None:
    """Whatever it asks."""
    install(pages)
    with transaction() as session:
        ledgers.fill(session)
    Intake(bolt, lambda: None).take(payloads.command(slack, "2026-10", team="T1"))
    assert Workers(bolt).once()
    (told,) = slack.of("respond")
    assert "not admitted yet" in told["text"]
    assert "$" not in told["text"]


def test_without_oauth_there_is_nothing_to_install(slack: FakeSlack, database: Path) -> None:
    """The one workspace of SLACK_BOT_TOKEN stays the simple default."""
    del slack, database
    began = time.monotonic()
    assert get(web.build(), "/slack/install").status_code == 404
    assert time.monotonic() - began < 60
    with pytest.raises(BadSettingError, match="SLACK_CLIENT_ID"):
        run("connect")


def test_whoever_installed_the_app_is_greeted_once_it_is_admitted(pages: Starlette, slack: FakeSlack) -> None:
    """In their direct messages, with three things to try; installing it anew greets nobody again."""
    slack.script["oauth.v2.access"] = [granted("T1", "Acme Labs")] * 2
    install(pages)
    assert deliver.once() == 0
    run("admit", "T1")
    install(pages, connect())
    assert deliver.once() == 1
    assert deliver.once() == 0
    (posted,) = slack.of("chat.postMessage")
    assert slack.of("conversations.open")[0]["users"] == "UINST"
    assert posted["channel"] == "D0DIRECT"
    assert slack.bearers("chat.postMessage") == ["xoxb-T1"]
    assert "`costs ingest auto PATH --source NAME`" in str(posted["blocks"])
    assert str(posted["blocks"]).count("home_ask") == 3
