"""What Larkspur uses at Google Cloud beside machines (public price pages, us-central1, 2026)."""

from __future__ import annotations

from jobs.demo.estate.lines import Offer, Sku

COMPUTE = "6F81-5844-456A"
LATE_SERVICE = "E505-1604-58F8"
"""Networking's last day of a month is told late, and stands on the next month's invoice."""


def _offer(  # noqa: PLR0917  a row of a table
    service: str, title: str, resource: str, place: str, app: str, monthly: float, *skus: Sku
) -> Offer:
    return Offer(service, place, (app,), 1, monthly, skus, {"title": title, "resource": resource})


GCP_OFFERS = (
    _offer(
        "24E6-581D-38E5",
        "BigQuery",
        "",
        "analytics",
        "data/warehouse",
        13500,
        Sku("Analysis (us-central1)", "Analysis", "tebibyte", "6.25", 0.72),
        Sku("Active Logical Storage (us-central1)", "Storage", "gibibyte month", "0.02", 0.28, "grow"),
    ),
    _offer(
        "24E6-581D-38E5",
        "BigQuery",
        "",
        "ml",
        "ml/features",
        4200,
        Sku("Analysis (us-central1)", "Analysis", "tebibyte", "6.25", 0.8),
        Sku("Active Logical Storage (us-central1)", "Storage", "gibibyte month", "0.02", 0.2, "grow"),
    ),
    _offer(
        "95FF-2EF5-5EA1",
        "Cloud Storage",
        "//storage.googleapis.com/projects/_/buckets/larkspur-{name}",
        "analytics",
        "data/lake",
        4800,
        Sku("Standard Storage US Regional", "Storage", "gibibyte month", "0.02", 0.85, "grow"),
        Sku("Regional Standard Class A Operations", "Operations", "count", "0.000005", 0.15),
    ),
    _offer(
        "95FF-2EF5-5EA1",
        "Cloud Storage",
        "//storage.googleapis.com/projects/_/buckets/larkspur-{name}",
        "ml",
        "ml/models",
        2300,
        Sku("Standard Storage US Regional", "Storage", "gibibyte month", "0.02", 0.95, "grow"),
        Sku("Regional Standard Class A Operations", "Operations", "count", "0.000005", 0.05),
    ),
    _offer(
        "9662-B51E-5089",
        "Cloud SQL",
        "//sqladmin.googleapis.com/projects/{project}/instances/{name}",
        "analytics",
        "data/metadata",
        2600,
        Sku("Cloud SQL for PostgreSQL: Regional - vCPU in Americas", "vCPU", "hour", "0.0826", 0.7, "flat"),
        Sku("Cloud SQL for PostgreSQL: Regional - RAM in Americas", "RAM", "gibibyte hour", "0.014", 0.3, "flat"),
    ),
    _offer(
        "9662-B51E-5089",
        "Cloud SQL",
        "//sqladmin.googleapis.com/projects/{project}/instances/{name}",
        "dev",
        "checkout/web-preview-db",
        480,
        Sku("Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", "vCPU", "hour", "0.0413", 0.7, "flat"),
        Sku("Cloud SQL for PostgreSQL: Zonal - RAM in Americas", "RAM", "gibibyte hour", "0.007", 0.3, "flat"),
    ),
    _offer(
        "C7E2-9256-1C43",
        "Vertex AI",
        "//aiplatform.googleapis.com/projects/{number}/locations/us-central1/endpoints/{name}",
        "ml",
        "ml/training",
        6200,
        Sku("Training/Pipelines on Nvidia Tesla A100 in Americas", "A100", "hour", "2.933908", 0.8, "night"),
        Sku("Gemini 2.5 Pro Text Output - Predictions", "Tokens", "count", "0.00001", 0.2),
    ),
    _offer(
        "CCD8-9BF1-090E",
        "Kubernetes Engine",
        "//container.googleapis.com/projects/{project}/locations/us-central1/clusters/{name}",
        "ml",
        "platform/serving",
        2100,
        Sku("Autopilot Pod mCPU Requests (us-central1)", "CPU", "hour", "0.0445", 0.75),
        Sku("Autopilot Pod Memory Requests (us-central1)", "Memory", "gibibyte hour", "0.0049225", 0.25),
    ),
    _offer(
        "A1E8-BE35-7EBC",
        "Cloud Pub/Sub",
        "//pubsub.googleapis.com/projects/{project}/topics/{name}",
        "analytics",
        "data/events",
        1900,
        Sku("Message Delivery Basic", "Messages", "tebibyte", "40", 1),
    ),
    _offer(
        "5490-F7B7-8DF6",
        "Cloud Logging",
        "",
        "analytics",
        "platform/logs",
        1500,
        Sku("Log Storage cost", "Logs", "gibibyte", "0.5", 1),
    ),
    _offer(
        "152E-C115-5142",
        "Cloud Run",
        "//run.googleapis.com/projects/{project}/locations/us-central1/services/{name}",
        "dev",
        "checkout/web-preview",
        950,
        Sku("Services CPU (Instance-based billing) in us-central1", "CPU", "second", "0.000018", 0.8),
        Sku("Services Memory (Instance-based billing) in us-central1", "Memory", "gibibyte second", "0.000002", 0.2),
    ),
    _offer(
        "E505-1604-58F8",
        "Networking",
        "",
        "analytics",
        "data/lake",
        1800,
        Sku("Network Internet Data Transfer Out from Americas to Americas", "Egress", "gibibyte", "0.085", 1),
    ),
    _offer(
        "E505-1604-58F8",
        "Networking",
        "",
        "ml",
        "ml/training",
        700,
        Sku("Network Inter Zone Data Transfer Out", "InterZone", "gibibyte", "0.01", 1),
    ),
    _offer(
        "1992-3666-B975",
        "Cloud Dataflow",
        "",
        "analytics",
        "data/streaming",
        3100,
        Sku("vCPU Time Streaming Iowa", "vCPU", "hour", "0.069", 0.8, "night"),
        Sku("RAM Time Streaming Iowa", "RAM", "gibibyte hour", "0.003557", 0.2, "night"),
    ),
    _offer(
        "5AF5-2C11-D467",
        "Cloud Memorystore for Redis",
        "//redis.googleapis.com/projects/{project}/locations/us-central1/instances/{name}",
        "ml",
        "search/suggest-cache",
        980,
        Sku("Redis Capacity Standard M4 Iowa", "Capacity", "gibibyte hour", "0.027", 1, "flat"),
    ),
)
