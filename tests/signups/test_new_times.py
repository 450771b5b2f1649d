"""A shift was moved: its people say whether the new time suits them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Shift
from app.signups import new_times
from app.signups.models import Notice, Signup, Standing
from app.volunteers.models import Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def user(app: Flask) -> User:
    return make.user()


@pytest.fixture
def me(user: User) -> Volunteer:
    return make.volunteer(user_id=user.id)


def moved(me: Volunteer, **said: Any) -> Signup:
    """The volunteer's place on a shift that was moved once."""
    place = make.signup(make.shift(revision=1, **said), me)
    db.session.rollback()
    return place


def again(signup: Signup) -> Signup:
    db.session.rollback()
    return db.session.get_one(Signup, signup.id)


def test_my_shifts_say_that_a_new_time_waits_for_an_answer(
    user: User, me: Volunteer, sign_in: SignIn
) -> None:
    client = sign_in(user)
    make.signup(make.shift(), me)
    assert "has a new time" not in client.get("/my/shifts").text
    moved(me)
    assert "1 shift of yours has a new time" in client.get("/my/shifts").text


def test_a_yes_is_kept(user: User, me: Volunteer, sign_in: SignIn) -> None:
    place, client = moved(me), sign_in(user)
    page = client.get(f"/shifts/{place.shift_id}/new-time").text
    assert "Yes, I can make the new time" in page
    client.post(f"/shifts/{place.shift_id}/new-time", data={"answer": "yes", "revision": "1"})
    assert again(place).agreed_revision == 1
    assert new_times.unanswered(me.id) == []
    assert "You have answered" in client.get(f"/shifts/{place.shift_id}/new-time").text


def test_a_no_gives_the_place_back(user: User, me: Volunteer, sign_in: SignIn) -> None:
    place, client = moved(me), sign_in(user)
    client.post(f"/shifts/{place.shift_id}/new-time", data={"answer": "no"})
    left = again(place)
    assert (left.standing, left.reason) == (Standing.WITHDRAWN, "The new time does not suit")
    assert db.session.get_one(Shift, place.shift_id).taken == 0


@pytest.mark.parametrize("answered", [False, True])
def test_who_never_said_yes_to_the_new_time_is_excused(me: Volunteer, answered: bool) -> None:
    place = moved(me, starts_at=clock.now() + timedelta(hours=3))
    if answered:
        new_times.accept(place.shift_id, me.id, 1)
    new_times.turn_down(place.shift_id, me.id)
    assert again(place).notice == (Notice.LATE if answered else Notice.EXCUSED)


def test_a_shift_moved_once_more_is_asked_about_once_more(
    user: User, me: Volunteer, sign_in: SignIn
) -> None:
    place, client = moved(me), sign_in(user)
    with transaction():
        db.session.get_one(Shift, place.shift_id).revision = 2
    answer = client.post(
        f"/shifts/{place.shift_id}/new-time",
        data={"answer": "yes", "revision": "1"},
        follow_redirects=True,
    )
    assert "changed once more" in answer.text
    assert [one.id for one in new_times.unanswered(me.id)] == [place.id]


def test_who_left_in_another_window_is_not_told_that_they_come(
    user: User, me: Volunteer, sign_in: SignIn
) -> None:
    place, client = moved(me), sign_in(user)
    new_times.turn_down(place.shift_id, me.id)
    answer = client.post(
        f"/shifts/{place.shift_id}/new-time",
        data={"answer": "yes", "revision": "1"},
        follow_redirects=True,
    )
    assert "You are coming at the new time" not in answer.text
    assert "You are not on that shift" in answer.text


def test_all_new_times_are_taken_with_one_button(
    user: User, me: Volunteer, sign_in: SignIn
) -> None:
    client = sign_in(user)
    places = [moved(me, starts_at=clock.now() + timedelta(days=number)) for number in range(2, 5)]
    page = client.get("/my/new-times").text
    assert "Yes, all of them suit me" in page
    shown = [f"{place.shift_id}:1" for place in places]
    assert all(f'value="{one}"' in page for one in shown)
    answer = client.post("/my/new-times", data={"shown": shown}, follow_redirects=True)
    assert "3 new times" in answer.text
    assert new_times.unanswered(me.id) == []
    assert "Nothing to answer" in client.get("/my/new-times").text


@pytest.mark.parametrize(
    "data", [{}, {"answer": "perhaps"}, {"answer": "yes", "revision": "x"}, {"answer": "yes"}]
)
def test_an_answer_that_is_none_is_refused(
    user: User, me: Volunteer, sign_in: SignIn, data: dict[str, str]
) -> None:
    place, client = moved(me), sign_in(user)
    assert client.post(f"/shifts/{place.shift_id}/new-time", data=data).status_code == 400


def test_nobody_answers_for_another(user: User, me: Volunteer, sign_in: SignIn) -> None:
    others = moved(make.volunteer())
    client = sign_in(user)
    client.post(f"/shifts/{others.shift_id}/new-time", data={"answer": "yes", "revision": "1"})
    client.post("/my/new-times", data={"shown": [f"{others.shift_id}:1"]})
    client.post(f"/shifts/{others.shift_id}/new-time", data={"answer": "no"})
    assert (again(others).agreed_revision, again(others).standing) == (0, Standing.CONFIRMED)


def test_the_roster_shows_who_has_not_answered(app: Flask, me: Volunteer, sign_in: SignIn) -> None:
    place = moved(me)
    group = place.shift.opportunity.group
    client = sign_in(make.manager(group))
    url = f"/groups/{group.id}/shifts/{place.shift_id}"
    assert "New time not answered yet" in client.get(url).text
    new_times.accept(place.shift_id, me.id, 1)
    assert "New time not answered yet" not in client.get(url).text
