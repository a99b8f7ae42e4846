"""`costs ask`, and the processes that listen: the asking side of the command line."""

from __future__ import annotations

import gc
import getpass
import json
import threading
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import click

from finops.errors import CostsError

if TYPE_CHECKING:
    from bot.drafts.draft import Draft

ROLES = ("roles", "grant", "revoke", "owner", "owners")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("text", required=False, default="")
@click.option("--in", "currency", metavar="CUR", help="Convert all charges to this currency, by `costs rates`.")
@AS_JSON
def ask(*, text: str, currency: str | None, as_json: bool) -> None:
    """Answer a question, in the words of `/cost`."""
    gc.disable()  # half a second's work leaves nothing worth collecting, and looking for it takes a tenth of it
    from bot import budget_names  # noqa: PLC0415  as below
    from bot.questions import CostQuestion, Kind, NotUnderstoodError, parse  # noqa: PLC0415  a cold answer within a second imports only what it needs
    from storage.settings import settings  # noqa: PLC0415

    today = datetime.now().astimezone().date()
    if text.split()[:1] and text.split(maxsplit=1)[0].lower() in ROLES:
        message = "Who may what is said in Slack (`/cost roles`) and here by `costs roles list`, `grant` and `revoke`."
        raise CostsError(message)
    try:
        fiscal = settings().costs_fiscal_year_start
        asked = parse(text, today=today, fiscal_year_start=fiscal, budgets=budget_names.of(text))
    except NotUnderstoodError:  # what may have been meant is held against the ledger below
        asked = CostQuestion()
    kind = asked.kind
    if kind is Kind.HELP:
        from bot.drafts.others import help_  # noqa: PLC0415

        _print(help_(), as_json=as_json)
        return
    starting = _start_database()
    from bot.answering import answer, understand  # noqa: PLC0415
    from bot.asker import Asker  # noqa: PLC0415
    from finops.people import Person  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    starting.join()
    migrate.ensure()
    if kind is Kind.RECOMMENDATIONS:
        from bot import recommendations_cli  # noqa: PLC0415  as above

        recommendations_cli.show_stage(asked.stage, where=asked.where, as_json=as_json)
        return
    text = f"{text} in {currency}" if currency else text
    who = Asker(Person("", getpass.getuser()), "", today)
    with transaction() as session:
        draft = answer(session, understand(session, text, who), who)
    _print(draft, as_json=as_json)


def _print(draft: Draft, *, as_json: bool) -> None:
    from bot.terminal import shown  # noqa: PLC0415  as above

    click.echo(json.dumps(draft.values, indent=2) if as_json else shown(draft))


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
