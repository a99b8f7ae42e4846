"""Roles and owners by command: who is meant, who may, what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from slack_bolt import App, BoltRequest

from bot import app as bot_app
from bot.roles_cli import roles as command
from finops.errors import CostsError
from finops.people import Person
from finops.roles import Role
from storage import owners, roles
from storage.database import transaction
from storage.models import Workspace
from storage.settings import settings
from tests.bot import payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import say

ADMIN, LEAD = "UADMIN", "ULEAD"
PEOPLE = [
    {"id": "U1ADA", "name": "ada", "profile": {"display_name": "Ada L."}},
    {"id": "U2EVE", "name": "eve", "profile": {"display_name": "ada l."}},
    {"id": "U3BOB", "name": "bob", "deleted": True},
    {"id": "U4BOB", "name": "bobby", "profile": {"display_name": "bob"}},
]


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app, with one admin."""
    del slack, database
    with transaction() as session:
        roles.grant(session, ADMIN, Role.ADMIN, by=Person("T0", "cli"))
    return bot_app.build()


def held(workspace: str = "T0") -> dict[str, Role]:
    """Return who has which role."""
    with transaction() as session:
        return {one.subject: one.role for one in roles.grants(session, workspace=workspace)}


def said(app: App, slack: FakeSlack, text: str, who: str = ADMIN) -> Any:  # noqa: ANN401  an answer's JSON
    """Type a command and return the answer."""
    before = len(slack.of("respond"))
    say(app, slack, text, who=who)
    return slack.wait("respond", before + 1)[-1]


@pytest.mark.parametrize(
    ("whom", "meant"),
    [
        ("<@U1ADA|ada>", "U1ADA"),
        ("<@U1ADA>", "U1ADA"),
        ("@ada", "U1ADA"),
        ("U1ADA", "U1ADA"),
        ("@bob", "U4BOB"),
        ("<!subteam^S1LEADS|@leads>", "S1LEADS"),
        ("@Leads", "S1LEADS"),
    ],
)
def test_a_role_is_granted_to_whom_is_meant(app: App, slack: FakeSlack, whom: str, meant: str) -> None:
    """However Slack sends it: as a mention, as typed, as an id, of a person or a user group."""
    slack.script["users.list"] = [{"ok": True, "members": PEOPLE}]
    slack.script["usergroups.list"] = [{"ok": True, "usergroups": [{"id": "S1LEADS", "handle": "leads"}]}]
    assert "is approver now" in said(app, slack, f"grant approver {whom}")["text"]
    assert held() == {ADMIN: Role.ADMIN, meant: Role.APPROVER}


def test_a_name_that_several_bear_grants_nobody_anything(app: App, slack: FakeSlack) -> None:
    """Names are what people give themselves; a page of Slack's list does not end it."""
    pages = [
        {"ok": True, "members": PEOPLE[:1], "response_metadata": {"next_cursor": "more"}},
        {"ok": True, "members": PEOPLE[1:]},
    ]
    slack.script["users.list"] = [*pages, *pages]
    assert "is the name of several" in said(app, slack, "grant approver @Ada L.")["text"]
    assert "is nobody's name here" in said(app, slack, "grant admin @nobody <!here>")["text"]
    assert held() == {ADMIN: Role.ADMIN}


def test_only_admins_grant_revoke_and_name_owners(app: App, slack: FakeSlack) -> None:
    """Others are told who they are."""
    for text in ("grant admin U1ADA", "revoke UADMIN"):
        assert f"Only admins may grant roles: <@{ADMIN}>" in said(app, slack, text, LEAD)["text"]
    told = said(app, slack, "owner payments U1ADA", LEAD)["text"]
    assert f"Only admins may say who is meant by a name in tags: <@{ADMIN}>" in told
    assert held() == {ADMIN: Role.ADMIN}


def test_where_there_is_no_admin_it_is_told_how_the_first_is_made(app: App, slack: FakeSlack) -> None:
    """The command to copy."""
    with transaction() as session:
        session.connection().exec_driver_sql("delete from role_grants")
    assert f"`costs roles grant admin {LEAD} --workspace T0`" in said(app, slack, "grant admin U1ADA", LEAD)["text"]


@pytest.mark.parametrize("is_a", [{"is_restricted": True}, {"is_bot": True}, {"deleted": True}, {"team_id": "T9"}])
def test_who_could_not_use_a_role_is_not_given_one(app: App, slack: FakeSlack, is_a: dict[str, Any]) -> None:
    """Guests, bots, deactivated accounts, strangers."""
    slack.users["U1ADA"] = is_a
    assert "Only members of this workspace can have a role" in said(app, slack, "grant viewer U1ADA")["text"]
    assert held() == {ADMIN: Role.ADMIN}


