"""Installed once for a whole organization of Slack's: its workspaces are admitted one by one, and end with it."""

from __future__ import annotations

import pytest
from slack_bolt import App
from sqlalchemy import select
from starlette.applications import Starlette

from bot import workspaces
from bot.intake import Intake
from bot.working import Workers
from storage.database import transaction
from storage.models import Inbox, WorkspaceState
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.installing import connect, granted, install, run, stored
from tests.bot.payloads import Body, of_organization


@pytest.fixture
def organization(pages: Starlette, bolt: App, slack: FakeSlack) -> App:
    """The app, installed for the organization E1 with a ticket, before the small ledger."""
    whole = {"team": None, "enterprise": {"id": "E1", "name": "Acme Group"}, "is_enterprise_install": True}
    slack.script["oauth.v2.access"] = [granted("E1", "") | whole, granted("T2", "Labs", enterprise={"id": "E1"})]
    told = install(pages, connect()).text
    assert "Costs is installed for the organization Acme Group." in told
    with transaction() as session:
        ledgers.fill(session)
    return bolt


def _heard(app: App, body: Body) -> None:
    Intake(app, lambda: None).take(body)
    assert Workers(app).once()


def _token(workspace: str) -> str | None:
    return workspaces.client(workspace).token


def _asks(app: App, slack: FakeSlack, team: str = "T1") -> str:
    before = len(slack.of("respond"))
    _heard(app, of_organization(payloads.command(slack, "2026-10", team=team), "E1", team=team))
    told = slack.of("respond")[before:]
    return str(told[0]["text"]) if told else ""


def test_each_workspace_of_an_organization_is_admitted_before_it_is_answered(
    organization: App, slack: FakeSlack
) -> None:
    """With the organization's token, in that workspace; the organization itself is no workspace."""
    assert "`costs workspaces admit T1`" in _asks(organization, slack)
    assert stored("T1").state is WorkspaceState.WAITING
    run("admit", "T1")
    slack.users["ULEAD"] = {"team_id": "T1"}
    assert "$341.00" in _asks(organization, slack)
    assert slack.bearers("users.info")[-1] == "xoxb-E1"
    assert slack.of("users.info")[-1]["team_id"] == "T1"
    assert not workspaces.is_admitted("E1")
    assert _token("T1") == "xoxb-E1"
    assert workspaces.client("T1").default_params == {"team_id": "T1"}


def test_a_workspace_that_has_a_token_of_its_own_is_answered_with_it(
    organization: App, pages: Starlette, slack: FakeSlack
) -> None:
    """Before and after the organization goes."""
    del slack
    install(pages, connect())
    assert _token("T2") == "xoxb-T2"
    _heard(organization, of_organization(payloads.event("app_uninstalled"), "E1", team=None))
    assert _token("T2") == "xoxb-T2"


def test_what_rests_on_an_organization_ends_with_it(organization: App, pages: Starlette, slack: FakeSlack) -> None:
    """Its token is forgotten; installed anew, each workspace is admitted anew."""
    _asks(organization, slack)
    run("admit", "T1")
    _heard(organization, of_organization(payloads.event("app_uninstalled"), "E1", team=None))
    assert stored("E1").token is None
    assert (stored("E1").state, stored("T1").state) == (WorkspaceState.ENDED, WorkspaceState.ENDED)
    assert not _asks(organization, slack)
    whole = {"team": None, "enterprise": {"id": "E1", "name": "Acme Group"}, "is_enterprise_install": True}
    slack.script["oauth.v2.access"] = [granted("E1", "") | whole]
    install(pages, connect())
    assert not workspaces.is_admitted("T1")
    assert "not admitted yet" in _asks(organization, slack)
    run("admit", "T1")
    assert workspaces.is_admitted("T1")


@pytest.mark.parametrize("kind", ["button", "form", "event", "home"])
def test_every_kind_of_delivery_tells_its_workspace(organization: App, slack: FakeSlack, kind: str) -> None:
    """Wherever Slack says it; rows carry that workspace, and not the organization."""
    made = {
        "button": payloads.button(slack, "ask", "2026-10", team="T1"),
        "form": payloads.form("dismiss", team="T1"),
        "event": payloads.event("app_mention", text="<@UBOT> 2026-10", ts="1.1", team="T1"),
        "home": payloads.pressed_at_home("home_ask", "2026-10", team="T1"),
    }
    Intake(organization, lambda: None).take(of_organization(made[kind], "E1", team="T1"))
    with transaction() as session:
        assert session.scalars(select(Inbox.workspace)).all() == ["T1"]
