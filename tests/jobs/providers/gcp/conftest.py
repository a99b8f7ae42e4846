"""Google Cloud on the loopback: recorded answers of BigQuery, a BigQuery emulator if there is one."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jobs.providers.gcp import bigquery, clients
from tests.counterparts.bring import BIGQUERY

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for `gcp_exports`: these tests are imported file by file
pytest.importorskip("google.cloud.bigquery")
PATIENCE = 60.0


@dataclass
class Replay:
    """What BigQuery answered once, by what it was asked; `wrong` holds answers that are given first, once each."""

    recorded: list[dict[str, Any]]
    wrong: list[tuple[str, int, dict[str, str], Any]] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def once(self, part: str, status: int, answer: Any, **headers: str) -> None:  # noqa: ANN401  JSON
        """Answer so the next time that a request holds this text."""
        self.wrong.append((part, status, headers, answer))

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:  # noqa: ANN401
        """Note what was asked, and return the answer to it."""
        self.asked.append((f"{method} {path}", body))
        text = f"{method} {path} {json.dumps(body)}"
        for planned in self.wrong:
            if planned[0] in text:
                self.wrong.remove(planned)
                return planned[1], {name.replace("_", "-"): value for name, value in planned[2].items()}, planned[3]
        for one in self.recorded:
            if one["method"] == method and one["path"] == path and _query(one["body"]) == _query(body):
                return one["status"], {}, one["answer"]
        reason = {"message": f"not recorded: {text}", "reason": "notFound"}
        return 404, {}, {"error": {"code": 404, "message": reason["message"], "errors": [reason]}}

    def queries(self) -> list[dict[str, Any]]:
        """Return the configuration of every query that was sent."""
        return [body["configuration"] for _, body in self.asked if body]


def _query(body: Any) -> Any:  # noqa: ANN401
    if body is None:
        return None
    about = body["configuration"]
    return about["query"]["query"], about["query"]["queryParameters"], about.get("dryRun", False)


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """Recorded answers, over HTTP; two rows a page, as they were recorded."""
    held = Replay(json.loads((HERE / "recorded" / "bigquery.json").read_text()))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, answer = held.answer(self.command, self.path, json.loads(body) if body else None)
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(text)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET  # noqa: N815  as the base class calls it

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(bigquery, "PAGE", 2)
    _ask(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    yield held
    server.shutdown()
    server.server_close()


def _ask(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415  slow
    from google.cloud.bigquery import Client  # noqa: PLC0415

    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", url)
    monkeypatch.setattr(clients, "bigquery", lambda project: Client(project, credentials=AnonymousCredentials()))


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that would have been slept."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def _port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _command(program: str, folder: Path, port: int) -> list[str]:
    if "local-bigquery" in Path(program).name:
        where = ["--host", "127.0.0.1", "--port", str(port), "--grpc-port", str(_port()), "--data-dir", str(folder)]
        return [program, "serve", *where]
    return [program, "start", "--rest-port", str(port), "--grpc-port", str(_port()), "--log-level", "error"]


@pytest.fixture(scope="session")
def _emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = BIGQUERY.command()
    port, folder = _port(), tmp_path_factory.mktemp("bigquery")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(_command(program, folder, port), env=BIGQUERY.environment(), stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _identified(process, url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _identified(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until what answers there lists projects' datasets as BigQuery does."""
    import requests  # noqa: PLC0415  comes with the SDK

    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            found = requests.get(f"{url}/bigquery/v2/projects/shop/datasets", timeout=1)
            if found.json().get("kind") == "bigquery#datasetList":
                return
        except (requests.RequestException, ValueError):
            threading.Event().wait(0.1)
    pytest.fail(f"the BigQuery emulator did not come up at {url}")


@pytest.fixture
def emulator(_emulator: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A BigQuery that runs SQL, and that the fetcher asks."""
    _ask(monkeypatch, _emulator)
    return _emulator


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Google's gRPC interfaces; each test says what they answer."""
    gcp_cloud = pytest.importorskip("gcp_cloud")
    held = gcp_cloud.Cloud()
    held.start()
    for name in gcp_cloud.SERVICES:
        monkeypatch.setattr(clients, name, partial(held.client, name))
    yield held
    held.server.stop(None)
