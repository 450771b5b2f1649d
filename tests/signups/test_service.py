"""Claiming a place, waiting, leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message
from app.opportunities.models import Policy, Shift, Stage
from app.signups import cancelling, queries, service
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.signups.signals import places_changed
from app.volunteers.models import Channel, GroupVolunteer, Volunteer
from app.volunteers.vocabulary import AgeBand, DbsLevel, Skill, Training, Workforce
from tests import factories


def claim(shift: Shift, person: Volunteer, **said: object) -> Signup:
    return service.claim(shift.id, person.id, way=Way.WEB, **said)  # type: ignore[arg-type]


def taken(shift: Shift) -> int:
    db.session.rollback()
    return db.session.get_one(Shift, shift.id).taken


def test_a_claim_takes_a_place_and_makes_the_volunteer_known(app: Flask) -> None:
    shift, person = factories.shift(), factories.volunteer()
    assert claim(shift, person).standing == Standing.CONFIRMED
    assert taken(shift) == 1
    known = db.session.scalar(select(GroupVolunteer.volunteer_id))
    assert known == person.id


def test_claiming_twice_is_harmless(app: Flask) -> None:
    shift, person = factories.shift(), factories.volunteer()
    assert claim(shift, person).id == claim(shift, person).id
    assert taken(shift) == 1


def test_when_it_is_full_people_wait_in_order_of_arrival(app: Flask) -> None:
    shift = factories.shift(places=1)
    claim(shift, factories.volunteer())
    waiting = [claim(shift, factories.volunteer()) for _ in range(3)]
    assert [one.standing for one in waiting] == [Standing.WAITING] * 3
    assert [queries.queue_place(one) for one in waiting] == [1, 2, 3]


def test_leaving_gives_the_place_to_the_first_who_waits(app: Flask) -> None:
    shift = factories.shift(places=1)
    leaver, first, second = (factories.volunteer() for _ in range(3))
    for person in (leaver, first, second):
        claim(shift, person)
    service.withdraw(shift.id, leaver.id, way=Way.WEB, reason="ill")
    standings = {one.volunteer_id: one.standing for one in queries.roster(shift.id)}
    assert standings == {
        leaver.id: Standing.WITHDRAWN,
        first.id: Standing.CONFIRMED,
        second.id: Standing.WAITING,
    }
    assert taken(shift) == 1


def test_whoever_waits_but_is_busy_by_now_is_passed_over(app: Flask) -> None:
    shift = factories.shift(places=1)
    leaver, busy, free = (factories.volunteer() for _ in range(3))
    for person in (leaver, busy, free):
        claim(shift, person)
    claim(factories.shift(starts_at=shift.starts_at), busy)
    service.withdraw(shift.id, leaver.id, way=Way.WEB)
    live = queries.live_of(free.id, shift.id)
    assert live is not None
    assert live.standing == Standing.CONFIRMED


def test_one_who_left_may_come_back(app: Flask) -> None:
    shift, person = factories.shift(), factories.volunteer()
    claim(shift, person)
    service.withdraw(shift.id, person.id, way=Way.WEB)
    assert claim(shift, person).standing == Standing.CONFIRMED
    assert len(queries.roster(shift.id)) == 2


def test_the_database_itself_refuses_an_oversold_shift(app: Flask) -> None:
    shift = factories.shift(places=1)
    factories.signup(shift, factories.volunteer())
    late = factories.volunteer()
    with pytest.raises(IntegrityError):
        factories.signup(shift, late)
    db.session.rollback()
    waiting = factories.signup(shift, late, standing=Standing.WAITING)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(
            update(Signup).where(Signup.id == waiting.id).values(standing=Standing.CONFIRMED)
        )


def test_the_database_itself_refuses_a_second_live_sign_up(app: Flask) -> None:
    shift, person = factories.shift(), factories.volunteer()
    factories.signup(shift, person)
    with pytest.raises(IntegrityError):
        factories.signup(shift, person, standing=Standing.WAITING)


def test_the_triggers_count_every_change_of_standing(app: Flask) -> None:
    shift, other = factories.shift(), factories.shift()
    signup = factories.signup(shift, factories.volunteer())

    def set_to(**values: object) -> None:
        with transaction():
            db.session.execute(update(Signup).where(Signup.id == signup.id).values(**values))

    set_to(standing=Standing.ATTENDED)
    assert taken(shift) == 1
    set_to(standing=Standing.EXCUSED)
    assert taken(shift) == 0
    set_to(standing=Standing.NO_SHOW)
    assert taken(shift) == 1
    set_to(shift_id=other.id)
    assert (taken(shift), taken(other)) == (0, 1)
    with transaction():
        db.session.delete(db.session.get_one(Signup, signup.id))
    assert taken(other) == 0


@pytest.mark.parametrize(
    ("role", "person", "sentence"),
    [
        ({"needs_skills": Skill.DRIVE_CAR}, {}, "driving a car"),
        ({"needs_training": Training.FOOD_HYGIENE}, {}, "food hygiene"),
        ({}, {"age_band": AgeBand.FROM_16}, "18 or over"),
        ({"minimum_age": 16}, {"age_band": AgeBand.UNDER_16}, "16 or over"),
        ({"minimum_age": 16}, {"age_band": AgeBand.FROM_16}, "guardian"),
        (
            {"minimum_age": 16},
            {"age_band": AgeBand.FROM_16, "guardian_consent_at": clock.now()},
            "whom we call",
        ),
        (
            {"minimum_age": 16},
            {
                "age_band": AgeBand.FROM_16,
                "guardian_consent_at": clock.now(),
                "emergency_phone": "01509000000",
            },
            "no adult",
        ),
        (
            {"dbs_level": DbsLevel.ENHANCED, "dbs_workforce": Workforce.CHILD},
            {},
            "DBS check",
        ),
    ],
)
def test_whoever_lacks_what_the_role_needs_is_told_what(
    app: Flask, role: dict[str, object], person: dict[str, object], sentence: str
) -> None:
    shift = factories.shift(factories.opportunity(**role))
    with pytest.raises(Refusal, match=sentence):
        claim(shift, factories.volunteer(**person))
    assert queries.roster(shift.id) == []


def test_nobody_is_in_two_places_at_the_same_time(app: Flask) -> None:
    shift, person = factories.shift(), factories.volunteer()
    claim(shift, person)
    with pytest.raises(Refusal, match="another shift"):
        claim(factories.shift(starts_at=shift.starts_at + timedelta(hours=1)), person)
    after = factories.shift(starts_at=shift.ends_at)
    assert claim(after, person).standing == Standing.CONFIRMED


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.CLOSED, Stage.CANCELLED])
def test_a_shift_that_is_not_published_takes_nobody(app: Flask, stage: Stage) -> None:
    with pytest.raises(Refusal):
        claim(factories.shift(stage=stage), factories.volunteer())


def test_a_shift_that_has_begun_is_for_managers_to_add_to(app: Flask) -> None:
    shift = factories.shift(starts_at=clock.now() - timedelta(minutes=10))
    person, manager = factories.volunteer(), factories.user()
    with pytest.raises(Refusal, match="begun"):
        claim(shift, person)
    added = service.claim(shift.id, person.id, way=Way.MANAGER, by_user_id=manager.id)
    assert added.standing == Standing.CONFIRMED


def test_where_the_group_approves_people_wait_until_it_does(app: Flask) -> None:
    shift = factories.shift(factories.opportunity(policy=Policy.APPROVAL))
    manager = factories.user()
    first, second = (claim(shift, factories.volunteer()) for _ in range(2))
    assert first.standing == Standing.WAITING
    assert service.confirm(first.id, manager.id).standing == Standing.CONFIRMED
    assert service.decline(second.id, manager.id, "Not this time").standing == Standing.DECLINED


def test_of_several_shifts_the_first_with_room_is_given(app: Flask) -> None:
    full, free = factories.shift(places=1), factories.shift()
    claim(full, factories.volunteer())
    person = factories.volunteer()
    signup = service.claim_one_of([full.id, free.id], person.id, way=Way.TEXT)
    assert (signup.shift_id, signup.standing) == (free.id, Standing.CONFIRMED)


def test_cancelling_a_shift_tells_everyone_on_it_why(app: Flask) -> None:
    shift = factories.shift(places=1)
    people = [factories.volunteer(prefers=Channel.SMS) for _ in range(2)]
    for person in people:
        claim(shift, person)
    with transaction():
        db.session.execute(Message.__table__.delete())
    assert cancelling.cancel_shift(shift.id, None, "The hall is flooded") == 2
    texts = db.session.scalars(
        select(Message).where(Message.channel == Channel.SMS).order_by(Message.volunteer_id)
    ).all()
    assert [text.volunteer_id for text in texts] == [person.id for person in people]
    assert all("The hall is flooded" in text.body for text in texts)
    assert db.session.get_one(Shift, shift.id).stage == Stage.CANCELLED


def test_cancelling_needs_a_reason(app: Flask) -> None:
    with pytest.raises(Refusal) as refusal:
        cancelling.cancel_shift(factories.shift().id, None, "  ")
    assert refusal.value.field == "reason"


def test_attendance_is_marked_once_the_shift_has_begun(app: Flask) -> None:
    manager = factories.user()
    shift = factories.shift()
    signup = claim(shift, factories.volunteer())
    with pytest.raises(Refusal):
        service.mark(signup.id, Standing.ATTENDED, manager.id)
    with clock.stopped_at(shift.ends_at):
        marked = service.mark(signup.id, Standing.ATTENDED, manager.id)
    assert marked.attended_minutes == 120


def test_each_change_leaves_a_row_that_says_who_and_why(app: Flask) -> None:
    shift, person, manager = factories.shift(), factories.volunteer(), factories.user()
    claim(shift, person)
    service.withdraw(
        shift.id, person.id, way=Way.MANAGER, by_user_id=manager.id, reason="rang: ill"
    )
    events = db.session.scalars(select(SignupEvent).order_by(SignupEvent.id)).all()
    assert [(one.before, one.after) for one in events] == [
        (None, Standing.CONFIRMED),
        (Standing.CONFIRMED, Standing.WITHDRAWN),
    ]
    assert (events[1].by_user_id, events[1].reason) == (manager.id, "rang: ill")


def test_a_place_is_confirmed_by_email_with_an_invitation_that_leaving_cancels(app: Flask) -> None:
    shift, person = factories.shift(), factories.volunteer(prefers=Channel.EMAIL)
    claim(shift, person)
    service.withdraw(shift.id, person.id, way=Way.WEB)
    invited, cancelled = db.session.scalars(
        select(Message).where(Message.channel == Channel.EMAIL).order_by(Message.id)
    ).all()
    assert "METHOD:REQUEST" in (invited.calendar or "")
    assert "METHOD:CANCEL" in (cancelled.calendar or "")
    uid = f"UID:shift-{shift.id}-volunteer-{person.id}@"
    assert uid in (invited.calendar or "")
    assert uid in (cancelled.calendar or "")
    assert invited.html


def test_the_address_is_told_only_around_the_time(app: Flask) -> None:
    site = factories.site(address="1 Secret Street", name="The Mill")
    role = factories.opportunity(at=site)
    person = factories.volunteer(prefers=Channel.SMS, email=None)
    claim(factories.shift(role, starts_at=clock.now() + timedelta(days=9)), person)
    claim(factories.shift(role, starts_at=clock.now() + timedelta(hours=9)), person)
    far, near = db.session.scalars(select(Message.body).order_by(Message.id)).all()
    assert "Secret Street" not in far
    assert "Secret Street" in near


def test_who_listens_hears_whether_a_place_taken_leaves_others(app: Flask) -> None:
    heard: list[bool] = []

    def listen(_shift_id: int, *, has_room_still: bool = False, **_: object) -> None:
        heard.append(has_room_still)

    shift, people = factories.shift(places=2), [factories.volunteer() for _ in range(3)]
    with places_changed.connected_to(listen):
        for person in people:
            claim(shift, person)
        service.withdraw(shift.id, people[0].id, way=Way.WEB)
    # Who only waits has changed no place; one that is left is news whoever takes it next.
    assert heard == [True, False, False]


def test_a_place_at_the_same_time_is_a_clash_for_the_other_shift_only(app: Flask) -> None:
    person, mine = factories.volunteer(), factories.shift()
    same_time = factories.shift(starts_at=mine.starts_at + timedelta(minutes=30))
    next_to_it = factories.shift(starts_at=mine.ends_at)
    claim(mine, person)
    signup = service.claim_one_of([same_time.id, next_to_it.id], person.id, way=Way.TEXT)
    assert signup.shift_id == next_to_it.id
    with pytest.raises(Refusal, match="another shift at that time"):
        claim(same_time, person)
    assert (
        service.claim_one_of([same_time.id, mine.id], person.id, way=Way.TEXT).shift_id == mine.id
    )
