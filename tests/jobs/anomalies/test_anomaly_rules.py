"""A rule is replayed over the ledger's past before it is saved; verdicts are kept and tell how often it is right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from costs import cli
from finops.anomalies.feedback import Verdict
from finops.errors import BadSettingError, CostsError, UnknownWordError
from finops.trend import NoChargesError
from jobs.anomalies import find
from jobs.bills.ingest import ingest
from jobs.cli.anomaly_rules import VERDICTS
from storage import anomaly_rules
from storage.database import transaction
from storage.models import Anomaly, AnomalyFeedback, Source
from storage.settings import settings

START, DAYS = date(2026, 1, 1), 200
HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,SubAccountId,"
HEADER += "ServiceName,RegionId,ChargeCategory,ChargeClass,Tags"


def _usual(seed: int) -> np.ndarray:
    return 1000 * np.random.default_rng(seed).normal(1, 0.01, DAYS)


@pytest.fixture
def ledger(database: Path, tmp_path: Path) -> Iterator[None]:
    """Hold two services: one costs 800 more on a day of May, the other 700 more on a day of June."""
    costs = {"EC2": _usual(2), "S3": _usual(3)}
    costs["EC2"][130] += 800
    costs["S3"][165] += 700
    lines = [
        f"{day:%Y-%m}-01T00:00:00Z,{day}T00:00:00Z,USD,{amount:.2f},{amount:.2f},AWS,a,{service},eu-1,Usage,,"
        for service, amounts in costs.items()
        for day, amount in zip((START + timedelta(days=number) for number in range(DAYS)), amounts, strict=True)
    ]
    file = tmp_path / "bill.csv"
    file.write_text("\n".join([HEADER, *lines, ""]))
    ingest("auto", [file], source="payer", anyway=True)
    with transaction() as session:
        session.query(Source).filter_by(name="payer").one().settled_through = START + timedelta(days=DAYS - 1)
    yield
    (database / anomaly_rules.FILE).unlink(missing_ok=True)


def _run(*words: str) -> str:
    done = CliRunner().invoke(cli, ["anomalies", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def _replayed(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run("replay", *words, "--json"))
    return found


def _starts(events: list[dict[str, Any]]) -> list[int]:
    return [(date.fromisoformat(one["from"]) - START).days for one in events]


@pytest.mark.usefixtures("ledger")
def test_a_rule_is_replayed_and_held_against_the_rules_as_they_are() -> None:
    """What would be new, and what would be missed; nothing is saved."""
    usual = _replayed("default")
    assert (usual["series"], _starts(usual["events"]), usual["new"], usual["missed"]) == (3, [130, 165], [], [])
    assert (usual["from"], usual["until"]) == ("2026-01-01", "2026-07-20")
    assert [each["events"] for each in usual["months"].values()] == [0, 0, 0, 0, 1, 1, 0]
    assert float(usual["all"]["above"]) == pytest.approx(1500, abs=60)
    larger = _replayed("default", "--amount", "750")
    assert (_starts(larger["events"]), _starts(larger["missed"])) == ([130], [165])
    new = _replayed("batch", "--where", "service=*", "--direction", "down")
    assert (new["series"], new["events"], _starts(new["missed"])) == (2, [], [130, 165])
    assert not (settings().home / anomaly_rules.FILE).exists()


@pytest.mark.usefixtures("ledger")
def test_a_rule_is_saved_after_it_was_replayed_and_decides_from_then_on() -> None:
    """What the file says is replayed next; taking it back is told as new."""
    told = _run("replay", "batch", "--where", "service=*", "--where", "account=a", "--ignore", "--save")
    assert "Against the rules as they are: 0 new, 2 missed." in told
    assert "Saved in" in told
    assert anomaly_rules.rules(settings().home)[0].where == {"service": ("*",), "account": ("a",)}
    assert _starts(_replayed("default")["events"]) == []
    again = _replayed("batch", "--tell", "--kind", "spike")
    assert (_starts(again["new"]), again["rule"]["kinds"]) == ([130, 165], ["spike"])
    find.run()
    with transaction() as session:
        assert session.scalars(select(Anomaly)).all() == []


@pytest.mark.usefixtures("ledger")
def test_a_replay_is_read_in_a_terminal() -> None:
    """The rule, its months, its largest events; and that nothing is saved."""
    told = _run("replay", "default", "--amount", "750")
    assert "Rule “default”: all kinds, up and down; " in told
    assert "at least 10 % of its level and $750.00 a day." in told
    assert "on 3 series in USD: 1 event, 0.2 a month;" in told
    assert "2026-05        1" in told
    assert "The largest:\n  11 May 2026: EC2 in a, AWS, spike, $796.84" in told
    assert "Missed:\n  15 Jun 2026: S3 in a, AWS, spike, $" in told
    assert "Nothing is saved" in told


@pytest.mark.usefixtures("ledger")
def test_what_people_said_is_kept_moves_thresholds_and_shows_in_replays() -> None:
    """The events of a replay have their verdicts, as its thresholds know nothing of them."""
    find.run()
    with transaction() as session:
        first, second = (str(one) for one in session.scalars(select(Anomaly.id).order_by(Anomaly.first_day)))
    assert "EC2 in a, AWS since 2026-05-11: expected. " in _run("feedback", first[:13], "expected", "--note", "a sale")
    told = json.loads(_run("feedback", second, "real", "--json"))
    assert (told["verdict"], round(told["rarer"], 2)) == ("real", 0.5)
    with transaction() as session:
        kept = [
            (one.verdict, one.note) for one in session.scalars(select(AnomalyFeedback).order_by(AnomalyFeedback.id))
        ]
    assert kept == [(Verdict.EXPECTED, "a sale"), (Verdict.REAL, None)]
    assert json.loads(_run("precision", "--json"))["default"]["share"] == 0.5
    assert "default                        2       1        50%  9% to 91%" in _run("precision")
    assert [one["verdict"] for one in _replayed("default")["events"]] == ["expected", "real"]


@pytest.mark.usefixtures("database")
def test_before_anybody_has_said_something_there_is_no_precision() -> None:
    """Nor an event of any id."""
    assert "Nobody has said yet" in _run("precision")
    with pytest.raises(UnknownWordError, match="costs anomalies"):
        _run("feedback", "3f2a", "real")


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["bach"], UnknownWordError, "The rules there are: default"),
        (["default", "--rate", "often"], BadSettingError, "The rule default: rate: "),
        (["default", "--rate", "99"], BadSettingError, "0.001 to 10"),
        (["default", "--where", "team=web"], BadSettingError, "no other rule fits"),
        (["web", "--where", "acount=web"], BadSettingError, "The rule web: I don't know “acount”"),
        (["default", "--kind", "explosion"], BadSettingError, "kinds"),
        (["default", "--currency", "XXX"], CostsError, "choose USD"),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_a_rule_that_makes_no_sense_is_told_before_anything_is_judged(
    words: list[str], error: type[Exception], told: str
) -> None:
    """In one sentence."""
    with pytest.raises(error, match=told):
        _run("replay", *words)


@pytest.mark.usefixtures("database")
def test_an_empty_ledger_has_no_past() -> None:
    """It says what to do; a word without a value is told first."""
    with pytest.raises(NoChargesError):
        _run("replay", "default")
    assert "write a word and a value" in _run("replay", "default", "--where", "team")


def test_the_words_of_verdicts_are_theirs() -> None:
    """The command line names them without importing numpy."""
    assert list(VERDICTS) == [one.value for one in Verdict]
