"""Usage details as Azure sends them: page after page, every number as it was written.

The SDK asks for the first page. The others are asked for by `nextLink` as it is: the SDK takes that address apart and
puts it together anew, and sums of what it then got were seen to differ. It also reads numbers as binary fractions, so
the answer's own text is read here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jobs.providers.answers import BadAnswerError, reading
from jobs.providers.azure.clients import asking

if TYPE_CHECKING:
    from azure.mgmt.consumption import ConsumptionManagementClient

Row = dict[str, Any]
WHAT = "Microsoft.Consumption/usageDetails"
NEEDS = f"{WHAT}/read"
NO_CONTENT = 204
EXPAND = "properties/meterDetails"
"""Without it, rows of enterprise agreements do not say which service they are of."""


def usage(client: ConsumptionManagementClient, scope: str, **request: Any) -> Iterator[Row]:  # noqa: ANN401
    """Return every row of a scope, numbers as text. Raises BadAnswerError, RefusedError: then nothing may be kept.

    Rows are not told apart by their id, which is not unique; but a page that came before is refused.
    """
    seen: set[bytes] = set()
    for number, page in enumerate(_pages(client, scope, **request), 1):
        marks = [_mark(row) for row in page]
        again = sum(mark in seen for mark in marks)
        if again * 2 > len(marks):
            told = f"{again} of {len(marks)} rows of page {number} had come before"
            message = f"{WHAT} of {scope}: {told}: nothing is kept; it is asked again."
            raise BadAnswerError(message)
        seen.update(marks)
        yield from page


def _pages(client: ConsumptionManagementClient, scope: str, **request: Any) -> Iterator[list[Row]]:  # noqa: ANN401
    what = f"{WHAT} of {scope}"
    address, text = _first(client, scope, what, **request)
    links: set[str] = set()
    while text or links:  # only the first page may say nothing at all
        with reading(what):
            page = json.loads(text, parse_float=str, parse_int=str)
            rows, link = page["value"], page.get("nextLink")
        yield list(rows)
        if not link:
            return
        if link in links or urlsplit(link)[:2] != urlsplit(address)[:2]:
            problem = "leads in a circle" if link in links else f"leads away from {urlsplit(address).netloc}"
            message = f"{what}: the link to the next page {problem}: nothing is kept; it is asked again."
            raise BadAnswerError(message)
        links.add(link)
        text = _following(client, what, link)


def _first(client: ConsumptionManagementClient, scope: str, what: str, **request: Any) -> tuple[str, str]:  # noqa: ANN401
    answers: list[Any] = []
    with asking(what, needs=NEEDS):
        try:
            asked = client.usage_details.list(
                scope, expand=EXPAND, raw_response_hook=lambda one: answers.append(one.http_response), **request
            )
            next(asked.by_page())
        except json.JSONDecodeError:  # an empty answer is well, and the SDK stumbles over it
            if answers[-1].status_code != NO_CONTENT:
                raise
    last = answers[-1]  # those before it were refused and asked again
    return str(last.request.url), str(last.text())


def _following(client: ConsumptionManagementClient, what: str, link: str) -> str:
    from azure.core.rest import HttpRequest  # noqa: PLC0415  slow, and only for those who use Azure

    with asking(what, needs=NEEDS):
        response = client.send_request(HttpRequest("GET", link))
        response.raise_for_status()
        return str(response.text())


def _mark(row: Row) -> bytes:
    return hashlib.blake2b(json.dumps(row, sort_keys=True).encode(), digest_size=8).digest()
