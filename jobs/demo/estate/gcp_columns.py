"""The fields of a row of Google's detailed billing export, and from where each is filled.

https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/detailed-usage. Amounts are written as text, as
BigQuery's JSON does for exact numbers.
"""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

from jobs.demo.estate import company
from jobs.demo.estate.gcp_services import LATE_SERVICE
from jobs.demo.estate.timeline import Timeline

MICRO = "(({column} // 10000)::DECIMAL(28,0) * 0.000001)::DECIMAL(24,6)::VARCHAR"
MONTH = f"month + if(service = '{LATE_SERVICE}' AND month_last, 1, 0)"


def instants(timeline: Timeline) -> list[dict[str, str]]:
    """Return when each Pacific day starts and ends, when its charges were exported, and on which invoice they stand."""
    starts = timeline.pacific()
    form = "%Y-%m-%d %H:%M:%S UTC"
    return [
        {
            "began": f"{one:{form}}",
            "ended": f"{two:{form}}",
            "told": f"{two + timedelta(hours=6):{form}}",
            "invoice": f"{timeline.day(day):%Y%m}",
            "late_invoice": f"{timeline.day(min(day + 1, timeline.days - 1)):%Y%m}",
        }
        for day, (one, two) in enumerate(pairwise(starts))
    ]


def _micro(column: str) -> str:
    return MICRO.format(column=column)


def _case(field: str) -> str:
    words = " ".join(f"WHEN '{key}' THEN '{getattr(place, field)}'" for key, place in company.GCP.items())
    return f"CASE project {words} END"


def _credit(column: str, name: str, kind: str) -> str:
    fields = {"name": name, "full_name": name, "id": name, "type": kind}
    text = ", ".join(f"'{key}': '{value}'" for key, value in fields.items())
    return f"{{{text}, 'amount': {_micro(column)}}}"


_CREDITS = ", ".join(
    (
        _credit("sustained", "Sustained Usage Discount", "SUSTAINED_USAGE_DISCOUNT"),
        _credit("committed", "Committed Usage Discount: N2", "COMMITTED_USAGE_DISCOUNT"),
        _credit("promotion", "Vertex AI trial", "PROMOTION"),
    )
)
_AMOUNT = "(quantity::DECIMAL(27,0) * quantum::DECIMAL(11,10))::DECIMAL(28,10)::VARCHAR"

COLUMNS = {
    "billing_account_id": json.dumps(company.GCP_ACCOUNT).replace('"', "'"),
    "service": "{'id': service, 'description': title}",
    "sku": "{'id': sku, 'description': sku_title}",
    "usage_start_time": "began",
    "usage_end_time": "ended",
    "project": f"if(project IS NULL, NULL, {{'id': {_case('id')}, 'number': {_case('number')}, "
    f"'name': {_case('name')}, "
    "'labels': [], 'ancestry_numbers': '/609914472303/' || " + _case("number") + " || '/'})",
    "labels": "labels",
    "system_labels": "if(machine IS NULL, [], [{'key': 'compute.googleapis.com/machine_spec', 'value': machine}])",
    "location": "{'location': coalesce(zone, region), 'country': if(region IS NULL, NULL, 'US'), "
    "'region': region, 'zone': zone}",
    "resource": "{'name': resource_name, 'global_name': resource}",
    "tags": "[]",
    "price": "if(price IS NULL, NULL, {'effective_price': price, 'tier_start_amount': '0', 'unit': unit, "
    "'pricing_unit_quantity': '1'})",
    "subscription": "if(commitment IS NULL, NULL, {'instance_id': commitment})",
    "export_time": "told",
    "cost": _micro("cost"),
    "currency": "'USD'",
    "currency_conversion_rate": "'1'",
    "usage": f"{{'amount': {_AMOUNT}, 'unit': unit, 'amount_in_pricing_units': {_AMOUNT}, 'pricing_unit': unit}}",
    "credits": f"list_filter([{_CREDITS}], one -> one.amount <> '0.000000')",
    "invoice": f"{{'month': if(service = '{LATE_SERVICE}', late_invoice, invoice)}}",
    "cost_type": "kind",
    "adjustment_info": "NULL",
    "cost_at_list": _micro("cost"),
}
