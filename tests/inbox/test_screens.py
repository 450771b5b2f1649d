"""The inbox: a person reads, answers, decides."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent
from app.broadcasts.models import Answer, Broadcast, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.inbox import service
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories
from tests.broadcasts.pages import NOW, drivers, people, running, words

_sids = itertools.count(1)


@pytest.fixture(autouse=True)
def _afternoon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """A coordinator's browser."""
    return sign_in(factories.coordinator())


def texted(sender: Volunteer | str, body: str) -> Reply:
    """A text comes in and is processed."""
    address = sender if isinstance(sender, str) else sender.phone
    reply_id = service.store(
        {"MessageSid": f"SM{next(_sids)}", "From": address, "To": "+447700900000", "Body": body}
    )
    service.process_all()
    db.session.rollback()
    return db.session.get_one(Reply, reply_id)


def fresh(reply: Reply) -> Reply:
    db.session.rollback()
    return db.session.get_one(Reply, reply.id, populate_existing=True)


def sent_to(person: Volunteer) -> list[str]:
    db.session.rollback()
    rows = select(Message.body).where(Message.to_address == person.phone).order_by(Message.id)
    return list(db.session.scalars(rows))


def asked() -> tuple[Broadcast, Volunteer]:
    person, *_ = people(3)
    return running(drivers()), person


def test_only_coordinators_read_replies(sign_in: Callable[..., FlaskClient]) -> None:
    reply = texted(factories.drama_phone(7), "hello?")
    client = sign_in(factories.user())
    assert client.get("/inbox").status_code == 403
    assert client.get(f"/inbox/{reply.id}").status_code == 403
    assert client.post(f"/inbox/{reply.id}/done").status_code == 403


def test_an_empty_inbox_says_so(desk: FlaskClient) -> None:
    assert "Nothing waits for you" in words(desk.get("/inbox"))
    assert "No replies yet" in words(desk.get("/inbox?show=all"))


def test_what_waits_stands_there_with_who_and_about_what(desk: FlaskClient) -> None:
    broadcast, person = asked()
    texted(person, "what time does it finish?")
    page = words(desk.get("/inbox"))
    assert person.name in page
    assert "what time does it finish?" in page
    assert f"Request {broadcast.number}: Food parcel driver" in page
    assert "Taken as a question." in page
    assert db.session.scalar(select(AuditEvent).where(AuditEvent.action == "viewed replies"))


def test_the_oldest_waits_on_top(desk: FlaskClient) -> None:
    _, person = asked()
    texted(person, "where is it?")
    texted(person, "and who do I ask for?")
    page = words(desk.get("/inbox"))
    assert page.index("where is it?") < page.index("who do I ask for?")


def test_a_settled_reply_stands_among_all_only(desk: FlaskClient) -> None:
    _, person = asked()
    texted(person, "Yes pls")
    assert "Yes pls" not in words(desk.get("/inbox"))
    assert "Yes pls" in words(desk.get("/inbox?show=all"))


def test_an_unknown_number_is_masked(desk: FlaskClient) -> None:
    reply = texted(factories.drama_phone(777), "who is this?")
    for address in ("/inbox", f"/inbox/{reply.id}"):
        page = desk.get(address)
        assert "Unknown number ••••••••777" in words(page)
        assert "700900777" not in page.text
    assert "Take as YES" not in desk.get(f"/inbox/{reply.id}").text


def test_who_shares_a_phone_is_named_together(desk: FlaskClient) -> None:
    first = factories.volunteer(phone=factories.drama_phone(5), name="Asha Patel")
    factories.volunteer(phone=factories.drama_phone(5), name="Dev Patel")
    texted(first, "what is this about?")
    assert "Asha Patel or Dev Patel" in words(desk.get("/inbox"))


def test_the_conversation_is_told_both_ways(desk: FlaskClient) -> None:
    broadcast, person = asked()
    with clock.stopped_at(NOW + timedelta(minutes=5)):
        reply = texted(person, "what time does it finish?")
        page = words(desk.get(f"/inbox/{reply.id}"))
    assert f"We, 5 minutes ago {broadcast.text}" in page
    said = page.index("They, just now what time does it finish?")
    assert page.index(broadcast.text) < said < page.index("a person will read your text")


