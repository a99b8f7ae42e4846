"""Forms for what a button alone cannot say: a reason, a day, a person, or all of what many approvals will do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ConfirmObject,
    ContextBlock,
    DatePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    SectionBlock,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.actions import Form
from bot.blocks.text import cut, escape, markdown
from finops.money import Money
from finops.recommendations import kinds
from finops.recommendations.quorum import Quorum
from storage.models import Recommendation

TITLE, WHERE, WORDS, LINES = 100, 100, 300, 20
METADATA = 3000
"""Characters that Slack keeps with a form."""
OTHER = "other"
"""The reason that is none by itself: it takes words."""
REASONS = {
    "needed": "It is needed",
    "planned": "Something else is planned for it",
    "wrong": "The figures are wrong",
    "risky": "The risk is not worth it",
    OTHER: "Another reason",
}
ID = "given"
"""The action id of every field: its block id tells which it is."""


CHOSEN = ("selected_date", "selected_user", "selected_conversation")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form keeps while it is open: ids of offers, and where to answer."""

    offers: tuple[uuid.UUID, ...]
    channel: str
    place: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """What was filled into fields that the form does not show now: it is there again when they are."""
    message: str = ""
    """The address at which the message can be replaced whose button opened the form."""

    def text(self) -> str:
        """Return it for `private_metadata`: 20 ids are some 800 characters of Slack's 3,000."""
        kept = {"offers": [str(one) for one in self.offers], "channel": self.channel, "place": self.place}
        kept |= {"message": self.message} if self.message else {}
        whole = json.dumps(kept | {"hidden": dict(self.hidden)})
        return whole if len(whole) <= METADATA else json.dumps(kept)

    @classmethod
    def read(cls, view: dict[str, Any]) -> Kept:
        """Take it from a form that was handed in."""
        found = json.loads(view["private_metadata"])
        return cls(
            tuple(uuid.UUID(one) for one in found["offers"]),
            str(found["channel"]),
            str(found["place"]),
            found.get("hidden", {}),
            str(found.get("message", "")),
        )


def _form(form: Form, title: str, submit: str, kept: Kept, blocks: list[Block]) -> View:
    return View(
        type="modal", callback_id=form, title=title, submit=submit, close="Cancel", private_metadata=kept.text(),
        blocks=blocks,
    )  # fmt: skip


def _about(row: Recommendation) -> SectionBlock:
    saving = Money(row.potential_savings, row.currency)
    return SectionBlock(text=markdown(f"*{escape(cut(row.title, TITLE))}*\nSaves *{escape(str(saving))} a month*"))


def _day(
    block: str, label: str, initial: date | None, *, optional: bool = False, hint: str | None = None
) -> InputBlock:
    picker = DatePickerElement(action_id=ID, initial_date=initial.isoformat() if initial else None)
    return InputBlock(block_id=block, label=label, element=picker, optional=optional, hint=hint)


def dismiss(row: Recommendation, kept: Kept) -> View:
    """Ask why, and whether for good."""
    options = [Option(value=value, text=text) for value, text in REASONS.items()]
    reason = StaticSelectElement(action_id=ID, options=options, placeholder="Choose")
    words = PlainTextInputElement(action_id=ID, multiline=True, max_length=WORDS)
    again = "If it is found again after this day it opens again; leave it empty for never."
    blocks: list[Block] = [
        _about(row),
        InputBlock(block_id="reason", label="Why not?", element=reason),
        InputBlock(block_id="words", label="In your words", element=words, optional=True),
        _day("until", "Until", None, optional=True, hint=again),
    ]
    return _form(Form.DISMISS, "Dismiss", "Dismiss", kept, blocks)


def snooze(row: Recommendation, kept: Kept, *, initial: date) -> View:
    """Ask until when."""
    blocks: list[Block] = [_about(row), _day("until", "Until", initial, hint="It opens again on this day.")]
    return _form(Form.SNOOZE, "Snooze", "Snooze", kept, blocks)


def assign(row: Recommendation, kept: Kept) -> View:
    """Ask to whom."""
    chosen = UserSelectElement(action_id=ID, placeholder="Choose")
    blocks: list[Block] = [_about(row), InputBlock(block_id="to", label="Who looks after it?", element=chosen)]
    return _form(Form.ASSIGN, "Assign", "Assign", kept, blocks)


def bulk(
    rows: Sequence[Recommendation],
    kept: Kept,
    *,
    quorum: Quorum,
    where: Mapping[uuid.UUID, str],
    left: int,
    needed: int,
) -> View:
    """List what approving all of these will do; `left` are of the next form, `needed` by their owners."""
    about = kinds.about(rows[0].recommendation_type)
    sums = " and ".join(str(one) for one in kinds.totals(rows))
    many = "approval" if quorum.people == 1 else "approvals"
    words = (
        f"*{len(rows)} at once save {escape(sums)} a month.*\n{quorum.people} {many} each: {escape(quorum.because)}."
    )
    note = f" The next {left} are another form." if left else ""
    if needed:
        note += f" Left out: {needed} that {'its owner needs' if needed == 1 else 'their owners need'}; see the card."
    blocks: list[Block] = [
        SectionBlock(text=markdown(words)),
        *(SectionBlock(text=markdown(part)) for part in _parts([_line(row, where) for row in rows])),
        ContextBlock(
            elements=[
                markdown(
                    f"*Risk:* {escape(about.risk)} All of them or none: one that no longer holds stops them all.{note}"
                )
            ]
        ),
    ]
    return _form(Form.BULK, "Approve all of these", "Approve all", kept, blocks)


def told(text: str) -> View:
    """Return what a form becomes while what it asked for is done, and then what became of it; text is markup."""
    return View(type="modal", title="Approve all of these", close="Close", blocks=[SectionBlock(text=markdown(text))])


def _line(row: Recommendation, where: Mapping[uuid.UUID, str]) -> str:
    saving, place = Money(row.potential_savings, row.currency), cut(where.get(row.resource_id, ""), WHERE)
    return f"• {escape(cut(row.title, TITLE))}: {escape(str(saving))}" + (f" ({escape(place)})" if place else "")


def _parts(lines: Sequence[str]) -> list[str]:
    """Divide lines among sections, none of which Slack would find too long."""
    size = 5
    return ["\n".join(lines[start : start + size]) for start in range(0, len(lines), size)]


def values(view: dict[str, Any]) -> dict[str, str]:
    """Return what was filled in, by field; what was left empty is left out."""
    found = {}
    for block, fields in (view.get("state") or {}).get("values", {}).items():
        given = fields.get(ID) or {}
        option = (given.get("selected_option") or {}).get("value")
        value = given.get("value") or option or next((given[name] for name in CHOSEN if given.get(name)), None)
        if value:
            found[block] = str(value)
    return found


MISSING = {
    "kind": "Choose what to be told about.",
    "grain": "Choose over which days.",
    "severity": "Choose how much it matters.",
}
"""What is said beside a field without which a form means nothing, by its block."""


def missing(view: dict[str, Any]) -> dict[str, str]:
    """Return what to do about each field that needs a value and has none: not every Slack hands in what was preset."""
    given = values(view)
    asked = [one for one in view.get("blocks") or () if one.get("type") == "input" and not one.get("optional")]
    names = [str(one.get("block_id")) for one in asked]
    return {name: MISSING.get(name, "Fill this in.") for name in names if name not in given}


def confirm(text: str) -> ConfirmObject:
    """Ask once more before a button acts."""
    return ConfirmObject(title="Are you sure?", text=text, confirm="Yes", deny="No")
