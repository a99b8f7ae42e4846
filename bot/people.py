"""Who is behind a delivery of Slack's, be it a command, a button, a form or an event."""

from __future__ import annotations

from slack_bolt.request.internals import extract_enterprise_id, extract_team_id, extract_user_id

from bot.listeners.telling import Body
from finops.errors import NotAllowedError
from finops.people import Person


def of(body: Body) -> Person:
    """Return who did it, in the workspace where the app is installed. Raises NotAllowedError where Slack names nobody.

    Bolt knows where each kind of delivery says so, also those from a channel that is shared with another organization.
    Whether the person belongs to the workspace is not said here: Slack is asked for that when it matters.
    """
    user, workspace = extract_user_id(body), extract_team_id(body)
    if not user or not workspace:
        message = "Slack did not say who did this and in which workspace, so nothing was done: please try again."
        raise NotAllowedError(message)
    return Person(workspace, user, extract_enterprise_id(body) or "")


def channel(body: Body) -> str:
    """Return Slack's id of where a command was typed or a button pressed; empty where that was no channel."""
    return str(body.get("channel_id") or (body.get("channel") or {}).get("id") or "")
