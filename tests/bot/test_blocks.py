"""Messages keep Slack's limits and show foreign text as text."""

from __future__ import annotations

import html
import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal

from rich.cells import cell_len

from bot.answers import Row
from bot.blocks import draft as answer
from bot.blocks import recommendation
from bot.blocks.text import escape
from bot.cards import Card
from bot.drafts import cost
from finops.recommendations.lifecycle import State
from storage.models import Recommendation
from tests.bot.drawing import HOSTILE, an_answer, assert_harmless, sendable


def _recommendation(title: str, state: State = State.OPEN) -> Recommendation:
    return Recommendation(
        id=uuid.uuid4(), title=title, reason=title, potential_savings=Decimal(12), currency="USD", state=state,
        details={"command": f"stop '{title}'", "undo": "start"}, decided_by="U0LENA",
        decided_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC), resource_id=uuid.uuid4(),
        recommendation_type="stop_idle_machine",
    )  # fmt: skip


def _card(title: str, state: State = State.OPEN) -> Card:
    return Card(_recommendation(title, state), note=title)


def test_hostile_names_stay_names() -> None:
    """No mention, no link, no markup, no broken code block."""
    for sent in (
        sendable(answer.build(cost.of(an_answer(HOSTILE, 3)))),
        answer.fallback(cost.of(an_answer(HOSTILE, 3))),
        sendable(recommendation.cards([_card(HOSTILE)])),
        sendable(recommendation.card(_card(HOSTILE, State.APPROVED))),
    ):
        assert_harmless(sent)


def test_what_turns_a_name_is_shown() -> None:
    """Left out, two rows would look the same."""
    for sent in (
        sendable(answer.build(cost.of(an_answer("web\u202e", 3)))),
        recommendation.refusal(_recommendation("web\u202e")),
    ):
        assert "web[U+202E]" in sent


def test_slack_makes_no_mention_of_a_bare_word() -> None:
    """By default it would: of @here, of #general, and a link of every address."""
    rows = [_recommendation("@here"), _recommendation("@here", State.APPROVED)] * 5
    for sent in (
        sendable(answer.build(cost.of(an_answer("@here", 3)))),
        sendable(recommendation.cards([Card(row) for row in rows])),
    ):
        assert sent.count('"type": "mrkdwn"') == sent.count('"verbatim": true') > 0


def test_a_name_of_five_thousand_letters_leaves_room_for_the_figures() -> None:
    """What is saved, how it is undone, what else changed."""
    long = "&" * 5000
    assert "Saves *$12.00 a month*" in sendable(recommendation.card(_card(long)))
    assert "To undo it" in sendable(recommendation.card(_card(long, State.APPROVED)))
    found = an_answer(long, 3).model_copy(update={"movers": ((long, Decimal(5)), ("S3", Decimal(-2)))})
    assert "S3 -$2.00" in sendable(answer.build(cost.of(found)))
    assert "S3 -$2.00" in answer.fallback(cost.of(found))


def _lines(sent: str) -> list[str]:
    """Return the lines of the table, as they are read."""
    texts = [str(block["text"]["text"]) for block in json.loads(sent) if block["type"] == "section"]
    code = [line for text in texts for line in text.split("\n") if line.startswith("`") and line.endswith("`")]
    return [html.unescape(line[1:-1]).replace("\u00a0", " ") for line in code]


def test_a_table_is_as_wide_as_a_phone_and_its_figures_end_below_each_other() -> None:
    """At most three columns and 34 characters, however long names and large amounts are; wide letters take two."""
    names = ("EC2", "Amazon Elastic Compute Cloud - Compute", "日本語のとても長いサービス名です", "a&b<c>" * 9)
    found = an_answer("x", 4)
    costs = (Decimal("1234567.891"), Decimal("-0.004"), Decimal("98765432.1"), Decimal("12.346"))
    rows = [Row(key={"service_name": name}, cost=one, previous=one / 3) for name, one in zip(names, costs, strict=True)]
    lines = _lines(sendable(answer.build(cost.of(found.model_copy(update={"rows": tuple(rows)})))))
    assert len(lines) == 5
    assert {cell_len(line) for line in lines} == {34}
    for line, figure in zip(lines[1:], ("$1,234,568", "$0.00", "$98.8M", "$12.35"), strict=True):
        assert f" {figure} " in line


def test_a_hundred_rows_are_shown_in_as_many_sections_as_they_need() -> None:
    """Who asks for them gets them; the worst names a message has no room for are counted."""
    lines = _lines(sendable(answer.build(cost.of(an_answer("service", 100)))))
    assert len(lines) == 101
    sent = sendable(answer.build(cost.of(an_answer("&" * 40, 100))))
    assert "… and " in sent
    assert len(sent) < 10_000


def test_a_table_that_leaves_rows_out_says_how_to_see_them() -> None:
    """As words and as a button."""
    shown = an_answer("service", 10).model_copy(update={"others": 7})
    sent = answer.build(cost.of(shown))
    assert "7 more: say `by service page 2`" in sendable(sent)
    first = sent[-1].to_dict()["elements"][0]
    assert (first["text"]["text"], first["value"]) == ("Next 7", "by service page 2")


def test_many_recommendations_are_a_digest_of_five() -> None:
    """Count, total, the five largest."""
    rows = [_recommendation(f"Stop machine {n}") for n in range(40)]
    sent = sendable(recommendation.cards([Card(row) for row in rows]))
    assert "40 recommendations would save $480.00 a month" in sent
    assert sent.count("recommendation_approve") == 5


