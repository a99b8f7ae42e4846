"""What was summed of the ledger as it stands: who asks again before a bill changes it is answered from memory.

A ledger changes by deliveries alone, and never comes back to an earlier state, so that whatever is kept under a
state's fingerprint stays true for as long as anybody asks for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

MOST, LONGEST = 512, 1000
"""Answers that are kept, and rows of the longest one: some ten megabytes a process at most in practice."""


Kept = TypeVar("Kept", bound=Sequence[Any])


class Memory(Generic[Kept]):
    """The latest answers, by their questions; each is a list of lists."""

    def __init__(self, most: int = MOST, longest: int = LONGEST) -> None:
        self._most, self._longest = most, longest
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under a key, or else make it; what is too long is made each time."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        if sum(map(len, made)) <= self._longest:
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made
