"""An answer as a message: two lines, a table that fits a phone, how settled it is, and where to go on."""

from __future__ import annotations

import re

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot.actions import Action
from bot.blocks import anomaly, grid, rule_change
from bot.blocks.text import BUTTON, FALLBACK, SECTION, cut, escape, in_code, link, markdown, with_code
from bot.drafts.draft import Draft, Grid, Item, Open
from bot.members import mention
from bot.questions import LONGEST, CostQuestion, NotUnderstoodError
from finops.foreign import middle, plain

HEADLINE, MORE, NOTE, POINT, ITEM = 900, 1800, 400, 500, 500
ASKS = (Action.ASK.value, *(f"{Action.ASK}_{number}" for number in range(1, 8)))
"""The ids of buttons that ask: within a row each needs one of its own."""
_CHANNEL = re.compile(r" (<#[CG][A-Z0-9]+>)$")
FENCE, TABLE = 40, 7000
"""Characters of a table's last line; and of all its lines, of the ten thousand of a message."""


def build(draft: Draft, *, share: bool = True) -> list[Block]:
    """Return the blocks of an answer; a shared one has no Share button."""
    more = f"\n{_shown(draft.more, MORE)}" if draft.more else ""
    blocks: list[Block] = [_section(f"*{_shown(draft.headline, HEADLINE)}*{more}")]
    if draft.points:
        blocks.append(_section(cut("\n".join(f"• {_shown(one, POINT)}" for one in draft.points), SECTION)))
    if draft.grid and draft.grid.rows:
        blocks += _tables(draft.grid)
    blocks += [_item(one) for one in draft.items]
    if draft.lines:
        blocks += [_section(_words(draft.lines))]
    notes = [*(_open(one) for one in draft.open), *(_noted(note) for note in draft.notes)]
    if draft.plainly and draft.admins:
        notes.append(f"{escape(draft.plainly.ask)}: {', '.join(map(mention, draft.admins))}.")
    if page := link(draft.evidence, draft.evidence_name):
        notes.append(page)
    if notes:
        blocks.append(ContextBlock(elements=[markdown(cut("\n".join(notes), SECTION))]))
    if draft.judged:
        blocks += anomaly.judging(draft.judged.event, draft.judged.said)
    if buttons := _buttons(draft, share=share):
        blocks.append(ActionsBlock(elements=list(buttons)))
    return blocks


def fallback(draft: Draft) -> str:
    """Return what a notification shows: foreign names in it must call nobody either."""
    return cut(escape(" ".join(filter(None, (draft.headline, draft.more, *draft.points)))), FALLBACK)


def unclear(error: NotUnderstoodError) -> list[Block]:
    """Return what was not understood, and the nearest reading as a button."""
    blocks: list[Block] = [_section(cut(with_code(str(error)), SECTION))]
    if error.nearest is not None and _fits(error.nearest):
        words = f"Did you mean: {middle(str(error.nearest), BUTTON - 15)}"
        blocks.append(ActionsBlock(elements=[_ask(words, error.nearest, 0)]))
    return blocks


def audience(said: str, asked: str) -> list[Block]:
    """Return the question whether to share an answer with those who would read it, whom `said` names."""
    sure = ButtonElement(text="Share it", action_id=Action.SHARE_NOW, value=asked, style="primary")
    return [
        _section(said),
        ActionsBlock(elements=[sure, ButtonElement(text="Cancel", action_id=Action.SHARE_CANCEL, value=asked)]),
    ]


def _buttons(draft: Draft, *, share: bool) -> list[ButtonElement]:
    deeper = [(words, question) for words, question in draft.deeper if _fits(question)][: len(ASKS)]
    buttons = [_ask(words, question, number) for number, (words, question) in enumerate(deeper)]
    if draft.save is not None and _fits(draft.save):
        buttons += _saving(draft.save)
    if draft.ask is None or not _fits(draft.ask):
        return buttons
    if draft.chart:
        buttons.append(ButtonElement(text="Chart", action_id=Action.CHART, value=_value(draft.ask)))
    if share:
        buttons.append(ButtonElement(text="Share", action_id=Action.SHARE, value=_value(draft.ask)))
    return buttons


def _saving(rule: CostQuestion) -> list[ButtonElement]:
    words = _value(rule)
    return [
        ButtonElement(text="Save", action_id=Action.RULE_SAVE, value=words, style="primary"),
        ButtonElement(text="Change", action_id=Action.RULE_CHANGE, value=words),
        ButtonElement(text="Cancel", action_id=Action.RULE_CANCEL, value=words),
    ]


def _ask(words: str, question: CostQuestion, number: int) -> ButtonElement:
    text = cut(plain(words) or "Ask", BUTTON)
    return ButtonElement(text=text, action_id=ASKS[number], value=_value(question))


def _fits(question: CostQuestion) -> bool:
    """Whether a question can be asked again: a name of thousands of letters is read by nobody."""
    return len(str(question)) <= LONGEST


def _value(question: CostQuestion) -> str:
    """Return the words of a question, not its state: read anew, they give today's figures."""
    return str(question) or "this month"


def _item(one: Item) -> SectionBlock:
    text = f"*{escape(one.rule.name)}* · {escape(one.about)}\n{rule_change.sentence(one.rule, ITEM)}"
    return SectionBlock(text=markdown(text), accessory=rule_change.button(one.edit) if one.edit else None)


def _open(one: Open) -> str:
    return " · ".join([_shown(one.sentence, NOTE), *one.standing(mention)])


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=markdown(text))


def _shown(text: str, limit: int) -> str:
    return escape(cut(text, limit))


def _noted(note: str) -> str:
    return with_code(cut(note, NOTE))


def _words(lines: tuple[tuple[str, str], ...]) -> str:
    return cut("\n".join(f"{_typed(words)}  {escape(does)}" for words, does in lines), SECTION)


def _typed(words: str) -> str:
    """Return words as code, but a channel at their end as its mention: in code Slack would show its bare id."""
    found = _CHANNEL.search(words)
    code = f"`{f'/cost {in_code(words[: found.start()] if found else words)}'.strip()}`"
    return f"{code} {found[1]}" if found else code


def _tables(table: Grid) -> list[Block]:
    """Return a table in as many sections as it needs, and what no message has room for as a number."""
    parts: list[list[str]] = [[]]
    room = TABLE
    lines = grid.coded(table)
    for place, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            parts[-1].append(f"… and {len(lines) - place} more")
            break
        if sum(len(one) + 1 for one in parts[-1]) + len(line) > SECTION - FENCE:
            parts.append([])
        parts[-1].append(line)
    return [_section("\n".join(part)) for part in parts]
