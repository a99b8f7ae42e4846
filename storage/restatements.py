"""Days that a newer delivery told otherwise: what they cost before, and what since."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from finops.errors import CostsError
from finops.periods import Period
from storage import ledger
from storage.models import Restatement, Source

# Days after the last one that the older version knew are growth, not restatement.
CHANGED = """
with old as (
    select date, currency, sum(billed_cost) as billed, sum(cost) as effective
    from cost_records where source_id = :source and billing_period = :month group by 1, 2
), new as (
    select date, currency, sum(billed_cost) as billed, sum(cost) as effective from {fresh} group by 1, 2
)
insert into restatements (delivery_id, source_id, billing_period, day, currency,
    billed_before, billed_after, effective_before, effective_after)
select :version, :source, :month, day, currency, billed_before, billed_after, effective_before, effective_after
from (
    select date as day, currency, coalesce(old.billed, 0) as billed_before, coalesce(new.billed, 0) as billed_after,
        coalesce(old.effective, 0) as effective_before, coalesce(new.effective, 0) as effective_after
    from old full join new using (date, currency)
) as both_
where (billed_before, effective_before) is distinct from (billed_after, effective_after)
    and day <= (select max(date) from old)
"""


def note(session: Session, *, source_id: int, month: date, version: int) -> None:
    """Compare what the ledger holds of (source, month) with what was filled to replace it; keep the days that differ.

    To be called between `ledger.fill` and `ledger.publish`; of a first delivery nothing is noted.
    """
    statement = CHANGED.format(fresh=ledger.fresh_table(month, source_id, version))
    session.execute(text(statement), {"source": source_id, "month": month, "version": version})


def listed(
    session: Session, *, source: str | None = None, period: Period | None = None
) -> list[tuple[Restatement, str]]:
    """Return restated days with the names of their sources, the latest restatement first, then by day.

    Raises CostsError for a source that nobody knows.
    """
    known = list(session.scalars(select(Source.name).order_by(Source.name)))
    if source and source not in known:
        message = f"There is no source “{source[:60]}”; there are: {', '.join(known) or 'none'}."
        raise CostsError(message)
    wanted = select(Restatement, Source.name).join(Source, Source.id == Restatement.source_id)
    if source:
        wanted = wanted.where(Source.name == source)
    if period:
        wanted = wanted.where(Restatement.billing_period >= period.start, Restatement.billing_period < period.end)
    newest = (Restatement.at.desc(), Source.name, Restatement.billing_period, Restatement.day, Restatement.currency)
    return [(row, name) for row, name in session.execute(wanted.order_by(*newest)).tuples()]
