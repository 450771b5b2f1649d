"""The one-tap answer: looking changes nothing, pressing acts."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.broadcasts import links, service
from app.broadcasts.models import Answer, Broadcast, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.volunteers.models import Volunteer
from tests import factories, over_tls
from tests.broadcasts.pages import NOW, drivers, latest, people, running, words


def link(broadcast: Broadcast, person: Volunteer) -> str:
    return f"/r/{links.token(broadcast.id, person.id)}"


def standing(shift: Shift, person: Volunteer) -> Signup | None:
    db.session.rollback()
    return db.session.scalar(
        select(Signup)
        .where(Signup.shift_id == shift.id, Signup.volunteer_id == person.id)
        .order_by(Signup.id.desc())
    )


def test_looking_shows_the_ask_and_changes_nothing(client: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    page = client.get(link(running(shift), person))
    assert "Gorse Covert Food Bank asks Can you help?" in words(page)
    assert "Tonight, 6:40 to 8:40pm" in words(page)
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert standing(shift, person) is None


def test_yes_takes_a_place_and_tells_where_to_be(client: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    broadcast = running(shift)
    page = words(client.post(link(broadcast, person), data={"answer": "yes"}))
    assert "You have a place. Thank you!" in page
    assert "Gorse Covert Hall, LE11 3TU" in page
    signup = standing(shift, person)
    assert signup is not None
    assert (signup.standing, signup.way) == (Standing.CONFIRMED, Way.LINK)
    assert signup.cause == f"broadcast:{broadcast.id}"
    assert db.session.scalar(select(Recipient.answer)) == Answer.YES


def test_yes_arrives_over_tls_with_the_guard_of_the_forms(app: Flask) -> None:
    (person,) = people(1)
    answer = over_tls.press(app, link(running(drivers()), person), {"answer": "yes"})
    assert answer.status_code == 200
    assert "You have a place. Thank you!" in words(answer)


def test_yes_twice_is_harmless(client: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    address = link(running(shift), person)
    for _ in range(2):
        assert "You have a place" in words(client.post(address, data={"answer": "yes"}))
    assert len(db.session.scalars(select(Signup)).all()) == 1


def test_no_is_kept_and_may_be_taken_back(client: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    address = link(running(shift), person)
    page = words(client.post(address, data={"answer": "no"}))
    assert "Thank you for telling us It is fine to say no." in page
    assert "Yes, I can help after all" in page
    client.post(address, data={"answer": "yes"})
    signup = standing(shift, person)
    assert signup is not None
    assert signup.standing == Standing.CONFIRMED


def test_no_gives_a_place_up(client: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    address = link(running(shift), person)
    client.post(address, data={"answer": "yes"})
    client.post(address, data={"answer": "no"})
    signup = standing(shift, person)
    assert signup is not None
    assert signup.standing == Standing.WITHDRAWN


def test_the_last_yes_ends_the_request_and_a_late_one_is_thanked(client: FlaskClient) -> None:
    first, second = people(2)
    broadcast = running(drivers(places=1))
    client.post(link(broadcast, first), data={"answer": "yes"})
    assert latest().state == BroadcastState.ENDED
    page = words(client.post(link(broadcast, second), data={"answer": "yes"}))
    assert "Thank you! All places are taken" in page
    assert "You are number 1 on the waiting list" in page


def test_a_yes_after_the_shift_began_is_thanked_and_kept(client: FlaskClient) -> None:
    (person,) = people(1)
    address = link(running(drivers()), person)
    with clock.stopped_at(NOW + timedelta(hours=2)):
        assert "This request is over" in words(client.get(address))
        page = words(client.post(address, data={"answer": "yes"}))
    assert "Thank you for saying yes This shift has already begun." in page
    db.session.rollback()
    assert db.session.scalar(select(Recipient.answer)) == Answer.YES


def test_who_may_not_take_it_is_told_why(client: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    broadcast = running(shift)
    clashing = factories.shift(starts_at=shift.starts_at)
    places.claim(clashing.id, person.id, way=Way.WEB)
    page = words(client.post(link(broadcast, person), data={"answer": "yes"}))
    assert "You already have a place on another shift at that time." in page


def test_a_wrong_token_or_answer_is_refused(client: FlaskClient) -> None:
    asked, *_ = people(1)
    broadcast = running(drivers())
    stranger = factories.volunteer()
    assert client.get("/r/nonsense").status_code == 404
    assert client.get(link(broadcast, asked)[:-1]).status_code == 404
    assert client.get(link(broadcast, stranger)).status_code == 404
    assert client.post(link(broadcast, asked), data={"answer": "maybe"}).status_code == 400


def test_who_was_not_asked_yet_has_no_page(client: FlaskClient) -> None:
    (person,) = people(1)
    boss = factories.coordinator()
    broadcast = service.draft([drivers().id], boss.id)
    service.start(broadcast.id, boss.id)
    assert client.get(link(broadcast, person)).status_code == 404
