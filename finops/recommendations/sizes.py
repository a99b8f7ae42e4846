"""The next smaller size of a machine, where its provider sells exactly one half of it at half the price.

Only size ladders whose steps halve processor, memory and price are known here; anything else has no half.
Sources: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html,
https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dsv5-series,
https://cloud.google.com/compute/docs/general-purpose-machines.
"""

from __future__ import annotations

import re

_AWS = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")
# Burstable machines (t3, B-series, e2-micro...) trade credits for load: half of one is not half as fast.
_AWS_FAMILY = re.compile(r"(?P<family>[mcr]\d[a-z]*)\.(?P<size>\d*x?large)")
_AZURE = re.compile(r"Standard_(?P<family>[DEF])(?P<cores>\d+)(?P<rest>[a-z]*(_v\d+)?)")
_GCP = re.compile(r"(?P<family>[nce]\d[a-z]?-(standard|highmem|highcpu))-(?P<cores>\d+)")
_SMALLEST = 2


def half(provider: str, size: str) -> str | None:
    """Return the size with half of everything, or None where there is no such size."""
    return {"aws": _aws, "azure": _azure, "gcp": _gcp}.get(provider, lambda _: None)(size)


def _aws(size: str) -> str | None:
    found = _AWS_FAMILY.fullmatch(size)
    if not found or found["size"] not in _AWS[1:]:
        return None
    return f"{found['family']}.{_AWS[_AWS.index(found['size']) - 1]}"


def _azure(size: str) -> str | None:
    found = _AZURE.fullmatch(size)
    cores = _half_cores(found["cores"]) if found else None
    return f"Standard_{found['family']}{cores}{found['rest']}" if found and cores else None


def _gcp(size: str) -> str | None:
    found = _GCP.fullmatch(size)
    cores = _half_cores(found["cores"]) if found else None
    return f"{found['family']}-{cores}" if found and cores else None


def _half_cores(cores: str) -> int | None:
    number = int(cores)
    # Only powers of two stand on every ladder (there is a D96 but no D48 of the same price shape everywhere).
    return number // 2 if number > _SMALLEST and number & (number - 1) == 0 else None
