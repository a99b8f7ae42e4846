"""Azure's throttling: how long it wants to be left alone stands in headers of its own, beside `Retry-After`."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import RetryPolicy

BUSY = 429
OWN = ("x-ms-ratelimit-microsoft.consumption-retry-after", "x-ms-ratelimit-microsoft.costmanagement-")
"""Seconds. Cost Management has one each for entity, tenant, client and QPU: all end in `retry-after`."""
ATTEMPTS = 8
"""Six calls a minute are allowed to a billing account, so being refused a few times in a row is the rule."""


class Throttled(RetryPolicy[Any, Any]):
    """azure-core's own policy, which waits as long as the longest of the headers says."""

    def __init__(self) -> None:
        """Allow as many attempts as a busy minute takes."""
        super().__init__(retry_total=ATTEMPTS, retry_status=ATTEMPTS)

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return the seconds to wait; nothing if the provider does not say."""
        told = super().get_retry_after(response)
        if response.http_response.status_code != BUSY:  # an answer that is well carries the headers, too
            return told
        known = [told] if told is not None else []
        return max([*known, *_own(response)], default=None)

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to ask again: also a query that is sent by POST, if it was refused for being one too many."""
        busy = response.http_response.status_code == BUSY and bool(_own(response))
        return busy or bool(super().is_retry(settings, response))


def _own(response: PipelineResponse[Any, Any]) -> list[float]:
    headers = {name.lower(): value for name, value in response.http_response.headers.items()}
    found = [value for name, value in headers.items() if name.startswith(OWN) and name.endswith("retry-after")]
    return [float(value) for value in found if value.replace(".", "", 1).isdigit()]
