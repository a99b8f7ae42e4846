"""What passes between a guarded process and who started it: the errand, and errors with their words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from finops.errors import BadDeliveryError, BadSettingError, CostsError, UnavailableError
from jobs.bills.told import Told

KINDS: dict[str, type[CostsError]] = {
    kind.__name__: kind for kind in (CostsError, BadDeliveryError, BadSettingError, UnavailableError)
}


@dataclass(frozen=True, slots=True)
class Errand:
    """What a guarded process is to read."""

    format: str
    paths: list[Path]
    source: str
    anyway: bool
    told: dict[Path, Told]

    def written(self, *, parent: int) -> str:
        """Return it as JSON, with the process that waits."""
        told = {
            str(path): {**asdict(one), "made": one.made and one.made.isoformat()} for path, one in self.told.items()
        }
        given = {"format": self.format, "source": self.source, "anyway": self.anyway}
        return json.dumps({**given, "paths": [str(path) for path in self.paths], "told": told, "parent": parent})

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Take it from JSON."""
        told = {
            Path(path): Told(**{**one, "made": one["made"] and datetime.fromisoformat(one["made"])})
            for path, one in given["told"].items()
        }
        paths = [Path(path) for path in given["paths"]]
        return cls(given["format"], paths, given["source"], anyway=given["anyway"], told=told)


def packed_error(error: CostsError) -> dict[str, Any]:
    """Return an error's kind, words and place."""
    kind = next(name for name, one in reversed(KINDS.items()) if isinstance(error, one))
    place = {name: getattr(error, name) for name in ("file", "row", "column") if hasattr(error, name)}
    return {"kind": kind, "message": str(error), "place": place}


def raised(given: Mapping[str, Any]) -> CostsError:
    """Return the same error on this side."""
    kind = KINDS[given["kind"]]
    error = kind.__new__(kind)
    Exception.__init__(error, given["message"])
    for name, value in given["place"].items():
        setattr(error, name, value)
    return error
