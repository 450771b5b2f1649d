"""The manager's pages of a suggested rota."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Duty, Opportunity, Shift, Slot
from app.signups.models import Signup, Standing
from app.signups.sweeping import sweep
from app.suggestions import service
from app.suggestions.models import Mark, Progress, SuggestedPlace, Suggestion
from app.volunteers.models import Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture(autouse=True)
def _on_a_tuesday(app: Flask) -> Any:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(make.group(), title="Desk helper")


@pytest.fixture
def boss(role: Opportunity, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(role.group))


def begun(role: Opportunity, boss: FlaskClient) -> str:
    """The address of a new suggestion for two weeks."""
    answer = boss.post(f"/groups/{role.group_id}/rota/suggest", data={"weeks": "2"})
    assert answer.status_code == 302
    return str(answer.location)


def number() -> int:
    return db.session.scalars(select(func.max(Suggestion.id))).one()


def filled(role: Opportunity, boss: FlaskClient, **said: Any) -> str:
    """A finished draft with Asha on tomorrow's shift."""
    make.shift(role, starts_at=NOW + timedelta(hours=30), **({"places": 2} | said))
    make.known_to(make.volunteer(name="Asha Patel"), role.group)
    address = begun(role, boss)
    service.solve(number())
    return address


def test_the_page_tells_how_far_it_is_and_can_be_left(role: Opportunity, boss: FlaskClient) -> None:
    make.shift(role, starts_at=NOW + timedelta(hours=30))
    address = begun(role, boss)
    assert "Waiting for its turn" in boss.get(address).text
    part = boss.get(f"{address}/progress")
    assert "Waiting for its turn" in part.text
    service.solve(number())
    assert boss.get(f"{address}/progress").headers["HX-Redirect"] == address
    assert "This is a draft" in boss.get(address).text


def test_the_draft_shows_people_reasons_and_gaps(role: Opportunity, boss: FlaskClient) -> None:
    text = boss.get(filled(role, boss)).text
    assert "Asha Patel" in text
    assert "new to this role" in text
    assert "1 place free" in text
    assert "Nobody has been told" in text
    assert "No better rota exists" in text


def test_a_shift_that_stays_short_leads(role: Opportunity, boss: FlaskClient) -> None:
    text = boss.get(filled(role, boss, minimum=2)).text
    assert "1 shift would still have too few people" in text
    assert "1 more person needed" in text


def test_the_buttons_lock_unlock_and_take_out(role: Opportunity, boss: FlaskClient) -> None:
    address = filled(role, boss)
    place_id = db.session.scalars(select(SuggestedPlace.id)).one()
    for wish, mark in (
        ("lock", Mark.LOCKED),
        ("unlock", Mark.PROPOSED),
        ("remove", Mark.REMOVED),
    ):
        answer = boss.post(f"{address}/places/{place_id}/{wish}")
        assert answer.location.startswith(f"{address}#shift-")
        db.session.rollback()
        assert db.session.get_one(SuggestedPlace, place_id).mark == mark
    assert "Asha Patel" not in boss.get(address).text


def test_somebody_is_chosen_from_those_who_fit(role: Opportunity, boss: FlaskClient) -> None:
    address = filled(role, boss)
    place = db.session.scalars(select(SuggestedPlace)).one()
    shift_id = place.shift_id
    ben = make.volunteer(name="Ben Cole")
    make.known_to(ben, role.group)
    away = make.volunteer(name="Zed Paused", asks_per_week=0)
    make.known_to(away, role.group)
    page = f"{address}/choose/{shift_id}?instead={place.id}"
    text = boss.get(page).text
    assert "Somebody instead of Asha Patel" in text
    assert "Ben Cole" in text
    assert "Zed Paused" not in text
    assert "They cannot take this place" in boss.post(page, data={"volunteer_id": away.id}).text
    for nobody in ("x", str(2**64)):
        assert (
            "Choose somebody from the list" in boss.post(page, data={"volunteer_id": nobody}).text
        )
    assert boss.post(page, data={"volunteer_id": ben.id}).status_code == 302
    text = boss.get(address).text
    assert "Ben Cole" in text
    assert "Kept" in text
    assert "Asha Patel" not in text


def test_a_duty_of_another_shift_is_not_found(role: Opportunity, boss: FlaskClient) -> None:
    address = filled(role, boss)
    shift_id = db.session.scalars(select(SuggestedPlace.shift_id)).one()
    other = make.shift()
    duty = make.save(Duty(opportunity_id=other.opportunity_id, name="Driver"))
    slot = make.save(Slot(shift_id=other.id, duty_id=duty.id, places=1))
    assert boss.get(f"{address}/choose/{shift_id}?slot={slot.id}").status_code == 404
    assert boss.get(f"{address}/choose/{other.id}").status_code == 404


def test_asking_is_one_button_and_only_once(role: Opportunity, boss: FlaskClient) -> None:
    address = filled(role, boss)
    boss.post(f"{address}/ask")
    text = boss.get(address).text
    assert "1 person was asked for 1 place." in text
    assert "Throw it away" not in text
    boss.post(f"{address}/ask")
    assert "cannot be changed now" in boss.get(address).text
    assert db.session.scalar(select(func.count()).select_from(Signup)) == 1


