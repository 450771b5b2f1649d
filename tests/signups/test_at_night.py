"""What is texted of a place at night, and what waits for the morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import Message
from app.signups.models import Way
from app.signups.service import claim
from app.volunteers.models import Channel
from tests import factories

LONDON = ZoneInfo("Europe/London")
NIGHT = datetime(2026, 1, 15, 23, 0, tzinfo=LONDON)
MORNING = datetime(2026, 1, 16, 8, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def _night(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NIGHT):
        yield


def leaves_at() -> datetime:
    rows = select(Message.not_before).where(Message.channel == Channel.SMS)
    return db.session.scalars(rows).one()


@pytest.mark.parametrize("way", [Way.WEB, Way.LINK])
def test_who_takes_a_place_at_night_hears_at_once(way: Way) -> None:
    person = factories.volunteer()
    claim(factories.shift(starts_at=NIGHT + timedelta(days=2)).id, person.id, way=way)
    assert leaves_at() == NIGHT


def test_a_place_that_a_manager_gives_at_night_is_told_in_the_morning() -> None:
    person = factories.volunteer()
    shift = factories.shift(starts_at=NIGHT + timedelta(days=2))
    claim(shift.id, person.id, way=Way.MANAGER, by_user_id=factories.user().id)
    assert leaves_at() == MORNING


def test_for_a_shift_early_in_the_morning_a_manager_wakes_people() -> None:
    person = factories.volunteer()
    shift = factories.shift(starts_at=MORNING + timedelta(hours=1))
    claim(shift.id, person.id, way=Way.MANAGER, by_user_id=factories.user().id)
    assert leaves_at() == NIGHT


def test_what_is_told_in_the_morning_names_the_right_day() -> None:
    person = factories.volunteer()
    shift = factories.shift(starts_at=MORNING + timedelta(hours=6))
    claim(shift.id, person.id, way=Way.MANAGER, by_user_id=factories.user().id)
    body = db.session.scalars(select(Message.body).where(Message.channel == Channel.SMS)).one()
    assert leaves_at() == MORNING
    assert "Friday 16 January" in body
    assert "tomorrow" not in body


def test_after_midnight_tomorrow_is_tomorrow_still() -> None:
    person = factories.volunteer()
    shift = factories.shift(starts_at=MORNING + timedelta(days=1, hours=6))
    with clock.stopped_at(NIGHT + timedelta(hours=2)):
        claim(shift.id, person.id, way=Way.MANAGER, by_user_id=factories.user().id)
    body = db.session.scalars(select(Message.body).where(Message.channel == Channel.SMS)).one()
    assert leaves_at() == MORNING
    assert "tomorrow" in body
