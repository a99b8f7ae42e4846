"""A recommendation's card in somebody's direct messages, through the outbox: sent once, drawn anew like any other."""

from __future__ import annotations

from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import members
from finops.people import Person
from storage import outbox, posted
from storage.models import Recommendation


def opened(client: WebClient, to: str, *, by: Person) -> str:
    """Return the channel of direct messages with a member of the workspace: ask for it before anything is written down.

    Raises NotAllowedError for who is no member, SlackApiError where Slack does not open it.
    """
    members.require(client, to, by=by, to="look after a saving")
    return str(client.conversations_open(users=to)["channel"]["id"])


def put(session: Session, row: Recommendation, *, channel: str, to: str, by: Person, owner: bool) -> None:
    """Have it sent to a person in the transaction that writes down why.

    The same card is sent once to the same person, whoever asks again.
    """
    payload = {"channel": channel, posted.CARD: str(row.id), "by": by.user, "owner": owner}
    why = "asks the owner" if owner else "is assigned"
    key = f"recommendation {row.id} round {row.round} {why} {to}"
    outbox.put(session, workspace=by.workspace, key=key, kind=posted.KIND, payload=payload)
