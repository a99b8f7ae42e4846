"""Forms of alerts: until when to hear nothing of one, and who looks after it."""

from __future__ import annotations

from datetime import date

from slack_sdk.models.blocks import Block, DatePickerElement, InputBlock, SectionBlock, UserSelectElement
from slack_sdk.models.views import View

from bot.actions import Form
from bot.blocks.cost_alert import TITLE, Told
from bot.blocks.forms import ID, Kept
from bot.blocks.text import cut, escape, markdown


def snooze(told: Told, kept: Kept, *, initial: date) -> View:
    """Ask until when."""
    picker = DatePickerElement(action_id=ID, initial_date=initial.isoformat())
    hint = "What still holds on this day is told again."
    asked = InputBlock(block_id="until", label="Until", element=picker, hint=hint)
    return _form(Form.ALERT_SNOOZE, "Snooze", told, kept, asked)


def assign(told: Told, kept: Kept) -> View:
    """Ask to whom."""
    chosen = UserSelectElement(action_id=ID, placeholder="Choose")
    asked = InputBlock(block_id="to", label="Who looks after it?", element=chosen)
    return _form(Form.ALERT_ASSIGN, "Assign", told, kept, asked)


def _form(form: Form, title: str, told: Told, kept: Kept, asked: InputBlock) -> View:
    blocks: list[Block] = [SectionBlock(text=markdown(escape(cut(told.title(), TITLE)))), asked]
    return View(
        type="modal", callback_id=form, title=title, submit=title, close="Cancel", private_metadata=kept.text(),
        blocks=blocks,
    )  # fmt: skip
