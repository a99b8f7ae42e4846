"""What a list of sources calls a provider's services, and the kinds of resources that each stands for.

A service stands for whole kinds: two services of one provider never share one, so that what was asked of a service is
all that there is of its kinds, and what is missing in its answer is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from finops.errors import BadSettingError

COMPUTE = ("machine", "machine_group", "disk", "snapshot", "image")
NETWORK = ("address", "load_balancer", "nat_gateway")
SERVICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws": {
        "ec2": (*COMPUTE, "address", "nat_gateway"),
        "elb": ("load_balancer",),
        "rds": ("database",),
        "s3": ("bucket",),
        "lambda": ("function",),
        "elasticache": ("cache",),
        "eks": ("cluster",),
    },
    "azure": {
        "vm": COMPUTE,
        "network": NETWORK,
        "sql": ("database",),
        "storage": ("bucket",),
        "functions": ("function",),
        "redis": ("cache",),
        "aks": ("cluster",),
    },
    "gcp": {
        "compute": COMPUTE,
        "network": NETWORK,
        "sql": ("database",),
        "storage": ("bucket",),
        "functions": ("function",),
        "memorystore": ("cache",),
        "gke": ("cluster",),
    },
}
"""In the words of each provider's own command line; `sql` is databases of every engine."""


def wanted(provider: str, services: Iterable[str]) -> frozenset[str]:
    """Return the kinds of resources that these services stand for; without services, of all.

    Raises BadSettingError for a service that is not known, with those that are.
    """
    known, chosen = SERVICES[provider], tuple(services)
    odd = next((one for one in chosen if one not in known), None)
    if odd is not None:
        message = f"{provider} has no service “{odd}” here: known are {', '.join(sorted(known))}"
        raise BadSettingError(message)
    return frozenset(kind for one in chosen or known for kind in known[one])
