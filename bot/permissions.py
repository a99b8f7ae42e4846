"""Whether somebody may: the role that was granted, to the person or to a user group, and what Slack says of the person.

Asked at the moment of the act, and again when a form is handed in: whoever was deactivated a minute ago may nothing.
"""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import members
from finops import roles as rules
from finops.people import Person
from finops.roles import NEEDS, Act, Role, Standing
from storage import roles
from storage.database import transaction
from storage.models import RoleGrant
from storage.settings import settings

SHOWN = 10


class Refused(Exception):  # noqa: N818  it is told as markup, which an error's sentence never is
    """Somebody may not do this. The sentence mentions people, so it is Slack's markup."""


def role(client: WebClient, person: Person, act: Act = Act.GRANT) -> Role:
    """Return the highest role of a member, or the first that was found to suffice for an act.

    Raises SlackApiError where Slack does not tell who is in a group, and that could have given the role.
    """
    granted, unread = _granted(person), None
    own = [one.role for one in granted if one.subject == person.user]
    if person.user in bootstrapped(client):
        own.append(Role.APPROVER)
    best = rules.highest(own)
    for one in granted:
        if rules.may(best, act):
            return best
        better = rules.highest([one.role, best]) is not best
        try:
            if better and roles.is_group(one.subject) and members.belongs(client, one.subject, person):
                best = one.role
        except SlackApiError as error:
            unread = error if rules.may(one.role, act) else unread
    if unread is not None and not rules.may(best, act):
        raise unread
    return best


def _granted(person: Person) -> list[RoleGrant]:
    with transaction() as session:  # closed again before Slack is waited for
        return roles.grants(session, workspace=person.workspace, enterprise=person.enterprise)


def bootstrapped(client: WebClient) -> frozenset[str]:
    """Return who may decide by COSTS_APPROVERS: its ids count in SLACK_BOT_TOKEN's workspace and in no other."""
    token = settings().slack_bot_token
    own = token is not None and client.token == token.get_secret_value()
    return settings().approvers if own else frozenset()


def check(client: WebClient, person: Person, act: Act) -> Role:
    """Return the person's role. Raises Refused with who may, and SlackApiError where Slack does not say who it is."""
    is_a = members.standing(client, person)
    if is_a is not Standing.MEMBER:
        message = f"Only members of this workspace may {act}, and for Slack you are a {is_a}."
        raise Refused(message)
    try:
        held = role(client, person, act)
    except SlackApiError as error:
        code = error.response.get("error")
        message = f"Slack did not tell me who is in a user group ({code}), so nothing was done: try again."
        raise Refused(message) from error
    if not rules.may(held, act):
        needed = NEEDS[act]
        message = f"Only {needed}s may {act}: {_able(client, person, act)}"
        raise Refused(message)
    return held


def able(client: WebClient, person: Person, act: Act) -> tuple[str, ...]:
    """Return the ids of who may, of those whom somebody works with."""
    found = {one.subject for one in _granted(person) if rules.may(one.role, act)}
    if rules.may(Role.APPROVER, act):
        found |= bootstrapped(client)
    return tuple(sorted(found))


def _able(client: WebClient, person: Person, act: Act) -> str:
    found = able(client, person, act)
    if not found:
        within = f" --enterprise {person.enterprise}" if person.enterprise else ""
        first = f"`costs roles grant admin {person.user} --workspace {person.workspace}{within}`"
        return f"nobody may yet. On the server, {first} makes you the first admin, who grants roles."
    shown = [members.mention(one) for one in found]
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return f"{', '.join(shown[:SHOWN])}{more}."
