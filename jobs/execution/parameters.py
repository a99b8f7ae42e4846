"""Which parameters a notebook takes, read from its cell without running it, and whether those given fit.

papermill writes names into code as they are and only warns about one it does not know, so a misspelt name would run the
defaults, and a hostile one would run itself. Here the cell's own names are the only ones, and types are held to.
"""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finops.errors import CostsError

TAG = "parameters"
_KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


class BadParameterError(CostsError):
    """A notebook was given a parameter that it does not take, or a value of the wrong type."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name of the parameters cell: its default, and the types that it takes."""

    name: str
    default: Any
    types: frozenset[str]
    """Of `str`, `int`, `float`, `bool`, `list[str]` and `None`."""

    def accepts(self, value: object) -> bool:
        """Whether a value is of one of its types. A whole number is a float too; True is no number."""
        if value is None:
            return "None" in self.types
        if isinstance(value, list):
            return "list[str]" in self.types and all(type(item) is str for item in value)
        if isinstance(value, float) and not math.isfinite(value):
            return False
        kinds = {_KINDS[name] for name in self.types if name in _KINDS}
        return type(value) in kinds or (type(value) is int and float in kinds)


def declared(notebook: Mapping[str, Any]) -> dict[str, Parameter]:
    """Return the parameters of a notebook (its JSON as read). Raises BadParameterError for a cell it cannot trust."""
    cells = [cell for cell in notebook["cells"] if TAG in cell["metadata"].get("tags", ())]
    if not cells:
        return {}
    found = (_declaration(line) for line in ast.parse("".join(cells[0]["source"])).body)
    return {parameter.name: parameter for parameter in found}


def checked(notebook: Mapping[str, Any], given: Mapping[str, object], *, name: str) -> dict[str, Any]:
    """Return every parameter with the value it will have. Raises BadParameterError."""
    known = declared(notebook)
    for word, value in given.items():
        if word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            guess = f" Did you mean “{close[0]}”?" if close else ""
            message = f"The notebook {name} takes no “{word}”.{guess} It takes: {', '.join(known) or 'nothing'}."
            raise BadParameterError(message)
        if not known[word].accepts(value):
            expected = " or ".join(sorted(known[word].types))
            message = f"“{word}” of the notebook {name} must be {expected}, not {value!r}."
            raise BadParameterError(message)
    return {word: given.get(word, parameter.default) for word, parameter in known.items()}


def _declaration(line: ast.stmt) -> Parameter:
    match line:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
            types = frozenset(part.strip() for part in ast.unparse(annotation).split("|"))
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            types = frozenset({type(_literal(value)).__name__})
        case _:
            message = f"A parameters cell holds only `name: type = default`, not `{ast.unparse(line)}`."
            raise BadParameterError(message)
    parameter = Parameter(name, _literal(value), types)
    if not parameter.types <= {*_KINDS, "list[str]", "None"} or not parameter.accepts(parameter.default):
        message = (
            f"`{ast.unparse(line)}`: a parameter is a str, int, float, bool, list[str] or None, and so its default."
        )
        raise BadParameterError(message)
    return parameter


def _literal(value: ast.expr) -> object:
    try:
        return ast.literal_eval(value)
    except ValueError:
        message = f"The default `{ast.unparse(value)}` of a parameter is not a plain value."
        raise BadParameterError(message) from None
