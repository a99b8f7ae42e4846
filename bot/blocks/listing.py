"""What could be saved, as a list to page through: how many, how much, the next five, and each kind by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    InteractiveElement,
    Option,
    SectionBlock,
    StaticSelectElement,
)

from bot.actions import Action
from bot.blocks import recommendation
from bot.blocks.text import escape, in_code, markdown, with_code
from bot.cards import Card
from bot.questions import written
from finops.recommendations import kinds
from finops.recommendations.findings import RecommendationType
from finops.recommendations.lifecycle import Stage
from storage.models import Recommendation

ALL, PLACE = "all", 200
"""The choice of every kind; and characters of the words of a list that fit into a block's id beside another one."""
STAGES = {
    Stage.APPROVED: Action.APPROVED_ONES,
    Stage.CARRIED_OUT: Action.CARRIED_OUT_ONES,
    Stage.SNOOZED: Action.SNOOZED_ONES,
    Stage.DISMISSED: Action.DISMISSED_ONES,
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of what waits for a decision, or of what was decided."""

    rows: Sequence[Recommendation]
    """All of them, of the chosen kind."""
    page: Sequence[Card]
    """The cards of this page."""
    counts: Mapping[str, int]
    """How many there are of each kind, whatever is chosen."""
    stage: Stage | None = None
    """What of it was decided; without, what waits for that."""
    decided: Mapping[Stage, int] = field(default_factory=dict)
    """How many were decided in which way, whatever is chosen."""
    kind: RecommendationType | None = None
    number: int = 1
    pages: int = 1
    beyond: str = ""
    """That another page was asked for, which is not there."""
    carried_out: Sequence[str] = ()
    """What became of everything that was carried out, a sentence a currency."""

    approved: int = 0
    """How many of this kind are approved, and not yet carried out."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Whose savings they are, as the ledger spells it; without, everybody's."""
    about: str = ""
    """The same as people say it."""
    note: str = ""
    """What the scope of the channel that it is shown in did to it."""

    def words(self, number: int | None = None) -> str:
        """Return the words that ask for this list, or for another page of it."""
        page = number or self.number
        return self.other(self.stage, self.kind.value if self.kind else "", f"page {page}" if page > 1 else "")

    def other(self, stage: Stage | None, kind: str = "", page: str = "") -> str:
        """Return the words that ask for another list of the same filters."""
        parts = ("recommendations", stage.value if stage else "", kind, written(self.where), page)
        return " ".join(one for one in parts if one)

    @property
    def place(self) -> str:
        """The words that its blocks keep: too long ones would be cut."""
        return words if len(words := self.words()) <= PLACE else "recommendations"


def sentence(found: Listing) -> str:
    """Return how many there are, and how much they save."""
    about = ", ".join(filter(None, (found.about, kinds.KINDS[found.kind].many if found.kind else "")))
    of = f"{about}: " if about else ""
    if found.stage:
        return f"{of}{recommendation.decided(found.rows, found.stage)}"
    return f"{of}{recommendation.waiting(found.rows)}"


def _approved(found: Listing) -> str:
    """Tell how many are approved already, which this list has not, and how to see them; markup of our own."""
    many = 0 if found.stage else found.approved
    verb, them = ("is", "it") if many == 1 else ("are", "them")
    words = in_code(found.other(Stage.APPROVED, found.kind.value if found.kind else ""))
    return f"{many} {verb} approved and not yet carried out: `/cost {words}` shows {them}." if many else ""


def text(found: Listing) -> str:
    """Return what a notification shows, markup."""
    return f"{escape(sentence(found))} {_approved(found)}".rstrip()


def build(found: Listing) -> list[Block]:
    """Return the page."""
    lead = f"*{escape(sentence(found))}*\n{_approved(found)}".rstrip()
    blocks: list[Block] = [SectionBlock(text=markdown(lead))]
    blocks += recommendation.fitting(found.page, place=found.place)
    if page := found.beyond or (f"Page {found.number} of {found.pages}, the largest first." if found.pages > 1 else ""):
        blocks.append(ContextBlock(elements=[markdown(page)]))
    if found.carried_out:
        blocks.append(ContextBlock(elements=[markdown("\n".join(f"🏁 {escape(one)}." for one in found.carried_out))]))
    if found.note:
        blocks.append(ContextBlock(elements=[markdown(with_code(found.note))]))
    elements = [*_kinds(found), *_pages(found), *_bulk(found), *_stages(found)]
    if elements:
        blocks.append(ActionsBlock(block_id=f"list {found.place}", elements=elements))
    return blocks


def _kinds(found: Listing) -> list[InteractiveElement]:
    if found.stage or len(found.counts) < 2 or found.place != found.words():  # noqa: PLR2004  one kind is no choice
        return []
    options = {ALL: Option(value=ALL, text=f"All kinds ({sum(found.counts.values())})")}
    for kind, count in sorted(found.counts.items()):
        if kind in list(RecommendationType):
            options[kind] = Option(value=kind, text=f"{kinds.about(kind).many} ({count})")
    chosen = options.get(found.kind or ALL)
    return [StaticSelectElement(action_id=Action.KIND, options=list(options.values()), initial_option=chosen)]


def _stages(found: Listing) -> list[InteractiveElement]:
    """Return a button for each of the other lists that has something in it."""
    others: dict[Action, tuple[str, str]] = {Action.UNDECIDED: ("To decide", found.other(None))} if found.stage else {}
    for stage, action in STAGES.items():
        if stage is not found.stage and (many := found.decided.get(stage, 0)):
            others[action] = (f"{stage.capitalize()} ({many})", found.other(stage))
    return [ButtonElement(text=text, action_id=action, value=value) for action, (text, value) in others.items()]


def _pages(found: Listing) -> list[InteractiveElement]:
    sides = {Action.PREVIOUS: ("← Previous", found.number - 1), Action.NEXT: ("Next →", found.number + 1)}
    return [
        ButtonElement(text=text, action_id=action, value=found.words(number))
        for action, (text, number) in sides.items()
        if 1 <= number <= found.pages
    ]


def _bulk(found: Listing) -> list[InteractiveElement]:
    if found.stage or found.kind is None or len(found.rows) < 2:  # noqa: PLR2004  one is approved by its own button
        return []
    words = found.other(None, found.kind.value)
    return [ButtonElement(text="Approve all of them…", action_id=Action.BULK, value=words)]
