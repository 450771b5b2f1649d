"""Standing places: made with the shifts, different on some dates, ended; nothing is silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message
from app.opportunities import making as patterns
from app.opportunities import service as opportunities
from app.opportunities.models import Opportunity, Pattern, Policy, Shift, Stage
from app.opportunities.rules import Repeat
from app.opportunities.rules.repeating import weekly
from app.opportunities.signals import pattern_passed_on
from app.opportunities.slots import Numbers
from app.signups import cancelling
from app.signups import service as places
from app.signups.models import LIVE, Signup, SignupEvent, Standing, Way
from app.signups.standing import making, queries, service
from app.signups.standing.models import Difference, StandingDate, StandingPlace, StandingState
from app.signups.standing.queries import On
from app.signups.standing.service import Wanted
from app.signups.standing.words import when_words
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, TrainingRecord, Volunteer
from app.volunteers.queries import dates_away
from app.volunteers.vocabulary import Training
from tests import factories as make
from tests.signups.standing.model import days_of

# A Monday at nine.
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY = date(2026, 3, 3)
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _morning(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


def desk(role: Opportunity | None = None, **said: Any) -> Pattern:
    """Each Tuesday from 10 to 12, for ten weeks; its shifts are made."""
    role = role or make.opportunity(title="Desk")
    team = said.pop("team", None)
    numbers = {name: said.pop(name, usual) for name, usual in (("places", 2), ("minimum", 1))}
    bits, every = said.pop("weekdays", 2), said.pop("every_weeks", 1)
    usual: dict[str, Any] = {
        "rule": weekly([day for day in range(7) if bits >> day & 1], every),
        "starts": time(10),
        "ends": time(12),
        "first_day": NOW.date(),
        "last_day": NOW.date() + 10 * WEEK,
    }
    pattern, _ = opportunities.add_pattern(
        role.group_id, role.id, Repeat(**(usual | said)), team=team, **numbers
    )
    return fresh(pattern)


def fresh(row: Any) -> Any:
    db.session.rollback()
    return db.session.get_one(type(row), row.id, populate_existing=True)


def wanted(**said: Any) -> Wanted:
    return Wanted(**({"weekdays": 2, "every_weeks": 1, "first_day": NOW.date()} | said))


def stands(pattern: Pattern, person: Volunteer | None = None, **said: Any) -> service.Taken:
    """Given by a manager."""
    person = person or make.volunteer()
    group_id = pattern.opportunity.group_id
    boss = make.manager(pattern.opportunity.group)
    return service.give(group_id, pattern.id, person.id, wanted(**said), boss.id)


def days(person_id: int) -> list[date]:
    """The pattern's days on which the person has a live place."""
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Shift.occurrence_day)
            .join(Signup, Signup.shift_id == Shift.id)
            .where(Signup.volunteer_id == person_id, Signup.standing.in_(LIVE))
            .order_by(Shift.occurrence_day)
        )
    )


def shift_on(pattern: Pattern, day: date) -> Shift:
    db.session.rollback()
    found = db.session.scalar(
        select(Shift).where(Shift.pattern_id == pattern.id, Shift.occurrence_day == day)
    )
    assert found is not None
    return found


def letters(person: Volunteer) -> list[Message]:
    db.session.rollback()
    rows = select(Message).where(Message.volunteer_id == person.id).order_by(Message.id)
    return list(db.session.scalars(rows))


def test_every_second_week_is_every_second_week() -> None:
    taken = stands(desk(), every_weeks=2)
    assert days(taken.standing.volunteer_id) == [TUESDAY + 2 * n * WEEK for n in range(5)]
    assert taken.filled == making.Filled(made=5)


def test_one_letter_tells_of_it_not_one_for_each_shift() -> None:
    person = make.volunteer(email=None, email_verified_at=None)
    stands(desk(), person, every_weeks=2)
    (letter,) = letters(person)
    assert "every second Tuesday, 10am to noon" in letter.body
    assert "until you say" in letter.body
    making.sweep()
    assert len(letters(person)) == 1


