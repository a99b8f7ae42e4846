"""`costs ask`, and the processes that listen: the asking side of the command line."""

from __future__ import annotations

import gc
import json
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from finops.errors import CostsError

if TYPE_CHECKING:
    from bot.answers import CostAnswer

LABEL = 60
"""Characters of a name in a terminal's table; `--json` has all of them."""
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("text", required=False, default="")
@click.option("--in", "currency", metavar="CUR", help="Convert all charges to this currency, by `costs rates`.")
@AS_JSON
def ask(*, text: str, currency: str | None, as_json: bool) -> None:
    """Answer a question, in the words of `/cost`."""
    gc.disable()  # half a second's work leaves nothing worth collecting, and looking for it takes a tenth of it
    from bot.questions import Kind, parse  # noqa: PLC0415  a cold answer within a second imports only what it needs

    question = parse(text, today=datetime.now(UTC).date())
    if question.kind is Kind.HELP:
        click.echo(_help(as_json=as_json))
        return
    starting = _start_database()
    from bot.answers import answer  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    starting.join()
    migrate.ensure()
    if question.kind is Kind.RECOMMENDATIONS:
        from bot import recommendations_cli  # noqa: PLC0415  as above

        recommendations_cli.show(as_json=as_json)
        return
    with transaction() as session:
        if currency is None:
            found = answer(session, question)
        else:
            from bot.conversion import answer_in  # noqa: PLC0415  only for those who ask for it

            found = answer_in(session, question, currency.upper())
    click.echo(json.dumps(found.json_values(), indent=2) if as_json else _table(found))


def _start_database() -> threading.Thread:
    """Start the embedded database while modules are imported; what goes wrong is told by its first use."""
    from storage import postgres  # noqa: PLC0415  as above
    from storage.settings import settings  # noqa: PLC0415

    def start() -> None:
        with suppress(CostsError):
            if settings().database_url is None:
                postgres.start(settings().home)

    thread = threading.Thread(target=start)
    thread.start()
    return thread


def _help(*, as_json: bool) -> str:
    from bot.questions import EXAMPLES  # noqa: PLC0415  as above

    if as_json:
        return json.dumps({"help": [{"ask": words, "answer": meaning} for words, meaning in EXAMPLES]}, indent=2)
    asked = [(f'costs ask "{words}"', meaning) for words, meaning in EXAMPLES]
    return "\n".join(f"{words:<60}{meaning}" for words, meaning in asked)


def _table(found: CostAnswer) -> str:
    from bot.wording import freshness_line, headline, movers_line  # noqa: PLC0415  as above
    from finops.foreign import middle  # noqa: PLC0415  as above
    from finops.money import Money  # noqa: PLC0415

    lines = [headline(found), movers_line(found)]
    labels = [middle(row.label, LABEL) for row in found.rows]
    width = max(map(len, labels), default=0)
    if found.question.group_by:
        lines += [
            "",
            *(
                f"  {label:<{width}}  {Money(row.cost, found.currency)!s:>16}"
                for label, row in zip(labels, found.rows, strict=True)
            ),
        ]
        lines += [f"  … and {found.others} more (say `top {len(found.rows) + found.others}`)"] if found.others else []
    lines += ["", freshness_line(found)]
    lines += [f"Converted at {rate}." for rate in found.rates]
    lines += [f"Evidence: {found.evidence}"] if found.evidence else []
    return "\n".join(line for number, line in enumerate(lines) if line or number > 1)


@click.command()
def web() -> None:
    """Serve Slack over HTTP and the evidence pages."""
    from bot.web import serve  # noqa: PLC0415

    serve()


@click.command()
def bot() -> None:
    """Serve the same listeners over Socket Mode, for those who open no port."""
    from bot.socket import serve  # noqa: PLC0415

    serve()
