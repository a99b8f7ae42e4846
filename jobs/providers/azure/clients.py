"""Clients of Azure's interfaces, and what they refuse told as a sentence.

Credentials come from azure-identity's own chain alone: environment, workload identity, managed identity, `az login`.
Where a client asks stands in `options` and the functions below it; there is no other place that knows an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jobs.providers.answers import BadAnswerError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.mgmt.consumption import ConsumptionManagementClient
    from azure.mgmt.resourcegraph import ResourceGraphClient
    from azure.mgmt.subscription import SubscriptionClient
    from azure.monitor.querymetrics import MetricsClient
    from azure.storage.blob import BlobServiceClient

REFUSED = re.compile(r"perform action '([^']+)'")
NOBODY = "00000000-0000-0000-0000-000000000000"
"""The consumption client wants a subscription, though every call names its own scope."""
UNKNOWN, FORBIDDEN = 401, 403
LONGEST = 300
"""Letters of a provider's own message that are passed on."""


class RefusedError(BadAnswerError):
    """Azure knows these credentials, and does not let them do this."""

    def __init__(self, what: str, action: str | None, told: str) -> None:
        """Name the call, the action that a role must hold (if Azure says it), and Azure's own words."""
        need = f"add {action} to a role of it" if action else "give it the role Reader there"
        super().__init__(f"Azure refused {what} to this identity: {need}. Azure says: {told}")
        self.action = action


class AnsweredError(BadAnswerError):
    """Azure answered with an error of another kind."""

    def __init__(self, what: str, status: int | None, told: str) -> None:
        """Name the call, the answer's status, and Azure's own words."""
        super().__init__(f"Azure answered {what} with {status} ({told}): nothing of it is kept; try again later.")
        self.status = status


def credential() -> TokenCredential:
    """Return the credential that azure-identity finds by itself."""
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415  slow, and only for those who use Azure

    return DefaultAzureCredential()


def options() -> dict[str, Any]:
    """Return what every client but that of blobs is made with, besides credential and address."""
    from jobs.providers.azure.throttle import Throttled  # noqa: PLC0415  imports azure-core

    return {"retry_policy": Throttled()}


def management() -> str:
    """Return the address of Azure Resource Manager."""
    return "https://management.azure.com"


def monitor(region: str) -> str:
    """Return the address of Azure Monitor's metrics of a region."""
    return f"https://{region}.metrics.monitor.azure.com"


def storage(account: str) -> str:
    """Return the address of a storage account's blobs."""
    return f"https://{account}.blob.core.windows.net"


def consumption() -> ConsumptionManagementClient:
    """Return a client of usage details and budgets."""
    from azure.mgmt.consumption import ConsumptionManagementClient  # noqa: PLC0415  slow, as above

    return ConsumptionManagementClient(credential(), NOBODY, management(), **options())


def graph() -> ResourceGraphClient:
    """Return a client of Azure Resource Graph."""
    from azure.mgmt.resourcegraph import ResourceGraphClient  # noqa: PLC0415  slow, as above

    return ResourceGraphClient(credential(), management(), **options())


def subscriptions() -> SubscriptionClient:
    """Return a client of the list of subscriptions."""
    from azure.mgmt.subscription import SubscriptionClient  # noqa: PLC0415  slow, as above

    return SubscriptionClient(credential(), management(), **options())


def metrics(region: str) -> MetricsClient:
    """Return a client of a region's metrics."""
    from azure.monitor.querymetrics import MetricsClient  # noqa: PLC0415  slow, as above

    return MetricsClient(monitor(region), credential(), **options())


def blobs(account: str) -> BlobServiceClient:
    """Return a client of one storage account, which waits and tries again by the storage SDK's own rules."""
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  slow, as above

    return BlobServiceClient(storage(account), credential=credential())


@contextmanager
def asking(what: str, *, needs: str | None = None) -> Iterator[None]:
    """Turn what Azure's SDK raises into a sentence. Raises RefusedError, BadAnswerError.

    `needs` is the action that the call takes, for those of whose refusal Azure says less.
    """
    from azure.core import exceptions  # noqa: PLC0415  slow, as above

    try:
        yield
    except exceptions.HttpResponseError as error:
        if error.status_code == FORBIDDEN:
            found = REFUSED.search(str(error))
            raise RefusedError(what, found[1] if found else needs, _short(error)) from error
        if error.status_code == UNKNOWN or isinstance(error, exceptions.ClientAuthenticationError):
            told = f"Azure does not know these credentials, asked for {what} ({_short(error)})"
            message = f"{told}: run `az login`, or set those of the environment."
            raise BadAnswerError(message) from error
        raise AnsweredError(what, error.status_code, _short(error)) from error
    except exceptions.AzureError as error:
        message = f"Azure could not be asked for {what} ({_short(error)}): try again later."
        raise BadAnswerError(message) from error


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:LONGEST]
