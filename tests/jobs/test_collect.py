"""The list of sources is checked, and every source is tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import func, select

from finops.errors import BadSettingError, CostsError
from finops.periods import ONE_DAY, Period
from finops.recommendations import idle
from jobs import collect, sources
from jobs.bills.formats import NAMES
from jobs.cli.bills import FORMATS
from jobs.demo import estate
from jobs.sources import SourceEntry
from storage import charges, resources
from storage.database import transaction
from storage.models import CostRecord, Source
from tests.jobs.providers.recording import gcp_answers

TODAY = date(2026, 9, 18)


@pytest.fixture
def listed(tmp_path: Path) -> Callable[[str], str]:
    """Write a list of sources and return its path."""

    def write(text: str) -> str:
        file = tmp_path / "sources.yaml"
        file.write_text(text)
        return str(file)

    return write


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sources: [{name: a, bills: x, colour: red}]", r"entry 1 \(a\): colour: there is no such field"),
        ("sources: [{name: a}]", r"entry 1 \(a\): give either `bills` or `inventory`"),
        ("sources: [{name: a, bills: x, inventory: y}]", r"entry 1 \(a\): give either"),
        ("sources: [{name: a, bills: x, format: nope}]", r"entry 1 \(a\): .*format.*'aws-cur'"),
        ("sources: [{name: a, inventory: y}]", "an inventory needs its `provider`"),
        ("sources: [{name: a, inventory: live, provider: aws}]", "a live inventory of AWS needs `regions`"),
        ("sources: [{name: a, inventory: y, provider: ibm}]", r"entry 1 \(a\): provider: it is one of"),
        (
            "sources: [{name: a, inventory: y, provider: aws, services: [ec2, vm]}]",
            r"aws has no service “vm” here: known are ec2, eks, elasticache, elb, lambda, rds, s3",
        ),
        ("sources: [{name: a, bills: x, services: [ec2]}]", "`services` are an inventory's"),
        ("sources: [{name: a, bills: '${NOT_SET_ANYWHERE}/x'}]", r"entry 1: \$\{NOT_SET_ANYWHERE\} is not set"),
        ("sources: [{name: ok, bills: x}, {bills: y}]", "entry 2: name: it is missing"),
        ("sources: [{name: 'a b', bills: x}]", r"entry 1 \(a b\): name"),
        ("sources: [{name: a, bills: x}, {name: a, bills: y}]", "names the source a twice"),
        ("sources: [{name: a, bills: 's3://x/y', names: z}]", "`names` is a file beside bills that are files"),
        ("sources: [{name: a, bills: ''}]", r"entry 1 \(a\): bills: give a pattern of files, or an address"),
        ('sources: [{name: a, bills: "x\\0"}]', "bills: give a pattern of files, or an address"),
        ("sources: [{name: a, bills: ~nobody-of-this-name/x}]", "nobody here has the home ~nobody-of-this-name"),
        (
            "sources: [{name: a, bills: 'ftp://x/y'}]",
            r"entry 1 \(a\): bills: nothing fetches bills from ftp://; known are s3",
        ),
        ("sources: &all [{name: a, bills: x, regions: *all}]", "an alias"),
        ("sources: [7]", "entry 1: it has to be names with values"),
        ("sources: {}", "names no sources"),
        ("[]", "names no sources"),
        ("", "names no sources"),
        ("sources: [", "is no YAML"),
    ],
)
def test_a_wrong_list_is_told_in_one_sentence(listed: Callable[[str], str], text: str, told: str) -> None:
    """It names the entry and shows one that works."""
    with pytest.raises(BadSettingError, match=told) as error:
        collect.run(sources=listed(text))
    assert "\n" not in str(error.value)


def test_values_come_from_the_environment(listed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a text stands; one that looks like YAML stays text."""
    monkeypatch.setenv("BILLS", "a: {b}")
    monkeypatch.setenv("REGION", "eu-north-1")
    text = "sources: [{name: a, bills: x, regions: ['${REGION}', x]}, {name: b, bills: '${BILLS}/*'}]"
    first, second = sources.entries(Path(listed(text)))
    assert (first.regions, second.bills) == (("eu-north-1", "x"), "a: {b}/*")


def test_both_exports_of_one_google_account_are_refused(listed: Callable[[str], str]) -> None:
    """The detailed one holds all that the standard one does; those of two accounts go together."""
    tables = ("gcp_billing_export_v1_0A_1B", "gcp_billing_export_resource_v1_0A_1B", "gcp_billing_export_v1_2C_3D")
    first, second, other = (f"{{name: n{n}, bills: 'bigquery://p.d.{table}'}}" for n, table in enumerate(tables))
    with pytest.raises(BadSettingError, match="n0 and n1 are exports of the same billing account"):
        sources.entries(Path(listed(f"sources: [{first}, {second}]")))
    assert len(sources.entries(Path(listed(f"sources: [{first}, {other}]")))) == 2


def test_an_absent_list_is_told(tmp_path: Path) -> None:
    """With where it was looked for."""
    with pytest.raises(BadSettingError, match="There is no list of sources at"):
        collect.run(sources=str(tmp_path / "none.yaml"))


