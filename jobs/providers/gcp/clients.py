"""Clients of Google Cloud's interfaces: who asks, how patiently, and what is refused told as a sentence.

Credentials come from google.auth's default chain alone: GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth
application-default login`, workload identity, the metadata server. Nothing here knows an address: BigQuery's SDK
honours BIGQUERY_EMULATOR_HOST by itself, and tests put their own functions in the place of those below.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jobs.providers.answers import BadAnswerError

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud.asset_v1 import AssetServiceClient
    from google.cloud.bigquery import Client
    from google.cloud.billing.budgets_v1 import BudgetServiceClient
    from google.cloud.billing_v1 import CloudBillingClient, CloudCatalogClient
    from google.cloud.monitoring_v3 import MetricServiceClient
    from google.cloud.resourcemanager_v3 import ProjectsClient

PATIENCE = 600.0
"""Seconds that one call is tried for; quotas are by the minute, so most are free again by then."""
LONGEST_WAIT = 300.0
PASSING = ("rateLimitExceeded", "backendError", "internalError", "badGateway", "jobBackendError", "jobInternalError")
"""Reasons that BigQuery gives for what goes well a little later, whatever the status."""
LASTING = ("bytesBilledLimitExceeded", "quotaExceeded", "responseTooLarge")
"""Reasons that stay, though the status is one of those that pass."""
NAMED = re.compile(r"[Pp]ermission '?([a-z][A-Za-z]+(?:\.[A-Za-z]+)+)'?|have ([a-z]+(?:\.[A-Za-z]+)+) permission")
LONGEST = 300
"""Letters of a provider's own message that are passed on."""


ROLE = "the role of jobs/providers/gcp/role.yaml"


class RefusedError(BadAnswerError):
    """Google knows these credentials, and does not let them do this."""

    def __init__(self, what: str, permission: str | None, told: str, *, disabled: str | None = None) -> None:
        """Name the call, the permission that Google says is missing, or the interface that is switched off."""
        need = f"grant {permission}" if permission else f"grant this identity {ROLE} there"
        need = f"switch it on with `gcloud services enable {disabled}`" if disabled else need
        super().__init__(f"Google refused {what}: {need}. Google says: {told}")
        self.permission, self.disabled = permission, disabled


def bigquery(project: str) -> Client:
    """Return a client whose queries run in, and are billed to, a project."""
    from google.cloud.bigquery import Client  # noqa: PLC0415  slow, and only for those who use Google Cloud

    return Client(project=project)


def assets() -> AssetServiceClient:
    """Return a client of Cloud Asset Inventory."""
    from google.cloud.asset_v1 import AssetServiceClient  # noqa: PLC0415  slow, as above

    return AssetServiceClient()


def metrics() -> MetricServiceClient:
    """Return a client of Cloud Monitoring."""
    from google.cloud.monitoring_v3 import MetricServiceClient  # noqa: PLC0415  slow, as above

    return MetricServiceClient()


def projects() -> ProjectsClient:
    """Return a client of Resource Manager's projects."""
    from google.cloud.resourcemanager_v3 import ProjectsClient  # noqa: PLC0415  slow, as above

    return ProjectsClient()


def billing() -> CloudBillingClient:
    """Return a client of billing accounts."""
    from google.cloud.billing_v1 import CloudBillingClient  # noqa: PLC0415  slow, as above

    return CloudBillingClient()


def catalog() -> CloudCatalogClient:
    """Return a client of the public price list."""
    from google.cloud.billing_v1 import CloudCatalogClient  # noqa: PLC0415  slow, as above

    return CloudCatalogClient()


def budgets() -> BudgetServiceClient:
    """Return a client of budgets."""
    from google.cloud.billing.budgets_v1 import BudgetServiceClient  # noqa: PLC0415  slow, as above

    return BudgetServiceClient()


