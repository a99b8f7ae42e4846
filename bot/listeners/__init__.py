"""The whole Slack surface on one page."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot import recommending
from bot.actions import Action, Form
from bot.blocks import anomaly, draft, forms
from bot.blocks.home import section
from bot.listeners import (
    amending,
    asking,
    browsing,
    deciding,
    disposing,
    further,
    granting,
    home,
    judging,
    owning,
    ruling,
    talking,
    tending,
)

DECISIONS = frozenset({Action.APPROVE, Action.APPROVE_ANYWAY, Action.DONE, Action.REOPEN, Action.RECONSIDER})
"""Buttons that decide by themselves; others open a form first."""


def _ack(ack: Ack) -> None:
    ack()


def _is_of_recommendations(command: dict[str, Any]) -> bool:
    return recommending.is_asked(str(command.get("text") or ""))


def register(app: App) -> None:
    """Bind every command and button. Work is lazy, so that the acknowledgement is always in time."""
    app.command("/cost", matchers=[granting.is_asked])(ack=_ack, lazy=[granting.asked])
    app.command("/cost", matchers=[_is_of_recommendations])(ack=_ack, lazy=[browsing.recommendations])
    app.command("/cost")(ack=_ack, lazy=[asking.cost])
    app.event("app_mention")(ack=_ack, lazy=[talking.mention])
    app.event("message")(ack=_ack, lazy=[talking.message])
    app.event("app_home_opened")(ack=_ack, lazy=[home.opened])
    app.action(Action.HOME_CARD)(ack=_ack, lazy=[home.card])
    for button in section.ASKS:
        app.action(button)(ack=_ack, lazy=[home.ask])
    for button in draft.ASKS:
        app.action(button)(ack=_ack, lazy=[asking.ask])
    app.action(Action.CHART)(ack=_ack, lazy=[asking.chart])
    app.action(Action.SHARE)(ack=_ack, lazy=[asking.share])
    app.action(Action.SHARE_NOW)(ack=_ack, lazy=[asking.share_now])
    app.action(Action.SHARE_CANCEL)(ack=_ack, lazy=[asking.cancel])
    _deciding(app)
    _tending(app)
    for verdict in anomaly.BUTTONS:
        app.action(verdict)(ack=_ack, lazy=[judging.judge])


def _deciding(app: App) -> None:
    for action, listener in {
        Action.APPROVE: deciding.approve,
        Action.APPROVE_ANYWAY: deciding.approve,
        Action.DONE: deciding.done,
        Action.REOPEN: deciding.reopen,
        Action.RECONSIDER: deciding.reconsider,
        Action.DISMISS: disposing.ask_why,
        Action.SNOOZE: disposing.ask_until,
        Action.ASSIGN: disposing.ask_whom,
        Action.ASK_OWNER: owning.ask,
        Action.MORE: further.menu,
        Action.OWNER_AGREES: owning.answer,
        Action.OWNER_KEEPS: owning.answer,
        Action.KIND: browsing.kind,
        Action.BULK: browsing.ask_all,
        Action.PREVIOUS: browsing.page,
        Action.NEXT: browsing.page,
        Action.UNDECIDED: browsing.page,
        Action.APPROVED_ONES: browsing.page,
        Action.CARRIED_OUT_ONES: browsing.page,
        Action.SNOOZED_ONES: browsing.page,
        Action.DISMISSED_ONES: browsing.page,
    }.items():
        app.action(action)(ack=_ack, lazy=[listener, *([home.decided] if action in DECISIONS else [])])
    app.view(Form.DISMISS)(ack=disposing.ack_form, lazy=[disposing.dismiss, home.decided])
    app.view(Form.SNOOZE)(ack=disposing.ack_form, lazy=[disposing.snooze, home.decided])
    app.view(Form.ASSIGN)(ack=disposing.ack_form, lazy=[disposing.assign])
    app.view(Form.BULK)(ack=browsing.ack_all, lazy=[browsing.approve_all, home.decided])


def _tending(app: App) -> None:
    for action, listener in {
        Action.ALERT_ACKNOWLEDGE: tending.acknowledge,
        Action.ALERT_SNOOZE: tending.ask_until,
        Action.ALERT_EXPECTED: tending.expected,
        Action.ALERT_ASSIGN: tending.ask_whom,
        Action.ALERT_WHY: tending.why,
        Action.RULE_SAVE: ruling.save,
        Action.RULE_CHANGE: ruling.change,
        Action.RULE_CANCEL: ruling.cancel,
        Action.RULE_EDIT: amending.edit,
        Action.RULE_EDIT_SAVE: amending.save,
        Action.RULE_EDIT_CHANGE: amending.change,
    }.items():
        app.action(action)(ack=_ack, lazy=[listener])
    app.view(Form.ALERT_SNOOZE)(ack=disposing.ack_form, lazy=[tending.snooze])
    app.view(Form.ALERT_ASSIGN)(ack=disposing.ack_form, lazy=[tending.assign])
    app.action({"block_id": "kind", "action_id": forms.ID})(ack=_ack, lazy=[ruling.follow])
    app.view(Form.RULE_EDIT)(ack=amending.ack_form, lazy=[amending.hand_in])
    app.view(Form.RULE)(ack=ruling.ack_form, lazy=[ruling.hand_in])
