"""Taking and leaving a place in the browser, one's own shifts, the calendar's address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Policy, Shift, Stage
from app.signups import calendars
from app.signups.models import CalendarFeed, Signup, Standing
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Activity, Skill
from tests import factories as make

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def me(app: Flask, sign_in: SignIn) -> Volunteer:
    """A volunteer who is signed in."""
    user = make.user()
    sign_in(user)
    return make.volunteer(user_id=user.id, name="Vera Vole", skills=Skill.DRIVE_CAR)


def test_the_page_of_a_claim_says_what_where_when_and_why(
    me: Volunteer, client: FlaskClient
) -> None:
    role = make.opportunity(title="Driver", likes_skills=Skill.DRIVE_CAR, activity=Activity.FOOD)
    shift = make.shift(role)
    page = client.get(f"/shifts/{shift.id}/claim").text
    assert "Driver" in page
    assert "The hall" in page
    assert "Under half a mile away" in page
    assert "Uses your skills: driving a car" in page


def test_a_claim_gives_a_place(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift()
    answer = client.post(f"/shifts/{shift.id}/claim", follow_redirects=True)
    assert "You have a place" in answer.text
    assert db.session.scalars(select(Signup)).one().standing == Standing.CONFIRMED


def test_claiming_twice_shows_the_place(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift()
    for _ in range(2):
        answer = client.post(f"/shifts/{shift.id}/claim", follow_redirects=True)
    assert "You have a place" in answer.text
    assert len(db.session.scalars(select(Signup)).all()) == 1


def test_on_a_full_shift_one_hears_ones_number(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift(places=1)
    make.signup(shift, make.volunteer())
    make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    assert "Join the waiting list" in client.get(f"/shifts/{shift.id}/claim").text
    answer = client.post(f"/shifts/{shift.id}/claim", follow_redirects=True)
    assert "You are number 2 in the queue" in answer.text


def test_where_a_manager_decides_one_has_asked(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(policy=Policy.APPROVAL))
    answer = client.post(f"/shifts/{shift.id}/claim", follow_redirects=True)
    assert "You have asked for a place" in answer.text


def test_what_stands_in_the_way_is_said_and_no_button_shown(
    me: Volunteer, client: FlaskClient
) -> None:
    shift = make.shift(make.opportunity(needs_skills=Skill.CHAINSAW))
    page = client.get(f"/shifts/{shift.id}/claim").text
    assert "This role needs: chainsaw" in page
    assert "Yes, I will help" not in page


def test_a_post_past_the_hindrance_is_refused_in_words(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(needs_skills=Skill.CHAINSAW))
    assert "This role needs: chainsaw" in client.post(f"/shifts/{shift.id}/claim").text
    assert db.session.scalars(select(Signup)).all() == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"stage": Stage.CANCELLED, "cancel_reason": "Snow."}, "has been cancelled. Snow."),
        ({"stage": Stage.CLOSED}, "This shift is closed"),
    ],
)
def test_a_shift_that_is_not_open_says_why(
    me: Volunteer, client: FlaskClient, said: dict[str, Any], sentence: str
) -> None:
    shift = make.shift(**said)
    assert sentence in client.get(f"/shifts/{shift.id}/claim").text


def test_a_shift_that_has_begun_says_so(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift(starts_at=clock.now() - timedelta(hours=1))
    assert "already begun" in client.get(f"/shifts/{shift.id}/claim").text


@pytest.mark.parametrize("shift_id", ["0", "999999", "9223372036854775807"])
def test_no_such_shift(me: Volunteer, client: FlaskClient, shift_id: str) -> None:
    assert client.get(f"/shifts/{shift_id}/claim").status_code == 404


def test_a_draft_shift_is_not_there(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(stage=Stage.DRAFT), stage=Stage.DRAFT)
    assert client.get(f"/shifts/{shift.id}/claim").status_code == 404


def test_who_is_not_signed_in_is_led_to_the_page_for_newcomers(
    app: Flask, client: FlaskClient
) -> None:
    shift = make.shift()
    for ask in (client.get, client.post):
        answer = ask(f"/shifts/{shift.id}/claim")
        assert (answer.status_code, answer.location) == (302, f"/shifts/{shift.id}/join")
    assert f"/sign-in?next=/shifts/{shift.id}/claim" in client.get(answer.location).text


def test_a_user_without_a_profile_is_led_to_make_one(app: Flask, sign_in: SignIn) -> None:
    shift = make.shift()
    client = sign_in(make.user())
    assert "Tell us about you" in client.get(f"/shifts/{shift.id}/claim").text
    assert "Tell us about you" in client.post(f"/shifts/{shift.id}/claim").text
    assert "Tell us about you" in client.get("/my/shifts").text


def test_leaving_is_thanked_for_and_the_reason_kept(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift()
    make.signup(shift, me)
    assert "That is fine" in client.get(f"/shifts/{shift.id}/withdraw").text
    answer = client.post(
        f"/shifts/{shift.id}/withdraw", data={"reason": " Flu "}, follow_redirects=True
    )
    assert "It is fine to say no" in answer.text
    signup = db.session.scalars(select(Signup)).one()
    assert (signup.standing, signup.reason) == (Standing.WITHDRAWN, "Flu")


def test_leaving_what_one_is_not_on_is_harmless(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift()
    make.signup(shift, make.volunteer())
    answer = client.post(f"/shifts/{shift.id}/withdraw", follow_redirects=True)
    assert "nothing to leave" in answer.text
    assert db.session.scalars(select(Signup)).one().standing == Standing.CONFIRMED


def test_too_long_a_reason_is_kept_in_its_box(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift()
    make.signup(shift, me)
    page = client.post(f"/shifts/{shift.id}/withdraw", data={"reason": "x" * 301}).text
    assert "300 letters long at most" in page
    assert "x" * 301 in page


def secret_shift(**said: Any) -> Shift:
    at = make.site(address="1 Secret Lane", access_notes="Code 1234")
    return make.shift(make.opportunity(at=at), **said)


@pytest.mark.parametrize(
    ("standing", "hours", "is_told"),
    [
        (Standing.CONFIRMED, 47, True),
        (Standing.CONFIRMED, 49, False),
        (Standing.CONFIRMED, -1, True),
        (Standing.CONFIRMED, -3, False),
        (Standing.WAITING, 2, False),
    ],
)
def test_the_address_is_for_people_with_a_place_around_the_time(
    me: Volunteer, client: FlaskClient, standing: Standing, hours: int, is_told: bool
) -> None:
    shift = secret_shift(starts_at=clock.now() + timedelta(hours=hours))
    make.signup(shift, me, standing=standing)
    for address in (f"/shifts/{shift.id}/place", "/my/shifts"):
        page = client.get(address).text
        assert ("Secret Lane" in page) == is_told
        assert ("Code 1234" in page) == is_told
        assert ("LE11 3TU" in page.replace("\xa0", " ")) == is_told


def test_who_has_no_place_is_told_no_postcode(me: Volunteer, client: FlaskClient) -> None:
    shift = secret_shift(starts_at=clock.now() + timedelta(hours=2))
    page = client.get(f"/shifts/{shift.id}/claim").text
    assert "The hall" in page
    assert "3TU" not in page
    assert "Secret Lane" not in page


def test_a_closed_groups_shift_offers_no_place(me: Volunteer, client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(make.group(is_closed=True)))
    page = client.get(f"/shifts/{shift.id}/claim").text
    assert "This group has closed" in page
    assert "Yes, I will help" not in page


def test_my_shifts_tell_next_waiting_and_before(me: Volunteer, client: FlaskClient) -> None:
    for title, standing, days in (
        ("Coming", Standing.CONFIRMED, 1),
        ("Queued", Standing.WAITING, 2),
        ("Long ago", Standing.ATTENDED, -9),
        ("Left", Standing.WITHDRAWN, 3),
    ):
        role = make.opportunity(title=title)
        shift = make.shift(role, starts_at=clock.now() + timedelta(days=days))
        make.signup(shift, me, standing=standing)
    page = client.get("/my/shifts").text
    order = [page.index(word) for word in ("Coming", "Queued", "Number 1 in", "Before")]
    assert order == sorted(order)
    assert page.index("You were there") > page.index("Before")
    assert page.index("You left") > page.index("Before")


def test_a_calendar_address_shows_the_places_of_its_volunteer(
    me: Volunteer, client: FlaskClient
) -> None:
    mine, waiting, others = (make.shift(make.opportunity(title=t)) for t in "ABC")
    make.signup(mine, me)
    make.signup(waiting, me, standing=Standing.WAITING)
    make.signup(others, make.volunteer())
    page = client.post("/my/calendar")
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="http://localhost(/calendar/[\w-]+\.ics)"', page.text)
    assert found
    answer = client.get(found[1])
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [str(event["summary"])[0] for event in events] == ["A"]


@pytest.mark.parametrize("days", [5, -5])
def test_the_calendar_tells_no_address_before_or_after_its_time(app: Flask, days: int) -> None:
    me = make.volunteer()
    make.signup(secret_shift(starts_at=clock.now() + timedelta(days=days)), me)
    content = calendars.feed(calendars.new_address(me.id)) or b""
    assert b"Secret" not in content
    assert b"Code" not in content


def test_a_new_calendar_address_ends_the_old_one(app: Flask, client: FlaskClient) -> None:
    me = make.volunteer()
    old, new = calendars.new_address(me.id), calendars.new_address(me.id)
    assert client.get(f"/calendar/{old}.ics").status_code == 404
    assert client.get(f"/calendar/{new}.ics").status_code == 200


def test_a_calendar_address_can_be_stopped(me: Volunteer, client: FlaskClient) -> None:
    token = calendars.new_address(me.id)
    client.post("/my/calendar/stop")
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_the_calendars_token_itself_is_not_kept(app: Flask) -> None:
    token = calendars.new_address(make.volunteer().id)
    assert token not in repr(db.session.execute(select(CalendarFeed.token_hash)).all())


def test_my_shifts_statements_do_not_grow(
    me: Volunteer, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    counts = []
    for _ in range(2):
        for day in range(1, 4):
            make.signup(make.shift(starts_at=clock.now() + timedelta(days=day)), me)
        with count_queries() as statements:
            client.get("/my/shifts")
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_new_profile_leads_back_to_the_shift(app: Flask, sign_in: SignIn) -> None:
    shift = make.shift()
    client = sign_in(make.user())
    page = client.get(f"/shifts/{shift.id}/claim").text
    found = re.search(r'href="(/my/profile/start[^"]*)"', page)
    assert found
    answer = client.post(found[1], data={"postcode": "LE11 3TU"})
    assert answer.location == f"/shifts/{shift.id}/claim"


def test_ones_own_place_is_a_file_for_the_calendar(me: Volunteer, client: FlaskClient) -> None:
    role = make.opportunity(title="Driver", at=make.site(address="14 Meadow Lane"))
    soon = make.shift(role, starts_at=clock.now() + timedelta(hours=20))
    later = make.shift(role, starts_at=clock.now() + timedelta(hours=90))
    for shift in (soon, later):
        client.post(f"/shifts/{shift.id}/claim")
        address = f"/shifts/{shift.id}/place.ics"
        assert address in client.get(f"/shifts/{shift.id}/place").text
        answer = client.get(address)
        assert answer.mimetype == "text/calendar"
        (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
        assert "Driver" in event["summary"]
        assert event["uid"] == f"shift-{shift.id}-volunteer-{me.id}@localhost"
        # The street is told two days before, here as everywhere.
        assert ("Meadow Lane" in event["location"]) is (shift is soon)


def test_a_place_that_one_has_not_is_no_file(me: Volunteer, client: FlaskClient) -> None:
    of_others, waiting = make.shift(), make.shift(places=1)
    for shift in (of_others, waiting):
        make.signup(shift, make.volunteer())
    client.post(f"/shifts/{waiting.id}/claim")
    for shift in (of_others, waiting):
        assert client.get(f"/shifts/{shift.id}/place.ics").status_code == 404


def test_ones_own_shifts_cost_as_much_for_one_as_for_many(
    me: Volunteer, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    for days in range(1, 13):
        shift = make.shift(starts_at=clock.now() + timedelta(days=days), places=3)
        make.signup(shift, make.volunteer())
        make.signup(shift, me)
    db.session.remove()
    with count_queries() as statements:
        page = client.get("/my/shifts").text
    assert page.count("mh-faces__face") == 6  # those later stand in a plain list
    assert len(statements) == 9
