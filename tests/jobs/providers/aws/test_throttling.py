"""AWS says slow down, asks to wait, fails in the midst of a list: over a socket, through the SDK."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import explorer, live, organizations
from jobs.sources import SourceEntry

Answer = tuple[int, dict[str, str], str]
SLOW_DOWN = '{"__type": "ThrottlingException", "message": "Rate exceeded"}'


class Cloud:
    """A server that answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self.says: Callable[[dict[str, Any]], Answer] = lambda _: (500, {}, "")
        self.asked: list[dict[str, Any]] = []

    def answer(self, body: str) -> Answer:
        """Read one request, of either protocol."""
        form = {key: values[0] for key, values in parse_qs(body).items()}
        self.asked.append(json.loads(body) if body.startswith("{") else form)
        return self.says(self.asked[-1])


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Ask nobody else; a port from the operating system."""
    told = Cloud()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, headers, text = told.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait for nothing, and remember how long it would have been."""
    from botocore.retries.bucket import TokenBucket  # noqa: PLC0415  slow, and only this test needs it

    found: list[float] = []
    monkeypatch.setattr(TokenBucket, "acquire", lambda *_, **__: True)  # the SDK's own slower pace, in real seconds
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def _every_other(answer: Callable[[dict[str, Any]], Answer], throttled: Answer) -> Callable[[dict[str, Any]], Answer]:
    count = iter(range(1_000_000))
    return lambda asked: throttled if next(count) % 2 == 0 else answer(asked)


def _volumes(asked: dict[str, Any]) -> Answer:
    """Return one of three pages, and an error where a page was not asked for by its own token."""
    page = int(asked.get("NextToken", "0"))
    volumes = "".join(f"<item><volumeId>vol-{page}-{n}</volumeId></item>" for n in range(2))
    more = f"<nextToken>{page + 1}</nextToken>" if page < 2 else ""
    space = "http://ec2.amazonaws.com/doc/2016-11-15/"
    text = f'<DescribeVolumesResponse xmlns="{space}"><volumeSet>{volumes}</volumeSet>{more}</DescribeVolumesResponse>'
    return 200, {"Content-Type": "text/xml"}, text


def _error(code: str) -> str:
    return f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>"


def _listed() -> list[str]:
    pages = live.Live("us-east-1").pages("DescribeVolumes")
    return [one["VolumeId"] for page in pages for one in page["Volumes"]]


def test_a_throttled_list_is_told_once_and_whole(cloud: Cloud, waited: list[float]) -> None:
    """Each page is refused before it is given: none is skipped, none comes twice, and each wait is heeded."""
    cloud.says = _every_other(_volumes, (429, {"Retry-After": "7"}, _error("RequestLimitExceeded")))
    assert _listed() == [f"vol-{page}-{n}" for page in range(3) for n in range(2)]
    assert [asked.get("NextToken") for asked in cloud.asked] == [None, None, "1", "1", "2", "2"]
    assert waited.count(7.0) == 3


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("99999", 300, 300), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("soon", 0, 0), ("-5", 0, 0)],
)
def test_nobody_waits_for_ever_or_for_nonsense(
    cloud: Cloud, waited: list[float], said: str, least: float, most: float
) -> None:
    """A moment that is past, a word, an hour: the list comes all the same."""
    cloud.says = _every_other(_volumes, (503, {"Retry-After": said}, _error("RequestLimitExceeded")))
    assert len(_listed()) == 6
    assert [one for one in waited if least <= one <= most], waited


def test_a_page_that_never_comes_fails_its_kind_alone(cloud: Cloud, waited: list[float]) -> None:
    """Half of a list would make the rest look gone."""
    cloud.says = lambda asked: (
        _volumes(asked) if asked.get("NextToken") != "2" else (503, {}, _error("RequestLimitExceeded"))
    )
    with pytest.raises(BadAnswerError, match=r"ec2:DescribeVolumes in us-east-1 \(RequestLimitExceeded\)"):
        _listed()
    assert sum(asked.get("NextToken") == "2" for asked in cloud.asked) > 1
    assert waited


