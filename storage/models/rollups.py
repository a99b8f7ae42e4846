"""The small tables beside the ledger that `/cost` is answered from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, PrimaryKeyConstraint, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Cost


def _narrowed(column: str) -> Index:
    """For questions about one account, service or region."""
    name = f"ix_cost_rollups_{column}_cube_days_start"
    return Index(name, column, "cube", "days", "start", postgresql_where=text(f"{column} IS NOT NULL"))


class CostRollup(Base):
    """Sums of the ledger of one source and billing period, over days and by few dimensions; see `storage.rollups`."""

    __tablename__ = "cost_rollups"
    __table_args__ = (
        PrimaryKeyConstraint("cube", "days", "start", "id"),
        _narrowed("sub_account_id"),
        _narrowed("service_name"),
        _narrowed("region_id"),
        Index("ix_cost_rollups_source_id_billing_period", "source_id", "billing_period"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity())
    source_id: Mapped[int]
    billing_period: Mapped[date]
    cube: Mapped[int] = mapped_column(SmallInteger)
    """Which dimensions it is by; those of other cubes are empty."""
    days: Mapped[int] = mapped_column(SmallInteger)
    """How many days it sums up: one, or so many from the first of a month."""
    start: Mapped[date]
    """The first of them."""
    billing_currency: Mapped[str] = mapped_column("currency")
    provider: Mapped[str]
    charge_category: Mapped[str | None]
    charge_class: Mapped[str | None]
    service_name: Mapped[str | None]
    service_category: Mapped[str | None]
    billing_account_id: Mapped[str | None]
    sub_account_id: Mapped[str | None]
    region_id: Mapped[str | None]
    tags: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Those tags only that have few values; of a cube by a single key that one, null where it is lacking."""
    effective_cost: Mapped[Cost] = mapped_column("cost")
    billed_cost: Mapped[Cost]
    list_cost: Mapped[Cost]
    contracted_cost: Mapped[Cost]
    charges: Mapped[int] = mapped_column(BigInteger)
    """How many charges it sums up."""
