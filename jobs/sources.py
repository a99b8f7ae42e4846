"""The list of sources: what is collected, and from where. Checked whole before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from finops.errors import BadSettingError
from jobs import kinds
from storage import yaml_files

EXAMPLE = '{name: aws, bills: "bills/aws/**/*.csv.gz"} or {name: aws-inventory, provider: aws, inventory: answers/aws}'
GOOGLE = re.compile(r"^bigquery://.*[.]gcp_billing_export_(?:resource_)?v1_(?P<account>[0-9A-Za-z_]+)")
Provider = Literal["aws", "azure", "gcp"]
SCHEMES = {
    "s3": "jobs.providers.aws.exports:fetch",
    "cost-explorer": "jobs.providers.aws.explorer:fetch",
    "azure-blob": "jobs.providers.azure.exports:fetch",
    "azure-usage": "jobs.providers.azure.usage:fetch",
    "bigquery": "jobs.providers.gcp.bigquery:fetch",
}
"""Who fetches bills from `s3://BUCKET/PREFIX`, `cost-explorer://` (the account of the credentials),
`azure-blob://ACCOUNT/CONTAINER/PREFIX`, `azure-usage://SCOPE`, `bigquery://PROJECT.DATASET.TABLE`."""


class SourceEntry(BaseModel):
    """One source: bills (files, or an address), or an inventory (a folder of recorded answers, or live)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    format: Literal["auto", "focus", "aws-cur", "aws-cur2", "azure-export", "gcp-export"] = "auto"
    bills: str | None = None
    """A pattern of files, relative to the list; or where they are fetched from, see `jobs.fetching`."""
    names: Path | None = None
    """Of AWS's bills, most of which tell numbers only: a recorded `ListAccounts`, relative to the list."""
    provider: Provider | None = None
    inventory: Path | Literal["live"] | None = None
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """Of an inventory: what is asked, see `jobs.kinds`; none means all."""
    accounts: tuple[str, ...] = ()
    """Of a live inventory: subscriptions or projects; none means all that the credentials see."""
    profile: str | None = None
    """A named profile of the provider's own configuration, where its SDK has such a thing."""

    @property
    def scheme(self) -> str | None:
        """Return `s3` of `s3://bucket/prefix`; nothing for a pattern of files."""
        scheme, found, _ = (self.bills or "").partition("://")
        return scheme if found else None

    @property
    def wanted(self) -> frozenset[str]:
        """Return the kinds of resources that an inventory is to bring: `machine`, `disk`."""
        return kinds.wanted(str(self.provider), self.services)

    @field_validator("bills")
    @classmethod
    def _somewhere(cls, bills: str | None) -> str | None:
        """Refuse what can be no place: nothing, a NUL, an address that nobody fetches from, the home of nobody."""
        if bills is None:
            return None
        if not bills.strip() or "\0" in bills:
            message = "give a pattern of files, or an address"
            raise ValueError(message)
        scheme, found, _ = bills.partition("://")
        if found and scheme not in SCHEMES:
            known = ", ".join(f"{one}://" for one in SCHEMES)
            message = f"nothing fetches bills from {scheme[:40]}://; known are {known} and patterns of files"
            raise ValueError(message)
        try:
            Path(bills).expanduser()
        except RuntimeError as error:
            message = f"nobody here has the home {bills.partition('/')[0]}"
            raise ValueError(message) from error
        return bills

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        """Refuse an entry that is neither bills nor an inventory, or both."""
        if (self.bills is None) == (self.inventory is None):
            message = "give either `bills` or `inventory`"
            raise ValueError(message)
        if self.inventory is not None and self.provider is None:
            message = "an inventory needs its `provider`: aws, azure or gcp"
            raise ValueError(message)
        if self.inventory == "live" and self.provider == "aws" and not self.regions:
            message = "a live inventory of AWS needs `regions`, for example [us-east-1]"
            raise ValueError(message)
        if self.names is not None and (self.bills is None or self.scheme or "\0" in str(self.names)):
            message = "`names` is a file beside bills that are files: what is fetched brings its own"
            raise ValueError(message)
        self._known_services()
        return self

    def _known_services(self) -> None:
        """Refuse services of bills, and those that nobody knows."""
        if self.services and self.inventory is None:
            message = "`services` are an inventory's: a bill holds all that was used"
            raise ValueError(message)
        try:
            assert not self.services or self.wanted  # noqa: S101  every service stands for something
        except BadSettingError as error:
            raise ValueError(str(error)) from error


def entries(file: Path) -> list[SourceEntry]:
    """Read the list of sources. Raises BadSettingError naming the entry that is wrong."""
    if not file.exists():
        message = f"There is no list of sources at {file}: write `sources:` with entries like - {EXAMPLE}."
        raise BadSettingError(message)
    known = yaml_files.opened(file)
    listed = known.get("sources") if isinstance(known, dict) else None
    if not isinstance(listed, list) or not listed:
        message = f"{file} names no sources: write `sources:` with entries like - {EXAMPLE}."
        raise BadSettingError(message)
    try:
        found = [_entry(file, number, _filled(file, number, one)) for number, one in enumerate(listed, 1)]
    except RecursionError as error:
        message = f"{file} has an alias (*name) within what it stands for: write it out."
        raise BadSettingError(message) from error
    twice = next((one.name for one in found if sum(one.name == other.name for other in found) > 1), None)
    if twice:
        message = f"{file} names the source {twice} twice: give each its own name."
        raise BadSettingError(message)
    _once(file, found)
    return found


def _once(file: Path, found: Sequence[SourceEntry]) -> None:
    """Refuse both exports of one Google billing account: the detailed one holds all of the standard one's costs."""
    held: dict[str, str] = {}
    for entry in found:
        export = GOOGLE.search(entry.bills or "")
        if export and export["account"] in held:
            message = (
                f"{file}: {held[export['account']]} and {entry.name} are exports of the same billing account, and "
                "everything would be counted twice: keep the detailed one (resource_v1), or else the standard one."
            )
            raise BadSettingError(message)
        if export:
            held[export["account"]] = entry.name


def _filled(file: Path, number: int, given: Any) -> Any:  # noqa: ANN401  whatever YAML holds
    """Put the environment's values in the place of `${NAME}`. Raises BadSettingError for one that is not set."""
    if isinstance(given, dict):
        return {key: _filled(file, number, value) for key, value in given.items()}
    if isinstance(given, list):
        return [_filled(file, number, value) for value in given]
    if not isinstance(given, str):
        return given
    return yaml_files.filled(f"{file}, entry {number}", given)


def _entry(file: Path, number: int, given: object) -> SourceEntry:
    name = given.get("name") if isinstance(given, Mapping) else None
    where = f"entry {number}" + (f" ({name})" if name else "")
    return yaml_files.checked(SourceEntry, f"{file}, {where}", given, example=f"For example: {EXAMPLE}.")
