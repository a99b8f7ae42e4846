"""Which actions an identity may do in a subscription, as Azure itself works it out of all roles.

Azure Resource Graph leaves out, without a word, what an identity may not read; so it has to be asked for beforehand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from jobs.providers.answers import reading
from jobs.providers.azure import clients

PERMISSIONS = "Microsoft.Authorization/permissions"
VERSION = "2022-04-01"


def missing(subscription: str, actions: Iterable[str]) -> list[str]:
    """Return those actions that the identity may not do in a subscription. Raises BadAnswerError, RefusedError."""
    from azure.core.rest import HttpRequest  # noqa: PLC0415  slow, and only for those who use Azure

    what, client, held = f"{PERMISSIONS} of {subscription}", clients.consumption(), []
    with clients.asking(what, needs=f"{PERMISSIONS}/read"):
        address = f"{clients.management()}/subscriptions/{subscription}/providers/{PERMISSIONS}?api-version={VERSION}"
        response = client.send_request(HttpRequest("GET", address))
        response.raise_for_status()
    with reading(what):
        held = [(one["actions"], one.get("notActions") or []) for one in json.loads(response.text())["value"]]
        return [each for each in actions if not any(_any(yes, each) and not _any(no, each) for yes, no in held)]


def _any(patterns: Iterable[str], action: str) -> bool:
    """Whether an action is one of those; a star stands for anything, and case does not count."""
    return any(
        re.fullmatch(re.escape(one).replace(r"\*", ".*"), action, flags=re.IGNORECASE) is not None for one in patterns
    )
