"""Workspaces that installed the app: who may ask here, and the tokens with which they are answered."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.errors import CostsError
from storage import outbox, posted, tokens
from storage.models import OAuthState, OwnWorkspace, Workspace, WorkspaceState

TICKET_FOR, STATE_FOR = timedelta(hours=1), timedelta(minutes=10)
KEEP_STATES = timedelta(days=7)
SECOND = timedelta(seconds=1)
MOST_WAITING = 100
"""Whoever finds the address can install; more than that many are no colleagues."""


class UnknownWorkspaceError(CostsError):
    """No workspace of that id is installed."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation, or a refreshed token, tells."""

    workspace: str
    name: str
    token: str
    installed_by: str
    enterprise: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    bot_id: str | None = None
    bot_user: str | None = None
    scopes: str = ""


def find(session: Session, workspace: str, *, locked: bool = False) -> Workspace | None:
    """Return a workspace; `locked` keeps others from refreshing its token at the same time."""
    return session.get(Workspace, workspace, with_for_update=True if locked else None)


def known(session: Session) -> list[Workspace]:
    """Return all of them, in the order of their installation."""
    return list(session.scalars(select(Workspace).order_by(Workspace.installed_at, Workspace.workspace)))


def first(session: Session) -> Workspace | None:
    """Return the one that was admitted first: where announcements go unless they say otherwise."""
    organization = Workspace.workspace == func.coalesce(Workspace.enterprise, "")
    admitted = select(Workspace).where(Workspace.state == WorkspaceState.ADMITTED, ~organization)
    return session.scalar(admitted.order_by(Workspace.admitted_at, Workspace.workspace).limit(1))


def own(session: Session) -> str | None:
    """Return the deployment's own workspace: SLACK_BOT_TOKEN's as the bot noted it, else the one admitted first."""
    noted = session.scalar(select(OwnWorkspace.workspace))
    return noted or getattr(first(session), "workspace", None)


def note_own(session: Session, workspace: str | None) -> None:
    """Note whose SLACK_BOT_TOKEN is; None where there is none."""
    if session.scalar(select(OwnWorkspace.workspace)) == workspace:
        return
    session.execute(delete(OwnWorkspace))
    if workspace is not None:
        session.execute(insert(OwnWorkspace).values(workspace=workspace).on_conflict_do_nothing())


def save(session: Session, installed: Installed, *, admitted_by: str | None) -> Workspace:
    """Keep an installation. It waits, unless it is admitted along with it or was admitted before.

    Raises BadSettingError without keys, CostsError if too many wait.
    """
    row = find(session, installed.workspace, locked=True)
    if row is None:
        if admitted_by is None and _waiting(session) >= MOST_WAITING:
            message = "Too many workspaces wait to be admitted: an admin has to look at `costs workspaces list` first."
            raise CostsError(message)
        row = Workspace(workspace=installed.workspace, state=WorkspaceState.WAITING)
        session.add(row)
    row.name, row.enterprise, row.installed_by = installed.name, installed.enterprise, installed.installed_by
    row.bot_id, row.bot_user, row.scopes = installed.bot_id, installed.bot_user, installed.scopes
    row.installed_at, row.ended_at = func.clock_timestamp(), None
    if row.state is WorkspaceState.ENDED:
        row.state = WorkspaceState.WAITING
    keep(row, installed.token, installed.refresh_token, installed.expires_at)
    session.flush()
    return admit(session, row.workspace, by=admitted_by) if admitted_by else row


def reached(session: Session, workspace: str, enterprise: str) -> Workspace | None:
    """Return a workspace of an organization that installed the app; a new one waits, without a token of its own.

    None where that organization did not, or the workspace is known to be another one's.
    """
    org, row = find(session, enterprise), find(session, workspace)
    if org is None or org.state is not WorkspaceState.ADMITTED or (row and row.enterprise != enterprise):
        return None
    if row is None and _waiting(session) < MOST_WAITING:
        told = {"workspace": workspace, "name": workspace, "enterprise": enterprise, "installed_by": org.installed_by}
        new = insert(Workspace).values(**told, scopes=org.scopes, state=WorkspaceState.WAITING)
        session.execute(new.on_conflict_do_nothing())
        row = find(session, workspace)
    if row is not None and row.state is WorkspaceState.ENDED:
        row.state = WorkspaceState.WAITING  # it is there again, and still has to be admitted anew
    return row


def _waiting(session: Session) -> int:
    waiting = select(func.count()).select_from(Workspace).where(Workspace.state == WorkspaceState.WAITING)
    return session.scalar(waiting) or 0


def keep(row: Workspace, token: str, refresh_token: str | None, expires_at: datetime | None) -> None:
    """Put tokens into a row, encrypted."""
    row.token = tokens.seal(token)
    row.refresh_token = tokens.seal(refresh_token) if refresh_token else None
    row.expires_at = expires_at


