"""Giving a place back: in time, late or excused, and who hears of it."""

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
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities.models import Opportunity, Shift
from app.signups import leaving, service
from app.signups.leaving_rules import is_late
from app.signups.models import Notice, Signup, SignupEvent, Standing, Way
from app.signups.signals import place_left
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(title="Parcel round")


def held(role: Opportunity, hours: float, **said: Any) -> Signup:
    """A place on a shift that begins in so many hours."""
    shift = make.shift(role, starts_at=NOON + timedelta(hours=hours))
    return make.signup(shift, make.volunteer(**said))


def leave(signup: Signup, **said: Any) -> Signup:
    left = service.withdraw(signup.shift_id, signup.volunteer_id, way=Way.WEB, **said)
    assert left is not None
    return left


def for_managers(channel: Channel = Channel.EMAIL) -> list[Message]:
    rows = select(Message).where(Message.purpose == "for-managers", Message.channel == channel)
    return list(db.session.scalars(rows.order_by(Message.id)))


def test_on_the_hour_it_is_still_in_time() -> None:
    assert not is_late(NOON, NOON + timedelta(hours=24), 24)
    assert is_late(NOON, NOON + timedelta(hours=24, seconds=-1), 24)
    assert is_late(NOON, NOON - timedelta(hours=1), 1)


@pytest.mark.parametrize(("hours", "notice"), [(30, Notice.IN_TIME), (20, Notice.LATE)])
def test_the_notice_stands_on_the_sign_up(role: Opportunity, hours: int, notice: Notice) -> None:
    assert leave(held(role, hours)).notice == notice


def test_a_group_has_its_own_hours(app: Flask) -> None:
    strict = make.opportunity(make.group(late_hours=48))
    assert leave(held(strict, 30)).notice == Notice.LATE


@pytest.mark.parametrize("standing", [Standing.WAITING, Standing.OFFERED])
def test_who_has_no_place_yet_owes_nobody_notice(role: Opportunity, standing: Standing) -> None:
    shift = make.shift(role, starts_at=NOON + timedelta(hours=2))
    waits = make.signup(shift, make.volunteer(), standing=standing)
    make.manager(role.group)
    assert leave(waits).notice is None
    assert for_managers() == []


def test_whoever_listens_hears_which_place_was_left_and_how(role: Opportunity) -> None:
    heard: list[tuple[int, int, Notice]] = []

    def listen(signup_id: int, *, shift_id: int, notice: Notice) -> None:
        heard.append((signup_id, shift_id, notice))

    with place_left.connected_to(listen):
        late, early = held(role, 3), held(role, 300)
        leave(late)
        leave(early)
        waits = make.signup(early.shift, make.volunteer(), standing=Standing.WAITING)
        leave(waits)
    assert heard == [
        (late.id, late.shift_id, Notice.LATE),
        (early.id, early.shift_id, Notice.IN_TIME),
    ]


def test_when_the_listener_fails_nothing_was_left(role: Opportunity) -> None:
    signup = held(role, 3)

    def broken(signup_id: int, **_: object) -> None:
        raise RuntimeError("broken")

    with place_left.connected_to(broken), pytest.raises(RuntimeError):
        leave(signup)
    db.session.rollback()
    assert db.session.get_one(Signup, signup.id).standing == Standing.CONFIRMED


def test_managers_hear_of_a_late_one_at_once_without_a_name(role: Opportunity) -> None:
    boss = make.manager(role.group)
    shift = make.shift(role, starts_at=NOON + timedelta(hours=5), minimum=2)
    signup = make.signup(shift, make.volunteer(name="Nadia Nameless"))
    leave(signup, reason="My child is ill")
    (told,) = for_managers()
    assert told.to_address == boss.email
    assert "Somebody cannot come: Parcel round" in told.subject
    assert "0 of 3 places are taken, and it needs 2 to be safe" in told.body
    assert f"/groups/{role.group_id}/shifts/{shift.id}" in told.body
    assert "Nadia" not in told.body + (told.html or "")
    assert "ill" not in told.body.split()


def test_managers_do_not_hear_of_one_in_time(role: Opportunity) -> None:
    make.manager(role.group)
    leave(held(role, 100))
    assert for_managers() == []


def test_a_manager_who_allows_texts_gets_one_when_the_shift_is_within_a_day(app: Flask) -> None:
    role = make.opportunity(make.group(late_hours=72))
    texted, silent = make.manager(role.group), make.manager(role.group)
    phone = make.volunteer(user_id=texted.id).phone
    make.volunteer(user_id=silent.id, sms_consent_at=None)
    leave(held(role, 60))
    assert for_managers(Channel.SMS) == []
    leave(held(role, 20))
    (text,) = for_managers(Channel.SMS)
    assert text.to_address == phone
    assert "somebody cannot come to Parcel round" in text.body or "cannot come" in text.body