def _day(asked: dict[str, Any]) -> Answer:
    if "TimePeriod" not in asked:  # what the accounts are called
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, '{"Accounts": []}'
    page = int(asked.get("NextPageToken", "0"))
    amounts = {name: {"Amount": f"{page + 1}.0000000001", "Unit": "USD"} for name in explorer.METRICS.values()}
    groups = [{"Keys": ["123456789012", f"Service {page}"], "Metrics": amounts}]
    period = {"Start": asked["TimePeriod"]["Start"], "End": asked["TimePeriod"]["End"]}
    answer: dict[str, Any] = {"ResultsByTime": [{"TimePeriod": period, "Groups": groups, "Estimated": False}]}
    if page < 2:
        answer["NextPageToken"] = str(page + 1)
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer)


def test_throttled_costs_are_added_up_once(cloud: Cloud, waited: list[float], tmp_path: Path) -> None:
    """Three pages of usage and three of all else, each throttled first."""
    cloud.says = _every_other(_day, (400, {"Retry-After": "1"}, SLOW_DOWN))
    fetched = next(explorer.fetch(SourceEntry(name="sums", bills="cost-explorer://"), tmp_path, lambda _: False))
    rows = fetched.files[0].read_text().splitlines()[1:]
    assert sorted(row.split(",")[9] for row in rows) == sorted([f"{n}.0000000001" for n in (1, 2, 3)] * 2)
    assert sum("TimePeriod" in asked for asked in cloud.asked) == 12
    assert waited.count(1.0) == 6 + 1


def test_costs_of_a_month_with_a_page_missing_are_no_delivery(
    cloud: Cloud, waited: list[float], tmp_path: Path
) -> None:
    """The second page is throttled for good: the month is not brought."""
    cloud.says = lambda asked: (400, {}, SLOW_DOWN) if asked.get("NextPageToken") else _day(asked)
    brought = explorer.fetch(SourceEntry(name="sums", bills="cost-explorer://"), tmp_path, lambda _: False)
    with pytest.raises(BadAnswerError, match="ThrottlingException"):
        next(brought)
    assert waited


def _accounts(asked: dict[str, Any]) -> Answer:
    page = int(asked.get("NextToken", "0"))
    told: dict[str, Any] = {"Accounts": [{"Id": f"00000000000{page}{n}", "Name": f"team-{page}{n}"} for n in range(2)]}
    if page < 2:
        told["NextToken"] = str(page + 1)
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(told)


def test_throttled_names_of_accounts_are_all_told(cloud: Cloud, waited: list[float]) -> None:
    """Three pages, each asked for by its own token after a wait."""
    busy = SLOW_DOWN.replace("ThrottlingException", "TooManyRequestsException")
    cloud.says = _every_other(_accounts, (400, {"Retry-After": "3"}, busy))
    found, told = organizations.names(SourceEntry(name="sums", bills="cost-explorer://"))
    assert (sorted(found.values()), told) == ([f"team-{page}{n}" for page in range(3) for n in range(2)], ())
    assert [asked.get("NextToken") for asked in cloud.asked] == [None, None, "1", "1", "2", "2"]
    assert waited.count(3.0) == 3


def test_half_of_the_names_fail_nothing_and_are_told(cloud: Cloud, waited: list[float]) -> None:
    """The second page does not come: the bill goes on without, and the run says why."""
    cloud.says = lambda asked: (400, {}, SLOW_DOWN) if asked.get("NextToken") else _accounts(asked)
    found, told = organizations.names(SourceEntry(name="sums", bills="cost-explorer://"))
    assert (found, len(told)) == ({}, 1)
    assert "did not answer for the names of accounts (ThrottlingException)" in told[0]
    assert waited


def test_an_account_without_an_organization_has_no_names_and_nothing_to_tell(cloud: Cloud) -> None:
    """There is nobody who could be asked, and moto answers with an empty list."""
    nobody = '{"__type": "AWSOrganizationsNotInUseException", "message": "Not a member of an organization."}'
    cloud.says = lambda _: (400, {}, nobody)
    assert organizations.names(SourceEntry(name="sums", bills="cost-explorer://")) == ({}, ())
    assert len(cloud.asked) == 1
