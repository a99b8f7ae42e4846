"""Usage details: every row once, every amount as it was written, a month whole or not at all."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from finops.errors import BadSettingError, CostsError
from finops.periods import Period
from jobs import fetching
from jobs.bills.ingest import ingest
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure import clients, usage
from jobs.sources import SourceEntry

SCOPE = "subscriptions/00000000-0000-0000-0000-000000000000"
WHERE = usage.Address(SCOPE, amortized=False)
MONTH = Period.month(2026, 9)
NEXT = f"https://management.azure.com/{SCOPE}/providers/Microsoft.Consumption/usageDetails"


def _row(cost: str, *, name: str = "a", day: str = "2026-09-03", **more: str) -> str:
    """Write one row as Azure does; its numbers stay as they are given."""
    about = {"date": f"{day}T00:00:00Z", "billingCurrency": "EUR", "meterId": "m", "subscriptionId": "s", **more}
    about.setdefault("billingPeriodStartDate", "2026-09-01T00:00:00Z")
    inside = json.dumps(about)[:-1] + f', "cost": {cost}, "quantity": 24}}'
    return f'{{"id": "{name}", "name": "{name}", "kind": "legacy", "tags": {{"team": "ü"}}, "properties": {inside}}}'


def _page(*rows: str, link: str | None = None) -> str:
    return f'{{"value": [{", ".join(rows)}], "nextLink": {json.dumps(link)}}}'


def _read(where: usage.Address = WHERE) -> list[dict[str, Any]]:
    return list(usage.read(clients.consumption(), where, MONTH))


def _costs(rows: list[dict[str, Any]]) -> list[str]:
    return [row["CostInBillingCurrency"] for row in rows]


def test_amounts_are_read_as_they_were_written(azure: Any) -> None:  # noqa: ANN401  of conftest
    """Not through binary fractions: 28 decimals and scientific notation."""
    azure.will("usageDetails", _page(_row("16.2969321366366462474854190012"), _row("6.1E-05", name="b")))
    rows = _read()
    assert _costs(rows) == ["16.2969321366366462474854190012", "6.1E-05"]
    assert rows[0]["Tags"] == '{"team": "ü"}'
    target = azure.asked[0][1]
    assert target.startswith(f"/{SCOPE}/providers/Microsoft.Billing/billingPeriods/202609/providers/")
    assert "metric=actualcost" in target
    assert "expand=properties%2FmeterDetails" in target


def test_the_next_page_is_asked_for_by_its_link_as_it_is(azure: Any) -> None:  # noqa: ANN401
    """Also what the SDK would change: its own version, an empty parameter, the order."""
    link = f"{NEXT}?$skiptoken=a%2Bb%3D&empty=&api-version=2018-01-31&sessiontoken=14:1"
    azure.will("$skiptoken", _page(_row("2", name="b")))
    azure.will("usageDetails", _page(_row("1"), link=link))
    assert _costs(_read()) == ["1", "2"]
    assert azure.asked[1][1] == link.removeprefix("https://management.azure.com")


def test_rows_of_one_id_that_differ_in_cost_are_both_kept(azure: Any) -> None:  # noqa: ANN401
    """Ids of usage details are not unique: taking them for keys loses money. Twenty pairs, across pages, too."""
    first = [_row(str(number), name=f"id-{number}") for number in range(20)]
    second = [_row(f"{number}.5", name=f"id-{number}") for number in range(20)]
    azure.will("skiptoken", _page(*second[10:], *(_row("100", name=f"n{number}") for number in range(5))))
    azure.will("usageDetails", _page(*first, *second[:10], link=f"{NEXT}?$skiptoken=2"))
    rows = _read()
    assert len(rows) == 45
    assert sum(map(Decimal, _costs(rows))) == 190 + 200 + 500


def test_a_page_that_comes_twice_fails_the_month(azure: Any) -> None:  # noqa: ANN401
    """Whatever its link is called."""
    azure.will("skiptoken=2", _page(_row("1"), _row("2", name="b"), link=f"{NEXT}?$skiptoken=3"))
    azure.will("usageDetails", _page(_row("1"), _row("2", name="b"), link=f"{NEXT}?$skiptoken=2"))
    with pytest.raises(BadAnswerError, match="2 of 2 rows of page 2 had come before"):
        _read()


@pytest.mark.parametrize(
    ("link", "told"), [(f"{NEXT}?$skiptoken=2", "in a circle"), ("https://example.org/usageDetails", "away from 127")]
)
def test_a_link_in_a_circle_or_to_elsewhere_is_not_followed(azure: Any, link: str, told: str) -> None:  # noqa: ANN401
    """The token is for Azure alone."""
    azure.will("skiptoken", _page(_row("3", name="c"), link=link))
    azure.will("usageDetails", _page(_row("1"), link=f"{NEXT}?$skiptoken=2"))
    with pytest.raises(BadAnswerError, match=f"the link to the next page leads {told}"):
        _read()


def test_being_asked_too_often_is_waited_for_and_told_by_azures_own_headers(
    azure: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The longest of `Retry-After` and the consumption's own counts."""
    from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415  slow

    waited: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda _, seconds: waited.append(seconds))
    busy, own = {"error": {"code": "429"}}, "x-ms-ratelimit-microsoft.consumption-retry-after"
    azure.will("usageDetails", busy, status=429, headers={"Retry-After": "7"})
    azure.will("usageDetails", busy, status=429, headers={"Retry-After": "1", own: "42"})
    azure.will("usageDetails", busy, status=429, headers={own: "43"})
    azure.will("usageDetails", _page(_row("1")), headers={own: "60"})
    assert _costs(_read()) == ["1"]
    assert waited == [7, 42, 43]


