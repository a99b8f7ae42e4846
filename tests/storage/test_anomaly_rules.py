"""Rules of anomalies are read from a file whose mistakes are named, and saved into it with all else kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event
from finops.anomalies.feedback import Verdict
from finops.anomalies.rules import USUAL, Rule
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity
from finops.errors import BadSettingError, CostsError, UnknownWordError
from finops.periods import Period
from storage import anomalies, anomaly_rules, verdicts

FILE = """\
# What we want to hear of.

# Nobody cares for the sandbox.
- name: sandbox
  where: {account: sandbox-*}  # by name
  ignore: true

# Batch runs at night.
- name: batch
  where:
    service:
      - AWS Batch
      - AmazonEMR
  rate: 0.1
  # The end.
"""
EC2 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="EC2")
S3 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="S3")
WEB = Scope(of=Of.TEAM, team="web")


def _with(folder: Path, text: str) -> Path:
    (folder / "anomalies.yaml").write_text(text)
    return folder


def _text(folder: Path) -> str:
    return (folder / "anomalies.yaml").read_text()


def test_without_a_file_there_is_one_rule_and_it_is_last_in_every_file(tmp_path: Path) -> None:
    """What no rule fits is watched as the estate has it."""
    assert anomaly_rules.rules(tmp_path) == (USUAL,)
    _with(tmp_path, FILE)
    found = anomaly_rules.rules(tmp_path)
    assert [one.name for one in found] == ["sandbox", "batch", "default"]
    assert found[1] == Rule(name="batch", where={"service": ("AWS Batch", "AmazonEMR")}, rate=Decimal("0.1"))
    assert anomaly_rules.rules(_with(tmp_path, "# nothing yet\n")) == (USUAL,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {", "no YAML"),
        ("rules: []", "should hold a list of rules, for example - {name: sandbox"),
        ("- sandbox", "rule 1: it has to be names with values"),
        ("- {where: {team: web}}", "rule 1: name: it is missing"),
        ("- {name: a}\n- {name: a}", "rule 2 (“a”): there is a rule of this name"),
        ("- {name: default}\n- {name: a}", "rule 1 (“default”): it fits everything"),
        ("- {name: a, where: {acount: x}}", "rule 1 (“a”): I don't know “acount”"),
        ("- {name: a, where: {account: 123}}", "where.account.0: put the value in quotation marks"),
        ("- {name: a, rate: 99}", "rule 1 (“a”): A series can be let raise 0.00001 to 10"),
        ("- {name: a, rate: often}", "rule 1 (“a”): rate: "),
        ("- {name: a, when: now}", "when: there is no such field"),
        ("- {name: a, since: 2026-13-45}", "no YAML"),
        ("- {name: a, kinds: [gap]}", "was not collected"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_its_rule(tmp_path: Path, text: str, words: str) -> None:
    """In one sentence, with an example."""
    with pytest.raises(BadSettingError) as told:
        anomaly_rules.rules(_with(tmp_path, text))
    assert words in str(told.value)
    assert "anomalies.yaml" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_rule_is_asked_for_by_its_name(tmp_path: Path) -> None:
    """Another name is answered by those there are."""
    rules = anomaly_rules.rules(_with(tmp_path, FILE))
    assert anomaly_rules.named(rules, "batch").rate == Decimal("0.1")
    with pytest.raises(UnknownWordError, match="sandbox, batch, default"):
        anomaly_rules.named(rules, "bach")


def test_a_saved_rule_replaces_its_own_text_and_nothing_else(tmp_path: Path) -> None:
    """Comments before, between and after rules stay; one within goes, so the file as it was is kept."""
    _with(tmp_path, FILE)
    changed = Rule(name="batch", where={"service": ("AWS Batch",)}, kinds=(Kind.SHIFT,), amount=Decimal("12.50"))
    assert anomaly_rules.save(tmp_path, changed) is None
    assert anomaly_rules.rules(tmp_path)[1] == changed
    start = FILE.index("- name: batch")
    assert _text(tmp_path).startswith(FILE[:start])
    assert _text(tmp_path).endswith("\n  # The end.\n")
    sandbox = Rule(name="sandbox", where={"account": ("sandbox-*", "0123")}, direction="up")
    kept = anomaly_rules.save(tmp_path, sandbox)
    assert kept is not None
    assert "# by name" in kept.read_text()
    assert anomaly_rules.rules(tmp_path)[:2] == (sandbox, changed)
    assert [line.strip() for line in _text(tmp_path).splitlines() if "#" in line] == [
        "# What we want to hear of.",
        "# Nobody cares for the sandbox.",
        "# Batch runs at night.",
        "# The end.",
    ]


def test_a_new_rule_is_first_and_the_default_last(tmp_path: Path) -> None:
    """So that what was replayed is what comes; remarks stay with the rule that they are about."""
    _with(tmp_path, FILE)
    new, default = (
        Rule(name="web", where={"team": ("web",)}, rate=Decimal("0.001")),
        Rule(name="default", rate=Decimal(1)),
    )
    assert anomaly_rules.save(tmp_path, new) is None
    assert anomaly_rules.save(tmp_path, default) is None
    found = anomaly_rules.rules(tmp_path)
    assert [one.name for one in found] == ["web", "sandbox", "batch", "default"]
    assert (found[0], found[-1]) == (new, default)
    assert "# Nobody cares for the sandbox.\n- name: sandbox\n" in _text(tmp_path)


@pytest.mark.parametrize("text", ["", "# ours\n", "- {name: a}", "---\n- name: a\n"])
def test_a_first_rule_is_saved(tmp_path: Path, text: str) -> None:
    """With a file or without one, whatever its last line is."""
    if text:
        _with(tmp_path, text)
    rule = Rule(name="b", where={"team": ("né: #1", "*")}, share=Decimal("0.2"))
    assert anomaly_rules.save(tmp_path, rule) is None
    assert anomaly_rules.rules(tmp_path)[0] == rule
    assert text.startswith("#") == _text(tmp_path).startswith("# ours")


def test_where_comments_cannot_stay_the_file_as_it_was_is_kept(tmp_path: Path) -> None:
    """A list in brackets is written anew."""
    text = "[{name: a, rate: 1}]  # one\n"
    kept = anomaly_rules.save(_with(tmp_path, text), Rule(name="a", rate=Decimal(2)))
    assert kept is not None
    assert kept.read_text() == text
    assert anomaly_rules.rules(tmp_path)[0].rate == 2


def test_what_another_rule_refers_to_is_not_lost(tmp_path: Path) -> None:
    """Where a rule cannot be replaced by itself, all are written anew."""
    _with(tmp_path, "- name: a\n  kinds: &both [spike, drop]\n- name: b\n  kinds: *both\n")
    assert anomaly_rules.save(tmp_path, Rule(name="a", ignore=True)) is None
    assert [one.kinds for one in anomaly_rules.rules(tmp_path)] == [(), (Kind.SPIKE, Kind.DROP), ()]


def test_a_broken_file_is_not_written_to(tmp_path: Path) -> None:
    """Its mistake is told first; nothing half-written stays."""
    _with(tmp_path, "- {name: a, rate: 99}")
    with pytest.raises(BadSettingError, match="rule 1"):
        anomaly_rules.save(tmp_path, Rule(name="b"))
    assert [file.name for file in tmp_path.iterdir()] == ["anomalies.yaml"]
    assert _text(tmp_path) == "- {name: a, rate: 99}"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The folder is not there."""
    with pytest.raises(CostsError, match=r"anomalies\.yaml could not be written"):
        anomaly_rules.save(tmp_path / "gone", Rule(name="b"))


