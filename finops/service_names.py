"""What people call services: bills write Amazon Relational Database Service, or AmazonRDS, and everybody says RDS."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

VENDORS = r"^(amazon|aws|microsoft azure|microsoft|azure|google cloud|google)\b\s*|^(amazon|aws)(?=[a-z0-9])"
"""What stands before a service's own name, and is left out when people talk: with a blank, or as in AmazonRDS."""
SHORT = {
    "ec2": ("elastic compute cloud", "elastic compute cloud - compute"),
    "rds": ("relational database service",),
    "s3": ("simple storage service",),
    "ebs": ("elastic block store",),
    "ecs": ("elastic container service",),
    "eks": ("elastic kubernetes service", "elastic container service for kubernetes"),
    "ecr": ("elastic container registry", "ec2 container registry", "ec2 container registry (ecr)"),
    "efs": ("elastic file system",),
    "elb": ("elastic load balancing",),
    "emr": ("elastic mapreduce",),
    "sqs": ("simple queue service", "queue service"),
    "sns": ("simple notification service",),
    "ses": ("simple email service",),
    "vpc": ("virtual private cloud",),
    "kms": ("key management service",),
    "msk": ("managed streaming for apache kafka",),
    "vm": ("virtual machines",),
    "vms": ("virtual machines",),
    "aks": ("kubernetes service",),
    "acr": ("container registry",),
    "gce": ("compute engine",),
    "gke": ("kubernetes engine",),
    "gcs": ("cloud storage",),
    "bq": ("bigquery",),
}
"""Short names that the vendors' own consoles and documentation use, and the names of bills without their vendor."""
MEANT = {squeezed: short for short, names in SHORT.items() for squeezed in (re.sub(r"\W", "", one) for one in names)}


def called(word: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the services of a bill that people mean by a word, in order; none if none is called so."""
    wanted = _own(word)
    return tuple(sorted(one for one in known if wanted and _own(one) == wanted))


def nearly(word: str, known: Iterable[str]) -> str | None:
    """Return the first service whose short name is a slip of one letter away; None if there is none."""
    wanted = _own(word)
    return next((one for one in known if _own(one) in SHORT and _is_slip(wanted, _own(one))), None)


def _is_slip(word: str, short: str) -> bool:
    """Whether one letter is another one, begun alike: of names of three letters half of them are alike otherwise."""
    return (
        len(word) == len(short)
        and sum(one != other for one, other in zip(word, short, strict=True)) == 1
        and (word[0] == short[0])
    )


def _own(name: str) -> str:
    """Return a service's own name, or the short one of it, without its vendor, blanks and signs."""
    own = re.sub(r"[^\w]", "", re.sub(VENDORS, "", name.casefold().strip()))
    return MEANT.get(own, own)
