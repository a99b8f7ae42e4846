"""A stranger from another workspace: whatever he sends, correctly signed, nothing is answered and nothing changes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from slack_bolt import App
from sqlalchemy import select
from starlette.applications import Starlette

from bot.actions import Action
from bot.intake import TAKEN, Intake
from bot.working import Workers
from storage import workspaces
from storage.database import engine, transaction
from storage.models import Base, Inbox, InboxState
from storage.workspaces import Installed
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack

STRANGER = "TSTRANGER"
OURS = {"inbox"}
"""Only there a stranger leaves a trace: that he came."""


def _everything() -> dict[str, list[Any]]:
    """Return all rows of all tables but the inbox."""
    with engine().connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in OURS
        }


def _bound(app: App) -> list[tuple[str, str]]:
    """Return what the app listens to: the kind of each listener, and the name it is bound to."""
    found = []
    for listener in app._listeners:  # noqa: SLF001  Bolt shows them nowhere else
        matcher = listener.matchers[0].func  # type: ignore[attr-defined]
        held = [cell.cell_contents for cell in matcher.__closure__]
        named = dict(zip(matcher.__code__.co_freevars, held, strict=True))
        name = next(named[key] for key in ("command", "constraints", "callback_id", "event_type") if key in named)
        if isinstance(name, dict):
            name = name.get("action_id") or name.get("type") or name.get("callback_id")
        name = name.pattern.strip("^$") if isinstance(name, re.Pattern) else str(name)
        found.append((matcher.__qualname__.split(".")[0], name))
    return found


def _payloads(app: App, slack: FakeSlack, value: str) -> list[payloads.Body]:
    """Return a delivery for each listener, as a stranger would send it."""
    made = []
    for kind, name in _bound(app):
        if "command" in kind:
            made.append(payloads.command(slack, "recommendations", team=STRANGER) | {"command": name})
        elif "action" in kind:
            made.append(payloads.button(slack, name, value, team=STRANGER))
            made.append(payloads.pressed_at_home(name, value, team=STRANGER))
        elif "event" in kind:
            made.append(payloads.event(name, team=STRANGER, tokens={"bot": ["U"]}, text="costs", view={}))
        else:
            made.append(payloads.form(name, view=f"V{len(made)}", team=STRANGER))
            made.append(made[-1] | {"type": "view_closed"})
            made.append(made[-1] | {"type": "block_suggestion", "action_id": name, "block_id": "b", "value": "x"})
    return made


@pytest.fixture
def chosen(bolt: App) -> str:
    """A recommendation that somebody could approve."""
    del bolt
    with transaction() as session:
        ledgers.fill(session)
        return str(ledgers.recommend(session))


def test_a_stranger_is_neither_answered_nor_obeyed(bolt: App, slack: FakeSlack, chosen: str) -> None:
    """Not by any command, button, form or event that the bot listens to."""
    sent = _payloads(bolt, slack, chosen)
    assert {one["actions"][0]["action_id"] for one in sent if "actions" in one} >= {str(one) for one in Action}
    before = _everything()
    intake, workers = Intake(bolt, lambda: None), Workers(bolt)
    for body in sent:
        assert intake.take(body) == TAKEN
    while workers.once():
        pass
    assert {name for name, _ in slack.calls} <= {"auth.test"}
    assert _everything() == before
    with transaction() as session:
        assert set(session.scalars(select(Inbox.state))) == {InboxState.REFUSED}


def test_another_organization_is_a_stranger_whatever_it_names(
    pages: Starlette, bolt: App, slack: FakeSlack, chosen: str
) -> None:
    """It installed the app for itself, and names a workspace of ours: SLACK_BOT_TOKEN's, or one of our organization."""
    del pages
    with transaction() as session:
        for one in ("E1", "T1"):
            installed = Installed(one, one, f"xoxb-{one}", "UINST", enterprise="E1")
            workspaces.save(session, installed, admitted_by="test")
    intake, workers = Intake(bolt, lambda: None), Workers(bolt)
    made = _payloads(bolt, slack, chosen)
    before = _everything()
    for number, body in enumerate(made):
        told = payloads.of_organization(body, "ESTRANGER", team=("T0", "T1", None)[number % 3])
        assert intake.take(told) == TAKEN
    while workers.once():
        pass
    assert {name for name, _ in slack.calls} <= {"auth.test"}
    assert _everything() == before


def test_the_same_deliveries_from_our_own_workspace_are_heard(bolt: App, slack: FakeSlack, chosen: str) -> None:
    """So that the walk above proves something."""
    intake, workers = Intake(bolt, lambda: None), Workers(bolt)
    for body in (payloads.command(slack, "recommendations"), payloads.button(slack, Action.APPROVE, chosen)):
        intake.take(body)
    before = _everything()
    while workers.once():
        pass
    assert len(slack.of("respond")) == 2
    assert _everything() != before


def test_a_stranger_who_names_our_workspace_beside_his_own_stays_one(bolt: App, slack: FakeSlack, chosen: str) -> None:
    """What Slack says of where the app is installed counts, not what else is in a delivery."""
    body = payloads.button(slack, Action.APPROVE, chosen, team=STRANGER)
    Intake(bolt, lambda: None).take(body | {"team_id": "T0", "user": {"id": "ULEAD", "team_id": "T0"}})
    before = _everything()
    assert Workers(bolt).once()
    assert _everything() == before
    assert not slack.of("respond")