def admit(session: Session, workspace: str, *, by: str) -> Workspace:
    """Let a workspace ask; whoever installed the app is greeted, once. Raises UnknownWorkspaceError."""
    row = find(session, workspace, locked=True)
    if row is None or (row.token is None and not _held(session, row)):
        message = (
            f"No workspace “{workspace}” waits: it is admitted after it was installed "
            "(`costs workspaces list` shows those that are, `costs workspaces connect` makes an address for it)."
        )
        raise UnknownWorkspaceError(message)
    if row.state is not WorkspaceState.ADMITTED:
        row.state, row.admitted_by, row.admitted_at = WorkspaceState.ADMITTED, by, func.clock_timestamp()
        session.flush()
        greeting = {"channel": None, posted.TO: row.installed_by, posted.WELCOME: True}
        if row.token is not None and not row.is_organization:  # who installed it for all need not be in each of them
            key = f"welcome {row.installed_by}"
            outbox.put(session, workspace=workspace, key=key, kind=posted.KIND, payload=greeting)
    return row


def _held(session: Session, row: Workspace) -> bool:
    """Whether its organization's token answers it."""
    org = find(session, row.enterprise) if row.enterprise else None
    return org is not None and org.token is not None and row.state is not WorkspaceState.ENDED


def end_organization(session: Session, enterprise: str, *, happened: datetime | None = None) -> bool:
    """Forget an organization's token, and end those of its workspaces that have none of their own; see `end`."""
    if not end(session, enterprise, happened=happened):
        return False
    resting = (Workspace.enterprise == enterprise, Workspace.token.is_(None))
    over = {"state": WorkspaceState.ENDED, "ended_at": func.clock_timestamp()}
    session.execute(update(Workspace).where(*resting, Workspace.state != WorkspaceState.ENDED).values(**over))
    return True


def end(session: Session, workspace: str, *, happened: datetime | None = None) -> bool:
    """Forget a workspace's tokens; returns whether it did. It has to be installed and admitted anew.

    With `happened`, to the second, only those that were held then: what was installed later stays.
    """
    gone = {"state": WorkspaceState.ENDED, "token": None, "refresh_token": None, "ended_at": func.clock_timestamp()}
    ended = update(Workspace).where(Workspace.workspace == workspace)
    if happened is not None:
        ended = ended.where(Workspace.installed_at < happened + SECOND)
    return session.scalar(ended.values(**gone).returning(Workspace.workspace)) is not None


def rotate_key(session: Session) -> int:
    """Encrypt every token anew with the first key, all or none; returns of how many workspaces."""
    held = select(Workspace).where(Workspace.token.is_not(None)).order_by(Workspace.workspace).with_for_update()
    rows = list(session.scalars(held))
    for row in rows:
        row.token = tokens.reseal(row.token) if row.token else None
        row.refresh_token = tokens.reseal(row.refresh_token) if row.refresh_token else None
    session.flush()
    return len(rows)


def ticket(session: Session, *, by: str) -> str:
    """Return a ticket: the workspace that is installed with it is admitted by its maker."""
    return _new(session, TICKET_FOR, made_by=by, ticket=None)


def is_good(session: Session, given: str) -> bool:
    """Whether a ticket can still be used. Looking does not use it up: browsers and chats look ahead."""
    this = (OAuthState.state == _hash(given)) & OAuthState.made_by.is_not(None)
    return session.scalar(select(OAuthState.state).where(this, _fresh())) is not None


def issue(session: Session, *, ticket: str | None) -> str:
    """Return a state that Slack has to bring back, of an installation that begins, perhaps with a ticket."""
    return _new(session, STATE_FOR, made_by=None, ticket=_hash(ticket) if ticket else None)


def _new(session: Session, lasts: timedelta, *, made_by: str | None, ticket: str | None) -> str:
    state = secrets.token_urlsafe(32)
    until = func.clock_timestamp() + lasts
    session.add(OAuthState(state=_hash(state), made_by=made_by, ticket=ticket, expires_at=until))
    session.flush()
    return state


def consume(session: Session, state: str) -> bool:
    """Use a state up; returns whether it was good."""
    return _use(session, _hash(state), OAuthState.made_by.is_(None)) is not None


def admits(session: Session, state: str) -> str | None:
    """Use up the ticket that an installation was begun with; returns who made it, None if it is good no more."""
    begun = session.get(OAuthState, _hash(state))
    used = _use(session, begun.ticket, OAuthState.made_by.is_not(None)) if begun and begun.ticket else None
    return used.made_by if used else None


def _fresh() -> ColumnElement[bool]:
    return OAuthState.used_at.is_(None) & (OAuthState.expires_at > func.clock_timestamp())


def _use(session: Session, hashed: str, kind: ColumnElement[bool]) -> OAuthState | None:
    used = update(OAuthState).where(OAuthState.state == hashed, kind, _fresh())
    return session.scalar(used.values(used_at=func.clock_timestamp()).returning(OAuthState))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def prune(session: Session, *, now: datetime) -> None:
    """Forget states and tickets that are long over."""
    over = or_(OAuthState.expires_at < now - KEEP_STATES, OAuthState.used_at < now - KEEP_STATES)
    session.execute(delete(OAuthState).where(over))
