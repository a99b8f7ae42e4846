"""What people write as YAML, read into values: a mistake is told with where it stands."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from finops import invalid
from finops.errors import BadSettingError, UnknownWordError
from finops.foreign import plain

Model = TypeVar("Model", bound=BaseModel)
Loader = type[yaml.SafeLoader] | type[yaml.BaseLoader]
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
NONE: Mapping[str, str] = MappingProxyType({})
QUOTED: Mapping[str, str] = MappingProxyType(
    {"string_type": "put the value in quotation marks, so that it stays as it is written"}
)
"""What to do where YAML made a number or a date of a text."""


def opened(file: Path, loader: Loader = yaml.SafeLoader) -> object:
    """Return what a file holds. Raises BadSettingError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_yaml(file, error) from error
    return parsed(file, text, loader)


def parsed(place: object, text: str, loader: Loader = yaml.SafeLoader) -> object:
    """Return what a text holds, `place` being where it stands. Raises BadSettingError."""
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506  both make values only
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # a ValueError is a day that no month has
        raise _no_yaml(place, error) from error


def _no_yaml(place: object, error: Exception) -> BadSettingError:
    return BadSettingError(f"{place} is no YAML: {' '.join(str(error).split())}.")


def filled(place: str, text: str) -> str:
    """Put the environment's values in the place of `${NAME}`. Raises BadSettingError for one that is not set."""
    missing = [name for name in VARIABLE.findall(text) if name not in os.environ]
    if missing:
        message = f"{place}: ${{{missing[0]}}} is not set in the environment: set it, or write the value."
        raise BadSettingError(message)
    return VARIABLE.sub(lambda found: os.environ[found[1]], text)


def checked(model: type[Model], place: str, given: object, *, example: str, hints: Mapping[str, str] = NONE) -> Model:
    """Make a value of one entry; `place` says where it stands, `example` is the sentence after what is wrong.

    `hints` are told in the place of `finops.invalid`'s words, by the type of its error. Raises BadSettingError.
    """
    try:
        return model.model_validate(given)
    except UnknownWordError as error:
        message = f"{place}: {error}"
        raise BadSettingError(message) from error
    except ValidationError as error:
        what, problem = invalid.first(error)
        problem = hints.get(error.errors()[0]["type"]) or problem
        message = f"{place}: {f'{what}: ' if what else ''}{problem}. {example}"
        raise BadSettingError(message) from error


def called(given: object, number: int) -> str:
    """Return where a rule of a list stands: rule 2 (“web”)."""
    name = given.get("name") if isinstance(given, dict) else None
    return f"rule {number}" + (f" (“{plain(name)[:40]}”)" if isinstance(name, str) else "")


def distinct(file: Path, what: str, names: Sequence[str]) -> None:
    """Refuse two entries of one name; `what` they are. Raises BadSettingError."""
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        message = f"{file}: two {what} are called “{twice}”: give each a name of its own."
        raise BadSettingError(message)


def replace(file: Path, text: str, *, keep: bool = False) -> Path | None:
    """Write a file whole or not at all; to `keep` what it was, returns the copy beside it. Raises OSError."""
    copy = file.with_name(f"{file.name}.bak")
    half = file.with_name(f".{file.name}.part")
    try:
        half.write_text(text, encoding="utf-8")
        if keep:
            copy.write_bytes(file.read_bytes())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return copy if keep else None
