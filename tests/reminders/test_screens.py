"""The one-tap answer, the profile's choice, the counts, the roster's tag."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.reminders import links
from app.reminders.service import assure
from app.signups.models import Signup, Standing
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Lead
from tests import factories, over_tls
from tests.reminders.conftest import written
from tests.reminders.test_service import DUE, STARTS, Sweep, change, place

SignIn = Callable[[User], FlaskClient]


def afresh(signup: Signup) -> Signup:
    db.session.rollback()
    return db.session.get_one(Signup, signup.id)


def test_the_link_of_an_email_answers_with_one_tap(client: FlaskClient, sweep_at: Sweep) -> None:
    signup = place(person=factories.volunteer(prefers=Channel.EMAIL))
    sweep_at(DUE)
    address = re.search(r"http://localhost(/coming/\S+)", written()[0].body)
    assert address is not None
    with clock.stopped_at(DUE):
        page = client.get(address[1])
        assert "Are you coming?" in page.text
        assert "Opening this page has not answered for you" in page.text
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert afresh(signup).assured_at is None
        yes = {"answer": "yes", "place": signup.id, "revision": signup.shift.revision}
        said = client.post(address[1], data=yes)
        assert "You said you are coming" in said.text
        assert afresh(signup).assured_at == DUE
        client.post(address[1], data={"answer": "no", "place": signup.id})
    assert afresh(signup).standing == Standing.WITHDRAWN


def test_the_answer_arrives_over_tls_with_the_guard_of_the_forms(app: Flask) -> None:
    own = factories.signup(factories.shift(), factories.volunteer())
    said = {"answer": "no", "place": own.id}
    assert over_tls.press(app, f"/coming/{links.token([own.id])}", said).status_code == 200
    assert afresh(own).standing == Standing.WITHDRAWN


def test_a_link_opens_no_other_place(client: FlaskClient) -> None:
    own = factories.signup(factories.shift(), factories.volunteer())
    other = factories.signup(factories.shift(), factories.volunteer())
    address = f"/coming/{links.token([own.id])}"
    answer = client.post(address, data={"answer": "no", "place": other.id})
    assert answer.status_code == 400
    assert afresh(other).standing == Standing.CONFIRMED
    assert client.get(f"/coming/{links.token([own.id])}x").status_code == 404
    assert client.get("/coming/nonsense").status_code == 404


@pytest.mark.parametrize("said", [{}, {"answer": "maybe"}, {"answer": "yes", "place": "nine"}])
def test_a_broken_answer_is_refused(client: FlaskClient, said: dict[str, str]) -> None:
    own = factories.signup(factories.shift(), factories.volunteer())
    assert client.post(f"/coming/{links.token([own.id])}", data=said).status_code == 400


def test_after_the_shift_the_link_only_thanks(client: FlaskClient) -> None:
    own = factories.signup(factories.shift(), factories.volunteer())
    with clock.stopped_at(clock.now() + timedelta(days=9)):
        page = client.get(f"/coming/{links.token([own.id])}")
        assert "This shift is over" in page.text
        said = {"answer": "yes", "place": own.id, "revision": own.shift.revision}
        page = client.post(f"/coming/{links.token([own.id])}", data=said)
        assert "Thank you</h1>" not in page.text
    assert afresh(own).assured_at is None


def test_a_page_of_the_old_time_says_nothing_about_the_new_one(client: FlaskClient) -> None:
    own = factories.signup(factories.shift(), factories.volunteer())
    address = f"/coming/{links.token([own.id])}"
    shown = own.shift.revision
    assert f'name="revision" value="{shown}"' in client.get(address).text
    change(own.shift, revision=shown + 1)
    for old in ({"revision": shown}, {}):
        page = client.post(address, data={"answer": "yes", "place": own.id, **old})
        assert "The time has changed. Please look at it and say again." in page.text
        assert afresh(own).assured_at is None
    assert f'name="revision" value="{shown + 1}"' in page.text
    client.post(address, data={"answer": "yes", "place": own.id, "revision": shown + 1})
    assert afresh(own).agreed_revision == shown + 1
    assert afresh(own).assured_at is not None


def test_nobody_is_thanked_for_a_place_that_they_left_meanwhile(client: FlaskClient) -> None:
    own = factories.signup(factories.shift(), factories.volunteer())
    change(own, standing=Standing.WITHDRAWN)
    said = {"answer": "yes", "place": own.id, "revision": own.shift.revision}
    page = client.post(f"/coming/{links.token([own.id])}", data=said)
    assert "Thank you" not in page.text
    assert "We have not noted that you are coming" in page.text
    assert "You are not on this shift any more" in page.text


def test_a_volunteer_chooses_when(app: Flask, sign_in: SignIn) -> None:
    user = factories.user()
    person = factories.volunteer(user_id=user.id)
    client = sign_in(user)
    assert "The day before" in client.get("/my/profile").text
    client.post("/my/profile/reminders", data={"reminders": ["1", "4"]})
    db.session.rollback()
    assert db.session.get_one(Volunteer, person.id).reminders == Lead.WEEK | Lead.TWO_HOURS
    client.post("/my/profile/reminders", data={"csrf_token": "any"})
    db.session.rollback()
    assert db.session.get_one(Volunteer, person.id).reminders == Lead(0)
    assert "We do not remind you" in client.get("/my/profile").text


def test_the_roster_shows_who_has_said_ok(sign_in: SignIn) -> None:
    signup = factories.signup(factories.shift(), factories.volunteer())
    group = signup.shift.opportunity.group
    client = sign_in(factories.manager(group))
    page = f"/groups/{group.id}/shifts/{signup.shift_id}"
    assert "Said OK" not in client.get(page).text

    assure({signup.id: signup.shift.revision})
    assert "Said OK" in client.get(page).text


def test_the_counts_are_for_administrators(
    sign_in: SignIn, sweep_at: Sweep, count_queries: Callable[[], Any]
) -> None:
    place()
    sweep_at(DUE)
    with clock.stopped_at(DUE + timedelta(minutes=1)):
        client = sign_in(factories.administrator())
        with count_queries() as statements:
            page = client.get("/operations/reminders")
        assert len(statements) <= 5
        assert "Reminders are being written" in page.text
        assert "Tuesday 9 June, 2pm" in page.text
    with clock.stopped_at(DUE + timedelta(minutes=15)):
        assert "Reminders have stopped" in client.get("/operations/reminders").text
        assert client.get("/readyz").json["reminders"] == "failed"
        assert "many_hands_reminders_age_seconds 900.0" in client.get("/metrics").text
    assert STARTS > DUE