def _event(start: int) -> Event:
    first = date(2026, 9, 1) + timedelta(start)
    amount = Decimal(50)
    days = Period(first, first + timedelta(3))
    return Event("", days, Kind.SPIKE, Decimal(100), Decimal(150), amount, amount, Decimal(9), lasts=False)


def test_the_last_verdict_counts_for_the_series_and_for_those_it_showed_in(session: Session) -> None:
    """A team's event that was merged is the same event; what was withdrawn since keeps its verdict."""
    both = [(EC2, _event(0)), (WEB, _event(0))]
    (row, side) = anomalies.record(session, both, currency="USD", judged=(EC2, WEB)).new
    assert side.merged_into == row.id
    anomalies.say(session, row, Verdict.REAL, who="U1")
    anomalies.say(session, row, Verdict.EXPECTED, who="U2")
    anomalies.record(session, [], currency="USD", judged=())
    now = datetime.now(UTC)
    usual = Sensitivity(rate=Decimal("0.1"))
    told = anomaly_rules.sensitivities(session, (EC2, WEB, S3), (USUAL,), usual=usual, now=now)
    assert {Scope.read(key).name(): one.rate for key, one in told.items()} == {
        EC2.name(): Decimal("0.05"),
        WEB.name(): Decimal("0.05"),
        S3.name(): Decimal("0.1"),
    }
    assert [(one.rule, one.verdict) for one, _ in verdicts.opinions(session)] == [("default", Verdict.EXPECTED)]


def test_what_was_said_moves_what_the_rule_asks_for(session: Session) -> None:
    """And not what the estate has."""
    (row,) = anomalies.record(session, [(EC2, _event(0))], currency="USD", judged=(EC2,)).new
    anomalies.say(session, row, Verdict.FIXED, who="U1")
    rules = (Rule(name="a", where={"service": ("EC2",)}, rate=Decimal(1)),)
    told = anomaly_rules.sensitivities(session, (EC2,), rules, usual=Sensitivity(), now=datetime.now(UTC))
    assert [one.rate for one in told.values()] == [2]
