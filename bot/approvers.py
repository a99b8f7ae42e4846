"""Who has approved something and may no longer: looked at when somebody else's click would decide it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from slack_sdk import WebClient

from bot import members, permissions, workspaces
from bot.permissions import Refused
from finops.errors import BadSettingError
from finops.people import Person
from finops.roles import Act
from storage import approvers
from storage.database import transaction


def gone(client: WebClient, chosen: Sequence[uuid.UUID], *, by: Person) -> frozenset[Person]:
    """Return whose approvals of these offers count no more: without the role, deactivated, no member any more.

    Raises SlackApiError where Slack does not say who they are, and NotOpenError for offers that were deleted.
    """
    with transaction() as session:  # closed again before Slack is waited for
        found = approvers.of(session, chosen, workspace=by.workspace)
    return frozenset(one for one in sorted(found - {by}) if not _may(client, one, by))


def _may(client: WebClient, person: Person, by: Person) -> bool:
    try:
        there = client if person.workspace == by.workspace else workspaces.client(person.workspace)
        permissions.check(there, person, Act.DECIDE)
    except (Refused, BadSettingError):  # or their workspace is not connected any more
        return False
    return True


def said(people: Collection[Person]) -> str:
    """Say whose approvals were taken back, as markup; '' of nobody."""
    if not people:
        return ""
    named = ", ".join(members.mention(one.user) for one in sorted(people))
    return f" What {named} had approved no longer counts: they may not approve any more."
