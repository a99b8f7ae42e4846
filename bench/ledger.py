"""A large customer's ledger: generated, and loaded by the product's own code, month by month."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bench.bills import filled
from finops.periods import Period

MONTHS = [Period.month(2025 + (9 + n) // 12, (9 + n) % 12 + 1) for n in range(12)]
"""October 2025 to September 2026."""
RESOURCES = """
create or replace temp table resources as
select n as resource, md5('r' || n) as resource_key, md5('t' || n) as tag_key,
    (h % 60)::int as account, ['aws', 'azure', 'gcp'][1 + (account % 3)::int] as provider,
    (pow((h2 % 1000) / 1000.0, 2) * 40)::int as service,
    (account + h3 % 2) % 8 as region, (account + h4 % 2) % 25 as team, account % 4 as env
from (select n, hash(n) as h, hash(n + 1000000007) as h2, hash(n + 2000000011) as h3, hash(n + 3000000019) as h4
      from range($resources) as _(n))
"""
ROWS = """
copy (
    select uuid() as id, date '$month' + day::int as date, provider, 'payer-' || account % 3 as billing_account_id,
        'account-' || account as sub_account_id, 'Account ' || account as sub_account_name,
        'Service ' || service as service_name, 'Category ' || service % 9 as service_category,
        'region-' || region as region_id, if(resource % 97 = 0, 'Purchase', 'Usage') as charge_category,
        null as charge_class, 'Standard' as pricing_category, 'sku-' || service || '-' || sku as sku_id,
        'Hours' as pricing_unit, null as commitment_discount_id, null as commitment_discount_status,
        null as invoice_id, 'USD' as currency, resource_key as resource_id, tag_key as tag_set_id,
        (hash(resource, day, sku) % 100000000 / 10000000)::decimal(38, 18) as cost, cost as billed_cost,
        cost as list_cost, cost as contracted_cost, 24 as pricing_quantity, 24 as charges
    from resources, range($days) as _(day), range(4) as __(sku)
) to '$file' (format csv, header true, nullstr '\\N')
"""
CLOUD = """
copy (select resource_key, provider, 'i-' || resource, 'machine', null, 'region-' || region, 'account-' || account,
    timestamptz '2025-10-01' from resources) to '$file' (format csv, header true, nullstr '\\N')
"""
TAGS = """
copy (select tag_key, format('{{"team":"team-{}","env":"env-{}","name":"i-{}"}}', team, env, resource) from resources)
to '$file' (format csv, header true, nullstr '\\N')
"""


def fill(folder: Path, rows: int) -> float:
    """Load a year of that many rows in all, of one source; returns the seconds that roll-ups took."""
    import duckdb  # noqa: PLC0415

    from storage import ledger, rolling  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    days = sum(month.days for month in MONTHS)
    duck = duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "temp_directory": str(folder)})
    duck.execute("set preserve_insertion_order = false")
    duck.execute(filled(RESOURCES, resources=rows // days // 4))
    files = {name: folder / f"{name}.csv" for name in ("cloud_resources", "tag_sets")}
    duck.execute(filled(CLOUD, file=files["cloud_resources"]))
    duck.execute(filled(TAGS, file=files["tag_sets"]))
    taken: list[float] = []
    whole = rolling.replace

    def replace(session: Session, **named: Any) -> None:  # noqa: ANN401  handed on
        start = time.perf_counter()
        whole(session, **named)
        taken.append(time.perf_counter() - start)

    rolling.replace = replace
    target = folder / "rows.csv"
    for month in MONTHS:
        duck.execute(filled(ROWS, month=month.start, days=month.days, file=target))
        with transaction() as session:
            source, version = _delivery(session, month.start, rows)
            ledger.stage(session, files)
            ledger.fill(session, source_id=source, month=month.start, version=version, rows=[target])
            ledger.publish(session, source_id=source, versions={month.start: version})
    rolling.replace = whole
    for file in (*files.values(), target):
        file.unlink()
    return sum(taken)


def _delivery(session: Session, month: date, rows: int) -> tuple[int, int]:
    from sqlalchemy import select  # noqa: PLC0415

    from storage.models import Delivery, Source  # noqa: PLC0415

    source = session.scalar(select(Source).where(Source.name == "bench"))
    if source is None:
        source = Source(name="bench", provider="aws", format="focus", settled_through=date(2026, 9, 24))
        session.add(source)
        session.flush()
    version = Delivery(source_id=source.id, billing_period=month, fingerprint=str(month), format="focus", files=[],
                       rows=rows, billed_cost={"USD": "1"}, effective_cost={"USD": "1"}, status="loaded")  # fmt: skip
    session.add(version)
    session.flush()
    return source.id, version.id
