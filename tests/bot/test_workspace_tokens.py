"""Each workspace is spoken to with its own tokens: encrypted, exchanged before they end, forgotten with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from slack_bolt import App
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot import deliver, workspaces
from bot.intake import Intake
from bot.working import Workers
from finops.errors import BadSettingError
from storage import outbox, tokens
from storage import workspaces as kept
from storage.database import transaction
from storage.models import Inbox, InboxState, Outbox, OutboxState, WorkspaceState
from storage.settings import settings
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.installing import KEY, NEXT, connect, granted, install, run, stored


def test_tokens_are_kept_encrypted_and_the_key_can_be_changed(
    pages: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the old key gone they still open; without either they do not, in a sentence."""
    install(pages, connect())
    held = stored("T1").token or b""
    assert b"xoxb" not in held
    monkeypatch.setenv("COSTS_TOKEN_KEYS", f"{NEXT},{KEY}")
    settings.cache_clear()
    assert "1 workspaces" in run("rotate-key").output
    monkeypatch.setenv("COSTS_TOKEN_KEYS", NEXT)
    settings.cache_clear()
    assert workspaces.client("T1").token == "xoxb-T1"  # noqa: S105  the fake's
    monkeypatch.setenv("COSTS_TOKEN_KEYS", KEY)
    settings.cache_clear()
    for fails in (lambda: workspaces.client("T1"), lambda: run("rotate-key")):
        with pytest.raises(BadSettingError, match="none of the keys"):
            fails()
    monkeypatch.setenv("COSTS_TOKEN_KEYS", "short")
    settings.cache_clear()
    with pytest.raises(BadSettingError, match="new-key"):
        run("connect")


def test_a_token_that_ends_soon_is_exchanged_once(pages: Starlette, slack: FakeSlack) -> None:
    """And the refresh token with it; while Slack is away the old one serves until its end."""
    soon = int(timedelta(hours=1).total_seconds())
    slack.script["oauth.v2.access"] = [
        granted("T1", "Acme", expires_in=soon, refresh_token="xoxe-1"),  # noqa: S106  the fake's
        (500, {}, {"ok": False, "error": "internal_error"}),
        {"ok": True, "token_type": "bot", "access_token": "xoxb-new", "refresh_token": "xoxe-2", "expires_in": 43200},
    ]
    install(pages, connect())
    assert [workspaces.client("T1").token for _ in range(3)] == ["xoxb-T1", "xoxb-new", "xoxb-new"]
    exchanged = [one for one in slack.of("oauth.v2.access") if one.get("grant_type") == "refresh_token"]
    assert [one["refresh_token"] for one in exchanged] == ["xoxe-1", "xoxe-1"]
    row = stored("T1")
    assert tokens.unseal(row.refresh_token or b"") == "xoxe-2"
    assert row.expires_at is not None
    assert row.expires_at > datetime.now(UTC) + timedelta(hours=11)


def test_a_message_is_posted_with_the_token_of_its_own_workspace(pages: Starlette, slack: FakeSlack) -> None:
    """The same key in two workspaces is two messages; one whose workspace is gone waits, and says why."""
    install(pages, connect())
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
    install(pages, connect())
    Intake(bolt, lambda: None).take(event)
    assert Workers(bolt).once()
    row = stored("T1")
    assert (row.state, row.token, row.refresh_token) == (WorkspaceState.ENDED, None, None)
    assert not workspaces.is_admitted("T1")


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_what_is_heard_after_the_app_was_installed_anew_leaves_the_new_tokens(
    pages: Starlette, bolt: App, kind: str
) -> None:
    """An event may be heard late; one that happened after the installation still counts."""
    install(pages, connect())
    installed = int(stored("T1").installed_at.timestamp())
    for happened, state in ((installed - 1, WorkspaceState.ADMITTED), (installed, WorkspaceState.ENDED)):
        event = payloads.event(kind, team="T1", tokens={"bot": ["U"]}) | {"event_time": happened}
        Intake(bolt, lambda: None).take(event)
        assert Workers(bolt).once()
        assert stored("T1").state is state
        assert (stored("T1").token is None) is (state is WorkspaceState.ENDED)


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_one_that_waits_can_go_although_nobody_knows_whose_the_own_token_is(
    pages: Starlette, bolt: App, slack: FakeSlack, kind: str
) -> None:
    """Its tokens are not kept any longer than they are good for."""
    install(pages)
    workspaces._of.cache_clear()  # noqa: SLF001  a process that has not asked yet
    slack.script["auth.test"] = [{"ok": False, "error": "internal_error"}] * 9
    Intake(bolt, lambda: None).take(payloads.event(kind, team="T1", tokens={"bot": ["U"]}))
    assert Workers(bolt).once()
    assert (stored("T1").state, stored("T1").token) == (WorkspaceState.ENDED, None)


@pytest.mark.parametrize("word", ["invalid_auth", "account_inactive", "token_revoked", "internal_error"])
def test_whatever_became_of_the_own_token_the_other_workspaces_are_answered(
    pages: Starlette, bolt: App, slack: FakeSlack, word: str
) -> None:
    """And what comes from strangers is refused, once Slack says that the token is nobody's."""
    install(pages, connect())
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
    install(pages, connect())
    Intake(bolt, lambda: None).take(payloads.event("tokens_revoked", team="T1", tokens={"oauth": ["U1"]}))
    assert Workers(bolt).once()
    assert workspaces.is_admitted("T1")


def test_one_that_was_sent_away_waits_when_it_comes_back(pages: Starlette) -> None:
    """Unless it brings a ticket."""
    install(pages, connect())
    assert "Removed" in run("remove", "T1").output
    with transaction() as session:
        installed = kept.Installed(workspace="T1", name="Acme", token="xoxb-again", installed_by="U1")  # noqa: S106
        assert kept.save(session, installed, admitted_by=None).state is WorkspaceState.WAITING
