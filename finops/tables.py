"""Tables as a notebook's page shows them: foreign text escaped, numbers on the right, signs where a change is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from html import escape

from finops.foreign import plain, shortened
from finops.money import SYMBOLS, Money
from finops.periods import ONE_DAY, Period

PROVIDERS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
"""As people say them."""

JUST_BELOW, JUST_ABOVE = Decimal("0.999"), Decimal("1.001")
"""Of a limit."""
TOO_FEW = "too few days before it to compare with"
"""Of a period that begins with the ledger, or nearly; see `finops.trend.comparable`."""


def moment(at: datetime) -> str:
    """Tell until when, as people say it: 3 Dec 2026, where that is no midnight with the time in UTC."""
    at = at.astimezone(UTC)
    return f"{at:%-d %b %Y}" + (f", {at:%H:%M} UTC" if at.time() != time() else "")


@dataclass(frozen=True, slots=True)
class Change:
    """An amount that was added or saved: shown with its sign."""

    money: Money

    def __str__(self) -> str:
        """Show it: +$3.00, -$3.00, $0.00."""
        return f"+{self.money}" if self.money.amount > 0 else str(self.money)


@dataclass(frozen=True, slots=True)
class Percent:
    """A ratio, shown in percent; None stands for a comparison with nothing."""

    ratio: Decimal | None
    signed: bool = False
    digits: int = 1

    def __str__(self) -> str:
        """Show it: 12.3 %, +12.3 %, or a dash."""
        if self.ratio is None:
            return "–"  # noqa: RUF001  a dash, as tables show what is missing
        number = (self.ratio * 100).quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_EVEN) + Decimal(
            0
        )  # adding 0 turns -0.0 into 0.0
        return f"{'+' if self.signed and number > 0 else ''}{number:,} %"


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit costs: shown with four digits, however small it is."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """Show it: $0.0000002083, $0.045, $12.50."""
        if abs(self.amount) >= 1:
            return str(Money(self.amount, self.currency))
        places = 3 - self.amount.adjusted() if self.amount else 2
        number = f"{self.amount.copy_abs():.{places}f}".rstrip("0")
        whole, _, cents = number.partition(".")
        shown = f"{'-' if self.amount < 0 else ''}{{}}{whole}.{cents:0<2}"
        symbol = SYMBOLS.get(self.currency)
        return shown.format(symbol) if symbol else f"{shown.format('')} {self.currency}"


def percent(ratio: Decimal | float, digits: int = 0) -> str:
    """Show a ratio within a sentence, as `Percent` does within a table: 20 %."""
    return str(Percent(Decimal(str(ratio)), digits=digits))


def of_limit(ratio: Decimal) -> str:
    """Show how much of a limit something is: 20 %, 99.7 %, 100.1 %. What is a little less or more is never 100 %."""
    if ratio == 1 or percent(ratio) != percent(1):
        return percent(ratio)
    return percent(min(ratio, JUST_BELOW) if ratio < 1 else max(ratio, JUST_ABOVE), 1)


@dataclass(frozen=True, slots=True)
class Titled:
    """A text under a title of its own, in one cell."""

    title: str
    text: str

    def __str__(self) -> str:
        """Give both."""
        return f"{self.title}. {self.text}"


Cell = str | int | Money | Change | Percent | Rate | Titled
_WORDS = (str, Titled)
NAME, REASON = 100, 600
"""Letters of a cell's text before it is shortened, and of what stands under a title; the rest is in its tooltip."""


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows under a head. What it shows may come from anywhere, so every text is escaped."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def _repr_html_(self) -> str:
        """Give the page's form. Its looks are the page's matter."""
        right = [
            bool(self.rows) and not isinstance(cell, _WORDS) for cell in (self.rows[0] if self.rows else self.head)
        ]
        head = "".join(_cell("th", name, right=side) for name, side in zip(self.head, right, strict=True))
        body = "".join(
            f"<tr>{''.join(_cell('td', cell, right=not isinstance(cell, _WORDS)) for cell in row)}</tr>"
            for row in self.rows
        )
        empty = f'<tr><td colspan="{len(self.head)}">nothing to list</td></tr>'
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body or empty}</tbody></table>"


@dataclass(frozen=True, slots=True, repr=False)
class Sentence:
    """What a chart or a table says, in words. Shown as the last line of a cell it is the page's own text."""

    text: str

    def __repr__(self) -> str:
        """Give the words alone."""
        return self.text


def days(period: Period) -> str:
    """Show a period in few words: 1 Nov 2026, 1-22 Nov 2026, 28 Oct - 3 Nov 2026."""
    first, last = period.start, max(period.start, period.end - ONE_DAY)
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"  # noqa: RUF001  a dash between days, as people write it
    year = f" {first.year}" if first.year != last.year else ""
    return f"{first.day} {first:%b}{year} – {end}"  # noqa: RUF001


def dated(period: Period) -> str:
    """Say within a sentence on which days: on 27 Nov 2026, from 27 Nov to 3 Dec 2026."""
    first, last = period.start, max(period.start, period.end - ONE_DAY)
    if first == last:
        return f"on {first:%-d %b %Y}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"from {first:%-d %b}{year} to {last:%-d %b %Y}"


def counted(number: int) -> str:
    """Say how many days: 1 day, 30 days."""
    return f"{number} day{'' if number == 1 else 's'}"


def against(change: Money, share: Decimal | None, period: Period, *, comparable: bool = True) -> str:
    """Tell how an amount compares with a period before, unless that is not wholly known or nothing was spent then."""
    if not comparable:
        return TOO_FEW
    if share is None:
        return f"there is nothing in {days(period)} to hold it against"
    return f"{Change(change)} ({Percent(share, signed=True)}) against {days(period)}"


def missing(word: str) -> str:
    """Name the charges that lack what costs are grouped by: no team tag, no region."""
    if word.startswith("tag:"):
        return f"no {word.removeprefix('tag:')} tag"
    return f"no {heading(word) if word == 'sku_id' else heading(word).lower()}" if word else "not named"


def heading(word: str) -> str:
    """Turn what costs are grouped by into a column's heading: Service, Sub account, team."""
    if word == "sku_id":
        return "SKU"
    return (
        word.removeprefix("tag:")
        if ":" in word
        else word.removesuffix("_name").removesuffix("_id").replace("_", " ").capitalize()
    )


def _cell(kind: str, content: Cell, *, right: bool) -> str:
    look = ' class="number"' if right else ""
    words = _shown(str(content))
    if isinstance(content, Titled):
        words = f"<b>{_shown(content.title)}</b> {_shown(content.text, REASON)}"
    return f"<{kind}{look}>{words}</{kind}>"


def _shown(text: str, limit: int = NAME) -> str:
    """Escape foreign text, so short that it leaves the table its shape; whole it is the tooltip."""
    whole, short = plain(text), shortened(text, limit)
    return escape(short) if short == whole else f'<span title="{escape(whole)}">{escape(short)}</span>'
