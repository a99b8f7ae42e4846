"""Messages keep Slack's limits and show foreign text as text."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

from slack_sdk.models.blocks import Block

from bot.answers import CostAnswer, Row
from bot.blocks import answer, recommendation
from bot.blocks.text import escape
from bot.cards import Card
from bot.questions import parse
from finops.recommendations.lifecycle import State
from storage.models import Recommendation

HOSTILE = "<!channel> *bold* `code` <https://evil|ok> \x1b[2J\u202e @here & " + "x" * 5000


def _answer(label: str, rows: int) -> CostAnswer:
    return CostAnswer(
        question=parse("by service", today=date(2026, 11, 23)), start=date(2026, 11, 1), end=date(2026, 11, 21),
        before_start=date(2026, 10, 1), before_end=date(2026, 10, 21), currency="USD", other_currencies=("EUR",),
        total=Decimal(10), previous=Decimal(5), comparable=True, landing=None,
        evidence="http://127.0.0.1/evidence/1", others=0,
        rows=tuple(Row(key={"service_name": label}, cost=Decimal(n), previous=Decimal(0)) for n in range(rows)),
        movers=((label, Decimal(5)),), settled_through={"aws": date(2026, 11, 20)},
    )  # fmt: skip


def _recommendation(title: str, state: State = State.OPEN) -> Recommendation:
    return Recommendation(
        id=uuid.uuid4(), title=title, reason=title, potential_savings=Decimal(12), currency="USD", state=state,
        details={"command": f"stop '{title}'", "undo": "start"}, decided_by="U0LENA",
        decided_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC), resource_id=uuid.uuid4(),
        recommendation_type="stop_idle_machine",
    )  # fmt: skip


def _card(title: str, state: State = State.OPEN) -> Card:
    return Card(_recommendation(title, state), note=title)


def _sendable(blocks: list[Block]) -> str:
    """Return what is sent, checked by the SDK's own validators and our reading of Slack's limits."""
    sent = [block.to_dict() for block in blocks]
    assert len(sent) <= 50
    for block in sent:
        assert Block.parse(block) is not None
        for text in [block.get("text"), *block.get("elements", [])]:
            assert text is None or 0 < len(str(text.get("text", "x"))) <= 3000
    return json.dumps(sent, ensure_ascii=False)


def test_hostile_names_stay_names() -> None:
    """No mention, no link, no markup, no broken code block."""
    for sent in (
        _sendable(answer.build(_answer(HOSTILE, 3))),
        answer.fallback(_answer(HOSTILE, 3)),
        _sendable(recommendation.cards([_card(HOSTILE)])),
        _sendable(recommendation.card(_card(HOSTILE, State.APPROVED))),
    ):
        assert "<!channel>" not in sent
        assert "<https://evil" not in sent
        assert "`code`" not in sent
        assert "\\u202e" not in sent.encode("ascii", "backslashreplace").decode()
        assert "\\u001b" not in sent


def test_what_turns_a_name_is_shown() -> None:
    """Left out, two rows would look the same."""
    for sent in (
        _sendable(answer.build(_answer("web\u202e", 3))),
        recommendation.refusal(_recommendation("web\u202e")),
    ):
        assert "web[U+202E]" in sent


def test_slack_makes_no_mention_of_a_bare_word() -> None:
    """By default it would: of @here, of #general, and a link of every address."""
    rows = [_recommendation("@here"), _recommendation("@here", State.APPROVED)] * 5
    for sent in (
        _sendable(answer.build(_answer("@here", 3))),
        _sendable(recommendation.cards([Card(row) for row in rows])),
    ):
        assert sent.count('"type": "mrkdwn"') == sent.count('"verbatim": true') > 0


def test_a_name_of_five_thousand_letters_leaves_room_for_the_figures() -> None:
    """What is saved, how it is undone, what else changed."""
    long = "&" * 5000
    assert "Saves *$12.00 a month*" in _sendable(recommendation.card(_card(long)))
    assert "To undo it" in _sendable(recommendation.card(_card(long, State.APPROVED)))
    found = _answer(long, 3).model_copy(update={"movers": ((long, Decimal(5)), ("S3", Decimal(-2)))})
    assert "S3 -$2.00" in _sendable(answer.build(found))
    assert "S3 -$2.00" in answer.fallback(found)


