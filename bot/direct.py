"""A recommendation's card in somebody's direct messages, through the outbox: sent once, drawn anew like any other."""

from __future__ import annotations

from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import members
from finops.people import Person
from finops.roles import Role
from storage import outbox, posted
from storage.models import Recommendation, RecommendationEvent


def opened(client: WebClient, to: str, *, by: Person) -> str:
    """Return the channel of direct messages with a member of the workspace: ask for it before anything is written down.

    Raises NotAllowedError for who is no member, SlackApiError where Slack does not open it.
    """
    members.require(client, to, by=by, to="look after a saving")
    return str(client.conversations_open(users=to)["channel"]["id"])


def put(session: Session, row: Recommendation, *, channel: str, to: str, by: Person, role: Role) -> None:
    """Have it sent to whom it is assigned, in the transaction that writes that down; once, whoever does so again."""
    payload = {"channel": channel, posted.CARD: str(row.id), "by": by.user, "owner": False, posted.ROLE: role.value}
    key = f"recommendation {row.id} round {row.round} is assigned {to}"
    outbox.put(session, workspace=by.workspace, key=key, kind=posted.KIND, payload=payload)


def ask(session: Session, asked: RecommendationEvent, *, channel: str, by: Person) -> None:
    """Have its owner asked, in the transaction that writes the question down."""
    about = str(asked.recommendation_id)
    payload = {"channel": channel, posted.CARD: about, "by": by.user, "owner": True, posted.QUESTION: asked.id}
    key = f"recommendation {about} asks its owner, event {asked.id}"
    outbox.put(session, workspace=by.workspace, key=key, kind=posted.KIND, payload=payload)
