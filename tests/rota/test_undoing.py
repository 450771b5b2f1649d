"""Undo within the hour: what is unchanged since comes back, the rest is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities import making as patterns
from app.opportunities import service as opportunities
from app.opportunities.models import Closure, Pattern, Shift, Stage
from app.rota.changing import undoing
from app.rota.changing.drafts import Close, Reopen
from app.rota.changing.models import RotaChange
from app.signups import cancelling, new_times
from app.signups import service as signups
from app.signups.models import Signup, SignupEvent, Standing, Way
from tests import factories as make
from tests.rota.making import (
    NOW,
    apply,
    days_of,
    on,
    pattern_change,
    person_on,
    shift_change,
    shifts_of,
    tuesdays,
)


@pytest.fixture(autouse=True)
def _at_nine_on_a_monday() -> Any:
    with clock.stopped_at(NOW):
        yield


def undo(change: RotaChange, by: int | None = None) -> list[str]:
    with clock.stopped_at(clock.now() + timedelta(minutes=5)):
        return undoing.undo(change.group_id, change.id, by).left_over


def picture(role_id: int) -> list[Any]:
    """Everything about the shifts and patterns of a role but numbers, versions and revisions."""
    shifts = [
        (s.series, s.occurrence_day, s.starts_at, s.ends_at, s.places, s.minimum, s.stage, s.times)
        for s in shifts_of(role_id)
    ]
    rows = [
        (p.rule, p.starts, p.ends, p.first_day, p.last_day, p.skipped_days, p.places, p.minimum)
        for p in db.session.scalars(select(Pattern).order_by(Pattern.id))
    ]
    return [*shifts, *rows]


@pytest.mark.parametrize(
    ("from_day", "said"),
    [
        (None, {"starts": time(14), "ends": time(16)}),
        (None, {"rule": "FREQ=WEEKLY;BYDAY=WE,FR", "places": 5}),
        (date(2026, 3, 17), {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"}),
        (date(2026, 3, 17), {"rule": "FREQ=MONTHLY;BYDAY=-1SU", "last_day": None}),
        (date(2026, 3, 17), {"last_day": date(2026, 3, 16)}),
    ],
)
def test_undoing_brings_everything_back(
    app: Flask, from_day: date | None, said: dict[str, Any]
) -> None:
    pattern = tuesdays()
    apply(shift_change(on(pattern, date(2026, 3, 24)), starts=time(8)))  # an exception
    role_id = pattern.opportunity_id
    before = picture(role_id)
    done = apply(pattern_change(db.session.get_one(Pattern, pattern.id), from_day, **said))
    assert picture(role_id) != before
    assert undo(done) == []
    assert picture(role_id) == before
    assert patterns.extend_patterns() == 0


def test_people_of_a_moved_shift_are_told_again_and_need_not_answer_twice(app: Flask) -> None:
    pattern = tuesdays()
    shift = on(pattern, date(2026, 3, 10))
    silent, place = person_on(shift)
    done = apply(pattern_change(pattern, starts=time(14), ends=time(16)))
    undo(done)
    shift = db.session.get_one(Shift, shift.id)
    assert shift.starts_at.hour == 10
    assert db.session.get_one(Signup, place.id).agreed_revision == shift.revision == 2
    emails = select(Message.body).where(
        Message.volunteer_id == silent.id, Message.channel == "email"
    )
    first, second = db.session.scalars(emails.order_by(Message.id))
    assert "2 to 4pm" in first
    assert "10am to noon" in second


def test_who_took_the_new_time_is_asked_about_the_old_one(app: Flask) -> None:
    pattern = tuesdays()
    shift = on(pattern, date(2026, 3, 10))
    _, place = person_on(shift)
    done = apply(pattern_change(pattern, starts=time(14), ends=time(16)))
    undo_me = db.session.get_one(Shift, shift.id)
    assert new_times.accept(shift.id, place.volunteer_id, undo_me.revision)
    undo(done)
    shift = db.session.get_one(Shift, shift.id)
    assert db.session.get_one(Signup, place.id).agreed_revision < shift.revision


def cancelled_by_a_change(pattern: Pattern) -> tuple[RotaChange, Shift, Signup]:
    shift = on(pattern, date(2026, 3, 10))
    _, place = person_on(shift)
    done = apply(
        pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        along=[shift.id],
        reason="We open less.",
    )
    assert db.session.get_one(Signup, place.id).standing == Standing.CANCELLED
    return done, shift, place


def test_a_place_that_was_cancelled_is_given_back_by_name(app: Flask) -> None:
    boss = make.user()
    done, shift, place = cancelled_by_a_change(tuesdays())
    assert undo(done, boss.id) == []
    shift = db.session.get_one(Shift, shift.id)
    assert (shift.stage, shift.cancel_reason, shift.taken) == (Stage.PUBLISHED, "", 1)
    again = db.session.get_one(Signup, place.id)
    assert (again.standing, again.ended_at) == (Standing.CONFIRMED, None)
    assert again.agreed_revision == shift.revision
    last = db.session.scalars(select(SignupEvent).order_by(SignupEvent.id.desc())).first()
    assert last
    assert (last.before, last.after, last.by_user_id) == (
        Standing.CANCELLED,
        Standing.CONFIRMED,
        boss.id,
    )
    body = db.session.scalars(select(Message.body).order_by(Message.id.desc())).first()
    assert "is on after all and you have your place again" in str(body)


def test_a_day_that_comes_back_after_its_shift_was_cancelled_is_made_anew(app: Flask) -> None:
    pattern = tuesdays()
    role_id = pattern.opportunity_id
    _, cancelled, _ = cancelled_by_a_change(pattern)
    before = picture(role_id)
    pattern = db.session.get_one(Pattern, on(pattern, date(2026, 3, 17)).pattern_id)
    done = apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=TU"))
    anew = on(pattern, date(2026, 3, 10))
    assert anew.id != cancelled.id
    assert anew.stage == Stage.PUBLISHED
    assert days_of(role_id) == [(3, 3), (3, 10), (3, 10), (3, 17), (3, 24), (3, 31)]
    assert undo(done) == []
    assert picture(role_id) == before
    assert on(pattern, date(2026, 3, 10)).id == cancelled.id


def test_a_day_that_somebody_took_since_does_not_go_back_to_the_cancelled_shift(
    app: Flask,
) -> None:
    pattern = tuesdays()
    _, cancelled, _ = cancelled_by_a_change(pattern)
    pattern = db.session.get_one(Pattern, on(pattern, date(2026, 3, 17)).pattern_id)
    done = apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=TU"))
    anew = on(pattern, date(2026, 3, 10)).id
    person_on(db.session.get_one(Shift, anew))
    assert len(undo(done)) == 1
    assert on(pattern, date(2026, 3, 10)).id == anew
    assert db.session.get_one(Shift, cancelled.id).occurrence_day is None


def taken_elsewhere(place: Signup) -> None:
    other = make.shift(starts_at=datetime(2026, 3, 10, 11, tzinfo=NOW.tzinfo))
    make.signup(other, place.volunteer)


def erased(place: Signup) -> None:
    with undoing.transaction():
        db.session.get_one(type(place.volunteer), place.volunteer_id).erased_at = clock.now()


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [(taken_elsewhere, "has another place at that time"), (erased, "is not known to us")],
)
def test_a_place_that_cannot_be_given_back_is_named(
    app: Flask, meanwhile: Callable[[Signup], None], why: str
) -> None:
    done, shift, place = cancelled_by_a_change(tuesdays())
    meanwhile(place)
    (sentence,) = undo(done)
    assert why in sentence
    assert db.session.get_one(Signup, place.id).standing == Standing.CANCELLED
    assert db.session.get_one(Shift, shift.id).stage == Stage.PUBLISHED


def test_a_shift_comes_back_as_open_as_its_role_is_by_now(app: Flask) -> None:
    pattern = tuesdays()
    role = pattern.opportunity
    done, _, place = cancelled_by_a_change(pattern)
    opportunities.close(role.group_id, role.id)
    assert undo(done) == []
    assert {one.stage for one in shifts_of(role.id)} == {Stage.CLOSED}
    assert db.session.get_one(Signup, place.id).standing == Standing.CONFIRMED


def test_a_draft_that_was_published_since_gets_its_shifts_back_published(app: Flask) -> None:
    pattern = tuesdays(make.opportunity(stage=Stage.DRAFT))
    role = pattern.opportunity
    done = apply(pattern_change(pattern, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"))
    opportunities.publish(role.group_id, role.id)
    assert undo(done) == []
    assert [one.stage for one in shifts_of(role.id)] == [Stage.PUBLISHED] * 5


def test_nothing_of_a_role_that_was_cancelled_since_comes_back(app: Flask) -> None:
    done, shift, place = cancelled_by_a_change(tuesdays())
    role_id = shift.opportunity_id
    cancelling.cancel_opportunity(role_id, None, "The hall burnt down.")
    before = len(db.session.scalars(select(Message)).all())
    days = {one.id for one in shifts_of(role_id)}
    left = undo(done)
    assert "Tuesday 10 March, 10am to noon: its role was cancelled since." in left
    assert all("its role was cancelled since" in sentence for sentence in left)
    assert {one.stage for one in shifts_of(role_id)} == {Stage.CANCELLED}
    assert {one.id for one in shifts_of(role_id)} == days
    assert db.session.get_one(Signup, place.id).standing == Standing.CANCELLED
    assert len(db.session.scalars(select(Message)).all()) == before


def test_a_shift_changed_since_is_left_and_named(app: Flask) -> None:
    pattern = tuesdays()
    done = apply(pattern_change(pattern, starts=time(14), ends=time(16)))
    odd = on(pattern, date(2026, 3, 10))
    apply(shift_change(odd, places=7))
    (sentence,) = undo(done)
    assert sentence == "Tuesday 10 March, 2 to 4pm: it was changed again since."
    hours = [one.starts_at.hour for one in shifts_of(pattern.opportunity_id)]
    assert hours == [10, 14, 10, 10, 9]


def test_a_new_shift_with_people_on_it_stays_as_one_of_its_own(app: Flask) -> None:
    pattern = tuesdays()
    done = apply(pattern_change(pattern, rule="FREQ=WEEKLY;BYDAY=TU,TH"))
    new = on(pattern, date(2026, 3, 12))
    place = signups.claim(new.id, make.volunteer().id, way=Way.WEB)
    (sentence,) = undo(done)
    assert "people have signed up to it" in sentence
    kept = db.session.get_one(Shift, new.id)
    assert (kept.pattern_id, kept.taken) == (None, 1)
    assert db.session.get_one(Signup, place.id).standing == Standing.CONFIRMED
    assert len(days_of(pattern.opportunity_id)) == 6


def test_places_taken_since_are_not_taken_away(app: Flask) -> None:
    pattern = tuesdays(places=1)
    done = apply(pattern_change(pattern, places=2))
    shift = on(pattern, date(2026, 3, 10))
    for _ in range(2):
        signups.claim(shift.id, make.volunteer().id, way=Way.WEB)
    (sentence,) = undo(done)
    assert "2 people have a place by now, so it keeps 2 places" in sentence
    assert [one.places for one in shifts_of(pattern.opportunity_id)] == [1, 2, 1, 1, 1]


def test_the_later_of_two_changes_is_undone_first(app: Flask) -> None:
    pattern = tuesdays()
    role_id = pattern.opportunity_id
    before = picture(role_id)
    first = apply(pattern_change(pattern, places=3))
    pattern = db.session.get_one(Pattern, pattern.id)
    second = apply(pattern_change(pattern, date(2026, 3, 17), places=4))
    with pytest.raises(Refusal, match="later change first"):
        undo(first)
    assert undo(second) == []
    assert undo(first) == []
    assert picture(role_id) == before


def test_nothing_is_undone_twice_or_after_the_hour(app: Flask) -> None:
    pattern = tuesdays()
    done = apply(pattern_change(pattern, places=3))
    with clock.stopped_at(NOW + timedelta(minutes=61)), pytest.raises(Refusal, match="hour"):
        undoing.undo(done.group_id, done.id, None)
    undo(done)
    with pytest.raises(Refusal, match="already"):
        undo(done)


def test_another_groups_change_is_not_found(app: Flask) -> None:
    done = apply(pattern_change(tuesdays(), places=3))
    with pytest.raises(NotFound):
        undoing.undo(make.group().id, done.id, None)


def test_a_shift_whose_old_time_has_passed_is_left(app: Flask) -> None:
    pattern = tuesdays()
    with clock.stopped_at(datetime(2026, 3, 10, 9, 50, tzinfo=NOW.tzinfo)):
        done = apply(pattern_change(pattern, starts=time(14), ends=time(16)))
    with clock.stopped_at(datetime(2026, 3, 10, 10, 20, tzinfo=NOW.tzinfo)):
        (sentence,) = undoing.undo(done.group_id, done.id, None).left_over
    assert "its time before has passed" in sentence


@pytest.mark.parametrize("opens", [False, True])
def test_a_closure_is_undone(app: Flask, opens: bool) -> None:
    pattern = tuesdays()
    role = pattern.opportunity
    days = {"first_day": date(2026, 3, 10), "last_day": date(2026, 3, 17)}
    close = Close(group_id=role.group_id, site_id=None, name="Boiler", **days)
    before = picture(role.id)
    done = apply(close)
    if opens:
        before = picture(role.id)
        number = db.session.scalar(select(Closure.id)) or 0
        done = apply(Reopen(group_id=role.group_id, closure_id=number))
    assert picture(role.id) != before
    assert undo(done) == []
    assert picture(role.id) == before
    assert bool(db.session.scalar(select(Closure.id))) == opens


def test_one_shift_is_undone_and_goes_on_in_its_pattern(app: Flask) -> None:
    pattern = tuesdays()
    shift = on(pattern, date(2026, 3, 24))
    done = apply(shift_change(shift, starts=time(8)))
    apply(pattern_change(db.session.get_one(Pattern, pattern.id), date(2026, 3, 17), places=4))
    later = db.session.get_one(Shift, shift.id).pattern_id
    assert undo(done) == []
    shift = db.session.get_one(Shift, shift.id)
    assert (shift.starts_at.hour, shift.pattern_id) == (10, later)
