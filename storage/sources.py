"""How fresh each bill is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Delivery, DeliveryStatus, Source


@dataclass(frozen=True, slots=True)
class Fresh:
    """A source, its last complete day, and when a delivery of it was loaded last."""

    name: str
    provider: str | None
    settled_through: date | None
    read_at: datetime | None


def freshness(session: Session) -> list[Fresh]:
    """Return every source that ever brought charges, the one that is farthest behind first."""
    loaded = func.max(Delivery.loaded_at).filter(Delivery.status == DeliveryStatus.LOADED)
    found = session.execute(
        select(Source.name, Source.provider, Source.settled_through, loaded)
        .outerjoin(Delivery, Delivery.source_id == Source.id)
        .where(Source.provider.is_not(None))
        .group_by(Source.id)
        .order_by(Source.settled_through.nulls_first(), Source.name)
    )
    return [Fresh(*row) for row in found]
