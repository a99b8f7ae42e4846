"""A billing export's rows as Google writes them, and the table that holds them."""

from __future__ import annotations

from typing import Any

TABLE = "gcp_billing_export_resource_v1_0A1B2C_3D4E5F_6A7B8C"
PATH = f"shop.billing.{TABLE}"
ADDRESS = f"bigquery://{PATH}?since=2026-08"
AUGUST, SEPTEMBER = "202608", "202609"


def row(month: str, exported: str, cost: float, *, credit: float | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return one row of a detailed export, without the fields that are empty."""
    used = f"{month[:4]}-{month[4:]}-02T03:00:00Z"
    filled: dict[str, Any] = {
        "billing_account_id": "0A1B2C-3D4E5F-6A7B8C",
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": "6C71-E844-38BC", "description": "N1 Core running in Americas"},
        "usage_start_time": used,
        "usage_end_time": used.replace("T03", "T04"),
        "project": {"id": "web", "number": "123", "name": "Web", "labels": [{"key": "env", "value": "prod"}]},
        "labels": [{"key": "team", "value": 'says "hi"'}],
        "tags": [],
        "location": {"location": "us-west1", "region": "us-west1", "zone": "us-west1-a"},
        "resource": {
            "name": "one",
            "global_name": "//compute.googleapis.com/projects/123/zones/us-west1-a/instances/1",
        },
        "price": {"effective_price": "0.000000123", "unit": "hour"},
        "export_time": exported,
        "cost": cost,
        "currency": "EUR",
        "currency_conversion_rate": 0.9,
        "usage": {"amount": 1e-7, "unit": "seconds"},
        "credits": [] if credit is None else [{"name": "Discount", "amount": credit, "type": "DISCOUNT"}],
        "invoice": {"month": month},
        "cost_type": "regular",
    }
    return filled | more


FIRST = [
    row(AUGUST, "2026-08-03T05:00:00.123456Z", 0.1),
    row(AUGUST, "2026-08-03T05:00:00.123456Z", 0.1),  # rows have no id: two that are alike are two
    row(AUGUST, "2026-09-02T05:00:00Z", 1e-9, credit=-0.3),
    row(SEPTEMBER, "2026-09-04T05:00:00Z", 7.25, credit=-1e-7),
    row(SEPTEMBER, "2026-09-04T05:00:00Z", 0.30000000000000004),
]
LATE = row(
    SEPTEMBER,
    "2026-10-03T05:00:00Z",
    -0.05,
    adjustment_info={"id": "adj-1", "description": "Refund", "mode": "PARTIAL_CORRECTION", "type": "GENERAL"},
    cost_type="adjustment",
)
TYPES = {
    "usage_start_time": "TIMESTAMP",
    "usage_end_time": "TIMESTAMP",
    "export_time": "TIMESTAMP",
    "cost": "FLOAT",
    "amount": "FLOAT",
    "currency_conversion_rate": "FLOAT",
    "effective_price": "NUMERIC",
}


def schema(example: Any = None) -> list[Any]:  # noqa: ANN401  as nested as a row
    """Return the table's columns, read off the rows above."""
    from google.cloud.bigquery import SchemaField  # noqa: PLC0415  slow

    fields = []
    for name, value in (example or FIRST[2] | LATE | {"credits": FIRST[2]["credits"]}).items():
        nested = value[0] if isinstance(value, list) and value else value
        if isinstance(nested, dict):
            mode = "REPEATED" if isinstance(value, list) else "NULLABLE"
            fields.append(SchemaField(name, "RECORD", mode, fields=schema(nested)))
        elif isinstance(nested, list):
            pair = [SchemaField("key", "STRING"), SchemaField("value", "STRING")]
            fields.append(SchemaField(name, "RECORD", "REPEATED", fields=pair))
        else:
            fields.append(SchemaField(name, TYPES.get(name, "STRING")))
    return fields