def test_an_announcement_counts_what_is_open_still_and_what_became_of_the_rest() -> None:
    """So that it says what the list says, whenever it is read."""
    states = [State.OPEN] * 7 + [State.APPROVED] * 2 + [State.DISMISSED, State.SNOOZED]
    rows = [_recommendation(f"Stop machine {n:02}", state) for n, state in enumerate(states)]
    assert recommendation.announced(rows[:7]) == "New: 7 recommendations would save $84.00 a month."
    assert recommendation.announced(rows) == (
        "Of 11 recommendations 7 are open and would save $84.00 a month;"
        " 2 approved ($24.00 a month), 1 dismissed, 1 snoozed."
    )
    assert "… and 2 smaller to decide" in sendable(recommendation.cards([Card(row) for row in rows]))
    assert recommendation.announced(rows[7:9]) == (
        "Nothing of this waits for a decision any more: 2 approved ($24.00 a month)."
    )


def test_a_card_says_where_it_is_and_the_same_of_its_undo_before_and_after_it_is_approved() -> None:
    """Two of one name in two accounts are two; what cannot be undone does not become so by being approved."""
    row = _recommendation("Release spare-ip-2")
    row.recommendation_type = "release_idle_address"
    before = sendable(recommendation.card(Card(row, where="Google Cloud · shop <!channel> · europe-west1")))
    assert "*Google Cloud · shop &lt;!channel&gt; · europe-west1*" in before
    assert "*Undo:* none" in before
    row.state = State.APPROVED
    after = sendable(recommendation.card(Card(row)))
    assert "*Undo:* none" in after
    assert "It cannot be undone; the nearest to it: `start`" in after


def test_approve_asks_once_more_with_amount_and_risk_and_rarer_buttons_are_a_menu() -> None:
    """On a phone the largest target decides nothing at one touch, and a card is not five lines of buttons."""
    row = _recommendation("Stop it")
    row.offer_id = uuid.uuid4()
    blocks = [one.to_dict() for one in recommendation.card(Card(row))]
    approve, dismiss, more = blocks[-1]["elements"]
    assert approve["confirm"]["text"]["text"].startswith("Saves $12.00 a month. It is started again with one command")
    assert "confirm" not in dismiss
    assert [one["text"]["text"] for one in more["options"]] == ["Snooze", "Assign", "Ask the owner"]
    assert more["options"][0]["value"] == f"recommendation_snooze:{row.offer_id}"


def test_mark_carried_out_asks_once_more_and_says_what_it_starts() -> None:
    """A slip would have the bill measured for a saving that nobody made."""
    (done,) = [one.to_dict() for one in recommendation.card(_card("Stop it", State.APPROVED))][-1]["elements"]
    assert done["confirm"]["title"]["text"] == "Was it carried out?"
    assert "measured by the bill what this really saved" in done["confirm"]["text"]["text"]
    assert (done["confirm"]["confirm"]["text"], done["confirm"]["deny"]["text"]) == ("Yes, it was", "Cancel")


def test_what_follows_an_approval_is_said_once_a_message() -> None:
    """Not under each of five cards."""
    sent = sendable(recommendation.cards([_card(f"Stop {n}", State.APPROVED) for n in range(3)]))
    assert sent.count("changes nothing by itself") == 1
    assert "changes nothing by itself" not in sendable(recommendation.cards([_card("Stop it")]))


def test_savings_in_two_currencies_are_summed_each_by_itself() -> None:
    """A sum that leaves one out would be too small, one over both would mean nothing."""
    rows = [_recommendation("a"), _recommendation("b"), _recommendation("c")]
    rows[1].currency = "EUR"
    assert recommendation.sentence(rows) == "3 recommendations would save $24.00 and €12.00 a month."


def test_cards_of_one_saving_stand_in_one_order() -> None:
    """However the rows came: a list that is drawn anew must not shuffle under the finger."""
    rows = [_recommendation(title) for title in "cab"]
    drawn = [sendable(recommendation.cards([Card(row) for row in order])) for order in (rows, rows[::-1])]
    assert drawn[0] == drawn[1]


def test_a_decided_card_says_who_and_when_and_has_no_buttons() -> None:
    """And an approved one how to apply and undo it."""
    sent = sendable(recommendation.card(_card("Stop it", State.APPROVED)))
    assert "<@U0LENA> on 23 Nov 2026 at 09:30 UTC" in sent
    assert "recommendation_approve" not in sent
    assert "To undo it" in sent


def test_an_approved_card_leads_to_the_console() -> None:
    """Where one looks before one pastes a command; an address that is none is left out."""
    row = _recommendation("Stop it", State.APPROVED)
    row.details |= {"console_url": "https://console.example.com/vm?a=1&b=2#x"}
    assert "<https://console.example.com/vm?a=1&amp;b=2#x|Look at it" in sendable(recommendation.card(Card(row)))
    for bad in ("https://evil|<!channel>", "javascript:alert(1)", None, "https://a b"):
        row.details |= {"console_url": bad}
        assert "Look at it" not in sendable(recommendation.card(Card(row)))


def test_an_approved_card_has_its_undo_and_the_console_once() -> None:
    """Whole, beside the command; before that among the facts."""
    row = _recommendation("Stop it")
    row.details |= {"undo": "start-it", "console_url": "https://console.example.com/vm"}
    before = sendable(recommendation.card(Card(row)))
    assert "*Undo:* `start-it`" in before
    assert "https://console.example.com/vm|Console" in before
    row.state = State.APPROVED
    after = sendable(recommendation.card(Card(row)))
    assert after.count("start-it") == 1
    assert after.count("console.example.com") == 1


def test_escaping_keeps_plain_text_as_it_is() -> None:
    """Only what Slack would read as markup changes."""
    assert escape("Amazon RDS, eu-west-1: $1.00") == "Amazon RDS, eu-west-1: $1.00"
    assert escape("a<b&c") == "a&lt;b&amp;c"
