"""How fast `/cost` is acknowledged and answered: signed commands on loopback, to the web process as it is deployed.

Commands arrive at random instants (seeded), fifty a second on average, whether or not earlier ones were answered; both
times count from the instant at which a command was due to be sent. Its answer is what comes to its response address.
Then the process is killed in the middle of the same load and started anew: what it had acknowledged must be answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import httpx

from bench import ledger
from bench.measure import Line
from bench.questions import ASKED

PACE, SECONDS, WARM = 50, 20, 5
ACKNOWLEDGED, ANSWERED = 300.0, 1000.0
"""Milliseconds, of 99 in 100."""
PATIENCE = 60.0
"""Seconds after the last command in which its answer has to come."""
SECRET = "bench"  # noqa: S105  of a Slack that is not there
TOLD = b'{"ok":true,"team_id":"T0","user_id":"U0BOT","bot_id":"B0","user":{"team_id":"T0","tz":"UTC"}}'
"""Whoever asks is a member: others would be refused, which is no answer."""


@dataclass
class Slack:
    """A Slack that answers everything with yes, and remembers when each answer came."""

    port: int = 0
    came: dict[str, float] = field(default_factory=dict)
    twice: int = 0
    bare: int = 0
    """Answers without figures: refusals and errors, which are made faster."""
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                path, size = line.split()[1].decode(), 0
                while (header := await reader.readline()).strip():
                    name, _, value = header.partition(b":")
                    size = int(value) if name.lower() == b"content-length" else size
                self._note(path, await reader.readexactly(size))
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(TOLD)
                    + TOLD
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side, or the measuring, has ended
        finally:
            writer.close()

    def _note(self, path: str, content: bytes) -> None:
        kind, _, number = path.strip("/").partition("/")
        if kind == "answer":
            self.bare += b'"blocks"' not in content
            self.twice += number in self.came
            self.came.setdefault(number, time.perf_counter())
            self.more.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Slack]:
        """Listen on loopback."""
        server = await asyncio.start_server(self._heard, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def until(self, numbers: Sequence[str]) -> None:
        """Wait for these answers, but not for ever."""
        end = time.perf_counter() + PATIENCE
        while not all(one in self.came for one in numbers) and (left := end - time.perf_counter()) > 0:
            self.more.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.more.wait(), left)


def _start(slack: Slack, port: int) -> subprocess.Popen[bytes]:
    from storage.database import libpq, url  # noqa: PLC0415  the settings are read when it is first used

    settings = {
        "DATABASE_URL": libpq(url()), "PORT": str(port), "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_API_URL": f"http://127.0.0.1:{slack.port}/api/",
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-m", "costs", "web"], env={**os.environ, **settings})


async def _serving(client: httpx.AsyncClient) -> None:
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        try:
            if (await client.get("/healthz")).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    message = "the web process did not come up"
    raise RuntimeError(message)


def _body(slack: Slack, number: str, chance: random.Random) -> bytes:
    values = {"account": 60, "service": 8, "team": 25, "region": 8}
    text = chance.choice(ASKED).format(**{name: chance.randrange(many) for name, many in values.items()})
    return urlencode(
        {
            "command": "/cost", "text": text, "user_id": f"U{chance.randrange(200)}", "channel_id": "C0",
            "team_id": "T0",
            "api_app_id": "A0", "trigger_id": number, "response_url": f"http://127.0.0.1:{slack.port}/answer/{number}",
        }
    ).encode()  # fmt: skip


def _signed(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    made = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


@dataclass
class Load:
    """Commands that were sent: when each was due, and when it was acknowledged."""

    due: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)

    async def send(self, client: httpx.AsyncClient, slack: Slack, *, seconds: float, seed: int) -> None:
        """Send them at random instants; nobody waits for anybody."""
        chance, at = random.Random(seed), time.perf_counter()  # noqa: S311  the same load every time
        end, sent = at + seconds, []
        while (at := at + chance.expovariate(PACE)) < end:
            await asyncio.sleep(max(at - time.perf_counter(), 0))
            number = f"{seed}-{len(sent)}"
            self.due[number] = at
            sent.append(asyncio.create_task(self._one(client, number, _body(slack, number, chance))))
        await asyncio.gather(*sent)

    async def _one(self, client: httpx.AsyncClient, number: str, body: bytes) -> None:
        try:
            answer = await client.post("/slack/events", content=body, headers=_signed(body))
        except httpx.TransportError:  # it was killed: Slack tells the person, who asks again
            return
        if answer.status_code == httpx.codes.OK:
            self.acknowledged[number] = time.perf_counter()

    def lost(self, slack: Slack) -> int:
        """Return how many were acknowledged and never answered."""
        return sum(number not in slack.came for number in self.acknowledged)


async def _measured() -> tuple[Slack, Load, Load]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = httpx.Limits(max_connections=200)
    slack = Slack()
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits)
    async with slack.running(), client:
        web = _start(slack, port)
        try:
            await _serving(client)
            warm, load, killed = Load(), Load(), Load()
            await warm.send(client, slack, seconds=WARM, seed=1)
            await slack.until(list(warm.acknowledged))
            await load.send(client, slack, seconds=SECONDS, seed=2)
            await slack.until(list(load.acknowledged))
            dying = asyncio.create_task(killed.send(client, slack, seconds=WARM, seed=3))
            await asyncio.sleep(WARM / 2)
            web.send_signal(signal.SIGKILL)
            await dying
            web.wait()
            web = _start(slack, port)
            await slack.until(list(killed.acknowledged))
        finally:
            web.terminate()
            web.wait()
    return slack, load, killed


def measure(folder: Path, rows: int) -> Iterator[Line]:
    """Fill a ledger of that many rows, and ask it through Slack."""
    ledger.fill(folder, rows)
    slack, load, killed = asyncio.run(_measured())
    what = f"{rows / 1e6:g} million ledger rows: /cost, {PACE} a second"
    yield _line(
        f"{what}: acknowledged", [load.acknowledged[one] - load.due[one] for one in load.acknowledged], ACKNOWLEDGED
    )
    answered = [slack.came[one] - load.due[one] for one in load.due if one in slack.came]
    yield _line(f"{what}: answered", answered, ANSWERED)
    for when, sent in (("", load), (", the process killed", killed)):
        told = f"{sent.lost(slack)} of {len(sent.acknowledged):,} lost"
        yield Line(f"{what}: acknowledged and lost{when}", told, "none", sent.lost(slack) == 0)
    yield Line(f"{what}: answered without figures", str(slack.bare), "none", slack.bare == 0)
    yield Line(f"{what}: answered twice, the process killed", str(slack.twice), "", None)


def _line(what: str, seconds: Sequence[float], goal: float) -> Line:
    cuts = [cut * 1000 for cut in quantiles(seconds, n=100)]
    shown = f"P50 {cuts[49]:.0f} ms, P99 {cuts[98]:.0f} ms"
    return Line(what, shown, f"P99 at most {goal:.0f} ms", cuts[98] <= goal)
