"""Checks of what is sent to Slack: the SDK's own validators, and our reading of Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from slack_sdk.models.blocks import Block

from bot.answers import CostAnswer, Row
from bot.questions import parse

HOSTILE = "<!channel> *bold* `code` <https://evil|ok> \x1b[2J\u202e @here & ```" + "x" * 5000
"""A name that somebody gave to something."""


def sendable(blocks: Sequence[Block]) -> str:
    """Return what is sent, once it is known that Slack takes it (docs.slack.dev/reference/block-kit/blocks)."""
    sent = [block.to_dict() for block in blocks]
    assert 0 < len(sent) <= 50
    assert len(json.dumps(sent)) <= 40_000
    for block in sent:
        assert Block.parse(block) is not None
        for text in [block.get("text"), *block.get("elements", [])]:
            assert text is None or 0 < len(str(text.get("text", "x"))) <= 3000
        if block["type"] == "actions":
            buttons(block)
    return json.dumps([_seen(block) for block in sent], ensure_ascii=False)


def _seen(block: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody sees, and what Slack shows as it is: the values and the plain texts of buttons."""
    elements = [
        {name: part for name, part in one.items() if name not in ("value", "text") or "action_id" not in one}
        for one in block.get("elements", [])
    ]
    return {**block, "elements": elements} if elements else block


def buttons(block: dict[str, Any]) -> None:
    """Check a row of buttons."""
    ids = [one["action_id"] for one in block["elements"]]
    assert len(set(ids)) == len(ids) <= 25
    for one in block["elements"]:
        if one["type"] == "overflow":
            assert 2 <= len(one["options"]) <= 5
            assert all(len(each["text"]["text"]) <= 75 and len(each["value"]) <= 150 for each in one["options"])
            continue
        assert 0 < len(one["text"]["text"]) <= 75
        assert 0 < len(one["value"]) <= 2000
        assert one["text"]["type"] == "plain_text"
        assert not {"\u202e", "\x1b", "\n"} & set(one["text"]["text"])


def assert_harmless(sent: str) -> None:
    """No mention, no link, no markup, no broken code block, nothing that a terminal or a direction obeys."""
    assert "<!channel>" not in sent
    assert "<https://evil" not in sent
    assert "`code`" not in sent
    assert sent.count("```") % 2 == 0
    for control in ("\u202e", "\x1b", "\\u202e", "\\u001b"):
        assert control not in sent


def an_answer(label: str, rows: int) -> CostAnswer:
    """Return an answer by service, of so many rows of that name."""
    return CostAnswer(
        question=parse("by service", today=date(2026, 11, 23)), start=date(2026, 11, 1), end=date(2026, 11, 21),
        before_start=date(2026, 10, 1), before_end=date(2026, 10, 21), currency="USD", other_currencies=("EUR",),
        total=Decimal(10), previous=Decimal(5), comparable=True, landing=None,
        evidence="http://127.0.0.1/evidence/1", others=0,
        rows=tuple(Row(key={"service_name": label}, cost=Decimal(n), previous=Decimal(0)) for n in range(rows)),
        movers=((label, Decimal(5)),), settled_through={"aws": date(2026, 11, 20)},
    )  # fmt: skip
