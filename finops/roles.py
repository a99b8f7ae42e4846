"""Who may do what: four roles, each with all that the one before it may."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody was made, the least first."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    APPROVER = "approver"
    ADMIN = "admin"


class Act(StrEnum):
    """What somebody does, as the sentence that refuses it says it."""

    LOOK = "look"
    JUDGE = "say what an anomaly was"
    TEND = "answer an alert"
    RULE = "set up alert rules for others"
    SCOPE = "set what a channel asks about"
    SUBSCRIBE = "have digests sent to a channel"
    SNOOZE = "put off, hand over, ask about or open again a saving"
    DECIDE = "decide this"
    GRANT = "grant roles"
    OWN = "say who is meant by a name in tags"


class Standing(StrEnum):
    """What Slack says somebody is. Only members have a role, whatever was granted to whom."""

    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "member of another organization"
    BOT = "bot"
    DEACTIVATED = "deactivated account"


NEEDS = {
    Act.LOOK: Role.VIEWER,
    Act.JUDGE: Role.ANALYST,
    Act.TEND: Role.ANALYST,
    Act.RULE: Role.ANALYST,
    Act.SCOPE: Role.ANALYST,
    Act.SUBSCRIBE: Role.ANALYST,
    Act.SNOOZE: Role.ANALYST,
    Act.DECIDE: Role.APPROVER,
    Act.GRANT: Role.ADMIN,
    Act.OWN: Role.ADMIN,
}
"""The least role for each."""


def highest(granted: Iterable[Role]) -> Role:
    """Return the role of somebody who was given these; a member who was given none may look."""
    return max(granted, key=list(Role).index, default=Role.VIEWER)


def may(role: Role, act: Act) -> bool:
    """Whether the role suffices."""
    return list(Role).index(role) >= list(Role).index(NEEDS[act])
