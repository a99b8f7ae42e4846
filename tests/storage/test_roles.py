"""Roles are granted and revoked in a workspace, each with a row; an admin is always left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from finops.people import Person
from finops.roles import Role
from storage import owners, roles
from storage.database import transaction
from storage.roles import LastAdminError

ADA = Person("T1", "UADA")


def held(session: Session, workspace: str = "T1", enterprise: str = "") -> dict[str, Role]:
    """Return who has which role."""
    return {one.subject: one.role for one in roles.grants(session, workspace=workspace, enterprise=enterprise)}


def test_a_role_is_granted_changed_and_revoked_and_each_leaves_a_row(session: Session) -> None:
    """Who, of whom, from what to what; granting the same again changes nothing."""
    assert roles.grant(session, "UVIC", Role.ANALYST, by=ADA)
    assert not roles.grant(session, "UVIC", Role.ANALYST, by=ADA)
    assert roles.grant(session, "UVIC", Role.APPROVER, by=ADA)
    assert roles.revoke(session, "UVIC", by=ADA) is Role.APPROVER
    assert roles.revoke(session, "UVIC", by=ADA) is None
    kept = [(one.who, one.subject, one.before, one.after) for one in roles.events(session, workspace="T1")]
    assert kept == [
        ("UADA", "UVIC", None, Role.ANALYST),
        ("UADA", "UVIC", Role.ANALYST, Role.APPROVER),
        ("UADA", "UVIC", Role.APPROVER, None),
    ]
    assert held(session) == {}


def test_a_role_belongs_to_a_workspace_of_an_organization(session: Session) -> None:
    """The same letters elsewhere are somebody else."""
    roles.grant(session, "UVIC", Role.APPROVER, by=ADA)
    roles.grant(session, "UVIC", Role.VIEWER, by=Person("T2", "UEVE"))
    assert held(session) == {"UVIC": Role.APPROVER}
    assert held(session, "T2") == {"UVIC": Role.VIEWER}
    assert held(session, "T1", "E1") == {}


def test_the_last_admin_stays(session: Session) -> None:
    """Neither removed nor made less; a group of admins does not count, as it may be empty tomorrow."""
    roles.grant(session, "UADA", Role.ADMIN, by=ADA)
    roles.grant(session, "SLEADS", Role.ADMIN, by=ADA)
    with pytest.raises(LastAdminError):
        roles.revoke(session, "UADA", by=ADA)
    with pytest.raises(LastAdminError):
        roles.grant(session, "UADA", Role.VIEWER, by=ADA)
    roles.grant(session, "UVIC", Role.ADMIN, by=ADA)
    assert roles.revoke(session, "UADA", by=ADA) is Role.ADMIN
    assert roles.revoke(session, "SLEADS", by=ADA) is Role.ADMIN


def test_two_admins_removing_each_other_at_once_leave_one(database: Path) -> None:
    """One of them is too late."""
    with transaction() as session:
        for one in ("UADA", "UVIC"):
            roles.grant(session, one, Role.ADMIN, by=ADA)
    start = Barrier(2)

    def remove(whom: str) -> Role | LastAdminError | None:
        start.wait(10)
        try:
            with transaction() as session:
                return roles.revoke(session, whom, by=ADA)
        except LastAdminError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(remove, ["UADA", "UVIC"]))
    assert found.count(Role.ADMIN) == 1
    with transaction() as session:
        assert list(held(session).values()) == [Role.ADMIN]


def test_an_owner_is_found_by_the_first_name_that_is_known(session: Session) -> None:
    """Whatever its case, in its workspace only."""
    owners.put(session, "Payments ", "UVIC", by=ADA)
    owners.put(session, "payments", "ULENA", by=ADA)
    owners.put(session, "web", "SWEB", by=ADA)
    assert owners.of(session, [None, 7, "nobody", "PAYMENTS", "web"], workspace="T1") == "ULENA"
    assert owners.of(session, ["payments"], workspace="T2") is None
    assert [one.name for one in owners.named(session, workspace="T1")] == ["payments", "web"]
