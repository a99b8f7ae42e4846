"""What an owner is asked about a recommendation and may say, in words of its kind: only some of them end anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from finops.recommendations.findings import RecommendationType


class Says(StrEnum):
    """What an owner says, as the history keeps it."""

    AGREES = "it may go"
    KEEPS = "it is needed"


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind is asked about, and answered."""

    question: str
    may: str
    """What the owner allows, after “it may”."""
    needs: str
    """What the owner does, who wants it kept: after a name."""
    button: str
    """The same, said by the owner."""


_NEEDS = ("needs it", "I need it")
WORDS = {
    RecommendationType.STOP_IDLE_MACHINE: Words("May it be stopped?", "be stopped", *_NEEDS),
    RecommendationType.RIGHTSIZE_MACHINE: Words(
        "May it be halved?", "be halved", "needs it as large as it is", "I need its size"
    ),
    RecommendationType.DELETE_UNATTACHED_DISK: Words("May it be deleted?", "be deleted", *_NEEDS),
    RecommendationType.RELEASE_IDLE_ADDRESS: Words("May it be released?", "be released", *_NEEDS),
}
OTHERS = Words("May it be done?", "be done", "needs it as it is", "I need it as it is")


def words(kind: str) -> Words:
    """Return the words of a kind."""
    return WORDS[RecommendationType(kind)] if kind in list(RecommendationType) else OTHERS


def said(kind: str, note: str) -> str:
    """Return what an owner said, as a sentence about them goes on: “needs it”; of other notes these themselves."""
    if note not in list(Says):
        return note
    return words(kind).needs if Says(note) is Says.KEEPS else f"says it may {words(kind).may}"
