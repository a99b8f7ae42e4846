"""The weekly cost report: runs its notebook, puts the mail together, and leaves one for each receiver in the outbox."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from email.headerregistry import Address
from typing import Any

from sqlalchemy.orm import Session

from finops import weekly
from finops.errors import BadSettingError, CostsError
from finops.foreign import shortened
from finops.money import total
from finops.recommendations.lifecycle import State
from finops.weekly import WeeklyResult
from jobs import notebooks
from jobs.report_render import Rendered, render
from jobs.report_view import LONGEST, Saving, Savings, Style
from jobs.report_view import weekly as compose
from storage import charges, outbox, recommendations, runs, weekly_mails
from storage.artifacts import link
from storage.database import transaction
from storage.models import Recommendation
from storage.settings import settings

TOP_SAVINGS = 5
CHART = "chart@costs"
LONGEST_REASON = 400


class BadWeekError(CostsError):
    """A week was asked for in a form that is not known."""


def run(week: str | None = None, to: str | None = None, owner_tag: str = "team") -> dict[str, Any]:
    """Write the report of a week (`2026-W47`; by default the last one) to the receivers of MAIL_TO, or to `to`.

    Each receiver gets one mail a week, however often this runs. Raises NoChargesError, BadSettingError, BadWeekError.
    """
    addresses = receivers(to)
    with transaction() as session:
        settled = charges.settled_through(session)
        today = datetime.now(UTC).date()
        days = weekly.windows(settled, str(_monday(week) if week else weekly.last_monday(today)))
        written = weekly_mails.written(session, days.week.start, addresses)
        currency = charges.currency(session)
    missing = [address for address in addresses if address not in written]
    summary = {"week": weekly.iso_week(days.week.start), "mails": 0, "already_written": len(written)}
    if not missing:
        return summary
    asked = {"week": str(days.week.start), "owner_tag": owner_tag, "currency": currency}
    ran = notebooks.run(weekly_mails.NOTEBOOK, asked)
    assert isinstance(ran.result, WeeklyResult)  # noqa: S101  the notebook's registered model
    evidence = link(ran.page)
    with transaction() as session:
        mail = _mail(session, ran.result, today=today, evidence=evidence, chart=bool(ran.pictures))
        images = [{"cid": CHART, "artifact_id": str(picture.id)} for picture in ran.pictures[:1]]
        for address in missing:
            name = weekly_mails.key(days.week.start, address)
            outbox.put(session, key=name, kind="mail", payload=payload(mail, address, name, images))
    return {**summary, "mails": len(missing), "subject": mail.subject, "evidence": evidence}


def receivers(to: str | None = None) -> tuple[str, ...]:
    """Return who gets the report. Without SMTP it is written to files, then nobody has to be named.

    Raises BadSettingError for what is no address.
    """
    named = tuple(word.strip() for word in to.split(",") if word.strip()) if to is not None else settings().receivers
    if not named and settings().smtp_url is not None:
        message = "Nobody receives the report: set MAIL_TO to one or more addresses, comma-separated."
        raise BadSettingError(message)
    found = weekly_mails.receivers(named)
    for address in found:
        _check(address)
    return found


def _check(address: str) -> None:
    try:
        if not re.search(r"[\s<>,;\"]", address) and Address(addr_spec=address).domain:
            return
    except (ValueError, IndexError):  # the library's parser falls over some of what is no address
        pass
    message = f"“{shortened(address, LONGEST)}” is no mail address: write MAIL_TO as name@example.com, comma-separated."
    raise BadSettingError(message)


def _monday(week: str) -> date:
    try:
        return datetime.strptime(f"{week}-1", "%G-W%V-%u").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        message = f"“{shortened(week, LONGEST)}” is no week: write its year and number as in 2026-W47."
        raise BadWeekError(message) from None


def payload(mail: Rendered, address: str, name: str, images: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return the mail as the outbox keeps it. Its Message-ID follows from its key: sent twice it is the same mail."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    domain = settings().mail_from.rpartition("@")[2] or "localhost"
    return {
        "to": [address],
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "message_id": f"<{digest}@{domain}>",
        "images": list(images),
    }


def _mail(session: Session, result: WeeklyResult, *, today: date, evidence: str, chart: bool) -> Rendered:
    savings = savings_of(session, currency=result.currency)
    pictures = [CHART] if chart else []
    return render(compose(result, today=today, savings=savings, evidence=evidence, pictures=pictures))


def savings_of(session: Session, *, currency: str) -> Savings:
    """Return what is open to be decided in this currency, the largest first."""
    alive = recommendations.alive(session)
    found = [one for one in alive if one.currency == currency and one.state is State.OPEN]
    if not found:
        return Savings()
    whole = without_overlap(found)
    style = Style(currency, cents=whole < 100)  # noqa: PLR2004  below it, whole units would lose a part that matters
    top = [
        Saving(
            title=shortened(one.title, 90),
            reason=shortened(one.reason, LONGEST_REASON),
            monthly=style.money(one.potential_savings),
            link=_page(session, one),
        )
        for one in found[:TOP_SAVINGS]
    ]
    return Savings(tuple(top), len(found), style.money(whole))


def without_overlap(found: Iterable[Recommendation]) -> Decimal:
    """Add up what could be saved, of each resource only the most: a machine is stopped or resized, not both."""
    most: dict[object, Decimal] = {}
    for one in found:
        most[one.resource_id] = max(most.get(one.resource_id, Decimal(0)), one.potential_savings)
    return total(most.values())


def _page(session: Session, recommendation: Recommendation) -> str | None:
    page = runs.page(session, recommendation.run_id) if recommendation.run_id else None
    return link(page) if page else None
