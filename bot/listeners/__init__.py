"""The whole Slack surface on one page."""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.actions import Action
from bot.blocks import anomaly
from bot.listeners import asking, deciding, judging, leaving


def _ack(ack: Ack) -> None:
    ack()


def register(app: App) -> None:
    """Bind every command and button. Work is lazy, so that the acknowledgement is always in time."""
    app.event("app_uninstalled")(ack=_ack, lazy=[leaving.uninstalled])
    app.event("tokens_revoked")(ack=_ack, lazy=[leaving.revoked])
    app.command("/cost")(ack=_ack, lazy=[asking.cost])
    app.action(Action.CHART)(ack=_ack, lazy=[asking.chart])
    app.action(Action.SHARE)(ack=_ack, lazy=[asking.share])
    app.action(Action.APPROVE)(ack=_ack, lazy=[deciding.approve])
    app.action(Action.DISMISS)(ack=_ack, lazy=[deciding.dismiss])
    for verdict in anomaly.BUTTONS:
        app.action(verdict)(ack=_ack, lazy=[judging.judge])
