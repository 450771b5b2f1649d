"""A volunteer's own page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.broadcasts import links
from app.broadcasts.models import Answer, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.home.queries import own
from app.home.steps import next_step, why
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Activity, AgeBand, Skill
from tests import factories
from tests.home.conftest import MORNING, request_for
from tests.home.test_front import text

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def me(app) -> Volunteer:
    return factories.volunteer(name="Asha Patel", user_id=factories.user(name="Asha Patel").id)


@pytest.fixture
def mine(me: Volunteer, sign_in: SignIn) -> FlaskClient:
    return sign_in(db.session.get_one(User, me.user_id))


def test_the_next_shift_stands_first(me: Volunteer, mine: FlaskClient) -> None:
    later = factories.shift(factories.opportunity(title="Late tea"))
    sooner = factories.shift(
        factories.opportunity(title="Early tea"), starts_at=clock.now() + timedelta(hours=20)
    )
    for shift in (later, sooner):
        factories.signup(shift, me)
    page = text(mine)
    assert f"/shifts/{sooner.id}/withdraw" in page
    assert f"/shifts/{later.id}/withdraw" not in page
    assert "1 more shift" in page


def test_two_shifts_of_one_role_have_buttons_of_different_names(
    me: Volunteer, mine: FlaskClient
) -> None:
    role = factories.opportunity(title="Tea")
    for days in (2, 3):
        shift = factories.shift(role, starts_at=clock.now() + timedelta(days=days))
        until = clock.now() + timedelta(hours=5)
        factories.signup(shift, me, standing=Standing.OFFERED, offered_until=until)
    for pattern in (r"<button[^>]*>(Yes, .*?)</button>", r"<a [^>]*>(No, not this time.*?)</a>"):
        names = re.findall(pattern, text(mine), re.DOTALL)
        assert len(names) == len(set(names)) == 2


@pytest.mark.parametrize(("hours", "shown"), [(20, True), (72, False)])
def test_the_address_shows_only_near_the_time(
    me: Volunteer, mine: FlaskClient, hours: int, shown: bool
) -> None:
    site = factories.site(address="4 Mill Lane", access_notes="Code 1234")
    shift = factories.shift(
        factories.opportunity(at=site), starts_at=clock.now() + timedelta(hours=hours)
    )
    factories.signup(shift, me)
    page = text(mine)
    assert ("4 Mill Lane" in page) is shown
    assert ("Code 1234" in page) is shown


def test_who_waits_is_told_no_address(me: Volunteer, mine: FlaskClient) -> None:
    site = factories.site(address="4 Mill Lane")
    shift = factories.shift(factories.opportunity(at=site), starts_at=clock.now() + timedelta(1))
    factories.signup(shift, me, standing=Standing.WAITING)
    page = text(mine)
    assert "4 Mill Lane" not in page
    assert "You wait for a place on 1 shift" in page


def test_a_request_can_be_answered_at_once(me: Volunteer, mine: FlaskClient) -> None:
    shift = factories.shift()
    broadcast = request_for(shift, me)
    address = f"/r/{links.token(broadcast.id, me.id)}"
    assert text(mine).count(f'action="{address}"') == 2
    mine.post(address, data={"answer": "no"})
    assert address not in text(mine)


@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO, Answer.UNCLEAR])
def test_what_was_answered_waits_no_more(me: Volunteer, answer: Answer) -> None:
    broadcast = request_for(factories.shift())
    factories.save(Recipient(broadcast_id=broadcast.id, volunteer_id=me.id, wave=1, answer=answer))
    assert own.asks(me.id) == []


def test_a_request_that_has_not_come_to_me_yet_is_not_told(me: Volunteer) -> None:
    broadcast = request_for(factories.shift())
    factories.save(Recipient(broadcast_id=broadcast.id, volunteer_id=me.id))
    assert own.asks(me.id) == []


def test_an_ended_request_asks_nobody(me: Volunteer) -> None:
    request_for(factories.shift(), me, state=BroadcastState.ENDED)
    assert own.asks(me.id) == []


def test_a_role_that_is_asked_for_is_not_offered_twice(me: Volunteer, mine: FlaskClient) -> None:
    shift = factories.shift()
    request_for(shift, me)
    assert f"/shifts/{shift.id}/claim" not in text(mine)


def test_roles_near_come_with_their_reasons(mine: FlaskClient) -> None:
    shift = factories.shift()
    page = text(mine)
    assert f"/shifts/{shift.id}/claim" in page
    assert "Under half a mile away" in page


def test_the_time_given_adds_up(me: Volunteer) -> None:
    for minutes in (90, 60, None):
        shift = factories.shift(starts_at=clock.now() - timedelta(days=3))
        factories.signup(shift, me, standing=Standing.ATTENDED, attended_minutes=minutes)
    given = own.given(me.id, MORNING.date())
    # Where nobody noted any time, there is none to tell of.
    assert (given.minutes, given.shifts, given.groups) == (150, 2, 2)


def test_the_hours_are_said_plainly(me: Volunteer, mine: FlaskClient) -> None:
    shift = factories.shift(starts_at=clock.now() - timedelta(days=3))
    factories.signup(shift, me, standing=Standing.ATTENDED, attended_minutes=150)
    assert '<span class="mh-stat__number">2.5</span>' in text(mine)


def test_consent_is_asked_for_before_all_else(app) -> None:
    person = factories.volunteer(
        sms_consent_at=None, email_consent_at=None, age_band=AgeBand.NOT_TOLD
    )
    step = next_step(person)
    assert step is not None
    assert step.slug == "contact"


def test_each_step_leads_to_a_page(me: Volunteer, mine: FlaskClient) -> None:
    step = next_step(me)
    assert step is not None
    assert mine.get(f"/my/profile/{step.slug}").status_code == 200


def test_a_full_profile_is_left_in_peace(app) -> None:
    person = factories.volunteer(
        interests=Activity.FOOD,
        free_times=1,
        skills=sum(Skill, Skill(0)),
        emergency_name="Ravi",
        emergency_phone="+447700900111",
    )
    assert next_step(person) is None


def test_a_rest_is_told_until_its_last_day(me: Volunteer, mine: FlaskClient) -> None:
    with transaction():
        me.paused_until = MORNING.date() + timedelta(days=1)
    assert "You are having a rest until Wednesday 2 December" in text(mine)
    with clock.stopped_at(MORNING + timedelta(days=1)):
        assert "having a rest" not in text(mine)


def test_a_newcomer_is_led_to_a_profile(sign_in: SignIn) -> None:
    assert "/my/profile/start" in text(sign_in(factories.user()))


def test_the_number_of_queries_does_not_grow(
    me: Volunteer, mine: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    for number in range(1, 5):
        request_for(factories.shift(), me, number=number)
        factories.signup(factories.shift(starts_at=clock.now() + timedelta(days=4)), me)
    db.session.remove()  # nothing is remembered from what the test made
    with count_queries() as statements:
        text(mine)
    assert len(statements) == 20


def test_who_else_comes_is_told_by_first_name(me: Volunteer, mine: FlaskClient) -> None:
    shift = factories.shift(places=9)
    factories.signup(shift, me)
    factories.signup(shift, factories.volunteer(name="Ben Brown"))
    factories.signup(shift, factories.volunteer(name="Young Yan", age_band=AgeBand.FROM_16))
    factories.signup(shift, factories.volunteer(name="Wilma Wait"), standing=Standing.WAITING)
    page = text(mine)
    assert "Ben" in page
    assert "and 1 more person" in page
    for hidden in ("Brown", "Young", "Wilma"):
        assert hidden not in page


@pytest.mark.parametrize(("hours", "shown"), [(20, True), (72, False)])
def test_the_way_is_shown_with_the_address(
    me: Volunteer, mine: FlaskClient, hours: int, shown: bool
) -> None:
    factories.signup(factories.shift(starts_at=clock.now() + timedelta(hours=hours)), me)
    assert ("openstreetmap.org/directions" in text(mine)) is shown


def test_one_tap_says_that_one_is_coming(me: Volunteer, mine: FlaskClient) -> None:
    shift = factories.shift(starts_at=clock.now() + timedelta(hours=20))
    signup = factories.signup(shift, me, confirmed_at=clock.now() - timedelta(days=3))
    assert f'action="/shifts/{shift.id}/coming"' in text(mine)
    answer = mine.post(
        f"/shifts/{shift.id}/coming",
        data={"revision": str(shift.revision), "from": "home"},
        follow_redirects=True,
    )
    assert answer.request.path == "/"
    assert "You said that you are coming" in answer.text
    assert f'action="/shifts/{shift.id}/coming"' not in answer.text
    assert db.session.get_one(Signup, signup.id).assured_at == clock.now()


def test_who_knows_only_the_old_time_has_not_said_that_they_come(
    me: Volunteer, mine: FlaskClient
) -> None:
    shift = factories.shift(revision=2, starts_at=clock.now() + timedelta(hours=20))
    signup = factories.signup(shift, me, agreed_revision=1)
    answer = mine.post(f"/shifts/{shift.id}/coming", data={"revision": "1"}, follow_redirects=True)
    assert "The time has changed meanwhile" in answer.text
    assert db.session.get_one(Signup, signup.id).assured_at is None


def test_who_left_in_another_window_is_not_thanked_for_coming(
    me: Volunteer, mine: FlaskClient
) -> None:
    shift = factories.shift(starts_at=clock.now() + timedelta(hours=20))
    factories.signup(shift, me, standing=Standing.WITHDRAWN)
    answer = mine.post(
        f"/shifts/{shift.id}/coming",
        data={"revision": str(shift.revision), "from": "home"},
        follow_redirects=True,
    )
    assert "the others know that you are coming" not in answer.text
    assert "We have not noted that you are coming." in answer.text
    assert answer.request.path == f"/shifts/{shift.id}/claim"


def test_a_new_time_waits_for_an_answer(me: Volunteer, mine: FlaskClient) -> None:
    factories.signup(factories.shift(revision=1), me, agreed_revision=0)
    page = text(mine)
    assert "has a new time" in page
    assert "One question waits for your answer" in page


def test_a_milestone_is_told_while_it_is_new(me: Volunteer, mine: FlaskClient) -> None:
    shift = factories.shift(starts_at=clock.now() - timedelta(days=3))
    factories.signup(shift, me, standing=Standing.ATTENDED, attended_minutes=150)
    assert "You did your first shift." in text(mine)
    assert own.given(me.id, MORNING.date() + timedelta(days=11)).milestone is None


def test_why_to_tell_is_said_with_the_roles_that_would_be_found(app) -> None:
    person = factories.volunteer(age_band=AgeBand.NOT_TOLD)
    for _ in range(2):
        factories.shift(factories.opportunity(minimum_age=18))
    step = next_step(person)
    assert step is not None
    assert step.slug == "age"
    assert why(step, person).startswith("2 roles near you are for people of 18 or over.")


def test_where_nothing_would_be_found_no_number_is_said(app) -> None:
    person = factories.volunteer(age_band=AgeBand.NOT_TOLD)
    step = next_step(person)
    assert step is not None
    assert why(step, person) == str(step.why)
