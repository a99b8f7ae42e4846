"""Which events are sides of one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from finops.anomalies.merging import Reach, Side, parents
from finops.anomalies.scopes import Of, Scope
from finops.periods import Period

START = date(2026, 9, 1)


def _days(start: int = 0, length: int = 3) -> Period:
    first = START + timedelta(days=start)
    return Period(first, first + timedelta(days=length))


def _service(excess: int, *, account: str = "a", name: str = "EC2", days: Period | None = None) -> Side:
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id=account, service_name=name)
    return Side(scope, days or _days(), Decimal(excess))


def _region(excess: int, *, account: str = "a", days: Period | None = None) -> Side:
    scope = Scope(of=Of.REGION, provider="aws", sub_account_id=account, region_id="eu-1")
    return Side(scope, days or _days(), Decimal(excess))


def _committed(excess: int, *, fee: int = 0) -> Side:
    reach = Reach(frozenset({("a", "EC2", "eu-1")}), Decimal(fee))
    return Side(Scope(of=Of.COMMITMENT, provider="aws", commitment_id="r-1"), _days(), Decimal(excess), reach)


def _team(excess: int, *, days: Period | None = None) -> Side:
    return Side(Scope(of=Of.TEAM, team="web"), days or _days(), Decimal(excess))


def test_a_regions_and_a_teams_event_are_sides_of_the_largest_service_beneath_them() -> None:
    """Of two services that rise together, the larger one stands for all."""
    found = [_team(140), _service(40, name="S3"), _service(100), _region(150)]
    assert parents(found) == {0: 2, 3: 2}


def test_a_region_or_team_that_is_far_more_than_the_services_beneath_it_stands_for_itself() -> None:
    """Many small rises that no service shows by itself."""
    assert parents([_team(160), _service(100)]) == {}
    assert parents([_team(150), _service(100)]) == {0: 1}


def test_what_goes_the_other_way_began_elsewhere_or_on_other_days_is_another_event() -> None:
    """A drop is no side of a rise; two weeks apart is no coincidence; another account's region has other costs."""
    assert parents([_team(-100), _service(100)]) == {}
    assert parents([_team(100, days=_days(8, 20)), _service(100, days=_days(0, 20))]) == {}
    assert parents([_team(100, days=_days(7, 20)), _service(100, days=_days(0, 20))]) == {0: 1}
    assert parents([_team(100, days=_days(3)), _service(100, days=_days(0))]) == {}
    assert parents([_region(100, account="b"), _service(100)]) == {}


def test_what_lasts_is_no_side_of_what_was_over_soon() -> None:
    """Most of its days are its own."""
    assert parents([_team(100, days=_days(0, 7)), _service(100)]) == {}
    assert parents([_team(100, days=_days(0, 6)), _service(100)]) == {0: 1}


def test_one_service_that_rises_in_several_accounts_on_one_day_is_one_event() -> None:
    """And no parent has a parent: the team is a side of the largest of them."""
    found = [_service(50, account="b"), _service(90, account="c"), _team(140), _service(30, account="d", days=_days(2))]
    assert parents(found) == {0: 1, 2: 1}


def test_what_a_commitment_explains_is_a_side_of_its_event() -> None:
    """It stands in the bill, so it is told in place of what was noticed of it; other services are not its doing."""
    found = [_service(90), _team(100), _committed(100), _service(95, name="S3"), _service(95, account="b")]
    assert parents(found) == {0: 2, 1: 2}


def test_what_is_far_more_or_less_than_a_commitment_stands_for_itself() -> None:
    """A fee beside the use is no cost of a service, so its event is larger by that."""
    assert parents([_service(160), _committed(100)]) == {}
    assert parents([_service(40), _committed(100)]) == {}
    assert parents([_service(-58), _committed(-21, fee=37)]) == {0: 1}
