"""What breaks naive readers of Azure's bills: ids that are shared, days, tags, localized headers."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.jobs.bills.normalized import charges
from tests.jobs.bills.rows import AZURE, costs, read_csv


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
