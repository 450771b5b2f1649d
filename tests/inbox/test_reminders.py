"""What a text does that answers a reminder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox import service as inbox
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning, understand
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.reminders import service as reminders
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.volunteers.models import Volunteer
from tests import factories
from tests.inbox.test_service import answer_to, ask, receive
from tests.reminders.conftest import london

BEFORE = london(6, 1, 12)
REMINDED = london(6, 9, 14)
STARTS = london(6, 10, 14)


@pytest.fixture(autouse=True)
def _later(app: Flask) -> object:
    """Half an hour after the reminders of tomorrow at two were written."""
    with clock.stopped_at(REMINDED + timedelta(minutes=30)):
        yield


def place(starts: datetime = STARTS, person: Volunteer | None = None) -> Signup:
    with clock.stopped_at(BEFORE):
        shift = factories.shift(starts_at=starts)
        return factories.signup(shift, person or factories.volunteer(), confirmed_at=BEFORE)


def remind(*moments: datetime) -> None:
    for moment in moments or (REMINDED,):
        for at in (moment - timedelta(minutes=1), moment):
            with clock.stopped_at(at):
                reminders.sweep()
    db.session.rollback()


def phone(signup: Signup) -> str:
    return db.session.get_one(Signup, signup.id).volunteer.phone or ""


def afresh(signup: Signup) -> Signup:
    db.session.rollback()
    return db.session.get_one(Signup, signup.id)


@pytest.mark.parametrize(
    ("text", "is_ok"),
    [
        *((text, True) for text in ("OK", "ok", "Ok thanks", "okay 👍", "👍", "k x", "Ok, ta")),
        *((text, True) for text in ("ok thank you", "fine thanks", "confirmed")),
        *((text, False) for text in ("yes", "thanks", "ok?", "ok but late", "no", "👎", "ok 👎")),
        *((text, False) for text in ("ok maybe", "ok what time", "stop", "hello")),
    ],
)
def test_what_a_mere_ok_is(text: str, is_ok: bool) -> None:
    assert understand(text).is_ok is is_ok


@pytest.mark.parametrize(
    "text", ["OK", "ok thanks", "👍", "yes", "Yes i'll be there", "YES!", "see you then"]
)
def test_ok_says_that_they_come(text: str) -> None:
    signup = place()
    remind()
    reply = receive(phone(signup), text)
    assert reply.state == ReplyState.DONE
    assert afresh(signup).assured_at == clock.now()
    assert "thank you, see you then! Food parcel driver, tomorrow, 2 to 4pm." in answer_to(reply)


@pytest.mark.parametrize("text", ["no", "Can't make it sorry", "NO"])
def test_no_gives_the_place_up(text: str) -> None:
    signup = place()
    remind()
    reply = receive(phone(signup), text)
    assert afresh(signup).standing == Standing.WITHDRAWN
    assert "You are off Food parcel driver, tomorrow" in answer_to(reply)


def test_no_is_for_the_shift_of_the_reminder_whatever_else_they_have() -> None:
    signup = place()
    other = place(STARTS + timedelta(days=2), signup.volunteer)
    remind()
    receive(phone(signup), "no")
    assert afresh(signup).standing == Standing.WITHDRAWN
    assert afresh(other).standing == Standing.CONFIRMED


def test_after_an_ok_one_may_still_say_no() -> None:
    signup = place()
    remind()
    receive(phone(signup), "ok")
    receive(phone(signup), "sorry can't come after all")
    assert afresh(signup).standing == Standing.WITHDRAWN


def test_a_text_about_two_shifts_is_answered_for_both() -> None:
    person = factories.volunteer()
    signups = [place(london(6, 10, hour), person) for hour in (14, 17)]
    remind()
    receive(phone(signups[0]), "OK")
    assert all(afresh(one).assured_at for one in signups)
    receive(phone(signups[0]), "NO")
    assert {afresh(one).standing for one in signups} == {Standing.WITHDRAWN}


def test_no_to_two_texts_goes_to_a_person() -> None:
    person = factories.volunteer()
    signups = [place(STARTS, person), place(STARTS + timedelta(days=6), person)]
    with transaction():
        db.session.merge(person).reminders = 3  # a week and a day before: both at the same time
    remind()
    reply = receive(phone(signups[0]), "no")
    assert reply.state == ReplyState.WAITING
    assert {afresh(one).standing for one in signups} == {Standing.CONFIRMED}
    assert "Which shift" in answer_to(reply)


@pytest.mark.parametrize("text", ["OK", "yes"])
def test_ok_to_a_reminder_of_the_old_time_is_no_yes_to_the_new_one(text: str) -> None:
    signup = place()
    remind()
    with transaction():
        shift = db.session.get_one(Shift, signup.shift_id)
        shift.starts_at += timedelta(days=1)
        shift.ends_at += timedelta(days=1)
        shift.revision += 1
    reply = receive(phone(signup), text)
    assert reply.state == ReplyState.WAITING
    assert afresh(signup).assured_at is None
    receive(phone(signup), "NO")
    assert afresh(signup).standing == Standing.WITHDRAWN


def test_two_on_one_phone_are_told_together() -> None:
    signups = [
        place(person=factories.volunteer(phone="+447700900009")),
        place(person=factories.volunteer(phone="+447700900009")),
    ]
    remind()
    receive("+447700900009", "ok")
    assert all(afresh(one).assured_at for one in signups)


def test_without_a_reminder_ok_means_what_it_meant() -> None:
    signup = place()
    reply = receive(phone(signup), "ok")
    assert reply.state == ReplyState.WAITING
    assert afresh(signup).assured_at is None


def test_a_reminder_of_four_days_ago_is_not_answered_any_more() -> None:
    signup = place(london(6, 20, 14))
    with transaction():
        db.session.merge(signup.volunteer).reminders = 1
    remind(london(6, 13, 14))
    with clock.stopped_at(london(6, 17, 15)):
        receive(phone(signup), "ok")
    assert afresh(signup).assured_at is None


def test_yes_is_for_the_request_that_runs_and_ok_for_the_newer_reminder() -> None:
    signup = place()
    number = phone(signup)
    with clock.stopped_at(REMINDED - timedelta(hours=2)):
        other = factories.shift(starts_at=london(6, 10, 18))
        ask(other)
    remind()
    receive(number, "ok")
    assert afresh(signup).assured_at is not None
    receive(number, "yes")
    taken = db.session.scalars(select(Signup.standing).where(Signup.shift_id == other.id)).all()
    assert taken == [Standing.CONFIRMED]


def test_whatever_answers_a_newer_request_is_none_of_the_reminders() -> None:
    signup = place()
    remind()
    other = factories.shift(starts_at=london(6, 10, 18))
    ask(other)
    receive(phone(signup), "no")
    assert afresh(signup).standing == Standing.CONFIRMED


def test_a_number_names_the_request() -> None:
    signup = place()
    remind()
    receive(phone(signup), "27 no")
    assert afresh(signup).standing == Standing.CONFIRMED


def test_no_to_a_newer_place_is_not_for_the_reminder() -> None:
    signup = place()
    remind()
    places.claim(factories.shift(starts_at=london(6, 12, 10)).id, signup.volunteer_id, way=Way.WEB)
    reply = receive(phone(signup), "no")
    assert afresh(signup).standing == Standing.CONFIRMED
    assert reply.state == ReplyState.WAITING


def test_a_person_may_take_an_unclear_text_as_a_yes() -> None:
    signup = place()
    remind()
    reply = receive(phone(signup), "is it at the usual entrance?")
    inbox.take_as(reply.id, Meaning.yes, factories.coordinator().id)
    assert afresh(signup).assured_at is not None


def test_what_was_found_late_does_not_answer_what_was_written_after_it() -> None:
    signup = place()
    remind()
    now = clock.now()
    sent_before = REMINDED - timedelta(hours=3)
    reply_id = inbox.store(
        {"MessageSid": "SM9", "From": phone(signup), "Body": "ok"},
        arrived_at=sent_before,
        found_at=now,
    )
    inbox.process_all()
    assert db.session.get_one(Reply, reply_id).state == ReplyState.WAITING
    assert afresh(signup).assured_at is None


def test_an_ok_needs_few_statements(count_queries: Callable[[], object]) -> None:
    signup = place()
    remind()
    number = phone(signup)
    inbox.store({"MessageSid": "SM1", "From": number, "Body": "OK"})
    with count_queries() as statements:  # type: ignore[attr-defined]
        inbox.process_all()
    assert len(statements) <= 10
    assert db.session.scalar(select(Message.id).where(Message.cause.like("reply:%")))
