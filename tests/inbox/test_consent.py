"""A text that says STOP, START, HELP or how often, done in one transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.broadcasts import service as broadcasting
from app.broadcasts.models import Pace, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.inbox import answers
from app.inbox.models import Reply, ReplyState
from app.messaging import ledger
from app.messaging.models import Message, State
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories
from tests.inbox.test_service import answer_to, ask, receive

PHONE = factories.drama_phone(555)


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> object:
    with clock.stopped_at(clock.now().replace(hour=12, minute=0, second=0, microsecond=0)):
        yield


def texts_to(phone: str) -> dict[str, list[State]]:
    db.session.rollback()
    found: dict[str, list[State]] = {}
    for row in db.session.scalars(
        select(Message).where(Message.to_address == phone).order_by(Message.id)
    ):
        found.setdefault(row.purpose, []).append(row.state)
    return found


def test_stop_cancels_what_is_queued_and_what_is_leased_for_all_who_share_the_phone() -> None:
    factories.volunteer(phone=PHONE)
    shift = factories.shift()
    ask(shift)
    mother, _ = factories.volunteer(phone=PHONE), factories.volunteer()
    other = ask(factories.shift(starts_at=clock.now() + timedelta(days=4)))
    assert mother.phone == PHONE
    assert len(texts_to(PHONE)["ask"]) == 2
    assert ledger.lease("urgent", "a worker", most=1)
    receive(PHONE, "Stop texting me!!")
    assert texts_to(PHONE)["ask"] == [State.SUPPRESSED, State.SUPPRESSED]
    assert volunteers.is_opted_out(Channel.SMS, PHONE)
    assert other.id


def test_a_stop_that_fails_half_way_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    person = factories.volunteer(phone=PHONE)
    ask(factories.shift())

    def breaks(*_: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("app.inbox.service._text", breaks)
    reply = receive(person.phone, "STOP")
    assert reply.state == ReplyState.NEW or reply.attempts > 0
    assert not volunteers.is_opted_out(Channel.SMS, PHONE)
    assert texts_to(PHONE)["ask"] == [State.QUEUED]


def test_a_later_wave_does_not_ask_who_stopped_though_nothing_had_been_sent_to_them() -> None:
    people = [factories.volunteer() for _ in range(40)]
    coordinator = factories.coordinator()
    broadcast = broadcasting.draft([factories.shift(places=1).id], coordinator.id)
    broadcasting.word(broadcast.id, broadcast.text, pace=Pace.WAVES)
    broadcasting.start(broadcast.id, coordinator.id)
    broadcasting.advance(broadcast.id)
    asked = {
        one.volunteer_id for one in db.session.scalars(select(Recipient)) if one.wave is not None
    }
    silent = next(person for person in people if person.id not in asked)
    twin = next(p for p in people if p.id not in asked and p.id != silent.id)
    phone = silent.phone
    receive(phone, "unsubscribe me")
    broadcasting.ask_everyone(broadcast.id, coordinator.id)
    broadcasting.advance(broadcast.id)
    db.session.rollback()
    left_out = db.session.scalars(
        select(Recipient).where(Recipient.volunteer_id == silent.id)
    ).one()
    assert (left_out.wave, left_out.excluded) == (None, "opted-out")
    assert "ask" not in texts_to(phone)
    assert len(texts_to(twin.phone)["ask"]) == 1


def test_a_yes_never_lifts_the_opt_out() -> None:
    person = factories.volunteer(phone=PHONE)
    broadcast = ask(factories.shift())
    receive(person.phone, "STOP")
    reply = receive(person.phone, f"{broadcast.number} YES")
    assert volunteers.is_opted_out(Channel.SMS, PHONE)
    assert reply.state == ReplyState.WAITING
    assert "call" in reply.outcome


@pytest.mark.parametrize("word", ["START", "unstop", "text me again please"])
def test_start_lifts_it_and_is_answered(word: str) -> None:
    receive(PHONE, "STOP")
    reply = receive(PHONE, word)
    assert not volunteers.is_opted_out(Channel.SMS, PHONE)
    assert answers.STARTED in answer_to(reply)


def test_help_is_answered_with_what_can_be_said() -> None:
    assert "ONLY EMERGENCIES" in answer_to(receive(PHONE, "HELP"))


def test_what_the_carrier_has_answered_is_not_answered_again() -> None:
    reply = receive(PHONE, "STOP", OptOutType="STOP")
    assert volunteers.is_opted_out(Channel.SMS, PHONE)
    assert answer_to(reply) == ""


def test_a_stop_that_says_more_is_a_stop_and_waits_for_a_person() -> None:
    factories.volunteer(phone=PHONE)
    reply = receive(PHONE, "Stop texting my mum she died")
    assert volunteers.is_opted_out(Channel.SMS, PHONE)
    assert reply.state == ReplyState.WAITING
    assert answer_to(reply) == answers.STOPPED


def test_a_plain_stop_waits_for_nobody() -> None:
    assert receive(PHONE, "STOP 27").state == ReplyState.DONE


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (3, "LESS", 2),
        (2, "less please", 1),
        (1, "LESS", 0),
        (0, "LESS", 0),
        (7, "LESS", 5),
        (0, "MORE", 1),
        (3, "MORE", 5),
        (5, "MORE", 21),
        (21, "MORE", 21),
        (3, "ONLY EMERGENCIES", 0),
        (3, "4 a week", 4),
        (3, "500 a week", 21),
    ],
)
def test_people_say_by_text_how_often_they_are_asked(before: int, text: str, after: int) -> None:
    person = factories.volunteer(asks_per_week=before)
    reply = receive(person.phone, text)
    db.session.refresh(person)
    assert person.asks_per_week == after
    assert (reply.meaning, reply.state) == ("often", ReplyState.DONE)
    assert answers.asked_as_often(after) in answer_to(reply)


def test_a_shared_phone_speaks_for_all_who_share_it() -> None:
    often = factories.volunteer(phone=PHONE, asks_per_week=5)
    seldom = factories.volunteer(phone=PHONE, asks_per_week=2)
    other = factories.volunteer(asks_per_week=5)
    receive(PHONE, "LESS")
    rows = select(Volunteer.asks_per_week).order_by(Volunteer.id)
    assert list(db.session.scalars(rows)) == [1, 1, 5]
    assert often.id < seldom.id < other.id


def test_how_often_from_a_number_that_nobody_has_goes_to_a_person() -> None:
    reply = receive(PHONE, "2 a week")
    assert reply.state == ReplyState.WAITING


def test_a_wish_about_how_often_lifts_no_opt_out() -> None:
    factories.volunteer(phone=PHONE)
    receive(PHONE, "STOP")
    receive(PHONE, "MORE")
    assert volunteers.is_opted_out(Channel.SMS, PHONE)


def test_who_wants_emergencies_only_is_not_asked_in_a_later_wave() -> None:
    people = [factories.volunteer() for _ in range(40)]
    coordinator = factories.coordinator()
    broadcast = broadcasting.draft([factories.shift(places=1).id], coordinator.id)
    broadcasting.start(broadcast.id, coordinator.id)
    broadcasting.advance(broadcast.id)
    asked = set(
        db.session.scalars(select(Recipient.volunteer_id).where(Recipient.wave.is_not(None)))
    )
    tired = next(person for person in people if person.id not in asked)
    phone = tired.phone
    receive(phone, "only emergencies please")
    broadcasting.ask_everyone(broadcast.id, coordinator.id)
    broadcasting.advance(broadcast.id)
    assert "ask" not in texts_to(phone)
    row = db.session.scalars(select(Recipient).where(Recipient.volunteer_id == tired.id)).one()
    assert (row.wave, row.excluded) == (None, "asked-often")


def test_nothing_of_a_reply_is_lost_by_its_new_meaning() -> None:
    person = factories.volunteer()
    reply_id = receive(person.phone, "LESS").id
    assert db.session.get_one(Reply, reply_id).body == "LESS"


def test_the_weekly_limit_counts_what_other_requests_asked_since_the_start() -> None:
    people = [factories.volunteer(asks_per_week=1) for _ in range(40)]
    coordinator = factories.coordinator()
    first = broadcasting.draft([factories.shift(places=1).id], coordinator.id)
    later = factories.shift(starts_at=clock.now() + timedelta(days=4))
    second = broadcasting.draft([later.id], coordinator.id)
    for broadcast in (first, second):
        broadcasting.start(broadcast.id, coordinator.id)
    for broadcast in (first, second):
        broadcasting.ask_everyone(broadcast.id, coordinator.id)
        broadcasting.advance(broadcast.id)
    db.session.rollback()
    asked = db.session.execute(
        select(Message.volunteer_id).where(Message.purpose == "ask").distinct()
    ).all()
    every = db.session.scalar(select(func.count()).where(Message.purpose == "ask"))
    assert (len(asked), every) == (len(people), len(people))
