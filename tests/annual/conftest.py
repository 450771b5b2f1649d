"""A small county with a year behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import User
from app.annual import service
from app.annual.models import AnnualReport
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, GroupKind
from app.hours.models import HoursRequest, RequestState
from app.signups.models import Standing
from app.volunteers.models import Volunteer
from tests import factories as make

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


class County:
    """Two groups that are not small, their people, and who runs it."""

    def __init__(self) -> None:
        self.library = make.group(
            name="Kibworth Community Library", kind=GroupKind.LIBRARY, district="Harborough"
        )
        self.food_bank = make.group(name="Coalville #eval(1) Food Bank", district="Charnwood")
        self.people: list[Volunteer] = [make.volunteer() for _ in range(6)]
        self.boss: User = make.manager(self.library)
        self.coordinator: User = make.coordinator()

    def give(self, group: Group, day: date, minutes: int, people: list[Volunteer]) -> None:
        """Time that these people gave on a shift of the group."""
        starts_at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        shift = make.shift(make.opportunity(group), starts_at=starts_at, places=len(people))
        for one in people:
            make.signup(shift, one, standing=Standing.ATTENDED, attended_minutes=minutes)

    def add(self, group: Group, day: date, minutes: int, person: Volunteer) -> None:
        """Time beside any shift that the group said yes to."""
        make.save(
            HoursRequest(
                volunteer_id=person.id,
                group_id=group.id,
                day=day,
                minutes=minutes,
                state=RequestState.APPROVED,
            )
        )

    def report(self, slug: str = "2025-26") -> AnnualReport:
        """The year's report, made."""
        number = service.start(slug, self.coordinator.id).id
        service.make(number)
        db.session.rollback()
        return db.session.get_one(AnnualReport, number)


@pytest.fixture
def county(app: Flask) -> Iterator[County]:
    with clock.stopped_at(NOW):
        county = County()
        county.give(county.library, date(2025, 4, 1), 120, county.people)
        county.give(county.food_bank, date(2026, 3, 31), 90, county.people[:5])
        county.add(county.food_bank, date(2025, 12, 24), 60, county.people[0])
        # Outside of the year: the day before and the day after.
        county.give(county.library, date(2025, 3, 31), 600, county.people)
        county.give(county.library, date(2026, 4, 1), 600, county.people)
        yield county


def later(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)
