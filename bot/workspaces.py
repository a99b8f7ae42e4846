"""Whose deliveries count, and the token that answers them: SLACK_BOT_TOKEN's own workspace, and those admitted."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from http.client import HTTPException

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator

from finops.errors import BadSettingError, CostsError
from storage import tokens
from storage import workspaces as kept
from storage.database import statement, transaction
from storage.models import Workspace, WorkspaceState
from storage.settings import settings

EARLY = timedelta(hours=2)
"""A token that rotates lives twelve hours; Bolt refreshes it so early, too."""
TIMEOUT = 15
ACCESS = "costs_access"
"""Where a request's context holds whose delivery it is."""

DEAD = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})
"""What Slack says of a token that is nobody's any more."""
log = logging.getLogger(__name__)


class UnsureError(CostsError):
    """Slack does not say now whose token this is, or does not give a fresh one: try again later."""


class _DeadError(CostsError):
    """Slack says that a token is nobody's any more."""


@dataclass(frozen=True, slots=True)
class Access:
    """A workspace that may ask, and what answers it."""

    workspace: str
    token: str
    bot_id: str | None
    bot_user: str | None
    by_organization: bool = False
    """Whether the token is its organization's: then each call says which workspace is meant."""


def speaker(token: str | None = None, *, within: str | None = None) -> WebClient:
    """Return a client of Slack's Web API; `within` a workspace, where the token is a whole organization's.

    The SDK would send again whenever an answer is lost; a message would be there twice, and nobody would know.
    """
    address = settings().slack_api_url
    return WebClient(token=token, base_url=address, timeout=TIMEOUT, retry_handlers=[], team_id=within)


def home() -> Access | None:
    """Return the workspace of SLACK_BOT_TOKEN, if that is set and has not been revoked. Raises UnsureError."""
    given = settings().slack_bot_token
    try:
        return _of(given.get_secret_value(), settings().slack_api_url) if given else None
    except _DeadError as error:
        log.error("%s", error)  # noqa: TRY400  the sentence says it all
        return None


@cache
def _of(token: str, address: str) -> Access:
    """Ask whose token it is, once a process."""
    del address
    try:
        told = speaker(token).auth_test()
    except (SlackApiError, OSError, HTTPException) as error:
        said = error.response.get("error") if isinstance(error, SlackApiError) else error
        if said in DEAD:
            message = f"Slack refuses SLACK_BOT_TOKEN ({said}): install the app anew and set its new token."
            raise _DeadError(message) from error
        message = f"Slack does not say whose SLACK_BOT_TOKEN is ({said})."
        raise UnsureError(message) from error
    return Access(str(told["team_id"]), token, told.get("bot_id"), told.get("user_id"))


def own() -> str | None:
    """Return the deployment's own workspace, and note it for jobs, which hold no token. Raises UnsureError."""
    found = home()
    with transaction() as session:
        kept.note_own(session, found.workspace if found else None)
        return kept.own(session)


def access(workspace: str) -> Access | None:
    """Return a workspace that may ask; None for a stranger, and for one that waits. Raises UnsureError.

    What is kept of it comes first: whatever became of SLACK_BOT_TOKEN, the others are answered.
    """
    if not workspace:
        return None
    with statement() as session:
        row = kept.find(session, workspace)
    if row is not None and row.state is WorkspaceState.ADMITTED and not row.is_organization:
        return _fresh(row) if row.token is not None else _by_organization(row)
    own = home()
    return own if own is not None and own.workspace == workspace else None


def _by_organization(row: Workspace) -> Access | None:
    """Return a workspace without a token of its own, answered by its organization's while that is admitted."""
    with statement() as session:
        org = kept.find(session, row.enterprise) if row.enterprise else None
    if org is None or org.state is not WorkspaceState.ADMITTED:
        return None
    return replace(_fresh(org), workspace=row.workspace, by_organization=True)


def is_admitted(workspace: str) -> bool:
    """Whether what comes from there is answered. Raises UnsureError."""
    return access(workspace) is not None


