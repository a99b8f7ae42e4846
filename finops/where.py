"""Whose costs, as people write it into files: words of `/cost`, each with one value or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator


def _lists(where: object) -> object:
    """Take one value for a list of one."""
    if not isinstance(where, Mapping):
        return where
    return {key: value if isinstance(value, list | tuple) else (value,) for key, value in where.items()}


Where = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_lists)]
"""A field that is written `{team: web, service: [Amazon S3, Amazon EC2]}`."""
