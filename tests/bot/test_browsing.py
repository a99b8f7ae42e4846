"""Lists of recommendations in Slack, and deciding on many at once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from slack_bolt import App

from bot import app as bot_app
from bot import recommendations_cli, recommending
from bot.actions import Action
from bot.blocks.listing import Listing
from bot.cli import ask
from finops.people import Person
from finops.recommendations.findings import RecommendationType
from finops.recommendations.lifecycle import Stage, State
from finops.roles import Role
from storage import dispositions, recommendations, roles
from storage.database import transaction
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import hand_in, open_each, opened, press, row_of, say

LEAD, BOSS, VIC, ADMIN = "ULEAD", "UBOSS", "UVIC", "UADMIN"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app before a small ledger; ULEAD and UBOSS approve, UADMIN is admin, everybody else may look."""
    del slack, database
    with transaction() as session:
        ledgers.fill(session)
        roles.grant(session, ADMIN, Role.ADMIN, by=Person("T0", "cli"))
    return bot_app.build()


def _json(sent: dict[str, Any]) -> str:
    return json.dumps(sent, ensure_ascii=False)


def test_a_list_is_paged_and_shown_by_kind(app: App, slack: FakeSlack) -> None:
    """Count and total are of all of them; a decision keeps the page."""
    found = open_each(*[str(100 + n) for n in range(12)])
    with transaction() as session:
        recommendations.get(session, found[0]).recommendation_type = "rightsize_machine"
    say(app, slack, "recommendations page 2", who=LEAD)
    shown = slack.wait("respond")[0]
    assert "12 recommendations wait for a decision and would save $1,266.00 a month" in shown["text"]
    assert [name for name in ("i-11", "i-7", "i-6", "i-2", "i-1") if f"Stop {name}*" in _json(shown)] == ["i-6", "i-2"]
    assert "Page 2 of 3" in _json(shown)
    press(app, slack, Action.NEXT, "recommendations page 3", who=LEAD)
    assert "Stop i-0*" in _json(slack.wait("respond", 2)[1])
    option = {"selected_option": {"value": "stop_idle_machine"}}
    press(app, slack, Action.KIND, "", who=LEAD, **option)
    only = slack.wait("respond", 3)[2]
    assert only["text"].startswith("Idle machines to stop: 11 recommendations")
    assert "recommendations_bulk" in _json(only)
    block = f"{found[3]} recommendations stop_idle_machine page 3"
    press(app, slack, Action.APPROVE, row_of(found[3]).offer_id, who=LEAD, block=block)
    redrawn = slack.wait("respond", 4)[3]
    assert redrawn["text"].startswith("Idle machines to stop: 10 recommendations")
    assert "*Approved*" in _json(redrawn)


def test_a_decided_card_stays_where_it_was_and_the_next_page_goes_on_behind_it(app: App, slack: FakeSlack) -> None:
    """Between those that stood above and below it, one card more than usual: none is on neither of two pages."""
    found = open_each(*(str(700 - 50 * number) for number in range(11)))
    for number, page, shown in ((2, "", range(6)), (10, " page 3", range(5, 11)), (5, " page 2", range(5, 11))):
        block = f"{found[number]} recommendations{page}"
        press(app, slack, Action.APPROVE, row_of(found[number]).offer_id, who=LEAD, block=block)
        redrawn = slack.of("respond")[-1]
        assert re.findall(r"\*Stop i-(\d+)\*", _json(redrawn)) == [str(one) for one in shown]
        assert f"*Approved* by <@{LEAD}>" in _json(redrawn)
        with transaction() as session:
            recommendations.get(session, found[number]).state = State.OPEN
    press(app, slack, Action.APPROVE, row_of(found[0]).offer_id, who=LEAD, block=f"{found[0]} recommendations")
    press(app, slack, Action.NEXT, "recommendations page 2", who=LEAD)
    assert re.findall(r"\*Stop i-(\d+)\*", _json(slack.of("respond")[-1])) == ["6", "7", "8", "9", "10"]