def test_new_shifts_come_with_the_place() -> None:
    role = make.opportunity()
    pattern = desk(role, last_day=NOW.date() + timedelta(weeks=40))
    person_id = stands(pattern).standing.volunteer_id
    before = days(person_id)
    with clock.stopped_at(NOW + 3 * WEEK):
        assert patterns.extend_patterns() == 3
        after = days(person_id)
    assert [day for day in after if day not in before] == [before[-1] + n * WEEK for n in (1, 2, 3)]


def test_a_role_that_is_published_later_has_its_places_then() -> None:
    role = make.opportunity(stage=Stage.DRAFT, published_at=None)
    pattern = desk(role)
    person_id = stands(pattern).standing.volunteer_id
    assert days(person_id) == []
    opportunities.publish(role.group_id, role.id)
    assert len(days(person_id)) == 10


def test_the_sweep_finds_what_no_signal_made() -> None:
    pattern = desk()
    person = make.volunteer()
    make.standing_place(pattern, person)
    assert days(person.id) == []
    making.sweep()
    assert len(days(person.id)) == 10
    making.sweep()
    assert len(days(person.id)) == 10


def test_the_places_say_where_they_come_from() -> None:
    taken = stands(desk())
    signup = db.session.scalars(select(Signup)).first()
    assert signup is not None
    assert (signup.way, signup.cause) == (Way.STANDING, f"standing:{taken.standing.id}")


def test_a_full_shift_is_an_exception_that_is_told_with_its_reason() -> None:
    pattern = desk(places=1)
    places.claim(shift_on(pattern, TUESDAY).id, make.volunteer().id, way=Way.WEB)
    person = make.volunteer(email=None, email_verified_at=None)
    taken = stands(pattern, person)
    assert taken.filled == making.Filled(made=9, missed=1)
    (seen,) = queries.of_volunteer(person.id)
    assert (seen.dates[0].on, seen.dates[0].reason) == (On.MISSED, making.FULL)
    (regular,) = queries.of_group(pattern.opportunity.group_id)
    assert [date.day for date in regular.active[0].trouble] == [TUESDAY]
    assert "Tuesday 3 March. Every place is taken." in letters(person)[1].body
    making.sweep()
    assert len(letters(person)) == 2


def test_a_place_that_comes_free_is_given_after_all_and_told() -> None:
    pattern = desk(places=1)
    other = make.volunteer()
    shift_id = shift_on(pattern, TUESDAY).id
    places.claim(shift_id, other.id, way=Way.WEB)
    person = make.volunteer(email=None, email_verified_at=None)
    stands(pattern, person)
    places.withdraw(shift_id, other.id, way=Way.WEB)
    making.sweep()
    assert TUESDAY not in days(person.id)  # tried a moment ago
    with clock.stopped_at(NOW + making.TRIED_AGAIN_AFTER + timedelta(minutes=1)):
        making.sweep()
    assert TUESDAY in days(person.id)
    assert "you have your place after all" in letters(person)[-1].body
    assert db.session.scalars(select(StandingDate)).all() == []


def test_training_that_runs_out_is_an_exception_from_then_on() -> None:
    pattern = desk(make.opportunity(needs_training=Training.FOOD_HYGIENE))
    person = make.volunteer()
    make.save(
        TrainingRecord(
            volunteer_id=person.id,
            training=Training.FOOD_HYGIENE,
            completed_on=date(2025, 1, 1),
            valid_until=TUESDAY + 3 * WEEK,
        )
    )
    taken = stands(pattern, person)
    assert days(person.id) == [TUESDAY + n * WEEK for n in range(4)]
    assert taken.filled.missed == 6
    reasons = set(db.session.scalars(select(StandingDate.reason)))
    assert len(reasons) == 1
    assert "needs training that is still valid" in reasons.pop()


