"""Standing places in the browser: the volunteer's pages and the managers'."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Policy
from app.signups import service as places
from app.signups.models import Way
from app.signups.standing import service
from app.signups.standing.models import StandingPlace, StandingState
from app.volunteers.models import DatesAway, Volunteer
from tests import factories as make
from tests.broadcasts.pages import words
from tests.signups.standing.test_service import (
    NOW,
    TUESDAY,
    WEEK,
    days,
    desk,
    shift_on,
    stands,
)

SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _morning(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def me(app: Flask, sign_in: SignIn) -> Volunteer:
    """A volunteer who is signed in."""
    user = make.user()
    sign_in(user)
    return make.volunteer(user_id=user.id, name="Vera Vole")


def said(**more: Any) -> dict[str, Any]:
    return {"every_weeks": "2", "first_day": TUESDAY.isoformat(), "last_day": ""} | more


def test_a_volunteer_sees_the_dates_before_they_say_yes(me: Volunteer, client: FlaskClient) -> None:
    pattern = desk()
    role = client.get(f"/opportunities/{pattern.opportunity_id}", follow_redirects=True)
    assert "Ask for a standing place" in role.text
    chosen = client.get(f"/opportunities/{pattern.opportunity_id}/stand")
    assert chosen.location.endswith(f"/patterns/{pattern.id}/stand")
    look = client.post(chosen.location, data=said())
    assert "Tuesday 17 March" in words(look)
    assert "Tuesday 10 March" not in words(look)
    assert db.session.scalars(select(StandingPlace)).all() == []
    done = client.post(chosen.location, data=said(sure="1"), follow_redirects=True)
    assert "5 places are made so far" in words(done)
    assert "Every second Tuesday, 10am to noon" in words(done)
    assert days(me.id) == [TUESDAY + 2 * n * WEEK for n in range(5)]


def test_what_was_said_can_be_changed_before_the_yes(me: Volunteer, client: FlaskClient) -> None:
    pattern = desk()
    answer = client.post(f"/patterns/{pattern.id}/stand", data=said(sure="1", change="1"))
    assert "See the dates" in words(answer)
    assert 'value="2" checked' in answer.text
    assert db.session.scalars(select(StandingPlace)).all() == []


def test_a_bad_date_has_its_error_beside_it_and_loses_nothing(
    me: Volunteer, client: FlaskClient
) -> None:
    pattern = desk()
    answer = client.post(f"/patterns/{pattern.id}/stand", data=said(last_day="soonish"))
    assert 'value="soonish"' in answer.text
    assert "There is a problem" in answer.text


def test_where_the_group_decides_the_page_says_so(me: Volunteer, client: FlaskClient) -> None:
    pattern = desk(make.opportunity(policy=Policy.APPROVAL))
    page = client.get(f"/patterns/{pattern.id}/stand")
    assert "The group looks at each request first" in words(page)
    done = client.post(f"/patterns/{pattern.id}/stand", data=said(sure="1"), follow_redirects=True)
    assert "Asked for" in words(done)


def test_one_date_is_skipped_on_a_page_of_its_own(me: Volunteer, client: FlaskClient) -> None:
    standing = stands(desk(), me).standing
    page = client.get("/my/standing")
    assert f"/my/standing/{standing.id}/skip?day={TUESDAY}" in page.text
    done = client.post(
        f"/my/standing/{standing.id}/skip",
        data={"day": TUESDAY.isoformat(), "reason": "Dentist"},
        follow_redirects=True,
    )
    assert "Not coming" in words(done)
    assert TUESDAY not in days(me.id)
    back = client.post(
        f"/my/standing/{standing.id}/come", data={"day": TUESDAY.isoformat()}, follow_redirects=True
    )
    assert "the place is yours again" in words(back)


def test_a_date_without_a_place_says_why(me: Volunteer, client: FlaskClient) -> None:
    pattern = desk(places=1)
    places.claim(shift_on(pattern, TUESDAY).id, make.volunteer().id, way=Way.WEB)
    stands(pattern, me)
    assert "No place Every place is taken." in words(client.get("/my/standing"))


def test_days_away_show_first_which_shifts_they_touch(me: Volunteer, client: FlaskClient) -> None:
    pattern = desk()
    stands(pattern, me)
    single = make.shift(starts_at=NOW + timedelta(days=2))
    places.claim(single.id, me.id, way=Way.WEB)
    away = {"first_day": TUESDAY.isoformat(), "last_day": (TUESDAY + WEEK).isoformat()}
    first = client.post("/my/profile/away", data=away)
    assert "/my/away/check" in first.location
    page = client.get(first.location)
    assert page.text.count('type="checkbox"') == 3
    assert db.session.scalars(select(DatesAway)).all() == []
    kept = shift_on(pattern, TUESDAY).id
    leave = [shift_on(pattern, TUESDAY + WEEK).id, single.id]
    done = client.post(first.location, data={"leave": leave}, follow_redirects=True)
    assert "You gave up 2 places" in words(done)
    assert days(me.id)[:2] == [shift_on(pattern, TUESDAY).occurrence_day, TUESDAY + 2 * WEEK]
    assert kept
    # Taken back, the place that was given up is there again.
    row = db.session.scalars(select(DatesAway)).one()
    client.post(f"/my/profile/away/{row.id}/remove")
    assert TUESDAY + WEEK in days(me.id)


def test_days_away_that_are_sent_twice_are_kept_once(me: Volunteer, client: FlaskClient) -> None:
    stands(desk(), me)
    away = {"first_day": TUESDAY.isoformat(), "last_day": TUESDAY.isoformat()}
    page = client.post("/my/profile/away", data=away).location
    leave = [signup.shift_id for signup in service.touched(me.id, TUESDAY, TUESDAY)]
    for _ in range(2):
        assert client.post(page, data={"leave": leave}).location == "/my/profile/away"
    assert leave
    assert len(db.session.scalars(select(DatesAway)).all()) == 1
    assert TUESDAY not in days(me.id)


def test_days_away_that_touch_nothing_are_saved_at_once(me: Volunteer, client: FlaskClient) -> None:
    client.post("/my/profile/away", data={"first_day": "2026-03-10", "last_day": "2026-03-12"})
    assert len(db.session.scalars(select(DatesAway)).all()) == 1


def test_the_end_says_what_becomes_of_the_places(me: Volunteer, client: FlaskClient) -> None:
    standing = stands(desk(), me).standing
    done = client.post(
        f"/my/standing/{standing.id}/end",
        data={"last_day": TUESDAY.isoformat(), "made": "give-up", "reason": "I move away"},
        follow_redirects=True,
    )
    assert "9 places are free again" in words(done)


def test_anothers_standing_place_is_not_found(me: Volunteer, client: FlaskClient) -> None:
    standing = stands(desk()).standing
    for path in ("skip", "end"):
        assert client.get(f"/my/standing/{standing.id}/{path}").status_code == 404
    assert client.post(f"/my/standing/{standing.id}/come").status_code == 404


def test_a_manager_gives_one_of_their_people_a_standing_place(
    app: Flask, sign_in: SignIn, client: FlaskClient
) -> None:
    pattern = desk()
    group = pattern.opportunity.group
    person = make.volunteer(name="Nora Newt")
    make.known_to(person, group)
    stranger = make.volunteer(name="Silas Stoat")
    sign_in(make.manager(group))
    address = f"/groups/{group.id}/patterns/{pattern.id}/standing/new"
    page = words(client.get(address))
    assert "Nora Newt" in page
    assert "Silas Stoat" not in page
    assert "Silas Stoat" not in client.get(f"{address}?volunteer_id={stranger.id}").text
    chosen = f"{address}?volunteer_id={person.id}"
    look = client.post(chosen, data=said(volunteer_id=person.id))
    assert "Tuesday 17 March" in words(look)
    done = client.post(chosen, data=said(volunteer_id=person.id, sure="1"), follow_redirects=True)
    assert "Nora Newt has a standing place. 5 places are made so far." in words(done)
    assert "viewed standing volunteers" in set(db.session.scalars(select(AuditEvent.action)))


def test_the_group_sees_who_stands_when_and_the_gaps(
    app: Flask, sign_in: SignIn, client: FlaskClient
) -> None:
    pattern = desk(places=1)
    group = pattern.opportunity.group
    person = make.volunteer(name="Nora Newt")
    stands(pattern, person, every_weeks=2)
    sign_in(make.manager(group))
    page = words(client.get(f"/groups/{group.id}/standing"))
    assert "Nora Newt Every second Tuesday, 10am to noon" in page
    assert "4 of the next 8 shifts have a place free" in page


def test_a_manager_answers_who_asks(app: Flask, sign_in: SignIn, client: FlaskClient) -> None:
    pattern = desk(make.opportunity(policy=Policy.APPROVAL))
    group = pattern.opportunity.group
    first, second = (
        make.standing_place(pattern, make.volunteer(name=name), state=StandingState.ASKED)
        for name in ("Nora Newt", "Olive Otter")
    )
    sign_in(make.manager(group))
    assert "Nora Newt asks for a standing place." in words(
        client.get(f"/groups/{group.id}/standing")
    )
    yes = client.post(f"/groups/{group.id}/standing/{first.id}/accept", follow_redirects=True)
    assert "Nora Newt has a standing place. 10 places are made" in words(yes)
    no = client.post(
        f"/groups/{group.id}/standing/{second.id}/decline",
        data={"reason": "Full on Tuesdays"},
        follow_redirects=True,
    )
    assert "Olive Otter has been told, kindly." in words(no)


def test_a_manager_skips_a_date_and_ends_it_for_them(
    app: Flask, sign_in: SignIn, client: FlaskClient
) -> None:
    pattern = desk()
    group = pattern.opportunity.group
    person = make.volunteer()
    standing = stands(pattern, person).standing
    sign_in(make.manager(group))
    here = f"/groups/{group.id}/standing/{standing.id}"
    client.post(f"{here}/skip", data={"day": TUESDAY.isoformat()})
    assert TUESDAY not in days(person.id)
    client.post(f"{here}/come", data={"day": TUESDAY.isoformat()})
    assert TUESDAY in days(person.id)
    client.post(f"{here}/end", data={"last_day": NOW.date().isoformat(), "made": "give-up"})
    assert days(person.id) == []


def test_the_groups_page_asks_the_database_little(
    app: Flask, sign_in: SignIn, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    role = make.opportunity()
    patterns = [desk(role, starts=time(hour), ends=time(hour + 1)) for hour in range(10, 14)]
    for pattern in patterns:
        for phase in (0, 1):
            stands(pattern, every_weeks=2, first_day=TUESDAY + phase * WEEK)
    sign_in(make.manager(patterns[0].opportunity.group))
    group_id = patterns[0].opportunity.group_id
    db.session.remove()
    with count_queries() as statements:
        assert client.get(f"/groups/{group_id}/standing").status_code == 200
    assert len(statements) <= 17, statements
