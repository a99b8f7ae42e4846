"""An answer in words and a small table. Slack, the command line and a notification draw the same one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.questions import CostQuestion
from finops.money import SYMBOLS, Money
from finops.tables import moment

if TYPE_CHECKING:
    from finops.alerting.rules import AlertRule
    from storage.models import AnomalyFeedback

WHOLE, MILLIONS = 100, 10_000_000
"""Amounts in a table: cents below the first, millions from the second."""
NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: names on the left, one or two columns of figures on the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An alert rule of a list."""

    rule: AlertRule
    about: str
    """Words of ours: how bad, what is open, until when it is muted."""
    edit: uuid.UUID | None = None
    """Whose form its button opens; None of one that is changed elsewhere."""
    own: bool = False
    """Whether it tells nobody but whoever asked, who made it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An event that people say of what it was, and what was said last."""

    event: uuid.UUID
    said: AnomalyFeedback | None


@dataclass(frozen=True, slots=True)
class Open:
    """An open alert of a list."""

    sentence: str
    acknowledged_by: str | None = None
    """An id of Slack's, or a name of the server."""
    snoozed_until: datetime | None = None

    def standing(self, called: Callable[[str], str] = str) -> list[str]:
        """Say who acknowledged it, as people are `called` where it is shown, and until when it is snoozed."""
        said = [f"acknowledged by {called(self.acknowledged_by)}"] if self.acknowledged_by else []
        return said + ([f"snoozed until {moment(self.snoozed_until)}"] if self.snoozed_until else [])


@dataclass(frozen=True, slots=True)
class Plainly:
    """What is told in place of `more` to who does not run the server: no files and no settings."""

    more: str = ""
    ask: str = ""
    """What admins are there for, if anything: Ask an admin for one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said. All texts may hold foreign names: whoever draws them escapes them."""

    headline: str
    more: str = ""
    """A second line: with the first it reads in a phone's notification."""
    plainly: Plainly | None = None
    """In place of that, where it tells how the server is run."""
    admins: tuple[str, ...] = ()
    """Ids of Slack's whom the answer sends to."""
    points: tuple[str, ...] = ()
    """Further sentences, each on a line of its own, what matters most first."""
    grid: Grid | None = None
    items: tuple[Item, ...] = ()
    open: tuple[Open, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    """Words that one may type, and what they do."""
    notes: tuple[str, ...] = ()
    evidence: str | None = None
    evidence_name: str = "Evidence"
    """What its link says: a report is no evidence."""
    deeper: tuple[tuple[str, CostQuestion], ...] = ()
    """Buttons: what they say, and what they ask."""
    ask: CostQuestion | None = None
    """What Chart and Share ask anew; None where there is neither."""
    chart: bool = False
    save: CostQuestion | None = None
    """The rule that Save would keep, and Change fill into a form."""
    judged: Judged | None = None
    """The event that it is about: with buttons that say what it was."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What `--json` prints: amounts as text."""

    def told_plainly(self, admins: tuple[str, ...]) -> Draft:
        """Return it for somebody who does not run the server, with whom to ask."""
        if self.plainly is None:
            return self
        return replace(self, more=self.plainly.more, admins=admins if self.plainly.ask else ())

    def noted(self, *notes: str) -> Draft:
        """Return it with more notes."""
        return replace(self, notes=(*self.notes, *(one for one in notes if one)))


def rounded(amount: Decimal, currency: str) -> str:
    """Show an amount in a table: $12.34, $1,234, $12.3M; at most ten characters of any real bill."""
    size = abs(amount)
    units = f"{size:,.0f}" if size >= WHOLE else f"{size:,.2f}"
    number = f"{size / 1_000_000:,.1f}M" if size >= MILLIONS else units
    sign = "-" if amount < 0 and any(digit in "123456789" for digit in number) else ""
    return f"{sign}{SYMBOLS.get(currency, '')}{number}"


def change(now: Decimal, before: Decimal) -> str:
    """Show a change in a table: +12 %, new, gone."""
    if not before:
        return "new" if now else ""
    percent = (now - before) / abs(before) * 100
    if not now:
        return "gone"
    if abs(percent) < Decimal("0.5"):
        return "0 %"
    return f"{percent:+,.0f} %" if abs(percent) < 1000 else f"{'+' if percent > 0 else '-'}>999 %"  # noqa: PLR2004


def money(amount: Decimal, currency: str) -> str:
    """Show an amount in a sentence."""
    return str(Money(amount, currency))


def listed(names: Sequence[str]) -> str:
    """Write names as a sentence does: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
