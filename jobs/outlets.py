"""Handing a text to an outlet through `apprise`, or as a mail. Of its address nothing is ever told, logged or kept."""

from __future__ import annotations

import hashlib
import html
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from finops.errors import BadSettingError, UnavailableError
from finops.outlets import Outlet
from storage import outlets, yaml_files
from storage.settings import settings

LOUD = ("apprise", "urllib3", "requests")
"""Whose logs name addresses, which hold tokens."""
_CODE = re.compile(r"error=(\d{3})\b")


class NotTakenError(UnavailableError):
    """The other side did not take it, or did not answer; it may later."""


def send(outlet: Outlet, *, title: str, text: str) -> None:
    """Send a text through apprise. Raises NotTakenError, and BadSettingError for an address that is wrong.

    Apprise does not tell whether a text without an answer has arrived: it is sent again, rather twice than never.
    """
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType  # noqa: PLC0415  a third of a second

    with _overheard() as heard:
        asset = AppriseAsset(app_id="Costs", app_desc="What our clouds cost", app_url=settings().public_url)
        client = Apprise(asset=asset)
        if not client.add(_address(outlet)):
            message = f"The url of the outlet {outlet.name} is none that apprise knows: see its list of services."
            raise BadSettingError(message)
        taken = client.notify(body=text, title=title, notify_type=NotifyType.INFO, body_format=NotifyFormat.TEXT)
    if not taken:
        code = next((found[1] for one in heard if (found := _CODE.search(one))), None)
        answered = f"answered {code}" if code else "did not answer, or not as it should"
        message = f"The outlet {outlet.name} ({outlet.kind}) {answered}."
        raise NotTakenError(message)


def _address(outlet: Outlet) -> str:
    """Return its address with its secrets. Raises BadSettingError for one that the environment does not have."""
    return yaml_files.filled(f"{settings().home / outlets.FILE}, outlet {outlet.name}", outlet.url or "")


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Keep to ourselves what the libraries say meanwhile: only the number of an answer is taken from it."""
    listener = _Listener()
    loggers = [logging.getLogger(name) for name in LOUD]
    before = [(one.propagate, one.level, list(one.handlers)) for one in loggers]
    for one in loggers:
        one.propagate, one.handlers = False, [listener]
        one.setLevel(logging.WARNING)
    try:
        yield listener.heard
    finally:
        for one, (propagate, level, handlers) in zip(loggers, before, strict=True):
            one.propagate, one.handlers = propagate, handlers
            one.setLevel(level)


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Hear it."""
        self.heard.append(record.getMessage())


def mail(outlet: Outlet, *, key: str, title: str, text: str) -> dict[str, Any]:
    """Return what `jobs.deliver` builds a mail of. The Message-ID is the same whenever it is sent again."""
    domain = settings().mail_from.rpartition("@")[2].rstrip(">") or "localhost"
    number = hashlib.sha256(key.encode()).hexdigest()[:32]
    return {
        "to": list(outlet.mail),
        "subject": title,
        "message_id": f"<{number}@{domain}>",
        "text": f"{text}\n",
        "html": _page(title, text),
        "images": [],
    }


def _page(title: str, text: str) -> str:
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line)
    return f'<body style="font-family: sans-serif"><h1 style="font-size: 1.1em">{html.escape(title)}</h1>{lines}</body>'