def test_the_last_admin_is_not_removed(app: App, slack: FakeSlack) -> None:
    """Nor by oneself."""
    assert "This is the last admin" in said(app, slack, f"revoke <@{ADMIN}>")["text"]
    said(app, slack, "grant admin U1ADA")
    assert "is no admin any more" in said(app, slack, f"revoke <@{ADMIN}>")["text"]
    assert held() == {"U1ADA": Role.ADMIN}


def test_a_role_that_is_named_is_revoked_only_if_it_is_the_one_held(app: App, slack: FakeSlack) -> None:
    """An admin does not lose that by a slip; the right name, in singular or plural, takes it."""
    said(app, slack, "grant admin U1ADA")
    told = said(app, slack, "revoke analyst <@U1ADA>")["text"]
    assert "The role there is admin, not analyst, so nothing was taken away" in told
    assert held() == {ADMIN: Role.ADMIN, "U1ADA": Role.ADMIN}
    assert "is no admin any more" in said(app, slack, "revoke Admins from <@U1ADA>")["text"]
    assert "was granted no role" in said(app, slack, "revoke admin <@U1ADA>")["text"]
    assert held() == {ADMIN: Role.ADMIN}


def test_names_of_several_words_are_understood_whole(app: App, slack: FakeSlack) -> None:
    """Somebody who bears only the last of them keeps the role."""
    ada = {"id": "U1ADA", "name": "ada", "profile": {"real_name": "Ada Lovelace"}}
    other = {"id": "U2LOV", "name": "lovelace", "profile": {"real_name": "Lena Lovelace"}}
    for one in ("U1ADA", "U2LOV"):
        said(app, slack, f"grant approver {one}")
    slack.script["users.list"] = [{"ok": True, "members": [ada, other]}] * 3
    assert "nobody's name here" in said(app, slack, "revoke Eve Lovelace")["text"]
    assert "<@U1ADA> is no approver any more" in said(app, slack, "revoke Ada Lovelace")["text"]
    assert held() == {ADMIN: Role.ADMIN, "U2LOV": Role.APPROVER}
    said(app, slack, "grant approver U1ADA")
    said(app, slack, "revoke approver from Ada Lovelace")
    assert held() == {ADMIN: Role.ADMIN, "U2LOV": Role.APPROVER}


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("payments Ada Lovelace", "payments"),
        ("Data Platform Ada Lovelace", "data platform"),
        ('"data lovelace" Ada Lovelace', "data lovelace"),
        ("data platform @ada lovelace", "data platform"),
        ("data lovelace <@U1ADA|ada l>", "data lovelace"),
        ("data lovelace U1ADA", "data lovelace"),
    ],
)
def test_an_owner_and_a_tag_may_be_of_several_words(app: App, slack: FakeSlack, words: str, tag: str) -> None:
    """A mark says where the person begins; without one it is where somebody's name does."""
    slack.script["users.list"] = [
        {"ok": True, "members": [{"id": "U1ADA", "name": "ada", "profile": {"real_name": "Ada Lovelace"}}]}
    ]
    assert "belongs to <@U1ADA> now" in said(app, slack, f"owner {words}")["text"]
    with transaction() as session:
        assert [one.name for one in owners.named(session, workspace="T0")] == [tag]


def test_an_owner_who_could_be_two_is_nobody(app: App, slack: FakeSlack) -> None:
    """The last word is not taken for the person because it happens to be somebody's name; it says what to write."""
    ada = {"id": "U1ADA", "name": "ada", "profile": {"real_name": "Ada Lovelace"}}
    other = {"id": "U2LOV", "name": "lovelace"}
    slack.script["users.list"] = [{"ok": True, "members": [ada, other]}] * 2
    told = said(app, slack, "owner payments Ada Lovelace")["text"]
    assert "“Ada Lovelace” and “Lovelace” are each somebody's name" in told
    assert 'owner "payments" Ada Lovelace' in told
    assert "“Eve Smith” is nobody's name here" in said(app, slack, "owner payments Eve Smith")["text"]
    with transaction() as session:
        assert owners.named(session, workspace="T0") == []


@pytest.mark.parametrize("text", ["grant", "grant king U1ADA", "revoke", "owner payments", "owner", "grant approver"])
def test_a_command_that_is_not_whole_is_told_with_an_example(app: App, slack: FakeSlack, text: str) -> None:
    """Nothing is guessed."""
    assert "For example:" in said(app, slack, text)["text"]


