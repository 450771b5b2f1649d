"""Checking in and out, taking it back, putting it right; and its history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.hours import service
from app.hours.models import Attendance, AttendanceChange, Seen
from app.messaging.models import Message
from app.opportunities.models import Policy, Shift, Stage
from app.signups.models import Signup, SignupEvent, Standing
from app.volunteers.models import GroupVolunteer, Volunteer
from app.volunteers.vocabulary import AgeBand, Skill
from tests import factories as make

START = datetime(2026, 6, 13, 9, tzinfo=UTC)  # ten in London
END = START + timedelta(hours=3)


@contextmanager
def at(minutes: float) -> Iterator[None]:
    """The clock stands so many minutes after the shift's start."""
    with clock.stopped_at(START + timedelta(minutes=minutes)):
        yield


def a_shift(**said: object) -> Shift:
    return make.shift(starts_at=START, ends_at=END, **said)


def fresh(signup: Signup) -> Signup:
    signup_id = signup.id
    db.session.rollback()
    return db.session.get_one(Signup, signup_id, populate_existing=True)


def history() -> list[tuple[int | None, int | None, Seen]]:
    db.session.rollback()
    return [
        (one.minutes_before, one.minutes_after, one.seen)
        for one in db.session.scalars(select(AttendanceChange).order_by(AttendanceChange.id))
    ]


