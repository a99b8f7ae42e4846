"""Causes in words that a tired person understands: what it is, where, whose, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from finops.anomalies.causes import COMMITMENT, ENOUGH, Cause, Part
from finops.foreign import shortened
from finops.money import EXACT, Money
from finops.periods import ONE_DAY, Period
from finops.tables import days, percent

TAG = "tag:"
WHAT = ("resource", "SKU", "service")
"""From what tells most to what tells least."""
WHERE = ("region", "account", "provider")
WHOSE = ("team", "owner", "app", "application", "service", "project")
"""Keys of tags that say who to ask, in this order."""
FEW, NAME = 2, 60
TWICE, YEARS, CENTURY = Decimal(2), Decimal(24), Decimal(1200)
MOSTLY = Decimal("0.5")


def called(cause: Cause, resources: int) -> str:
    """Name it: natgateway/nat-0778, NatGateway-Bytes in us-east-1 (team catalog, app catalog-sync)."""
    known = {**dict(cause.shared), **dict(cause.values)}
    what = [_short(known[name]) for name in WHAT if name in known][:FEW]
    if "resource" not in known and resources > 1:
        what.insert(0, f"{resources} resources")
    where = next((_short(known[name]) for name in WHERE if name in known), None)
    if COMMITMENT in known:
        what.insert(0, "commitment that nobody used")
    told = where is None or any(where in one for one in what)  # as in Analysis (us-central1)
    place = "" if told else f" in {where}" if what else where
    name = f"{', '.join(what)}{place}"
    whose = ", ".join([f"{key} {_short(value)}" for key, value in _tags(known, cause)][:FEW])
    return f"{name} ({whose})" if name and whose else name or whose


def _short(text: str) -> str:
    return shortened(text, NAME)


def _tags(known: Mapping[str, str], cause: Cause) -> list[tuple[str, str]]:
    """Return the tags that say most: those that it is told by, then those that say whose it is."""
    told = [name for name, _ in cause.values if name.startswith(TAG)]
    whose = [f"{TAG}{key}" for key in WHOSE if f"{TAG}{key}" in known]
    return [(name.removeprefix(TAG), known[name]) for name in dict.fromkeys([*told, *whose])]


def why(cause: Cause) -> str:
    """Tell what happened to it: new, gone, more used, dearer, not covered any more."""
    if not cause.expected:
        return f"new since {days(Period(cause.since, cause.since + ONE_DAY))}" if cause.since else "new"
    if not cause.actual:
        return "gone"
    return _changed(cause)


def _changed(cause: Cause) -> str:
    before, now = cause.committed
    if before > EXACT.multiply(MOSTLY, cause.expected) and now < EXACT.multiply(MOSTLY, before) and cause.excess > 0:
        return "no commitment covers it any more"
    if cause.usage is None or cause.price is None:
        return "more than before" if cause.excess > 0 else "less than before"
    most = EXACT.multiply(Decimal(str(ENOUGH)), abs(cause.excess))
    if abs(cause.usage) >= most and cause.usage * cause.excess > 0:
        return f"{_times(EXACT.add(cause.expected, cause.usage), cause.expected)} used"
    if abs(cause.price) >= most and cause.price * cause.excess > 0:
        return f"{percent(abs(cause.price) / abs(cause.expected))} {'dearer' if cause.price > 0 else 'cheaper'}"
    return "other amounts used, at other prices"


def _times(now: Decimal, before: Decimal) -> str:
    """Return how many times as much: 9.4 times as much, 53 % more."""
    ratio = EXACT.divide(now, before)
    if ratio >= TWICE:
        return f"{ratio:.1f} times as much"
    return f"{percent(abs(ratio - 1))} {'more' if ratio > 1 else 'less'}"


def said(causes: Sequence[tuple[str, str, Decimal, Decimal]], explained: Decimal, currency: str) -> str:
    """Tell the causes (name, why, share, excess a day) in one sentence, the largest first."""
    if not causes:
        return "No part of it stands out: it is spread over everything alike."
    told = [
        f"{reason}: {name}, {_signed(excess, currency)} a day, {percent(share)} of it"
        for name, reason, share, excess in causes
    ]
    rest = "" if explained >= Decimal(str(ENOUGH)) else f"; the other {percent(1 - explained)} is spread out"
    whole = f"{'; '.join(told)}{rest}."
    return whole[0].upper() + whole[1:]


def turned(name: str, day: date, before: Money, now: Money, *, paid: bool) -> str:
    """Tell that a commitment ended, or began, and what that does to what it covers; amounts a day.

    `paid` tells of one that covers nothing any more and is billed all the same.
    """
    when = days(Period(day, day + ONE_DAY))
    if now.amount < before.amount:
        told = f"{name} began on {when}: what it covers cost {before} a day without it and costs {now} with it."
    elif paid:
        told = (
            f"{name} is paid and covers nothing since {when}: with what it covered it costs {now} a day, not {before}."
        )
    else:
        told = f"{name} ended on {when}: what it covered cost {before} a day and costs {now} without it."
    return told[0].upper() + told[1:]


def covering(parts: Sequence[Part], *, now: bool) -> str:
    """Tell the most of what a commitment covers, or covered."""
    found = [one for one in parts if COMMITMENT not in dict(one.values)]
    found.sort(key=lambda one: -max(one.expected, one.actual))
    names = [called(_whole(one), 1) for one in found]
    rest = f", and {len(names) - FEW} more" if len(names) > FEW else ""
    return f"It {'covers' if now else 'covered'} {'; '.join(names[:FEW])}{rest}." if names else ""


def _whole(part: Part) -> Cause:
    tags = tuple(value for value in part.values if value[0].startswith(TAG))
    rest = tuple(value for value in part.values if value not in tags)
    return Cause(rest, tags, part.expected, part.actual, Decimal(1), None)


def once(months: Decimal) -> str:
    """Tell how rare the like of an event is."""
    if months >= CENTURY:
        return "less than once in a century"
    if months < TWICE:
        return "about once a month"
    return f"once in {months:.0f} months" if months < YEARS else f"once in {months / 12:.0f} years"


def _signed(amount: Decimal, currency: str) -> str:
    return f"{'+' if amount >= 0 else '-'}{Money(abs(amount), currency)}"
