"""Exchange rates and list prices: facts from outside, each with its source and its date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Identity, Index, Numeric, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Now


class ExchangeRate(Base):
    """How much of `quote` one unit of `base` was worth on a day, by whom."""

    __tablename__ = "exchange_rates"
    __table_args__ = (PrimaryKeyConstraint("day", "base", "quote", "source"),)

    day: Mapped[date]
    base: Mapped[str]
    quote: Mapped[str]
    rate: Mapped[Decimal] = mapped_column(Numeric(38, 18))
    source: Mapped[str]
    imported_at: Mapped[Now]


class ListPrice(Base):
    """What a provider asks for one unit, as published on a day. Of one SKU the newest price before a day counts."""

    __tablename__ = "list_prices"
    __table_args__ = (
        UniqueConstraint("provider", "region", "sku", "currency", "valid_from", "source"),
        Index("ix_list_prices_lookup", "provider", "region", "instance_type", "valid_from"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    provider: Mapped[str]
    """aws, azure or gcp."""
    region: Mapped[str]
    sku: Mapped[str]
    """The provider's own id of what is sold; of a list that has none, the instance type."""
    instance_type: Mapped[str | None]
    vcpu: Mapped[Decimal | None]
    memory_gib: Mapped[Decimal | None]
    on_demand: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    spot: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    commitment_1y: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    commitment_3y: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    currency: Mapped[str]
    unit: Mapped[str]
    """What the amounts are for: `hour`, or as the provider's catalogue says."""
    valid_from: Mapped[date]
    source: Mapped[str]
    """Who published it, and where it was taken from."""
