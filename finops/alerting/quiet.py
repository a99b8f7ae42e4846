"""Hours in which nobody is told, on the wall clock of a time zone, whatever happens to that clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator, model_validator

ONE_DAY = timedelta(days=1)


class QuietHours(BaseModel):
    """Every day from one wall time to another, the next morning if that is earlier."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: time = Field(alias="from")
    end: time = Field(alias="to")
    timezone: str = "UTC"
    """A name of the IANA data base, such as Europe/Berlin."""

    @field_validator("start", "end")
    @classmethod
    def _whole(cls, found: time) -> time:
        if found.tzinfo or found.second or found.microsecond:
            message = "write a time of day as 22:00"
            raise ValueError(message)
        return found

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:  # a path, a folder, an unknown one
            message = f"“{name[:60]}” is no time zone: write one as Europe/Berlin"
            raise ValueError(message) from error
        return name

    @model_validator(mode="after")
    def _some(self) -> QuietHours:
        if self.start == self.end:
            message = "quiet hours begin and end at two times: to tell nothing at all, mute the rule"
            raise ValueError(message)
        return self

    @field_serializer("start", "end")
    def _written(self, moment: time) -> str:
        return f"{moment:%H:%M}"

    def until(self, at: datetime) -> datetime | None:
        """Return when (UTC) people may be told again; None if they may be told at this moment.

        A wall time that an autumn night has twice begins the quiet hours the first time and ends them the second; one
        that a spring night leaves out is as much later as the clock was put forward.
        """
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        for day in (today - ONE_DAY, today):
            last = day if self.start < self.end else day + ONE_DAY
            begins = datetime.combine(day, self.start, zone).astimezone(UTC)
            ends = max(datetime.combine(last, self.end, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
            if begins <= at < ends:
                return ends
        return None

    def __str__(self) -> str:
        """Tell it: 22:00 to 07:00 Europe/Berlin."""
        return f"{self.start:%H:%M} to {self.end:%H:%M} {self.timezone}"
