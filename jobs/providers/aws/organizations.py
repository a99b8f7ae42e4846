"""What AWS Organizations calls the accounts of a bill: most exports, and Cost Explorer, tell their numbers only."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.providers.answers import BadAnswerError, reading
from jobs.providers.aws.clients import RefusedError, asking, client
from jobs.sources import SourceEntry

ASK = "organizations:ListAccounts"
WHO = "Only an organization's management account, and those that it delegated this to, may ask."
INSTEAD = "Where a bill does not name its accounts, their numbers stand instead."


def names(entry: SourceEntry) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return names by account, and a sentence if they could not be had: a bill is as true without them."""
    try:
        return dict(listed(entry)), ()
    except RefusedError as error:
        return {}, (f"{error} {WHO} {INSTEAD}",)
    except BadAnswerError as error:
        return {}, (f"{error} {INSTEAD}",)


def listed(entry: SourceEntry) -> Iterator[tuple[str, str]]:
    """Return every account of the organization with its name; none of an account that is in no organization.

    Raises RefusedError, BadAnswerError.
    """
    organizations = client("organizations", profile=entry.profile)
    with asking("the names of accounts", needs=ASK), reading("AWS's ListAccounts"):
        try:
            for page in organizations.get_paginator("list_accounts").paginate():
                yield from ((one["Id"], one.get("Name", "")) for one in page["Accounts"])
        except organizations.exceptions.AWSOrganizationsNotInUseException:
            return
