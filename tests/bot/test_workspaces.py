"""Several workspaces of one company: installed by OAuth, admitted, spoken to with their own tokens, forgotten."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from click.testing import CliRunner, Result
from slack_bolt import App
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot import deliver, oauth, web, workspaces
from bot.cli_workspaces import workspaces as command
from bot.intake import Intake
from bot.working import Workers
from finops.errors import BadSettingError
from storage import outbox, tokens
from storage import workspaces as kept
from storage.database import transaction
from storage.models import Inbox, InboxState, Outbox, OutboxState, Workspace, WorkspaceState
from storage.settings import settings
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack

KEY, NEXT = tokens.new_key(), tokens.new_key()


@pytest.fixture
def pages(slack: FakeSlack, database: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The web application where further workspaces may be installed."""
    del database
    for name, value in {
        "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "client secret", "COSTS_TOKEN_KEYS": KEY,
        "COSTS_PUBLIC_URL": "https://costs.example.com",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    oauth._flow.cache_clear()  # noqa: SLF001  each test has a Slack of its own
    slack.script["oauth.v2.access"] = [_granted("T1", "Acme Labs"), _granted("T2", "Acme Shop")]
    return web.build()


def _granted(team: str, name: str, **more: object) -> dict[str, object]:
    return {
        "ok": True, "app_id": "A0", "team": {"id": team, "name": name}, "authed_user": {"id": "UINST"},
        "access_token": f"xoxb-{team}", "bot_user_id": "U0BOT", "scope": "commands,chat:write", "token_type": "bot",
    } | more  # fmt: skip


def _get(pages: Starlette, path: str, cookie: str = "") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=pages)
        async with httpx.AsyncClient(transport=transport, base_url="http://costs") as client:
            return await client.get(path, headers={"Cookie": cookie} if cookie else {})

    return asyncio.run(ask())


def _run(*words: str) -> Result:
    return CliRunner().invoke(command, words, catch_exceptions=False)


def _install(pages: Starlette, query: str = "") -> httpx.Response:
    """Do what a browser does: begin, agree at Slack's, come back."""
    begun = _get(pages, f"/slack/install{query}")
    assert begun.status_code == 200, begun.text
    (address,) = re.findall(r'href="(https://slack.com/oauth/v2/authorize[^"]+)"', begun.text)
    asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
    assert asked["redirect_uri"] == ["https://costs.example.com/slack/oauth_redirect"]
    assert "chat:write" in asked["scope"][0]
    state = asked["state"][0]
    cookie = begun.headers["set-cookie"].split(";")[0]
    return _get(pages, f"/slack/oauth_redirect?code=c&state={state}", cookie)


def _connect() -> str:
    return "?" + urlsplit(_run("connect").output.strip()).query


def _row(workspace: str) -> Workspace:
    with transaction() as session:
        return session.get_one(Workspace, workspace)


def test_what_is_installed_with_a_ticket_is_admitted_once(pages: Starlette) -> None:
    """The ticket survives that somebody looks ahead; a second workspace needs another one."""
    ticket = _connect()
    assert _get(pages, f"/slack/install{ticket}").status_code == 200
    assert "Costs is installed in Acme Labs: type /cost there." in _install(pages, ticket).text
    assert _row("T1").state is WorkspaceState.ADMITTED
    used = _get(pages, f"/slack/install{ticket}")
    assert used.status_code == 403
    assert "was used already" in used.text
    assert _get(pages, "/slack/install?ticket=invented").status_code == 403


def test_what_is_installed_without_one_waits_for_an_admin(pages: Starlette) -> None:
    """And is told so."""
    told = _install(pages).text
    assert "answers nobody there yet" in told
    assert "costs workspaces admit T1" in told
    assert not workspaces.is_admitted("T1")
    assert "waiting" in _run("list").output
    assert "Acme Labs may ask now." in _run("admit", "T1").output
    assert workspaces.is_admitted("T1")
    with pytest.raises(kept.UnknownWorkspaceError, match="T9"):
        _run("admit", "T9")


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
    answer = _get(pages, f"/slack/oauth_redirect?{query}", cookie)
    assert words in answer.text
    assert "No workspace was installed" in _run("list").output


def test_a_name_that_would_be_markup_is_text(pages: Starlette, slack: FakeSlack) -> None:
    """A workspace is called what its owner likes."""
    slack.script["oauth.v2.access"] = [_granted("T1", "<script>alert(1)</script>")]
    assert "<script>alert" not in _install(pages).text