def test_a_long_answer_is_cut_and_says_so() -> None:
    """A table of a hundred rows would not fit a phone."""
    sent = _sendable(answer.build(_answer("service", 100)))
    assert "and 80 more" in sent
    figures = [line.split("`")[1] for line in sent.split("\\n") if line.count("`") == 2]
    assert {len(one) for one in figures} == {17}


def test_long_names_are_told_apart_by_their_ends() -> None:
    """Resource ids of one account begin alike."""
    start = "/subscriptions/8c2f4b7e-19d3-4c6a-b1f0-6e5d3a92c7f8/resourcegroups/rg/"
    found = _answer(start, 1)
    rows = tuple(row.model_copy(update={"key": {"r": start + name}}) for row in found.rows for name in ("db-1", "db-2"))
    movers = tuple((row.label, Decimal(1)) for row in rows)
    found = found.model_copy(update={"rows": rows, "movers": movers})
    for sent in (_sendable(answer.build(found)), answer.fallback(found)):
        assert "rg/db-1" in sent
        assert "rg/db-2" in sent


def test_a_table_that_leaves_rows_out_says_how_to_see_them() -> None:
    """As far as a message has room for them."""
    shown = _answer("service", 10)
    assert "and 7 more: say `top 17`" in _sendable(answer.build(shown.model_copy(update={"others": 7})))
    assert "and 70 more: say `top 20`" in _sendable(answer.build(shown.model_copy(update={"others": 70})))


def test_many_recommendations_are_a_digest_of_five() -> None:
    """Count, total, the five largest."""
    rows = [_recommendation(f"Stop machine {n}") for n in range(40)]
    sent = _sendable(recommendation.cards([Card(row) for row in rows]))
    assert "40 recommendations would save $480.00 a month" in sent
    assert sent.count("recommendation_approve") == 5


def test_savings_in_two_currencies_are_summed_each_by_itself() -> None:
    """A sum that leaves one out would be too small, one over both would mean nothing."""
    rows = [_recommendation("a"), _recommendation("b"), _recommendation("c")]
    rows[1].currency = "EUR"
    assert recommendation.sentence(rows) == "3 recommendations would save $24.00 and €12.00 a month."


def test_cards_of_one_saving_stand_in_one_order() -> None:
    """However the rows came: a list that is drawn anew must not shuffle under the finger."""
    rows = [_recommendation(title) for title in "cab"]
    drawn = [_sendable(recommendation.cards([Card(row) for row in order])) for order in (rows, rows[::-1])]
    assert drawn[0] == drawn[1]


def test_a_decided_card_says_who_and_when_and_has_no_buttons() -> None:
    """And an approved one how to apply and undo it."""
    sent = _sendable(recommendation.card(_card("Stop it", State.APPROVED)))
    assert "<@U0LENA> on 23 Nov 2026 at 09:30 UTC" in sent
    assert "recommendation_approve" not in sent
    assert "To undo it" in sent


def test_an_approved_card_leads_to_the_console() -> None:
    """Where one looks before one pastes a command; an address that is none is left out."""
    row = _recommendation("Stop it", State.APPROVED)
    row.details |= {"console_url": "https://console.example.com/vm?a=1&b=2#x"}
    assert "<https://console.example.com/vm?a=1&amp;b=2#x|Look at it" in _sendable(recommendation.card(Card(row)))
    for bad in ("https://evil|<!channel>", "javascript:alert(1)", None, "https://a b"):
        row.details |= {"console_url": bad}
        assert "Look at it" not in _sendable(recommendation.card(Card(row)))


def test_escaping_keeps_plain_text_as_it_is() -> None:
    """Only what Slack would read as markup changes."""
    assert escape("Amazon RDS, eu-west-1: $1.00") == "Amazon RDS, eu-west-1: $1.00"
    assert escape("a<b&c") == "a&lt;b&amp;c"
