"""The same rules on a cluster: Spark runs what Ibis writes, for bills that are more than one machine can read.

DuckDB stays the default. Here stand only the words in which Spark says the engine's own functions that rules use; the
rules themselves, and the roll-up to the ledger's rows, are those of every other bill. Spark writes Parquet, and its
session's time zone has to be UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any, TypeAlias

import ibis
import ibis.expr.types as ir

from jobs.bills import rollup
from jobs.bills.finish import stages
from jobs.bills.formats import Format, Stage
from jobs.bills.rules import EMPTY, FILE

SparkSession: TypeAlias = Any
DataFrame: TypeAlias = Any
"""pyspark's, which is installed with the dependency group `spark` only."""
JAVA = {"%Y": "yyyy", "%y": "yy", "%m": "M", "%d": "d", "%H": "H", "%I": "h", "%M": "m", "%S": "s", "%p": "a"}
"""Letters of a date's form, as Java has them."""
GROUP = r"\\\\([0-9])"
"""What a pattern's group is called in a replacement, in a text of SQL; Java says $1."""
EACH = "from_json(document, 'array<map<string,string>>')"
KEY = r"regexp_extract(path, '[.]([a-z]+)$', 1)"


def _java_form() -> str:
    words = """replace(replace(form, 'T', "'T'"), 'Z', "'Z'")"""
    for ours, theirs in JAVA.items():
        words = f"replace({words}, '{ours}', '{theirs}')"
    return words


FUNCTIONS = {
    "utc_clock(moment timestamp) returns timestamp_ntz": "cast(moment as timestamp_ntz)",
    "try_strptime(cell string, forms array<string>) returns timestamp": (
        f"element_at(filter(transform(forms, form -> try_to_timestamp(cell, {_java_form()})), at -> at is not null), 1)"
    ),
    "json_valid(document string) returns boolean": "try_parse_json(document) is not null",
    "json_extract_string(document string, path string) returns array<string>": (
        f"transform({EACH}, one -> element_at(one, {KEY}))"
    ),
}
"""DuckDB's own functions in Spark's words: signature, meaning."""


def prepare(spark: SparkSession) -> None:
    """Teach a session what rules need."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.decimalOperations.allowPrecisionLoss", "false")  # or a sum of costs is rounded
    spark.conf.set("spark.sql.ansi.enabled", "false")  # what cannot be read is nothing, and noticed as such
    for signature, meaning in FUNCTIONS.items():
        name, _, returns = signature.partition(" returns ")
        spark.sql(f"create or replace temporary function {name} returns {returns} return {meaning}")


def charges(spark: SparkSession, form: Format, frame: DataFrame) -> DataFrame:
    """Return a delivery in FOCUS's columns. `frame` has its columns by their headers, and `x_file`.

    Azure's exports of actual and amortized cost are not joined here.
    """
    cells = [_cleaned(name) if kind == "string" else f"`{name}`" for name, kind in frame.dtypes]
    last = form.whole[1:] if form.whole else ()
    turned = sorted(_others(spark, form, frame))
    read = [
        _through(spark, (*stages(form, other=other), *last), part.selectExpr(*cells))
        for other, part in _apart(frame, turned).items()
    ]
    return reduce(lambda one, another: one.unionByName(another), read)


def _apart(frame: DataFrame, turned: Sequence[int]) -> dict[bool, DataFrame]:
    """Return the rows of files that are written in the other way apart from those of all others."""
    if not turned:
        return {False: frame}
    among = f"{FILE} in ({', '.join(map(str, turned))})"
    return {False: frame.where(f"not {among}"), True: frame.where(among)}


def _others(spark: SparkSession, form: Format, frame: DataFrame) -> Iterator[int]:
    """Return the numbers of the files that are written in the other way."""
    if form.written is None:
        return
    evidence, judge, _ = form.written
    frame.createOrReplaceTempView("x_stage")
    asked = evidence(ibis.pyspark.connect(spark).table("x_stage"))
    for row in _said(spark, asked).collect() if asked is not None else ():
        told = row.asDict()
        if judge(told):
            yield told[FILE]


def _cleaned(name: str) -> str:
    """Empty what stands for nothing; see `jobs.bills.tables.charges`."""
    cell, empty = f"`{name}`", ", ".join(f"'{word}'" for word in EMPTY)
    short = f"if(trim({cell}) in ({empty}), null, trim({cell}))"
    return f"if(octet_length({cell}) > {max(map(len, EMPTY))}, {cell}, {short}) as {cell}"


def daily(spark: SparkSession, frame: DataFrame) -> DataFrame:
    """Return the ledger's rows of charges."""
    return _through(spark, (rollup.daily,), frame)


def _through(spark: SparkSession, stages: Sequence[Stage], frame: DataFrame) -> DataFrame:
    backend = ibis.pyspark.connect(spark)
    for stage in stages:
        frame.createOrReplaceTempView("x_stage")
        frame = _said(spark, stage(backend.table("x_stage")))
    return frame


def _said(spark: SparkSession, table: ir.Table) -> DataFrame:
    return spark.sql(re.sub(GROUP, r"$\1", str(ibis.to_sql(table, dialect="pyspark"))))