def test_what_is_approved_is_found_again_with_its_command_until_it_was_carried_out(app: App, slack: FakeSlack) -> None:
    """Counted where nothing waits any more; and then it is listed as carried out."""
    (chosen,) = open_each("120", command="stop i-0")
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    said = slack.of("respond")[-1]
    assert "No saving waits for a decision. 1 is approved and not yet carried out" in said["text"]
    assert "`/cost recommendations approved` shows it" in _json(said["blocks"])
    say(app, slack, "recommendations unattached disks", who=LEAD)
    assert "approved" not in slack.of("respond")[-1]["text"], "of another kind"
    say(app, slack, "recommendations approved", who=LEAD)
    listed = slack.of("respond")[-1]
    assert listed["text"] == "1 saving is approved and not yet carried out: $120.00 a month."
    for words in ("To do it by hand: `stop i-0`", Action.DONE, Action.UNDECIDED):
        assert words in _json(listed)
    press(app, slack, Action.DONE, row_of(chosen).offer_id, who=LEAD, block=f"{chosen} recommendations approved")
    redrawn = slack.of("respond")[-1]
    assert redrawn["text"] == "No approved saving waits to be carried out."
    assert "*Carried out* by" in _json(redrawn)
    press(app, slack, Action.CARRIED_OUT_ONES, "recommendations carried out", who=LEAD)
    done = slack.of("respond")[-1]
    assert done["text"] == "1 saving was carried out; promised were $120.00 a month."
    assert "Stop i-0*" in _json(done)
    assert Action.APPROVE not in _json(done)


def test_what_was_put_off_or_dismissed_is_listed_and_can_be_opened_again(app: App, slack: FakeSlack) -> None:
    """With until when, or why, and by whom; what was dismissed by who may dismiss alone."""
    first, second, _ = open_each("120", "100", "80")
    until = TODAY + timedelta(days=7)
    with transaction() as session:
        by = {"by": Person("T0", LEAD), "at": datetime.now(UTC)}
        dispositions.snooze(
            session, row_of(first).offer_id or first, until=datetime(*until.timetuple()[:3], tzinfo=UTC), **by
        )
        dispositions.dismiss(session, row_of(second).offer_id or second, reason="It is needed", **by)
    say(app, slack, "recommendations", who=LEAD)
    buttons = _json(slack.of("respond")[-1])
    assert Action.SNOOZED_ONES in buttons
    assert Action.DISMISSED_ONES in buttons
    say(app, slack, "recommendations snoozed", who=LEAD)
    listed = slack.of("respond")[-1]
    assert listed["text"] == "1 saving is snoozed, and would save $120.00 a month."
    assert f"*Snoozed* until {until:%-d %b %Y} by <@{LEAD}>" in _json(listed)
    press(app, slack, Action.REOPEN, row_of(first).offer_id, who=LEAD, block=f"{first} recommendations snoozed")
    assert slack.of("respond")[-1]["text"].startswith("No saving is snoozed.")
    say(app, slack, "recommendations dismissed idle machines", who=LEAD)
    listed = slack.of("respond")[-1]
    assert listed["text"] == "Idle machines to stop: 1 saving is dismissed, and would save $100.00 a month."
    for words in (f"*Dismissed* by <@{LEAD}>", "It is needed", "Open again", Action.RECONSIDER):
        assert words in _json(listed)
    press(app, slack, Action.RECONSIDER, row_of(second).offer_id, who=VIC, block=f"{second} recommendations dismissed")
    assert row_of(second).state is State.DISMISSED
    press(app, slack, Action.RECONSIDER, row_of(second).offer_id, who=LEAD, block=f"{second} recommendations dismissed")
    assert {row_of(one).state for one in (first, second)} == {State.OPEN}


