"""Azure on the loopback: answers that were recorded, over HTTPS with a certificate of our own."""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from jobs.providers.azure import clients

pytest.importorskip("azure.core")


def _certificate(folder: Path) -> Path:
    """Write a key and a certificate of 127.0.0.1 that is its own authority."""
    from cryptography import x509  # noqa: PLC0415  comes with azure-identity
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "azure.pem"
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(text + signed.public_bytes(serialization.Encoding.PEM))
    return file


@dataclass
class Azure:
    """What the provider answers, by a part of the request's target, and what it was asked."""

    url: str
    answers: dict[str, list[tuple[int, dict[str, str], str]]] = field(default_factory=lambda: defaultdict(list))
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def will(self, part: str, body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Answer the next request whose target holds this part; the last answer stays. Text is sent as it is."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.answers[part].append((status, headers or {}, text.replace("https://management.azure.com", self.url)))

    def instead(self, part: str, body: object, *, status: int) -> None:
        """Answer from now on like that, whatever was to be answered before."""
        others = {known: answers for known, answers in self.answers.items() if not known.startswith(part)}
        self.answers = defaultdict(list, {part: [], **others})
        self.will(part, body, status=status)

    def refuse(self, part: str, action: str | None = None) -> None:
        """Answer from now on as Azure does to an identity whose roles lack an action; not every refusal names it."""
        told = f"The client 'x' does not have authorization to perform action '{action}' over scope '/s'."
        error = {"code": "AuthorizationFailed", "message": told if action else "No."}
        self.instead(part, {"error": error}, status=403)

    def answer(self, method: str, target: str, body: Any) -> tuple[int, dict[str, str], str]:  # noqa: ANN401  JSON
        """Note what was asked, and return the answer to it."""
        self.asked.append((method, target, body))
        queue = next((self.answers[part] for part in self.answers if part in unquote(target)), None)
        if not queue:
            return 404, {}, json.dumps({"error": {"code": "NotRecorded", "message": target}})
        return queue.pop(0) if len(queue) > 1 else queue[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms
    azure: Azure

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        if self.headers.get("Authorization") != "Bearer secret":
            status, headers, answer = 401, {}, "{}"
        else:
            status, headers, answer = self.azure.answer(self.command, self.path, json.loads(text) if text else None)
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": ""}.items():
            self.send_header(name, value or str(len(answer.encode())))
        self.end_headers()
        self.wfile.write(answer.encode())

    do_POST = do_GET  # noqa: N815  the server's own name

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Credential:
    """Hands out a token that the server knows."""

    def get_token_info(self, *_: str, options: object = None) -> Any:  # noqa: ANN401, ARG002  azure-core's own
        """Return the token."""
        from azure.core.credentials import AccessTokenInfo  # noqa: PLC0415  slow

        return AccessTokenInfo("secret", int(time.time()) + 3600)

    def get_token(self, *_: str, **__: object) -> Any:  # noqa: ANN401
        """Return the token, as older clients ask."""
        from azure.core.credentials import AccessToken  # noqa: PLC0415  slow

        return AccessToken("secret", int(time.time()) + 3600)


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    """Azure's interfaces on a port of this machine; our clients are pointed there, and to nowhere else."""
    ca = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca)
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    fake = handler.azure = Azure(f"https://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setattr(clients, "credential", Credential)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
    monkeypatch.setattr(clients, "management", lambda: fake.url)
    monkeypatch.setattr(clients, "monitor", lambda region: f"{fake.url}/{region}")
    monkeypatch.setattr(clients, "storage", lambda _: fake.url)
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()
