"""Who was granted which role. Every grant and revocation leaves a row; the last admin stays."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from finops.errors import CostsError
from finops.people import Person
from finops.roles import Role
from storage.models import RoleEvent, RoleGrant


class LastAdminError(CostsError):
    """Somebody has to be able to grant roles."""

    def __init__(self) -> None:
        """Say what to do first."""
        super().__init__("This is the last admin, and nobody could grant roles any more: make somebody else one first.")


class OtherRoleError(CostsError):
    """Somebody has another role than the one that was to be taken away."""

    def __init__(self, held: Role, named: Role | None) -> None:
        """Say which, and what would take it away."""
        super().__init__(
            f"The role there is {held}, not {named}, so nothing was taken away: name {held}, or no role at all."
        )


def is_group(subject: str) -> bool:
    """Whether an id of Slack's is a user group's."""
    return subject.startswith("S")


def grants(session: Session, *, workspace: str, enterprise: str = "") -> list[RoleGrant]:
    """Return everything granted in a workspace, the highest role first."""
    here = select(RoleGrant).where(RoleGrant.workspace == workspace, RoleGrant.enterprise == enterprise)
    return sorted(session.scalars(here), key=lambda one: (-list(Role).index(one.role), one.subject))


def grant(session: Session, subject: str, role: Role, *, by: Person) -> bool:
    """Give somebody (or a user group) of `by`'s workspace a role, in the place of the one before.

    Returns whether it is a change. Raises LastAdminError where that would leave no admin.
    """
    _alone(session, by)
    row = session.get(RoleGrant, (by.enterprise, by.workspace, subject), populate_existing=True)
    before = row.role if row else None
    if before is role:
        return False
    _keep_an_admin(session, row)
    if row is None:
        row = RoleGrant(enterprise=by.enterprise, workspace=by.workspace, subject=subject)
        session.add(row)
    row.role, row.granted_by, row.granted_at = role, by.user, func.now()
    _note(session, subject, before=before, after=role, by=by)
    return True


def revoke(session: Session, subject: str, *, by: Person, named: Role | None = None) -> Role | None:
    """Take a role away; returns which, None if there was none.

    Raises LastAdminError, and OtherRoleError where it is not the one that was named.
    """
    _alone(session, by)
    row = session.get(RoleGrant, (by.enterprise, by.workspace, subject), populate_existing=True)
    if row is None:
        return None
    if named not in (None, row.role):
        raise OtherRoleError(row.role, named)
    _keep_an_admin(session, row)
    before = row.role
    session.delete(row)
    _note(session, subject, before=before, after=None, by=by)
    return before


def events(session: Session, *, workspace: str, enterprise: str = "") -> list[RoleEvent]:
    """Return every grant and revocation of a workspace, the oldest first."""
    here = select(RoleEvent).where(RoleEvent.workspace == workspace, RoleEvent.enterprise == enterprise)
    return list(session.scalars(here.order_by(RoleEvent.id)))


def _alone(session: Session, by: Person) -> None:
    """Have changes of a workspace's roles wait for each other: two admins must not remove one another at once."""
    key = f"roles of {by.enterprise} {by.workspace}"
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _keep_an_admin(session: Session, row: RoleGrant | None) -> None:
    if row is None or row.role is not Role.ADMIN or is_group(row.subject):
        return
    others = [
        one
        for one in grants(session, workspace=row.workspace, enterprise=row.enterprise)
        if one.role is Role.ADMIN and one.subject != row.subject and not is_group(one.subject)
    ]
    if not others:  # a group may be empty tomorrow, so it does not count
        raise LastAdminError


def _note(session: Session, subject: str, *, before: Role | None, after: Role | None, by: Person) -> None:
    session.add(
        RoleEvent(
            enterprise=by.enterprise, workspace=by.workspace, who=by.user, subject=subject, before=before, after=after
        )
    )
    session.flush()
