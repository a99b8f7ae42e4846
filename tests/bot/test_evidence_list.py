"""What a page of evidence was asked is told in the list of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.evidence_list import LONGEST, asked


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ""),
        ({"start": "2026-11-01", "end": "2026-11-27", "currency": "USD"}, "1–26 Nov 2026, USD"),  # noqa: RUF001
        (
            {"start": "2026-11-20", "end": "2026-11-21", "group_by": "service_name", "then_by": "sku_id"},
            "20 Nov 2026, by service and SKU",
        ),
        (
            {"days": 30, "group_by": "tag:team", "where": ["provider=aws", "tag:env="], "setup": "{}", "rules": None},
            "30 days ahead, by team, provider is AWS, no env tag",
        ),
        ({"week": "2026-11-16", "owner_tag": "team"}, "week of 16 Nov 2026"),
        ({"month": "2026-10", "group_by": None}, "2026-10"),
        ({"start": "soon", "end": "2026-11-20", "scope": "[1", "week": 7}, "soon to 2026-11-20, week of 7, [1"),
        ({"start": "2026-11-20", "end": "2026-11-01", "scope": "7"}, "2026-11-20 to 2026-11-01, 7"),
        ({"start": "0001-01-01", "end": "0001-01-01", "where": 5}, "0001-01-01"),
        (
            {"first": "2026-11-17", "end": "2026-11-20", "scope": '{"of":"service","provider":"aws","service":"S3"}'},
            "17–19 Nov 2026, AWS · S3",  # noqa: RUF001
        ),
    ],
)  # fmt: skip
def test_a_page_is_told_by_what_its_notebook_was_asked(given: dict[str, Any], words: str) -> None:
    """Its days, whose costs, by what, and of which currency; what a model is set up with is nobody's question."""
    assert asked(given) == words


def test_accounts_and_providers_are_called_as_elsewhere() -> None:
    """By their names, in an anomaly's scope as in a filter."""
    called = {"0001": "payments-prod"}
    scope = '{"of": "service", "provider": "azure", "sub_account_id": "0001", "service_name": "Storage"}'
    assert asked({"scope": scope}, called) == "Storage in payments-prod, Azure"
    where = ["sub_account_id=0001", "provider=gcp", "service_name=0001"]
    told = "by account, account is payments-prod, provider is Google Cloud, service is 0001"
    assert asked({"where": where, "group_by": "sub_account_id"}, called) == told


def test_a_long_or_odd_filter_stays_one_line_of_text() -> None:
    """As whoever named a tag may have written anything."""
    told = asked({"where": ["tag:x=" + "a\n\u202e" * 500]})
    assert len(told) <= LONGEST
    assert "\n" not in told
    assert "\u202e" not in told
    assert len(asked({"scope": "[" * 100_000})) <= LONGEST
