"""Where resources are, as people call it: cloud, account by its name where there is one, region."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.tables import PROVIDERS
from storage import accounts
from storage.models import CloudResource


def of(session: Session, chosen: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return it of each resource; what is not known of one is left out."""
    table = CloudResource
    known = select(table.id, table.provider, table.sub_account_id, table.region).where(table.id.in_(chosen))
    found = session.execute(known).all()
    called = accounts.labels(session) if any(account for _, _, account, _ in found) else {}
    return {
        key: " · ".join(filter(None, (PROVIDERS.get(cloud, cloud), called.get(account or "", account), region)))
        for key, cloud, account, region in found
    }