def test_files_are_found_beside_the_list_wherever_it_is(tmp_path: Path) -> None:
    """Relative to the list, through folders, in order; an absolute pattern stays as it is."""
    for name in ("b/2.csv", "b/c/1.csv", "b/c/3.txt", "a b/x.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def found(pattern: str) -> list[str]:
        return [str(file.relative_to(tmp_path)) for file in collect.files(tmp_path, pattern)]

    assert found("b/**/*.csv") == ["b/2.csv", "b/c/1.csv"]
    assert found(f"{tmp_path}/a b/*.csv") == ["a b/x.csv"]
    assert found("b/2.csv") == ["b/2.csv"]
    assert found("b") == ["b/2.csv", "b/c/1.csv"]
    assert found("none") == found("none/*.csv") == []


def test_a_source_without_files_yet_is_skipped_and_says_so(listed: Callable[[str], str]) -> None:
    """A bill that has not arrived is no failure."""
    summary = collect.run(sources=listed("sources: [{name: a, bills: 'bills/*.csv'}]"))
    assert summary["sources"]["a"]["status"] == "skipped"
    assert "No file matches bills/*.csv" in summary["sources"]["a"]["reason"]


def test_a_failing_source_does_not_stop_the_others(
    listed: Callable[[str], str], tmp_path: Path, database: Path
) -> None:
    """All are tried, then the run fails and says which."""
    (tmp_path / "bad.csv").write_text("what,is\nthis,1\n")
    gcp_answers(tmp_path / "answers")
    text = """
    sources:
      - {name: broken, bills: bad.csv}
      - {name: gone, provider: aws, inventory: nowhere}
      - {name: well, provider: gcp, inventory: answers}
    """
    with pytest.raises(CostsError, match="2 of 3 sources failed, 1 went well") as error:
        collect.run(sources=listed(text))
    assert "/bad.csv: " in str(error.value)
    assert "gone: " in str(error.value)
    with transaction() as session:
        assert len(resources.load(session, provider="gcp")) == 3


def test_one_source_can_be_collected_alone(listed: Callable[[str], str], tmp_path: Path, database: Path) -> None:
    """By its name."""
    gcp_answers(tmp_path / "answers")
    file = listed("sources: [{name: broken, bills: bad.csv}, {name: well, provider: gcp, inventory: answers}]")
    summary = collect.run(sources=file, only="well")
    assert summary == json.loads(json.dumps(summary))
    assert summary["sources"]["well"]["resources"] == 3
    with pytest.raises(BadSettingError, match="names no source “other”"):
        collect.run(sources=file, only="other")


RECENT = """
sources:
  - {name: demo-aws, bills: "bills/aws/2026080*/*.csv.gz"}
  - {name: demo-azure, bills: "bills/azure/2026080*/*.csv.gz"}
  - {name: demo-gcp, bills: "bills/gcp/*-202608.json.gz"}
  - {name: demo-aws-inventory, provider: aws, inventory: answers/aws}
  - {name: demo-azure-inventory, provider: azure, inventory: answers/azure}
  - {name: demo-gcp-inventory, provider: gcp, inventory: answers/gcp}
"""


def test_a_month_of_the_demo_is_collected_to_the_last_digit_and_its_waste_is_found(
    tmp_path: Path, database: Path
) -> None:
    """Totals equal the truth exactly, and the rules find what is planted: all of it, and nothing else."""
    built = estate.build(tmp_path / "demo", today=date(2026, 9, 1))
    (built.folder / "recent.yaml").write_text(RECENT)
    summary = collect.run(sources=str(built.folder / "recent.yaml"))
    assert {one["status"] for one in summary["sources"].values()} == {"collected"}
    month = Period.month(2026, 8)
    with transaction() as session:
        # The unused part of a fee is a charge of its own; in the file, both are one row.
        rows = func.sum(CostRecord.charges).filter(CostRecord.commitment_discount_status.is_distinct_from("Unused"))
        kept = func.sum(CostRecord.billed_cost), func.sum(CostRecord.effective_cost), rows
        sums = {name: tuple(rest) for name, *rest in session.execute(
            select(Source.name, *kept).join(Source, Source.id == CostRecord.source_id).group_by(Source.name)
        )}  # fmt: skip
        listed = resources.load(session)
        used = resources.utilization(session, month)
        costs = resources.recent_costs(session, Period(month.start + ONE_DAY, month.end), "USD")
        assert charges.currencies(session) == ["USD"]
    for provider, truth in built.truth["totals"].items():
        known = truth["2026-08"]
        expected = (Decimal(known["billed_cost"]), Decimal(known["effective_cost"]), known["rows"])
        assert sums[f"demo-{provider}"] == expected
    findings = idle.find(listed, used, costs, today=month.end)
    found = {
        (one.recommendation_type.value, one.details["resource"].lower()): one.monthly_saving.amount for one in findings
    }
    planted = {
        (one["recommendation_type"], one["resource_id"].lower()): Decimal(one["monthly_waste"])
        for one in built.truth["waste"]
    }
    assert found == planted


def test_a_list_may_name_every_format_that_is_read() -> None:
    """And `auto`."""
    declared = get_args(SourceEntry.model_fields["format"].annotation)
    assert set(declared) == {"auto", *NAMES} == set(FORMATS)
