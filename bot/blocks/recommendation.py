"""Recommendations as cards to decide on, and as one digest in a channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block, ContextBlock, DividerBlock, SectionBlock

from bot.blocks import card_buttons
from bot.blocks.text import cut, escape, in_code, link, markdown
from bot.cards import Card
from bot.members import mention
from finops.money import Money
from finops.recommendations import kinds, owning
from finops.recommendations.lifecycle import Stage, State
from finops.recommendations.owning import Says
from finops.roles import Role
from storage.models import Recommendation

SHOWN = 5
"""A digest names the five largest; cards of the same number fit a message."""
TITLE, REASON, CODE, SHORT, NOTE = 150, 400, 900, 120, 300
"""Characters: a foreign name must not push the saving or the undo off its card."""
ROOM = 12_000
"""Characters of all cards of a message, as JSON; some are Slack's own, so what is shown stays well below that."""
GIVEN_UP = (State.DISMISSED, State.EXPIRED)
MARKS = {State.APPROVED: "✅", State.APPLIED: "🏁", State.MEASURED: "🏁", State.SNOOZED: "💤"}
DECIDED = {
    Stage.APPROVED: ("No approved saving waits to be carried out.", "is", "approved and not yet carried out:"),
    Stage.CARRIED_OUT: ("No saving was carried out yet.", "was", "carried out; promised were"),
    Stage.SNOOZED: ("No saving is snoozed.", "is", "snoozed, and would save"),
    Stage.DISMISSED: ("No saving is dismissed.", "is", "dismissed, and would save"),
}
"""Of each list of what was decided: its sentence of nothing, and the verb and the words of the one that counts."""
SEVERAL = {"is": "are", "was": "were"}
CARRIED_OUT = (State.APPLIED, State.MEASURED)
UNMEASURED = "what it saves is measured 7, 14 and 30 days on"
LATER = "*Approved* changes nothing by itself: somebody runs the command, then presses *Mark carried out*."


def card(shown: Card, *, place: str = "", role: Role = Role.ADMIN) -> list[Block]:
    """Return one recommendation: what, why, saving, risk, undo, evidence; then its buttons, or who decided and when.

    `place` are the words of the list that it stands in, for drawing the list anew; where one person reads it alone,
    `role` leaves out what they may not press.
    """
    row = shown.row
    saving = Money(row.potential_savings, row.currency)
    title, reason = escape(cut(row.title, TITLE)), escape(cut(row.reason, REASON))
    blocks: list[Block] = [
        _section(f"*{title}*\nSaves *{escape(str(saving))} a month* · {reason}"),
        _context(" · ".join(_facts(shown))),
    ]
    if said := _standing(shown):
        blocks.append(_context(said))
    if said := owner(shown):
        blocks.append(_section(said))
    if row.state is State.APPROVED and (how := _by_hand(row)):
        blocks.append(_section(how))
    return [*blocks, *card_buttons.build(shown, place=place, role=role)]


def owner(shown: Card) -> str:
    """Tell what its owner said of it, as long as that can matter."""
    row, said = shown.row, shown.owner
    if said is None or row.state not in (State.OPEN, State.SNOOZED, State.APPROVED):
        return ""
    words = f"Owner {mention(said.who)} {escape(cut(owning.said(row.recommendation_type, said.note or ''), NOTE))}"
    return f"{f'✋ *{words}*' if said.note == Says.KEEPS else f'👍 {words}'} ({said.at:%-d %b %Y})"


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=markdown(text))


def _context(text: str) -> ContextBlock:
    return ContextBlock(elements=[markdown(text)])


def _facts(shown: Card) -> list[str]:
    row = shown.row
    owner = row.details.get("owner")
    console = "" if row.state is State.APPROVED else link(row.details.get("console_url"), "Console")
    facts = (
        f"*{escape(cut(shown.where, SHORT))}*" if shown.where else "",
        f"*Risk:* {escape(kinds.about(row.recommendation_type).risk)}",
        _undo(row),
        f"*Owner:* {escape(cut(str(owner), SHORT))}" if owner else "",
        link(shown.evidence, "Evidence"),
        console,
    )
    return [one for one in facts if one]


def _undo(row: Recommendation) -> str:
    """Tell how it is undone; what is approved has the whole command below, and once is enough."""
    undo = str(row.details.get("undo") or "")
    if not undo or not kinds.about(row.recommendation_type).reversible:
        return "*Undo:* none"
    if row.state is State.APPROVED:
        return ""
    return f"*Undo:* `{in_code(undo)}`" if len(undo) <= SHORT else "*Undo:* one command, shown once it is approved"


def _standing(shown: Card) -> str:
    """Tell where it stands: who approved it so far, or decided; who is to decide."""
    row, parts = shown.row, []
    if row.state is not State.OPEN:
        until = f" until {row.until:%-d %b %Y}" if row.until else ""
        parts.append(f"{MARKS.get(row.state, '▫️')} *{row.state.told.capitalize()}*{until}{_decided(shown)}")
        note = shown.measured or UNMEASURED if row.state in CARRIED_OUT else shown.note
        if note:
            parts.append(escape(cut(note, NOTE)))
        if row.state in CARRIED_OUT and set(shown.approved_by) - {row.decided_by}:
            parts.append(f"approved by {', '.join(map(mention, shown.approved_by))}")
    elif shown.quorum.people > 1:
        given = f" by {', '.join(map(mention, shown.approved_by))}" if shown.approved_by else ""
        count = f"*{len(shown.approved_by)} of {shown.quorum.people} approvals*{given}"
        parts.append(f"{count}: {escape(shown.quorum.because)}")
    if row.assigned_to and row.state in (State.OPEN, State.SNOOZED):
        parts.append(f"Assigned to {mention(row.assigned_to)}")
    return " · ".join(parts)


