"""`/cost recommendations team=web`: the savings that a digest of that scope counts, to page through and to decide."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from slack_bolt import App
from sqlalchemy import select

from bot import digest, recommending, savings_of
from bot.actions import Action
from bot.blocks.listing import PLACE, Listing
from bot.cli import ask
from bot.questions import NotUnderstoodError
from bot.recommendations_cli import recommendations
from finops.digests import Every
from finops.errors import UnknownWordError
from finops.recommendations.findings import RecommendationType
from storage import asking, offers
from storage.database import transaction
from storage.models import CloudResource, Recommendation
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import CHANNEL, hand_in, open_each, opened, press, row_of, say

LEAD = "ULEAD"
WEB = {"tag:team": ("web",)}


def _tagged(*chosen: uuid.UUID, team: str = "Web") -> None:
    with transaction() as session:
        for one in chosen:
            row = session.get_one(Recommendation, one)
            session.get_one(CloudResource, row.resource_id).tags = {"team": team}
            session.flush()
            offers.renew(session, row)


def _json(value: Any) -> str:  # noqa: ANN401  whatever Slack was told
    return json.dumps(value, ensure_ascii=False)


def _told(app: App, slack: FakeSlack, words: str) -> str:
    before = len(slack.of("respond"))
    say(app, slack, words, who=LEAD)
    return _json(slack.wait("respond", before + 1)[-1])


@pytest.mark.parametrize("words", ["team=web", "where team=WEB", "for team=web", "idle machines team=web"])
def test_the_list_is_of_what_the_digest_of_that_scope_counts(app: App, slack: FakeSlack, words: str) -> None:
    """With its words in the headline, and nobody else's."""
    first, second, _ = open_each("120", "100", "80")
    _tagged(first, second)
    told = _told(app, slack, f"recommendations {words}")
    assert "Team web" in told
    assert "2 savings" in told or "2 recommendations" in told
    assert "$220.00" in told
    assert "Stop i-2" not in told
    press(app, slack, Action.ASK, "recommendations where team=web", who=LEAD)
    assert "$220.00" in _json(slack.wait("respond", 2)[-1]), "as its button and direct messages have it"
    with transaction() as session:
        points = digest.build(
            session, Every.WEEKLY, where=WEB, workspace="T0", since=datetime(2026, 11, 1, tzinfo=UTC)
        ).points
    assert any("$220.00 a month" in one for one in points)


def test_a_saving_is_of_the_service_that_its_resource_was_billed_as(app: App, slack: FakeSlack) -> None:
    """Also once it is carried out and billed no more; one of which no service is known is of none."""
    *_, other, _ = open_each("120", "100", "80", "60")
    with transaction() as session:
        for row in session.scalars(select(Recommendation).where(Recommendation.potential_savings > Decimal(60))):
            row.details = {**row.details, "service_name": "S3" if row.id == other else "EC2"}
    assert "$220.00" in _told(app, slack, "recommendations service=ec2")
    told = _told(app, slack, "recommendations service=s3")
    assert "Stop i-2" in told
    assert "$80.00" in told
    with transaction() as session:
        since = datetime(2026, 11, 1, tzinfo=UTC)
        for where, found in (({"service_name": ("S3",)}, True), ({"sku_id": ("",)}, False)):
            points = digest.build(session, Every.WEEKLY, where=where, workspace="T0", since=since).points
            assert any("$80.00 a month" in one for one in points) == found
            assert any("would save" in one for one in points) == found


def test_its_pages_kinds_and_bulk_stay_within_it(app: App, slack: FakeSlack) -> None:
    """The buttons carry the filter along."""
    found = open_each(*(str(100 + number) for number in range(7)))
    _tagged(*found[:6])
    told = _told(app, slack, "recommendations idle machines team=web")
    assert "recommendations stop_idle_machine where team=web page 2" in told
    press(app, slack, Action.NEXT, "recommendations stop_idle_machine where team=web page 2", who=LEAD)
    assert "Page 2 of 2" in _json(slack.wait("respond", 2)[-1])
    press(app, slack, Action.BULK, "recommendations stop_idle_machine where team=web", who=LEAD)
    assert "6 at once save" in _json(opened(slack))
    block, option = "list recommendations stop_idle_machine where team=web page 2", {"value": "all"}
    press(app, slack, Action.KIND, "", who=LEAD, block=block, selected_option=option)
    assert "Team web: " in _json(slack.wait("respond", 3)[-1])


def test_a_decision_draws_the_same_list_anew(app: App, slack: FakeSlack) -> None:
    """And what is approved of it is told with its own words."""
    first, second, other = open_each("120", "100", "80")
    _tagged(first, second)
    block = f"{first} recommendations where team=web"
    press(app, slack, Action.APPROVE, row_of(first).offer_id, who=LEAD, block=block)
    told = _json(slack.wait("respond")[-1])
    assert "`/cost recommendations approved where team=web` shows it" in told
    assert "Stop i-2" not in told
    press(app, slack, Action.APPROVE, row_of(other).offer_id, who=LEAD)
    slack.wait("respond", 2)
    told = _told(app, slack, "recommendations approved team=web")
    assert "Stop i-0" in told
    assert "Stop i-2" not in told


