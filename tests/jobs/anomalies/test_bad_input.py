"""Whatever is wrong with the ledger, a question or the machine: one sentence, a failed run, and nothing half-stored."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from sqlalchemy import func, select

from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series
from finops.errors import BadDeliveryError, CostsError, UnavailableError
from jobs import notebooks, runner
from jobs.anomalies import watching
from jobs.bills.ingest import ingest
from storage.database import transaction
from storage.models import Anomaly, Outbox, Outcome, Run, Source

START, DAYS = date(2026, 3, 1), 60
HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,SubAccountId,"
HEADER += "ServiceName,RegionId,ChargeCategory,ChargeClass,Tags"
EC2 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="EC2").written()
ASKED = {"scope": EC2, "first": "2026-04-20", "end": "2026-04-22", "currency": "USD"}
PATIENCE = 60


def _bill(folder: Path, *, cost: str = "100") -> None:
    days = [START + timedelta(days=number) for number in range(DAYS)]
    rows = [f"{day:%Y-%m}-01T00:00:00Z,{day}T00:00:00Z,USD,{cost},{cost},AWS,a,EC2,eu-1,Usage,," for day in days]
    file = folder / "bill.csv"
    file.write_text("\n".join([HEADER, *rows, ""]))
    ingest("auto", [file], source="payer")
    with transaction() as session:
        session.query(Source).filter_by(name="payer").one().settled_through = days[-1]


def _stored() -> dict[str, int]:
    """Count what anomalies leave, of their jobs and of their pages."""
    with transaction() as session:
        return {one.__tablename__: session.scalar(select(func.count()).select_from(one)) or 0
                for one in (Anomaly, Outbox)}  # fmt: skip


def _last() -> Run:
    with transaction() as session:
        return session.scalars(select(Run).order_by(Run.started_at.desc())).first() or Run()


def _refused(parameters: Mapping[str, Any], **limits: float) -> str:
    """Return in what words a page was refused: its run's own, which has failed and has no result."""
    with pytest.raises(CostsError) as caught:
        notebooks.execute(notebooks.known("anomalies"), parameters, **limits)  # type: ignore[arg-type]
    run = _last()
    assert (run.outcome, run.error, run.result) == (Outcome.FAILED, str(caught.value), None)
    assert "\n" not in str(caught.value)
    assert not any(_stored().values())
    return str(caught.value)


def test_a_job_on_an_empty_ledger_has_failed_with_what_to_do(database: Path) -> None:
    """Nothing is out of order where nothing is."""
    del database
    with pytest.raises(CostsError, match="read a bill first"):
        runner.run("anomalies")
    assert (_last().outcome, "read a bill first" in str(_last().error)) == (Outcome.FAILED, True)
    assert not any(_stored().values())


def test_a_bill_of_no_numbers_is_refused_and_a_look_at_what_there_is_finds_nothing(
    tmp_path: Path, database: Path
) -> None:
    """NaN is no amount: the bill before it stands."""
    del database
    _bill(tmp_path)
    with pytest.raises(BadDeliveryError, match="row 1, column BilledCost: expected an amount"):
        _bill(tmp_path, cost="NaN")
    assert runner.run("anomalies").result["USD"]["new"] == 0
    assert _stored() == {"anomalies": 0, "outbox": 1}  # the alert that a bill was refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scpoe": EC2}, r"takes no “scpoe”. Did you mean “scope”?"),
        ({"first": 20260420}, "“first” of the notebook anomalies must be"),
        ({"scope": None}, "“scope” of the notebook anomalies must be"),
    ],
)
def test_a_parameter_of_a_wrong_name_or_type_is_refused_before_anything_runs(
    database: Path, change: dict[str, object], words: str
) -> None:
    """With what it takes."""
    del database
    assert words in _refused({**ASKED, **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": "2099-01-01", "end": "2099-01-02"}, "is not within the settled days of that series"),
        ({"first": "2026-04-22", "end": "2026-04-20"}, "The days of an event are its first one and the one after"),
        ({"first": "yesterday"}, "as 2026-11-12 and 2026-11-15; not yesterday"),
        ({"scope": "EC2"}, "“EC2” does not say whose costs"),
        ({"currency": "EUR"}, "has no settled costs in EUR"),
    ],
    ids=["the future", "backwards", "no day", "no scope", "a currency that it has not"],
)
def test_a_page_that_is_asked_for_what_is_not_there_says_so(
    tmp_path: Path, database: Path, change: dict[str, object], words: str
) -> None:
    """In one sentence, with what would do."""
    del database
    _bill(tmp_path)
    assert words in _refused({**ASKED, **change})


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"time_limit": 0.5}, "took longer than 0.5 seconds"), ({"memory_limit": 150 * 2**20}, "150 MiB of memory")],
    ids=["hangs", "out of memory"],
)
def test_a_page_that_takes_too_long_or_too_much_has_failed(
    tmp_path: Path, database: Path, limits: dict[str, float], words: str
) -> None:
    """And is ended."""
    del database
    _bill(tmp_path)
    assert words in _refused(ASKED, **limits)


def test_a_page_whose_kernel_is_killed_has_failed(tmp_path: Path, database: Path) -> None:
    """By whatever kills it."""
    del database
    _bill(tmp_path)
    over = threading.Event()
    killer = threading.Thread(target=_kill_kernel, args=(over,))
    killer.start()
    try:
        assert "lost its kernel" in _refused(ASKED)
    finally:
        over.set()
        killer.join()


def _kill_kernel(over: threading.Event) -> None:
    """Kill the first kernel beneath this process, once there is one."""
    while not over.wait(0.05):
        for one in psutil.Process().children(recursive=True):
            if "jobs.execution.kernel" in one.cmdline() and one.cpu_times().user > 0.2:
                one.kill()
                return


class Deadly(Series):
    """A series that no process survives which it is handed to."""

    def __reduce__(self) -> tuple[object, ...]:
        """End whoever unpacks it."""
        return os._exit, (1,)


def test_a_process_that_dies_while_it_judges_is_told_in_a_sentence() -> None:
    """As one does that the system ends for want of memory."""
    scope = Scope.read(EC2)
    series = [(scope, Deadly(EC2, START, np.arange(60.0))) for _ in range(watching.WORTH)]
    with pytest.raises(UnavailableError, match=r"judges 200 series (was ended, most likely|could not be st)"):
        watching.found(series, {EC2: Sensitivity()})


def test_one_spike_among_ten_thousand_series_is_found_alone() -> None:
    """The others move by less than the floor, so nothing has to be judged that could not be told."""
    random = np.random.default_rng(3)
    known = []
    for number in range(10_000):
        scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id=str(number), service_name="EC2")
        known.append((scope, Series(scope.written(), START, random.normal(20, 0.5, 200))))
    known[4321][1].amounts[150] = 400.0
    wanted = Sensitivity(rate=Decimal("0.0001"), amount=Decimal(25))
    found = watching.found(known, {scope.written(): wanted for scope, _ in known})
    assert [(scope.sub_account_id, event.days.start) for scope, event in found] == [
        ("4321", START + timedelta(days=150))
    ]
