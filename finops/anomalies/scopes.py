"""Whose costs a series is: those of a service of an account, of a region of one, of a team, or of what is committed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from finops.errors import BadSettingError
from finops.focus import Dimension
from finops.foreign import plain
from finops.tables import PROVIDERS, missing

EMPTY: Mapping[str, str] = {}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TEAM = "tag:team"
HALF = 13
"""Letters of a UUID: 2c56b703-1e7f."""


class Of(StrEnum):
    """What is watched."""

    SERVICE = "service"
    REGION = "region"
    TEAM = "team"
    COMMITMENT = "commitment"
    """What a reservation, savings plan or committed use discount covers."""


class Scope(BaseModel):
    """Whose costs a series is; an empty text stands for charges that name none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Of
    provider: str | None = None
    sub_account_id: str | None = None
    service_name: str | None = None
    region_id: str | None = None
    team: str | None = None
    commitment_id: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Scope:
        """Refuse one that does not say whose costs, or says more than its kind has."""
        wanted = set(_PARTS[self.of])
        told = {name for name in self.parts() if getattr(self, name) is not None}
        if told != wanted:
            message = f"a scope of a {self.of} has {', '.join(sorted(wanted))}, and nothing else"
            raise ValueError(message)
        return self

    @classmethod
    def parts(cls) -> list[str]:
        """Return the names of what tells one from another."""
        return [name for name in cls.model_fields if name != "of"]

    def written(self) -> str:
        """Return it as JSON, the same text for the same scope: `read` takes it, and it serves as its key."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def read(cls, text: str) -> Scope:
        """Take it from JSON. Raises BadSettingError."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            example = (
                '{"of": "service", "provider": "aws", "sub_account_id": "123456789012", "service_name": "AmazonEC2"}'
            )
            message = f"“{plain(text)[:80]}” does not say whose costs: write it as {example}."
            raise BadSettingError(message) from error

    @property
    def where(self) -> dict[str, tuple[str, ...]]:
        """Return what `storage.charges` is asked for; a team's costs are told by rules, not by this."""
        words = (Dimension.PROVIDER, Dimension.SUB_ACCOUNT, Dimension.SERVICE, Dimension.REGION)
        return {word.value: (value,) for word in words if (value := getattr(self, word.value)) is not None}

    def fits(self, where: Mapping[str, Sequence[str]]) -> bool:
        """Whether it is among the costs that filters name; of what it does not say, it is not."""
        known = {**self.where, **({TEAM: (self.team or "",)} if self.of is Of.TEAM else {})}
        wanted = {name: {value.casefold() for value in values} for name, values in where.items()}
        return all({one.casefold() for one in known.get(name, ())} & values for name, values in wanted.items())

    def name(self, called: Mapping[str, str] = EMPTY) -> str:
        """Return it for people: AmazonEC2 in prod, AWS. `called` has the names of sub accounts by their ids."""
        if self.of is Of.TEAM:
            return f"team {plain(self.team or '') or missing('team')}"
        if self.of is Of.COMMITMENT:
            return plain(f"{PROVIDERS.get(self.provider or '', self.provider)} {committed(self.commitment_id or '')}")
        what = self.service_name if self.of is Of.SERVICE else self.region_id
        account = called.get(self.sub_account_id or "", self.sub_account_id) or missing(Dimension.SUB_ACCOUNT)
        provider = PROVIDERS.get(self.provider or "", self.provider or "")
        return plain(f"{what or missing(self.of)} in {account}, {provider}")


def committed(commitment_id: str) -> str:
    """Return what a commitment is, as far as its id tells, and the end of that; of a UUID it is half enough."""
    squeezed = commitment_id.lower().replace("-", "").replace("_", "")
    kind = next((told for mark, told in COMMITTED.items() if mark in squeezed), "commitment")
    name = commitment_id.rstrip("/").rpartition("/")[2]
    return f"{kind} {name[:HALF] if UUID.fullmatch(name) else name}".strip()


COMMITTED = {
    "savingsplan": "savings plan",
    "reserv": "reservation",
    ":ri:": "reservation",
    "/commitments/": "committed use discount",
}
"""By what stands in the ids of AWS, Azure and Google Cloud."""
_PARTS = {
    Of.SERVICE: ("provider", "sub_account_id", "service_name"),
    Of.REGION: ("provider", "sub_account_id", "region_id"),
    Of.TEAM: ("team",),
    Of.COMMITMENT: ("provider", "commitment_id"),
}
