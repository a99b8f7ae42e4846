"""Known events are recorded one by one or brought by files and calendars: whole, once, and with who and when."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from costs import cli
from finops.errors import BadSettingError, UnavailableError
from finops.known_events import KnownEvent
from finops.periods import Period
from jobs.known_events import calendars, files
from storage import known_events
from storage.database import transaction
from storage.models import KnownEventRow

TODAY = date(2026, 11, 20)


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["events", *arguments])


def listed() -> list[dict[str, str]]:
    """Return what is recorded."""
    found: list[dict[str, str]] = json.loads(run("list", "--json").stdout)
    return found


def calendar(tmp_path: Path, *lines: str) -> Path:
    """Write a calendar of one event."""
    file = tmp_path / "team.ics"
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    file.write_text("\r\n".join(body))
    return file


def read(file: Path) -> list[KnownEvent]:
    """Read a calendar as of a fixed day."""
    return calendars.read(file, file.read_text(), today=TODAY)


def test_one_is_recorded_listed_and_taken_out(database: Path) -> None:
    """With who, when, scope, what and link; the same again is one; its id may be shortened."""
    given = ("Checkout 4.2", "--first", "2026-11-12", "--last", "2026-11-13", "--kind", "release")
    scope = ("--where", "team=payments", "--where", "provider=aws", "--link", "https://git.test/r")
    assert run("add", *given, *scope).exit_code == 0
    assert "recorded already" in run("add", *given, *scope).stdout
    [one] = listed()
    assert (one["first"], one["last"], one["kind"], one["link"]) == (
        "2026-11-12", "2026-11-13", "release", "https://git.test/r",
    )  # fmt: skip
    assert one["where"] == {"team": ["payments"], "provider": ["aws"]}
    assert one["added_by"]
    assert datetime.fromisoformat(one["added_at"]) <= datetime.now(UTC)
    assert "Checkout 4.2 (team=payments and provider=aws) over 12" in run("list").stdout
    assert run("list", "--since", "2026-11-14", "--json").stdout.strip() == "[]"
    assert "Taken out" in run("remove", one["id"][:8]).stdout
    assert "No event is recorded" in run("list").stdout


@pytest.mark.parametrize("text", ["", "zz", "%", "_"])
def test_an_id_that_names_none_takes_nothing_out(database: Path, text: str) -> None:
    """Nor does one that would fit any."""
    run("add", "Freeze")
    failed = run("remove", text)
    assert failed.exit_code == 1
    assert "don't know" in str(failed.exception)
    assert len(listed()) == 1


def test_a_file_read_again_replaces_what_it_brought(database: Path, tmp_path: Path) -> None:
    """What stays keeps its row, and what a person recorded stays whatever files say."""
    file = tmp_path / "events.yaml"
    run("add", "By hand")
    file.write_text("- {title: A, first: 2026-11-01}\n- {title: B, first: 2026-11-02, last: 2026-11-04}\n")
    assert json.loads(run("import", str(file), "--json").stdout)["new"] == 2
    kept = {one["title"]: one["id"] for one in listed()}
    file.write_text("- {title: B, first: 2026-11-02, last: 2026-11-04}\n- {title: C, first: 2026-11-03}\n")
    told = json.loads(run("import", str(file), "--json").stdout)
    assert (told["events"], told["new"], told["gone"]) == (2, 1, 1)
    after = {one["title"]: one["id"] for one in listed()}
    assert set(after) == {"By hand", "B", "C"}
    assert after["B"] == kept["B"]


def test_workspaces_do_not_touch_each_other(database: Path) -> None:
    """Each lists and takes out its own; what the command line recorded is told to all."""
    one = KnownEvent(title="Freeze", first=TODAY, end=TODAY + timedelta(days=1))
    other = one.model_copy(update={"title": "Move"})
    here = Period(TODAY, TODAY + timedelta(days=1))
    with transaction() as session:
        row, _ = known_events.add(session, one, by="U1", workspace="T1")
        known_events.add(session, other, by="ops")
        assert [each.title for each in known_events.between(session, here, workspace="T1")] == ["Freeze", "Move"]
        assert [each.title for each in known_events.between(session, here, workspace="T2")] == ["Move"]
        assert known_events.listed(session, workspace="T2") == []
        row_id = str(row.id)
    assert run("remove", row_id).exit_code == 1
    assert [one["title"] for one in listed()] == ["Move"]


def test_a_page_is_made_anew_for_what_was_recorded_after_it(database: Path) -> None:
    """Only for events of its days."""
    run("add", "Freeze", "--first", "2026-11-12")
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    near, far = Period(date(2026, 11, 11), date(2026, 11, 14)), Period(date(2026, 11, 13), date(2026, 11, 14))
    with transaction() as session:
        session.execute(update(KnownEventRow).values(added_at=noon))
        hour = timedelta(hours=1)
        assert known_events.added_since(session, near, noon - hour)
        assert not known_events.added_since(session, near, noon + hour)
        assert not known_events.added_since(session, far, noon - hour)


def test_csv_and_yaml_tell_the_same(tmp_path: Path) -> None:
    """A scope of several words, several values of one, a link."""
    table, notes = tmp_path / "a.csv", tmp_path / "a.yml"
    table.write_text(
        "title,first,last,kind,where,link\n"
        '"Move, at last",2026-11-02,2026-11-03,migration,team=web and provider=aws and provider=gcp,https://x.test/1\n'
        "Freeze,2026-11-05,,,,\n"
    )
    notes.write_text(
        '- {title: "Move, at last", first: 2026-11-02, last: 2026-11-03, kind: migration, link: "https://x.test/1",'
        " where: {team: web, provider: [aws, gcp]}}\n- {title: Freeze, first: 2026-11-05}\n"
    )
    assert files.read(table) == files.read(notes)
    assert len(files.read(table)) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.yaml", "{title: A}", "should be a list"),
        ("a.yaml", "[1]", "should be a list"),
        ("a.yaml", "- {title: A, first: [", "is no YAML"),
        ("a.yaml", "- {title: A, first: 2026-11-01}\n- {title: B, first: soon}", "item 2, first: “soon” is no day"),
        ("a.yaml", "- {title: A}", "item 1, first: “None” is no day"),
        ("a.yaml", "- {title: A, first: 2026-11-01, colour: red}", "“colour” is nothing that an event has"),
        ("a.yaml", "- {title: A, first: 2026-11-01, kind: feast}", "item 1, kind"),
        ("a.yaml", "- {title: A, first: 2026-11-01, where: web}", "item 1, where"),
        ("a.yaml", "- {title: A, first: 9999-12-31}", "a.yaml, item 1"),
        ("a.csv", "name,when\nA,2026-11-01\n", "CSV begins with the line title,first"),
        ("a.csv", "title,first\nA,2026-11-01,b\n", "row 1: a cell beyond the head"),
        ("a.csv", "title,first,where\nA,2026-11-01,web\n", "does not say whose costs"),
        ("a.csv", "", "CSV begins with"),
        ("a.txt", "", "read from .yaml, .csv or .ics"),
        ("a.ics", "hello", "is no calendar"),
        ("a.ics", "", "is no calendar"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_and_keeps_nothing(
    database: Path, tmp_path: Path, name: str, content: str, said: str
) -> None:
    """Neither what stands before the broken item."""
    file = tmp_path / name
    file.write_text(content)
    failed = run("import", str(file))
    assert failed.exit_code == 1
    assert isinstance(failed.exception, BadSettingError)
    assert said in str(failed.exception)
    assert listed() == []


def test_what_is_no_text_or_no_file_is_a_sentence(tmp_path: Path) -> None:
    """Or far too large."""
    file = tmp_path / "a.csv"
    with pytest.raises(UnavailableError, match="cannot be read"):
        files.read(file)
    file.write_bytes(b"title,first\n\xff\xfe")
    with pytest.raises(BadSettingError, match="no UTF-8 text"):
        files.read(file)
    file.write_bytes(b"title,first\n" + b" " * files.LARGEST)
    with pytest.raises(BadSettingError, match="larger than"):
        files.read(file)


def test_a_calendars_event_takes_the_days_it_touches(tmp_path: Path) -> None:
    """In its own time zone; midnight at its end belongs to the day before."""
    whole = calendar(tmp_path, "SUMMARY:Freeze", "DTSTART;VALUE=DATE:20261112", "DTEND;VALUE=DATE:20261114")
    assert [(one.title, one.first, one.end) for one in read(whole)] == [
        ("Freeze", date(2026, 11, 12), date(2026, 11, 14))
    ]
    night = calendar(
        tmp_path, "SUMMARY:Move", "DTSTART;TZID=Europe/Berlin:20261112T230000",
        "DTEND;TZID=Europe/Berlin:20261113T000000", "CATEGORIES:Migration", "URL:https://x.test/a",
    )  # fmt: skip
    [one] = read(night)
    assert (one.first, one.end, one.kind, one.link) == (
        date(2026, 11, 12), date(2026, 11, 13), "migration", "https://x.test/a",
    )  # fmt: skip


def test_what_repeats_is_there_each_time_and_not_for_ever(tmp_path: Path) -> None:
    """Three years back and two ahead; what is called off is not there."""
    yearly = calendar(
        tmp_path, "SUMMARY:Sale", "DTSTART;VALUE=DATE:20101127", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20251127",
        "URL:javascript:alert(1)",
    )  # fmt: skip
    found = read(yearly)
    assert [one.first.year for one in found] == [2023, 2024, 2026, 2027]
    assert {one.link for one in found} == {None}


@pytest.mark.parametrize("often", ["SECONDLY", "MINUTELY", "HOURLY"])
def test_what_repeats_within_a_day_is_refused(tmp_path: Path, often: str) -> None:
    """Years of it would be millions."""
    with pytest.raises(BadSettingError, match="“Tick” repeats more often than daily"):
        read(calendar(tmp_path, "SUMMARY:Tick", "DTSTART:20200101T000000Z", f"RRULE:FREQ={often}"))


@pytest.mark.parametrize(
    "lines", [("SUMMARY:A",), ("SUMMARY:A", "DTSTART:soon"), ("SUMMARY:A", "DTSTART:20261101", "RRULE:FREQ=NEVER")]
)
def test_a_broken_calendar_is_a_sentence(tmp_path: Path, lines: tuple[str, ...]) -> None:
    """Whatever of it is broken."""
    with pytest.raises(BadSettingError, match="no calendar that can be read"):
        read(calendar(tmp_path, *lines))


def test_public_holidays_are_recorded_by_country_and_part(database: Path) -> None:
    """Asked again, nothing changes; others are replaced only by their own kind."""
    assert json.loads(run("holidays", "de", "--part", "by", "--year", "2026", "--json").stdout)["new"] == 12
    told = json.loads(run("holidays", "DE", "--part", "BY", "--year", "2026", "--json").stdout)
    assert (told["new"], told["gone"]) == (0, 0)
    found = {one["title"]: one for one in listed()}
    assert (found["Epiphany"]["first"], found["Epiphany"]["kind"]) == ("2026-01-06", "holiday")
    for wrong, said in ((("XX",), "“XX” are not known"), (("DE", "--part", "ZZ"), "no part of DE")):
        failed = run("holidays", *wrong)
        assert failed.exit_code == 1
        assert said in str(failed.exception)
