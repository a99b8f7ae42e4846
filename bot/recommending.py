"""`/cost recommendations`: what waits for a decision, or was decided and how, by pages and by kind."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from bot import cards, narrowed, savings_of, table_pages
from bot.blocks import listing
from bot.blocks.listing import Listing
from bot.questions import written
from finops.errors import UnknownWordError
from finops.recommendations import kinds, track
from finops.recommendations.findings import RecommendationType
from finops.recommendations.lifecycle import Stage, State
from storage import accounts, measuring, recommendations
from storage.models import Recommendation

PAGE = 5
_ASKED = re.compile(r"\s*(?:recommendations?|savings?)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_STAGE = re.compile(r"(approved|carried[\s-]+out|snoozed|dismissed)(?!\S)", re.IGNORECASE)
_STAGES = {stage[0]: stage for stage in Stage}
_PAGE = re.compile(r"(?:^|\s)page\s+(?P<number>\d{1,4})\s*$", re.IGNORECASE)


def is_asked(text: str) -> bool:
    """Whether these words ask for the list."""
    return _ASKED.match(text) is not None


def read(text: str) -> tuple[Stage | None, RecommendationType | None, int]:
    """Return what of it was decided, the kind and the page that are asked for. Raises UnknownWordError."""
    asked = _ASKED.match(text)
    rest = asked["rest"].strip(" ?!.") if asked else text.strip()
    number = _PAGE.search(rest)
    words = rest[: number.start()].strip() if number else rest
    if words.lower().split()[:1] == ["by"] or len(words) > 100:  # noqa: PLR2004  characters; no kind is that long
        raise UnknownWordError(words[:60], None, "recommendations idle machines page 2")
    decided = _STAGE.match(words)
    stage, words = (_STAGES[decided[1][0].lower()], words[decided.end() :].strip()) if decided else (None, words)
    return stage, (kinds.find(words) if words else None), int(number["number"]) if number else 1


def undecided(session: Session, *, workspace: str) -> list[Recommendation]:
    """Return what waits for a decision and may be seen in a workspace, the largest saving first."""
    alive = recommendations.alive(session)
    return [row for row in alive if row.state is State.OPEN and row.workspace in ("", workspace)]


def found(session: Session, text: str, *, workspace: str, channel: str, also: uuid.UUID | None = None) -> Listing:
    """Return the page that the words ask for, within the channel's scope. Raises UnknownWordError.

    `also` was just decided and stays in sight.
    """
    words, named = savings_of.divided(text)
    named, note = savings_of.scoped(session, named, workspace=workspace, channel=channel)
    (stage, kind, number), where = read(words), savings_of.spelt(session, named)
    every = {each: recommendations.at_stage(session, each, workspace=workspace) for each in Stage}
    waiting = undecided(session, workspace=workspace)
    asked_for = savings_of.within(session, [*waiting, *chain.from_iterable(every.values())], where)
    kept = {row.id for row in asked_for}
    decided = {each: [row for row in rows if row.id in kept] for each, rows in every.items()}
    rows = decided[stage] if stage else [row for row in waiting if row.id in kept]
    chosen = [row for row in rows if kind is None or row.recommendation_type == kind]
    asked = number
    page, number, pages = _page(chosen, number, recommendations.get(session, also) if also else None)
    return Listing(
        rows=chosen,
        page=cards.all_of(session, page),
        counts=Counter(row.recommendation_type for row in rows),
        stage=stage,
        decided={each: len(many) for each, many in decided.items()},
        approved=sum(kind in (None, row.recommendation_type) for row in decided[Stage.APPROVED]),
        kind=kind,
        number=number,
        pages=pages,
        beyond=table_pages.beyond(asked, pages),
        carried_out=() if where else track.together(measuring.records(session, workspace=workspace)),
        where=where,
        about=narrowed.told(where, accounts.labels(session)) if where else "",
        note=note,
    )


def _page(
    rows: Sequence[Recommendation], number: int, also: Recommendation | None
) -> tuple[Sequence[Recommendation], int, int]:
    """Return a page, its number and how many there are. What was just decided stands where it stood.

    Where it is among the rest no more, the page has one card more: the next page goes on where this one ends.
    """
    place = 0
    if also is not None:
        place = sum((-row.potential_savings, row.id) < (-also.potential_savings, also.id) for row in rows)
        number = place // PAGE + 1
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(number, 1), pages)
    start = (number - 1) * PAGE
    page = list(rows[start : start + PAGE])
    if also is not None and also.id not in {row.id for row in page}:
        page.insert(place - start, also)
    return page, number, pages


def of_kind(session: Session, text: str, *, workspace: str) -> list[Recommendation]:
    """Return all that waits of the kind that words name, within their filters. Raises UnknownWordError."""
    words, named = savings_of.divided(text)
    _, kind, _ = read(words)
    rows = [row for row in undecided(session, workspace=workspace) if row.recommendation_type == kind]
    return savings_of.within(session, rows, savings_of.spelt(session, named))


def with_kind(text: str, kind: str) -> str:
    """Return the words of a list that ask for another kind of it, '' for all of them."""
    _, where = savings_of.divided(text)
    return " ".join(filter(None, ("recommendations", kind, written(where))))


def drawn(
    session: Session, text: str, *, workspace: str, channel: str, also: uuid.UUID | None = None
) -> tuple[str, list[Block]]:
    """Return the text and the blocks of that page."""
    page = found(session, text, workspace=workspace, channel=channel, also=also)
    return listing.text(page), listing.build(page)
