"""A word as the grammar sees it, and as it was typed."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token


@dataclass(frozen=True, slots=True)
class Typed:
    """A token, and the word that it was."""

    token: Token
    raw: str

    @property
    def type(self) -> str:
        """What it is to the grammar."""
        return str(self.token.type)


def typed(kind: str, value: object, raw: str) -> Typed:
    """Make one."""
    return Typed(Token(kind, value), raw)
