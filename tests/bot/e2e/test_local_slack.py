"""The bot through a Slack that nobody here wrote, over both transports, as a person would use it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid

import pytest
from sqlalchemy import func, select

from finops.recommendations.lifecycle import State
from jobs.demo.local_slack import ADMIN, LEAD, VIEWER
from storage import outbox, recommendations
from storage.database import transaction
from storage.models import Inbox
from tests.bot import ledgers
from tests.bot.e2e.stage import Message, Stage

PNG = b"\x89PNG\r\n\x1a\n"


def _announced(stage: Stage, *names: str, saving: str = "120") -> tuple[Message, list[uuid.UUID]]:
    """Open recommendations and have them announced, the way the analysis does."""
    with transaction() as session:
        opened = [ledgers.recommend(session, name=name, saving=saving) for name in names]
        digest = {"kind": "recommendations", "recommendation_ids": [str(one) for one in opened]}
        key = f"test {uuid.uuid4()}"
        outbox.put(session, key=key, kind="slack_message", payload={"channel": None, "digest": digest})
    return stage.until(lambda: next((one for one in stage.messages() if "would save" in one["text"]), None)), opened


def test_a_question_is_answered_to_the_asker_alone_and_shared_on_demand(stage: Stage) -> None:
    """With the figures; the chart as a PNG in direct messages; shared with the chart in a thread."""
    answer = stage.say("by service 2026-10")
    assert "Spent $341.00 from 1 Oct to 31 Oct 2026" in answer["text"]
    assert answer["ephemeral_to"] == LEAD
    stage.press(answer, "answer_chart")
    chart = stage.until(stage.files)[0]
    assert chart["name"] == "costs-2026-10-01-2026-11-01.png"
    assert stage.picture(chart).startswith(PNG)
    stage.press(answer, "answer_share")
    asked = stage.until(lambda: next((one for one in stage.messages() if "will see this answer" in one["text"]), None))
    assert asked["ephemeral_to"] == LEAD
    stage.press(asked, "answer_share_now")
    shared = stage.until(
        lambda: [one for one in stage.messages() if "$341.00" in one["text"] and "ephemeral_to" not in one]
    )
    assert "answer_share" not in stage.now(shared[0])
    assert "answer_chart" in stage.now(shared[0])
    thread = stage.until(lambda: [one for one in stage.messages() if one.get("thread_ts") and one.get("files")])
    assert thread[0]["thread_ts"] == shared[0]["ts"]


def test_a_wrong_word_is_a_sentence_with_the_closest_known_one(stage: Stage) -> None:
    """As a button that asks it; and help is a message away."""
    unclear = stage.say("by srvc 2026-10")
    assert "Did you mean “service”?" in unclear["text"]
    stage.press(unclear, "answer_ask")
    stage.until(lambda: any("Spent $341.00 from 1 Oct" in text for text in stage.texts()))
    assert "/cost by service last 7 days" in stage.now(stage.say("help"))


def test_a_recommendation_is_decided_once_and_redrawn(stage: Stage) -> None:
    """Announced through the outbox; pressed by two people, several times, decided once; it says who and when."""
    announced, (chosen,) = _announced(stage, "i-1")
    for user in (LEAD, ADMIN, LEAD):
        stage.press(announced, "recommendation_approve", user=user)
    stage.until(lambda: "Approved" in stage.now(announced))
    stage.until(lambda: sum("first decision stands" in text for text in stage.texts()) == 2)
    with transaction() as session:
        row, history = recommendations.get(session, chosen), recommendations.events(session, chosen)
    assert row.decided_by in (LEAD, ADMIN)
    assert [one.after for one in history] == [State.APPROVED]
    shown = stage.now(announced)
    assert f"by <@{row.decided_by}> on {row.decided_at:%-d %b %Y at %H:%M} UTC" in shown
    assert "aws ec2 stop-instances" in shown
    assert "recommendation_approve" not in shown


def test_a_viewer_may_not_decide(stage: Stage) -> None:
    """He is told who may, and nothing changes."""
    announced, (chosen,) = _announced(stage, "i-1")
    stage.press(announced, "recommendation_dismiss", user=VIEWER)
    stage.until(lambda: any("Only approvers may decide" in text for text in stage.texts()))
    with transaction() as session:
        assert recommendations.get(session, chosen).state is State.OPEN
    assert "recommendation_approve" in stage.now(announced)


def test_a_decision_in_a_private_list_is_seen_in_the_announcement_too(stage: Stage) -> None:
    """The list keeps its other cards."""
    announced, _ = _announced(stage, "i-1", "i-2")
    cards = stage.say("recommendations", user=ADMIN)
    assert len(cards["text"].split()) > 3
    stage.press(cards, "recommendation_approve", user=ADMIN)
    for message in (cards, announced):
        stage.until(lambda message=message: "Approved" in stage.now(message))  # type: ignore[misc]
        assert stage.now(message).count("recommendation_approve") == 1


def test_a_form_says_why_something_is_dismissed_and_the_thread_keeps_it(stage: Stage) -> None:
    """The announcement is drawn anew, too; what was typed calls nobody."""
    announced, (chosen,) = _announced(stage, "i-1")
    stage.press(announced, "recommendation_dismiss", user=ADMIN)
    reason = {"type": "static_select", "selected_option": {"value": "needed"}}
    words = {"type": "plain_text_input", "value": "for the audit <!channel>"}
    stage.hand_in({"reason": reason, "words": words}, user=ADMIN)
    stage.until(lambda: "Dismissed" in stage.now(announced))
    assert "It is needed. for the audit &lt;!channel&gt;" in stage.now(announced)
    (line,) = stage.until(lambda: stage.thread(announced))
    assert f"dismissed by <@{ADMIN}>: It is needed. for the audit &lt;!channel&gt;" in line
    with transaction() as session:
        assert recommendations.get(session, chosen).decided_by == ADMIN


def test_a_form_draws_the_private_list_anew_that_it_was_opened_from(stage: Stage) -> None:
    """In place of the old cards; what was dismissed keeps its place there, and can be opened again."""
    _announced(stage, "i-1", "i-2")
    cards = stage.say("recommendations", user=ADMIN)
    stage.press(cards, "recommendation_dismiss", user=ADMIN)
    reason = {"type": "static_select", "selected_option": {"value": "needed"}}
    stage.hand_in({"reason": reason}, user=ADMIN)
    stage.until(lambda: "*Dismissed*" in stage.now(cards))
    assert stage.now(cards).count("recommendation_approve") == 1
    (cards,) = json.loads(stage.now(cards))
    stage.press(cards, "recommendation_reconsider", user=ADMIN)
    stage.until(lambda: stage.now(cards).count("recommendation_approve") == 2)


def test_a_large_saving_is_approved_by_two_and_the_thread_tells_it(stage: Stage) -> None:
    """Each of them, in order; the second decides."""
    announced, (chosen,) = _announced(stage, "i-1", saving="5000")
    stage.press(announced, "recommendation_approve", user=LEAD)
    stage.until(lambda: f"1 of 2 approvals* by <@{LEAD}>" in stage.now(announced))
    stage.press(announced, "recommendation_approve", user=LEAD)
    stage.until(lambda: any("You had approved it already" in text for text in stage.texts()))
    stage.press(announced, "recommendation_approve", user=ADMIN)
    stage.until(lambda: "*Approved*" in stage.now(announced))
    first, second = stage.until(lambda: lines if len(lines := stage.thread(announced)) == 2 else None)
    assert f"approved by <@{LEAD}> (1 of 2); more are needed" in first
    assert f"approved by <@{ADMIN}> (2 of 2)" in second
    with transaction() as session:
        assert recommendations.get(session, chosen).state is State.APPROVED


@pytest.mark.parametrize("running", ["http"], indirect=True)
@pytest.mark.parametrize("flaw", ["forged", "stale", "missing", "malformed"])
def test_what_slack_did_not_sign_is_refused(stage: Stage, flaw: str) -> None:
    """401, and no row written."""
    body = b"command=%2Fcost&text=&user_id=U0LENA&channel_id=C0COSTS&trigger_id=forged"
    stamp = str(int(time.time()) - (600 if flaw == "stale" else 0))
    key = b"wrong" if flaw == "forged" else stage.slack.signing_secret.encode()
    signature = "v0=" + hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": "soon" if flaw == "malformed" else stamp}
    if flaw == "missing":
        del headers["X-Slack-Signature"]
    request = urllib.request.Request(stage.web + "/slack/events", body, headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 401
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == 0
