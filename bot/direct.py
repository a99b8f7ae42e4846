"""A recommendation's card in somebody's direct messages, through the outbox: sent once, drawn anew like any other."""

from __future__ import annotations

from slack_sdk import WebClient

from finops.people import Person
from storage import outbox, posted
from storage.database import transaction
from storage.models import Recommendation


def send(client: WebClient, row: Recommendation, *, to: str, by: Person, owner: bool) -> None:
    """Send it to a person. The same card is sent once to the same person, whoever asks again. Raises SlackApiError."""
    channel = client.conversations_open(users=to)["channel"]["id"]
    payload = {"channel": channel, posted.CARD: str(row.id), "by": by.user, "owner": owner}
    why = "asks the owner" if owner else "is assigned"
    key = f"recommendation {row.id} round {row.round} {why} {to}"
    with transaction() as session:
        outbox.put(session, workspace=by.workspace, key=key, kind=posted.KIND, payload=payload)
