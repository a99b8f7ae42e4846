"""The day on which people ask in these tests, and who does."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.answering import answer, understand
from bot.asker import Asker
from bot.blocks import draft as drawn
from bot.drafts.draft import Draft
from bot.questions import LONGEST, parse
from bot.terminal import shown
from finops.people import Person
from tests.bot.drawing import assert_harmless, sendable

TODAY = date(2026, 11, 23)  # a Monday
ASKER = Asker(Person("T0", "ULEAD"), "C0COSTS", TODAY)


def ask(session: Session, text: str) -> Draft:
    """Ask in the channel of the tests."""
    return answer(session, understand(session, text, ASKER), ASKER)


def asked(session: Session, text: str, *, who: Asker = ASKER, above: str | None = None) -> Draft:
    """Ask, and see to it that the answer can be sent, harms nobody, and leads to questions that can be asked."""
    draft = answer(session, understand(session, text, who, above=above), who)
    sent = sendable(drawn.build(draft))
    assert_harmless(sent)
    assert_harmless(drawn.fallback(draft))
    assert shown(draft)
    for question in (question for _, question in draft.deeper if len(str(question)) <= LONGEST):
        assert parse(str(question), today=TODAY) == question
    return draft
