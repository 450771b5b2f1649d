"""The sweep: who is reminded, when, by which way, once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import func, select

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message, State
from app.opportunities.models import Duty, Slot, Stage
from app.reminders import jobs, queries, service
from app.reminders.models import Outcome, Reminder
from app.signups import cancelling
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Lead
from tests import factories
from tests.reminders.conftest import LONDON, london, written

Sweep = Callable[[datetime], int]

EARLY = london(6, 1, 12)
STARTS = london(6, 10, 14)
DUE = london(6, 9, 14)


def place(
    starts: datetime = STARTS, person: Volunteer | None = None, of: object = None, **said: object
) -> Signup:
    """A place that was taken long ago."""
    with clock.stopped_at(EARLY):
        shift = factories.shift(of, starts_at=starts)  # type: ignore[arg-type]
        return factories.signup(shift, person or factories.volunteer(), confirmed_at=EARLY, **said)


def outcomes() -> list[Outcome]:
    db.session.rollback()
    return list(db.session.scalars(select(Reminder.outcome).order_by(Reminder.id)))


def change(row: object, **values: object) -> None:
    with transaction(), db.session.no_autoflush:
        for name, value in values.items():
            setattr(db.session.merge(row), name, value)


def test_the_day_before_a_text_asks_for_an_ok(sweep_at: Sweep) -> None:
    signup = place()
    assert sweep_at(DUE - timedelta(minutes=1)) == 0
    assert sweep_at(DUE) == 1
    (text,) = written()
    assert text.to_address == signup.volunteer.phone
    assert text.lane == queue.ORDINARY
    assert text.body == (
        f"{signup.shift.opportunity.group.name}: reminder. Food parcel driver, tomorrow, "
        "2 to 4pm, The hall, LE11 3TU. Reply OK, or NO if you can't come.\n"
        "Reply STOP to opt out."
    )
    assert text.deadline is not None
    assert text.deadline.astimezone(LONDON) == london(6, 9, 21)
    assert text.segments == 1


def test_nobody_is_reminded_twice(sweep_at: Sweep) -> None:
    place()
    for minutes in (0, 1, 60):
        sweep_at(DUE + timedelta(minutes=minutes))
    assert len(written()) == 1


def test_each_kind_that_they_wish(sweep_at: Sweep) -> None:
    place(person=factories.volunteer(reminders=Lead.WEEK | Lead.DAY | Lead.TWO_HOURS))
    for day, hour in ((3, 14), (9, 14), (10, 12)):
        sweep_at(london(6, day, hour))
    assert [text.body.split(", ")[1] for text in written()] == [
        "Wednesday 10 June",
        "tomorrow",
        "today",
    ]


def test_whoever_wishes_none_gets_none(sweep_at: Sweep) -> None:
    place(person=factories.volunteer(reminders=Lead(0)))
    assert sweep_at(DUE) == 0
    assert outcomes() == []


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ({}, Channel.SMS),
        ({"prefers": Channel.EMAIL}, Channel.EMAIL),
        ({"sms_consent_at": None}, Channel.EMAIL),
        ({"prefers": Channel.EMAIL, "email_consent_at": None}, Channel.SMS),
        ({"prefers": Channel.EMAIL, "email_verified_at": None}, Channel.SMS),
        # Who said yes to neither is not asked for help, but hears of their own shifts.
        ({"sms_consent_at": None, "email_consent_at": None}, Channel.EMAIL),
        ({"sms_consent_at": None, "email_consent_at": None, "email": None}, Channel.SMS),
    ],
)
def test_by_the_way_that_they_prefer_and_allow(
    sweep_at: Sweep, said: dict[str, object], channel: Channel
) -> None:
    place(person=factories.volunteer(**said))
    sweep_at(DUE)
    assert [message.channel for message in written()] == [channel]


def test_whoever_opted_out_of_texts_is_reminded_by_email(sweep_at: Sweep) -> None:
    person = factories.volunteer()
    place(person=person)
    volunteers.opt_out(Channel.SMS, person.phone or "", how="text STOP")
    sweep_at(DUE)
    assert [message.channel for message in written()] == [Channel.EMAIL]


def test_whoever_cannot_be_reached_is_counted(sweep_at: Sweep) -> None:
    unproven = factories.volunteer(
        sms_consent_at=None,
        phone_verified_at=None,
        email_consent_at=None,
        email_verified_at=None,
    )
    stopped = factories.volunteer(sms_consent_at=None, email_consent_at=None, email=None)
    volunteers.opt_out(Channel.SMS, stopped.phone or "", how="text STOP")
    for person in (unproven, stopped):
        place(person=person)
    assert sweep_at(DUE) == 0
    assert outcomes() == [Outcome.UNREACHABLE] * 2


def test_whoever_signed_up_an_hour_ago_is_not_reminded(sweep_at: Sweep) -> None:
    signup = place()
    change(signup, confirmed_at=DUE - timedelta(hours=1))
    assert sweep_at(DUE) == 0


@pytest.mark.parametrize(
    "standing", [Standing.WAITING, Standing.OFFERED, Standing.WITHDRAWN, Standing.DECLINED]
)
def test_only_who_has_a_place_is_reminded(sweep_at: Sweep, standing: Standing) -> None:
    place(standing=standing)
    assert sweep_at(DUE) == 0


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.CANCELLED, Stage.CLOSED])
def test_only_of_what_takes_place(sweep_at: Sweep, stage: Stage) -> None:
    change(place().shift, stage=stage)
    assert sweep_at(DUE) == 0


def test_a_moved_shift_is_reminded_of_anew(sweep_at: Sweep) -> None:
    signup = place()
    sweep_at(DUE)
    later = STARTS + timedelta(days=1)
    change(signup.shift, starts_at=later, ends_at=later + timedelta(hours=2), revision=1)
    sweep_at(DUE + timedelta(hours=3))
    assert len(written()) == 1
    sweep_at(DUE + timedelta(days=1))
    assert len(written()) == 2


def test_people_who_have_just_been_told_of_a_new_time_are_not_reminded_at_once(
    sweep_at: Sweep,
) -> None:
    signup = place()
    sweep_at(london(6, 8, 11, 59))
    # Moved to tomorrow, at a time of day that has passed already.
    sooner = london(6, 9, 11)
    with clock.stopped_at(london(6, 8, 12)):
        change(signup.shift, starts_at=sooner, ends_at=sooner + timedelta(hours=2), revision=1)
    assert sweep_at(london(6, 8, 12, 2)) == 0
    assert written() == []


def test_what_came_due_while_nobody_swept_is_written_late(sweep_at: Sweep) -> None:
    sweep_at(london(6, 1, 9))
    place()
    with clock.stopped_at(DUE + timedelta(hours=5)):
        assert service.sweep() == 1


def test_what_is_too_late_is_missed_and_counted(sweep_at: Sweep) -> None:
    sweep_at(london(6, 1, 9))
    place()
    with clock.stopped_at(STARTS - timedelta(hours=1)):
        assert service.sweep() == 0
        assert outcomes() == [Outcome.MISSED]
        (hour,) = queries.by_hour(DUE - timedelta(hours=1))
    assert (hour.begins, hour.due, hour.number(Outcome.MISSED)) == (DUE, 1, 1)


def test_at_night_it_waits_for_the_morning(sweep_at: Sweep) -> None:
    sweep_at(london(6, 1, 9))
    place(london(6, 10, 20))
    for hour in (22, 23):
        with clock.stopped_at(london(6, 9, hour)):
            assert service.sweep() == 0
    with clock.stopped_at(london(6, 10, 8)):
        assert service.sweep() == 1
    assert "tonight, 8 to 10pm" in written()[0].body


@pytest.mark.parametrize(
    ("starts", "due"),
    [(london(3, 29, 14), london(3, 28, 14)), (london(10, 25, 14), london(10, 24, 14))],
)
def test_over_the_change_of_the_clocks_it_comes_at_the_same_time_of_day(
    sweep_at: Sweep, starts: datetime, due: datetime
) -> None:
    with clock.stopped_at(due - timedelta(days=5)):
        factories.signup(factories.shift(starts_at=starts), factories.volunteer())
    assert sweep_at(due - timedelta(minutes=1)) == 0
    assert sweep_at(due) == 1


def test_one_text_for_two_shifts_of_a_day(sweep_at: Sweep) -> None:
    person = factories.volunteer()
    first = place(london(6, 10, 10), person)
    place(london(6, 10, 14), person, first.shift.opportunity)
    assert sweep_at(london(6, 9, 10)) == 2
    (text,) = written()
    assert "10am to noon" in text.body
    assert "2 to 4pm" in text.body
    assert sweep_at(london(6, 9, 14)) == 0
    assert len(written()) == 1


def test_two_hours_before_only_what_follows_soon_is_in_the_same_text(sweep_at: Sweep) -> None:
    person = factories.volunteer(reminders=Lead.TWO_HOURS)
    first = place(london(6, 10, 10), person)
    for hour in (12, 18):
        place(london(6, 10, hour), person, first.shift.opportunity)
    assert sweep_at(london(6, 10, 8)) == 2
    assert sweep_at(london(6, 10, 16)) == 1
    assert len(written()) == 2


def test_a_duty_is_named(sweep_at: Sweep) -> None:
    signup = place()
    duty = factories.save(Duty(opportunity_id=signup.shift.opportunity_id, name="Driver"))
    slot = factories.save(Slot(shift_id=signup.shift_id, duty_id=duty.id, places=3))
    change(signup, slot_id=slot.id)
    sweep_at(DUE)
    assert "Food parcel driver (Driver), tomorrow" in written()[0].body


def test_whoever_leaves_in_the_same_minute_is_not_reminded(sweep_at: Sweep) -> None:
    signup = place()
    sweep_at(DUE - timedelta(minutes=5))
    with clock.stopped_at(DUE):
        service._take_on()
        places.withdraw(signup.shift_id, signup.volunteer_id, way=Way.WEB)
        service.sweep()
    assert written() == []
    assert outcomes() == [Outcome.OVERTAKEN]


def test_what_has_not_left_is_held_back_when_they_leave(sweep_at: Sweep) -> None:
    signup = place()
    sweep_at(DUE)
    with clock.stopped_at(DUE):
        places.withdraw(signup.shift_id, signup.volunteer_id, way=Way.WEB)
    assert [text.state for text in written()] == [State.CANCELLED]


def test_what_has_not_left_is_held_back_when_the_shift_is_cancelled(sweep_at: Sweep) -> None:
    signups = [place(), place()]
    sweep_at(DUE)
    with clock.stopped_at(DUE):
        cancelling.cancel_shift(signups[0].shift_id, None, "Snow.")
    assert [text.state for text in written()] == [State.CANCELLED, State.QUEUED]


def test_a_text_of_two_shifts_goes_while_they_have_one_of_them(sweep_at: Sweep) -> None:
    person = factories.volunteer()
    signups = [place(london(6, 10, hour), person) for hour in (14, 17)]
    sweep_at(DUE)
    with clock.stopped_at(DUE):
        places.withdraw(signups[0].shift_id, person.id, way=Way.WEB)
        assert [text.state for text in written()] == [State.QUEUED]
        places.withdraw(signups[1].shift_id, person.id, way=Way.WEB)
    assert [text.state for text in written()] == [State.CANCELLED]


def test_a_crash_between_taking_on_and_writing_loses_nothing(sweep_at: Sweep) -> None:
    place()
    sweep_at(DUE - timedelta(minutes=5))
    with clock.stopped_at(DUE):
        service._take_on()
    assert written() == []
    assert sweep_at(DUE + timedelta(minutes=2)) == 1


def test_what_is_left_when_the_turn_is_over_is_a_workers_job(
    sweep_at: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        place()
    sweep_at(DUE - timedelta(minutes=5))
    monkeypatch.setattr(service, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(service, "TURN_SECONDS", -1.0)
    with clock.stopped_at(DUE):
        assert service.sweep() == 1
        assert [job.func_name for job in waiting()] == [service.WRITE]
        jobs.write()
    assert len(written()) == 3


def waiting() -> list[Any]:
    jobs_ = Queue(queue.ORDINARY, connection=queue.connection()).jobs
    return [job for job in jobs_ if job.func_name.startswith("app.reminders")]


def test_a_second_text_to_the_same_phone_need_not_say_how_to_stop(sweep_at: Sweep) -> None:
    for _ in range(2):
        place(person=factories.volunteer(phone="+447700900001"))
    sweep_at(DUE)
    assert ["STOP" in text.body for text in written()] == [True, False]


def test_many_people_need_few_statements(sweep_at: Sweep, count_queries: Callable[[], Any]) -> None:
    counted = []
    for people in (5, 60):
        with clock.stopped_at(EARLY):
            shift = factories.shift(starts_at=STARTS, places=80)
            for _ in range(people):
                factories.signup(shift, factories.volunteer(), confirmed_at=EARLY)
        with clock.stopped_at(DUE - timedelta(minutes=1)):
            service.sweep()
        with clock.stopped_at(DUE), count_queries() as statements:
            assert service.sweep() == people
        counted.append(len(statements))
        with transaction():
            db.session.merge(shift).stage = Stage.CANCELLED
    assert counted[0] == counted[1] <= 22


def test_sweeps_at_the_same_time_write_each_reminder_once(app: Flask, sweep_at: Sweep) -> None:
    with clock.stopped_at(EARLY):
        shifts = [factories.shift(starts_at=STARTS, places=50) for _ in range(4)]
        for shift in shifts:
            for _ in range(15):
                factories.signup(shift, factories.volunteer(), confirmed_at=EARLY)
    sweep_at(DUE - timedelta(minutes=5))
    barrier = threading.Barrier(4)
    faults: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context():
                barrier.wait()
                service.sweep()
                db.session.remove()
        except BaseException as fault:
            faults.append(fault)

    with clock.stopped_at(DUE):
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    db.session.rollback()
    per_person = db.session.execute(
        select(Message.recipient, func.count())
        .where(Message.purpose == "reminder")
        .group_by(Message.recipient)
    ).all()
    assert len(per_person) == 60
    assert {row[1] for row in per_person} == {1}
    assert set(outcomes()) == {Outcome.TEXT}


def test_the_pulse_tells_when_nobody_sweeps(app: Flask, sweep_at: Sweep) -> None:
    with clock.stopped_at(DUE):
        assert queries.pulse().beats
    place()
    sweep_at(DUE - timedelta(minutes=30))
    with clock.stopped_at(DUE - timedelta(minutes=25)):
        assert queries.pulse().beats
    with clock.stopped_at(DUE - timedelta(minutes=19)):
        assert not queries.pulse().beats
    sweep_at(DUE)
    with clock.stopped_at(DUE):
        assert queries.pulse().beats


def test_the_pulse_tells_when_what_is_due_is_not_written(
    sweep_at: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    sweep_at(DUE - timedelta(minutes=5))
    monkeypatch.setattr(service, "_take_on", lambda: 0)
    sweep_at(DUE + timedelta(minutes=11))
    with clock.stopped_at(DUE + timedelta(minutes=11)):
        assert not queries.pulse().beats


def test_what_waits_for_the_morning_does_not_stop_the_pulse(
    sweep_at: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(london(6, 11, 20, 45))
    due = london(6, 10, 20, 45)
    sweep_at(due - timedelta(minutes=5))
    for moment in (london(6, 10, 21, 1), london(6, 11, 3), london(6, 11, 7, 59)):
        sweep_at(moment)
        with clock.stopped_at(moment):
            assert queries.pulse().beats
    with clock.stopped_at(london(6, 11, 8, 1)):  # the morning's first sweep still has some minutes
        service._end()
        assert queries.pulse().beats
    monkeypatch.setattr(service, "_take_on", lambda: 0)
    sweep_at(london(6, 11, 8, 11))
    with clock.stopped_at(london(6, 11, 8, 11)):
        assert not queries.pulse().beats


def test_the_pulse_is_one_statement(sweep_at: Sweep, count_queries: Callable[[], Any]) -> None:
    place()
    sweep_at(DUE)
    with clock.stopped_at(DUE), count_queries() as statements:
        queries.pulse()
    assert len(statements) == 1


def test_old_reminders_are_forgotten(sweep_at: Sweep) -> None:
    place()
    sweep_at(DUE)
    with clock.stopped_at(DUE + timedelta(days=91)):
        service.forget_old()
    assert outcomes() == []


def test_whoever_was_erased_is_not_reminded(sweep_at: Sweep) -> None:
    signup = place()
    sweep_at(DUE)
    with clock.stopped_at(DUE):
        volunteers.erase(signup.volunteer_id)
    assert outcomes() == []
    assert [text.state for text in written()] == [State.CANCELLED]


def test_shift_seen_by_the_clock_of_its_own_site(app: Flask, sweep_at: Sweep) -> None:
    with clock.stopped_at(EARLY):
        role = factories.opportunity(at=factories.site(zone="Australia/Sydney"))
        shift = factories.shift(role, starts_at=datetime.fromisoformat("2026-06-10T09:00+10:00"))
        factories.signup(shift, factories.volunteer(), confirmed_at=EARLY)
    # 9 in the morning there is midnight here.
    assert sweep_at(datetime.fromisoformat("2026-06-09T09:00+10:00")) == 1
