"""The form of an alert rule shows what the chosen kind uses, and forgets nothing that was filled in."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bot.actions import Form
from bot.blocks import rule_form
from bot.blocks.forms import Kept
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from tests.bot.fake_slack import FakeSlack

RULE = AlertRule(name="web", kind=RuleKind.THRESHOLD, where={"team": ("web",)}, amount=Decimal(500), to="C0COSTS")
KEPT = Kept((), "C0COSTS", "web")


def _fields(view: dict[str, Any]) -> list[str]:
    return [one["block_id"] for one in view["blocks"] if one["type"] == "input"]


def _follow(app: App, view: dict[str, Any], values: dict[str, dict[str, Any]]) -> None:
    """Choose a kind in a form that is open."""
    body = {
        "type": "block_actions", "user": {"id": "ULEAD", "team_id": "T0"}, "team": {"id": "T0"}, "api_app_id": "A0",
        "container": {"type": "view", "view_id": "V0"}, "trigger_id": uuid.uuid4().hex,
        "view": {**view, "id": "V0", "hash": "H0", "state": {"values": {k: {"given": v} for k, v in values.items()}}},
        "actions": [{"type": "static_select", "block_id": "kind", "action_id": "given", **values["kind"]}],
    }  # fmt: skip
    assert app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200


def _updated(slack: FakeSlack, times: int = 1) -> dict[str, Any]:
    view = slack.wait("views.update", times)[-1]["view"]
    return dict(json.loads(view) if isinstance(view, str) else view)


def _element(view: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(next(one for one in view["blocks"] if one["block_id"] == name)["element"])


def _chosen(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


@pytest.mark.parametrize("kind", RuleKind)
def test_each_kind_shows_the_fields_that_it_uses(kind: RuleKind) -> None:
    """Twelve fields only where Slack does not tell which kind was chosen; each of them with a hint."""
    given = {"kind": kind.value, "to": "C0COSTS"}
    shown = rule_form.drawn(Form.RULE, given, KEPT).to_dict()
    whole = rule_form.drawn(Form.RULE, given, KEPT, whole=True).to_dict()
    assert len(_fields(whole)) == 12
    assert rule_form.ANY_SIZE in str(whole), "an example of one kind would mislead where another may be chosen"
    assert ("budget" in _fields(shown)) is (kind is RuleKind.FORECAST_OVER_BUDGET)
    assert "size" not in _fields(shown) or kind not in (RuleKind.STALE_DATA, RuleKind.FAILED_COLLECTION)
    assert "quiet" in _fields(shown)


def test_a_slack_that_tells_no_choice_gets_the_whole_form() -> None:
    """The real one, at its address, does."""
    assert rule_form.can_change("https://slack.com/api/")
    assert not rule_form.can_change("http://127.0.0.1:4000/api/")


def test_a_kind_that_is_chosen_changes_the_form_and_nothing_is_lost(bolt: App, slack: FakeSlack) -> None:
    """Also what the other kind does not show: it is there again when it is chosen back."""
    view = rule_form.build(RULE, KEPT, whole=False).to_dict()
    filled = {"kind": _chosen("stale_data"), "size": {"value": "> 900 USD"}, "quiet": {"value": "22:00-07:00 UTC"}}
    _follow(bolt, view, {**filled, "severity": _chosen("critical")})
    call = slack.wait("views.update")[-1]
    assert (call["view_id"], call["hash"]) == ("V0", "H0")
    bare = _updated(slack)
    assert "size" not in _fields(bare)
    assert "22:00-07:00 UTC" in str(bare["blocks"])
    assert _element(bare, "severity")["initial_option"]["value"] == "critical"
    _follow(bolt, bare, {"kind": _chosen("threshold")})
    again = _updated(slack, 2)
    assert _element(again, "size")["initial_value"] == "> 900 USD"
