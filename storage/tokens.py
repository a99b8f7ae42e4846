"""Slack's tokens at rest: encrypted with keys that only the environment holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.errors import BadSettingError
from storage.settings import settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

HOW = "`costs workspaces new-key` makes one"


def new_key() -> str:
    """Return a key for COSTS_TOKEN_KEYS."""
    from cryptography.fernet import Fernet  # noqa: PLC0415  most processes have no tokens to keep

    return Fernet.generate_key().decode()


def seal(token: str) -> bytes:
    """Encrypt with the first key. Raises BadSettingError."""
    return _box().encrypt(token.encode())


def unseal(kept: bytes) -> str:
    """Decrypt with whichever key fits. Raises BadSettingError if none does."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415  as above

    try:
        return _box().decrypt(kept).decode()
    except InvalidToken as error:
        raise _unfit() from error


def reseal(kept: bytes) -> bytes:
    """Encrypt anew with the first key. Raises BadSettingError if none fits what is there."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415  as above

    try:
        return _box().rotate(kept)
    except InvalidToken as error:
        raise _unfit() from error


def _unfit() -> BadSettingError:
    return BadSettingError(
        "A token that is kept was encrypted with none of the keys in COSTS_TOKEN_KEYS: put the former key back, behind "
        "the new one, until `costs workspaces rotate-key` has run."
    )


def _box() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415  as above

    given = settings().costs_token_keys
    keys = [word.strip() for word in given.get_secret_value().split(",") if word.strip()] if given else []
    if not keys:
        message = f"COSTS_TOKEN_KEYS is not set: tokens of workspaces are kept only encrypted; {HOW}."
        raise BadSettingError(message)
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        message = f"COSTS_TOKEN_KEYS holds what is no key (32 bytes, as URL-safe base64): {HOW}."
        raise BadSettingError(message) from error
