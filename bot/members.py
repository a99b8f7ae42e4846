"""What Slack says of people: whether somebody is a member, who belongs to a user group, whom a name means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.paging import every
from finops.errors import CostsError, NotAllowedError
from finops.people import Person
from finops.roles import Standing

_MENTION = re.compile(r"<(?:@|!subteam\^)(?P<id>[UWS][A-Z0-9]+)(?:\|[^>]*)?>")
_ID = re.compile(r"[UWS][A-Z0-9]{4,}")
_LETTERS = re.compile(r"[UWS][A-Z0-9]+")
NO_GROUPS = frozenset({"missing_scope", "unknown_method", "paid_teams_only", "plan_upgrade_required"})
"""Where there are no user groups, or none that we may see: people are still found by their names."""
ABSENT = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
"""What Slack calls who does not belong to the workspace at all."""


class NobodyError(CostsError):
    """A name means nobody, or more than one."""


def standing(client: WebClient, person: Person) -> Standing:
    """Ask Slack what somebody is, now. Raises SlackApiError where Slack does not say: then nothing is allowed."""
    try:
        found: dict[str, Any] = client.users_info(user=person.user)["user"]
    except SlackApiError as error:
        if error.response.get("error") in ABSENT:
            return Standing.STRANGER
        raise
    if found.get("deleted"):
        return Standing.DEACTIVATED
    if found.get("is_bot") or found.get("is_workflow_bot") or person.user == "USLACKBOT":
        return Standing.BOT
    if found.get("is_stranger") or not _is_of(found, person):
        return Standing.STRANGER
    if found.get("is_restricted") or found.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def require(client: WebClient, user: str, *, by: Person, to: str) -> None:
    """Raise NotAllowedError unless somebody is a member of the workspace of `by`; `to` says what only members can.

    Raises SlackApiError where Slack does not say.
    """
    is_a = standing(client, Person(by.workspace, user, by.enterprise))
    if is_a is not Standing.MEMBER:
        message = f"Only members of this workspace can {to}, and for Slack this is a {is_a}."
        raise NotAllowedError(message)


def _is_of(found: dict[str, Any], person: Person) -> bool:
    """Whether the workspace is the person's own, or one of the person's organization."""
    within = found.get("enterprise_user") or {}
    home = found.get("team_id")
    return home == person.workspace or bool(
        person.enterprise
        and within.get("enterprise_id") == person.enterprise
        and person.workspace in (within.get("teams") or [])
    )


def belongs(client: WebClient, group: str, person: Person) -> bool:
    """Whether somebody is in a user group, now. Raises SlackApiError."""
    return person.user in (_users_of(client, group) or [])


def is_group(client: WebClient, group: str) -> bool:
    """Whether there is such a user group. Raises SlackApiError."""
    return _users_of(client, group) is not None


def _users_of(client: WebClient, group: str) -> list[str] | None:
    try:
        return list(client.usergroups_users_list(usergroup=group).get("users") or [])
    except SlackApiError as error:
        if error.response.get("error") == "no_such_subteam":
            return None
        raise


def meant(client: WebClient, words: str) -> str:
    """Return the id of whom `<@U…>`, `@ada`, `@finops-leads` or an id means. Raises NobodyError, SlackApiError."""
    given = words.strip()
    if match := _MENTION.fullmatch(given):
        return match["id"]
    if _ID.fullmatch(given):
        return given
    name = given.removeprefix("@")
    return only(given, bearers(client, [name])[name] if name else set())


def only(given: str, found: set[str]) -> str:
    """Return the one whom a name means. Raises NobodyError."""
    if len(found) == 1:
        return next(iter(found))
    many = "is the name of several" if found else "is nobody's name here"
    message = f"“{given}” {many}: write @ and choose from Slack's list, or paste a member ID (in a profile, under ⋮)."
    raise NobodyError(message)


def bearers(client: WebClient, names: Sequence[str]) -> dict[str, set[str]]:
    """Return who bears each of these names, however it is spelt; people's own are not unique. Raises SlackApiError."""
    known: dict[str, set[str]] = {}
    for name, subject in (*_people(client), *_groups(client)):
        known.setdefault(name, set()).add(subject)
    return {name: known.get(name.casefold(), set()) for name in names}


def _people(client: WebClient) -> Iterator[tuple[str, str]]:
    for one in every(client.users_list, "members"):
        profile = one.get("profile") or {}
        names = (one.get("name"), profile.get("display_name"), profile.get("real_name"), one.get("real_name"))
        if not one.get("deleted"):
            yield from ((str(each).casefold(), str(one["id"])) for each in names if each)


def _groups(client: WebClient) -> Iterator[tuple[str, str]]:
    try:
        listed = client.usergroups_list()
    except SlackApiError as error:
        if error.response.get("error") in NO_GROUPS:
            return
        raise
    for one in listed.get("usergroups") or []:
        yield str(one.get("handle") or "").casefold(), str(one["id"])


def is_id(words: str) -> bool:
    """Whether this is an id of a person or a user group."""
    return _ID.fullmatch(words) is not None


def mention(subject: str) -> str:
    """Return the markup that shows (and calls) a person or a user group; anything else is shown as text."""
    if not _LETTERS.fullmatch(subject):
        return subject if subject.isalnum() else "?"
    return f"<!subteam^{subject}>" if subject.startswith("S") else f"<@{subject}>"