def test_a_clash_is_an_exception() -> None:
    person = make.volunteer()
    start = datetime(2026, 3, 10, 11, tzinfo=UTC)
    places.claim(make.shift(starts_at=start).id, person.id, way=Way.WEB)
    pattern = desk()
    taken = stands(pattern, person)
    assert taken.filled == making.Filled(made=9, missed=1)


def test_days_away_make_no_place_and_give_up_those_made() -> None:
    person = make.volunteer()
    boss = make.user()
    stands(desk(), person)
    left = service.go_away(
        person.id, TUESDAY + WEEK, TUESDAY + 2 * WEEK, by_user_id=boss.id, why="Away in Spain"
    )
    assert left == 2
    assert TUESDAY + WEEK not in days(person.id)
    assert len(days(person.id)) == 8
    event = db.session.scalars(
        select(SignupEvent).where(SignupEvent.after == Standing.WITHDRAWN)
    ).first()
    assert event is not None
    assert (event.reason, event.way, event.by_user_id) == ("Away in Spain", Way.STANDING, boss.id)
    making.sweep()
    assert len(days(person.id)) == 8


def test_whoever_keeps_a_date_comes_though_they_are_away() -> None:
    person = make.volunteer()
    pattern = desk()
    stands(pattern, person)
    kept = shift_on(pattern, TUESDAY + WEEK).id
    service.go_away(person.id, TUESDAY, TUESDAY + 2 * WEEK, keep=[kept])
    assert days(person.id)[0] == TUESDAY + WEEK
    making.sweep()
    assert days(person.id)[0] == TUESDAY + WEEK


def test_days_away_that_are_taken_back_bring_the_places_again(app: Flask) -> None:
    person = make.volunteer()
    stands(desk(), person)
    service.go_away(person.id, TUESDAY, TUESDAY + WEEK)
    assert len(days(person.id)) == 8
    volunteers.remove_dates_away(person.id, dates_away(person.id)[0].id)
    service.back_again(person.id)
    assert len(days(person.id)) == 10


def test_one_date_is_skipped_and_taken_back() -> None:
    person = make.volunteer()
    standing_id = stands(desk(), person).standing.id
    assert service.skip(standing_id, TUESDAY, None) == 1
    making.sweep()
    assert TUESDAY not in days(person.id)
    assert len(days(person.id)) == 9
    service.come_after_all(standing_id, TUESDAY)
    assert TUESDAY in days(person.id)


def test_a_day_that_is_none_of_theirs_cannot_be_skipped() -> None:
    standing_id = stands(desk(), every_weeks=2).standing.id
    with pytest.raises(Refusal, match="not on this day"):
        service.skip(standing_id, TUESDAY + WEEK, None)


def test_whoever_leaves_a_date_by_another_door_is_not_put_back() -> None:
    person = make.volunteer()
    pattern = desk()
    stands(pattern, person)
    places.withdraw(shift_on(pattern, TUESDAY).id, person.id, way=Way.TEXT)
    making.sweep()
    with clock.stopped_at(NOW + timedelta(hours=12)):
        making.sweep()
    assert TUESDAY not in days(person.id)
    assert queries.of_volunteer(person.id)[0].dates[0].on == On.LEFT


def test_the_end_gives_up_what_was_made_beyond_it() -> None:
    person = make.volunteer()
    standing_id = stands(desk(), person).standing.id
    gone = service.end(
        standing_id, TUESDAY + WEEK, keeps_made=False, by_user_id=None, by_group=False
    )
    assert gone == 8
    assert days(person.id) == [TUESDAY, TUESDAY + WEEK]
    making.sweep()
    assert days(person.id) == [TUESDAY, TUESDAY + WEEK]


def test_the_end_is_never_later_than_was_said_before() -> None:
    standing_id = stands(desk(), last_day=TUESDAY).standing.id
    with pytest.raises(Refusal, match="Tuesday 3 March"):
        service.end(standing_id, TUESDAY + WEEK, keeps_made=False, by_user_id=None, by_group=False)


