"""The days that make work with children regulated: the count, the page, the warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.models import Message
from app.opportunities.models import Opportunity
from app.opportunities.rules import Ground
from app.safeguarding import service
from app.safeguarding.queries import regulated
from app.safeguarding.rules.regulated import Count, Reach, Turn, count, turns
from app.signups.models import Standing
from app.volunteers.models import DbsCheck, Volunteer
from app.volunteers.vocabulary import Activity, DbsLevel, Workforce
from tests import factories

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
LONDON = "Europe/London"
SignIn = Callable[[User], FlaskClient]
OFFSETS = st.lists(st.integers(-200, 200), max_size=40)


def on(*offsets: int) -> list[Turn]:
    return [Turn(TODAY + timedelta(days=offset)) for offset in offsets]


@pytest.mark.parametrize(
    ("days", "most", "reached", "reach"),
    [
        ([], 0, None, Reach.FAR),
        ([0, 10], 2, None, Reach.FAR),
        ([0, 10, 29], 3, None, Reach.NEAR),
        ([0, 10, 20, 29], 4, 29, Reach.REACHED),
        ([0, 10, 20, 30], 3, None, Reach.NEAR),  # the fourth is the 31st day
        ([0, 0, 0, 0], 1, None, Reach.FAR),  # four shifts of one day
        ([-90, -80, -70, -65], 4, -65, Reach.REACHED),
    ],
)
def test_more_than_three_days_in_any_thirty(
    days: list[int], most: int, reached: int | None, reach: Reach
) -> None:
    found = count(on(*days), TODAY)
    expected = None if reached is None else TODAY + timedelta(days=reached)
    assert (found.most, found.reached_on, found.reach) == (most, expected, reach)


@given(OFFSETS)
def test_the_count_agrees_with_looking_at_every_thirty_days(offsets: list[int]) -> None:
    days = {TODAY + timedelta(days=offset) for offset in offsets}
    windows = [
        {day for day in days if timedelta(0) <= day - first < timedelta(days=30)} for first in days
    ]
    most = max((len(window) for window in windows), default=0)
    found = count(on(*offsets), TODAY)
    assert found.most == most
    assert (found.reached_on is not None) == (most >= 4)
    fourths = [sorted(window)[3] for window in windows if len(window) >= 4]
    assert found.reached_on == min(fourths, default=None)
    assert found.lately == len(days & {TODAY - timedelta(days=n) for n in range(30)})


@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(-100, 100))
def test_whoever_comes_each_week_is_found_by_the_days(weekdays: list[int], start: int) -> None:
    """ "Frequently" is once a week: four weeks running are four days within thirty."""
    days = [start + 7 * week + weekday for week, weekday in enumerate(weekdays)]
    assert count(on(*days), TODAY).reach == Reach.REACHED


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=ZoneInfo(LONDON))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (at(12, 10), at(12, 12), [(12, False)]),
        (at(12, 20), at(13, 0), [(12, False)]),
        (at(12, 20), at(13, 2), [(12, False), (13, False)]),
        (at(12, 20), at(13, 2, 1), [(12, False), (13, True)]),
        (at(12, 5, 59), at(12, 8), [(12, True)]),
        (at(12, 6), at(12, 8), [(12, False)]),
    ],
)
def test_a_night_is_from_two_to_six_by_the_sites_clock(
    start: datetime, end: datetime, expected: list[tuple[int, bool]]
) -> None:
    found = turns(start.astimezone(UTC), end.astimezone(UTC), LONDON)
    assert [(turn.day.day, turn.overnight) for turn in found] == expected


def test_one_night_is_enough() -> None:
    found = count([Turn(TODAY, overnight=True)], TODAY)
    assert found == Count(1, 1, TODAY, True, Reach.REACHED)


@pytest.fixture(autouse=True)
def _noon(request: pytest.FixtureRequest) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def library(app: Flask) -> Group:
    return factories.group(name="The library")


@pytest.fixture
def manager(library: Group) -> User:
    return factories.manager(library)


@pytest.fixture
def reading(library: Group) -> Opportunity:
    return factories.opportunity(library, title="Story time", dbs_ground=Ground.CHILDREN_REGULATED)


def reader(role: Opportunity, *days: int, **said: Any) -> Volunteer:
    person = factories.volunteer(**said)
    factories.known_to(person, role.group)
    for day in days:
        factories.signup(factories.shift(role, starts_at=NOW + timedelta(days=day)), person)
    return person


def check(person: Volunteer, by: Group, level: DbsLevel, issued_on: date = TODAY) -> None:
    factories.save(
        DbsCheck(
            volunteer_id=person.id,
            group_id=by.id,
            level=level,
            workforce=Workforce.CHILD,
            issued_on=issued_on,
        )
    )


def workers(group: Group) -> dict[str, tuple[int, Reach, bool]]:
    db.session.rollback()
    return {
        one.name: (one.count.most, one.count.reach, one.needs_eye)
        for one in regulated.workers(group)
    }


def test_past_and_planned_days_count_and_who_did_not_come_does_not(
    library: Group, reading: Opportunity
) -> None:
    person = reader(reading, -10, -3, 4, name="Rita")
    missed = factories.shift(reading, starts_at=NOW - timedelta(days=5))
    factories.signup(missed, person, standing=Standing.NO_SHOW)
    left = factories.shift(reading, starts_at=NOW + timedelta(days=6))
    factories.signup(left, person, standing=Standing.WITHDRAWN)
    assert workers(library) == {"Rita": (3, Reach.NEAR, True)}
    factories.signup(factories.shift(reading, starts_at=NOW + timedelta(days=11)), person)
    assert workers(library) == {"Rita": (4, Reach.REACHED, True)}


@pytest.mark.parametrize(
    ("level", "issued_on", "needs_eye"),
    [
        (DbsLevel.ENHANCED_BARRED, TODAY, False),
        (DbsLevel.ENHANCED_BARRED, date(2020, 1, 1), True),  # due again
        (DbsLevel.ENHANCED, TODAY, True),
    ],
)
def test_only_the_check_with_the_barred_list_settles_it(
    library: Group, reading: Opportunity, level: DbsLevel, issued_on: date, needs_eye: bool
) -> None:
    person = reader(reading, -10, -3, 4, 11, name="Rita")
    check(person, library, level, issued_on)
    assert workers(library)["Rita"] == (4, Reach.REACHED, needs_eye)


@pytest.mark.parametrize("asks", [True, False])
def test_what_another_group_noted_counts_where_a_role_asks_for_a_check(
    library: Group, reading: Opportunity, asks: bool
) -> None:
    person = reader(reading, -10, -3, 4, 11, name="Rita")
    check(person, factories.group(), DbsLevel.ENHANCED_BARRED)
    if asks:
        with transaction():
            reading.dbs_level, reading.dbs_workforce = DbsLevel.ENHANCED_BARRED, Workforce.CHILD
    assert workers(library)["Rita"] == (4, Reach.REACHED, not asks)


def test_supervised_days_stand_apart_and_a_role_that_says_nothing_counts(
    library: Group,
) -> None:
    helping = factories.opportunity(library, dbs_ground=Ground.CHILDREN)
    silent = factories.opportunity(library, activity=Activity.CHILDREN | Activity.FOOD)
    desk = factories.opportunity(library)
    reader(helping, 1, 2, 3, 4, name="Sue Supervised")
    reader(silent, 1, 2, 3, name="Nat Noground")
    reader(desk, 1, 2, 3, 4, name="Dee Desk")
    assert workers(library) == {
        "Nat Noground": (3, Reach.NEAR, True),
        "Sue Supervised": (0, Reach.FAR, False),
    }


def test_another_groups_days_are_not_counted(library: Group, reading: Opportunity) -> None:
    person = reader(reading, 1, 2, name="Rita")
    elsewhere = factories.opportunity(dbs_ground=Ground.CHILDREN_REGULATED)
    for day in (3, 4, 5):
        factories.signup(factories.shift(elsewhere, starts_at=NOW + timedelta(days=day)), person)
    assert workers(library) == {"Rita": (2, Reach.FAR, False)}


def test_managers_are_warned_before_the_line_once_for_each_state(
    library: Group, manager: User, reading: Opportunity
) -> None:
    person = reader(reading, -10, -3, 4, name="Nadia Unforgettable")
    assert service.warn_all_of_regulated() == 1
    assert service.warn_all_of_regulated() == 0
    factories.signup(factories.shift(reading, starts_at=NOW + timedelta(days=11)), person)
    assert service.warn_all_of_regulated() == 1
    check(person, library, DbsLevel.ENHANCED_BARRED)
    assert service.warn_all_of_regulated() == 0
    db.session.rollback()
    near, reached = db.session.scalars(
        select(Message).where(Message.recipient == f"user:{manager.id}").order_by(Message.id)
    ).all()
    assert "1 person has 3 such days within 30 days." in near.body
    assert "the law counts it as regulated activity" in reached.body
    assert "Unforgettable" not in near.body + reached.body


def test_the_page_says_what_it_counts_and_what_it_does_not(
    library: Group,
    manager: User,
    reading: Opportunity,
    sign_in: SignIn,
    count_queries: Callable[[], Any],
) -> None:
    for number in range(6):
        reader(reading, 1, 8, 15, 22, name=f"Reader {number}")
    client, address = sign_in(manager), f"/groups/{library.id}/children"
    db.session.remove()
    with count_queries() as statements:
        page = client.get(address).text
    assert len(statements) == 9, statements
    assert "6 people need your eye" in page
    assert "Reader 3" in page
    assert "from Wednesday 3 June" in page
    assert "not legal advice" in page
    assert "https://www.legislation.gov.uk/ukpga/2006/47/schedule/4" in page
