"""What budgets are called, for the words after `budget`: a budget may be called data, team or total."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finops.errors import BadSettingError
from storage.settings import settings

if TYPE_CHECKING:
    from finops.budgets import Budget


def of(text: str) -> tuple[str, ...]:
    """Return the names of all budgets for a text that speaks of one; whoever needs a broken list says that it is."""
    if "budget" not in text.casefold():
        return ()
    return tuple(one.name for one in _all())


def costs(name: str) -> dict[str, tuple[str, ...]]:
    """Return what the budget of that name is about; nothing where there is none, or it is about everything."""
    return next((one.filters for one in _all() if one.name.casefold() == name.casefold()), {})


def _all() -> Sequence[Budget]:
    from storage.budgets import budgets  # noqa: PLC0415  a cold command line reads its file only where it is spoken of

    try:
        return budgets(settings().home)
    except BadSettingError:
        return ()