def test_who_comes_and_leaves_has_attended_so_long(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(-20):
        row = service.check_in(place.id, Seen.TABLET)
    assert fresh(place).standing == Standing.ATTENDED
    assert place.attended_minutes == 180
    with at(150):
        service.check_out(row.id, Seen.TABLET)
    assert fresh(place).attended_minutes == 150
    assert history() == [(None, 180, Seen.TABLET), (180, 150, Seen.TABLET)]


def test_checking_in_or_out_twice_is_harmless(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(0):
        row = service.check_in(place.id, Seen.TABLET)
    with at(30):
        service.check_in(place.id, Seen.BOARD)
    with at(60):
        service.check_out(row.id, Seen.TABLET)
    with at(90):
        service.check_out(row.id, Seen.TABLET)
    assert fresh(place).attended_minutes == 60
    assert len(history()) == 2
    assert db.session.scalars(select(SignupEvent.after)).all() == [Standing.ATTENDED]


def test_who_comes_back_is_here_since_the_first_arrival(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(0):
        row = service.check_in(place.id, Seen.TABLET)
    with at(30):
        service.check_out(row.id, Seen.TABLET)
    with at(40):
        row = service.check_in(place.id, Seen.TABLET)
    assert row.came_at == START
    assert row.is_here
    assert fresh(place).attended_minutes == 180


@pytest.mark.parametrize("minutes", [-61, 180, 600])
def test_nobody_checks_in_outside_the_time(app: Flask, minutes: int) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(minutes), pytest.raises(Refusal):
        service.check_in(place.id, Seen.TABLET)
    assert fresh(place).standing == Standing.CONFIRMED


def test_nobody_checks_in_to_a_cancelled_shift(app: Flask) -> None:
    place = make.signup(a_shift(stage=Stage.CANCELLED), make.volunteer())
    with at(0), pytest.raises(Refusal, match="cancelled"):
        service.check_in(place.id, Seen.TABLET)


@pytest.mark.parametrize("standing", [Standing.WAITING, Standing.WITHDRAWN, Standing.OFFERED])
def test_without_a_place_nobody_checks_in(app: Flask, standing: Standing) -> None:
    place = make.signup(a_shift(), make.volunteer(), standing=standing)
    with at(0), pytest.raises(Refusal):
        service.check_in(place.id, Seen.TABLET)
    assert db.session.scalars(select(Attendance)).all() == []


def test_after_two_hours_it_is_too_late_to_say_that_one_leaves_now(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(0):
        row = service.check_in(place.id, Seen.TABLET)
    with at(180 + 121), pytest.raises(Refusal):
        service.check_out(row.id, Seen.TABLET)
    with at(180 + 119):
        service.check_out(row.id, Seen.TABLET)
    assert fresh(place).attended_minutes == 300


def test_the_last_step_is_taken_back_one_by_one(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(0):
        row = service.check_in(place.id, Seen.TABLET)
        service.check_out(row.id, Seen.TABLET)
        service.undo(row.id, Seen.BOARD)
        assert fresh(place).attended_minutes == 180
        service.undo(row.id, Seen.BOARD)
    assert fresh(place).standing == Standing.CONFIRMED
    assert place.attended_minutes is None
    assert len(history()) == 4


def test_long_after_the_end_undo_does_not_wipe_that_they_came(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(0):
        row = service.check_in(place.id, Seen.TABLET)
    with at(150):
        service.check_out(row.id, Seen.TABLET)
    with at(301), pytest.raises(Refusal, match="Put the times right instead"):
        service.undo(row.id, Seen.BOARD)
    assert fresh(place).standing == Standing.ATTENDED
    assert place.attended_minutes == 150
    assert len(history()) == 2


def test_who_did_not_come_and_comes_after_all(app: Flask) -> None:
    place = make.signup(a_shift(), make.volunteer())
    with at(-5), pytest.raises(Refusal):
        service.mark_missing(place.id, Seen.BOARD)
    with at(20):
        service.mark_missing(place.id, Seen.BOARD)
    assert fresh(place).standing == Standing.NO_SHOW
    with at(60):
        service.check_in(place.id, Seen.TEXT)
    assert fresh(place).standing == Standing.ATTENDED
    assert place.attended_minutes == 120


def test_a_manager_puts_it_right_with_a_reason(app: Flask) -> None:
    shift = a_shift()
    boss = make.manager(shift.opportunity.group)
    place = make.signup(shift, make.volunteer())
    with at(60):
        service.check_in(place.id, Seen.TABLET)
    with at(600):
        with pytest.raises(Refusal) as refused:
            service.correct(place.id, START, END, " ", by_user_id=boss.id)
        assert refused.value.field == "reason"
        service.correct(
            place.id, START - timedelta(hours=1), END, "Unlocked the hall", by_user_id=boss.id
        )
    assert fresh(place).attended_minutes == 240
    last = db.session.scalars(select(AttendanceChange).order_by(AttendanceChange.id)).all()[-1]
    assert (last.minutes_before, last.minutes_after) == (120, 240)
    assert (last.by_user_id, last.reason) == (boss.id, "Unlocked the hall")


@pytest.mark.parametrize(
    ("came", "left", "field"),
    [
        (60, 60, "left"),
        (60, 30, "left"),
        (-361, 60, "came"),
        (180, 200, "came"),
        (0, 541, "left"),
        (0, 601, "left"),
    ],
)
def test_times_that_cannot_be_are_refused(app: Flask, came: int, left: int, field: str) -> None:
    shift = a_shift()
    boss = make.manager(shift.opportunity.group)
    place = make.signup(shift, make.volunteer())
    with at(600), pytest.raises(Refusal) as refused:
        service.correct(
            place.id,
            START + timedelta(minutes=came),
            START + timedelta(minutes=left),
            "why",
            by_user_id=boss.id,
        )
    assert refused.value.field == field
    assert fresh(place).standing == Standing.CONFIRMED


def known(shift: Shift, **said: object) -> Volunteer:
    person = make.volunteer(**said)
    make.known_to(person, shift.opportunity.group)
    return person


def test_a_walk_in_gets_a_place_while_there_is_one(app: Flask) -> None:
    shift = a_shift(places=1)
    person = known(shift)
    with at(30):
        row = service.walk_in(shift.id, person.id, Seen.TABLET)
    assert row.signup is not None
    assert row.signup.standing == Standing.ATTENDED
    assert db.session.get_one(Shift, shift.id, populate_existing=True).taken == 1
    assert db.session.scalars(select(Message)).all() == []  # they stand at the door


def test_a_walk_in_to_a_full_shift_is_extra_and_takes_no_place(app: Flask) -> None:
    shift = a_shift(places=1)
    boss = make.manager(shift.opportunity.group)
    make.signup(shift, make.volunteer())
    person = known(shift)
    with at(30), pytest.raises(Refusal, match="full"):
        service.walk_in(shift.id, person.id, Seen.TABLET)
    with at(30):
        row = service.walk_in(shift.id, person.id, Seen.BOARD, by_user_id=boss.id)
        assert row.signup_id is None
        assert row.minutes == 150
    assert db.session.get_one(Shift, shift.id, populate_existing=True).taken == 1
    with at(90):
        service.check_out(row.id, Seen.BOARD, by_user_id=boss.id)
    assert db.session.get_one(Attendance, row.id, populate_existing=True).minutes == 60


def test_a_walk_in_whom_the_role_keeps_out_stays_out(app: Flask) -> None:
    shift = make.shift(
        make.opportunity(needs_skills=Skill.DRIVE_VAN), starts_at=START, ends_at=END, places=1
    )
    boss = make.manager(shift.opportunity.group)
    person = known(shift)
    for full in (False, True):
        if full:
            make.signup(shift, make.volunteer())
        with at(0), pytest.raises(Refusal, match="needs"):
            service.walk_in(shift.id, person.id, Seen.BOARD, by_user_id=boss.id)
    assert db.session.scalars(select(Attendance)).all() == []


def test_where_the_group_decides_the_tablet_lets_nobody_in(app: Flask) -> None:
    shift = make.shift(make.opportunity(policy=Policy.APPROVAL), starts_at=START, ends_at=END)
    boss = make.manager(shift.opportunity.group)
    person = known(shift)
    with at(0), pytest.raises(Refusal, match="person in charge"):
        service.walk_in(shift.id, person.id, Seen.TABLET)
    with at(0):
        row = service.walk_in(shift.id, person.id, Seen.BOARD, by_user_id=boss.id)
    assert row.signup_id is not None


def test_whoever_is_not_on_the_groups_list_is_nobody_to_the_tablet(app: Flask) -> None:
    shift = a_shift()
    with at(0), pytest.raises(Refusal, match="person in charge"):
        service.walk_in(shift.id, make.volunteer().id, Seen.TABLET)


def test_a_manager_lets_in_who_waited(app: Flask) -> None:
    shift = a_shift(places=1)
    boss = make.manager(shift.opportunity.group)
    person = known(shift)
    place = make.signup(shift, person, standing=Standing.WAITING)
    with at(0):
        row = service.walk_in(shift.id, person.id, Seen.BOARD, by_user_id=boss.id)
    assert row.signup_id == place.id
    assert fresh(place).standing == Standing.ATTENDED


@pytest.mark.parametrize("standing", [Standing.WAITING, Standing.OFFERED])
def test_the_tablet_behind_its_pin_gives_them_the_place_that_is_theirs(
    app: Flask, standing: Standing
) -> None:
    shift = a_shift(places=1)
    person = known(shift)
    place = make.signup(shift, person, standing=standing)
    with at(0):
        row = service.walk_in(shift.id, person.id, Seen.STAFF)
    assert row.signup_id == place.id
    assert fresh(place).standing == Standing.ATTENDED
    assert db.session.get_one(Shift, shift.id, populate_existing=True).taken == 1


def test_a_manager_lets_in_who_is_offered_a_place_on_a_shift_that_is_full_with_it(
    app: Flask,
) -> None:
    shift = a_shift(places=1)
    boss = make.manager(shift.opportunity.group)
    person = known(shift)
    place = make.signup(shift, person, standing=Standing.OFFERED)
    with at(0):
        row = service.walk_in(shift.id, person.id, Seen.BOARD, by_user_id=boss.id)
    assert row.signup_id == place.id
    assert fresh(place).standing == Standing.ATTENDED


def test_who_waits_for_a_full_shift_is_extra(app: Flask) -> None:
    shift = a_shift(places=1)
    make.signup(shift, make.volunteer())
    person = known(shift)
    place = make.signup(shift, person, standing=Standing.WAITING)
    with at(0):
        row = service.walk_in(shift.id, person.id, Seen.STAFF)
    assert row.signup_id is None
    assert fresh(place).standing == Standing.WAITING


def test_somebody_new_goes_on_the_list_and_is_here(app: Flask) -> None:
    shift = a_shift()
    boss = make.manager(shift.opportunity.group)
    with at(5):
        row = service.newcomer(
            shift.id, "Nia New", "07700 900456", AgeBand.ADULT, Seen.BOARD, by_user_id=boss.id
        )
    person = row.volunteer
    assert (person.name, person.phone, person.postcode) == ("Nia New", "+447700900456", "")
    assert person.sms_consent_at is None
    assert row.signup_id is not None
    assert db.session.scalars(select(GroupVolunteer.how)).all() == ["came to a shift"]
    with at(6):
        again = service.newcomer(
            shift.id, "nia new", "07700900456", AgeBand.ADULT, Seen.BOARD, by_user_id=boss.id
        )
    assert again.id == row.id


def test_a_newcomer_who_is_too_young_leaves_no_trace(app: Flask) -> None:
    shift = a_shift()
    with at(5), pytest.raises(Refusal):
        service.newcomer(shift.id, "Yan Young", "07700900456", AgeBand.UNDER_16, Seen.BOARD)
    assert db.session.scalars(select(Volunteer)).all() == []


def test_typing_a_known_name_and_phone_opens_no_profile(app: Flask) -> None:
    """Whoever others know is let in, and this group sees a name and no more."""
    shift = a_shift()
    person = make.volunteer(name="Petra Private", phone="+447700900777")
    with at(5):
        row = service.newcomer(shift.id, "Petra Private", "07700900777", AgeBand.ADULT, Seen.BOARD)
    assert row.volunteer_id == person.id
    assert db.session.scalars(select(GroupVolunteer.sees_profile)).all() == [False]


def test_two_hands_at_once_leave_one_arrival_and_one_line_of_history(app: Flask) -> None:
    shift = a_shift(places=1)
    person = known(shift)
    people = [person.id, known(shift).id, known(shift).id, person.id]
    boss_id = make.manager(shift.opportunity.group).id
    shift_id, barrier = shift.id, threading.Barrier(len(people))
    db.session.rollback()
    faults: list[BaseException] = []

    def press(volunteer_id: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.walk_in(shift_id, volunteer_id, Seen.BOARD, by_user_id=boss_id)
            except BaseException as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    with at(0):
        threads = [threading.Thread(target=press, args=(each,)) for each in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id, populate_existing=True).taken == 1
    rows = db.session.scalars(select(Attendance)).all()
    assert len(rows) == 3
    assert sum(row.signup_id is not None for row in rows) == 1
    assert len(history()) == 3


def test_no_place_of_a_duty_that_one_cannot_do(app: Flask) -> None:
    """Only the van is left, and they do not drive: extra, and nobody's place in a queue."""
    shift = a_shift(places=2)
    boss = make.manager(shift.opportunity.group)
    van = make.duty(shift.opportunity, name="Van driver", needs_skills=Skill.DRIVE_VAN)
    sorter = make.duty(shift.opportunity, name="Sorter")
    make.slot(shift, van, places=1, minimum=1)
    full = make.slot(shift, sorter, places=1, minimum=1)
    make.signup(shift, make.volunteer(), slot_id=full.id)
    person = known(shift)
    with at(0):
        row = service.walk_in(shift.id, person.id, Seen.BOARD, by_user_id=boss.id)
    assert row.signup_id is None
    assert len(db.session.scalars(select(Signup)).all()) == 1