def test_what_was_asked_is_not_said_to_be_thrown_away(role: Opportunity, boss: FlaskClient) -> None:
    address = filled(role, boss)
    boss.post(f"{address}/ask")
    assert boss.post(f"{address}/drop").location == address
    text = boss.get(address).text
    assert "Its people were asked already" in text
    assert "Nobody knew of it" not in text
    assert db.session.scalars(select(Suggestion.progress)).one() == Progress.ASKED


def test_who_asked_for_a_place_is_to_be_answered_first(
    role: Opportunity, boss: FlaskClient
) -> None:
    address = f"/groups/{role.group_id}/rota/suggest"
    assert "for your yes or no" not in boss.get(address).text
    shift = make.shift(role, starts_at=NOW + timedelta(days=9))
    make.signup(
        shift,
        make.volunteer(),
        standing=Standing.WAITING,
        answer_due_at=NOW + timedelta(days=3),
    )
    text = boss.get(address).text
    assert "1 person asks for a place and waits for your yes or no. Answer first" in text
    assert f"/groups/{role.group_id}/applications" in text


def test_whoever_is_asked_says_yes_on_their_own_page(
    role: Opportunity, boss: FlaskClient, sign_in: SignIn
) -> None:
    address = filled(role, boss)
    asha = db.session.scalars(select(Volunteer).where(Volunteer.name == "Asha Patel")).one()
    user = make.user()
    with transaction():
        db.session.get_one(Volunteer, asha.id).user_id = user.id
    boss.post(f"{address}/ask")
    shift_id = db.session.scalars(select(Signup.shift_id)).one()
    client = sign_in(db.session.get_one(User, user.id))
    text = client.get("/my/shifts").text
    assert "Can you help? Desk helper" in text
    assert f'action="/shifts/{shift_id}/accept"' in text
    client.post(f"/shifts/{shift_id}/accept")
    db.session.rollback()
    assert db.session.scalars(select(Signup.standing)).one() == Standing.CONFIRMED


def test_an_offer_that_nobody_answers_runs_out(role: Opportunity, boss: FlaskClient) -> None:
    boss.post(f"{filled(role, boss)}/ask")
    with clock.stopped_at(NOW + timedelta(hours=16)):
        sweep()
    db.session.rollback()
    assert db.session.scalars(select(Signup.standing)).one() == Standing.WITHDRAWN
    assert db.session.scalars(select(Shift.taken)).one() == 0


def test_a_draft_is_thrown_away(role: Opportunity, boss: FlaskClient) -> None:
    address = filled(role, boss)
    assert "You have a draft" in boss.get(f"/groups/{role.group_id}/rota/suggest").text
    assert boss.post(f"{address}/drop").location == f"/groups/{role.group_id}/rota/suggest"
    assert "thrown away" in boss.get(address).text
    assert db.session.scalars(select(Suggestion.progress)).one() == Progress.DROPPED


def test_without_an_open_place_the_form_says_so(role: Opportunity, boss: FlaskClient) -> None:
    answer = boss.post(f"/groups/{role.group_id}/rota/suggest", data={"weeks": "2"})
    assert "No place is open in these weeks" in answer.text
    answer = boss.post(f"/groups/{role.group_id}/rota/suggest", data={"weeks": "60"})
    assert answer.status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Suggestion)) == 0


def test_another_groups_draft_is_not_found(
    role: Opportunity, boss: FlaskClient, sign_in: SignIn
) -> None:
    address = filled(role, boss)
    place_id = db.session.scalars(select(SuggestedPlace.id)).one()
    other = make.group()
    client = sign_in(make.manager(other))
    own = address.replace(f"/groups/{role.group_id}/", f"/groups/{other.id}/")
    for path in (own, f"{own}/progress", f"{own}/choose/1"):
        assert client.get(path).status_code == 404
    for path in (f"{own}/ask", f"{own}/places/{place_id}/remove"):
        assert client.post(path).status_code == 404


def test_the_number_of_statements_does_not_grow(
    role: Opportunity, boss: FlaskClient, count_queries: Any
) -> None:
    address = filled(role, boss)

    def counted() -> int:
        db.session.rollback()
        with count_queries() as statements:
            assert boss.get(address).status_code == 200
        return len(statements)

    few = counted()
    group_id, suggestion_id = role.group_id, number()
    for hours in range(50, 250, 20):
        make.shift(role, starts_at=NOW + timedelta(hours=hours), places=2)
        make.known_to(make.volunteer(), role.group)
    service.again(group_id, suggestion_id)
    service.solve(suggestion_id)
    assert counted() == few
    assert few <= 18
    place = db.session.scalars(select(SuggestedPlace)).first()
    assert place is not None
    choosing = f"{address}/choose/{place.shift_id}?instead={place.id}"
    db.session.rollback()
    with count_queries() as statements:
        assert boss.get(choosing).status_code == 200
    assert len(statements) <= 19


def test_looking_at_people_goes_on_record(role: Opportunity, boss: FlaskClient) -> None:
    boss.get(filled(role, boss))
    assert "viewed suggested rota" in db.session.scalars(select(AuditEvent.action)).all()