def test_at_night_the_managers_text_waits_when_the_morning_is_early_enough(app: Flask) -> None:
    role = make.opportunity()
    boss = make.manager(role.group)
    make.volunteer(user_id=boss.id)
    with clock.stopped_at(NOON.replace(hour=23)):
        leave(held(role, 11 + 20))
    (text,) = for_managers(Channel.SMS)
    assert text.not_before == NOON.replace(day=4, hour=8)


def test_a_late_one_stands_on_the_home_page_until_it_is_seen(
    role: Opportunity, sign_in: SignIn, client: FlaskClient
) -> None:
    signup = held(role, 5, name="Lee Late")
    leave(signup)
    sign_in(make.manager(role.group))
    page = client.get("/").text
    assert "<strong>Lee Late</strong> dropped out late: told us" in page
    path = f"/groups/{role.group_id}/signups/{signup.id}/seen"
    answer = client.post(path, data={"next": "home"})
    assert "dropped out late" not in client.get(answer.location).text.lower()
    assert "saw late drop-out" in set(db.session.scalars(select(AuditEvent.action)))


def test_an_alarm_ends_with_its_shift_and_is_not_anothers(
    role: Opportunity, sign_in: SignIn, client: FlaskClient
) -> None:
    leave(held(role, 5))
    sign_in(make.manager(make.group()))
    assert "dropped out late" not in client.get("/").text.lower()
    assert leaving.unseen([role.group_id])[role.group_id]
    with clock.stopped_at(NOON + timedelta(hours=8)):
        assert leaving.unseen([role.group_id]) == {}


def test_a_manager_excuses_with_a_reason_that_is_kept(role: Opportunity, sign_in: SignIn) -> None:
    signup = held(role, 5, name="Lee Late")
    leave(signup)
    boss = sign_in(make.manager(role.group))
    roster = f"/groups/{role.group_id}/shifts/{signup.shift_id}"
    assert "Left late" in boss.get(roster).text
    path = f"/groups/{role.group_id}/signups/{signup.id}/excuse"
    assert "Say why it was all right" in boss.post(path, data={"reason": ""}).text
    before = db.session.scalar(select(func.count()).select_from(Message))
    boss.post(path, data={"reason": "In hospital"})
    page = boss.get(roster).text
    assert "Left, excused" in page
    kept = db.session.get_one(Signup, signup.id, populate_existing=True)
    assert kept.notice == Notice.EXCUSED
    event = db.session.scalars(select(SignupEvent).order_by(SignupEvent.id.desc())).first()
    assert event is not None
    assert (event.reason, event.way) == ("Excused: In hospital", Way.MANAGER)
    assert event.by_user_id is not None
    assert db.session.scalar(select(func.count()).select_from(Message)) == before
    assert leaving.unseen([role.group_id]) == {}


def test_only_who_left_a_place_can_be_excused(role: Opportunity) -> None:
    signup = held(role, 5)
    with pytest.raises(Refusal, match="has not left a place"):
        leaving.excuse(signup.id, make.user().id, "Ill")


def test_the_page_is_kind_and_says_that_the_group_hears_at_once(
    role: Opportunity, sign_in: SignIn, client: FlaskClient
) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id)
    sign_in(user)
    near, far = (
        make.signup(make.shift(role, starts_at=NOON + timedelta(hours=hours)), me)
        for hours in (5, 100)
    )
    page = client.get(f"/shifts/{near.shift_id}/withdraw").text
    assert "we tell the group at once" in page
    assert "That is fine" in page
    assert "at once" not in client.get(f"/shifts/{far.shift_id}/withdraw").text


def test_the_volunteer_is_not_shown_that_it_was_late(
    role: Opportunity, sign_in: SignIn, client: FlaskClient
) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id)
    signup = make.signup(make.shift(role, starts_at=NOON + timedelta(hours=5)), me)
    leave(signup)
    sign_in(user)
    page = client.get("/my/shifts").text
    assert "You left" in page
    assert "late" not in page.lower().split('id="main-content"')[1]


def test_forgetting_a_person_writes_no_name_to_anybody(role: Opportunity) -> None:
    make.manager(role.group)
    signup = held(role, 5, name="Erasmus Erased")
    volunteers.erase(signup.volunteer_id)
    db.session.rollback()
    bodies = " ".join(db.session.scalars(select(Message.body)))
    assert "Erasmus" not in bodies
    assert db.session.get_one(Signup, signup.id).notice == Notice.LATE
    assert db.session.scalar(select(Shift.taken)) == 0
    assert isinstance(db.session.get_one(Volunteer, signup.volunteer_id), Volunteer)
