"""People, as Slack knows them: the same letters in another workspace are somebody else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Somebody who asks, decides or is told."""

    workspace: str
    """Slack's team id; '' at the command line, which knows no workspace."""
    user: str
    """Slack's user id; at the command line the name of the system's user."""
    enterprise: str = ""
    """Slack's id of the organization that the workspace belongs to, if any."""
