"""Sends the mails that wait in the outbox, by SMTP or into files that mail programs open, and what is for outlets."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from sqlalchemy.orm import Session

from finops.errors import CostsError, UnavailableError
from finops.outlets import Outlet
from jobs import outlets as ways
from jobs import smtp
from storage import alert_ways, artifacts, outbox, outlets
from storage.database import transaction
from storage.models import Artifact, Outbox
from storage.settings import settings

KINDS = ("mail", outlets.KIND)
LEASE = timedelta(minutes=10)
"""Longer than the slowest conversation with a mail server can last."""
POLICY = SMTP.clone(cte_type="7bit")


class DeliveryError(CostsError):
    """Some of it could not be delivered."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture inside a mail."""

    cid: str
    content: bytes


def run() -> dict[str, Any]:
    """Deliver what is due. Raises DeliveryError when all are done, if some could not be sent."""
    counts = dict.fromkeys(("sent", "retried", "failed", "ambiguous"), 0)
    problems: list[str] = []
    while (message := _next()) is not None:
        problem, ending, note = _delivered(message)
        with transaction() as session:
            note(session)
            alert_ways.fall_back(session, message.id)
        counts[ending] += 1
        problems += [f"“{message.key}”: {problem}"] if problem else []
    if problems:
        raise DeliveryError(_told(problems))
    return counts


def _told(problems: list[str]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"Not delivered: {problems[0]}{more}"


def _next() -> Outbox | None:
    with transaction() as session:
        claimed = outbox.claim(session, KINDS, now=datetime.now(UTC), limit=1, lease=LEASE)
        return claimed[0] if claimed else None


def _delivered(message: Outbox) -> tuple[str | None, str, Callable[[Session], None]]:
    """Try one. Return what went wrong, how that is counted, and what is to be written down."""
    try:
        receipt = _send(message)
    except smtp.NeverError as error:
        told = str(error)
        return told, "failed", lambda session: outbox.failed(session, message.id, told)
    except smtp.UnknownError as error:
        told, wait = str(error), outbox.backoff(message.attempts)
        return told, "ambiguous", lambda session: outbox.ambiguous(session, message.id, error=told, after=wait)
    except CostsError as error:  # refused for now, a wrong setting, a full disk: all may be mended
        told = str(error)
        return told, "retried", lambda session: outbox.retry(session, message.id, error=told)
    return None, "sent", lambda session: outbox.sent(session, message.id, receipt)


def _send(message: Outbox) -> dict[str, str]:
    if message.kind == outlets.KIND:
        return to_outlet(
            outlets.of(message.payload), key=message.key, title=message.payload["title"], text=message.payload["text"]
        )
    return _mail(message.key, message.payload)


def to_outlet(outlet: Outlet, *, key: str, title: str, text: str) -> dict[str, str]:
    """Hand a text to an outlet; a mail takes the way of all mails. Raises as `jobs.outlets.send` and `_send` do."""
    if outlet.mail:
        return _mail(key, ways.mail(outlet, key=key, title=title, text=text))
    ways.send(outlet, title=title, text=text)
    return {"outlet": outlet.name}


def _mail(key: str, payload: dict[str, Any]) -> dict[str, str]:
    images = _images(payload)
    mail = build(payload, images, at=datetime.now(UTC))
    server = settings().smtp_url
    if server is None:
        return {"file": _write(key, payload["html"], mail, images)}
    return {"smtp": smtp.send(server.get_secret_value(), mail)}


def _images(payload: dict[str, Any]) -> list[Image]:
    with transaction() as session:
        found = [(one["cid"], session.get(Artifact, uuid.UUID(one["artifact_id"]))) for one in payload["images"]]
    if any(artifact is None for _, artifact in found):
        message = "A picture of the mail is not there any more."
        raise UnavailableError(message)
    return [Image(cid, artifacts.load(artifact)) for cid, artifact in found if artifact is not None]


def build(payload: dict[str, Any], images: list[Image], *, at: datetime) -> EmailMessage:
    """Build the mail: plain text, and HTML with its pictures inside. Raises NeverError for what no header may hold."""
    mail = EmailMessage(policy=POLICY)
    try:
        mail["From"], mail["To"] = settings().mail_from, ", ".join(payload["to"])
        mail["Subject"], mail["Message-ID"] = payload["subject"], payload["message_id"]
    except (ValueError, IndexError) as error:
        told = f"The mail cannot be written ({error}): check MAIL_FROM and MAIL_TO."
        raise smtp.NeverError(told) from error
    mail["Date"] = format_datetime(at)
    mail["Auto-Submitted"] = "auto-generated"  # so that no out-of-office note answers it
    mail.set_content(payload["text"], cte="quoted-printable")
    mail.add_alternative(payload["html"], subtype="html", cte="quoted-printable")
    page = list(mail.iter_parts())[-1]
    assert isinstance(page, EmailMessage)  # noqa: S101  the policy makes no others
    for image in images:
        page.add_related(
            image.content, "image", "png", cid=f"<{image.cid}>", disposition="inline", filename="chart.png"
        )
    return mail


def _write(key: str, html: str, mail: EmailMessage, images: list[Image]) -> str:
    """Write the mail as `.eml`, and its page with the pictures in it as `.html`; return the page's path."""
    for image in images:
        html = html.replace(f"cid:{image.cid}", "data:image/png;base64," + base64.b64encode(image.content).decode())
    base = settings().home / "outbox" / _file_name(key)
    artifacts.write(base.with_name(f"{base.name}.eml"), mail.as_bytes())
    page = base.with_name(f"{base.name}.html")
    artifacts.write(page, html.encode())
    return str(page)


def _file_name(key: str) -> str:
    """Name a file after a key; keys that differ only in what a file name cannot hold get different names."""
    words = re.sub(r"[^A-Za-z0-9@._-]+", "-", key).strip("-.")[:100]
    plain = words == key.replace(" ", "-")
    return words if plain else f"{words}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
