"""An anomaly's message says all that is needed, and what people say of it is kept, shown and told once."""

from __future__ import annotations

import json
import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk.models.blocks import SectionBlock

from bot import announcements, deliver
from bot import app as bot_app
from bot.actions import Action
from bot.asker import Asker
from bot.blocks import anomaly, draft
from bot.drafts import anomalies as drafts
from bot.questions import CostQuestion, Kind, parse
from finops.anomalies.feedback import Verdict
from finops.anomalies.scopes import Of, Scope
from finops.people import Person
from storage import alerts, anomalies, outbox
from storage.database import transaction
from storage.models import Anomaly, AnomalyFeedback
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.ledgers import NOW

CHANNEL, LEAD, GUEST = "C0COSTS", "ULEAD", "UGUEST"


def _anomaly(name: str = "EC2", *, lasts: bool = False) -> Anomaly:
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="123", service_name=name)
    money = {"expected": "800", "actual": "1100", "excess": "300", "excess_so_far": "900", "monthly": "9131.25"}
    return Anomaly(
        scope=scope.written(), currency="USD", kind="level shift", rising=True, first_day=date(2026, 11, 12),
        end_day=date(2026, 11, 15), months=100.0, lasts=lasts, rule="default",
        sentence="SKU NatGateway-Bytes of <!channel> +$290.00, 97% of it, more used.",
        **{name: Decimal(amount) for name, amount in money.items()},
    )  # fmt: skip


def _posted(slack: FakeSlack) -> uuid.UUID:
    """Post an anomaly as the bot does."""
    with transaction() as session:
        row = _anomaly()
        session.add(row)
        session.flush()
        alerts.put(session, row)
    with transaction() as session:
        [message] = outbox.claim(session, [announcements.KIND], now=NOW)
        outbox.sent(session, message.id, {"channel": CHANNEL, "ts": "1.1"})
    del slack
    return row.id