def test_waiting_has_an_end(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    """A month that Azure will not tell now is told another time."""
    from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415  slow

    monkeypatch.setattr(RequestsTransport, "sleep", lambda *_: None)
    azure.will("usageDetails", {"error": {"code": "429"}}, status=429, headers={"Retry-After": "60"})
    with pytest.raises(BadAnswerError, match=r"with 429 .* nothing of it is kept; try again later"):
        _read()
    assert len(azure.asked) == 9


def test_credentials_come_from_azures_own_chain_alone() -> None:
    """Environment, workload identity, managed identity, `az login`: nothing of ours is asked for."""
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415  slow

    assert type(clients.credential()) is DefaultAzureCredential


def test_wrong_credentials_and_a_silent_network_are_told_apart(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    """One needs a person, the other time."""
    from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415  slow

    azure.will("usageDetails", {"error": {"code": "ExpiredAuthenticationToken"}}, status=401)
    with pytest.raises(BadAnswerError, match=r"does not know these credentials.*Expired.*run `az login`"):
        _read()
    monkeypatch.setattr(RequestsTransport, "sleep", lambda *_: None)
    with socket.socket() as unheard:  # bound, and nobody listens
        unheard.bind(("127.0.0.1", 0))
        monkeypatch.setattr(clients, "management", lambda: f"https://127.0.0.1:{unheard.getsockname()[1]}")
        with pytest.raises(BadAnswerError, match=r"Azure could not be asked for .*refused.* try again later"):
            _read()


def test_a_failed_page_fails_its_month(azure: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Nothing is brought of it, though its first page was fine."""
    azure.will("skiptoken", {"error": {"code": "Gone", "message": "The session is over."}}, status=410)
    azure.will("usageDetails", _page(_row("1"), link=f"{NEXT}?$skiptoken=2"))
    entry = SourceEntry(name="azure", bills=f"azure-usage://{SCOPE}?metric=actual")
    with pytest.raises(BadAnswerError, match=r"Azure answered .* with 410 .*Gone.* nothing of it is kept"):
        list(usage.fetch(entry, tmp_path, lambda _: False))


def test_a_refusal_names_the_action(azure: Any) -> None:  # noqa: ANN401
    """So that a person knows what the role lacks."""
    azure.refuse("usageDetails", "Microsoft.Consumption/usageDetails/read")
    with pytest.raises(clients.RefusedError, match=r"add Microsoft\.Consumption/usageDetails/read to a role") as told:
        _read()
    assert told.value.action == "Microsoft.Consumption/usageDetails/read"


def test_what_was_billed_and_what_was_used_up_are_joined(azure: Any, database: Path) -> None:  # noqa: ANN401
    """A reservation bought for 300, worth 10 of covered use and 2 unused; 5 without any. Each total is its list's."""
    plain, bought = _row("5", name="plain"), _row("300", name="r", chargeType="Purchase", pricingModel="Reservation")
    covered = [
        _row(cost, name="vm", pricingModel="Savings Plan", benefitId="/microsoft.capacity/r") for cost in ("0", "10")
    ]
    unused = _row("2", name="vm", chargeType="UnusedReservation", pricingModel="Reservation")
    azure.will("actualcost", _page(plain, bought, covered[0]))
    azure.will("amortizedcost", _page(plain, covered[1], unused))
    rows = _read(usage.Address(SCOPE))
    assert [(row["CostInBillingCurrency"], row["x_AmortizedCost"]) for row in rows] == [
        ("5", "5"), ("300", "0"), ("0", "10"), ("0", "2"),
    ]  # fmt: skip
    file = database / "bill.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (period,) = ingest("auto", [file], source="azure").periods
    assert (period.billed_cost, period.effective_cost) == ({"EUR": 305}, {"EUR": 17})


def test_late_use_comes_with_the_bill_it_is_on(azure: Any) -> None:  # noqa: ANN401
    """Asked by dates, a bill's month needs the days of the month before, and leaves out what is billed elsewhere."""
    october = {"billingPeriodStartDate": "2026-10-01T00:00:00Z"}
    august = {"billingPeriodStartDate": "2026-08-01T00:00:00Z", "day": "2026-08-30"}
    azure.will("ge '2026-08-01' and properties/usageEnd le '2026-08-31'",
               _page(_row("1", **august), _row("2", day="2026-08-31")))  # fmt: skip
    azure.will("ge '2026-09-01'", _page(_row("2", day="2026-08-31"), _row("4"), _row("8", **october)))
    assert _costs(_read(usage.Address(SCOPE, by_dates=True, amortized=False))) == ["2", "4"]


def test_accounts_of_customer_agreements_are_asked_with_dates(azure: Any, samples: Path) -> None:  # noqa: ANN401
    """And answer in words of their own."""
    page = json.loads((samples / "azure/rest-examples/modern-UsageDetailsListByMCABillingAccount.json").read_text())
    about = page["value"][0]["properties"]
    about["date"], about["billingPeriodStartDate"] = "2026-09-30T00:00:00Z", "2026-09-01T00:00:00Z"
    azure.will("startDate=2026-09-01&endDate=2026-09-30", page)
    azure.will("usageDetails", {"value": []})
    (row,) = _read(usage.Address("providers/Microsoft.Billing/billingAccounts/1234:5678", amortized=False))
    expected = {"CostInBillingCurrency": "1.84763819095477", "BillingCurrency": "USD", "Quantity": "0.7329",
                "SubscriptionName": "Subscription Name 1", "ProductId": "DZH318Z0BQ4B00FV"}  # fmt: skip
    assert expected.items() <= row.items()
    assert row["ResourceId"].endswith("/Resource Name 1")


def test_a_billing_period_of_another_name_is_told_with_a_way_out(azure: Any) -> None:  # noqa: ANN401
    """Pay as you go bills from the middle of a month to the middle of the next."""
    azure.will("usageDetails", {"error": {"code": "NotFound"}}, status=404)
    with pytest.raises(BadAnswerError, match=rf"with 404 .* add \?by=dates to azure-usage://{SCOPE}"):
        _read()


RECORDINGS = "azure/consumption-api-recordings/test_mgmt_consumption.test_consumption_"


def _recorded(samples: Path, name: str) -> list[str]:
    played = yaml.safe_load((samples / f"{RECORDINGS}{name}.yaml").read_text())["interactions"]
    return [one["response"]["body"]["string"] for one in played]


def test_a_recorded_month_becomes_the_ledgers(azure: Any, samples: Path, database: Path, tmp_path: Path) -> None:  # noqa: ANN401
    """Microsoft's own recording of 2018: every row, every amount."""
    (text,) = _recorded(samples, "billing_period_usage")
    azure.will("usageDetails", text.replace("2018-02-", f"{datetime.now(UTC):%Y-%m}-"))
    held = json.loads(text, parse_float=Decimal)["value"]
    entry = SourceEntry(name="azure", bills=f"azure-usage://{SCOPE}?metric=actual")
    (delivery,) = list(
        usage.fetch(entry, tmp_path, lambda version: not version.startswith(f"{datetime.now(UTC):%Y-%m}"))
    )
    (period,) = ingest("auto", delivery.files, source="azure").periods
    assert period.rows == len(held)
    assert period.billed_cost == {"USD": sum(Decimal(one["properties"]["pretaxCost"]) for one in held)}


def test_a_month_is_asked_once_a_day_and_a_settled_one_once(azure: Any, tmp_path: Path, database: Path) -> None:  # noqa: ANN401
    """Six calls a minute are all that Azure allows."""
    azure.will("billingPeriods/202511", _page(_row("1", day="2025-11-03", billingPeriodStartDate="2025-11-01")))
    azure.will("usageDetails", {"value": []})
    entry = SourceEntry(name="azure", bills=f"azure-usage://{SCOPE}?metric=actual&since=2025-11")
    assert fetching.collect(entry)["loaded"] == 1
    before = len(azure.asked)
    assert fetching.collect(entry)["loaded"] == 0
    assert not any("202511" in target for _, target, _ in azure.asked[before:])


@pytest.mark.parametrize(
    "bills", ["azure-usage://", f"azure-usage://{SCOPE}?metric=both", f"azure-usage://{SCOPE}?x=1"]
)
def test_a_wrong_address_is_told_with_a_right_one(bills: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadSettingError, match="is no address of usage details: write for example azure-usage://sub"):
        usage.address(SourceEntry(name="azure", bills=bills))


def test_an_empty_answer_is_an_empty_month(azure: Any) -> None:  # noqa: ANN401
    """Azure says so by a status of its own, over which its SDK stumbles."""
    azure.will("usageDetails", "", status=204)
    assert _read() == []


@pytest.mark.parametrize(("first", "second"), [('{"value": [', None), (None, '{"value": ['), (None, "")])
def test_half_a_page_fails_the_month(azure: Any, first: str | None, second: str | None) -> None:  # noqa: ANN401
    """Whichever it is; and a link that leads to nothing promised more."""
    azure.will("skiptoken", second or "", status=200 if second else 204)
    azure.will("usageDetails", first or _page(_row("1"), link=f"{NEXT}?$skiptoken=2"))
    with pytest.raises(BadAnswerError, match="usageDetails of subscriptions"):
        _read()


def test_a_month_is_written_whole(azure: Any) -> None:  # noqa: ANN401
    """An answer without its list is no empty month."""
    azure.will("usageDetails", {"values": []})
    with pytest.raises(CostsError, match="answered without 'value'"):
        _read()
