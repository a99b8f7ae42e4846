"""Google's gRPC interfaces on the loopback: the methods that we call, with Google's own message types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud import asset_v1, billing_v1, monitoring_v3, resourcemanager_v3
from google.cloud.asset_v1.services.asset_service.transports import AssetServiceGrpcTransport
from google.cloud.billing import budgets_v1
from google.cloud.billing.budgets_v1.services.budget_service.transports import BudgetServiceGrpcTransport
from google.cloud.billing_v1.services.cloud_billing.transports import CloudBillingGrpcTransport
from google.cloud.billing_v1.services.cloud_catalog.transports import CloudCatalogGrpcTransport
from google.cloud.monitoring_v3.services.metric_service.transports import MetricServiceGrpcTransport
from google.cloud.resourcemanager_v3.services.projects.transports import ProjectsGrpcTransport
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

SERVICES: dict[str, tuple[Any, Any, dict[str, tuple[Any, Any]]]] = {
    "assets": (
        asset_v1.AssetServiceClient,
        AssetServiceGrpcTransport,
        {"google.cloud.asset.v1.AssetService/ListAssets": (asset_v1.ListAssetsRequest, asset_v1.ListAssetsResponse)},
    ),
    "metrics": (
        monitoring_v3.MetricServiceClient,
        MetricServiceGrpcTransport,
        {
            "google.monitoring.v3.MetricService/ListTimeSeries": (
                monitoring_v3.ListTimeSeriesRequest,
                monitoring_v3.ListTimeSeriesResponse,
            )
        },
    ),
    "projects": (
        resourcemanager_v3.ProjectsClient,
        ProjectsGrpcTransport,
        {
            "google.cloud.resourcemanager.v3.Projects/GetProject": (
                resourcemanager_v3.GetProjectRequest,
                resourcemanager_v3.Project,
            ),
            "google.cloud.resourcemanager.v3.Projects/SearchProjects": (
                resourcemanager_v3.SearchProjectsRequest,
                resourcemanager_v3.SearchProjectsResponse,
            ),
        },
    ),
    "billing": (
        billing_v1.CloudBillingClient,
        CloudBillingGrpcTransport,
        {
            "google.cloud.billing.v1.CloudBilling/ListBillingAccounts": (
                billing_v1.ListBillingAccountsRequest,
                billing_v1.ListBillingAccountsResponse,
            ),
            "google.cloud.billing.v1.CloudBilling/ListProjectBillingInfo": (
                billing_v1.ListProjectBillingInfoRequest,
                billing_v1.ListProjectBillingInfoResponse,
            ),
        },
    ),
    "catalog": (
        billing_v1.CloudCatalogClient,
        CloudCatalogGrpcTransport,
        {
            "google.cloud.billing.v1.CloudCatalog/ListSkus": (billing_v1.ListSkusRequest, billing_v1.ListSkusResponse),
            "google.cloud.billing.v1.CloudCatalog/ListServices": (
                billing_v1.ListServicesRequest,
                billing_v1.ListServicesResponse,
            ),
        },
    ),
    "budgets": (
        budgets_v1.BudgetServiceClient,
        BudgetServiceGrpcTransport,
        {
            "google.cloud.billing.budgets.v1.BudgetService/ListBudgets": (
                budgets_v1.ListBudgetsRequest,
                budgets_v1.ListBudgetsResponse,
            )
        },
    ),
}


@dataclass
class Cloud:
    """What Google answers, by a method's name, and what it was asked."""

    server: grpc.Server = field(default_factory=lambda: grpc.server(futures.ThreadPoolExecutor(2)))
    answers: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    errors: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    asked: list[tuple[str, Any]] = field(default_factory=list)
    port: int = 0

    def start(self) -> None:
        """Serve on a port from the operating system."""
        for _, _, methods in SERVICES.values():
            for path, (request, response) in methods.items():
                service, _, name = path.partition("/")
                handler = grpc.unary_unary_rpc_method_handler(
                    self._answering(name),
                    request_deserializer=request.deserialize,
                    response_serializer=response.serialize,
                )
                self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {name: handler}),))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def client(self, name: str) -> Any:  # noqa: ANN401  any of the SDK's clients
        """Return the SDK's own client, without credentials and TLS."""
        kind, transport, _ = SERVICES[name]
        return kind(transport=transport(channel=grpc.insecure_channel(f"127.0.0.1:{self.port}")))

    def pages(self, name: str, *pages: Any) -> None:  # noqa: ANN401  the SDK's messages
        """Answer so, page by page; a page's token is its place."""
        for number, page in enumerate(pages[:-1], 1):
            page.next_page_token = str(number)
        self.answers[name] = lambda request: pages[int(request.page_token or 0)]

    def once(self, name: str, code: int, told: str, *details: Any) -> None:  # noqa: ANN401  the SDK's messages
        """Refuse the method's next call; `None` in place of an error lets a call pass."""
        status = status_pb2.Status(code=code, message=told)
        for one in details:
            status.details.add().Pack(one)
        self.errors[name].append(rpc_status.to_status(status))

    def refuse(self, name: str, permission: str) -> None:
        """Refuse the method as Google does to an identity without a permission."""
        info = error_details_pb2.ErrorInfo(
            reason="IAM_PERMISSION_DENIED", domain="googleapis.com", metadata={"permission": permission}
        )
        self.once(name, code_pb2.PERMISSION_DENIED, "The caller does not have permission", info)

    def _answering(self, name: str) -> Callable[[Any, Any], Any]:
        def answer(request: Any, context: Any) -> Any:  # noqa: ANN401  the SDK's own
            self.asked.append((name, request))
            error = self.errors[name].pop(0) if self.errors[name] else None
            if error is not None:
                context.abort_with_status(error)
            if name not in self.answers:
                context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{name} has no answer in this test")
            return self.answers[name](request)

        return answer
