"""What else stands on the AWS bill: support, sales tax, a migration credit, a refund and a marketplace subscription."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from jobs.demo.estate import company
from jobs.demo.estate.lines import UNIT, Line, by_month, once
from jobs.demo.estate.timeline import Timeline

CENT = UNIT // 100
TAX_PER_MILLE = 66
"""Texas taxes four fifths of data processing at 8.25 %."""
SUPPORT = ((10_000, 10), (80_000, 7), (250_000, 5), (10**9, 3))
"""Business support, https://aws.amazon.com/premiumsupport/pricing/: percent of the charges up to so many USD."""
CREDIT_MONTHS, CREDIT_USD = (3, 4, 5), 1500
REFUND_MONTH, REFUND_CENTS = 8, 84217
SELLER, SUBSCRIPTION_USD = "Northbeam Software Ltd.", 2900


def fees(timeline: Timeline, bill: Sequence[Line]) -> list[Line]:
    """Return the streams that are computed from the others, and those that come from nowhere."""
    return [*_tax(timeline, bill), _support(timeline, bill), _credit(timeline), _refund(timeline), _market(timeline)]


def _cents(amount: int) -> int:
    return int(amount + CENT // 2) // CENT * CENT


def _fee(kind: str, account: str, product: str, title: str, text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    fixed = {"type": kind, "account": account, "product": product, "title": title, "text": text, "region": "global"}
    return fixed | more


def _tax(timeline: Timeline, bill: Sequence[Line]) -> list[Line]:
    """Tax each account's use of each service, in the running month on what there is so far."""
    sums: dict[tuple[str, str, str], Any] = defaultdict(lambda: np.zeros(timeline.days, dtype=np.int64))
    for line in bill:
        name = line.attributes
        sums[name["account"], name["product"], name["title"]] += line.cost
    result = []
    for (account, product, title), cost in sums.items():
        months = enumerate(by_month(timeline, cost))
        due = {timeline.first(number): _cents(base * TAX_PER_MILLE // 1000) for number, base in months if base > 0}
        attributes = _fee("Tax", account, product, title, f"Tax for product code {product}", tax_type="USSalesTax")
        result.append(once(attributes, timeline, due, monthly=True))
    return result


def _support(timeline: Timeline, bill: Sequence[Line]) -> Line:
    """Charge support for months that are over, as AWS does in the first days of the next."""
    spent = by_month(timeline, np.sum([line.cost for line in bill], axis=0))
    due = {timeline.first(month): _cents(_tiers(spent[month])) for month in timeline.closed()}
    attributes = _fee(
        "Fee",
        company.AWS_PAYER,
        "AWSSupportBusiness",
        "AWS Support (Business)",
        "AWS Support (Business)",
        usage_type="Dollar",
        family="AWS Support",
    )
    return once(attributes, timeline, due, monthly=True)


def _tiers(amount: int) -> int:
    owed, below = 0, 0
    for limit, percent in SUPPORT:
        owed += max(0, min(amount, limit * UNIT) - below * UNIT) * percent // 100
        below = limit
    return owed


def _credit(timeline: Timeline) -> Line:
    text = "AWS Migration Acceleration Program credit"
    attributes = _fee("Credit", company.AWS_PAYER, "AmazonEC2", "Amazon Elastic Compute Cloud", text)
    return once(attributes, timeline, {timeline.first(month): -CREDIT_USD * UNIT for month in CREDIT_MONTHS})


def _refund(timeline: Timeline) -> Line:
    text = "Refund for duplicated requests of Amazon S3"
    attributes = _fee(
        "Refund", company.AWS["prod"].id, "AmazonS3", "Amazon Simple Storage Service", text, bill_type="Refund"
    )
    return once(attributes, timeline, {timeline.first(REFUND_MONTH) + 9: -REFUND_CENTS * CENT})


def _market(timeline: Timeline) -> Line:
    title = "Northbeam Log Analytics"
    attributes = _fee(
        "Usage",
        company.AWS["prod"].id,
        "9q2vkd7mz4xw8tj3rb6n5fhay",
        title,
        f"{title}: monthly subscription",
        entity="AWS Marketplace",
        seller=SELLER,
        usage_type="MP:subscription",
        unit="Units",
        tag_team="platform",
        tag_app="observability",
        tag_env="prod",
    )
    months = range(len(timeline.months))
    return once(
        attributes, timeline, {timeline.first(month): SUBSCRIPTION_USD * UNIT for month in months}, monthly=True
    )