def _decided(shown: Card) -> str:
    """Tell who decided and when: of what took several approvals all of them."""
    row, named = shown.row, ", ".join(map(mention, shown.approved_by))
    if row.state is State.APPROVED and named:
        return f" by {named}{_when(row)}"
    return by_whom(row)


def by_whom(row: Recommendation) -> str:
    """Tell who decided, and when."""
    return (f" by <@{row.decided_by}>" if (row.decided_by or "").isalnum() else "") + _when(row)


def _when(row: Recommendation) -> str:
    return f" on {row.decided_at:%-d %b %Y at %H:%M} UTC" if row.decided_at else ""


def _by_hand(row: Recommendation) -> str:
    command, undo = row.details.get("command"), row.details.get("undo")
    lines = [f"To do it by hand: `{_code(command)}`"] if command else []
    back = "To undo it" if kinds.about(row.recommendation_type).reversible else "It cannot be undone; the nearest to it"
    lines += [f"{back}: `{_code(undo)}`"] if undo else []
    page = link(row.details.get("console_url"), "Look at it in the cloud's console")
    return "\n".join([*lines, page]).rstrip()


def _code(command: object) -> str:
    return cut(in_code(str(command)), CODE)


def later(shown: Iterable[Card]) -> list[Block]:
    """Say, once a message, what happens next to what is approved."""
    return [_context(LATER)] if any(one.row.state is State.APPROVED for one in shown) else []


def refusal(row: Recommendation) -> str:
    """Tell who comes second who was first."""
    title = escape(cut(row.title, TITLE))
    if row.decided_by is None:
        return f"“{title}” is {row.state.told}: there is nothing left to decide."
    return f"“{title}” was {row.state.told}{by_whom(row)}; the first decision stands."


def sentence(rows: Sequence[Recommendation]) -> str:
    """Return the digest's sentence, which a notification shows too. One resource counts once."""
    counted = [row for row in rows if row.state not in GIVEN_UP]
    if not counted:
        return "No saving waits for a decision."
    word = "recommendation" if len(counted) == 1 else "recommendations"
    return f"{len(counted)} {word} would save {' and '.join(map(str, kinds.totals(counted)))} a month."


def waiting(rows: Sequence[Recommendation]) -> str:
    """Return the sentence of what waits for a decision, which says that it counts that alone."""
    if not rows:
        return "No saving waits for a decision."
    waits = "recommendation waits" if len(rows) == 1 else "recommendations wait"
    return f"{len(rows)} {waits} for a decision and would save {_sums(rows)} a month."


def decided(rows: Sequence[Recommendation], stage: Stage) -> str:
    """Return the sentence of what was decided so."""
    none, verb, what = DECIDED[stage]
    if not rows:
        return none
    said = f"{len(rows)} saving {verb}" if len(rows) == 1 else f"{len(rows)} savings {SEVERAL[verb]}"
    return f"{said} {what} {_sums(rows)} a month."


def _sums(rows: Iterable[Recommendation]) -> str:
    return " and ".join(map(str, kinds.totals(rows)))


def announced(rows: Sequence[Recommendation]) -> str:
    """Return an announcement's sentence: what is new or, once some of it was decided, what is open still."""
    left = [row for row in rows if row.state is State.OPEN]
    if len(left) == len(rows):
        return f"New: {sentence(rows)}"
    if not left:
        return f"Nothing of this waits for a decision any more: {_fates(rows)}."
    waits = "is open and would" if len(left) == 1 else "are open and would"
    sums = " and ".join(map(str, kinds.totals(left)))
    return f"Of {len(rows)} recommendations {len(left)} {waits} save {sums} a month; {_fates(rows)}."


def _fates(rows: Sequence[Recommendation]) -> str:
    """Count what became of those that are not open; of what was approved with its sum."""
    parts = []
    fates = Counter(row.state.told for row in rows if row.state is not State.OPEN)
    for fate, count in sorted(fates.items()):
        sums = _sums(row for row in rows if row.state.told == fate)
        parts.append(f"{count} {fate}" + (f" ({sums} a month)" if fate == State.APPROVED else ""))
    return ", ".join(parts)


def cards(shown: Sequence[Card]) -> list[Block]:
    """Return the largest savings as cards under one sentence, which counts all."""
    largest = sorted(shown, key=lambda one: (-one.row.potential_savings, one.row.title))
    rows = [one.row for one in shown]
    blocks: list[Block] = [_section(f"*{escape(announced(rows))}*")]
    blocks += fitting(largest[:SHOWN])
    left = [one for one in largest[SHOWN:] if one.row.state is State.OPEN]
    if left:
        blocks.append(_context(f"… and {len(left)} smaller to decide: `/cost recommendations` shows every one."))
    return blocks


def fitting(shown: Sequence[Card], *, place: str = "") -> list[Block]:
    """Return cards of a page, each under a line; where a message has no more room, the rest are brief."""
    drawn: list[Block] = []
    used = 0
    for one in shown:
        whole = card(one, place=place)
        used += sum(len(str(block.to_dict())) for block in whole)
        drawn += [DividerBlock(), *(whole if used <= ROOM else _brief(one, place))]
    return [*drawn, *later(shown)]


def _brief(shown: Card, place: str) -> list[Block]:
    """Return a card of what matters most: what, how much, where it stands, and its buttons."""
    saving = Money(shown.row.potential_savings, shown.row.currency)
    text = f"*{escape(cut(shown.row.title, SHORT))}*\nSaves *{escape(str(saving))} a month*. {_standing(shown)}"
    lines = [text.rstrip(), *filter(None, [owner(shown)])]
    return [_section("\n".join(lines)), *card_buttons.build(shown, place=place)]