def test_tokens_are_kept_encrypted_and_the_key_can_be_changed(
    pages: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the old key gone they still open; without either they do not, in a sentence."""
    _install(pages, _connect())
    held = _row("T1").token or b""
    assert b"xoxb" not in held
    monkeypatch.setenv("COSTS_TOKEN_KEYS", f"{NEXT},{KEY}")
    settings.cache_clear()
    assert "1 workspaces" in _run("rotate-key").output
    monkeypatch.setenv("COSTS_TOKEN_KEYS", NEXT)
    settings.cache_clear()
    assert workspaces.client("T1").token == "xoxb-T1"  # noqa: S105  the fake's
    monkeypatch.setenv("COSTS_TOKEN_KEYS", KEY)
    settings.cache_clear()
    for fails in (lambda: workspaces.client("T1"), lambda: _run("rotate-key")):
        with pytest.raises(BadSettingError, match="none of the keys"):
            fails()
    monkeypatch.setenv("COSTS_TOKEN_KEYS", "short")
    settings.cache_clear()
    with pytest.raises(BadSettingError, match="new-key"):
        _run("connect")


def test_a_token_that_ends_soon_is_exchanged_once(pages: Starlette, slack: FakeSlack) -> None:
    """And the refresh token with it; while Slack is away the old one serves until its end."""
    soon = int(timedelta(hours=1).total_seconds())
    slack.script["oauth.v2.access"] = [
        _granted("T1", "Acme", expires_in=soon, refresh_token="xoxe-1"),  # noqa: S106  the fake's
        (500, {}, {"ok": False, "error": "internal_error"}),
        {"ok": True, "token_type": "bot", "access_token": "xoxb-new", "refresh_token": "xoxe-2", "expires_in": 43200},
    ]
    _install(pages, _connect())
    assert [workspaces.client("T1").token for _ in range(3)] == ["xoxb-T1", "xoxb-new", "xoxb-new"]
    exchanged = [one for one in slack.of("oauth.v2.access") if one.get("grant_type") == "refresh_token"]
    assert [one["refresh_token"] for one in exchanged] == ["xoxe-1", "xoxe-1"]
    row = _row("T1")
    assert tokens.unseal(row.refresh_token or b"") == "xoxe-2"
    assert row.expires_at is not None
    assert row.expires_at > datetime.now(UTC) + timedelta(hours=11)


def test_a_message_is_posted_with_the_token_of_its_own_workspace(pages: Starlette, slack: FakeSlack) -> None:
    """The same key in two workspaces is two messages; one whose workspace is gone waits, and says why."""
    _install(pages, _connect())
    assert deliver.once() == 1  # whoever installed it is greeted
    with transaction() as session:
        digest = {"kind": "recommendations", "recommendation_ids": [str(ledgers.recommend(session))]}
        for team in ("", "T1", "T9"):
            payload = {"channel": "C1", "digest": digest}
            assert outbox.put(session, key="k", kind="slack_message", payload=payload, workspace=team)
    deliver.once()
    assert sorted(slack.bearers("chat.postMessage")[1:]) == ["xoxb-T1", "xoxb-test"]
    with transaction() as session:
        states = {one.workspace: (one.state, one.error) for one in session.scalars(select(Outbox))}
    assert states["T9"][0] is OutboxState.PENDING
    assert "T9 is not connected" in str(states["T9"][1])


@pytest.mark.parametrize(
    "event",
    [payloads.event("app_uninstalled", team="T1"), payloads.event("tokens_revoked", team="T1", tokens={"bot": ["U"]})],
)
def test_a_workspace_that_sends_the_app_away_is_forgotten(pages: Starlette, bolt: App, event: payloads.Body) -> None:
    """However late it is heard."""
    _install(pages, _connect())
    Intake(bolt, lambda: None).take(event)
    assert Workers(bolt).once()
    row = _row("T1")
    assert (row.state, row.token, row.refresh_token) == (WorkspaceState.ENDED, None, None)
    assert not workspaces.is_admitted("T1")


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_what_is_heard_after_the_app_was_installed_anew_leaves_the_new_tokens(
    pages: Starlette, bolt: App, kind: str
) -> None:
    """An event may be heard late; one that happened after the installation still counts."""
    _install(pages, _connect())
    installed = int(_row("T1").installed_at.timestamp())
    for happened, state in ((installed - 1, WorkspaceState.ADMITTED), (installed, WorkspaceState.ENDED)):
        event = payloads.event(kind, team="T1", tokens={"bot": ["U"]}) | {"event_time": happened}
        Intake(bolt, lambda: None).take(event)
        assert Workers(bolt).once()
        assert _row("T1").state is state
        assert (_row("T1").token is None) is (state is WorkspaceState.ENDED)


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_one_that_waits_can_go_although_nobody_knows_whose_the_own_token_is(
    pages: Starlette, bolt: App, slack: FakeSlack, kind: str
) -> None:
    """Its tokens are not kept any longer than they are good for."""
    _install(pages)
    workspaces._of.cache_clear()  # noqa: SLF001  a process that has not asked yet
    slack.script["auth.test"] = [{"ok": False, "error": "internal_error"}] * 9
    Intake(bolt, lambda: None).take(payloads.event(kind, team="T1", tokens={"bot": ["U"]}))
    assert Workers(bolt).once()
    assert (_row("T1").state, _row("T1").token) == (WorkspaceState.ENDED, None)


@pytest.mark.parametrize("word", ["invalid_auth", "account_inactive", "token_revoked", "internal_error"])
def test_whatever_became_of_the_own_token_the_other_workspaces_are_answered(
    pages: Starlette, bolt: App, slack: FakeSlack, word: str
) -> None:
    """And what comes from strangers is refused, once Slack says that the token is nobody's."""
    _install(pages, _connect())
    slack.users[payloads.LEAD] = {"team_id": "T1"}
    workspaces._of.cache_clear()  # noqa: SLF001  a process that has not asked yet
    slack.script["auth.test"] = [{"ok": False, "error": word}] * 9
    for team in ("T1", "T7"):
        Intake(bolt, lambda: None).take(payloads.command(slack, "help", team=team))
        assert Workers(bolt).once()
    assert "Ask in your own" in slack.of("respond")[0]["text"]
    with transaction() as session:
        states = {one.workspace: one.state for one in session.scalars(select(Inbox))}
    stranger = InboxState.WAITING if word == "internal_error" else InboxState.REFUSED
    assert states == {"T1": InboxState.DONE, "T7": stranger}


def test_nobody_waits_for_ever_to_be_told_whose_a_token_is(pages: Starlette, bolt: App, slack: FakeSlack) -> None:
    """After half an hour nothing would be done about it anyway."""
    del pages
    workspaces._of.cache_clear()  # noqa: SLF001  a process that has not asked yet
    slack.script["auth.test"] = [{"ok": False, "error": "internal_error"}] * 9
    Intake(bolt, lambda: None).take(payloads.command(slack, "help"))
    with transaction() as session:
        session.execute(update(Inbox).values(received_at=datetime.now(UTC) - timedelta(minutes=31)))
    assert Workers(bolt).once()
    with transaction() as session:
        (row,) = session.scalars(select(Inbox))
    assert (row.state, row.error) == (
        InboxState.EXPIRED, "Slack does not say whose SLACK_BOT_TOKEN is (internal_error)."
    )  # fmt: skip


def test_a_revoked_token_of_a_person_changes_nothing(pages: Starlette, bolt: App) -> None:
    """None is kept."""
    _install(pages, _connect())
    Intake(bolt, lambda: None).take(payloads.event("tokens_revoked", team="T1", tokens={"oauth": ["U1"]}))
    assert Workers(bolt).once()
    assert workspaces.is_admitted("T1")


def test_one_that_was_sent_away_waits_when_it_comes_back(pages: Starlette) -> None:
    """Unless it brings a ticket."""
    _install(pages, _connect())
    assert "Removed" in _run("remove", "T1").output
    with transaction() as session:
        installed = kept.Installed(workspace="T1", name="Acme", token="xoxb-again", installed_by="U1")  # noqa: S106
        assert kept.save(session, installed, admitted_by=None).state is WorkspaceState.WAITING


def test_a_waiting_workspace_is_told_that_it_waits_and_nothing_else(
    pages: Starlette, bolt: App, slack: FakeSlack
) -> None:
    """Whatever it asks."""
    _install(pages)
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
    assert _get(web.build(), "/slack/install").status_code == 404
    assert time.monotonic() - began < 60
    with pytest.raises(BadSettingError, match="SLACK_CLIENT_ID"):
        _run("connect")


def test_whoever_installed_the_app_is_greeted_once_it_is_admitted(pages: Starlette, slack: FakeSlack) -> None:
    """In their direct messages, with three things to try; installing it anew greets nobody again."""
    slack.script["oauth.v2.access"] = [_granted("T1", "Acme Labs")] * 2
    _install(pages)
    assert deliver.once() == 0
    _run("admit", "T1")
    _install(pages, _connect())
    assert deliver.once() == 1
    assert deliver.once() == 0
    (posted,) = slack.of("chat.postMessage")
    assert slack.of("conversations.open")[0]["users"] == "UINST"
    assert posted["channel"] == "D0DIRECT"
    assert slack.bearers("chat.postMessage") == ["xoxb-T1"]
    assert "`costs ingest auto PATH --source NAME`" in str(posted["blocks"])
    assert str(posted["blocks"]).count("home_ask") == 3
