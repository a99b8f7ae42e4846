"""What admins see beside: who may what, what channels are about, alert rules, and whether bills are collected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.blocks import roles as drawn
from bot.blocks import rule_change
from bot.blocks.home.section import Asks, context, section
from bot.blocks.text import cut, escape
from bot.questions import terms
from finops.alerting.rules import AlertRule
from finops.roles import Role
from storage.health import Health
from storage.models import AlertRuleRow, ChannelScope, CostAlert, Outcome, ResourceOwner, RoleGrant

SHOWN, NAME, TOLD, ERROR = 15, 60, 120, 600
RULES, RULE = 7, 250
"""Rules that are shown, each with so many characters of what it does."""
ALL_RULES: Asks = ("Edit rules", "alerts")
FIRST_RULE = "`/cost alert when team=payments daily > 1500 USD` sets one up."


def roles(granted: Sequence[RoleGrant], named: Sequence[ResourceOwner], bootstrapped: Collection[str]) -> list[Block]:
    """Return who has which role, as `/cost roles` shows it."""
    _, blocks = drawn.build(granted, named, bootstrapped=bootstrapped, you=Role.ADMIN)
    return [*section("Roles"), *blocks]


def channels(found: Sequence[ChannelScope]) -> list[Block]:
    """Return what channels ask about unless they say otherwise."""
    lines = [f"• {_channel(one.channel)}: {escape(cut(_told(one), TOLD))}" for one in found[:SHOWN]]
    more = [f"… and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    none = [] if found else ["Every channel asks about everything."]
    hint = "`/cost scope team=payments`, typed in a channel, narrows down what is asked there."
    return [*section("Channels", *none, *lines, *more), *context(hint)]


def _channel(name: str) -> str:
    return f"<#{name}>" if name.isalnum() else "?"


def _told(one: ChannelScope) -> str:
    return terms(one.filters)


def rules(found: Sequence[tuple[AlertRuleRow, AlertRule]], alerts: Sequence[CostAlert], now: datetime) -> list[Block]:
    """Return the alert rules: what each does, until when it is muted, what is open."""
    if not found:
        return [*section("Rules", "There is no alert rule yet."), *context(FIRST_RULE)]
    lines = [_rule(row, rule, sum(one.rule_id == row.id for one in alerts), now) for row, rule in found[:RULES]]
    more = [f"… and {len(found) - RULES} more"] if len(found) > RULES else []
    return section("Rules", *lines, *more, asks=ALL_RULES)


def _rule(row: AlertRuleRow, rule: AlertRule, count: int, now: datetime) -> str:
    muted = f"muted until {row.muted_until:%-d %b}" if row.muted_until and row.muted_until > now else ""
    state = "cannot be judged" if row.failure else f"{count} open" if count else ""
    about = ", ".join(one for one in (state, muted) if one)
    told = rule_change.sentence(rule.model_copy(update={"muted_until": None}), RULE)
    return f"• *{escape(cut(rule.name, NAME))}*{f' ({about})' if about else ''}: {told}"


def health(found: Health) -> list[Block]:
    """Return how the last collection went, each source, what was refused, and who is at work."""
    return section("Collection", _last(found), *_sources(found), *_refused(found), _workers(found.workers))


def _last(found: Health) -> str:
    run = found.collected
    if run is None:
        return "Nothing was collected by timetable yet: `costs clock` does it, or `costs run collect` once."
    when = f"{run.started_at:%-d %b at %H:%M} UTC"
    if run.outcome is Outcome.FAILED:
        return f"⚠️ The collection of {when} failed. {escape(cut(run.error or '', ERROR))}".rstrip()
    return f"Collected on {when}{', and still at it' if run.outcome is Outcome.RUNNING else ', without a failure'}."


def _sources(found: Health) -> list[str]:
    lines = [
        f"• {escape(cut(one.name, NAME))}: complete through "
        f"{f'{one.settled_through:%-d %b}' if one.settled_through else 'no day'}, "
        f"read {f'{one.read_at:%-d %b at %H:%M} UTC' if one.read_at else 'never'}"
        for one in found.sources[:SHOWN]
    ]
    return [*lines, *([f"… and {len(found.sources) - SHOWN} more"] if len(found.sources) > SHOWN else [])]


def _refused(found: Health) -> list[str]:
    return [
        f"⚠️ Refused: {escape(cut(name, NAME))}, {month:%b %Y}. {escape(cut(why, TOLD))}"
        for name, month, why in found.refused
    ]


def _workers(alive: int) -> str:
    if not alive:
        return "⚠️ No worker is at work, so nothing is collected or analysed: start `costs clock`."
    return f"{alive} worker{'s are' if alive > 1 else ' is'} at work."
