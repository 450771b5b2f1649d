"""Alarms about shifts: raised with the change that causes them, told once, ended when well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.safeguarding import service
from app.safeguarding.models import Digest, ShiftAlarm
from app.safeguarding.rules.alarms import Danger
from app.signups import cancelling
from app.signups import service as signups
from app.signups.models import Signup, Standing, Way
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import AgeBand
from tests import factories

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 5, 12, 23, 30, tzinfo=UTC)
SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def food_bank(app: Flask) -> Group:
    return factories.group(name="Food bank")


@pytest.fixture
def manager(food_bank: Group) -> User:
    return factories.manager(
        food_bank, phone=factories.drama_phone(900), phone_verified_at=clock.now()
    )


def a_shift(of: Group, ahead: timedelta = timedelta(days=20), **said: Any) -> Shift:
    role = factories.opportunity(
        of, **{name: said.pop(name) for name in ("never_alone", "minimum_age") if name in said}
    )
    return factories.shift(role, starts_at=clock.now() + ahead, **said)


def people_on(shift: Shift, number: int) -> list[Volunteer]:
    found = [factories.volunteer() for _ in range(number)]
    for person in found:
        factories.signup(shift, person)
    return found


def leave(shift: Shift, person: Volunteer) -> Signup | None:
    return signups.withdraw(shift.id, person.id, way=Way.WEB)


def open_alarms() -> set[tuple[int, Danger]]:
    db.session.rollback()
    rows = db.session.execute(
        select(ShiftAlarm.shift_id, ShiftAlarm.danger).where(ShiftAlarm.solved_at.is_(None))
    )
    return {(shift_id, danger) for shift_id, danger in rows}


def letters(person: User, channel: Channel) -> list[Message]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Message)
            .where(Message.recipient == f"user:{person.id}", Message.channel == channel)
            .order_by(Message.id)
        )
    )


def test_two_going_to_one_is_an_alarm_at_once_and_told(food_bank: Group, manager: User) -> None:
    shift = a_shift(food_bank, minimum=2)
    shift_id, first = shift.id, people_on(shift, 2)[0]
    leave(shift, first)
    assert open_alarms() == {(shift_id, Danger.ALONE), (shift_id, Danger.BELOW_MINIMUM)}
    (email,) = letters(manager, Channel.EMAIL)
    assert "Not safe to run yet: Food parcel driver" in email.subject
    assert "Only one person is left" in email.body
    assert f"/groups/{food_bank.id}/alarms" in email.body
    assert letters(manager, Channel.SMS) == []  # it is weeks away


def test_three_going_to_two_is_none(food_bank: Group, manager: User) -> None:
    shift = a_shift(food_bank, minimum=2)
    leave(shift, people_on(shift, 3)[0])
    assert open_alarms() == set()
    assert letters(manager, Channel.EMAIL) == []


def test_somebody_who_only_waited_takes_no_place_with_them(food_bank: Group) -> None:
    shift = a_shift(food_bank, minimum=2, places=2)
    waiting = factories.volunteer()
    people_on(shift, 1)
    factories.signup(shift, waiting, standing=Standing.WAITING)
    leave(shift, waiting)
    assert open_alarms() == set()


def test_whoever_waited_and_moves_up_keeps_it_from_being_one(food_bank: Group) -> None:
    shift = a_shift(food_bank, minimum=2, places=2)
    first, _ = people_on(shift, 2)
    factories.signup(shift, factories.volunteer(), standing=Standing.WAITING)
    leave(shift, first)
    assert open_alarms() == set()


def test_the_alarm_is_gone_with_the_change_that_failed(food_bank: Group) -> None:
    shift = a_shift(food_bank, minimum=2)
    first = people_on(shift, 2)[0]

    def fails() -> None:
        with transaction():
            leave(shift, first)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert open_alarms() == set()
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_within_a_day_a_manager_is_texted_as_well(food_bank: Group, manager: User) -> None:
    shift = a_shift(food_bank, timedelta(hours=6), minimum=2)
    leave(shift, people_on(shift, 2)[0])
    (text,) = letters(manager, Channel.SMS)
    assert "Food bank: somebody cannot come to Food parcel driver, tonight" in text.body
    assert "Only one person is left." in text.body
    assert text.deadline == db.session.scalars(select(Shift)).one().ends_at
    # The sweep does not tell again what that text has told.
    service.watch()
    assert len(letters(manager, Channel.SMS)) == len(letters(manager, Channel.EMAIL)) == 1


def test_below_its_minimum_for_another_reason_it_is_texted_by_the_alarm(
    food_bank: Group, manager: User
) -> None:
    shift = a_shift(food_bank, timedelta(hours=6), minimum=2)
    people_on(shift, 1)
    service.watch()
    (text,) = letters(manager, Channel.SMS)
    assert "Food bank: Food parcel driver, tonight" in text.body
    assert "1 is coming, at least 2 needed." in text.body
    assert text.deadline == db.session.get_one(Shift, text_shift(text)).ends_at


def text_shift(text: Message) -> int:
    alarm_id = int(text.cause.removeprefix("shift-alarm:"))
    return db.session.get_one(ShiftAlarm, alarm_id).shift_id


def test_at_night_the_text_waits_for_the_morning(food_bank: Group, manager: User) -> None:
    with clock.stopped_at(NIGHT):
        shift = a_shift(food_bank, timedelta(hours=16), minimum=2)
        leave(shift, people_on(shift, 2)[0])
        (text,) = letters(manager, Channel.SMS)
    assert text.not_before == datetime(2026, 5, 13, 7, 0, tzinfo=UTC)  # eight by summer clocks


def test_the_sweep_finds_who_would_be_alone_as_the_time_comes_near(
    food_bank: Group, manager: User
) -> None:
    shift = a_shift(food_bank, timedelta(hours=60), never_alone=True)
    shift_id = shift.id
    people_on(shift, 1)
    service.watch()
    assert open_alarms() == set()
    with clock.stopped_at(NOW + timedelta(hours=13)):
        assert service.watch() == 1
        assert open_alarms() == {(shift_id, Danger.ALONE)}
        assert service.watch() == 1  # once more tells nothing new
    (email,) = letters(manager, Channel.EMAIL)
    assert "nobody may do this alone" in email.body


def test_a_group_sets_how_early_it_is_warned(food_bank: Group, manager: User) -> None:
    service.change_settings(food_bank.id, alone_hours=72, digest=Digest.NEVER)
    shift = a_shift(food_bank, timedelta(hours=60), never_alone=True)
    people_on(shift, 1)
    assert service.watch() == 1


def test_a_shift_of_the_past_a_draft_and_a_cancelled_one_are_left_alone(food_bank: Group) -> None:
    over = a_shift(food_bank, timedelta(hours=-5), minimum=2)
    people_on(over, 1)
    cancelled = a_shift(food_bank, timedelta(hours=5), minimum=2)
    people_on(cancelled, 1)
    cancelling.cancel_shift(cancelled.id, None, "The van is broken.")
    assert service.watch() == 0


def test_an_alarm_ends_when_enough_come_again(food_bank: Group) -> None:
    shift = a_shift(food_bank, minimum=2)
    shift_id = shift.id
    leave(shift, people_on(shift, 2)[0])
    assert len(open_alarms()) == 2
    signups.claim(shift_id, factories.volunteer().id, way=Way.WEB)
    assert service.watch() == 0
    assert open_alarms() == set()
    # And may come again.
    leave(shift, db.session.scalars(select(Volunteer).order_by(Volunteer.id.desc())).first())
    assert len(open_alarms()) == 2


def young(**said: Any) -> Volunteer:
    return factories.volunteer(
        **(
            {
                "age_band": AgeBand.FROM_16,
                "guardian_consent_at": NOW,
                "emergency_phone": "01509000000",
            }
            | said
        )
    )


def test_when_the_adult_leaves_the_young_are_an_alarm_and_are_told_nothing(
    food_bank: Group, manager: User
) -> None:
    shift = a_shift(food_bank, minimum=1, minimum_age=16)
    shift_id = shift.id
    (adult,) = people_on(shift, 1)
    teenagers = [young(), young()]
    for one in teenagers:
        factories.signup(shift, one)
    leave(shift, adult)
    assert open_alarms() == {(shift_id, Danger.NO_ADULT)}
    told = select(Message).where(Message.volunteer_id.in_([one.id for one in teenagers]))
    assert db.session.scalars(told).all() == []
    standings = select(Signup.standing).where(Signup.volunteer_id.in_([t.id for t in teenagers]))
    assert set(db.session.scalars(standings)) == {Standing.CONFIRMED}


def test_the_sweep_finds_the_young_without_an_adult_however_it_came_about(
    food_bank: Group,
) -> None:
    shift = a_shift(food_bank, timedelta(days=90), minimum=1, minimum_age=16)
    factories.signup(shift, young())
    assert service.watch() == 1
    assert open_alarms() == {(shift.id, Danger.NO_ADULT)}


def test_the_page_names_who_comes_and_what_can_be_done(
    food_bank: Group, manager: User, sign_in: SignIn
) -> None:
    shift = a_shift(food_bank, minimum=1, minimum_age=16)
    shift_id = shift.id
    (adult,) = people_on(shift, 1)
    factories.signup(shift, young(name="Tilly Young"))
    leave(shift, adult)
    client = sign_in(manager)
    page = client.get(f"/groups/{food_bank.id}/alarms").text
    assert "Tilly Young (16 or 17)" in page
    assert "1 person under 18 would be there without an adult." in page
    assert f"/groups/{food_bank.id}/shifts/{shift_id}/cancel" in page
    assert f"/groups/{food_bank.id}/shifts/{shift_id}/cover" in page
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert "viewed people of shift alarms" in actions


def test_who_has_seen_it_is_told_to_the_others_and_ends_the_texts(
    food_bank: Group, manager: User, sign_in: SignIn
) -> None:
    shift = a_shift(food_bank, timedelta(hours=30), minimum=2)
    leave(shift, people_on(shift, 2)[0])
    client = sign_in(manager)
    shift_id = db.session.scalars(select(ShiftAlarm.shift_id)).first()
    assert client.post(f"/groups/{food_bank.id}/alarms/{shift_id}/seen").status_code == 302
    assert f"Seen by {manager.name}" in client.get(f"/groups/{food_bank.id}/alarms").text
    with clock.stopped_at(NOW + timedelta(hours=8)):
        service.watch()
        assert letters(manager, Channel.SMS) == []


def test_unseen_it_is_texted_once_the_day_comes(food_bank: Group, manager: User) -> None:
    shift = a_shift(food_bank, timedelta(hours=30), minimum=2)
    leave(shift, people_on(shift, 2)[0])
    assert letters(manager, Channel.SMS) == []
    with clock.stopped_at(NOW + timedelta(hours=8)):
        service.watch()
        service.watch()
        assert len(letters(manager, Channel.SMS)) == 1


def test_another_groups_alarm_is_not_there(
    food_bank: Group, manager: User, sign_in: SignIn
) -> None:
    other = factories.group()
    shift = a_shift(other, minimum=2)
    leave(shift, people_on(shift, 2)[0])
    shift_id = db.session.scalars(select(ShiftAlarm.shift_id)).first()
    client = sign_in(manager)
    assert client.get(f"/groups/{other.id}/alarms").status_code == 404
    assert client.post(f"/groups/{food_bank.id}/alarms/{shift_id}/seen").status_code == 404
    assert "No alarm" in client.get(f"/groups/{food_bank.id}/alarms").text


@pytest.mark.parametrize("typed", ["", "1", "400", "soon"])
def test_hours_out_of_range_are_refused_beside_their_field(
    food_bank: Group, manager: User, sign_in: SignIn, typed: str
) -> None:
    address = f"/groups/{food_bank.id}/safety/settings"
    page = sign_in(manager).post(address, data={"alone_hours": typed, "digest": "daily"})
    assert "Give a number of hours from 2 to 336." in page.text
    assert f'value="{typed}"' in page.text


def test_a_withdrawal_far_from_any_alarm_costs_two_statements(
    food_bank: Group, count_queries: Callable[[], Any]
) -> None:
    shift = a_shift(food_bank, minimum=1, places=8)
    people_on(shift, 5)
    shift_id = shift.id
    db.session.rollback()
    with count_queries() as statements:
        service.look_at(shift_id)
    assert len(statements) == 2, statements


def test_the_managers_first_page_shows_it_until_it_is_seen(
    food_bank: Group, manager: User, sign_in: SignIn
) -> None:
    shift = a_shift(food_bank, minimum=1)
    leave(shift, people_on(shift, 2)[0])
    client = sign_in(manager)
    page = client.get("/").text
    assert "Safety needs your eye" in page
    assert "Only one person is left." in page
    shift_id = db.session.scalars(select(ShiftAlarm.shift_id)).one()
    client.post(f"/groups/{food_bank.id}/alarms/{shift_id}/seen")
    assert "Safety needs your eye" not in client.get("/").text
