"""AWS asked live: read calls only, with the credentials that the SDK finds by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.providers.answers import BadAnswerError, Inventory
from jobs.providers.aws import inventory
from jobs.sources import SourceEntry

SERVICES = {"GetMetricData": "cloudwatch"}
"""All other operations are EC2's."""
RETRIES = {"max_attempts": 8, "mode": "adaptive"}


@dataclass(frozen=True, slots=True)
class Live:
    """One region of one account."""

    session: Any
    region: str

    def pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Return every page of an operation's answer. Raises BadAnswerError."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  slow, and only for those who use AWS

        service = SERVICES.get(operation, "ec2")
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            client = _client(self.session, service, self.region)
            if client.can_paginate(method):
                yield from client.get_paginator(method).paginate(**request)
            else:
                yield getattr(client, method)(**request)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            message = f"AWS refused {service}:{operation} in {self.region} ({code}): allow that action to this role."
            raise BadAnswerError(message) from error
        except BotoCoreError as error:
            message = f"AWS could not be asked for {service}:{operation} in {self.region}: {error}."
            raise BadAnswerError(message) from error


def _client(session: Any, service: str, region: str) -> Any:  # noqa: ANN401  boto3 is published without types
    from botocore.config import Config  # noqa: PLC0415  slow, and only for those who use AWS

    return session.client(service, region_name=region, config=Config(retries=RETRIES))


def live(entry: SourceEntry, *, at: datetime) -> Inventory:
    """Ask the account of the SDK's own credentials, in the entry's regions. Raises BadAnswerError."""
    import boto3  # noqa: PLC0415  slow, and only for those who use AWS
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        session = boto3.Session(profile_name=entry.profile)
        account = str(_client(session, "sts", entry.regions[0]).get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        message = f"AWS does not know these credentials ({error}): run `aws sts get-caller-identity` to see why."
        raise BadAnswerError(message) from error
    return inventory.merge([inventory.read(Live(session, region), account, region, at=at) for region in entry.regions])
