"""Other ways out than Slack: what a person writes of one, and text that no receiver takes for anything but text."""

from __future__ import annotations

import re
from enum import StrEnum
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, model_validator

from finops.allocation import dimension, filters
from finops.digests import Every
from finops.foreign import plain
from finops.where import Where

_LOOKALIKES = str.maketrans({"<": "\u2039", ">": "\u203a", "`": "\u02cb", "*": "\u2217", "[": "\uff3b", "]": "\uff3d"})
_CALLS = re.compile(r"@(?=everyone|here|channel|all\b)", re.IGNORECASE)


class Tells(StrEnum):
    """What an outlet is told."""

    ANOMALIES = "anomalies"
    DAILY = "daily"
    WEEKLY = "weekly"


class Outlet(BaseModel):
    """One way out: an address as apprise has them, or mail. `${NAME}` in the address is the environment's value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[\w.-]{1,40}$")
    url: str | None = Field(default=None, repr=False)
    """As it is written: secrets are put into it when it is used, and never kept."""
    mail: tuple[str, ...] = ()
    tells: tuple[Tells, ...] = ()
    where: Where = Field(default_factory=dict)
    """Words of `/cost`, each with its values: whose costs."""
    timezone: str = "UTC"
    hour: int = Field(default=9, ge=0, le=23)

    @model_validator(mode="after")
    def _sound(self) -> Outlet:
        if (self.url is None) is (not self.mail):
            message = "an outlet has a url or mail, and not both"
            raise ValueError(message)
        if self.timezone not in available_timezones():
            message = "timezone is a name such as Europe/Berlin"
            raise ValueError(message)
        for word in self.where:
            dimension(word)
        return self

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """Whose costs, in the ledger's words."""
        return filters(self.where)

    @property
    def kind(self) -> str:
        """What it is, without any of its address: pagerduty, msteams, json, mail."""
        scheme = (self.url or "").partition("://")[0]
        return "mail" if self.mail else scheme.lower() if re.fullmatch(r"[A-Za-z0-9+-]{1,30}", scheme) else "?"

    @property
    def cadences(self) -> tuple[Every, ...]:
        """How often it gets a digest."""
        return tuple(Every(one.value) for one in self.tells if one is not Tells.ANOMALIES)


def disarmed(text: str) -> str:
    """Return one line that calls nobody and marks nothing up, whichever service shows it."""
    return _CALLS.sub("\uff20", plain(text)).translate(_LOOKALIKES)
