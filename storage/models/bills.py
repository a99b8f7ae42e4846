"""Sources of bills, their deliveries, and the ledger."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Cost, Instant, Json, Now


class DeliveryStatus(StrEnum):
    """What became of a delivery. Only one a billing period is loaded."""

    LOADED = "loaded"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class Source(Base):
    """Where bills of one kind come from; the unit of replacement is (source, billing period)."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str | None]
    format: Mapped[str]
    settled_through: Mapped[date | None]
    """The last complete day; days after it are provisional."""
    last_read: Mapped[Json | None]
    """The digest of the files read last, and the `deliveries` that they were; nothing if any was rejected."""
    created_at: Mapped[Now]


class Delivery(Base):
    """One version of one billing period, with its control totals by currency (amounts as text)."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("source_id", "billing_period", "fingerprint"),
        Index(
            "ix_deliveries_one_loaded",
            "source_id",
            "billing_period",
            unique=True,
            postgresql_where=text("status = 'loaded'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    billing_period: Mapped[date]
    """The month's first day."""
    fingerprint: Mapped[str]
    format: Mapped[str]
    files: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    rows: Mapped[int]
    billed_cost: Mapped[Json]
    effective_cost: Mapped[Json]
    status: Mapped[DeliveryStatus]
    reason: Mapped[str | None]
    lake_address: Mapped[str | None]
    made_at: Mapped[Instant | None]
    """When the provider made it, where that is told: of two versions the later one counts, whichever came last."""
    loaded_at: Mapped[Now]
    superseded_at: Mapped[Instant | None]
    cubes: Mapped[int | None]
    """Which roll-ups it has (bit n is cube n of `storage.rollups`); nothing where it is not rolled up."""
    rolled_tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Keys of tags that they have."""
    unrolled_tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Keys of tags that they lack."""
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    """The days that its roll-ups hold."""


class Restatement(Base):
    """A day whose cost a newer delivery told otherwise than the one before it."""

    __tablename__ = "restatements"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    """The newer one."""
    day: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    billing_period: Mapped[date]
    billed_before: Mapped[Cost]
    billed_after: Mapped[Cost]
    effective_before: Mapped[Cost]
    effective_after: Mapped[Cost]
    at: Mapped[Now]


class FetchedVersion(Base):
    """A version of a delivery that was fetched over the network and loaded."""

    __tablename__ = "fetched_versions"

    source: Mapped[str] = mapped_column(primary_key=True)
    """The name in the list of sources."""
    version: Mapped[str] = mapped_column(primary_key=True)
    fetched_at: Mapped[Now]


class TagSet(Base):
    """The tags of a charge, stored once however many charges carry them."""

    __tablename__ = "tag_sets"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """md5 of the canonical JSON text."""
    tags: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SkuName(Base):
    """What bills call a SKU, of which the ledger keeps the id."""

    __tablename__ = "sku_names"

    provider: Mapped[str] = mapped_column(primary_key=True)
    sku_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    told_on: Mapped[date]
    """The billing period of the bill: a later name replaces an earlier one."""


class CostRecord(Base):
    """The ledger: charges at daily grain, partitioned by billing period and beneath it by source."""

    __tablename__ = "cost_records"
    __table_args__ = (
        PrimaryKeyConstraint("billing_period", "source_id", "id"),
        Index("ix_cost_records_date", "date"),
        {"postgresql_partition_by": "LIST (billing_period)"},
    )

    id: Mapped[uuid.UUID]
    billing_period: Mapped[date]
    source_id: Mapped[int]
    date: Mapped[date]
    """The day on which the charge period starts, in UTC."""
    provider: Mapped[str]
    billing_account_id: Mapped[str | None]
    sub_account_id: Mapped[str | None]
    sub_account_name: Mapped[str | None]
    service_name: Mapped[str | None]
    service_category: Mapped[str | None]
    region_id: Mapped[str | None]
    resource_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cloud_resources.id"))
    charge_category: Mapped[str | None]
    charge_class: Mapped[str | None]
    pricing_category: Mapped[str | None]
    sku_id: Mapped[str | None]
    pricing_unit: Mapped[str | None]
    commitment_discount_id: Mapped[str | None]
    commitment_discount_status: Mapped[str | None]
    tag_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tag_sets.id"))
    invoice_id: Mapped[str | None]
    billing_currency: Mapped[str] = mapped_column("currency", server_default="USD")
    effective_cost: Mapped[Cost] = mapped_column("cost")
    billed_cost: Mapped[Cost]
    list_cost: Mapped[Cost]
    contracted_cost: Mapped[Cost]
    pricing_quantity: Mapped[Decimal | None]
    charges: Mapped[int]
    """How many charges of the bill it sums up."""
