"""An answer that somebody else has to compute: noted where it was asked, and given there once it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot import private, repeated, said
from bot.answering import Understood, answer
from bot.asker import Asker
from bot.blocks import draft as drawn
from bot.blocks.text import SECTION, cut, escape, with_code
from bot.questions import Kind, NotUnderstoodError, parse
from bot.said import Said
from finops.errors import CostsError
from finops.people import Person
from storage import outbox
from storage.database import transaction
from storage.models import Outbox

KIND = "slack_awaited"
AGAIN = timedelta(seconds=3)
LONGEST = timedelta(minutes=10)
"""What is not computed by then is told as such: a worker may be away."""
TOO_LONG = "This took longer than ten minutes, so I stopped waiting: is a worker running? Ask again later."
Note = Callable[..., None]


def note(
    session: Session, body: Mapping[str, Any], asked: Understood, who: Asker,
    *, url: str | None = None, what: Said | None = None,
) -> bool:  # fmt: skip
    """Note who waits for an answer, if it has yet to be computed: privately at `url`, or as `what` is posted.

    Returns whether it has.
    """
    if asked.question.kind is not Kind.FORECAST:
        return False
    from bot.drafts import forecast  # noqa: PLC0415  most answers are no forecasts

    if not forecast.is_awaited(session, asked.question):
        return False
    container = body.get("container") or {}
    to = {
        "url": url, "until": (datetime.now(UTC) + private.GOOD_FOR).isoformat(), "channel": who.channel,
        "user": who.person.user, "thread": container.get("thread_ts"),
    }  # fmt: skip
    payload = {
        "question": str(asked.question), "notes": list(asked.notes), "to": to,
        "posted": {"thread": what.thread, "above": what.above} if what else None,
        "today": str(who.today), "zone": who.zone, "enterprise": who.person.enterprise,
    }  # fmt: skip
    key = f"awaited {repeated.key(body)}"
    later = datetime.now(UTC) + AGAIN
    return outbox.put(session, workspace=who.workspace, key=key, kind=KIND, payload=payload, not_before=later)


def turn(message: Outbox) -> Note:
    """Give an answer if it can be given now: written down to be sent, once, and then done; or look again."""
    over = datetime.now(UTC) - message.created_at > LONGEST
    with transaction() as session:
        given = _answer(session, message, over=over)
        if given is None:
            return partial(outbox.later, after=AGAIN)
        _put(session, message, given)
    return partial(outbox.sent, receipt={})


def _answer(session: Session, message: Outbox, *, over: bool) -> tuple[str, list[Any]] | None:
    from bot.drafts import forecast  # noqa: PLC0415  as above

    who = _who(message)
    try:
        asked = Understood(parse(message.payload["question"], today=who.today), tuple(message.payload["notes"]))
        if forecast.is_awaited(session, asked.question):
            return (TOO_LONG, []) if over else None
        draft = answer(session, asked, who)
    except NotUnderstoodError as error:  # the ledger lost that name meanwhile, or a newer version reads otherwise
        return cut(with_code(str(error)), SECTION), []
    except CostsError as error:
        return cut(escape(str(error)), SECTION), []
    return drawn.fallback(draft), [one.to_dict() for one in drawn.build(draft, share=not who.is_direct)]


def _who(message: Outbox) -> Asker:
    payload = message.payload
    person = Person(message.workspace, payload["to"]["user"], payload["enterprise"])
    return Asker(person, payload["to"]["channel"], date.fromisoformat(payload["today"]), payload["zone"])


def _put(session: Session, message: Outbox, given: tuple[str, list[Any]]) -> None:
    """Write the answer down to be sent as any other one: privately, or posted where everybody read the question."""
    (text, blocks), to, place = given, message.payload["to"], message.payload["posted"]
    if place is None:
        reply = {"text": text, "response_type": "ephemeral", "replace_original": False}
        reply |= {name: value for name, value in (("blocks", blocks), ("thread_ts", to["thread"])) if value}
        kind, payload = private.KIND, {**to, "message": reply}
    else:
        what = Said(to["channel"], text, (), place["thread"], message.payload["question"], to["user"], place["above"])
        kind, payload = said.KIND, {**what.payload(), "blocks": blocks}
    outbox.put(session, workspace=message.workspace, key=f"{message.key} given", kind=kind, payload=payload)
