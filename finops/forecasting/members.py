"""The members of a forecast and their combination: the median of all that have enough history and gave numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from finops.errors import BadSettingError
from finops.forecasting import annual, baseline, libraries, monthly
from finops.forecasting.history import Floats, History

Model = Callable[[History, int], Floats]


@dataclass(frozen=True, slots=True)
class Member:
    """One way to forecast, the days of history that it needs, and whether a library does it."""

    model: Model
    least: int
    library: bool = False


MEMBERS: Mapping[str, Member] = {
    "weekday": Member(baseline.weekday, 7),
    "level": Member(baseline.level, 14),
    "weekday_long": Member(baseline.weekday_long, 35),
    "theta": Member(libraries.theta, 28, library=True),
    "ces": Member(libraries.ces, 28, library=True),
    "prophet": Member(libraries.prophet, 91, library=True),
    "yearly": Member(baseline.yearly, baseline.YEAR + baseline.SETTLING),
    "last_year": Member(baseline.last_year, baseline.YEAR + baseline.SETTLING),
    "last_year_scaled": Member(baseline.last_year_scaled, baseline.YEAR + baseline.SETTLING),
}
"""Days: two weeks for a level, four for a smoothing, a quarter for a curve with changing slopes."""
ALL = tuple(MEMBERS)
WITHOUT_PROPHET = tuple(name for name in ALL if name != "prophet")
BASELINE = ("weekday",)
"""What is left when no model library can be used."""


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """The days ahead: the median, what each member said, and why some said nothing."""

    points: Floats
    members: Mapping[str, Floats]
    failed: Mapping[str, str]

    def by(self, series: History, names: Sequence[str]) -> Predicted:
        """Return what these members alone forecast of the same series."""
        said = only(self.members, names)
        failed = {name: why for name, why in self.failed.items() if name in names}
        return Predicted(combined(series, said), said, failed)


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of members, each once. Raises BadSettingError."""
    unknown = [name for name in names if name not in MEMBERS]
    if unknown or not names:
        asked = f"“{unknown[0]}” is no model" if unknown else "No model is chosen"
        message = f"{asked}: choose of {', '.join(MEMBERS)}."
        raise BadSettingError(message)
    return tuple(dict.fromkeys(names))


def predict(series: History, horizon: int, names: Sequence[str] = ALL) -> Predicted:
    """Forecast by every named member that has enough history, and combine. Who fails is left out and named.

    The members see the series without what comes with each month, and without the days that stand out each year; both
    are put into what they say.
    """
    calm, extra = monthly.split(series, horizon)
    calm, events = annual.split(calm, horizon)

    def asked(name: str) -> Floats:
        return events.put_into(MEMBERS[name].model(calm, horizon)) + extra

    said: dict[str, Floats] = {}
    failed: dict[str, str] = {}
    for name in names:
        if series.days < MEMBERS[name].least:
            continue
        try:
            found = asked(name)
        except Exception as error:  # noqa: BLE001  statsforecast raises Exception itself; the others still count
            failed[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            continue
        if np.isfinite(found).all():
            said[name] = found
        else:
            failed[name] = "gave no number for some day"
    if not said:
        said = {name: asked(name) for name in BASELINE}
    return Predicted(combined(series, said), said, failed)


def combined(series: History, said: Mapping[str, Floats]) -> Floats:
    """Return the median of what members said, day by day."""
    return bounded(series, np.median(np.stack(list(said.values())), axis=0))


def only(said: Mapping[str, Floats], names: Sequence[str]) -> dict[str, Floats]:
    """Return what these members said; what all said where none of these did."""
    return {name: found for name, found in said.items() if name in names} or dict(said)


def bounded(series: History, found: Floats) -> Floats:
    """Keep to the side of zero on which the whole history is: what never was a credit is not forecast as one."""
    if series.amounts.min() >= 0:
        return np.maximum(found, 0.0)
    return np.minimum(found, 0.0) if series.amounts.max() <= 0 else found
