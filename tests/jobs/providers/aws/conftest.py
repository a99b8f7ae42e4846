"""AWS as moto plays it: a server on a loopback socket, asked through the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jobs.providers.aws.clients import client


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  slow, and only these tests need it

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def aws(_moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account of its own, empty; returns the server's address."""
    import httpx  # noqa: PLC0415

    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    # No test may reach the real one: the credentials are made up, and the address is loopback's.
    monkeypatch.setenv("AWS_ENDPOINT_URL", _moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert httpx.post(f"{_moto}/moto-api/reset").json() == {"status": "ok"}, "this is no moto"
    return _moto


@pytest.fixture
def s3(aws: str) -> Any:  # noqa: ANN401  boto3 is published without types
    """A client, and a bucket `bills`."""
    made = client("s3")
    made.create_bucket(Bucket="bills")
    return made
