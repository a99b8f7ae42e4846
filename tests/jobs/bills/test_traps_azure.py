"""What breaks naive readers of Azure's bills: ids that are shared, days, tags, localized headers."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from finops.errors import BadDeliveryError
from tests.jobs.bills.normalized import charges
from tests.jobs.bills.rows import AZURE, Charges, costs, read_csv

BARE = {name: value for name, value in AZURE.items() if name != "BillingPeriodStartDate"}
PERIOD, END = "BillingPeriodStartDate", "BillingPeriodEndDate"
ENDED = AZURE | {END: ""}


def test_azure_records_that_share_an_id_are_all_counted(file: Path) -> None:
    """Twenty pairs of a real month do, and differ in cost."""
    assert costs(read_csv(file, AZURE, {}, {"CostInBillingCurrency": "9.72"})) == [1, Decimal("9.72")]


@pytest.mark.parametrize(
    "day", ["09/03/2026", "9/3/2026", "2026-09-03", "2026-09-03T00:00:00Z", "9/3/2026 12:00:00 AM"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_way_azure_writes_a_day_is_that_day(file: Path, day: str, end: str) -> None:
    """Enterprise agreements, spreadsheets, pay as you go and the interface; with either line end."""
    [charge] = read_csv(file, AZURE, {"Date": day}, end=end)
    assert str(charge["ChargePeriodStart"]).startswith("2026-09-03 00:00:00")


def _days(found: Charges) -> list[str]:
    return sorted(str(charge["ChargePeriodStart"])[:10] for charge in found)


@pytest.mark.parametrize(
    ("base", "rows", "days"),
    [
        (BARE, [{"Date": "05/10/2026"}, {"Date": "31/10/2026"}], ["2026-10-05", "2026-10-31"]),
        (BARE, [{"Date": "10/05/2026"}, {"Date": "10/31/2026"}], ["2026-10-05", "2026-10-31"]),
        (BARE, [{"Date": "5/10/26 00:00"}, {"Date": "31/10/26 00:00"}], ["2026-10-05", "2026-10-31"]),
        (BARE, [{"Date": f"{day:02}/10/2026"} for day in (1, 2, 3)], ["2026-10-01", "2026-10-02", "2026-10-03"]),
        (BARE, [{"Date": f"10/{day:02}/2026"} for day in (1, 2, 3)], ["2026-10-01", "2026-10-02", "2026-10-03"]),
        (BARE, [{"Date": "10/10/2026"}], ["2026-10-10"]),
        (AZURE, [{"Date": "05/10/2026", PERIOD: "01/10/2026"}], ["2026-10-05"]),
        (AZURE, [{"Date": "10/05/2026", PERIOD: "10/01/2026"}], ["2026-10-05"]),
        (AZURE, [{"Date": "10/10/2026", PERIOD: "01/10/2026"}], ["2026-10-10"]),
        (AZURE, [{"Date": "01/05/2026", PERIOD: "01/01/2026"}], ["2026-01-05"]),
        (AZURE, [{"Date": "05/01/2026", PERIOD: "01/01/2026"}], ["2026-01-05"]),
        (AZURE, [{"Date": "01/11/2026", PERIOD: "01/10/2026"}], ["2026-01-11"]),
        (
            ENDED,
            [{"Date": "11/10/2026", PERIOD: "10/10/2026", END: "09/11/2026"}],
            ["2026-10-11"],
        ),
        (AZURE, [{"Date": "11/01/2026", PERIOD: "2026-11-01"}], ["2026-11-01"]),
        (AZURE, [{"Date": "02/11/2026", PERIOD: "2026-11-01T00:00:00Z"}], ["2026-11-02"]),
        (AZURE, [{"Date": "2026-11-02", PERIOD: "01/11/2026"}], ["2026-11-02"]),
        (ENDED, [{"Date": "11/02/2026", PERIOD: "2026-11-01", END: "2026-11-30"}], ["2026-11-02"]),
        (ENDED, [{"Date": "02/11/2026", PERIOD: "2026-11-01", END: "2026-11-30"}], ["2026-11-02"]),
    ],
)
def test_a_file_tells_whether_the_day_or_the_month_comes_first(
    file: Path, base: dict[str, str], rows: list[dict[str, str]], days: list[str]
) -> None:
    """By a part that is no month, by its billing period, by the one month that its days are of."""
    found = read_csv(file, base, *rows)
    assert _days(found) == days
    assert {str(charge["BillingPeriodStart"])[8:10] for charge in found} == {"01"}


def test_a_day_that_is_none_is_told_as_it_stands_in_the_file(file: Path) -> None:
    """Whichever part comes first there."""
    with pytest.raises(BadDeliveryError, match=r"row 2, column Date: expected a date .*, found “32/10/2026”"):
        read_csv(file, BARE, {"Date": "31/10/2026"}, {"Date": "32/10/2026"})
    with pytest.raises(BadDeliveryError, match=r"row 1, column Date: expected a date .*, found “31/10/2026”"):
        read_csv(file, BARE, {"Date": "31/10/2026"}, {"Date": "10/31/2026"})


@pytest.mark.parametrize("alone", [("09/10/2026", "10/11/2026"), ("10/01/2026", "11/01/2026")])
def test_where_nothing_tells_the_month_comes_first(file: Path, alone: tuple[str, str]) -> None:
    """As Azure writes it unless somebody has it otherwise; what is billed monthly is dated with firsts, too."""
    days = _days(read_csv(file, BARE, *({"Date": day} for day in alone)))
    assert days == [f"2026-{day[:2]}-{day[3:5]}" for day in alone]


@pytest.mark.parametrize("days", [("10/01/2026", "11/01/2026"), ("01/10/2026", "01/11/2026")])
def test_firsts_of_months_that_could_be_days_of_january_are_told_by_their_period(
    file: Path, days: tuple[str, str]
) -> None:
    """What is billed monthly is dated so, and two days of January are, too."""
    found = read_csv(file, AZURE, *({"Date": day, PERIOD: day} for day in days))
    assert _days(found) == ["2026-10-01", "2026-11-01"]


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('""team"": ""web""', {"team": "web"}),
        ('{""team"": ""web""}', {"team": "web"}),
        ("", None),
        ('""""', None),
    ],
)
def test_azure_tags_are_read_with_and_without_braces(file: Path, cell: str, tags: dict[str, str] | None) -> None:
    """What is no JSON is no tag, and no reason to refuse the bill."""
    file.write_text(",".join(AZURE) + "\n" + ",".join((AZURE | {"Tags": f'"{cell}"' if cell else ""}).values()) + "\n")
    [charge] = charges(file)
    assert (json.loads(str(charge["Tags"])) if charge["Tags"] else None) == tags


def test_a_localized_azure_header_is_known_by_what_stands_in_brackets(file: Path) -> None:
    """`Ort (ResourceLocation)`, as portals in other languages write it."""
    names = {"ResourceLocation": "Ort (ResourceLocation)", "CostInBillingCurrency": "Kosten (CostInBillingCurrency)"}
    [charge] = read_csv(file, {names.get(name, name): value for name, value in AZURE.items()}, {})
    assert (charge["RegionId"], costs([charge])) == ("westeurope", [1])
