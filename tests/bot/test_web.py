"""The web process: nobody but Slack gets past the signature, and evidence runs no script."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot import web
from bot.intake import Intake
from finops.errors import UnavailableError
from storage import artifacts, runs
from storage.database import transaction
from storage.models import Inbox
from storage.settings import settings
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack

SECRET = "a signing secret"  # noqa: S105  of this test
Headers = dict[str, str] | dict[bytes, bytes]


@pytest.fixture
def pages(intake: Intake) -> Starlette:
    """The web application, signed requests and all."""
    return web.build(intake, signing_secret=SECRET)


def _get(pages: Starlette, path: str) -> httpx.Response:
    return _request(pages, "GET", path)


def _request(
    pages: Starlette, method: str, path: str, content: bytes = b"", headers: Headers | None = None
) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=pages)
        async with httpx.AsyncClient(transport=transport, base_url="http://costs") as client:
            return await client.request(method, path, content=content, headers=headers)

    return asyncio.run(ask())


def _signed(body: bytes, stamp: str, key: str = SECRET) -> dict[str, str]:
    signature = hmac.new(key.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def _command(slack: FakeSlack) -> bytes:
    return urlencode(
        {
            "command": "/cost", "text": "2026-10", "user_id": "ULEAD", "channel_id": "C0COSTS", "team_id": "T0",
            "trigger_id": "t1", "api_app_id": "A0", "response_url": f"{slack.address}/respond",
        }
    ).encode()  # fmt: skip


def _noted() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Inbox)) or 0


def test_a_signed_command_is_answered(pages: Starlette, slack: FakeSlack) -> None:
    """Acknowledged with nothing, answered at its response address, and noted once."""
    with transaction() as session:
        ledgers.fill(session)
    body = _command(slack)
    headers = _signed(body, str(int(time.time())))
    replies = [_request(pages, "POST", "/slack/events", body, headers) for _ in range(2)]
    assert [(one.status_code, one.content) for one in replies] == [(200, b""), (200, b"")]
    assert "$341.00" in slack.wait("respond")[0]["text"]
    assert len(slack.of("respond")) == 1
    assert _noted() == 1


@pytest.mark.parametrize(
    "headers",
    [
        _signed(b"", "now") | {"X-Slack-Request-Timestamp": "now"},
        {b"X-Slack-Request-Timestamp": "\u0661\u0662".encode()},
        _signed(b"", "1") | {"X-Slack-Request-Timestamp": "9" * 5000},
        {b"X-Slack-Request-Timestamp": b"1", b"X-Slack-Signature": b"v0=\xff"},
        {"X-Slack-Request-Timestamp": ""},
        {},
    ],
)
def test_a_malformed_timestamp_is_refused(pages: Starlette, slack: FakeSlack, headers: Headers) -> None:
    """Before anything reads it as a number."""
    assert _request(pages, "POST", "/slack/events", _command(slack), headers).status_code == 401
    assert _noted() == 0
    assert not slack.calls, "nobody is told at an address that nobody signed"


@pytest.mark.parametrize(("age", "key"), [(0, "another secret"), (600, SECRET), (-600, SECRET)])
def test_a_forged_or_stale_signature_is_refused(pages: Starlette, slack: FakeSlack, age: int, key: str) -> None:
    """And no row is written."""
    body = _command(slack)
    headers = _signed(body, str(int(time.time()) - age), key)
    assert _request(pages, "POST", "/slack/events", body, headers).status_code == 401
    assert _noted() == 0


def test_a_body_that_was_changed_is_refused(pages: Starlette, slack: FakeSlack) -> None:
    """The signature covers it; so does a limit of size, before anybody is known."""
    headers = _signed(_command(slack), str(int(time.time())))
    broken = {**headers, "Content-Type": "application/json"}
    assert _request(pages, "POST", "/slack/events", b"{", broken).status_code == 401
    assert _request(pages, "POST", "/slack/events", _command(slack) + b"&x=1", headers).status_code == 401
    assert _request(pages, "POST", "/slack/events", b"x" * (web.BIGGEST + 1), headers).status_code == 413
    assert _noted() == 0


@pytest.mark.parametrize("body", [b"payload=%7Bcut", b'{"type":'])
def test_a_signed_body_that_cannot_be_read_is_a_bad_request(pages: Starlette, body: bytes) -> None:
    """No surprise of ours, and no row."""
    headers = _signed(body, str(int(time.time()))) | {"Content-Type": "application/json"}
    if body.startswith(b"payload"):
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    assert _request(pages, "POST", "/slack/events", body, headers).status_code == 400
    assert _noted() == 0


def test_a_body_that_is_no_text_is_refused_like_any_other_stranger(pages: Starlette) -> None:
    """Whoever can reach the address can send it."""
    headers = _signed(b"", str(int(time.time())))
    assert _request(pages, "POST", "/slack/events", b"\xff\xfe\x00", headers).status_code == 401
    assert _noted() == 0


def test_evidence_is_shown_where_no_script_runs(pages: Starlette) -> None:
    """Whatever a notebook wrote; and the index leads to it."""
    with transaction() as session:
        run = runs.begin(session, "notebook:<b>breakdown", parameters={"where": ["tag:x=<i>"]})
        page = artifacts.save(
            session, run_id=run.id, name="p.html", media_type="text/html", content=b"<script>x</script>"
        )
        picture = artifacts.save(session, run_id=run.id, name="p.png", media_type="image/png", content=b"PNG")
    shown = _get(pages, f"/evidence/{page.id}")
    assert (shown.status_code, shown.content) == (200, b"<script>x</script>")
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert shown.headers["x-content-type-options"] == "nosniff"
    listed = _get(pages, "/").text
    assert f"/evidence/{page.id}" in listed
    assert "&lt;b&gt;breakdown" in listed
    assert "x is &lt;i&gt;" in listed
    for missing in (picture.id, uuid.uuid4(), "../../etc/passwd", "1"):
        assert _get(pages, f"/evidence/{missing}").status_code == 404


def test_a_page_whose_file_is_gone_says_so(pages: Starlette) -> None:
    """Instead of failing."""
    with transaction() as session:
        run = runs.begin(session, "notebook:cost_breakdown")
        page = artifacts.save(session, run_id=run.id, name="p.html", media_type="text/html", content=b"gone soon")
    for file in (settings().home / "artifacts").rglob("*"):
        if file.is_file() and file.read_bytes() == b"gone soon":
            file.unlink()
    assert _get(pages, f"/evidence/{page.id}").status_code == 410


def test_health_says_whether_the_database_answers(pages: Starlette) -> None:
    """For whoever watches over it."""
    assert _get(pages, "/healthz").json() == {"ok": True, "database": "answers"}


def test_without_slack_the_pages_are_served_all_the_same(database: Path) -> None:
    """And Slack's address lets nobody in."""
    del database
    pages = web.build(None)
    assert "No notebook has run yet" in _get(pages, "/").text
    assert _request(pages, "POST", "/slack/events", b"", {"X-Slack-Request-Timestamp": "1"}).status_code == 401


def test_a_taken_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way out."""
    monkeypatch.setenv("PORT", "0")
    settings.cache_clear()
    with web._listen() as taken:  # noqa: SLF001  what the process does first
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        settings.cache_clear()
        with pytest.raises(UnavailableError, match="set PORT"):
            web._listen()  # noqa: SLF001  the second to come
