"""A change of one shift, this and later ones, or all: looked at, done as shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import AuditEvent
from app.broadcasts import service as broadcasts
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities import making as patterns
from app.opportunities import service as opportunities
from app.opportunities.models import Closure, Pattern, Shift, Stage
from app.opportunities.signals import pattern_passed_on
from app.rota.changing import service
from app.rota.changing.drafts import Close, Conflict, Reopen
from app.rota.changing.models import RotaChange
from app.rota.changing.rules import Act, Why
from app.rota.changing.service import Differs
from app.signups import service as signups
from app.signups.models import Signup, SignupEvent, Standing, Way
from tests import factories as make
from tests.rota.making import (
    NOW,
    apply,
    days_of,
    edit,
    on,
    pattern_change,
    person_on,
    shift_change,
    shifts_of,
    tuesdays,
)
from tests.signups.test_calendars import read as read_calendar


@pytest.fixture(autouse=True)
def _at_nine_on_a_monday() -> Any:
    with clock.stopped_at(NOW):
        yield


def said_to(volunteer_id: int, channel: str = "email") -> list[str]:
    query = select(Message.body).where(
        Message.volunteer_id == volunteer_id, Message.channel == channel
    )
    return list(db.session.scalars(query.order_by(Message.id)))


def acts(plan: service.Plan) -> list[tuple[Act, Why]]:
    return [(line.step.act, line.step.why) for line in plan.lines]


def test_looking_changes_nothing(app: Flask) -> None:
    pattern = tuesdays()
    before = days_of(pattern.opportunity_id)
    plan = service.look(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=WE"))
    assert len(plan.lines) == 5
    assert days_of(pattern.opportunity_id) == before
    assert db.session.scalar(select(RotaChange.id)) is None


def test_all_to_come_move_with_their_people_who_are_asked(app: Flask) -> None:
    pattern = tuesdays()
    third = on(pattern, date(2026, 3, 17))
    someone, place = person_on(third)
    plan = service.look(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=WE", starts=time(11)))
    (told,) = plan.told
    assert (told.name, told.by) == (someone.name, "by text and email")
    assert "Wednesday 18 March, 11am to noon" in told.words
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=WE", starts=time(11)))
    assert days_of(pattern.opportunity_id) == [(3, 4), (3, 11), (3, 18), (3, 25)]
    moved = db.session.get_one(Shift, third.id)
    assert (moved.starts_at.day, moved.starts_at.hour, moved.revision) == (18, 11, 1)
    assert moved.occurrence_day == date(2026, 3, 18)
    kept = db.session.get_one(Signup, place.id)
    assert kept.standing == Standing.CONFIRMED
    assert kept.agreed_revision < moved.revision
    (email,) = said_to(someone.id)
    assert told.words.removesuffix(" Can't come? Reply NO.") in email


def test_this_and_later_leaves_what_is_before(app: Flask) -> None:
    pattern = tuesdays()
    series, old_id = pattern.series, pattern.id
    heard: list[tuple[int, int]] = []

    def hear(sender: int, *, to: int) -> None:
        heard.append((sender, to))

    with pattern_passed_on.connected_to(hear):
        apply(pattern_change(pattern, date(2026, 3, 17), starts=time(14), ends=time(16)))
    hours = [shift.starts_at.hour for shift in shifts_of(pattern.opportunity_id)]
    assert hours == [10, 10, 14, 14, 13]  # the last is in summer time
    old, new = db.session.scalars(select(Pattern).order_by(Pattern.id)).all()
    assert (old.last_day, new.first_day) == (date(2026, 3, 16), date(2026, 3, 17))
    assert old.series == new.series == series
    assert heard == [(old_id, new.id)]
    keys = [(one.series, one.occurrence_day) for one in shifts_of(pattern.opportunity_id)]
    assert keys == [(series, date(2026, 3, day)) for day in (3, 10, 17, 24, 31)]
    assert patterns.extend_patterns() == 0


def test_what_has_begun_is_never_touched(app: Flask) -> None:
    pattern = tuesdays()
    with clock.stopped_at(datetime(2026, 3, 10, 10, 30, tzinfo=UTC)):
        apply(pattern_change(pattern, places=5))
    places = [shift.places for shift in shifts_of(pattern.opportunity_id)]
    assert places == [2, 2, 5, 5, 5]


def test_a_shift_changed_by_itself_stays_unless_it_is_ticked(app: Flask) -> None:
    pattern = tuesdays()
    odd = on(pattern, date(2026, 3, 10))
    apply(shift_change(odd, starts=time(9)))
    change = pattern_change(pattern, starts=time(14), ends=time(15))
    plan = service.look(change)
    assert acts(plan)[1] == (Act.LEAVE, Why.EXCEPTION)
    assert plan.lines[1].step.may == Act.CHANGE
    apply(change)
    assert [one.starts_at.hour for one in shifts_of(pattern.opportunity_id)] == [14, 9, 14, 14, 13]
    pattern = db.session.get_one(Pattern, pattern.id)
    apply(pattern_change(pattern, starts=time(15), ends=time(16)), along=[odd.id])
    assert [one.starts_at.hour for one in shifts_of(pattern.opportunity_id)] == [15, 15, 15, 15, 14]


def test_an_occupied_shift_that_the_pattern_drops_stays_unless_it_is_cancelled(app: Flask) -> None:
    pattern = tuesdays()
    stays, goes = on(pattern, date(2026, 3, 10)), on(pattern, date(2026, 3, 24))
    keeper, _ = person_on(stays)
    loser, place = person_on(goes)
    change = pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
    plan = service.look(change)
    assert [(line.step.act, line.step.may) for line in plan.lines] == [
        (Act.LEAVE, Act.CANCEL),
        (Act.LEAVE, Act.CANCEL),
    ]
    assert plan.told == []
    with pytest.raises(Refusal) as refused:
        apply(change, along=[goes.id])
    assert refused.value.field == "reason"
    boss = make.user()
    done = apply(change, boss.id, along=[goes.id], reason="We open less.")
    assert days_of(pattern.opportunity_id) == [(3, 3), (3, 10), (3, 17), (3, 24), (3, 31)]
    assert db.session.get_one(Shift, goes.id).stage == Stage.CANCELLED
    assert db.session.get_one(Shift, stays.id).stage == Stage.PUBLISHED
    assert db.session.get_one(Shift, stays.id).pattern_id is None
    assert said_to(keeper.id) == []
    assert "is cancelled. We open less." in said_to(loser.id)[0]
    event = db.session.scalars(select(SignupEvent)).one()
    assert (event.signup_id, event.after, event.by_user_id, event.reason) == (
        place.id,
        Standing.CANCELLED,
        boss.id,
        "We open less.",
    )
    entry = next(one for one in done.record["shifts"] if one["id"] == goes.id)
    assert entry["ended"] == [[place.id, "confirmed"]]
    assert patterns.extend_patterns() == 0


def test_an_empty_shift_that_the_pattern_drops_goes(app: Flask) -> None:
    pattern = tuesdays()
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"))
    assert days_of(pattern.opportunity_id) == [(3, 3), (3, 17), (3, 31)]


def test_a_shift_that_anybody_ever_signed_up_to_is_kept_for_the_record(app: Flask) -> None:
    pattern = tuesdays()
    left = on(pattern, date(2026, 3, 10))
    make.signup(left, make.volunteer(), standing=Standing.WITHDRAWN)
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"))
    kept = db.session.get_one(Shift, left.id)
    assert (kept.stage, kept.cancel_reason) == (Stage.CANCELLED, service.NOT_PLANNED)
    assert db.session.scalars(select(Signup.standing)).all() == [Standing.WITHDRAWN]


def test_a_pattern_is_ended(app: Flask) -> None:
    pattern = tuesdays(last_day=None)
    change = pattern_change(pattern, date(2026, 3, 17), last_day=date(2026, 3, 16))
    done = apply(change)
    assert done.summary.startswith("Ended from Tuesday 17 March")
    assert days_of(pattern.opportunity_id) == [(3, 3), (3, 10)]
    assert db.session.scalars(select(Pattern.last_day)).all() == [date(2026, 3, 16)]
    assert patterns.extend_patterns() == 0


def test_a_second_day_adds_shifts_and_touches_no_other(app: Flask) -> None:
    pattern = tuesdays()
    person_on(on(pattern, date(2026, 3, 10)))
    plan = service.look(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=TU,TH"))
    assert acts(plan) == [(Act.ADD, Why.NONE)] * 4
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=TU,TH"))
    assert len(shifts_of(pattern.opportunity_id)) == 9
    assert db.session.scalar(select(Message.id)) is None


def test_more_places_go_to_who_waits(app: Flask) -> None:
    pattern = tuesdays(places=1)
    shift = on(pattern, date(2026, 3, 10))
    person_on(shift)
    waiting = make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    apply(pattern_change(pattern, places=2))
    db.session.rollback()
    assert db.session.get_one(Signup, waiting.id).standing == Standing.CONFIRMED


def test_a_shift_keeps_the_places_that_are_taken(app: Flask) -> None:
    pattern = tuesdays(places=3)
    full = on(pattern, date(2026, 3, 10))
    for _ in range(3):
        person_on(full)
    plan = service.look(pattern_change(pattern, places=1))
    assert (Act.LEAVE, Why.NONE) not in acts(plan)
    apply(pattern_change(pattern, places=1))
    assert [one.places for one in shifts_of(pattern.opportunity_id)] == [1, 3, 1, 1, 1]


def test_a_place_elsewhere_at_the_new_time_is_pointed_out(app: Flask) -> None:
    pattern = tuesdays()
    shift = on(pattern, date(2026, 3, 10))
    someone, _ = person_on(shift)
    other = make.shift(
        make.opportunity(title="Story time"),
        starts_at=datetime(2026, 3, 10, 15, tzinfo=UTC),
    )
    make.signup(other, someone)
    plan = service.look(pattern_change(pattern, starts=time(14), ends=time(16)))
    warned = [line.warnings for line in plan.lines if line.warnings]
    assert warned == [(f"{someone.name} has a place elsewhere at the new time: Story time.",)]


def test_somebody_with_many_shifts_gets_one_message(app: Flask) -> None:
    pattern = tuesdays()
    someone = make.volunteer()
    for day in (3, 10, 17):
        make.signup(on(pattern, date(2026, 3, day)), someone, confirmed_at=NOW)
    plan = service.look(pattern_change(pattern, starts=time(14), ends=time(16)))
    (told,) = plan.told
    assert "3 shifts of yours, Food parcel driver, have a new time" in told.words
    assert told.lines[1] == "Tuesday 10 March, 10am to noon. Now: Tuesday 10 March, 2 to 4pm"
    apply(pattern_change(pattern, starts=time(14), ends=time(16)))
    (text,), (email,) = said_to(someone.id, "sms"), said_to(someone.id)
    assert text.startswith(told.words)  # the first one also says how to stop
    assert all(line in email for line in told.lines)
    calendar = db.session.scalar(select(Message.calendar).where(Message.calendar.is_not(None)))
    assert calendar
    # Two parsers read the same moments from it, and each zone it names is told (RFC 5545, 3.2.19).
    assert len(read_calendar(calendar.encode())) == 3
    assert "BEGIN:VTIMEZONE" in calendar
    assert "METHOD:PUBLISH" in calendar


def test_a_sign_up_since_the_look_is_shown_before_anything_is_done(app: Flask) -> None:
    pattern = tuesdays()
    change = pattern_change(pattern, starts=time(14), ends=time(16))
    seen = service.look(change)
    someone = make.volunteer()
    signups.claim(on(pattern, date(2026, 3, 10)).id, someone.id, way=Way.WEB)
    with pytest.raises(Differs) as differs:
        service.apply(change, seen.fingerprint, None)
    again = differs.value.plan
    known = {line.digest for line in seen.lines}
    (new,) = [line for line in again.lines if line.digest not in known]
    assert [one.name for one in new.told] == [someone.name]
    assert {one.starts_at.hour for one in shifts_of(pattern.opportunity_id)} == {10, 9}
    service.apply(change, again.fingerprint, None)


def test_the_second_of_two_managers_is_told(app: Flask) -> None:
    pattern = tuesdays()
    mine = pattern_change(pattern, starts=time(9))
    apply(pattern_change(pattern, places=4))
    with pytest.raises(Conflict) as conflict:
        service.look(mine)
    assert conflict.value.now["places"] == 4
    shift = on(pattern, date(2026, 3, 10))
    theirs = shift_change(shift, minimum=2)
    apply(shift_change(shift, places=6))
    with pytest.raises(Conflict):
        apply(theirs)


def test_a_deleted_shift_stays_away_when_its_day_moves(app: Flask) -> None:
    pattern = tuesdays()
    opportunities.delete_shift(pattern.opportunity.group_id, on(pattern, date(2026, 3, 10)).id)
    pattern = db.session.get_one(Pattern, pattern.id)
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=WE"))
    assert days_of(pattern.opportunity_id) == [(3, 4), (3, 18), (3, 25)]
    assert patterns.extend_patterns() == 0


def test_days_move_within_their_month(app: Flask) -> None:
    pattern = tuesdays(rule="FREQ=MONTHLY;BYDAY=1TU", last_day=date(2026, 6, 30))
    kept = on(pattern, date(2026, 4, 7))
    person_on(kept)
    apply(pattern_change(pattern, rule="FREQ=MONTHLY;BYDAY=-1TH"))
    assert days_of(pattern.opportunity_id) == [(3, 26), (4, 30), (5, 28), (6, 25)]
    assert db.session.get_one(Shift, kept.id).starts_at.day == 30


def test_a_day_before_the_chosen_one_is_not_made_twice(app: Flask) -> None:
    # Monday to Wednesday, changed from Wednesday on: Monday and Tuesday of that week are as before.
    pattern = tuesdays(rule="FREQ=WEEKLY;BYDAY=MO,TU,WE", first_day=date(2026, 3, 3))
    apply(pattern_change(pattern, date(2026, 3, 11), rule="FREQ=WEEKLY;BYDAY=MO,TU,TH"))
    assert days_of(pattern.opportunity_id)[:8] == [
        *((3, 3), (3, 4), (3, 9), (3, 10), (3, 12)),
        *((3, 16), (3, 17), (3, 19)),
    ]
    assert patterns.extend_patterns() == 0


def test_a_shift_may_move_to_an_earlier_day_of_its_week(app: Flask) -> None:
    pattern = tuesdays()
    moved = on(pattern, date(2026, 3, 17))
    apply(pattern_change(pattern, date(2026, 3, 17), rule="FREQ=WEEKLY;BYDAY=MO"))
    assert days_of(pattern.opportunity_id) == [(3, 3), (3, 10), (3, 16), (3, 23), (3, 30)]
    assert db.session.get_one(Shift, moved.id).starts_at.day == 16
    assert patterns.extend_patterns() == 0


def test_a_new_time_that_is_over_already_leaves_todays_shift_alone(app: Flask) -> None:
    pattern = tuesdays()
    with clock.stopped_at(datetime(2026, 3, 10, 9, 30, tzinfo=UTC)):
        plan = service.look(pattern_change(pattern, starts=time(8), ends=time(9)))
        assert acts(plan)[0] == (Act.LEAVE, Why.PASSED)
        apply(pattern_change(pattern, starts=time(8), ends=time(9)))
    hours = [one.starts_at.hour for one in shifts_of(pattern.opportunity_id)]
    assert hours == [10, 10, 8, 8, 7]


def test_bank_holidays_are_closed_by_a_change_of_the_pattern(app: Flask) -> None:
    pattern = tuesdays(rule="FREQ=WEEKLY;BYDAY=MO", last_day=date(2026, 5, 31))
    easter = on(pattern, date(2026, 4, 6))
    person_on(easter)
    change = pattern_change(pattern, works_on_holidays=False)
    plan = service.look(change)
    assert acts(plan) == [
        (Act.LEAVE, Why.OCCUPIED),
        (Act.REMOVE, Why.NONE),
        (Act.REMOVE, Why.NONE),
    ]
    apply(change, along=[easter.id], reason="It is Easter Monday.")
    gone = {(5, 4), (5, 25)}
    assert not gone & set(days_of(pattern.opportunity_id))
    assert db.session.get_one(Shift, easter.id).stage == Stage.CANCELLED


def test_a_closure_removes_the_empty_asks_about_the_others_and_keeps_new_ones_away(
    app: Flask,
) -> None:
    pattern = tuesdays(last_day=None)
    role = pattern.opportunity
    occupied, one_off = on(pattern, date(2026, 3, 24)), make.shift(
        role, starts_at=datetime(2026, 3, 25, 9, tzinfo=UTC)
    )  # fmt: skip
    person_on(occupied)
    change = Close(
        group_id=role.group_id,
        site_id=None,
        name="New boiler",
        first_day=date(2026, 3, 17),
        last_day=date(2026, 3, 25),
    )
    plan = service.look(change)
    assert acts(plan) == [
        (Act.REMOVE, Why.NONE),
        (Act.LEAVE, Why.OCCUPIED),
        (Act.LEAVE, Why.ONE_OFF),
    ]
    apply(change, along=[one_off.id])
    assert days_of(role.id)[:4] == [(3, 3), (3, 10), (3, 24), (3, 31)]
    assert patterns.extend_patterns() == 0
    closure = db.session.scalars(select(Closure)).one()
    again = Reopen(group_id=role.group_id, closure_id=closure.id)
    assert [line.step.key for line in service.look(again).lines] == [date(2026, 3, 17)]
    apply(again)
    assert days_of(role.id)[:4] == [(3, 3), (3, 10), (3, 17), (3, 24)]
    assert db.session.scalar(select(Closure.id)) is None


def test_a_closure_of_one_site_leaves_the_others_open(app: Flask) -> None:
    pattern = tuesdays()
    elsewhere = make.site(pattern.opportunity.group)
    change = Close(
        group_id=pattern.opportunity.group_id,
        site_id=elsewhere.id,
        name="New boiler",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 4, 30),
    )
    assert service.look(change).lines == []


def test_another_groups_site_is_not_closed(app: Flask) -> None:
    with pytest.raises(Refusal) as refused:
        service.look(
            Close(
                group_id=make.group().id,
                site_id=make.site().id,
                name="x",
                first_day=date(2026, 3, 3),
                last_day=date(2026, 3, 3),
            )
        )
    assert refused.value.field == "site_id"


def test_a_shift_with_a_team_keeps_its_places(app: Flask) -> None:
    role = make.opportunity()
    duty = opportunities.slots.add_duty(
        role.group_id,
        role.id,
        {
            "name": "Driver",
            "in_charge": False,
            "needs_skills": role.needs_skills,
            "needs_languages": role.needs_languages,
            "needs_training": role.needs_training,
            "minimum_age": 0,
        },
    )
    pattern = tuesdays(role)
    edit(pattern, team=[{"duty_id": duty.id, "places": 2, "minimum": 1}])
    pattern = db.session.get_one(Pattern, pattern.id)
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=TU,TH"))
    new = on(pattern, date(2026, 3, 12))
    assert [slot.places for slot in opportunities.slots.of_shift(new.id)] == [2]
    pattern = db.session.get_one(Pattern, pattern.id)
    apply(pattern_change(pattern, starts=time(11)))
    assert {shift.places for shift in shifts_of(role.id)} == {2}
    with pytest.raises(Refusal):
        service.look(shift_change(db.session.get_one(Shift, new.id), places=5))


def test_a_change_is_kept_with_who_made_it(app: Flask) -> None:
    pattern = tuesdays()
    boss = make.user()
    done = apply(pattern_change(pattern, places=4), boss.id)
    assert (done.by_user_id, done.opportunity_id) == (boss.id, pattern.opportunity_id)
    assert len(done.record["shifts"]) == 5
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.actor_id, event.subject_id) == ("changed rota", boss.id, done.id)


def test_a_pattern_with_nothing_to_come_cannot_be_changed(app: Flask) -> None:
    pattern = tuesdays()
    with clock.stopped_at(NOW + timedelta(weeks=9)), pytest.raises(Refusal):
        service.look(pattern_change(pattern, places=4))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ends": time(10)}, "ends"),
        ({"places": 0}, "places"),
        ({"minimum": 9}, "minimum"),
        ({"rule": "FREQ=HOURLY"}, "every"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(app: Flask, said: dict[str, Any], field: str) -> None:
    pattern = tuesdays()
    with pytest.raises(Refusal) as refused:
        service.look(pattern_change(pattern, **said))
    assert refused.value.field == field


def test_a_program_changes_a_shift_without_a_look_and_its_people_are_told(app: Flask) -> None:
    shift = on(tuesdays(), date(2026, 3, 10))
    someone, _ = person_on(shift)
    done = service.do(shift_change(shift, starts=time(11)), make.user().id)
    assert db.session.get_one(Shift, shift.id).starts_at.hour == 11
    assert "the time has changed" in said_to(someone.id)[0]
    assert done is not None
    assert [entry["id"] for entry in done.record["shifts"]] == [shift.id]


def test_a_program_that_asks_for_what_is_writes_and_tells_nothing(app: Flask) -> None:
    shift = on(tuesdays(), date(2026, 3, 10))
    someone, _ = person_on(shift)
    assert service.do(shift_change(shift), None) is None
    assert said_to(someone.id) == []
    assert db.session.scalars(select(RotaChange)).all() == []
    assert db.session.get_one(Shift, shift.id).version == 0


def test_an_empty_change_is_refused_not_kept(app: Flask) -> None:
    shift = on(tuesdays(), date(2026, 3, 10))
    with pytest.raises(Refusal, match="Nothing is different"):
        apply(shift_change(shift))
    assert db.session.scalars(select(RotaChange)).all() == []


def test_a_program_too_says_why_it_cancels(app: Flask) -> None:
    pattern = tuesdays()
    shift = on(pattern, date(2026, 3, 10))
    person_on(shift)
    change = pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
    with pytest.raises(Refusal, match="Say why"):
        service.do(change, None, along=[shift.id])
    assert db.session.get_one(Shift, shift.id).stage == Stage.PUBLISHED


def test_a_shift_that_another_row_tells_of_is_cancelled_not_deleted(app: Flask) -> None:
    pattern = tuesdays()
    asked = on(pattern, date(2026, 3, 10))
    broadcasts.draft([asked.id], make.coordinator().id)
    apply(pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"))
    assert db.session.get_one(Shift, asked.id).stage == Stage.CANCELLED
