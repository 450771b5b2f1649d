"""A forgotten check-out: asked about next morning, never at night, given up after some days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.hours import service
from app.hours.models import Attendance, AttendanceChange, Seen
from app.hours.service import forgotten
from app.messaging.models import Message
from app.signups.models import Signup
from app.volunteers import service as volunteers
from app.volunteers.models import Channel
from tests import factories as make

LONDON = ZoneInfo("Europe/London")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def came(start: str = "2026-06-13 10:00", hours: float = 3, **said: Any) -> tuple[Signup, int]:
    """Somebody who came on time and has not said when they left."""
    starts_at = moment(start)
    place = make.signup(
        make.shift(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours)),
        make.volunteer(**{"name": "Amina Khan"} | said),
    )
    with clock.stopped_at(starts_at):
        row = service.check_in(place.id, Seen.TABLET)
    return place, row.id


def swept(at: str) -> int:
    with clock.stopped_at(moment(at)):
        return forgotten.sweep()


def letters() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).order_by(Message.id)))


@pytest.mark.parametrize(
    ("start", "too_early", "morning"),
    [
        ("2026-06-13 10:00", "2026-06-14 09:59", "2026-06-14 10:00"),
        ("2026-03-28 10:00", "2026-03-29 09:59", "2026-03-29 10:00"),  # clocks go forward
        ("2026-10-24 10:00", "2026-10-25 09:59", "2026-10-25 10:00"),  # and back
        ("2026-06-13 22:00", "2026-06-14 09:59", "2026-06-14 10:00"),  # over midnight
    ],
)
def test_it_is_asked_about_in_the_morning_and_once(
    app: Flask, start: str, too_early: str, morning: str
) -> None:
    _, attendance_id = came(start)
    assert swept(too_early) == 0
    assert swept(morning) == 1
    assert swept(morning) == 0
    (letter,) = letters()
    assert "When did you leave?" in letter.body
    assert f"/left/{forgotten.token(attendance_id)}" in letter.body


def test_a_morning_that_was_missed_is_made_up_for_by_day(app: Flask) -> None:
    came()
    assert swept("2026-06-14 23:30") == 0
    assert swept("2026-06-15 03:00") == 0
    assert swept("2026-06-15 08:00") == 1


def test_whoever_left_or_never_came_is_not_asked(app: Flask) -> None:
    _, attendance_id = came()
    with clock.stopped_at(moment("2026-06-13 12:00")):
        service.check_out(attendance_id, Seen.TABLET)
    other, _ = came()
    with clock.stopped_at(moment("2026-06-13 12:00")):
        service.mark_missing(other.id, Seen.BOARD)
    assert swept("2026-06-14 11:00") == 0
    assert swept("2026-06-25 11:00") == 0
    assert letters() == []


def test_who_cannot_be_written_to_is_not_waited_for_in_vain(app: Flask) -> None:
    came(email=None, sms_consent_at=None, phone_verified_at=None)
    swept("2026-06-14 11:00")
    assert letters() == []
    swept("2026-06-18 13:00")
    assert db.session.scalars(select(Attendance.left_by)).one() == Seen.RULE


def test_who_said_yes_to_neither_way_is_asked_by_one_that_is_proven(app: Flask) -> None:
    came(sms_consent_at=None, email_consent_at=None)
    assert swept("2026-06-14 11:00") == 1
    [letter] = letters()
    assert letter.channel == Channel.EMAIL


def test_after_five_days_the_planned_end_counts_and_is_noted_as_such(app: Flask) -> None:
    place, _ = came()
    swept("2026-06-14 10:00")
    assert swept("2026-06-18 12:59") == 0
    assert swept("2026-06-18 13:00") == 1
    row = db.session.scalars(select(Attendance)).one()
    assert (row.left_at, row.left_by) == (moment("2026-06-13 13:00"), Seen.RULE)
    last = db.session.scalars(select(AttendanceChange).order_by(AttendanceChange.id)).all()[-1]
    assert "Nobody told us" in last.reason
    assert db.session.get_one(Signup, place.id).attended_minutes == 180


def test_the_link_takes_the_planned_end_with_one_tap(app: Flask, client: FlaskClient) -> None:
    _, attendance_id = came()
    link = f"/left/{forgotten.token(attendance_id)}"
    with clock.stopped_at(moment("2026-06-14 10:30")):
        page = client.get(link).text
        assert "At the planned end, 1pm" in page
        page = client.post(f"{link}/planned", follow_redirects=True).text
        assert "You left at 1pm" in page
        client.post(f"{link}/planned")
    assert db.session.scalars(select(Attendance.left_by)).one() == Seen.ASKED
    assert len(db.session.scalars(select(AttendanceChange)).all()) == 2


def test_the_link_takes_any_time_that_can_be(app: Flask, client: FlaskClient) -> None:
    place, attendance_id = came()
    link = f"/left/{forgotten.token(attendance_id)}"
    with clock.stopped_at(moment("2026-06-14 10:30")):
        for typed, why in (
            ("17:30", "more than two hours"),
            ("soon", "Enter a time"),
            ("", "time"),
        ):
            page = client.post(link, data={"left": typed}).text
            assert why in page
            assert typed in page
        client.post(link, data={"left": "12:15"})
    assert db.session.get_one(Signup, place.id, populate_existing=True).attended_minutes == 135


def test_a_night_ends_on_the_next_day(app: Flask, client: FlaskClient) -> None:
    """From ten at night to six, over the night on which an hour is lived twice."""
    place, attendance_id = came("2026-10-24 22:00", hours=9)
    with clock.stopped_at(moment("2026-10-25 14:00")):
        client.post(f"/left/{forgotten.token(attendance_id)}", data={"left": "03:00"})
    assert db.session.get_one(Signup, place.id, populate_existing=True).attended_minutes == 360


@pytest.mark.parametrize("token", ["x", "MQ.abc", "1"])
def test_a_link_that_we_did_not_make_is_nowhere(
    app: Flask, client: FlaskClient, token: str
) -> None:
    came()
    assert client.get(f"/left/{token}").status_code == 404
    assert client.post(f"/left/{token}/planned").status_code == 404


def test_the_link_says_so_when_it_is_too_late(app: Flask, client: FlaskClient) -> None:
    _, attendance_id = came()
    link = f"/left/{forgotten.token(attendance_id)}"
    swept("2026-06-19 13:00")
    with clock.stopped_at(moment("2026-06-20 13:00")):
        page = client.post(link, data={"left": "12:15"}).text
    assert "Nobody told us when you left, so the planned end counts" in page


def test_the_link_of_somebody_who_was_erased_is_nowhere(app: Flask, client: FlaskClient) -> None:
    place, attendance_id = came()
    volunteers.erase(place.volunteer_id)
    assert client.get(f"/left/{forgotten.token(attendance_id)}").status_code == 404
    assert swept("2026-06-25 13:00") == 0


def test_the_sweep_reads_once_for_a_day_on_which_nobody_forgot(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    for _ in range(3):
        _, attendance_id = came()
        with clock.stopped_at(moment("2026-06-13 12:00")):
            service.check_out(attendance_id, Seen.TABLET)
    with count_queries() as statements:
        swept("2026-06-14 11:00")
    assert len(statements) == 1
