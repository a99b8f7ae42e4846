"""Other ways out: what is due arrives, is tried again until it does, and its secrets are told nowhere."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finops.anomalies.scopes import Of, Scope
from finops.errors import BadSettingError, UnknownWordError
from finops.outlets import Outlet, disarmed
from jobs import deliver, digest
from jobs.anomalies import outlying
from jobs.cli.outlets import outlets as cli
from storage import alerts, outbox, outlets
from storage.anomalies import Recorded
from storage.database import transaction
from storage.models import Anomaly, Outbox, OutboxState
from storage.settings import settings

SECRET = "s3cr3t-t0ken-of-the-hook"  # noqa: S105  of nothing


class Hook:
    """A receiver on loopback that notes what it gets and answers as scripted, or 200."""

    def __init__(self) -> None:
        """Serve on a port of the system's choice."""
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.script: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.got.append((self.path, json.loads(raw)))
                self.send_response(outer.script.pop(0) if outer.script else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hook(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A receiver, an outlet that is it, and one that is mail."""
    del database
    served = Hook()
    monkeypatch.setenv("HOOK_TOKEN", SECRET)
    monkeypatch.setattr(type(settings()), "home", property(lambda _: tmp_path))
    _write(tmp_path, f'url: "json://127.0.0.1:{served.server.server_port}/${{HOOK_TOKEN}}", tells: [anomalies, daily]')
    yield served
    served.close()


def _write(home: Path, oncall: str) -> None:
    text = f"- {{name: oncall, {oncall}}}\n- {{name: finance, mail: [cfo@example.com], tells: [weekly]}}\n"
    (home / "outlets.yaml").write_text(text)


def _put(name: str, *lines: str) -> None:
    with transaction() as session:
        outlet = outlets.named(settings().home, name)
        assert outlets.put(session, outlet, key="a thing", title="EC2 costs more", lines=list(lines))
        assert not outlets.put(session, outlet, key="a thing", title="again", lines=[])


def _message() -> Outbox:
    with transaction() as session:
        return session.scalars(select(Outbox)).one()


def test_a_refused_text_is_sent_again_until_it_is_taken_and_no_log_has_the_secret(
    hook: Hook, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The 500 is a sentence that names the outlet; neither it, the row nor any log holds the address."""
    hook.script.append(500)
    _put("oncall", "since 12 Nov")
    with caplog.at_level(logging.DEBUG), pytest.raises(deliver.DeliveryError) as error:
        deliver.run()
    refused = _message()
    assert "The outlet oncall (json) answered 500." in str(error.value)
    assert (refused.state, refused.attempts) == (OutboxState.PENDING, 1)
    with transaction() as session:
        session.execute(update(Outbox).values(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)))
    with caplog.at_level(logging.DEBUG):
        assert deliver.run()["sent"] == 1
    assert _message().state is OutboxState.SENT
    assert [path for path, _ in hook.got] == [f"/{SECRET}"] * 2
    assert hook.got[1][1]["title"] == "EC2 costs more"
    assert hook.got[1][1]["message"] == "since 12 Nov"
    kept = f"{refused.error} {refused.payload} {refused.receipt} {_message().receipt} {error.value}"
    assert SECRET not in f"{kept} {caplog.text} {''.join(capfd.readouterr())}"


def test_who_does_not_answer_at_all_is_tried_again(hook: Hook, tmp_path: Path) -> None:
    """A receiver that is away loses nothing."""
    hook.close()
    _put("oncall", "x")
    with pytest.raises(deliver.DeliveryError, match="did not answer"):
        deliver.run()
    assert _message().state is OutboxState.PENDING
    hook.__init__()  # type: ignore[misc]  # so that the fixture has something to end
    del tmp_path


def test_mail_is_an_outlet_by_the_way_of_all_mails(hook: Hook, tmp_path: Path) -> None:
    """What others named is text in it."""
    del hook
    _put("finance", "<script>alert(1)</script> [x](https://evil)")
    assert deliver.run()["sent"] == 1
    [page] = (tmp_path / "outbox").glob("*.html")
    assert "<script>" not in page.read_text()
    [mail] = (tmp_path / "outbox").glob("*.eml")
    assert b"To: cfo@example.com" in mail.read_bytes()


def test_foreign_names_call_nobody() -> None:
    """Whatever a service makes of marks, there are none left."""
    shown = disarmed("<!channel> @everyone [a](b) `c` *d*\nx")
    assert not set(shown) & set("<>[]`*\n@")
    assert "channel" in shown
    assert disarmed("lena@example.com") == "lena@example.com"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("url: x://y, mail: [a@b.c]", "a url or mail"),
        ("tells: [daily]", "a url or mail"),
        ("url: x://y, tells: [hourly]", "outlet 1"),
        ("url: x://y, timezone: Mars/Base", "timezone"),
        ("url: x://y, colour: red", "colour: no such word"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_where_it_stands(tmp_path: Path, entry: str, told: str) -> None:
    """And without the address."""
    _write(tmp_path, entry)
    with pytest.raises(BadSettingError, match=told) as error:
        outlets.outlets(tmp_path)
    assert "x://y" not in str(error.value)


def test_the_command_line_lists_them_without_addresses_and_tries_one(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that is not set, and an address that nobody knows, are told by the outlet's name."""
    runner = CliRunner()
    listed = runner.invoke(cli).output
    assert "oncall" in listed
    assert "json" in listed
    assert not any(word in listed for word in (SECRET, "127.0.0.1", "cfo@"))
    assert "took it" in runner.invoke(cli, ["test", "oncall"]).output
    assert len(hook.got) == 1
    assert isinstance(runner.invoke(cli, ["test", "nobody"]).exception, UnknownWordError)
    monkeypatch.delenv("HOOK_TOKEN")
    assert "HOOK_TOKEN" in str(runner.invoke(cli, ["test", "oncall"]).exception)
    _write(tmp_path, f'url: "bogus://{SECRET}"')
    failed = str(runner.invoke(cli, ["test", "oncall"]).exception)
    assert "none that apprise knows" in failed
    assert SECRET not in failed


def test_an_event_that_slack_is_told_of_goes_to_outlets_that_want_it_once(session: Session, tmp_path: Path) -> None:
    """Not to one that asks about other costs, and not what is only listed."""
    text = '- {name: all, url: "json://127.0.0.1:9", tells: [anomalies]}\n'
    (tmp_path / "outlets.yaml").write_text(text + text.replace("all", "gcp").replace("}", ", where: {provider: gcp}}"))
    rows = [_event(session, "EC2"), _event(session, "S3")]
    alerts.put(session, rows[0])
    wanted = outlets.outlets(tmp_path)
    recorded = Recorded(new=rows, going=[], withdrawn=[])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(settings()), "home", property(lambda _: tmp_path))
        assert (outlying.tell(session, recorded), outlying.tell(session, recorded)) == (1, 0)
    [message] = session.scalars(select(Outbox).where(Outbox.kind == outlets.KIND))
    assert message.payload["outlet"] == wanted[0].name
    assert "EC2" in message.payload["title"]


def _event(session: Session, service: str) -> Anomaly:
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=service)
    row = Anomaly(
        id=uuid.uuid4(), scope=scope.written(), currency="USD", kind="spike", rising=True, first_day=date(2026, 11, 16),
        end_day=date(2026, 11, 20), expected=Decimal(10), actual=Decimal(60), excess=Decimal(50),
        excess_so_far=Decimal(200), monthly=Decimal(1500), months=12.0, lasts=True, rule="default",
        found_at=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def test_a_digest_for_an_outlet_is_written_down_once_a_day(session: Session) -> None:
    """By the outlet's hour and time zone; whoever draws it hands it on."""
    outlet = Outlet(name="ops", url="json://x", tells=("daily",), timezone="Asia/Tokyo", hour=8)  # type: ignore[arg-type]  # as YAML has it
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    [cadence] = outlet.cadences
    new = [digest.put_outlet(session, outlet, cadence, now=at + timedelta(hours=hours)) for hours in (0, 1, 24)]
    assert new == [True, False, True]
    first = session.scalars(select(Outbox).order_by(Outbox.id)).first()
    assert first is not None
    assert first.key == "daily digest ops of 2026-11-21"
    assert outbox.claim(session, ["slack_message", outlets.KIND], now=datetime.now(UTC) + timedelta(days=1)) == []