def is_waiting(workspace: str) -> bool:
    """Whether it was installed there, and nobody has admitted it yet."""
    with transaction() as session:
        row = kept.find(session, workspace)
    return row is not None and row.state is WorkspaceState.WAITING


def waits(workspace: str) -> str:
    """Say so, and what to do."""
    return f"This workspace is not admitted yet: an admin of this bot has to run `costs workspaces admit {workspace}`."


def authorize(context: BoltContext, team_id: str | None) -> AuthorizeResult | None:
    """Tell Bolt which token answers a delivery: the one that was found when its worker looked whether it counts."""
    found: Access | None = context.get(ACCESS)
    if found is None or found.workspace != team_id:
        found = access(team_id or "")
    if found is None:
        return None
    return AuthorizeResult(
        enterprise_id=None, team_id=found.workspace, bot_token=found.token, bot_id=found.bot_id,
        bot_user_id=found.bot_user,
    )  # fmt: skip


def client(workspace: str = "") -> WebClient:
    """Return a client that speaks in a workspace; without one in the deployment's own. Raises BadSettingError."""
    own = settings().slack_bot_token
    if not workspace and own:
        return speaker(own.get_secret_value())
    if not workspace:
        with transaction() as session:
            row = kept.first(session)
        found = access(row.workspace) if row else None
    else:
        found = access(workspace)
    if found is None:
        message = (
            f"The workspace {workspace} is not connected (any more): `costs workspaces list` shows those that are."
            if workspace
            else "SLACK_BOT_TOKEN is not set, and no workspace is installed: README says how to make the Slack app, "
            "and `costs demo` brings a local one."
        )
        raise BadSettingError(message)
    return speaker(found.token, within=found.workspace if found.by_organization else None)


def _fresh(row: Workspace) -> Access:
    if row.token is None:  # never of one that is admitted
        message = f"The workspace {row.workspace} has no token: install it anew."
        raise BadSettingError(message)
    due = row.expires_at is not None and row.expires_at - datetime.now(UTC) < EARLY
    token = _refreshed(row.workspace) if due and row.refresh_token else tokens.unseal(row.token)
    return Access(row.workspace, token, row.bot_id, row.bot_user)


def _refreshed(workspace: str) -> str:
    """Exchange a token that ends soon, in one process at a time: a refresh token is good for one exchange.

    The lock is held while Slack is asked, so that what it answers cannot be lost to somebody else's exchange.
    """
    with transaction() as session:
        row = kept.find(session, workspace, locked=True)
        if row is None or row.token is None:
            message = f"The workspace {workspace} is not connected any more."
            raise UnsureError(message)
        now, token = datetime.now(UTC), tokens.unseal(row.token)
        if row.expires_at is None or row.refresh_token is None or row.expires_at - now >= EARLY:
            return token  # somebody else has just done it
        found = _exchange(row, token)
        if found is None:
            if row.expires_at > now:
                return token
            message = f"Slack does not renew the token of the workspace {row.name}: it is tried again."
            raise UnsureError(message)
        ends = datetime.fromtimestamp(float(found.bot_token_expires_at or 0), UTC)
        kept.keep(row, str(found.bot_token), found.bot_refresh_token, ends)
        return str(found.bot_token)


def _exchange(row: Workspace, token: str) -> Bot | None:
    held = settings()
    if held.slack_client_id is None or held.slack_client_secret is None:
        message = "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are not set: without them Slack renews no token."
        raise BadSettingError(message)
    secret = held.slack_client_secret.get_secret_value()
    rotator = TokenRotator(client_id=held.slack_client_id, client_secret=secret, client=speaker())
    bot = Bot(
        team_id=row.workspace, bot_token=token, bot_id=row.bot_id or "", bot_user_id=row.bot_user or "",
        bot_refresh_token=tokens.unseal(row.refresh_token or b""), installed_at=row.installed_at.timestamp(),
        bot_token_expires_at=int(row.expires_at.timestamp()) if row.expires_at else None,
    )  # fmt: skip
    try:
        return rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=int(EARLY.total_seconds() / 60))
    except (SlackTokenRotationError, OSError, HTTPException):
        return None