def test_the_end_can_leave_what_was_made() -> None:
    role = make.opportunity()
    pattern = desk(role, last_day=NOW.date() + timedelta(weeks=40))
    person = make.volunteer()
    standing_id = stands(pattern, person).standing.id
    service.end(standing_id, NOW.date(), keeps_made=True, by_user_id=None, by_group=False)
    before = days(person.id)
    with clock.stopped_at(NOW + 2 * WEEK):
        patterns.extend_patterns()
        making.sweep()
        assert days(person.id) == before
    assert fresh(db.session.get_one(StandingPlace, standing_id)).state == StandingState.ENDED


def test_each_side_hears_of_an_end_by_the_other() -> None:
    pattern = desk()
    person = make.volunteer(name="Vera Vole", email=None, email_verified_at=None)
    boss = make.manager(pattern.opportunity.group, email="boss@example.org")
    first = stands(pattern, person).standing.id
    service.end(
        first,
        TUESDAY,
        keeps_made=False,
        reason="The desk closes.",
        by_user_id=boss.id,
        by_group=True,
    )
    assert "The desk closes. Thank you!" in letters(person)[-1].body
    second = stands(pattern, person, first_day=TUESDAY + WEEK).standing.id
    service.end(second, TUESDAY, keeps_made=False, by_user_id=None, by_group=False)
    to_boss = db.session.scalars(
        select(Message.body).where(Message.to_address == "boss@example.org")
    ).all()
    [told] = [one for one in to_boss if "One of your standing volunteers ends it: Desk" in one]
    assert "Vera" not in told


def test_who_said_yes_to_neither_way_hears_of_the_end_by_one_that_is_proven() -> None:
    pattern = desk()
    person = make.volunteer(
        email="vera@example.org",
        email_verified_at=NOW,
        sms_consent_at=None,
        email_consent_at=None,
    )
    boss = make.manager(pattern.opportunity.group)
    service.end(
        stands(pattern, person).standing.id,
        TUESDAY,
        keeps_made=False,
        reason="The desk closes.",
        by_user_id=boss.id,
        by_group=True,
    )
    [told] = [one for one in letters(person) if "The desk closes." in one.body]
    assert told.channel == Channel.EMAIL


def test_the_sweep_goes_on_where_a_killed_worker_ended() -> None:
    person = make.volunteer()
    standing_id = stands(desk(), person).standing.id
    with transaction():
        standing = db.session.get_one(StandingPlace, standing_id)
        standing.last_day, standing.ended_at = NOW.date(), clock.now()
        standing.state = StandingState.ENDED
    making.sweep()
    assert days(person.id) == []


def test_where_the_group_decides_one_asks_first() -> None:
    pattern = desk(make.opportunity(policy=Policy.APPROVAL))
    boss = make.manager(pattern.opportunity.group, email="boss@example.org")
    person = make.volunteer(name="Vera Vole")
    taken = service.ask(pattern.id, person.id, wanted(), None)
    assert taken.standing.state == StandingState.ASKED
    assert days(person.id) == []
    asked = db.session.scalars(
        select(Message.body).where(Message.to_address == "boss@example.org")
    ).one()
    assert "Somebody would like to come again and again" in asked
    group_id = taken.standing.pattern.opportunity.group_id
    service.accept(group_id, taken.standing.id, boss.id)
    assert len(days(person.id)) == 10
    with pytest.raises(Refusal, match="decided already"):
        service.decline(group_id, taken.standing.id, boss.id, "")


def test_who_is_declined_is_told_why() -> None:
    pattern = desk(make.opportunity(policy=Policy.APPROVAL))
    person = make.volunteer(email=None, email_verified_at=None)
    taken = service.ask(pattern.id, person.id, wanted(), None)
    boss = make.manager(pattern.opportunity.group)
    group_id = taken.standing.pattern.opportunity.group_id
    service.decline(group_id, taken.standing.id, boss.id, "We have enough people on Tuesdays")
    assert "We have enough people on Tuesdays." in letters(person)[-1].body
    assert days(person.id) == []


