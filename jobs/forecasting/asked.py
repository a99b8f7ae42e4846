"""What a person asks to be forecast, in the ledger's words: parts, filters, currency."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from finops.allocation import dimension as known_dimension
from finops.errors import CostsError, UnknownWordError
from finops.focus import DIMENSIONS, Dimension, Metric
from finops.forecasting import questions
from finops.forecasting.questions import Question
from finops.trend import NoChargesError, complete_through
from storage import allocation, allotted, charges, filters, forecast_models, selecting
from storage.settings import settings

TIMES = frozenset({Dimension.DAY, Dimension.MONTH})
METRIC = Metric.EFFECTIVE.value


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the rules that divide its costs if any do, and what the ledger held when it was asked."""

    question: Question
    rules: str | None
    through: date
    fingerprint: str

    @property
    def parameters(self) -> dict[str, object]:
        """Return what the notebooks are given."""
        return {
            "group_by": self.question.by,
            "where": questions.listed(self.question.where) or None,
            "rules": self.rules,
            "currency": self.question.currency,
        }


def asked(session: Session, by: str | None, where: Sequence[str] = (), currency: str | None = None) -> Asked:
    """Read what is asked for. Raises NoChargesError, UnknownWordError, BadSettingError, CostsError."""
    through = complete_through(charges.settled_through(session))
    group_by, rules = parts(by)
    found = _currency(session, currency or settings().costs_currency)
    question = Question(by=group_by, where=_where(session, where, found), currency=found, metric=METRIC)
    return Asked(question, rules, through, forecast_models.fingerprint(charges.inputs(session)))


def parts(word: str | None) -> tuple[str | None, str | None]:
    """Return what to group by, and the rules of `allocation.yaml` where it has some for that, as in a question.

    Raises UnknownWordError, BadSettingError.
    """
    own = word is not None and word not in DIMENSIONS and word in allocation.named(settings().home)
    found = f"{selecting.TAG}{word}" if own else dimension(word)
    told = allotted.rules((found,)).get(found) if found else None
    return found, allocation.written(told) if told else None


def dimension(word: str | None) -> str | None:
    """Return what to group by for a person's word; None for no parts. Raises UnknownWordError."""
    if not word:
        return None
    if word.startswith("tag:") and word != "tag:":
        return word
    known = {name: found for name, found in DIMENSIONS.items() if found not in TIMES}
    known |= {str(one): str(one) for one in Dimension if one not in TIMES}
    if word not in known:
        closest = difflib.get_close_matches(word, known, n=1)
        raise UnknownWordError(word, closest[0] if closest else None, "costs forecast --by service")
    return str(known[word])


def _currency(session: Session, asked_for: str | None) -> str:
    known = charges.currencies(session)
    if not known:
        raise NoChargesError
    found = (asked_for or known[0]).upper()
    if found not in known:
        message = f"The ledger has no charges in {found[:12]}; it has {', '.join(known)}: ask for one of them."
        raise CostsError(message)
    return found


def _where(session: Session, words: Sequence[str], currency: str) -> dict[str, list[str]]:
    given = {known_dimension(word): values for word, values in questions.told(words).items()}
    for word in allotted.rules(tuple(given)):
        name = word.removeprefix(selecting.TAG)
        message = (
            f"What belongs to a {name} is up to the rules of {allocation.FILE}: ask --by {name} instead of --where."
        )
        raise CostsError(message)
    found = filters.spelt(session, filters.named(session, given), currency)
    return {word: list(values) for word, values in found.items()}