def test_what_was_put_off_or_dismissed_is_found_in_other_words_too(app: App, slack: FakeSlack) -> None:
    """As a question in any order, as a mention has it."""
    for words, told in (
        ("show dismissed savings", "No saving is dismissed."),
        ("snoozed savings", "No saving is snoozed."),
    ):
        say(app, slack, words, who=LEAD)
        assert slack.of("respond")[-1]["text"] == told


def test_the_command_line_lists_what_was_put_off_or_dismissed(app: App) -> None:
    """With until when, or why, and by whom."""
    del app
    first, second, _ = open_each("120", "100", "80")
    with transaction() as session:
        by = {"by": Person("T0", LEAD), "at": datetime(2026, 11, 23, tzinfo=UTC)}
        dispositions.snooze(session, row_of(first).offer_id or first, until=datetime(2026, 12, 3, tzinfo=UTC), **by)
        dispositions.dismiss(session, row_of(second).offer_id or second, reason="It is needed", **by)
    run = CliRunner().invoke
    snoozed = run(recommendations_cli.recommendations, ["--snoozed"]).output
    assert "1 recommendation would save $120.00 a month, each resource counted once: 1 is snoozed." in snoozed
    assert f"Snoozed until 3 Dec 2026 by {LEAD} on 23 Nov 2026" in snoozed
    dismissed = run(ask, ["recommendations dismissed"]).output
    assert "Stop i-1" in dismissed
    assert "Stop i-2" not in dismissed
    assert f"Dismissed by {LEAD} on 23 Nov 2026: It is needed" in dismissed
    (value,) = json.loads(run(recommendations_cli.recommendations, ["--dismissed", "--json"]).output)
    assert (value["state"], value["decided_by"], value["why"]) == ("dismissed", LEAD, "It is needed")
    assert (
        run(recommendations_cli.recommendations, ["--dismissed", "disks"]).output == "Nothing of this is dismissed.\n"
    )


def test_the_command_line_says_what_it_counts_and_lists_what_is_approved(app: App, slack: FakeSlack) -> None:
    """With the command; what waits for a decision is left out then."""
    first, _ = open_each("120", "100", command="stop it")
    press(app, slack, Action.APPROVE, row_of(first).offer_id, who=LEAD)
    told = CliRunner().invoke(recommendations_cli.recommendations, []).output
    assert "each resource counted once: 1 waits for a decision, 1 is approved." in told
    approved = CliRunner().invoke(recommendations_cli.recommendations, ["--approved"]).output
    assert "To do it by hand: stop it" in approved
    assert "Stop i-1" not in approved


def test_what_was_decided_is_listed_by_kind_and_page() -> None:
    """The words of each list ask for it again."""
    assert recommending.read("recommendations approved idle machines page 2") == (
        Stage.APPROVED, "stop_idle_machine", 2,
    )  # fmt: skip
    assert recommending.read("recommendations carried-out") == (Stage.CARRIED_OUT, None, 1)
    for stage in (None, *Stage):
        kind = RecommendationType.STOP_IDLE_MACHINE
        assert recommending.read(Listing([], [], {}, stage=stage, kind=kind, number=3).words()) == (stage, kind, 3)


def test_a_kind_that_is_not_known_is_told(app: App, slack: FakeSlack) -> None:
    """With an example."""
    say(app, slack, "recommendations elephants <!here>", who=LEAD)
    said = slack.wait("respond")[0]["text"]
    assert "I don't know “elephants" in said
    assert "<!here>" not in said


