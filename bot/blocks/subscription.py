"""A digest that goes to somebody, in a line; and what is told of one that ended of itself."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, SectionBlock

from bot.blocks.text import cut, escape, in_code, markdown
from bot.questions import Cadence, CostQuestion, Kind, terms
from finops.digests import Ended, Every
from storage.models import Subscription

SCOPE, WORDS = 120, 500


def line(one: Subscription) -> str:
    """Return which, to where, and when it goes out."""
    return f"• {_called(one)}, {one.cadence.told(one.weekday, one.hour)} ({escape(one.timezone)}){_about(one)}"


def gone(one: Subscription) -> str:
    """Return which ended, when and why."""
    return f"• ⚠️ {_called(one)}{_about(one)}: ended{_day(one)}, {_why(one)}"


def ended(one: Subscription) -> tuple[str, list[Block]]:
    """Return the message to whoever set it up."""
    why = f"The {one.cadence} digest {_to(one)}{_about(one)} has ended{_day(one)}: {_why(one)}."
    there = "" if one.person else "; a channel has to have me in it (`/invite`)"
    anew = f"`/cost {in_code(cut(_words(one), WORDS))}` begins it anew{there}."
    return why, [SectionBlock(text=markdown(f"⚠️ {why}\n{anew}"))]


def _called(one: Subscription) -> str:
    return f"{one.cadence.value.capitalize()} {_to(one)}"


def _to(one: Subscription) -> str:
    return "to you" if one.person else f"to <#{one.channel}>" if one.channel.isalnum() else "to a channel"


def _about(one: Subscription) -> str:
    where = terms(one.filters)
    return f", about {escape(cut(where, SCOPE))}" if where else ""


def _where(one: Subscription) -> dict[str, tuple[str, ...]]:
    return {name: tuple(each) for name, each in one.filters.items()}


def _day(one: Subscription) -> str:
    return f" on {one.deleted_at:%-d %b %Y}" if one.deleted_at else ""


def _why(one: Subscription) -> str:
    return (one.ended_why or Ended.GONE).told


def _words(one: Subscription) -> str:
    """Return what one types to begin it anew."""
    day = {"weekday": one.weekday} if one.cadence is Every.WEEKLY else {}
    asked = CostQuestion(
        kind=Kind.SUBSCRIBE, cadence=Cadence(one.cadence), where=_where(one), hour=one.hour, **day,
        channel=None if one.person else "#channel",
    )  # fmt: skip
    return str(asked)
