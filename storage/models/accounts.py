"""What sub accounts are called."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class NamedBy(StrEnum):
    """Who says what a sub account is called; what a bill says counts more."""

    BILL = "bill"
    PROVIDER = "provider"


class SubAccountName(Base):
    """What one source's bill, or the provider's own list of accounts, calls a sub account (FOCUS SubAccountName)."""

    __tablename__ = "sub_account_names"
    __table_args__ = (PrimaryKeyConstraint("source_id", "sub_account_id", "named_by"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    sub_account_id: Mapped[str]
    named_by: Mapped[NamedBy]
    name: Mapped[str]
    told_on: Mapped[date]
    """The billing period of the bill, or the day of the list: a later name replaces an earlier one."""