def _press(app: App, slack: FakeSlack, action: Action, value: str, *, who: str = LEAD, at: str = "1.1") -> int:
    body: dict[str, Any] = {
        "type": "block_actions", "user": {"id": who, "team_id": "T0"}, "team": {"id": "T0"}, "api_app_id": "A0",
        "channel": {"id": CHANNEL}, "trigger_id": uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
        "container": {"channel_id": CHANNEL, "message_ts": at},
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
    }  # fmt: skip
    return app.dispatch(BoltRequest(mode="socket_mode", body=body)).status


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app."""
    del slack, database
    return bot_app.build()


def _drawn(row: Anomaly) -> tuple[str, str]:
    with transaction() as session:
        session.add(row)
        session.flush()
        text, blocks = announcements.draw(session, {"channel": None, "anomaly": str(row.id)})
        return text, json.dumps([one.to_dict() for one in blocks])


def test_a_notification_of_an_anomaly_makes_sense_alone(database: Path) -> None:
    """Amounts, days, cause, course and next step; a name in it calls nobody."""
    del database
    text, blocks = _drawn(_anomaly())
    assert text.startswith("EC2 in 123, AWS cost $300.00 a day more than expected. $900.00 above expected in all, 12")
    assert "97% of it" in text
    assert "It was over on 15 Nov 2026. Next: ask its owner" in text
    assert "<!channel>" not in text + blocks
    assert "&lt;!channel&gt;" in blocks
    assert [button for button in ("Expected", "Real", "Fixed") if f'"{button}"' in blocks] == [
        "Expected",
        "Real",
        "Fixed",
    ]


def test_by_day_of_an_event_shows_its_days_and_the_week_before(database: Path) -> None:
    """Not the month that goes on now."""
    del database
    for lasts, end in ((False, date(2026, 11, 15)), (True, date(2026, 11, 21))):
        with transaction() as session:
            if lasts:
                ledgers.fill(session)
            row = _anomaly("S3" if lasts else "EC2", lasts=lasts)
            session.add(row)
            session.flush()
            asked = CostQuestion(kind=Kind.WHY, identifier=str(row.id)[:8])
            days = dict(drafts.why(session, asked, Asker(Person("T0", LEAD), CHANNEL, end)).deeper)["By day"]
            assert (days.start, days.end) == (date(2026, 11, 5), end)
            assert (days.top, days.page) == (10, 1), "a page at a time, as of other questions"
            assert parse(str(days), today=date(2026, 12, 1)) == days


def test_names_however_long_or_strange_fit_a_message(database: Path) -> None:
    """Slack refuses what is too long, and marks up what looks like markup."""
    del database
    _, blocks = _drawn(_anomaly("*bold* <http://x|y> & \u202e" + "long " * 2000, lasts=True))
    assert len(blocks) < 9000
    assert "*bold*" not in blocks
    assert "<http" not in blocks


def test_the_past_is_one_message(session: Any) -> None:  # noqa: ANN401  a session
    """Each is named with its cause, what goes on first."""
    rows = [_anomaly("EC2"), _anomaly("S3", lasts=True)]
    session.add_all(rows)
    session.flush()
    text, blocks = announcements.draw(session, {"channel": None, "anomalies": [str(row.id) for row in rows]})
    assert text == "Costs were out of order in 2 events since 12 Nov 2026; 1 of them goes on."
    shown = json.dumps([one.to_dict() for one in blocks])
    assert shown.index("S3 in 123, AWS costs $300.00") < shown.index("EC2 in 123, AWS cost $300.00")
    assert shown.count("97% of it, more used") == 2
    assert "<!channel>" not in shown
    asked = [one.accessory.value for one in blocks if isinstance(one, SectionBlock) and one.accessory]
    assert asked == [f"why {str(row.id)[:8]}" for row in reversed(rows)], "each leads to where people say what it was"
    assert '"value": "anomalies"' in shown
    assert "costs anomalies" not in shown, "nobody in a channel has a command line"


def test_an_answer_to_why_takes_what_somebody_says_and_shows_it(app: App, slack: FakeSlack) -> None:
    """It is not drawn anew itself, so whoever pressed is told; others are told who may."""
    chosen = _posted(slack)

    def drawn() -> str:
        with transaction() as session:
            asked = CostQuestion(kind=Kind.WHY, identifier=str(chosen)[:8])
            told = drafts.why(session, asked, Asker(Person("T0", LEAD), CHANNEL, date(2026, 11, 21)))
            return json.dumps([one.to_dict() for one in draft.build(told)])

    assert [drawn().count(f'"{one}"') for one in anomaly.BUTTONS] == [1, 1, 1]
    _press(app, slack, Action.ANOMALY_EXPECTED, str(chosen), who=GUEST, at="7.7")
    _press(app, slack, Action.ANOMALY_EXPECTED, str(chosen), at="7.7")
    refused, kept = slack.wait("respond", 2)
    assert "Only analysts may say" in str(refused)
    assert kept["text"].startswith("Kept: *Expected*, said by <@ULEAD> on ")
    assert kept["replace_original"] is False
    assert "*Expected*, said by <@ULEAD>" in drawn()
    assert "anomaly_" not in drawn()
    assert "*Expected*" in str(slack.of("chat.update")), "the channel's message shows it, too"


def test_what_somebody_says_is_kept_and_shown(app: App, slack: FakeSlack) -> None:
    """What was real can still be fixed; the message is drawn anew in its place each time."""
    chosen = _posted(slack)
    assert _press(app, slack, Action.ANOMALY_REAL, str(chosen)) == 200
    [update] = slack.wait("chat.update")
    assert (update["channel"], update["ts"]) == (CHANNEL, "1.1")
    assert "*Real*, said by <@ULEAD> on" in str(update["blocks"])
    assert Action.ANOMALY_FIXED in str(update["blocks"])
    assert Action.ANOMALY_EXPECTED not in str(update["blocks"])
    _press(app, slack, Action.ANOMALY_FIXED, str(chosen))
    _, update = slack.wait("chat.update", 2)
    assert "*Fixed*, said by" in str(update["blocks"])
    assert "anomaly_" not in str(update["blocks"])


def test_the_same_said_twice_is_kept_once(app: App, slack: FakeSlack) -> None:
    """Two people, or one who presses twice."""
    chosen = _posted(slack)
    _press(app, slack, Action.ANOMALY_EXPECTED, str(chosen))
    _press(app, slack, Action.ANOMALY_EXPECTED, str(chosen))
    assert len(slack.of("chat.update")) == 1
    assert not slack.of("respond"), "the message itself shows it"
    with transaction() as session:
        assert [one.verdict for one in session.query(AnomalyFeedback)] == [Verdict.EXPECTED]
        assert [*anomalies.said(session, [anomalies.get(session, chosen)])] == [chosen]


def test_a_drawing_that_slack_does_not_take_when_somebody_has_judged_comes_later(app: App, slack: FakeSlack) -> None:
    """By the outbox."""
    chosen = _posted(slack)
    slack.script["chat.update"] = [{"ok": False, "error": "ratelimited"}]
    _press(app, slack, Action.ANOMALY_REAL, str(chosen))
    deliver.once(bot_app.client())
    _, drawn = slack.of("chat.update")
    assert "*Real*, said by <@ULEAD>" in str(drawn["blocks"])


def test_who_may_not_approve_may_not_judge(app: App, slack: FakeSlack) -> None:
    """They are told who may; nothing is kept."""
    chosen = _posted(slack)
    _press(app, slack, Action.ANOMALY_EXPECTED, str(chosen), who=GUEST)
    [answer] = slack.wait("respond")
    assert "Only analysts may say" in str(answer)
    with transaction() as session:
        assert session.query(AnomalyFeedback).count() == 0


def test_a_button_of_an_event_that_is_gone_is_told_so(app: App, slack: FakeSlack) -> None:
    """A database that was set up anew, for instance."""
    _press(app, slack, Action.ANOMALY_REAL, str(uuid.uuid4()))
    [answer] = slack.wait("respond")
    assert "costs anomalies --all" in str(answer)


def _renewed(slack: FakeSlack, chosen: uuid.UUID, **changes: Any) -> list[str]:  # noqa: ANN401
    """Change an event, have its message renewed twice as two nights do, and deliver; returns the texts drawn anew."""
    for _ in range(2):
        with transaction() as session:
            row = anomalies.get(session, chosen)
            for name, value in changes.items():
                setattr(row, name, value)
            alerts.renew(session, [row])
        deliver.once(bot_app.client())
    return [str(one["text"]) for one in slack.of("chat.update")]


def test_a_posted_message_is_drawn_anew_when_its_event_grows_by_half_and_when_it_is_over(
    app: App, slack: FakeSlack
) -> None:
    """In its place, once each; nobody is told twice."""
    del app
    chosen = _posted(slack)
    assert _renewed(slack, chosen, lasts=True, monthly=Decimal(13000)) == []
    [grown] = _renewed(slack, chosen, monthly=Decimal(14000))
    assert "$14,000 a month more" in grown
    assert len(_renewed(slack, chosen, monthly=Decimal(15000))) == 1
    *_, over = _renewed(slack, chosen, lasts=False)
    assert "It was over on 15 Nov 2026" in over
    assert len(slack.of("chat.update")) == 2
    assert slack.of("chat.postMessage") == []


def test_a_message_that_was_not_posted_yet_is_not_drawn_anew(app: App, slack: FakeSlack) -> None:
    """When it is, it tells how things are."""
    del app
    with transaction() as session:
        row = _anomaly()
        session.add(row)
        session.flush()
        alerts.renew(session, [row])
        assert outbox.claim(session, [announcements.KIND], now=NOW) == []
    del slack
