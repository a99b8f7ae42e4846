"""Rules judged on bills that were read, from the file of rules to what goes out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from costs import cli
from finops.alerting.rules import AlertRule
from finops.errors import CostsError
from finops.periods import Period
from jobs.alerting import evaluate, listed
from jobs.bills.ingest import ingest
from storage import alert_findings, alert_replay, alert_rules, alerting, surprises
from storage.alert_ledger import Ledger
from storage.database import engine, transaction
from storage.models import AlertRuleRow, Outbox, Source

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,SubAccountId,"
HEADER += "ServiceName,RegionId,ChargeCategory,ChargeClass,Tags"
SETTLED = date(2026, 9, 9)
RULES = """
- {name: web, kind: threshold, where: {team: web}, amount: 60, to: "#web"}
- {name: jump, kind: change, share: 0.5, amount: 40, severity: critical}
- {name: fall, kind: change, share: 0.1, comparison: below, amount: 1}
- {name: new, kind: new_service}
- {name: tags, kind: untagged, tag: owner, share: 0.5, amount: 1}
- {name: late, kind: stale_data}
- {name: failing, kind: failed_collection}
- {name: budgets, kind: forecast_over_budget}
- {name: used, kind: commitment_underused}
- {name: ending, kind: commitment_expiring}
- {name: odd, kind: anomaly, where: {team: web}, to: "#web"}
"""


def _bill(
    folder: Path, extra: dict[tuple[date, str], str], *, last: date = SETTLED, settled: date = SETTLED,
    source: str = "payer", team: str = "web",
) -> None:  # fmt: skip
    """Read a bill since July: 50 a day of EC2 for a team, and what else is given by day and service."""
    every = {(day, "EC2"): "50" for day in Period(date(2026, 7, 1), last + timedelta(days=1))}
    for month in {day.replace(day=1) for day, _ in every}:
        rows = [
            f"{month}T00:00:00Z,{day}T00:00:00Z,USD,{amount},{amount},AWS,a,{service},eu-1,Usage,,"
            f'"{{""team"":""{team}"",""owner"":""ada""}}"'
            for (day, service), amount in (every | extra).items()
            if day.replace(day=1) == month
        ]
        file = folder / f"{month}.csv"
        file.write_text("\n".join([HEADER, *rows, ""]))
        ingest("auto", [file], source=source)
    with transaction() as session:
        session.query(Source).filter_by(name=source).one().settled_through = settled


def _open() -> dict[str, str]:
    with transaction() as session:
        names = {row.id: row.name for row in alert_rules.listed(session)}
        return {names[one.rule_id]: one.sentence for one in alerting.listed(session)}


def test_rules_of_the_file_are_judged_on_the_ledger_told_once_and_closed(tmp_path: Path, database: Path) -> None:
    """A day of web that costs 100 instead of 50, because of a service that is new; the next day all is well."""
    (database / "alerts.yaml").write_text(RULES)
    try:
        _bill(tmp_path, {(SETTLED, "Bedrock"): "50"})
        counts = evaluate.run(at=f"{SETTLED + timedelta(days=2)}T08:00:00+00:00")
        assert counts == {"rules": 11, "fired": 3, "told": 3, "worse": 0, "better": 0, "over": 0, "woken": 0,
                          "escalated": 0}  # fmt: skip
        assert _open() == {
            "web": "Usage of team web cost $100.00 on 9 Sep 2026, more than $60.00.",
            "jump": "Usage cost $100.00 on 9 Sep 2026, $50.00 (100 %) more than the same weekday usually does.",
            "new": "A new service is used: Bedrock of AWS, since 9 Sep 2026, at $50.00 a day so far.",
        }
        with transaction() as session:
            channels = [row.payload["channel"] for row in session.scalars(select(Outbox).order_by(Outbox.id))]
        assert sorted(map(str, channels)) == ["#web", "None", "None"]
        assert sum(evaluate.run(at=f"{SETTLED + timedelta(days=2)}T09:00:00+00:00").values()) == 11
        _bill(tmp_path, {(SETTLED, "Bedrock"): "50"}, last=SETTLED + timedelta(days=1), settled=SETTLED + timedelta(1))
        assert evaluate.run(at=f"{SETTLED + timedelta(days=3)}T08:00:00+00:00")["over"] == 2
        assert list(_open()) == ["new"]
        with transaction() as session:
            rule = AlertRule.model_validate({"name": "x", "kind": "threshold", "amount": 60})
            replay = alert_replay.would_have_fired(session, rule, SETTLED + timedelta(days=3))
        assert replay.days == (SETTLED,)
        assert (
            replay.sentence
            == "It would have fired once in the 72 days that are known: on 9 Sep 2026; open on 1 of 72 days."
        )
    finally:
        (database / "alerts.yaml").unlink()


def test_a_first_bill_tells_nothing_of_its_past_and_a_bill_that_stands_still_is_no_drop(
    tmp_path: Path, database: Path
) -> None:
    """Ten days later it is late, which is all that there is to tell; a day that has begun is no drop either."""
    (database / "alerts.yaml").write_text(RULES)
    try:
        early = {(date(2026, 8, 3), "Bedrock"): "500", (SETTLED + timedelta(days=1), "EC2"): "1"}
        _bill(tmp_path, early, last=SETTLED + timedelta(days=1))
        assert evaluate.run(at=f"{SETTLED + timedelta(days=2)}T08:00:00+00:00")["fired"] == 0
        assert evaluate.run(at=f"{SETTLED + timedelta(days=12)}T08:00:00+00:00")["fired"] == 1
        (sentence,) = _open().values()
        assert sentence.startswith("The bill of payer is complete up to 9 Sep 2026 only, 12 days ago")
    finally:
        (database / "alerts.yaml").unlink()


def test_a_file_of_rules_that_is_wrong_is_told_and_the_rules_read_before_hold(tmp_path: Path, database: Path) -> None:
    """The alert is opened, and the run fails naming the line."""
    file = database / "alerts.yaml"
    try:
        _bill(tmp_path, {(SETTLED, "EC2"): "100"})
        file.write_text("- {name: web, kind: threshold, amount: 60}\n")
        with transaction() as session:
            alert_rules.add(session, AlertRule.model_validate({"name": "b", "kind": "threshold", "amount": 60}),
                            by=alert_rules.FILE)  # fmt: skip
        file.write_text("- {name: web, kind: threshold, amont: 60}\n")
        with pytest.raises(CostsError, match=r"rule 1 \(“web”\): amont: no rule has such a field"):
            evaluate.run(at=f"{SETTLED + timedelta(days=2)}T08:00:00+00:00")
        assert list(_open()) == ["b"]
    finally:
        file.unlink()


def _kept(name: str, **fields: object) -> None:
    with transaction() as session:
        given = {"name": name, "kind": "threshold", "amount": 60, **fields}
        alert_rules.add(session, AlertRule.model_validate(given), by=alert_rules.FILE)


def _broken(name: str, held: object) -> None:
    """Have a rule be what another version, or a hand in the database, has kept."""
    with transaction() as session:
        session.execute(update(AlertRuleRow).where(AlertRuleRow.name == name).values(rule=held))


def _messages() -> list[dict[str, Any]]:
    with transaction() as session:
        return [row.payload for row in session.scalars(select(Outbox).order_by(Outbox.id)) if "alert" in row.payload]


def test_a_rule_that_fails_stops_no_other_and_is_told_once_while_it_lasts(tmp_path: Path, database: Path) -> None:
    """By name, where it tells; when it fails anew later, again."""
    del database
    _bill(tmp_path, {(SETTLED, "EC2"): "100"})
    _kept("a", to="#web")
    _kept("b")
    _broken("a", {"kind": "threshold", "amont": "60", "to": "#web"})
    at = datetime(2026, 9, 11, 8, tzinfo=UTC)
    for hour in range(3):
        with pytest.raises(CostsError, match=r"The alert rule “a”: amont: no rule has such a field"):
            evaluate.run(at=str(at + timedelta(hours=hour)))
    assert list(_open()) == ["b"]
    [told] = _messages()
    assert (told["channel"], told["alert"]["title"]) == ("#web", "The alert rule “a” cannot be judged.")
    [line, _] = [line for line, _ in listed.rules()]
    assert "cannot be judged: The alert rule “a”: amont" in line
    _broken("a", {"kind": "threshold", "amount": "60"})
    assert evaluate.run(at=str(at + timedelta(hours=3)))["fired"] == 1
    assert "cannot" not in listed.rules()[0][0]
    _broken("a", ["no", "rule"])
    with pytest.raises(CostsError, match=r"it has to be names with values"):
        evaluate.run(at=str(at + timedelta(hours=4)))
    assert len(_messages()) == 2


def test_what_nobody_expected_of_a_rule_has_an_id_to_quote_and_stops_no_other(tmp_path: Path, database: Path) -> None:
    """Here the database refuses what the first one opens; it is kept and told once while it lasts."""
    del database
    _bill(tmp_path, {(SETTLED, "EC2"): "100"})
    _kept("a", where={"team": "web"})
    _kept("b")
    with engine().begin() as connection:
        connection.execute(text("alter table alerts add constraint odd check (sentence not like 'Usage of team web%')"))
    try:
        for hour in (8, 9):
            with pytest.raises(CostsError, match=r"Something went wrong on our side \(IntegrityError\)"):
                evaluate.run(at=f"2026-09-11T{hour:02}:00:00+00:00")
    finally:
        with engine().begin() as connection:
            connection.execute(text("alter table alerts drop constraint odd"))
    assert list(_open()) == ["b"]
    [told] = _messages()
    [quoted] = re.findall(r"costs errors (\w+)", str(told))
    with transaction() as session:
        assert [one.id for one in surprises.latest(session)] == [quoted]


def test_a_file_that_cannot_be_read_is_told_once(tmp_path: Path, database: Path) -> None:
    """To the channel of announcements; not every hour."""
    del tmp_path
    (database / "alerts.yaml").write_text("- {name: web, kind: threshold, amont: 60}\n")
    try:
        for hour in (8, 9):
            with pytest.raises(CostsError, match="amont"):
                evaluate.run(at=f"2026-09-11T{hour:02}:00:00+00:00")
    finally:
        (database / "alerts.yaml").unlink()
    [told] = _messages()
    assert (told["channel"], told["alert"]["title"]) == (None, "alerts.yaml cannot be read.")


def test_a_source_that_appears_while_rules_are_judged_is_judged_the_next_time(tmp_path: Path, database: Path) -> None:
    """It is no error: the ledger is as it was read, whole, and then as it is."""
    del database
    _bill(tmp_path, {})
    rules = [
        AlertRule.model_validate({"name": "x", "where": {"team": "data"}, **one})
        for one in ({"kind": "threshold", "amount": 10}, {"kind": "change", "share": 0.1, "amount": 1})
    ]
    rules.append(AlertRule.model_validate({"name": "y", "kind": "new_service"}))
    with transaction() as session:
        before = Ledger.read(session)
    _bill(tmp_path, {(SETTLED, "Bedrock"): "50"}, source="second", team="data")
    with transaction() as session:
        was = [alert_findings.now(session, one, replace(before, session=session), today=SETTLED) for one in rules]
        now = [alert_findings.now(session, one, Ledger.read(session), today=SETTLED) for one in rules]
    assert was == [[], [], []]
    assert [len(one) for one in now] == [1, 1, 1]


def test_the_command_line_keeps_tries_mutes_and_removes_a_rule(tmp_path: Path, database: Path) -> None:
    """From options, as JSON, with how often it would have fired."""
    _bill(tmp_path, {(SETTLED - timedelta(days=9), "EC2"): "100.50"})

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["alerts", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    options = ["--kind", "threshold", "--where", "team=web", "--amount", "60.5", "--currency", "USD"]
    (kept,) = json.loads(run("add", "--name", "web", *options, "--json"))
    assert (kept["count"], kept["days"], kept["kept"]) == (1, ["2026-08-31"], True)
    (rule,) = json.loads(run("rules", "--json"))
    assert Decimal(rule["rule"]["amount"]) == Decimal("60.5")
    assert json.loads(run("mute", "web", "--until", "2d", "--json"))[0]["muted_until"]
    assert json.loads(run("replay", "web", "--json"))["count"] == 1
    assert json.loads(run("evaluate", "--json"))["fired"] == 0
    assert json.loads(run("remove", "web", "--json")) == {"removed": "web", "closed": 0}
    assert json.loads(run("rules", "--json")) == json.loads(run("--json")) == []
