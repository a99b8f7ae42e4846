"""How the machines of the estate run, and what their monitoring would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.demo.estate.fleet import Habit, Machine
from jobs.demo.estate.lines import alive
from jobs.demo.estate.timeline import SATURDAY, Floats, Timeline

MEASURED_DAYS = 21
HOURS = 24
OPENS, CLOSES = 8, 18


def hours(timeline: Timeline, machine: Machine) -> Floats:
    """Return how many hours a machine ran on each day."""
    running = np.where(timeline.weekend, 0.0, 10.0) if machine.habit is Habit.OFFICE else np.full(timeline.days, 24.0)
    return np.where(alive(timeline, machine.launched), running, 0.0)


@dataclass(frozen=True, slots=True)
class Load:
    """What an hour looks like: mean and highest CPU (0 to 1), and bytes an hour in and out."""

    low: float
    high: float
    peak: float
    network: float


LOADS: Mapping[Habit, Load] = {
    Habit.IDLE: Load(0.004, 0.018, 0.05, 60_000),
    Habit.FRESH: Load(0.004, 0.018, 0.05, 60_000),
    Habit.OVERSIZED: Load(0.05, 0.24, 0.52, 120e6),
    Habit.STEADY: Load(0.28, 0.66, 0.93, 900e6),
    Habit.OFFICE: Load(0.3, 0.85, 0.99, 400e6),
    Habit.BATCH: Load(0.01, 0.03, 0.06, 5e6),
    Habit.PROXY: Load(0.02, 0.06, 0.14, 2.5e9),
    Habit.PEAKY: Load(0.03, 0.12, 0.3, 80e6),
}
NIGHT = slice(1, 3)


@dataclass(frozen=True, slots=True)
class Measured:
    """One machine's last days, by the hour; hours in which it did not run are missing from `ran`."""

    start: int
    """Day number of the first hour."""
    ran: NDArray[np.bool_]
    mean: Floats
    maximum: Floats
    bytes_in: Floats
    bytes_out: Floats


def measure(timeline: Timeline, machine: Machine, provider: str) -> Measured:
    """Return what monitoring saw of a machine in its last days."""
    chance = timeline.noise(f"load/{provider}/{machine.place}/{machine.name}")
    days = MEASURED_DAYS
    load, shape = LOADS[machine.habit], (days, HOURS)
    high = load.high * chance.uniform(0.75, 1.0)
    daylight = 0.5 - 0.5 * np.cos((np.arange(HOURS) - 3) / HOURS * 2 * np.pi)
    mean = load.low + (high - load.low) * np.clip(daylight + chance.normal(0, 0.06, shape), 0, 1)
    maximum = np.minimum(load.peak, mean * chance.uniform(1.2, 1.9, shape))
    traffic = load.network * (0.4 + 0.6 * daylight) * chance.uniform(0.8, 1.2, shape)
    if machine.habit is Habit.BATCH:
        mean[:, NIGHT], maximum[:, NIGHT], traffic[:, NIGHT] = 0.94, 0.99, 4e9
    if machine.habit is Habit.PEAKY:
        mean[::3, 15], maximum[::3, 15] = 0.6, 0.98  # every third day, for an hour
    ran = np.repeat((np.arange(days) >= days - machine.launched)[:, None], HOURS, axis=1)
    if machine.habit is Habit.OFFICE:
        first = timeline.day(timeline.ago(days)).weekday()
        weekday = (np.arange(days) + first) % 7 < SATURDAY
        ran &= weekday[:, None] & (np.arange(HOURS) >= OPENS) & (np.arange(HOURS) < CLOSES)
    flat = [np.round(values.ravel(), 6) for values in (mean, maximum)]
    shares = [np.rint(traffic.ravel() * share) for share in (0.45, 0.55)]
    return Measured(timeline.ago(days), ran.ravel(), flat[0], flat[1], shares[0], shares[1])
