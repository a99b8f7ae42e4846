"""Requests that Slack did not send, or sent before: each is refused with 401, or has one effect with its original."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt import App
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot import web
from bot.actions import Action
from bot.intake import Intake
from bot.working import Workers
from finops.recommendations.lifecycle import State
from storage import recommendations
from storage.database import transaction
from storage.models import Inbox, Outbox
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack

SECRET = "a signing secret"  # noqa: S105  of this test
MANY = int(os.environ.get("COSTS_SOAK_REQUESTS", "400"))
"""`make soak` sends ten thousand."""
ALONE = """
import sys
from bot import app, web
from bot.intake import Intake
from tests.bot import test_forged as here
pages = web.build(Intake(app.build(), lambda: None), signing_secret=here.SECRET)
print(*here._send(pages, [here._signed(sys.argv[1].encode())]))
"""
Headers = dict[bytes, bytes]
Request = tuple[bytes, Headers]


def _signed(body: bytes, *, age: int = 0, key: str = SECRET) -> Request:
    stamp = str(int(time.time()) - age).encode()
    made = hmac.new(key.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest()
    return body, {b"X-Slack-Request-Timestamp": stamp, b"X-Slack-Signature": f"v0={made}".encode()}


def _with(request: Request, name: bytes, value: bytes | None) -> Request:
    body, headers = request
    kept = {one: held for one, held in headers.items() if one != name}
    return body, kept if value is None else {**kept, name: value}


STAMP, SIGNATURE = b"X-Slack-Request-Timestamp", b"X-Slack-Signature"
FLAWS: tuple[Callable[[bytes, random.Random], Request], ...] = (
    lambda body, _: _signed(body, key="another secret"),
    lambda body, _: _signed(body, age=301),
    lambda body, _: _signed(body, age=-400),
    lambda body, _: (body + b"&more=1", _signed(body)[1]),
    lambda body, chance: (body[: chance.randrange(len(body))], _signed(body)[1]),
    lambda body, _: _with(_signed(body), STAMP, None),
    lambda body, _: _with(_signed(body), SIGNATURE, None),
    lambda body, _: _with(_signed(body), STAMP, b"soon"),
    lambda body, _: _with(_signed(body), STAMP, b"1e9"),
    lambda body, _: _with(_signed(body), STAMP, b"9" * 4000),
    lambda body, _: _with(_signed(body), STAMP, "\u0661\u0662".encode()),
    lambda body, _: _with(_signed(body), STAMP, b"-1"),
    lambda body, _: _with(_signed(body), SIGNATURE, b"v0="),
    lambda body, _: _with(_signed(body), SIGNATURE, b"v0=\xff\xfe"),
    lambda body, chance: _with(_signed(body), SIGNATURE, b"v0=" + chance.randbytes(32).hex().encode()),
    lambda _, chance: (chance.randbytes(200), _signed(b"")[1]),
)


@pytest.fixture
def approving(bolt: App, slack: FakeSlack) -> tuple[Starlette, list[bytes], App]:
    """The web application, and what Slack would send: two questions, and an approval."""
    with transaction() as session:
        ledgers.fill(session)
        chosen = str(ledgers.recommend(session))
    pressed = payloads.button(slack, Action.APPROVE, chosen)
    bodies = [urlencode(payloads.command(slack, text)).encode() for text in ("help", "2026-10")]
    bodies.append(urlencode({"payload": json.dumps(pressed)}).encode())
    return web.build(Intake(bolt, lambda: None), signing_secret=SECRET), bodies, bolt


def _send(pages: Starlette, requests: list[Request]) -> list[int]:
    async def send() -> list[int]:
        transport = httpx.ASGITransport(app=pages)
        async with httpx.AsyncClient(transport=transport, base_url="http://costs") as client:
            gate = asyncio.Semaphore(8)

            async def one(request: Request) -> int:
                async with gate:
                    body, headers = request
                    return (await client.post("/slack/events", content=body, headers=headers)).status_code

            return list(await asyncio.gather(*map(one, requests)))

    return asyncio.run(send())


def test_forged_and_replayed_requests_are_refused_or_have_one_effect(
    approving: tuple[Starlette, list[bytes], App], slack: FakeSlack
) -> None:
    """Half are forged in every way we know, half are the three originals over and over, all mixed, eight at a time."""
    pages, bodies, bolt = approving
    chance = random.Random(20260101)  # noqa: S311  the same flood every time
    forged = [chance.choice(FLAWS)(chance.choice(bodies), chance) for _ in range(MANY // 2)]
    replayed = [_signed(chance.choice(bodies)) for _ in range(MANY - len(forged) - len(bodies))]
    sent = [*((one, 401) for one in forged), *((one, 200) for one in [*map(_signed, bodies), *replayed])]
    chance.shuffle(sent)
    came = _send(pages, [request for request, _ in sent])
    assert Counter(zip(came, (wanted for _, wanted in sent), strict=True)) == {
        (401, 401): len(forged),
        (200, 200): len(replayed) + len(bodies),
    }
    workers, done = Workers(bolt), 0
    while workers.once():
        done += 1
    assert done == len(bodies)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == len(bodies)
        (row,) = recommendations.alive(session)
        assert row.state is State.APPROVED
        assert [one.after for one in recommendations.events(session, row.id)] == [State.APPROVED]
        replies = Outbox.kind == "slack_reply"
        answered = session.scalar(select(func.count()).select_from(Outbox).where(replies)) or 0
    assert len(slack.of("respond")) == answered <= 2 * len(bodies)


def test_megabytes_and_what_is_no_text_are_refused_before_anybody_is_known(
    approving: tuple[Starlette, list[bytes], App],
) -> None:
    """However well they are signed: nothing is kept."""
    pages, bodies, _ = approving
    huge = urlencode({"command": "/cost", "text": "x" * (3 << 20)}).encode()
    signed = [_signed(huge), _signed(b"\xff\xfe\x00"), _signed(b"payload=%5B1%5D"), _signed(b"{"), _signed(b"")]
    assert _send(pages, signed) == [413, 401, 400, 400, 400]
    assert _send(pages, [_signed(b"payload=" + b"%5B" * 200_000)]) == [400]
    assert _send(pages, [_signed(bodies[0])]) == [200]
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == 1


def test_without_a_database_slack_is_told_to_come_again(slack: FakeSlack) -> None:
    """Nothing is acknowledged that could not be kept."""
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    command = [sys.executable, "-c", ALONE, urlencode(payloads.command(slack, "help"))]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=True)
    assert ran.stdout.split() == ["503"]


def test_a_button_whose_trigger_has_expired_is_told_in_a_sentence(
    approving: tuple[Starlette, list[bytes], App], slack: FakeSlack
) -> None:
    """Slack gives three seconds to open a form."""
    _, _, bolt = approving
    with transaction() as session:
        (row,) = recommendations.alive(session)
    slack.script["views.open"] = [{"ok": False, "error": "expired_trigger_id"}]
    Intake(bolt, lambda: None).take(payloads.button(slack, Action.DISMISS, str(row.id)))
    assert Workers(bolt).once()
    assert "press it again" in slack.of("respond")[0]["text"]


@pytest.mark.parametrize("age", [250, 0])
def test_what_is_within_slacks_five_minutes_counts(approving: tuple[Starlette, list[bytes], App], age: int) -> None:
    """Its clock and ours may differ."""
    pages, bodies, _ = approving
    assert _send(pages, [_signed(bodies[0], age=age)]) == [200]
