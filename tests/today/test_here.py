"""The codes that people scan: who stands before the tablet, and who only says so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.hours.models import Attendance, Seen
from app.signups.models import Signup, Standing
from app.today import codes
from tests import factories as make
from tests.today.conftest import Saturday

SignIn = Callable[[User], FlaskClient]
Later = Callable[[float], AbstractContextManager[None]]


def path_of(token: str) -> str:
    return f"/here/{token}"


def belongs_to(place: Signup) -> User:
    """An account for the holder of a place."""
    user = make.user()
    with transaction():
        db.session.get_one(Signup, place.id).volunteer.user_id = user.id
    return db.session.get_one(User, user.id)


def standing(place: Signup) -> Standing:
    place_id = place.id
    db.session.rollback()
    return db.session.get_one(Signup, place_id).standing


def test_who_scans_and_is_signed_in_comes_and_leaves_with_a_tap_each(
    saturday: Saturday, sign_in: SignIn
) -> None:
    place = saturday.places[0]
    phone = sign_in(belongs_to(place))
    page = phone.get(path_of(codes.on_the_tablet(saturday.site_id)), follow_redirects=True).text
    assert "I am here" in page
    phone.post(f"/here/come/{place.id}")
    assert standing(place) == Standing.ATTENDED
    row = db.session.scalars(select(Attendance)).one()
    assert row.came_by == Seen.CODE
    assert "I am leaving" in phone.get("/here").text
    phone.post(f"/here/leave/{row.id}")
    db.session.rollback()
    assert db.session.scalars(select(Attendance.left_by)).one() == Seen.CODE


def test_the_tablets_code_counts_for_minutes_only(
    saturday: Saturday, client: FlaskClient, later: Later
) -> None:
    code = path_of(codes.on_the_tablet(saturday.site_id))
    with later(25):
        assert client.get(code).status_code == 302
    with later(27):
        assert client.get(code).status_code == 410
        assert client.get("/here").status_code == 200  # this phone scanned in time
    with later(37):
        assert client.get("/here").status_code == 410


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "x", lambda t: "9" + t, lambda t: t + "0"])
def test_a_code_that_we_did_not_make_opens_nothing(
    saturday: Saturday, client: FlaskClient, change: Callable[[str], str]
) -> None:
    token = codes.on_the_tablet(saturday.site_id)
    assert client.get(f"/here/{change(token)}").status_code == 410
    for odd in ("x", "1.2", "1.wall.", "²5.1.x", "1.é.x"):
        assert client.get(f"/here/{odd}").status_code == 410


def test_a_tablet_code_cannot_be_made_from_the_poster(
    saturday: Saturday, client: FlaskClient
) -> None:
    seal = codes.on_the_wall(saturday.site_id).rpartition(".")[2]
    step = codes.on_the_tablet(saturday.site_id).split(".")[-2]
    assert client.get(f"/here/{saturday.site_id}.{step}.{seal}").status_code == 410


def test_the_poster_asks_for_a_sign_in_and_is_marked_as_ones_own_word(
    app: Flask, saturday: Saturday, sign_in: SignIn
) -> None:
    poster = path_of(codes.on_the_wall(saturday.site_id))
    nobody = app.test_client()
    page = nobody.get(poster, follow_redirects=True).text
    assert "Sign in" in page
    assert "last four digits" not in page
    phone = sign_in(belongs_to(saturday.places[0]))
    phone.get(poster)
    phone.post(f"/here/come/{saturday.places[0].id}")
    row = db.session.scalars(select(Attendance)).one()
    assert row.came_by == Seen.POSTER
    group_id = saturday.shift.opportunity.group_id
    boss = sign_in(db.session.get_one(User, saturday.boss_id))
    assert "Own word" in boss.get(f"/groups/{group_id}/today/{saturday.site_id}").text


def test_the_way_through_the_sign_in_leads_back_to_the_code(
    saturday: Saturday, client: FlaskClient
) -> None:
    poster = path_of(codes.on_the_wall(saturday.site_id))
    page = client.get(poster, follow_redirects=True).text
    assert f"/sign-in?next={poster}" in page.replace("%2F", "/")


def test_without_an_account_four_digits_and_a_tap(saturday: Saturday, client: FlaskClient) -> None:
    place = saturday.places[0]
    client.get(path_of(codes.on_the_tablet(saturday.site_id)))
    digits = (place.volunteer.phone or "")[-4:]
    page = client.post("/here", data={"digits": digits}, follow_redirects=True).text
    assert "I am Amina K." in page
    assert place.volunteer.name not in page
    client.post("/here/who", data={"volunteer_id": place.volunteer_id})
    client.post(f"/here/come/{place.id}")
    assert standing(place) == Standing.ATTENDED


def test_digits_of_nobody_expected_open_nothing(saturday: Saturday, client: FlaskClient) -> None:
    client.get(path_of(codes.on_the_tablet(saturday.site_id)))
    stranger = make.volunteer(phone="+447700909876")
    page = client.post("/here", data={"digits": "9876"}).text
    assert "Nobody with that number" in page
    answer = client.post("/here/who", data={"volunteer_id": stranger.id})
    assert answer.location == "/here"


def test_nobody_is_named_who_was_not_offered(saturday: Saturday, client: FlaskClient) -> None:
    client.get(path_of(codes.on_the_tablet(saturday.site_id)))
    client.post("/here", data={"digits": (saturday.places[0].volunteer.phone or "")[-4:]})
    other = saturday.places[1].volunteer_id
    assert client.post("/here/who", data={"volunteer_id": other}).status_code == 400


def test_nobody_presses_for_somebody_else(saturday: Saturday, sign_in: SignIn) -> None:
    phone = sign_in(belongs_to(saturday.places[0]))
    phone.get(path_of(codes.on_the_tablet(saturday.site_id)))
    assert phone.post(f"/here/come/{saturday.places[1].id}").status_code == 404
    assert standing(saturday.places[1]) == Standing.CONFIRMED


def test_without_a_scan_nobody_presses(saturday: Saturday, sign_in: SignIn) -> None:
    phone = sign_in(belongs_to(saturday.places[0]))
    assert phone.post(f"/here/come/{saturday.places[0].id}").location == "/here"
    assert standing(saturday.places[0]) == Standing.CONFIRMED


def test_the_poster_is_a_page_to_print(saturday: Saturday, sign_in: SignIn) -> None:
    boss = sign_in(db.session.get_one(User, saturday.boss_id))
    group_id = saturday.shift.opportunity.group_id
    assert "<svg" in boss.get(f"/groups/{group_id}/today/{saturday.site_id}/poster").text
