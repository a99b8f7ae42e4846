"""The day on which people ask in these tests, and who does."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.answering import answer, understand
from bot.asker import Asker
from bot.drafts.draft import Draft
from finops.people import Person

TODAY = date(2026, 11, 23)  # a Monday
ASKER = Asker(Person("T0", "ULEAD"), "C0COSTS", TODAY)


def ask(session: Session, text: str) -> Draft:
    """Ask in the channel of the tests."""
    return answer(session, understand(session, text, ASKER), ASKER)