def test_a_person_answers_by_text_and_it_is_closed(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time does it finish?")
    step = desk.post(f"/inbox/{reply.id}", data={"text": "At half past eight. Can you come?"})
    assert step.location == "/inbox"
    assert sent_to(person)[-1] == "Many Hands: At half past eight. Can you come?"
    assert fresh(reply).state == ReplyState.CLOSED
    assert "Nothing waits for you" in words(desk.get("/inbox"))


def test_the_answer_is_counted_before_it_goes(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time?")
    page = desk.post(f"/inbox/{reply.id}", data={"text": "x" * 170, "count": "1"})
    assert "170 characters: 2 texts" in words(page)
    assert "x" * 170 in page.text
    assert fresh(reply).state == ReplyState.WAITING


def test_an_empty_answer_is_refused_beside_its_field(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time?")
    page = desk.post(f"/inbox/{reply.id}", data={"text": "  "})
    assert "Write your answer." in words(page)
    assert 'href="#text"' in page.text


def test_nobody_who_opted_out_can_be_answered(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time?")
    volunteers.opt_out(Channel.SMS, person.phone or "", how="text STOP")
    assert "They have opted out of texts" in words(desk.get(f"/inbox/{reply.id}"))
    page = desk.post(f"/inbox/{reply.id}", data={"text": "At eight"})
    assert page.status_code == 200
    assert fresh(reply).state == ReplyState.WAITING


def test_take_as_yes_gives_a_place_and_tells_them(desk: FlaskClient) -> None:
    broadcast, person = asked()
    reply = texted(person, "maybe, if my car starts")
    page = desk.post(f"/inbox/{reply.id}/yes", follow_redirects=True)
    assert "Taken as yes. Said yes and has a place." in words(page)
    signup = db.session.scalar(select(Signup).where(Signup.volunteer_id == person.id))
    assert signup is not None
    assert signup.standing == Standing.CONFIRMED
    assert "You have a place" in sent_to(person)[-1]
    answer = select(Recipient.answer).where(
        Recipient.broadcast_id == broadcast.id, Recipient.volunteer_id == person.id
    )
    assert db.session.scalar(answer) == Answer.YES


def test_take_as_no_is_kept(desk: FlaskClient) -> None:
    broadcast, person = asked()
    reply = texted(person, "hmm, what a day")
    desk.post(f"/inbox/{reply.id}/no")
    db.session.rollback()
    answer = select(Recipient.answer).where(
        Recipient.broadcast_id == broadcast.id, Recipient.volunteer_id == person.id
    )
    assert db.session.scalar(answer) == Answer.NO
    assert fresh(reply).state == ReplyState.CLOSED


def test_take_as_no_gives_up_a_place_that_no_request_asked_for(desk: FlaskClient) -> None:
    (person,) = people(1)
    shift = drivers()
    places.claim(shift.id, person.id, way=Way.WEB)
    reply = texted(person, "hmm, not sure about tonight")
    assert fresh(reply).state == ReplyState.WAITING
    desk.post(f"/inbox/{reply.id}/no")
    db.session.rollback()
    assert db.session.scalar(select(Signup.standing)) == Standing.WITHDRAWN
    assert fresh(reply).state == ReplyState.CLOSED


def test_what_names_no_request_cannot_be_taken_as_yes(desk: FlaskClient) -> None:
    person = factories.volunteer()
    reply = texted(person, "hello, is anybody there?")
    page = words(desk.post(f"/inbox/{reply.id}/yes", follow_redirects=True))
    assert "We cannot tell which request is meant." in page
    assert fresh(reply).state == ReplyState.WAITING


def test_done_closes_without_a_text(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time?")
    before = sent_to(person)
    page = desk.post(f"/inbox/{reply.id}/done", follow_redirects=True)
    assert "Done. Nothing was sent." in words(page)
    assert sent_to(person) == before
    again = desk.post(f"/inbox/{reply.id}/done", follow_redirects=True)
    assert "Somebody has already seen to this reply." in words(again)


def test_a_reply_that_is_not_there_is_not_found(desk: FlaskClient) -> None:
    assert desk.get("/inbox/999").status_code == 404
    assert desk.post("/inbox/999/yes").status_code == 404


def test_the_inbox_has_pages_and_asks_as_often_whatever_its_size(
    desk: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    _, person = asked()
    for n in range(25):
        with clock.stopped_at(NOW + timedelta(hours=n)):
            texted(person, f"is it still on, number {n}?")
    with count_queries() as statements:
        page = desk.get("/inbox")
    assert "Page 1 of 2" in words(page)
    assert len(statements) <= 12
    assert "number 24?" in words(desk.get("/inbox?page=2"))


def test_codes_to_sign_in_are_not_part_of_a_conversation(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time?")
    from_accounts = Message.is_service
    assert not db.session.scalars(select(Message).where(from_accounts)).all()
    volunteers.opt_out(Channel.SMS, person.phone or "", how="text STOP")
    stop = texted(person, "STOP")
    assert stop.state == ReplyState.DONE
    assert db.session.scalars(select(Message).where(from_accounts)).all()
    assert "you will get no more texts" not in words(desk.get(f"/inbox/{reply.id}"))


def test_an_answer_is_made_plain_before_it_goes(desk: FlaskClient) -> None:
    _, person = asked()
    reply = texted(person, "what time?")
    page = desk.post(f"/inbox/{reply.id}", data={"text": "At eight 🙂", "count": "1"})
    assert "Use the plain version" in words(page)
    page = desk.post(f"/inbox/{reply.id}", data={"text": "At eight 🙂", "plain": "1"})
    assert "🙂" not in page.text
    assert fresh(reply).state == ReplyState.WAITING