def test_two_standing_places_on_the_same_days_are_one_too_many() -> None:
    pattern = desk()
    person = make.volunteer()
    stands(pattern, person, every_weeks=2)
    with pytest.raises(Refusal, match="already"):
        stands(pattern, person)
    # The other weeks are free still.
    stands(pattern, person, every_weeks=2, first_day=TUESDAY + WEEK)
    assert len(days(person.id)) == 10


def test_a_standing_place_has_a_duty_and_takes_its_slot() -> None:
    role = make.opportunity()
    driver, sorter = make.duty(role, name="Driver"), make.duty(role, name="Sorter")
    pattern = desk(role, team={driver.id: Numbers(1), sorter.id: Numbers(2)})
    first = make.volunteer()
    stands(pattern, first, duty_id=driver.id)
    slots = {signup.slot.duty_id for signup in db.session.scalars(select(Signup)) if signup.slot}
    assert slots == {driver.id}
    second = make.volunteer()
    taken = stands(pattern, second, duty_id=driver.id)
    assert taken.filled == making.Filled(made=0, missed=10)
    assert set(db.session.scalars(select(StandingDate.reason))) == {making.DUTY_FULL}


def test_a_cancelled_shift_has_no_place_and_is_shown_so() -> None:
    pattern = desk()
    person = make.volunteer()
    stands(pattern, person)
    cancelling.cancel_shift(shift_on(pattern, TUESDAY).id, None, "The heating is broken.")
    making.sweep()
    assert TUESDAY not in days(person.id)
    assert queries.of_volunteer(person.id)[0].dates[0].on == On.CANCELLED


def test_this_and_later_shifts_keep_their_standing_people() -> None:
    """A pattern that follows another has the same series, and takes the standing places over."""
    role = make.opportunity()
    before = desk(role, last_day=NOW.date() + timedelta(weeks=40))
    person = make.volunteer()
    standing_id = stands(before, person).standing.id
    cut = TUESDAY + 26 * WEEK
    with transaction():
        before = db.session.get_one(type(before), before.id)
        last_day, before.last_day = before.last_day, cut - timedelta(days=1)
        after = type(before)(
            opportunity_id=role.id,
            series=before.series,
            rule=before.rule,
            starts=time(11),
            ends=time(13),
            first_day=cut,
            last_day=last_day,
            places=2,
        )
        db.session.add(after)
        db.session.flush()
        pattern_passed_on.send(before.id, to=after.id)
    with clock.stopped_at(NOW + 3 * WEEK):
        patterns.extend_patterns()
        assert days(person.id)[-1] >= cut
        seen = queries.of_volunteer(person.id)[0]
    assert seen.standing.id == standing_id
    assert seen.standing.pattern_id == after.id


def test_the_first_tuesday_of_the_month_is_a_pattern_too() -> None:
    pattern = desk(rule="FREQ=MONTHLY;BYDAY=1TU", last_day=NOW.date() + timedelta(weeks=24))
    taken = stands(pattern, weekdays=0)
    assert days(taken.standing.volunteer_id)[:2] == [TUESDAY, date(2026, 4, 7)]
    assert when_words(taken.standing) == "The first Tuesday of the month, 10am to noon"


def test_whom_the_role_does_not_fit_cannot_ask() -> None:
    pattern = desk(make.opportunity(policy=Policy.MEMBERS))
    stranger = make.volunteer()
    with pytest.raises(Refusal):
        service.ask(pattern.id, stranger.id, wanted(), None)
    make.known_to(stranger, pattern.opportunity.group)
    assert service.ask(pattern.id, stranger.id, wanted(), None).filled.made == 10


