"""Google's billing export, fetched from BigQuery: recorded answers, and an emulator that runs the SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import gcp_exports as exports
import pytest

from finops.errors import BadSettingError
from jobs.bills.ingest import ingest
from jobs.providers.answers import BadAnswerError
from jobs.providers.gcp import bigquery, clients, export
from jobs.sources import SourceEntry

TABLE = "gcp_billing_export_v1_0A1B2C_3D4E5F_6A7B8C"
NEW_SEPTEMBER = f"{exports.SEPTEMBER}@2026-10-03T05:00:00+00:00#3"
REASONS = {"message": "Quota exceeded", "reason": "rateLimitExceeded"}
BUSY = {"error": {"code": 429, "message": "Quota exceeded", "errors": [REASONS]}}
LAST_PAGE = "pageToken=2"


def _fetch(
    folder: Path, *, known: Callable[[str], bool] = lambda _: False, address: str = exports.ADDRESS
) -> dict[str, list[dict[str, Any]]]:
    """Return each version's rows, numbers as they are written."""
    entry = SourceEntry(name="gcp", bills=address)
    return {
        one.version: [json.loads(line, parse_float=str) for line in one.files[0].read_text().splitlines()]
        for one in bigquery.fetch(entry, folder, known)
    }


def _costs(rows: list[dict[str, Any]]) -> list[Any]:
    return [row["cost"] for row in rows]


