"""Machines, disks and addresses of the estate, with the waste that is planted among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jobs.demo.estate.company import digest, tags
from jobs.demo.estate.timeline import Timeline


class Habit(StrEnum):
    """How a machine is used. The first two are planted waste; the last four only look like it."""

    IDLE = "idle"
    OVERSIZED = "oversized"
    STEADY = "steady"
    OFFICE = "office"
    """Runs ten hours on weekdays."""
    BATCH = "batch"
    """Sleeps all day and works two hours of the night."""
    PROXY = "proxy"
    """Little CPU, much network, and already the smallest size."""
    PEAKY = "peaky"
    """Little CPU, but now and then all of it."""
    FRESH = "fresh"
    """Idle, but only launched a few days ago."""


@dataclass(frozen=True, slots=True)
class Group:
    """Machines of one kind: `size` x `count` for one app."""

    place: str
    team: str
    app: str
    size: str
    count: int
    habit: Habit = Habit.STEADY
    launched: int = 500
    """Days before today."""
    disk: int = 128
    """GiB of each machine's disk."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine."""

    name: str
    place: str
    team: str
    app: str
    size: str
    habit: Habit
    launched: int
    tags: Mapping[str, str]
    number: int
    disk: int


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk, attached to a machine, or left behind so many days ago."""

    name: str
    place: str
    gib: int
    machine: Machine | None
    left: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Address:
    """One public address, of a machine or of nobody."""

    name: str
    place: str
    ip: str
    machine: Machine | None
    left: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fleet:
    """What one provider runs."""

    machines: tuple[Machine, ...]
    disks: tuple[Disk, ...]
    addresses: tuple[Address, ...]


def fleet(
    timeline: Timeline,
    groups: Sequence[Group],
    envs: Mapping[str, str],
    *,
    lost_disks: Sequence[tuple[str, str, int, int]],
    lost_addresses: Sequence[tuple[str, int]],
) -> Fleet:
    """Build a provider's fleet. Lost disks are (place, team, GiB, days ago), lost addresses (place, days ago)."""
    machines = tuple(_machines(groups, envs))
    disks = [Disk(f"{one.name}-disk", one.place, one.disk, one, tags=one.tags) for one in machines]
    for count, (place, team, gib, left) in enumerate(lost_disks, 1):
        name = f"old-{team}-data-{count}"
        disks.append(Disk(name, place, gib, None, left, tags(team, "unknown", envs[place], name)))
    served = [one for one in machines if one.habit in {Habit.PROXY, Habit.PEAKY}]
    addresses = [Address(f"{one.name}-ip", one.place, _ip(timeline, one.name), one, tags=one.tags) for one in served]
    for count, (place, left) in enumerate(lost_addresses, 1):
        name = f"spare-ip-{count}"
        addresses.append(Address(name, place, _ip(timeline, place + name), None, left))
    return Fleet(machines, tuple(disks), tuple(addresses))


def _machines(groups: Sequence[Group], envs: Mapping[str, str]) -> Iterator[Machine]:
    for group in groups:
        for number in range(1, group.count + 1):
            name = f"{group.app}-{number}"
            yield Machine(
                name=name,
                place=group.place,
                team=group.team,
                app=group.app,
                size=group.size,
                habit=group.habit,
                launched=group.launched,
                tags=tags(group.team, group.app, envs[group.place], name + group.place),
                number=number,
                disk=group.disk,
            )


def _ip(timeline: Timeline, name: str) -> str:
    """Return an address of the range that is reserved for documentation (RFC 5737)."""
    text = digest(timeline.seed, "ip", name)
    return f"{('192.0.2', '198.51.100', '203.0.113')[int(text[:2], 16) % 3]}.{int(text[2:4], 16) % 254 + 1}"
