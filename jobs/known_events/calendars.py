"""Calendars: iCalendar files with their repetitions, and the public holidays of a country, each by its library."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError

from finops.errors import BadSettingError
from finops.known_events import Kind, KnownEvent
from finops.periods import ONE_DAY

if TYPE_CHECKING:
    from icalendar import Event

PAST, AHEAD = timedelta(days=3 * 366), timedelta(days=2 * 366)
"""Of what repeats for ever so much is kept: the history that forecasts look at, and their longest horizon."""
OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
UNTITLED = "Untitled"
LONGEST = 200


def read(file: Path, text: str, *, today: date | None = None) -> list[KnownEvent]:
    """Read an iCalendar file: each day that an event touches, in the time zone it is written in.

    Raises BadSettingError.
    """
    import icalendar  # noqa: PLC0415  slow to import, and only those who bring calendars need them
    import recurring_ical_events  # noqa: PLC0415

    now = today or datetime.now(UTC).date()
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
        found: list[Any] = []
        if not calendars:
            _nothing()
        for calendar in calendars:
            _refuse_floods(file, calendar.walk("VEVENT"))
            found += recurring_ical_events.of(calendar).between(now - PAST, now + AHEAD)
        return sorted((_event(file, one) for one in found), key=lambda one: (one.first, one.title))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, IndexError) as error:
        problem = " ".join(str(error).split())[:200]
        message = f"{file} is no calendar that can be read ({problem}): export it anew as iCalendar (.ics)."
        raise BadSettingError(message) from error


def _nothing() -> NoReturn:
    message = "it is empty"
    raise ValueError(message)


def _refuse_floods(file: Path, events: Iterable[Any]) -> None:
    """Refuse what repeats within a day: years of it are millions."""
    for one in events:
        rules = one.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if str(next(iter(rule.get("FREQ", [""])), "")).upper() in OFTEN:
                message = f"{file}: “{str(one.get('SUMMARY'))[:60]}” repeats more often than daily: leave it out."
                raise BadSettingError(message)


def _event(file: Path, found: Event) -> KnownEvent:
    title = str(found.get("SUMMARY") or UNTITLED)[:LONGEST]
    first, end = found.start, found.end
    start = first.date() if isinstance(first, datetime) else first
    # Midnight at the end is the day before; an event without a length takes its day all the same.
    last = (end - timedelta(microseconds=1)).date() if isinstance(end, datetime) else end - ONE_DAY
    address = str(found.get("URL") or "")
    link = address if address.startswith(("https://", "http://")) and " " not in address else None
    values = {"title": title, "first": start, "end": max(start, last) + ONE_DAY, "kind": _kind(found), "link": link}
    try:
        return KnownEvent.model_validate(values)
    except ValidationError as error:
        told = error.errors()[0]
        message = f"{file}, “{title[:60]}” on {start}: {told['msg'].removeprefix('Value error, ')}."
        raise BadSettingError(message) from error


def _kind(found: Event) -> Kind:
    """Take it from the event's categories, if one is a word of ours."""
    told = {str(one).strip().casefold() for one in found.categories}
    return next((kind for kind in Kind if kind.value in told), Kind.OTHER)


def holidays_of(country: str, part: str | None, years: Iterable[int]) -> list[KnownEvent]:
    """Return the public holidays of a country (ISO 3166), or of a part of it. Raises BadSettingError."""
    import holidays  # noqa: PLC0415  as above

    known = holidays.list_supported_countries()
    if country not in known:
        message = f"The public holidays of “{country[:20]}” are not known: give a country as DE, US or IN."
        raise BadSettingError(message)
    if part is not None and part not in known[country]:
        parts = ", ".join(known[country][:12]) or "none"
        message = f"“{part[:20]}” is no part of {country} whose holidays are known; there are: {parts}."
        raise BadSettingError(message)
    found = holidays.country_holidays(country, subdiv=part, years=list(years))
    return [
        KnownEvent(title=name[:LONGEST], first=day, end=day + ONE_DAY, kind=Kind.HOLIDAY)
        for day, name in sorted(found.items())
    ]
