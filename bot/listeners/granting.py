"""`/cost roles`, `grant`, `revoke`, `owner` and `owners`: who may what, and whom the names in tags stand for."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import members, owner_words, people, permissions
from bot.blocks import roles as drawn
from bot.blocks.text import escape
from bot.listeners.permitted import pressed
from bot.listeners.telling import Body, told
from finops.errors import NotAllowedError, UnknownWordError
from finops.people import Person
from finops.roles import Act, Role
from storage import owners, roles
from storage.database import transaction

_GRANT = re.compile(r"\s*grant\s+(?P<role>\w+)\s+(?:to\s+)?(?P<whom>.+?)\s*", re.IGNORECASE | re.DOTALL)
_REVOKE = re.compile(
    r"\s*revoke\s+(?:(?P<role>viewer|analyst|approver|admin)s?\s+)?(?:from\s+)?(?P<whom>.+?)\s*",
    re.IGNORECASE | re.DOTALL,
)
_OWNER = re.compile(r"\s*owner\b", re.IGNORECASE)
_FIRST = re.compile(r"\s*(?P<word>roles|grant|revoke|owners?)\b", re.IGNORECASE)
EXAMPLE = "grant approver @ada"


def is_asked(command: dict[str, Any]) -> bool:
    """Whether a command of Slack's is about roles or owners."""
    return _FIRST.match(str(command.get("text") or "")) is not None


@told
def asked(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer `/cost roles …` and its like."""
    found = _FIRST.match(str(body.get("text") or ""))
    word = found["word"].lower() if found else "roles"
    {"roles": show, "owners": show, "grant": grant, "revoke": revoke, "owner": own}[word](body, respond, client)


@pressed(Act.LOOK)
def show(body: Body, respond: Respond, client: WebClient) -> None:
    """List who has which role, and whom owners' names stand for."""
    person = people.of(body)
    with transaction() as session:
        granted = roles.grants(session, workspace=person.workspace, enterprise=person.enterprise)
        named = owners.named(session, workspace=person.workspace)
    bootstrapped = permissions.bootstrapped(client)
    text, blocks = drawn.build(granted, named, bootstrapped=bootstrapped, you=permissions.role(client, person))
    respond(text=text, blocks=blocks, response_type="ephemeral")


@pressed(Act.GRANT)
def grant(body: Body, respond: Respond, client: WebClient) -> None:
    """Give somebody, or a user group, a role."""
    match = _GRANT.fullmatch(str(body["text"]))
    if match is None:
        raise UnknownWordError(str(body["text"])[:60], None, EXAMPLE)
    role, person = read(match["role"]), people.of(body)
    subject = members.meant(client, match["whom"])
    check_member(client, subject, person)
    with transaction() as session:
        changed = roles.grant(session, subject, role, by=person)
    words = f"is {role} now" if changed else f"is {role} already"
    _say(respond, f"{members.mention(subject)} {words}.")


@pressed(Act.GRANT)
def revoke(body: Body, respond: Respond, client: WebClient) -> None:
    """Take somebody's role away; one that is named only if it is the one they have."""
    match = _REVOKE.fullmatch(str(body["text"]))
    if match is None:
        raise UnknownWordError(str(body["text"])[:60], None, "revoke approver @ada")
    person, subject = people.of(body), members.meant(client, match["whom"])
    named = read(match["role"]) if match["role"] else None
    with transaction() as session:
        before = roles.revoke(session, subject, by=person, named=named)
    known = subject in permissions.bootstrapped(client)
    note = " The setting COSTS_APPROVERS still makes this person an approver." if known else ""
    words = f"is no {before} any more" if before else "was granted no role"
    _say(respond, f"{members.mention(subject)} {words}.{note}")


@pressed(Act.OWN)
def own(body: Body, respond: Respond, client: WebClient) -> None:
    """Say whom a name in the tags stands for."""
    person = people.of(body)
    name, subject = owner_words.read(client, _OWNER.sub("", str(body["text"]), count=1))
    check_member(client, subject, person)
    with transaction() as session:
        owners.put(session, name, subject, by=person)
    _say(respond, f"What is tagged “{escape(name)}” belongs to {members.mention(subject)} now.")


def read(word: str) -> Role:
    """Return a role by its name. Raises UnknownWordError."""
    name = word.lower().removesuffix("s")
    if name not in list(Role):
        raise UnknownWordError(word[:60], None, f"{EXAMPLE} (viewer, analyst, approver or admin)")
    return Role(name)


def check_member(client: WebClient, subject: str, person: Person) -> None:
    """Raise NotAllowedError for whoever could not use it: guests, strangers, bots, deactivated people."""
    if roles.is_group(subject):
        if not members.is_group(client, subject):
            message = f"There is no user group {subject} in this workspace: write @ and choose it from Slack's list."
            raise NotAllowedError(message)
        return
    members.require(client, subject, by=person, to="have a role")


def _say(respond: Respond, text: str) -> None:
    respond(text=text, response_type="ephemeral", replace_original=False)