def test_an_erased_person_stands_nowhere() -> None:
    person = make.volunteer()
    stands(desk(), person)
    held = volunteers.everything_held(person.id)
    assert "every second" not in str(held["standing_places"])
    assert "Every Tuesday, 10am to noon" in str(held["standing_places"])
    volunteers.erase(person.id)
    making.sweep()
    assert db.session.scalars(select(StandingPlace)).all() == []
    assert days(person.id) == []


EXAMPLES = 60
STRETCHES = st.tuples(st.integers(0, 34), st.integers(0, 10))
STANDS = st.fixed_dictionaries(
    {
        "weekdays": st.integers(1, 127),
        "every_weeks": st.sampled_from([1, 1, 2, 4]),
        "begins": st.integers(0, 14),
        "lasts": st.none() | st.integers(0, 60),
    }
)


# Each example makes and leaves dozens of places, so there are few, and none is made smaller.
@given(
    weekdays=st.sampled_from([2, 17, 40, 64, 69]),
    every=st.sampled_from([1, 1, 2]),
    said=st.lists(STANDS, min_size=1, max_size=2),
    away=st.lists(STRETCHES, max_size=2),
    skips=st.lists(st.integers(0, 34), max_size=3),
    ends_after=st.none() | st.integers(0, 34),
    away_first=st.booleans(),
)
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_places_made_equal_an_independent_model(
    app: Flask,
    weekdays: int,
    every: int,
    said: list[dict[str, Any]],
    away: list[tuple[int, int]],
    skips: list[int],
    ends_after: int | None,
    away_first: bool,
) -> None:
    begin, end = NOW.date(), NOW.date() + timedelta(days=34)
    pattern = desk(make.opportunity(), weekdays=weekdays, every_weeks=every, last_day=end, places=9)
    shifts = set(
        db.session.scalars(select(Shift.occurrence_day).where(Shift.pattern_id == pattern.id))
    )
    person = make.volunteer()
    expected: set[date] = set()
    stretches = [
        (begin + timedelta(days=start), begin + timedelta(days=start + length))
        for start, length in away
    ]

    def go_away() -> None:
        for first, last in stretches:
            service.go_away(person.id, first, last)

    if away_first:
        go_away()
    for one in said:
        first_day = begin + timedelta(days=one["begins"])
        last_day = None if one["lasts"] is None else first_day + timedelta(days=one["lasts"])
        try:
            taken = stands(
                pattern,
                person,
                weekdays=one["weekdays"] & weekdays,
                every_weeks=one["every_weeks"],
                first_day=first_day,
                last_day=last_day,
            )
        except Refusal:
            continue  # on the same days as the one before it
        standing = taken.standing
        if ends_after is not None:
            last_day = min(begin + timedelta(days=ends_after), last_day or end)
            service.end(standing.id, last_day, keeps_made=False, by_user_id=None, by_group=False)
            standing = fresh(standing)
        for number in skips:
            try:
                service.skip(standing.id, begin + timedelta(days=number), None)
            except Refusal:
                continue  # not a day of theirs
        skipped = {begin + timedelta(days=number) for number in skips}
        expected |= (days_of(standing.stand, begin, end) & shifts) - skipped
    if not away_first:
        go_away()
    expected = {
        day for day in expected if not any(first <= day <= last for first, last in stretches)
    }
    assert set(days(person.id)) == expected
    making.sweep()
    assert set(days(person.id)) == expected
    # Nobody's place disappeared without a row that says by which door.
    ended = db.session.scalars(
        select(Signup.id).where(
            Signup.volunteer_id == person.id, Signup.standing == Standing.WITHDRAWN
        )
    ).all()
    noted = set(
        db.session.scalars(
            select(SignupEvent.signup_id).where(SignupEvent.after == Standing.WITHDRAWN)
        )
    )
    assert set(ended) <= noted
    missed = select(StandingDate).where(StandingDate.kind == Difference.MISSED)
    assert db.session.scalars(missed).all() == []
