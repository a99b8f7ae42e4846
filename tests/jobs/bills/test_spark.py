"""The same rules on Spark give the identical ledger, for every native format."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ibis
import pytest

from jobs.bills import files, rollup, tables
from jobs.bills.formats import recognize
from jobs.bills.normalize import normalize
from tests.counterparts.absent import absent
from tests.spark import gate

FOCUS = """BilledCost,EffectiveCost,ListCost,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingCurrency,\
ChargeCategory,ProviderName,ServiceName,ResourceId,SubAccountId,PricingQuantity,Tags
0.1234567890123456789,6.1e-05,"$1,234.50",2026-09-01T00:00:00Z,2026-09-01T01:00:00Z,2026-09-01T00:00:00Z,USD,Usage,\
Microsoft,Storage,/a/B,0012,1.5,"{""team"":""wéb""}"
1,NULL,None,2026-09-01 01:00:00 UTC,,2026-09-01,USD,Usage,AWS,EC2, i-1 ,12,1,{}
2,2,,09/02/26,,,EUR,Tax,Oracle Cloud,,,,,not json
3,,,1788318000,,9/1/2026,USD,Credit,Google,BigQuery,x,p,1E3,
"""
CUR = """identity_line_item_id,bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_product_code,line_item_resource_id,\
line_item_unblended_cost,savings_plan_savings_plan_effective_cost,savings_plan_savings_plan_arn,\
savings_plan_total_commitment_to_date,savings_plan_used_commitment,line_item_availability_zone,resource_tags
1,1,2026-09-01T00:00:00.000Z,007,Usage,2026-09-03T05:00:00.000Z,AmazonEC2,i-1,0.0000000123,,,,,us-east-1b,\
"{""user_team"":""data"",""user:env"":""prod""}"
2,1,2026-09-01T00:00:00.000Z,007,SavingsPlanCoveredUsage,2026-09-03T05:00:00.000Z,AmazonEC2,i-1,1.5,0.9,arn:p,,,\
us-east-1b,"{""user_team"":""data"",""user:env"":""prod""}"
3,1,2026-09-01T00:00:00.000Z,007,SavingsPlanNegation,2026-09-03T05:00:00.000Z,AmazonEC2,,-1.5,,arn:p,,,,
4,1,2026-09-01T00:00:00.000Z,007,SavingsPlanRecurringFee,2026-09-03T05:00:00.000Z,ComputeSavingsPlans,,1,,arn:p,1,0.9,,
5,1,2026-09-01T00:00:00.000Z,007,Refund,2026-09-30T05:00:00.000Z,AmazonS3,b,-3,,,,,,
"""
AZURE = """Date,BillingPeriodStartDate,BillingAccountId,BillingCurrencyCode,CostInBillingCurrency,PayGPrice,Quantity,\
UnitOfMeasure,MeterCategory,MeterId,ResourceId,ResourceLocation,SubscriptionId,ChargeType,PricingModel,Tags
09/03/2026,09/01/2026,1,USD,16.29693213663664462748541900,0.5,744,1 Hour,Virtual Machines,m,/Subscriptions/S/X,US East,\
s,Usage,OnDemand,"""
AZURE += '''"""team"": ""web"",""env"": ""prod"""
9/4/2026,09/01/2026,1,USD,-2,,,,Bandwidth,m,,,s,Refund,,"{""a"":""b""}"
9/4/2026,,1,EUR,6.1E-05,,1,,Storage,m,/subscriptions/s/y,Global,s,Usage,Spot,
'''
DAY_FIRST = """Date,BillingPeriodStartDate,CostInBillingCurrency,BillingCurrencyCode,MeterCategory,MeterId
05/10/2026,01/10/2026,1,EUR,Storage,m
06/10/2026 00:00:00,01/10/2026,2,EUR,Storage,m
"""
GCP = """
{"billing_account_id":"A","service":{"description":"Compute Engine"},"sku":{"id":"1","description":"Core"},\
"usage_start_time":"2026-09-02 03:00:00 UTC","usage_end_time":"2026-09-02 04:00:00 UTC","project":{"id":"p",\
"labels":[{"key":"team","value":"web"}]},"labels":[{"key":"env","value":"pr\\"od"},{"key":"bare"}],\
"location":{"region":"us-east1"},"cost":0.31,"currency":"USD","credits":[{"name":"c","amount":-0.05},\
{"name":"d","amount":-1.5E-7}],"invoice":{"month":"202610"},"cost_type":"regular"}
{"billing_account_id":"A","service":{"description":"Support"},"sku":{"id":"2","description":"Commitment v1"},\
"usage_start_time":"1.7883180E9","cost":"7","currency":"EUR","credits":[],"invoice":{"month":"202609"},\
"cost_type":"regular","adjustment_info":{"id":"x"}}
"""
BILLS = {
    "focus.csv": FOCUS,
    "cur2.csv": CUR,
    "azure.csv": AZURE,
    "azure_day_first.csv": DAY_FIRST,
    "gcp.json": GCP.lstrip(),
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark of this process's own, on two threads."""
    if os.environ.get("SPARK_COMPARED"):
        pytest.skip("the gate has just compared it")
    if (gate.HOME / "ready").is_file() and str(gate.HOME) not in sys.path:
        sys.path.append(str(gate.HOME))
    if gate.java() < gate.OLDEST:
        absent(f"Java {gate.OLDEST} or newer is not there", reachable=False)
    if not find_spec("pyspark"):
        absent("Spark is not there: `make spark` brings it", reachable=True)
    from pyspark.sql import SparkSession  # noqa: PLC0415

    from jobs.bills.spark import prepare  # noqa: PLC0415

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.host": "127.0.0.1"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    prepare(session)
    yield session
    session.stop()


@pytest.mark.parametrize("name", BILLS)
def test_the_ledger_is_identical(home: Path, tmp_path: Path, spark: Any, name: str) -> None:  # noqa: ANN401  see above
    """To the last decimal, and in every dimension."""
    from jobs.bills.spark import charges, daily  # noqa: PLC0415

    (tmp_path / name).write_text(BILLS[name], encoding="utf-8")
    with tables.workbench() as bench:
        opened = files.open_all([tmp_path / name], bench.folder)
        form = recognize("auto", opened[0].headers, file=name)
        normalize(bench, form, opened)
        truth = bench.duck.execute(
            str(ibis.to_sql(rollup.daily(bench.backend.table("charges")), dialect="duckdb"))
        ).fetchall()
        columns = ", ".join(column for column, *_ in bench.duck.description or [])
        bench.duck.execute(f"copy (from raw_0) to '{tmp_path}/raw.parquet' (format parquet)")
        frame = charges(spark, form, spark.read.parquet(str(tmp_path / "raw.parquet")))
        daily(spark, frame).write.parquet(str(tmp_path / "daily"))
        found = bench.duck.execute(f"select {columns} from '{tmp_path}/daily/*.parquet'").fetchall()  # noqa: S608
    assert len(truth) > 1
    assert sorted(map(str, found)) == sorted(map(str, truth))