def test_many_are_approved_by_a_form_that_lists_them(app: App, slack: FakeSlack) -> None:
    """All of them, each with its saving; the sum takes two people."""
    found = open_each("400", "400", "400")
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    for words in ("3 at once save $1,200.00 a month", "2 approvals each", "Stop i-0: $400.00", "Stop i-2"):
        assert words in _json(view)
    noticed = hand_in(app, view, who=LEAD)
    assert noticed["response_action"] == "update"
    assert "I look at all 3 of them anew" in _json(noticed["view"])
    assert "Your approval counts for all 3. Each needs 2" in slack.wait("chat.postEphemeral")[0]["text"]
    assert "Your approval counts for all 3" in _json(slack.wait("views.update")[0])
    hand_in(app, view, who=LEAD)
    again = slack.wait("chat.postEphemeral", 2)[1]["text"]
    assert again.startswith("You had approved all 3 already; somebody else has to, too.")
    assert {row_of(one).state for one in found} == {State.OPEN}
    hand_in(app, view, who=BOSS)
    assert "All 3 are approved" in slack.wait("chat.postEphemeral", 3)[2]["text"]
    assert {row_of(one).state for one in found} == {State.APPROVED}
    hand_in(app, view, who=BOSS)
    assert "the first decision stands" in slack.wait("chat.postEphemeral", 4)[3]["text"]
    assert "the first decision stands" in _json(slack.wait("views.update", 4)[3])


def test_the_list_is_drawn_anew_that_many_were_approved_from(app: App, slack: FakeSlack) -> None:
    """Its old cards and buttons are gone, also for who comes second."""
    open_each("100", "90")
    block = "list recommendations stop_idle_machine"
    press(app, slack, Action.BULK, "recommendations stop_idle_machine", who=LEAD, block=block)
    view = opened(slack)
    hand_in(app, view, who=LEAD)
    for times, who in ((1, LEAD), (2, BOSS)):
        drawn = slack.wait("respond", times)[-1]
        assert drawn["replace_original"] is True, who
        assert "2 are approved and not yet carried out" in drawn["text"]
        assert Action.APPROVE not in _json(drawn).replace(Action.APPROVED_ONES, "")
        hand_in(app, view, who=BOSS)
    assert "first decision stands" in slack.of("chat.postEphemeral")[-1]["text"]


def test_who_approved_before_is_named_with_who_decides(app: App, slack: FakeSlack) -> None:
    """On the card of what is approved, and still once it was carried out."""
    (chosen,) = open_each("5000")
    for who in (LEAD, BOSS):
        press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=who)
    assert f"*Approved* by <@{LEAD}>, <@{BOSS}> on" in _json(slack.of("respond")[-1])
    press(app, slack, Action.DONE, row_of(chosen).offer_id, who=LEAD)
    assert f"approved by <@{LEAD}>, <@{BOSS}>" in _json(slack.of("respond")[-1])


def test_an_approval_of_many_of_which_some_had_been_given_says_so(app: App, slack: FakeSlack) -> None:
    """Those are not counted as new."""
    found = open_each("800", "800")
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    hand_in(app, view, who=LEAD)
    with transaction() as session:
        third = ledgers.recommend(session, saving="700", name="i-9")
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    hand_in(app, opened(slack, 2), who=LEAD)
    said = slack.of("chat.postEphemeral")[-1]["text"]
    assert "counts for all 3, 2 of which you had approved already." in said
    assert {row_of(one).state for one in (*found, third)} == {State.OPEN}


def test_one_of_many_that_no_longer_holds_stops_them_all(app: App, slack: FakeSlack) -> None:
    """And is named."""
    found = open_each("100", "100")
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    with transaction() as session:
        ledgers.charge(session, "i-1", "-50")
    hand_in(app, view, who=LEAD)
    said = slack.wait("chat.postEphemeral")[0]["text"]
    assert "Nothing was approved" in said
    assert "*Stop i-1*: The saving fell by 50 %" in said
    assert {row_of(one).state for one in found} == {State.OPEN}


def test_hundreds_of_one_kind_fit_the_form_twenty_at_a_time(app: App, slack: FakeSlack) -> None:
    """Slack's limits hold, whatever the names."""
    with transaction() as session:
        for number in range(30):
            ledgers.recommend(session, saving=str(1 + number), name="&" * 200 + str(number))
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    assert "The next 10 are another form" in _json(view)
    assert len(json.loads(view["private_metadata"])["offers"]) == 20
    assert len(view["private_metadata"]) <= 3000
    assert all(len(block["text"]["text"]) <= 3000 for block in view["blocks"] if block["type"] == "section")