def test_roles_and_owners_are_listed(app: App, slack: FakeSlack) -> None:
    """With those of the settings; foreign names as text."""
    said(app, slack, "owner <!channel>pay U1ADA")
    with transaction() as session:
        assert owners.of(session, ["<!channel>pay"], workspace="T0") == "U1ADA"
    shown = said(app, slack, "roles", LEAD)
    words = str(shown["blocks"])
    assert shown["text"] == "You are approver."
    assert f"*Admin*: <@{ADMIN}>" in words
    assert "*Approver*: <@UBOSS>, <@ULEAD>" in words
    assert "&lt;!channel&gt;pay: <@U1ADA>" in words


def test_a_revoked_approver_of_the_settings_is_told_to_be_one_still(app: App, slack: FakeSlack) -> None:
    """The setting is stronger than the command."""
    assert "COSTS_APPROVERS still makes" in said(app, slack, f"revoke <@{LEAD}>")["text"]


def test_the_first_admin_is_made_on_the_command_line(slack: FakeSlack, database: Path) -> None:
    """In the workspace of the token, after a look at who it is; the row says that it was there."""
    del database
    done = CliRunner().invoke(command, ["grant", "admin", "U1ADA"], catch_exceptions=False)
    assert (done.exit_code, done.output) == (0, "U1ADA is admin in T0.\n")
    assert held() == {"U1ADA": Role.ADMIN}
    with transaction() as session:
        assert "(command line)" in roles.events(session, workspace="T0")[0].who
    assert "admin     U1ADA" in CliRunner().invoke(command, ["list"]).output
    slack.users["U2EVE"] = {"is_restricted": True}
    for words in (["grant", "admin", "U2EVE"], ["grant", "admin", "ada"], ["revoke", "U1ADA"]):
        assert isinstance(CliRunner().invoke(command, words).exception, CostsError)
    assert held() == {"U1ADA": Role.ADMIN}


def _press_as_grid(app: App, slack: FakeSlack) -> Any:  # noqa: ANN401  an answer's JSON
    body = payloads.command(slack, "grant admin U1ADA") | {"enterprise_id": "E1"}
    app.dispatch(BoltRequest(mode="socket_mode", body=body))
    return slack.wait("respond")[-1]


def test_the_first_admin_within_an_organization_is_made_by_the_command_that_is_told(app: App, slack: FakeSlack) -> None:
    """Roles there belong to the organization's workspace, which the command has to name."""
    slack.users[LEAD] = {"enterprise_user": {"enterprise_id": "E1", "teams": ["T0"]}}
    told = _press_as_grid(app, slack)["text"]
    assert f"`costs roles grant admin {LEAD} --workspace T0 --enterprise E1`" in told
    words = told.split("`costs roles ")[1].split("`")[0].split()
    CliRunner().invoke(command, words, catch_exceptions=False)
    with transaction() as session:
        (made,) = roles.grants(session, workspace="T0", enterprise="E1")
    assert (made.subject, made.role) == (LEAD, Role.ADMIN)


@pytest.mark.parametrize("token", ["xoxb-test", None])
def test_the_organization_of_an_installed_workspace_is_known(
    slack: FakeSlack, database: Path, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    """From its installation, whether or not there is a token of another workspace."""
    del slack, database
    if token is None:
        monkeypatch.delenv("SLACK_BOT_TOKEN")
        settings.cache_clear()
    with transaction() as session:
        row = Workspace(workspace="T7", enterprise="E7", name="Acme", state="admitted", scopes="", installed_by="U1")
        session.add(row)
    for workspace in ("T7", "T8"):
        words = ["grant", "admin", "U1ADA", "--workspace", workspace]
        CliRunner().invoke(command, words, catch_exceptions=False)
    with transaction() as session:
        assert [one.subject for one in roles.grants(session, workspace="T7", enterprise="E7")] == ["U1ADA"]
        assert [one.subject for one in roles.grants(session, workspace="T8")] == ["U1ADA"]


def test_without_a_token_the_workspace_has_to_be_named(database: Path) -> None:
    """It cannot be looked up."""
    del database
    assert "Which workspace?" in str(CliRunner().invoke(command, ["grant", "admin", "U1ADA"]).exception)
    done = CliRunner().invoke(command, ["grant", "admin", "U1ADA", "--workspace", "T7", "--json"])
    assert done.exit_code == 0
    assert held("T7") == {"U1ADA": Role.ADMIN}
