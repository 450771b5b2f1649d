"""The profile in small steps: one question, saved by itself, then the next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation.extensions import db
from app.volunteers.models import Volunteer
from app.volunteers.steps import SLUGS, STEPS, progress
from app.volunteers.vocabulary import Activity, AgeBand, Skill
from tests import factories as make

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def me(app: Flask, sign_in: SignIn) -> Volunteer:
    user = make.user()
    sign_in(user)
    return make.volunteer(user_id=user.id, name="Vera Vole", postcode="LE11 3TU")


def again(volunteer: Volunteer) -> Volunteer:
    return db.session.get_one(Volunteer, volunteer.id, populate_existing=True)


def test_what_was_told_before_counts_as_answered(me: Volunteer) -> None:
    found = progress(me)
    assert {"travel", "age"} <= found.answered
    assert found.done + len(found.left) == found.in_all == len(STEPS)


def test_the_next_question_is_further_on_and_has_no_answer(app: Flask) -> None:
    person = make.volunteer(
        postcode="LE11 3TU", skills=Skill.DRIVE_CAR, free_times=0, interests=Activity(0)
    )
    found = progress(person)
    after = found.after("interests")
    assert after is not None
    assert after.slug == "times"
    beyond = found.after("times")
    assert beyond is not None
    assert beyond.slug == "emergency"
    assert found.after("emergency") is None


def test_an_answer_is_saved_by_itself_and_leads_on(me: Volunteer, client: FlaskClient) -> None:
    page = client.get("/my/profile/steps/interests").text
    assert "Question 4 of 7." in page
    answer = client.post("/my/profile/steps/interests", data={"interests": str(int(Activity.FOOD))})
    assert answer.location == "/my/profile/steps/times"
    assert again(me).interests == Activity.FOOD


def test_a_question_can_be_skipped_and_nothing_is_saved(me: Volunteer, client: FlaskClient) -> None:
    assert 'href="/my/profile/steps/times">Skip' in client.get("/my/profile/steps/interests").text
    assert again(me).interests == Activity(0)


def test_a_wrong_answer_is_told_and_kept(me: Volunteer, client: FlaskClient) -> None:
    answer = client.post(
        "/my/profile/steps/travel", data={"postcode": "nowhere at all", "miles": "7"}
    )
    assert answer.status_code == 200
    assert "nowhere at all" in answer.text
    assert "There is a problem" in answer.text


def test_after_the_last_question_what_is_left_is_named(me: Volunteer, client: FlaskClient) -> None:
    answer = client.post(
        "/my/profile/steps/emergency",
        data={"emergency_name": "Ravi", "emergency_phone": "07700 900111"},
        follow_redirects=True,
    )
    assert answer.request.path == "/my/profile/steps/done"
    assert "Thank you for now, Vera" in answer.text
    assert "/my/profile/steps/interests" in answer.text
    assert "/my/profile/steps/emergency" not in answer.text


def test_who_has_answered_all_is_thanked(app: Flask, sign_in: SignIn) -> None:
    user = make.user()
    make.volunteer(
        user_id=user.id,
        postcode="LE11 3TU",
        age_band=AgeBand.ADULT,
        interests=Activity.FOOD,
        free_times=1,
        skills=Skill.DRIVE_CAR,
        emergency_name="Ravi",
        emergency_phone="+447700900111",
    )
    client = sign_in(user)
    assert client.get("/my/profile/steps").location == "/my/profile/steps/done"
    assert "All is answered" in client.get("/my/profile/steps/done").text
    assert "Answer the next one" not in client.get("/my/profile").text


@pytest.mark.parametrize("slug", SLUGS)
def test_each_question_has_its_page(me: Volunteer, client: FlaskClient, slug: str) -> None:
    page = client.get(f"/my/profile/steps/{slug}").text
    assert str(next(step.question for step in STEPS if step.slug == slug)) in page


def test_there_are_no_other_questions(me: Volunteer, client: FlaskClient) -> None:
    assert client.get("/my/profile/steps/name").status_code == 404


def test_who_has_no_profile_has_no_steps(app: Flask, sign_in: SignIn) -> None:
    assert sign_in(make.user()).get("/my/profile/steps").status_code == 404