def patiently() -> Retry:
    """Return the SDK's own way to try again, which also waits as long as the answer says. Safe for read calls only."""
    from google.api_core.retry import Retry  # noqa: PLC0415  slow, as above

    return Retry(predicate=_passes, on_error=_wait_as_told, initial=1.0, maximum=60.0, timeout=PATIENCE)


def _passes(error: Exception) -> bool:
    """Whether an error goes away by itself."""
    import requests  # noqa: PLC0415  slow, as above
    from google.api_core import exceptions  # noqa: PLC0415
    from google.auth.exceptions import TransportError  # noqa: PLC0415

    if _gives(error, LASTING):
        return False
    statuses = (exceptions.TooManyRequests, exceptions.ServerError, TransportError, ConnectionError)
    network = (requests.exceptions.ConnectionError, requests.exceptions.Timeout)
    kinds = (*statuses, *network, requests.exceptions.ChunkedEncodingError)
    return isinstance(error, kinds) or _gives(error, PASSING)


def _gives(error: Exception, reasons: tuple[str, ...]) -> bool:
    """Whether one of BigQuery's reasons is among these."""
    return any(one.get("reason") in reasons for one in getattr(error, "errors", ()) if isinstance(one, dict))


def _wait_as_told(error: Exception) -> None:
    """Sleep as long as the answer asks for; the SDK's own back-off comes on top of it."""
    seconds = told(error)
    if seconds:
        time.sleep(min(seconds, LONGEST_WAIT))


def told(error: Exception) -> float | None:
    """Return for how many seconds an answer wants to be left alone: `Retry-After`, or gRPC's RetryInfo."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    after = str(headers.get("Retry-After", ""))
    if after.isdigit():
        return float(after)
    delays = (one.retry_delay for one in getattr(error, "details", ()) if hasattr(one, "retry_delay"))
    return next((delay.seconds + delay.nanos / 1e9 for delay in delays), None)


def told_in_json(message: Any) -> dict[str, Any]:  # noqa: ANN401  any of the SDK's messages
    """Return a message as Google's JSON interfaces word it, which is how answers are recorded."""
    text = type(message).to_json(message, always_print_fields_with_no_presence=False, indent=None)
    return dict(json.loads(text))


@contextmanager
def asking(what: str, *, needs: str | None = None) -> Iterator[None]:
    """Turn what Google's SDKs raise into a sentence. Raises RefusedError, BadAnswerError.

    `needs` is the permission of the call, for refusals that do not name it.
    """
    import requests  # noqa: PLC0415  slow, as above
    from google.api_core import exceptions  # noqa: PLC0415
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    try:
        yield
    except exceptions.Forbidden as error:
        if _gives(error, LASTING):  # a quota that is used up is no missing permission
            raise BadAnswerError(_unanswered(what, error)) from error
        raise RefusedError(what, permission(error) or needs, _short(error), disabled=_disabled(error)) from error
    except (exceptions.Unauthorized, GoogleAuthError) as error:
        message = (
            f"Google does not know these credentials, asked for {what} ({_short(error)}): "
            "run `gcloud auth application-default login` or set GOOGLE_APPLICATION_CREDENTIALS."
        )
        raise BadAnswerError(message) from error
    except (exceptions.GoogleAPIError, requests.exceptions.RequestException, ConnectionError) as error:
        raise BadAnswerError(_unanswered(what, error)) from error


def _unanswered(what: str, error: Exception) -> str:
    return f"Google did not answer {what} ({_short(error)}): nothing of it is kept; it is asked again next time."


def permission(error: Any) -> str | None:  # noqa: ANN401  any of the SDK's errors
    """Return the permission that a refusal names: in its details, or else in its text."""
    known = (error.metadata or {}).get("permission")
    found = NAMED.search(str(error.message))
    return str(known) if known else (found[1] or found[2]) if found else None


def _disabled(error: Any) -> str | None:  # noqa: ANN401
    """Return the interface that is switched off in the project, if that is why."""
    if error.reason != "SERVICE_DISABLED":
        return None
    return str((error.metadata or {}).get("service", "")) or None


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", None) or error).split())[:LONGEST]
