"""The small tables beside the ledger that `/cost` is answered from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, PrimaryKeyConstraint, SmallInteger
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Cost


class CostRollup(Base):
    """Sums of the ledger of one source and billing period, over days and by few dimensions; see `storage.rollups`."""

    __tablename__ = "cost_rollups"
    __table_args__ = (
        PrimaryKeyConstraint("cube", "span", "id"),
        Index("ix_cost_rollups_source_id_billing_period", "source_id", "billing_period"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity())
    source_id: Mapped[int]
    billing_period: Mapped[date]
    cube: Mapped[int] = mapped_column(SmallInteger)
    """Which dimensions it is by; those of other cubes are empty."""
    span: Mapped[Range[date]] = mapped_column(DATERANGE)
    """The days that it sums up: one, or an aligned block of them."""
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
    """Those tags only that have few values."""
    effective_cost: Mapped[Cost] = mapped_column("cost")
    billed_cost: Mapped[Cost]
    list_cost: Mapped[Cost]
    contracted_cost: Mapped[Cost]
