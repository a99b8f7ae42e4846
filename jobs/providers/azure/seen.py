"""What Azure shows in full, so that whatever is missing of it is gone.

Azure Resource Graph leaves out, without a word, what an identity may not read. What it may read is asked for before the
graph is, so that a permission that is given in between closes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobs.providers.answers import Asked, BadAnswerError
from jobs.providers.azure import permissions
from jobs.providers.azure.items import KINDS


def types(wanted: frozenset[str]) -> list[str]:
    """Return the types of resources, as permissions spell them, that make these kinds."""
    return [name for name, kind in KINDS.items() if kind in wanted]


def whole(
    names: Mapping[str, str], regions: Sequence[str], wanted: frozenset[str]
) -> tuple[frozenset[Asked], tuple[str, ...]]:
    """Return what of these subscriptions (names by id) is shown in full, and a sentence for what is not.

    A kind of several types, like databases, is only whole if all of them are shown. Where Azure does not tell what may
    be read, nothing is.
    """
    asked, told = set[Asked](), []
    for subscription, name in names.items():
        try:
            hidden = lacking(subscription, wanted)
        except BadAnswerError as error:
            told.append(f"{error} Without it nobody knows whether {name} ({subscription}) is shown in full.")
            continue
        if hidden:
            told.append(_hidden(hidden, f"{name} ({subscription})"))
        kinds = wanted - {KINDS[one] for one in hidden}
        asked |= {(subscription, region, kind) for region in regions or (None,) for kind in kinds}
    return frozenset(asked), tuple(told)


def lacking(subscription: str, wanted: frozenset[str]) -> list[str]:
    """Return the types of these kinds that Azure leaves out there. Raises BadAnswerError, RefusedError."""
    refused = permissions.missing(subscription, [f"{one}/read" for one in types(wanted)])
    return [one.removesuffix("/read") for one in refused]


def absent(subscriptions: Sequence[str]) -> str:
    """Say that these subscriptions, or any, are not in the list that Azure shows."""
    several = "s" if subscriptions[1:] else ""
    what = f"the subscription{several} {', '.join(subscriptions)}" if subscriptions else "any subscription"
    return f"Azure does not show {what} to this identity: give it the role Reader there."


def _hidden(types: Sequence[str], where: str) -> str:
    actions = ", ".join(f"{one}/read" for one in types)
    return f"Azure leaves {len(types)} types of resources in {where} out of its lists: add {actions} to a role there."
