"""Who is behind a delivery, in the shapes of https://docs.slack.dev/reference/interaction-payloads and .../events."""

from __future__ import annotations

from typing import Any

import pytest

from bot import people
from finops.errors import NotAllowedError
from finops.people import Person

ADA = Person("T1", "UADA")


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/cost", "user_id": "UADA", "team_id": "T1", "enterprise_id": ""},
        {"type": "block_actions", "user": {"id": "UADA", "team_id": "T1"}, "team": {"id": "T1"}, "enterprise": None},
        {"type": "view_submission", "user": {"id": "UADA"}, "team": {"id": "T1"}, "view": {"id": "V1"}},
        {"type": "block_actions", "user": {"id": "UADA", "team_id": "T1"}, "team": None},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "UADA"}},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "app_home_opened", "user": "UADA"}},
    ],
    ids=["command", "action", "view", "action of an organization's installation", "mention", "home"],
)
def test_every_kind_of_delivery_says_who_it_was(body: dict[str, Any]) -> None:
    """As the same person."""
    assert people.of(body) == ADA


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/cost", "user_id": "UADA", "team_id": "T1", "enterprise_id": "E1"},
        {"type": "block_actions", "user": {"id": "UADA"}, "team": {"id": "T1"}, "enterprise": {"id": "E1"}},
        {"type": "view_submission", "user": {"id": "UADA"}, "team": {"id": "T1", "enterprise_id": "E1"}},
        {"type": "event_callback", "team_id": "T1", "enterprise_id": "E1", "event": {"user": "UADA"}},
    ],
)
def test_an_organization_is_part_of_who_somebody_is(body: dict[str, Any]) -> None:
    """Wherever Slack writes it."""
    assert people.of(body) == Person("T1", "UADA", "E1")


def test_the_workspace_is_where_the_app_is_installed() -> None:
    """A form that was opened in a channel shared with another workspace belongs to ours, as do its figures."""
    view = {"id": "V1", "app_installed_team_id": "T1", "team_id": "T2"}
    body = {"type": "view_submission", "user": {"id": "UEVE", "team_id": "T2"}, "team": {"id": "T2"}, "view": view}
    assert people.of(body) == Person("T1", "UEVE")


@pytest.mark.parametrize(
    "body", [{}, {"user": {"id": "UADA"}}, {"team": {"id": "T1"}}, {"user_id": "", "team_id": "T"}]
)
def test_nobody_is_not_taken_for_somebody(body: dict[str, Any]) -> None:
    """It is told in a sentence instead."""
    with pytest.raises(NotAllowedError, match="did not say who"):
        people.of(body)
