"""AWS's interfaces, asked with the credentials that its SDK finds by itself; what it refuses becomes a sentence."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import BAD_REQUEST
from typing import Any

from jobs.providers.answers import BadAnswerError

ATTEMPTS = 8
RETRIES = {"max_attempts": ATTEMPTS, "mode": "adaptive"}
"""The SDK repeats what was throttled and slows down by itself; how long it is asked to wait, see `_waited`."""
LONGEST = 300.0
"""Seconds that are waited at most before a repetition."""
_ONE = threading.Lock()
"""Clients are made one after the other: what reads their descriptions is shared."""
REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")


class RefusedError(BadAnswerError):
    """AWS does not allow an action to these credentials."""

    def __init__(self, what: str, needs: str, code: str) -> None:
        """Name the action."""
        self.needs = needs
        super().__init__(
            f"AWS refused {what} ({code}): allow {needs} to this role; policy.json has all that is needed."
        )


def client(service: str, *, region: str | None = None, profile: str | None = None) -> Any:  # noqa: ANN401  boto3 is published without types
    """Return a client. Raises BadAnswerError for a profile or a region that is not there."""
    import boto3  # noqa: PLC0415  slow, and only for those who use AWS
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    try:
        core = get_session()
        if profile:
            core.set_config_variable("profile", profile)
        with _ONE:
            known = _loader(core.get_config_variable("data_path"))
            core.register_component("data_loader", known)
            session = boto3.Session(botocore_session=core, profile_name=profile)
            known.search_paths[:] = dict.fromkeys(known.search_paths)  # each session adds a folder of its own
            # Global services answer in any region; the SDK wants one all the same.
            place = region or session.region_name or "us-east-1"
            made = session.client(service, region_name=place, config=Config(retries=RETRIES))
    except BotoCoreError as error:
        message = f"AWS cannot be asked for {service}: {error}."
        raise BadAnswerError(message) from error
    made.meta.events.register("needs-retry", _waited)
    return made


@cache
def _loader(path: str | None) -> Any:  # noqa: ANN401  as above
    """Return what reads the SDK's descriptions of services: once for all clients, as they are long to read."""
    from botocore.loaders import create_loader  # noqa: PLC0415  as above

    return create_loader(path)


def _waited(*, response: Any, attempts: int, **_: object) -> None:  # noqa: ANN401  as above
    """Wait as long as a throttled answer asks for: the SDK itself heeds another header, and five seconds of it."""
    metadata = (response[1] if response else {}).get("ResponseMetadata", {})
    asked = metadata.get("HTTPHeaders", {}).get("retry-after")
    if asked and attempts < ATTEMPTS and metadata.get("HTTPStatusCode", 0) >= BAD_REQUEST:
        time.sleep(min(max(_seconds(asked), 0.0), LONGEST))


def _seconds(asked: str) -> float:
    """Return what Retry-After says: seconds, or a moment."""
    try:
        return float(asked)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):  # neither of both: the SDK's own pace will do
        return 0.0


@contextmanager
def asking(what: str, *, needs: str) -> Iterator[None]:
    """Turn what AWS answers instead into a sentence. Raises RefusedError, BadAnswerError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  as above

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        if code in REFUSED:
            raise RefusedError(what, needs, code) from error
        message = f"AWS did not answer for {what} ({code}): {error}"
        raise BadAnswerError(message) from error
    except BotoCoreError as error:
        message = f"AWS could not be asked for {what}: {error}"
        raise BadAnswerError(message) from error
