"""Deliveries of an app that a whole organization (Enterprise Grid) installed: which of its workspaces they are of.

Of such a delivery Slack tells the organization where the app is installed, and the workspace only beside it, if at all
(https://docs.slack.dev/enterprise/organization-ready-apps). From here on it names its workspace as any other does.
"""

from __future__ import annotations

from typing import Any

from slack_bolt.request.internals import extract_enterprise_id, extract_is_enterprise_install, extract_team_id

from storage import workspaces as kept
from storage.database import transaction

Body = dict[str, Any]
ORGANIZATION = "E"
"""How ids of organizations begin."""


def settled(body: Body) -> Body:
    """Return a delivery that names its workspace; of an organization that did not install the app it names that alone.

    A workspace counts only within the organization that is known to hold it: who belongs to one of ours and presses
    something elsewhere acts elsewhere. One that its organization's installation newly reaches waits to be admitted.
    """
    if not extract_is_enterprise_install(body):
        return body
    enterprise = extract_enterprise_id(body) or ""
    team = _named(body)
    with transaction() as session:
        row = kept.reached(session, team, enterprise) if team and enterprise else None
    return _renamed(body, team if row else enterprise)


def _named(body: Body) -> str:
    """Return the workspace that a delivery names, wherever it does."""
    view, user, event = (_part(body, name) for name in ("view", "user", "event"))
    told = (
        extract_team_id(body), body.get("team_id"), event.get("team"), view.get("team_id"), user.get("team_id"),
    )  # fmt: skip
    return next((one for one in told if isinstance(one, str) and one and not one.startswith(ORGANIZATION)), "")


def _part(body: Body, name: str) -> Body:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _renamed(body: Body, workspace: str) -> Body:
    """Have it say so wherever Bolt looks."""
    named: Body = {**body, "team_id": workspace}
    if _part(body, "view"):
        named["view"] = {**body["view"], "app_installed_team_id": workspace}
    if "team" in body or "event" not in body:
        named["team"] = {**_part(body, "team"), "id": workspace}
    if first := next(iter(body.get("authorizations") or ()), None):
        named["authorizations"] = [{**first, "team_id": workspace}, *body["authorizations"][1:]]
    return named


def sent_away(body: Body) -> str | None:
    """Return the organization of an installation that is over, if it was one's: all that rested on it ends with it."""
    return extract_enterprise_id(body) if extract_is_enterprise_install(body) else None
