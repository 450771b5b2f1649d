"""Thanks reach the people whom they are for, once, where and how they like it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.messaging.models import Message
from app.signups.models import Standing
from app.stories import service
from app.stories.models import Thanked, Thanks
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)


@pytest.fixture
def group(app: Flask) -> Iterator[Group]:
    with clock.stopped_at(NOW):
        yield make.group(name="Sileby Food Bank")


@pytest.fixture
def boss(group: Group) -> User:
    return make.manager(group)


@pytest.fixture
def me(group: Group) -> Volunteer:
    person = make.volunteer(name="Amina Khan", user_id=make.user().id)
    make.known_to(person, group)
    return person


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_one_person_is_thanked_reads_it_and_puts_it_away(
    group: Group, boss: User, me: Volunteer, sign_in: SignIn
) -> None:
    manager = sign_in(boss)
    assert "Amina Khan" in manager.get(f"/groups/{group.id}/thanks?name=amina").text
    answer = manager.post(
        f"/groups/{group.id}/thanks/person/{me.id}",
        data={"words": "You stayed until the last parcel.", "by_email": "y"},
    )
    assert "To Amina Khan" in manager.get(answer.location).text
    letter = db.session.scalars(select(Message)).one()
    assert letter.channel == Channel.EMAIL
    assert letter.to_address == me.email
    assert "You stayed until the last parcel." in letter.body
    mine = sign_in(db.session.get_one(User, me.user_id))
    assert "You stayed until the last parcel." in mine.get("/").text
    number = db.session.scalars(select(Thanks.id)).one()
    mine.post(f"/my/thanks/{number}/seen")
    assert "You stayed" not in mine.get("/").text
    assert "You stayed" in mine.get("/my/thanks").text


def test_everybody_who_came_is_thanked_and_nobody_else(
    group: Group, boss: User, sign_in: SignIn
) -> None:
    shift = make.shift(make.opportunity(group), starts_at=NOW - timedelta(days=1), places=9)
    came = [make.volunteer() for _ in range(3)]
    no_email = make.volunteer(email_consent_at=None)
    absent = make.volunteer()
    for one in (*came, no_email):
        make.signup(shift, one, standing=Standing.ATTENDED, attended_minutes=60)
    make.signup(shift, absent, standing=Standing.NO_SHOW)
    volunteers.opt_out(Channel.EMAIL, came[0].email or "", how="a link")
    page = sign_in(boss).post(
        f"/groups/{group.id}/thanks/shift/{shift.id}",
        data={"words": "Forty families ate.", "by_email": "y", "may_print": "y"},
        follow_redirects=True,
    )
    assert "To 4 people" in page.text
    thanked = set(db.session.scalars(select(Thanked.volunteer_id)))
    assert thanked == {*(one.id for one in came), no_email.id}
    written = set(db.session.scalars(select(Message.volunteer_id)))
    assert written == {came[1].id, came[2].id}


def test_a_button_pressed_twice_thanks_once(group: Group, boss: User, me: Volunteer) -> None:
    said: dict[str, Any] = {"by_email": True, "may_print": False}
    first = service.thank_volunteer(group.id, me.id, boss.id, "Thank you!", **said)
    again = service.thank_volunteer(group.id, me.id, boss.id, " Thank  you!", **said)
    assert first.id == again.id
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_shift_to_come_and_an_empty_one_thank_nobody(
    group: Group, boss: User, sign_in: SignIn
) -> None:
    client = sign_in(boss)
    role = make.opportunity(group)
    coming, empty = make.shift(role), make.shift(role, starts_at=NOW - timedelta(days=1))
    for shift, says in ((coming, "still to come"), (empty, "Nobody was on")):
        page = client.post(
            f"/groups/{group.id}/thanks/shift/{shift.id}", data={"words": "Many thanks"}
        ).text
        assert says in page
        assert "Many thanks" in page
    page = client.post(f"/groups/{group.id}/thanks/shift/{empty.id}", data={"words": ""}).text
    assert "Write a sentence of thanks" in page


def test_only_their_own_thanks_are_shown_to_a_volunteer(
    group: Group, boss: User, me: Volunteer, sign_in: SignIn
) -> None:
    other = make.volunteer(user_id=make.user().id)
    thanks = service.thank_volunteer(
        group.id, me.id, boss.id, "For Amina alone", by_email=False, may_print=False
    )
    theirs = sign_in(db.session.get_one(User, other.user_id))
    assert "For Amina alone" not in theirs.get("/my/thanks").text
    theirs.post(f"/my/thanks/{thanks.id}/seen")
    assert db.session.scalars(select(Thanked.seen_at)).all() == [None]


def test_the_county_keeps_words_out_of_print(
    group: Group, boss: User, me: Volunteer, sign_in: SignIn
) -> None:
    thanks = service.thank_volunteer(
        group.id, me.id, boss.id, "Forty families ate", by_email=False, may_print=True
    )
    client = sign_in(make.coordinator())
    assert "Forty families ate" in client.get("/county/stories").text
    client.post(f"/county/thanks/{thanks.id}/leave-out")
    assert "Forty families ate" not in client.get("/county/stories").text
    assert client.post("/county/thanks/99999/leave-out").status_code == 302


def test_thanks_are_told_and_forgotten(group: Group, boss: User, me: Volunteer) -> None:
    shift = make.shift(make.opportunity(group), starts_at=NOW - timedelta(days=1), places=9)
    other = make.volunteer(name="Bo Lee")
    for one in (me, other):
        make.signup(shift, one, standing=Standing.ATTENDED, attended_minutes=60)
    said: dict[str, Any] = {"by_email": False, "may_print": True}
    service.thank_volunteer(group.id, me.id, boss.id, "For one alone", **said)
    service.thank_shift(group.id, shift.id, boss.id, "For all of you", **said)
    service.thank_shift(group.id, shift.id, boss.id, "Amina, you led them well", **said)
    assert "For one alone" in json.dumps(volunteers.everything_held(me.id))
    volunteers.erase(me.id)
    db.session.rollback()
    assert db.session.scalars(select(Thanks.words)).all() == ["For all of you"]
    assert db.session.scalars(select(Thanked.volunteer_id)).all() == [other.id]
