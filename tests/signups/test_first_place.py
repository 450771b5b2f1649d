"""From a shift that a stranger likes to a place on it: one page, one code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message
from app.opportunities.models import Policy, Shift, Stage
from app.signups.models import Signup, Standing
from app.volunteers.models import Consent, InductionStep, TickedBy, Volunteer
from app.volunteers.vocabulary import DbsLevel, Language, Skill, Training, Workforce
from tests import factories as make

NEWCOMER = {
    "name": "Nora New",
    "contact": "07700 900123",
    "postcode": "LE11 3TU",
    "age_band": "adult",
}


def code() -> str:
    body = db.session.scalar(select(Message.body).order_by(Message.id.desc()))
    found = re.search(r"\d{6}", body or "")
    assert found
    return found[0]


def join(client: FlaskClient, shift: Shift, **said: Any) -> str:
    """Fill in the page and type the code; where one is led."""
    answer = client.post(f"/shifts/{shift.id}/join", data=NEWCOMER | said)
    assert answer.location == "/sign-up/confirm", answer.text
    answer = client.post("/sign-up/confirm", data={"code": code()})
    return str(answer.location)


def standing() -> Standing | None:
    db.session.expire_all()
    return db.session.scalar(select(Signup.standing))


def test_the_code_gives_the_place(client: FlaskClient) -> None:
    shift = make.shift()
    assert join(client, shift) == f"/shifts/{shift.id}/place"
    assert standing() == Standing.CONFIRMED
    page = client.get(f"/shifts/{shift.id}/place").text
    assert "You have a place" in page
    assert "Nora" in page


def test_nobody_has_a_place_before_the_code_is_right(client: FlaskClient) -> None:
    shift = make.shift()
    client.post(f"/shifts/{shift.id}/join", data=NEWCOMER)
    right = code()
    client.post("/sign-up/confirm", data={"code": "000000" if right != "000000" else "000001"})
    assert standing() is None
    assert shift.taken == 0


def test_another_code_keeps_what_was_chosen(client: FlaskClient) -> None:
    shift = make.shift()
    client.post(f"/shifts/{shift.id}/join", data=NEWCOMER)
    client.post("/sign-up/confirm/again")
    assert client.post("/sign-up/confirm", data={"code": code()}).location.endswith("/place")
    assert standing() == Standing.CONFIRMED


def test_the_page_of_the_code_says_what_for(client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(title="Story time helper"))
    client.post(f"/shifts/{shift.id}/join", data=NEWCOMER)
    page = client.get("/sign-up/confirm").text
    assert "Story time helper" in page
    assert "Take this place" in page


def test_on_a_full_shift_one_waits(client: FlaskClient) -> None:
    shift = make.shift(places=1)
    make.signup(shift, make.volunteer())
    assert "Join the waiting list" in client.get(f"/shifts/{shift.id}/join").text
    join(client, shift)
    assert "number 1 in the queue" in client.get(f"/shifts/{shift.id}/place").text


def test_where_a_manager_looks_first_one_has_asked(client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(policy=Policy.APPROVAL))
    assert "Ask for this place" in client.get(f"/shifts/{shift.id}/join").text
    join(client, shift)
    assert standing() == Standing.WAITING
    assert "You have asked for a place" in client.get(f"/shifts/{shift.id}/place").text


def test_a_skill_that_is_ticked_counts_and_no_other(client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(needs_skills=Skill.DRIVE_CAR))
    page = client.get(f"/shifts/{shift.id}/join").text
    assert "Can you do this?" in page
    assert "Chainsaw" not in page
    join(client, shift, skills=[str(int(Skill.DRIVE_CAR)), str(int(Skill.CHAINSAW))])
    assert standing() == Standing.CONFIRMED
    assert db.session.scalar(select(Volunteer.skills)) == Skill.DRIVE_CAR


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ({"needs_skills": Skill.DRIVE_CAR}, {}),
        ({"needs_languages": Language.GUJARATI}, {}),
        ({"minimum_age": 18}, {"age_band": "16-17"}),
    ],
)
def test_an_answer_with_which_nobody_has_the_place_is_told_before_the_code(
    client: FlaskClient, asks: dict[str, Any], said: dict[str, str]
) -> None:
    shift = make.shift(make.opportunity(**asks))
    page = client.post(f"/shifts/{shift.id}/join", data=NEWCOMER | said).text
    assert "There is a problem" in page
    assert "This role" in page
    assert f'value="{NEWCOMER["contact"]}"' in page
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_what_needs_more_than_an_answer_is_told_after_signing_up(client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(minimum_age=16))
    assert join(client, shift, age_band="16-17") == f"/shifts/{shift.id}/claim"
    assert "Something is missing" in client.get(f"/shifts/{shift.id}/claim").text


def test_a_language_is_asked_for(client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(needs_languages=Language.GUJARATI))
    join(client, shift, languages=[str(int(Language.GUJARATI))])
    assert standing() == Standing.CONFIRMED


@pytest.mark.parametrize("band", ["16-17", "under-16"])
def test_who_is_too_young_gets_no_place_and_hears_why(client: FlaskClient, band: str) -> None:
    shift = make.shift(make.opportunity(minimum_age=16))
    assert join(client, shift, age_band=band) == f"/shifts/{shift.id}/claim"
    assert standing() is None
    page = client.get(f"/shifts/{shift.id}/claim").text
    assert "guardian" in page
    assert "Change my profile" in page


@pytest.mark.parametrize(
    ("asks", "sentence"),
    [
        ({"policy": Policy.INVITATION}, "by invitation"),
        ({"policy": Policy.MEMBERS}, "knows already"),
        ({"needs_training": Training.FOOD_HYGIENE}, "needs training"),
        ({"needs_induction": True}, "induction"),
        (
            {"dbs_level": DbsLevel.ENHANCED, "dbs_workforce": Workforce.ADULT},
            "enhanced dbs check",
        ),
    ],
)
def test_what_no_form_settles_is_said_before_anything_is_typed(
    client: FlaskClient, asks: dict[str, Any], sentence: str
) -> None:
    shift = make.shift(make.opportunity(**asks))
    with transaction():
        step = InductionStep(
            group_id=shift.opportunity.group_id, name="Fire exits", ticked_by=TickedBy.MANAGER
        )
        db.session.add(step)
    page = client.get(f"/shifts/{shift.id}/join").text
    assert sentence in page.lower()
    assert "Take this place" not in page
    assert "How to reach" in page
    assert join(client, shift) == f"/shifts/{shift.id}/claim"
    assert standing() is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter your name."),
        ({"contact": "0770"}, "Enter a mobile number"),
        ({"postcode": "Leicester"}, "Enter a full postcode"),
        ({"age_band": ""}, "Tell us if you are 18 or over."),
    ],
)
def test_a_wrong_answer_stands_beside_its_field_and_nothing_is_lost(
    client: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    shift = make.shift()
    page = client.post(f"/shifts/{shift.id}/join", data=NEWCOMER | wrong).text
    assert page.count(sentence) == 2  # in the summary, and beside the field
    kept = [value for name, value in (NEWCOMER | wrong).items() if value and name not in wrong]
    assert [value for value in kept if f'value="{value}"' not in page] == []
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_to_be_asked_again_is_a_choice_with_its_record(client: FlaskClient) -> None:
    shift = make.shift()
    join(client, shift)
    assert db.session.scalar(select(Volunteer.sms_consent_at)) is None
    client.post("/sign-out")
    join(client, shift, name="Ned New", contact="ned@example.org", may_ask="y")
    ned = db.session.scalars(select(Volunteer).where(Volunteer.name == "Ned New")).one()
    assert (ned.sms_consent_at, ned.email_consent_at is not None) == (None, True)
    assert db.session.scalars(select(Consent.how)).all() == ["ticked at sign-up"]


@pytest.mark.parametrize("contact", ["07700 900123", "nora@example.org"])
def test_who_may_not_be_asked_is_told_of_their_own_place(client: FlaskClient, contact: str) -> None:
    shift = make.shift()
    join(client, shift, contact=contact)
    assert "We have written to you" in client.get(f"/shifts/{shift.id}/place").text
    told = db.session.scalars(select(Message).where(Message.purpose == "standing")).all()
    assert [one.to_address for one in told] == [contact.replace(" ", "").replace("07", "+447", 1)]
    assert "You have a place" in told[0].body


def test_an_induction_that_asks_nothing_keeps_nobody_out(client: FlaskClient) -> None:
    join(client, make.shift(make.opportunity(needs_induction=True)))
    assert standing() == Standing.CONFIRMED


def test_a_closed_shift_asks_nothing(client: FlaskClient) -> None:
    shift = make.shift(stage=Stage.CANCELLED, cancel_reason="Snow.")
    page = client.get(f"/shifts/{shift.id}/join").text
    assert "has been cancelled. Snow." in page
    assert "Your name" not in page
    client.post(f"/shifts/{shift.id}/join", data=NEWCOMER)
    assert db.session.scalar(select(func.count(User.id))) == 0


@pytest.mark.parametrize("shift_id", ["0", "999999", "9223372036854775807"])
def test_no_such_shift(client: FlaskClient, shift_id: str) -> None:
    assert client.get(f"/shifts/{shift_id}/join").status_code == 404


def test_a_draft_is_not_there(client: FlaskClient) -> None:
    shift = make.shift(make.opportunity(stage=Stage.DRAFT), stage=Stage.DRAFT)
    assert client.get(f"/shifts/{shift.id}/join").status_code == 404


def test_who_is_signed_in_has_the_one_button(
    app: Flask, sign_in: Callable[[User], FlaskClient]
) -> None:
    shift = make.shift()
    answer = sign_in(make.user()).get(f"/shifts/{shift.id}/join")
    assert answer.location == f"/shifts/{shift.id}/claim"


def test_a_forged_intent_is_none(client: FlaskClient) -> None:
    """The cookie is signed; an intent that this version does not know does nothing."""
    client.post("/sign-up", data=NEWCOMER)
    with client.session_transaction() as held:
        held["signing up"] = held["signing up"] | {"intent": ["unknown", 4]}
    answer = client.post("/sign-up/confirm", data={"code": code()})
    assert answer.location == "/my/profile/welcome"


def test_its_statements_are_pinned(client: FlaskClient, count_queries: Callable[[], Any]) -> None:
    shift = make.shift()
    with count_queries() as statements:
        client.get(f"/shifts/{shift.id}/join")
    assert len(statements) == 3