def test_each_invoice_month_is_one_file_with_every_row_once_and_numbers_exact(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Two pages make a month; what lies in a row is all there."""
    found = _fetch(tmp_path)
    august, september = found.values()
    assert list(found) == ["202608@2026-09-02T05:00:00+00:00#3", "202609@2026-09-04T05:00:00+00:00#2"]
    assert (_costs(august), _costs(september)) == (["0.1", "0.1", "1e-9"], ["7.25", "0.30000000000000004"])
    assert august[0]["project"]["labels"] == [{"key": "env", "value": "prod"}]
    assert september[0]["credits"] == [{"name": "Discount", "amount": "-1e-7", "type": "DISCOUNT"}]
    assert not list(tmp_path.iterdir())


def test_a_month_without_new_rows_is_not_read_again(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Only the list of months was asked for, and September."""
    assert list(_fetch(tmp_path, known=lambda version: version.startswith("202608"))) == [
        "202609@2026-09-04T05:00:00+00:00#2"
    ]
    asked = [str(one["query"]["queryParameters"]) for one in replay.queries()]
    assert not any("202608" in one for one in asked[2:])


def test_no_query_runs_without_a_dry_run_a_limit_and_partitions(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """What a query may cost is bounded by BigQuery itself, too."""
    _fetch(tmp_path)
    dry, real = replay.queries()[::2], replay.queries()[1::2]
    assert all(one["dryRun"] and not one["query"]["useQueryCache"] for one in dry)
    assert [one["query"]["query"] for one in dry] == [one["query"]["query"] for one in real]
    assert {one["query"]["maximumBytesBilled"] for one in real} == {str(export.MOST)}
    assert all("where export_time >= " in text or "export_time between" in text for text in map(str, real))


def test_a_table_that_is_partitioned_by_loading_is_pruned_by_it(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """As Google makes the export's tables."""
    table = next(one for one in replay.recorded if "/tables/" in one["path"])
    table["answer"]["timePartitioning"] = {"type": "DAY"}
    with pytest.raises(BadAnswerError, match="not recorded"):
        _fetch(tmp_path)
    assert "where _PARTITIONTIME >= @begin" in replay.queries()[0]["query"]["query"]


def test_a_query_that_would_read_too_much_is_not_run(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """The sentence says how much, what it would cost, and what to do."""
    for one in replay.recorded:
        if "statistics" in one["answer"]:
            one["answer"]["statistics"] |= {"totalBytesProcessed": str(2 * 1024**4)}
            one["answer"]["statistics"]["query"] |= {"totalBytesProcessed": str(2 * 1024**4)}
    told = r"would read 2.0 TiB of .* \(about USD 12.5000\), more than maximum_bytes=.* \(100.0 GiB\)"
    with pytest.raises(BadSettingError, match=told):
        _fetch(tmp_path)
    assert all(one.get("dryRun") for one in replay.queries())


def test_a_page_that_is_refused_once_is_asked_again_after_the_time_told(
    replay: Any,  # noqa: ANN401
    tmp_path: Path,
    waited: list[float],
) -> None:
    """And no row is skipped or doubled by that."""
    replay.once(LAST_PAGE, 429, BUSY, Retry_After="7")
    assert next(_costs(rows) for rows in _fetch(tmp_path).values()) == ["0.1", "0.1", "1e-9"]
    assert 7.0 in waited
    assert sum(LAST_PAGE in asked for asked, _ in replay.asked) == 2


def test_a_page_that_fails_fails_its_month_and_the_one_before_stays(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """A page that is refused for good, and pages that end too early: nothing of the month is brought."""
    job = next(one for one in replay.recorded if LAST_PAGE in one["path"])["path"].partition("?")[0]
    denied = {"error": {"code": 400, "message": "gone", "errors": [{"message": "gone", "reason": "invalid"}]}}
    replay.once(LAST_PAGE, 400, denied)
    with pytest.raises(BadAnswerError, match=r"did not answer invoice month 2026-08 .*nothing of it is kept"):
        _fetch(tmp_path)
    first = next(one for one in replay.recorded if one["path"].startswith(job) and LAST_PAGE not in one["path"])
    del first["answer"]["pageToken"]
    with pytest.raises(BadAnswerError, match="brought 2 of 3 rows"):
        _fetch(tmp_path)


def test_rows_that_come_between_the_list_and_the_reading_fail_the_month(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Else the version would say less than was loaded."""
    counted = next(one for one in replay.recorded if "newest" in str(one["answer"]) and "rows" in one["answer"])
    counted["answer"]["rows"][0]["f"][1]["v"] = "2"
    with pytest.raises(BadAnswerError, match="has 3 rows where 2 were counted just before"):
        _fetch(tmp_path)


def test_a_missing_permission_is_told_by_name(replay: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """As BigQuery words it."""
    text = "Access Denied: Project shop: User does not have bigquery.jobs.create permission in project shop."
    denied = {"error": {"code": 403, "message": text, "errors": [{"message": text, "reason": "accessDenied"}]}}
    replay.once("POST", 403, denied)
    with pytest.raises(clients.RefusedError, match=r"grant bigquery\.jobs\.create") as told:
        _fetch(tmp_path)
    assert told.value.permission == "bigquery.jobs.create"


def test_totals_of_a_month_are_bigquerys_own_exact_sums(replay: Any) -> None:  # noqa: ANN401
    """By currency, for reconciliation."""
    assert bigquery.monthly_totals(exports.ADDRESS, "202608") == {
        "EUR": {
            "BilledCost": Decimal("-0.099999999"),
            "ContractedCost": Decimal("0.200000001"),
            "Credits": Decimal("-0.3"),
        }
    }
    assert replay.queries()[-1]["query"]["maximumBytesBilled"] == str(export.MOST)


def test_what_was_fetched_is_read_as_googles_export(replay: Any, tmp_path: Path, database: Path) -> None:  # noqa: ANN401
    """By recognizing it; the totals are the export's own."""
    entry = SourceEntry(name="gcp", bills=exports.ADDRESS)
    done = [ingest("auto", one.files, source="gcp") for one in bigquery.fetch(entry, tmp_path, lambda _: False)]
    assert [one.format for one in done] == ["gcp-export"] * 2
    billed = [one.periods[0].billed_cost["EUR"] for one in done]
    assert billed == [Decimal("-0.099999999"), Decimal("7.55") - Decimal("1e-7") + Decimal("4e-17")]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("bigquery://shop", "no address of a billing export"),
        ("bigquery://shop.billing.gcp_billing_export_focus_1", "neither the standard nor the detailed"),
        ("bigquery://shop.billing.t` where true; --", "no address"),
        (f"bigquery://shop.billing.{TABLE}?since=2026", "since=2026 is not understood"),
        (f"bigquery://shop.billing.{TABLE}?maximum_bytes=5", "maximum_bytes=5 is not understood"),
        (f"bigquery://shop.billing.{TABLE}?months=3", "months=3 is not understood"),
    ],
)
def test_an_address_that_is_wrong_is_told(address: str, told: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadSettingError, match=told):
        export.parse(address)


def test_a_tables_name_says_which_export_it_is() -> None:
    """The standard and the detailed one hold the same costs."""
    standard, detailed = export.parse(f"bigquery://shop.billing.{TABLE}?run_in=other"), export.parse(exports.ADDRESS)
    assert (standard.kind, detailed.kind) == (export.STANDARD, export.DETAILED)
    assert standard.account == detailed.account
    assert (standard.run_in, detailed.run_in) == ("other", "shop")


def test_an_emulator_that_runs_the_sql_gives_every_row_and_a_late_one_renews_its_month(
    emulator: str, tmp_path: Path
) -> None:
    """August is as it was, so only September is brought the second time."""
    from google.cloud.bigquery import Dataset, Table, TimePartitioning  # noqa: PLC0415  slow

    client = clients.bigquery("shop")
    client.create_dataset(Dataset("shop.billing"), exists_ok=True)
    table = Table(exports.PATH, schema=exports.schema())
    table.time_partitioning = TimePartitioning(field="export_time")  # no emulator has a _PARTITIONTIME that stays
    client.create_table(table)
    assert client.insert_rows_json(table, exports.FIRST) == []
    first = _fetch(tmp_path)
    assert [sorted(map(float, _costs(rows))) for rows in first.values()] == [
        [1e-9, 0.1, 0.1],
        [0.30000000000000004, 7.25],
    ]
    assert client.insert_rows_json(table, [exports.LATE]) == []
    second = _fetch(tmp_path, known=first.__contains__)
    assert list(second) == [NEW_SEPTEMBER]
    sums = bigquery.monthly_totals(exports.ADDRESS, exports.SEPTEMBER)["EUR"]
    assert abs(sums["BilledCost"] - Decimal("7.4999999")) < Decimal("1e-4")  # bqemulator's BIGNUMERIC has five digits