def _scope(**where: str) -> None:
    filters = {("sku_id" if name == "sku" else f"tag:{name}"): [value] for name, value in where.items()}
    with transaction() as session:
        asking.set_scope(session, filters, workspace="T0", channel=CHANNEL, by=LEAD)


@pytest.mark.parametrize("words", ["recommendations", "show savings", "savings page 1"])
def test_the_scope_of_a_channel_narrows_the_list_and_is_told(app: App, slack: FakeSlack, words: str) -> None:
    """As of any other answer there, however it was asked for."""
    first, _ = open_each("120", "100")
    _tagged(first)
    _scope(team="web")
    told = _told(app, slack, words)
    assert "Team web: 1 recommendation waits" in told
    assert "Stop i-1" not in told
    assert "Only team=web, this channel's scope: `/cost scope off` asks about everything." in told


def test_a_list_within_a_scope_stays_within_it(app: App, slack: FakeSlack) -> None:
    """Its pages, kinds, bulk form and redrawing; and each says so still."""
    found = open_each(*(str(100 + number) for number in range(7)))
    _tagged(*found[:6])
    _scope(team="web")
    told = _told(app, slack, "recommendations idle machines")
    words = "recommendations stop_idle_machine where team=web"
    assert f'"value": "{words} page 2"' in told
    press(app, slack, Action.NEXT, f"{words} page 2", who=LEAD)
    press(app, slack, Action.APPROVE, row_of(found[0]).offer_id, who=LEAD, block=f"{found[0]} {words} page 2")
    option = {"selected_option": {"value": "all"}}
    press(app, slack, Action.KIND, "", who=LEAD, block=f"list {words} page 2", **option)
    for shown in slack.wait("respond", 4)[1:]:
        assert "Team web" in _json(shown)
        assert "Only team=web, this channel's scope" in _json(shown)
    press(app, slack, Action.BULK, words, who=LEAD, block=f"list {words}")
    hand_in(app, opened(slack), who=LEAD)
    drawn = _json(slack.wait("respond", 5)[-1])
    assert "Team web, Idle machines to stop: No saving waits for a decision" in drawn
    assert "Only team=web, this channel's scope" in drawn


def test_what_a_question_names_wins_over_the_scope(app: App, slack: FakeSlack) -> None:
    """And what the channel usually asks about is said."""
    first, second = open_each("120", "100")
    _tagged(first)
    _tagged(second, team="search")
    _scope(team="search")
    told = _told(app, slack, "recommendations team=web")
    assert "Team web: 1 recommendation waits" in told
    assert "This channel usually asks about team=search." in told


def test_a_scope_that_says_nothing_of_savings_leaves_the_list_whole_and_says_so(app: App, slack: FakeSlack) -> None:
    """In place of a list of nothing, or of silence."""
    open_each("120", "100")
    _scope(sku="x")
    told = _told(app, slack, "recommendations")
    assert "2 recommendations wait for a decision" in told
    assert "This list is of everything: savings cannot be narrowed down to sku=x, this channel's scope." in told


def test_what_no_resource_says_and_what_nobody_knows_is_told(app: App, slack: FakeSlack) -> None:
    """In place of a list of nothing."""
    open_each("120")
    assert "narrowed down by cloud, service, account, region, resource or tag" in _told(
        app, slack, "recommendations sku=x"
    )
    assert "Did you mean “web”" in _told(app, slack, "recommendations team=webb")
    with pytest.raises((NotUnderstoodError, UnknownWordError)):
        savings_of.divided("recommendations team=web last month")


def test_the_words_of_a_list_are_read_back(app: App) -> None:
    """Also names with quotes; too long ones are no place to come back to."""
    del app
    kind = RecommendationType.STOP_IDLE_MACHINE
    for where in (WEB, {"tag:my key": ("a = b page 2",)}, {"provider": ("aws",), "tag:env": ("x", "y")}):
        words, found = savings_of.divided(Listing([], [], {}, kind=kind, number=3, where=where).words())
        assert (recommending.read(words), found) == ((None, kind, 3), where)
    long = Listing([], [], {}, where={"tag:team": ("x" * PLACE,)})
    assert long.place == "recommendations"


def test_the_command_line_narrows_down_as_well(app: App) -> None:
    """As a question, or after a kind."""
    del app
    first, second, _ = open_each("120", "100", "80")
    _tagged(first, second)
    for command, words in ((ask, ["recommendations team=web"]), (recommendations, ["idle", "machines", "team=web"])):
        told = CliRunner().invoke(command, words).output
        assert "would save $220.00 a month" in told
        assert "Stop i-2" not in told
