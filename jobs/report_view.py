"""The weekly mail as a value: every word and number that a reader sees, before any template. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from finops.foreign import shortened
from finops.money import SYMBOLS, share
from finops.periods import ONE_DAY, Period
from finops.tables import PROVIDERS, TOO_FEW, Percent, missing
from finops.trend import MoverResult
from finops.weekly import WeeklyResult

LONGEST = 48
"""Letters of a name before it is cut: more would push the numbers off a phone."""
CENTS_BELOW = 1000
"""From this total on, whole units: cents beside thousands are noise."""
NOTABLE = Decimal("0.05")
"""A change of less is not coloured: where everything is red or green, nothing is."""
SUBJECT_NAME = 32


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is, what it cost, and how that changed."""

    label: str
    cost: str
    change: str
    percent: str
    """Both are empty where there is nothing to compare with."""
    direction: str
    """`up`, `down` or `flat`."""
    tone: str
    """The same, but flat for what is too little to be coloured."""


@dataclass(frozen=True, slots=True)
class Saving:
    """One recommendation."""

    title: str
    reason: str
    monthly: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its content id in the mail, and what it shows for those who do not see it."""

    cid: str
    alt: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Savings:
    """What could be saved: the largest, how many there are in all, and their total without counting one twice."""

    top: tuple[Saving, ...] = ()
    count: int = 0
    total: str = ""


@dataclass(frozen=True, slots=True)
class Weekly:
    """The whole mail."""

    subject: str
    preheader: str
    days: str
    against: str
    headline: Line
    sentence: str
    comparable: bool
    month: tuple[tuple[str, str, str], ...]
    """Name, amount, and what it is held against."""
    movers: tuple[Line, ...]
    sections: tuple[Section, ...]
    savings: Savings
    freshness: tuple[tuple[str, str], ...]
    provisional: str
    pictures: tuple[Picture, ...]
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Style:
    """How amounts are written in one mail: all whole or all with cents, all with their change or none."""

    currency: str
    cents: bool
    comparable: bool = True

    def money(self, amount: Decimal, *, signed: bool = False) -> str:
        """Write an amount; a change carries its sign. A true minus sign, as wide as the plus."""
        number = f"{abs(amount).quantize(Decimal('0.01' if self.cents else '1'), ROUND_HALF_EVEN):,}"
        nothing = not number.strip("0.,")
        sign = "" if nothing or (amount > 0 and not signed) else "+" if amount > 0 else "−"  # noqa: RUF001
        symbol = SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {shortened(self.currency, 8)}"

    def line(self, part: MoverResult, label: str | None = None) -> Line:
        """Write a row."""
        if not self.comparable:
            return Line(shortened(label or part.label, LONGEST), self.money(part.cost), "", "", "flat", "flat")
        percent = str(Percent(part.change_share, signed=True)) if part.change_share is not None else "new"
        moved = self.money(part.change, signed=True)
        flat = not moved.strip(f"0.,+−{SYMBOLS.get(self.currency, self.currency)} ")  # noqa: RUF001
        direction = "flat" if flat else "up" if part.change > 0 else "down"
        small = part.change_share is not None and abs(part.change_share) < NOTABLE
        return Line(
            label=shortened(label or part.label, LONGEST),
            cost=self.money(part.cost),
            change="no change" if flat else moved,
            percent="" if flat else _minus(percent),
            direction=direction,
            tone="flat" if small else direction,
        )


def short_days(period: Period) -> str:
    """Write days as people do: two days of one month share its name."""
    first, last = period.start, period.end - ONE_DAY
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%B %Y}" if first != last else f"{last.day} {last:%B %Y}"  # noqa: RUF001
    year = f" {first.year}" if first.year != last.year else ""
    return f"{first.day} {first:%B}{year} – {last.day} {last:%B %Y}"  # noqa: RUF001


def weekday(day: date) -> str:
    """Write a day: Sun 22 Nov."""
    return f"{day:%a} {day.day} {day:%b}"


def weekly(
    result: WeeklyResult,
    *,
    today: date,
    savings: Savings,
    evidence: str | None,
    pictures: Sequence[str] = (),
) -> Weekly:
    """Put the mail together."""
    cents = max(abs(result.total), abs(result.previous)) < CENTS_BELOW
    style = Style(result.currency, cents=cents, comparable=result.comparable)
    headline = style.line(_whole(result), "All clouds")
    current = Period(result.start, result.end)
    return Weekly(
        subject=_subject(result, headline, style, today),
        preheader=_preheader(result, style, savings),
        days=short_days(current),
        against=short_days(Period(current.start - timedelta(7), current.end - timedelta(7))),
        headline=headline,
        sentence=_sentence(result, headline),
        comparable=result.comparable,
        month=_month(result, style, savings),
        movers=tuple(style.line(mover) for mover in result.movers),
        sections=_sections(result, style),
        savings=savings,
        freshness=tuple(
            (PROVIDERS.get(name, shortened(name, LONGEST)), weekday(day))
            for name, day in sorted(result.settled_through.items())
        ),
        provisional=_provisional(result, style),
        pictures=_pictures(result, pictures),
        evidence=evidence,
    )


def _whole(result: WeeklyResult) -> MoverResult:
    return MoverResult(
        label="",
        cost=result.total,
        previous=result.previous,
        change=result.change,
        change_share=result.change_share,
    )


def _moved(headline: Line) -> str:
    if headline.direction == "flat":
        return "no change"
    percent = "" if headline.percent == "new" else f" {headline.percent.lstrip('+−')}"  # noqa: RUF001
    return f"{headline.direction}{percent} ({headline.change})"


def _subject(result: WeeklyResult, headline: Line, style: Style, today: date) -> str:
    complete = result.end == result.week_end
    last_week = result.start == today - timedelta(today.weekday() + 7)
    when = "last week" if complete and last_week else f"in {short_days(Period(result.start, result.end))}"
    spent = f"Cloud costs: {headline.cost} {when}"
    return f"{spent}, {_moved(headline)}{_mostly(result, style)}" if result.comparable else spent


def _mostly(result: WeeklyResult, style: Style) -> str:
    """Name the largest mover that goes the same way as the whole."""
    same_way = [mover for mover in result.movers if (mover.change > 0) == (result.change > 0)]
    return f"; {shortened(same_way[0].label, SUBJECT_NAME)} {style.line(same_way[0]).change}" if same_way else ""


def _preheader(result: WeeklyResult, style: Style, savings: Savings) -> str:
    lines = [style.line(mover) for mover in result.movers]
    said = [f"{line.label} {line.change}" for line in lines if line.direction != "flat"]
    if result.month.landing is not None:
        said.append(f"{result.month.start:%B} is heading for {style.money(result.month.landing)}")
    if savings.count:
        said.append(f"{savings.total} a month could be saved")
    return ". ".join(said)


def _sentence(result: WeeklyResult, headline: Line) -> str:
    if not result.comparable:
        return TOO_FEW
    days = "the week before" if result.end == result.week_end else "the same days of the week before"
    if headline.direction == "flat":
        return f"the same as {days}"
    return f"{_moved(headline)} against {days}"


def _month(result: WeeklyResult, style: Style, savings: Savings) -> tuple[tuple[str, str, str], ...]:
    month = result.month
    name, before = f"{month.start:%B}", f"{month.start - ONE_DAY:%B}"
    moved = str(Percent(share(month.total - month.previous, abs(month.previous)), signed=True))
    held = f"{_minus(moved)} on the same days of {before}" if month.comparable else TOO_FEW
    tiles = [(f"{name} so far", style.money(month.total), held)]
    if month.landing is not None:
        last = f"{before} cost {style.money(month.last_month)}" if month.comparable else "from the days so far"
        tiles.append((f"{name} forecast", style.money(month.landing), last))
    if savings.count:
        many = f"{savings.count} recommendation{'s' if savings.count > 1 else ''} to decide"
        tiles.append(("Could be saved a month", savings.total, many))
    return tuple(tiles)


def _minus(text: str) -> str:
    return text.replace("-", "−")  # noqa: RUF001  as wide as the plus


def _sections(result: WeeklyResult, style: Style) -> tuple[Section, ...]:
    nobody = missing(f"tag:{result.owner_tag}")
    owners = [style.line(one, one.label.capitalize() if one.label == nobody else None) for one in result.owners]
    found = [
        Section("By provider", tuple(style.line(one, PROVIDERS.get(one.label)) for one in result.providers)),
        Section("By service", tuple(style.line(one) for one in result.services)),
        # Where nobody tags, a table of one line would only repeat the total.
        Section(
            f"By {shortened(result.owner_tag, 20)}",
            tuple(owners) if any(one.label != nobody for one in result.owners) else (),
        ),
    ]
    return tuple(section for section in found if section.lines)


def _provisional(result: WeeklyResult, style: Style) -> str:
    if not result.provisional:
        return ""
    days = [f"{weekday(day)} ({style.money(cost)} so far)" for day, cost in sorted(result.provisional.items())]
    return f"Still provisional, so not counted here: {_listed(days)}."


def _pictures(result: WeeklyResult, cids: Iterable[str]) -> tuple[Picture, ...]:
    shown = Period(result.start - timedelta(7), result.week_end)
    alt = f"Chart: what each day from {short_days(shown)} cost, by provider. The tables below hold the numbers."
    return tuple(Picture(cid, alt) for cid in list(cids)[:1])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
