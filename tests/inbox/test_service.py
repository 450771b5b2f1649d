"""From a text that came in to what it asks for."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError

from app.broadcasts import service as broadcasting
from app.broadcasts.models import Answer, Broadcast, BroadcastState, Recipient
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox import acting, answers, service
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning
from app.messaging.models import Message, State
from app.opportunities.models import Shift
from app.signups import queries as signups
from app.signups.models import Standing, Way
from app.signups.service import claim
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories

_sids = itertools.count(1)


def receive(number: str, body: str, **more: str) -> Reply:
    """Store and process one text; the reply as it then stands."""
    payload = {"MessageSid": f"SM{next(_sids):032d}", "From": number, "To": "+447700900000"}
    reply_id = service.store(payload | {"Body": body} | more)
    service.process_all()
    return db.session.get_one(Reply, reply_id)


def answer_to(reply: Reply) -> str:
    return db.session.scalar(select(Message.body).where(Message.cause == f"reply:{reply.id}")) or ""


@pytest.fixture
def noon(app: Flask) -> object:
    """A day's noon, so that no quiet hour is in the way."""
    moment = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    with clock.stopped_at(moment):
        yield moment


def ask(shift: Shift, *, everyone: bool = True) -> Broadcast:
    """A running request that has asked everybody who fits."""
    coordinator = factories.coordinator()
    broadcast = broadcasting.draft([shift.id], coordinator.id)
    broadcasting.start(broadcast.id, coordinator.id)
    if everyone:
        broadcasting.ask_everyone(broadcast.id, coordinator.id)
    broadcasting.advance(broadcast.id)
    db.session.rollback()
    return db.session.get_one(Broadcast, broadcast.id)


def recipient(broadcast: Broadcast, person: Volunteer) -> Recipient:
    return db.session.scalars(
        select(Recipient).where(
            Recipient.broadcast_id == broadcast.id, Recipient.volunteer_id == person.id
        )
    ).one()


@pytest.mark.usefixtures("noon")
def test_yes_takes_a_place_and_is_answered() -> None:
    person, shift = factories.volunteer(), factories.shift()
    broadcast = ask(shift)
    reply = receive(person.phone, f"{broadcast.number} YES")
    assert reply.state == ReplyState.DONE
    live = signups.live_of(person.id, shift.id)
    assert live is not None
    assert live.standing == Standing.CONFIRMED
    assert "You have a place" in answer_to(reply)
    assert recipient(broadcast, person).answer == Answer.YES


@pytest.mark.usefixtures("noon")
def test_a_bare_yes_counts_when_one_request_is_open() -> None:
    person, shift = factories.volunteer(), factories.shift()
    ask(shift)
    assert receive(person.phone, "yes pls!").meaning == Meaning.yes.value
    assert signups.live_of(person.id, shift.id) is not None


@pytest.mark.usefixtures("noon")
def test_a_bare_yes_to_two_requests_is_asked_which() -> None:
    person = factories.volunteer()
    first, second = factories.shift(), factories.shift(starts_at=clock.now() + timedelta(days=4))
    numbers = [ask(first).number, ask(second).number]
    reply = receive(person.phone, "YES")
    assert all(f"{number} YES" in answer_to(reply) for number in numbers)
    assert signups.live_of(person.id, first.id) is None


@pytest.mark.usefixtures("noon")
def test_the_last_yes_ends_the_request_by_itself() -> None:
    people = [factories.volunteer() for _ in range(5)]
    shift = factories.shift(places=3)
    broadcast = ask(shift)
    replies = [receive(person.phone, "YES") for person in people]
    db.session.rollback()
    broadcast = db.session.get_one(Broadcast, broadcast.id)
    assert (broadcast.state, broadcast.ended_reason) == (
        BroadcastState.ENDED,
        "Every place is filled.",
    )
    texts = [answer_to(reply) for reply in replies]
    assert [("You have a place" in text) for text in texts] == [True, True, True, False, False]
    assert "number 1 on the waiting list" in texts[3]
    assert "number 2 on the waiting list" in texts[4]


@pytest.mark.usefixtures("noon")
def test_asks_that_have_not_left_are_held_back_when_it_is_full() -> None:
    people = [factories.volunteer() for _ in range(4)]
    broadcast = ask(factories.shift(places=1))
    receive(people[0].phone, "YES")
    states = db.session.scalars(select(Message.state).where(Message.run_id == broadcast.run_id))
    assert set(states) == {State.CANCELLED}


@pytest.mark.usefixtures("noon")
def test_saying_yes_twice_is_harmless_and_answered_twice() -> None:
    person, shift = factories.volunteer(), factories.shift()
    ask(shift)
    first, second = receive(person.phone, "YES"), receive(person.phone, "Yes!!")
    assert answer_to(first)
    assert answer_to(second)
    assert len(signups.roster(shift.id)) == 1


@pytest.mark.usefixtures("noon")
def test_no_is_kept_and_thanked_for() -> None:
    person, shift = factories.volunteer(), factories.shift()
    broadcast = ask(shift)
    reply = receive(person.phone, "can't tonight sorry")
    assert answer_to(reply) == answers.NO_THANKS
    assert recipient(broadcast, person).answer == Answer.NO


@pytest.mark.usefixtures("noon")
def test_no_after_yes_leaves_the_shift() -> None:
    person, shift = factories.volunteer(), factories.shift()
    broadcast = ask(shift)
    receive(person.phone, "YES")
    reply = receive(person.phone, "NO")
    assert signups.live_of(person.id, shift.id) is None
    assert "thank you for telling us" in answer_to(reply)
    assert recipient(broadcast, person).answer == Answer.NO


@pytest.mark.usefixtures("noon")
def test_no_without_a_request_leaves_the_only_coming_shift() -> None:
    person, shift = factories.volunteer(), factories.shift()
    claim(shift.id, person.id, way=Way.WEB)
    receive(person.phone, "sorry can't make it")
    assert signups.live_of(person.id, shift.id) is None


@pytest.mark.usefixtures("noon")
def test_no_that_could_mean_two_shifts_is_for_a_person() -> None:
    person = factories.volunteer()
    shifts = [factories.shift(), factories.shift(starts_at=clock.now() + timedelta(days=4))]
    for shift in shifts:
        claim(shift.id, person.id, way=Way.WEB)
    reply = receive(person.phone, "sorry can't make it")
    assert reply.state == ReplyState.WAITING
    assert all(signups.live_of(person.id, shift.id) for shift in shifts)


@pytest.mark.usefixtures("noon")
def test_a_question_goes_to_a_person_and_says_how_to_answer() -> None:
    person = factories.volunteer()
    broadcast = ask(factories.shift())
    reply = receive(person.phone, "What time does it finish?")
    assert reply.state == ReplyState.WAITING
    assert f"{broadcast.number} YES" in answer_to(reply)
    assert recipient(broadcast, person).answer == Answer.UNCLEAR


@pytest.mark.usefixtures("noon")
def test_a_question_of_one_who_has_said_yes_does_not_ask_for_another_yes() -> None:
    person, shift = factories.volunteer(), factories.shift()
    ask(shift)
    receive(person.phone, "YES")
    reply = receive(person.phone, "what time does it finish?")
    assert reply.state == ReplyState.WAITING
    assert answer_to(reply) == answers.person_reads(None)


@pytest.mark.usefixtures("noon")
def test_we_do_not_talk_with_machines() -> None:
    person = factories.volunteer()
    ask(factories.shift())
    replies = [receive(person.phone, "Your text was received.") for _ in range(5)]
    assert [bool(answer_to(reply)) for reply in replies] == [True, True, True, False, False]


def test_stop_opts_out_and_is_confirmed_once(app: Flask) -> None:
    person = factories.volunteer()
    reply = receive(person.phone, "stop texting me")
    assert volunteers.is_opted_out(Channel.SMS, person.phone)
    message = db.session.scalars(select(Message)).one()
    assert (message.body, message.is_service) == (answers.STOPPED, True)
    assert reply.state == ReplyState.DONE


def test_a_stop_that_the_carrier_answered_is_not_answered_again(app: Flask) -> None:
    person = factories.volunteer()
    receive(person.phone, "STOP", OptOutType="STOP")
    assert volunteers.is_opted_out(Channel.SMS, person.phone)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_start_lifts_the_opt_out(app: Flask) -> None:
    person = factories.volunteer()
    receive(person.phone, "STOP")
    receive(person.phone, "START")
    assert not volunteers.is_opted_out(Channel.SMS, person.phone)


@pytest.mark.usefixtures("noon")
def test_yes_never_lifts_an_opt_out_but_a_person_calls() -> None:
    person, shift = factories.volunteer(), factories.shift()
    ask(shift)
    receive(person.phone, "STOP")
    reply = receive(person.phone, "YES")
    assert volunteers.is_opted_out(Channel.SMS, person.phone)
    assert signups.live_of(person.id, shift.id) is not None
    assert reply.state == ReplyState.WAITING


@pytest.mark.usefixtures("noon")
def test_on_a_shared_phone_the_one_who_was_asked_gets_the_place() -> None:
    shift = factories.shift()
    number = factories.drama_phone(999)
    people = [factories.volunteer(phone=number) for _ in range(2)]
    broadcast = ask(shift)
    asked = [one for one in people if recipient(broadcast, one).wave is not None]
    assert len(asked) == 1
    receive(number, "YES")
    assert signups.live_of(asked[0].id, shift.id) is not None


@pytest.mark.usefixtures("noon")
def test_yes_from_one_who_may_not_take_it_is_told_why() -> None:
    person, shift = factories.volunteer(), factories.shift()
    ask(shift)
    other = factories.shift(starts_at=shift.starts_at)
    claim(other.id, person.id, way=Way.WEB)
    reply = receive(person.phone, "YES")
    assert "another shift" in answer_to(reply)


def test_a_text_from_an_unknown_number_waits_for_a_person(app: Flask) -> None:
    reply = receive("+447700900888", "hello")
    assert (reply.state, reply.volunteer_id) == (ReplyState.WAITING, None)


def test_one_bad_reply_does_not_hold_up_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = acting.act

    def fail_on_boom(reply: Reply, *rest: object) -> object:
        if reply.body == "boom":
            raise RuntimeError("a fault of ours")
        return real(reply, *rest)

    monkeypatch.setattr(acting, "act", fail_on_boom)
    bad, good = receive("+447700900888", "boom"), receive("+447700900888", "STOP")
    db.session.rollback()
    assert db.session.get_one(Reply, bad.id).state == ReplyState.WAITING
    assert good.state == ReplyState.DONE


@pytest.mark.usefixtures("noon")
def test_a_person_may_take_an_unclear_reply_as_yes() -> None:
    person, shift, coordinator = factories.volunteer(), factories.shift(), factories.coordinator()
    ask(shift)
    reply = receive(person.phone, "will see what I can do")
    assert reply.state == ReplyState.WAITING
    service.take_as(reply.id, Meaning.yes, coordinator.id)
    assert signups.live_of(person.id, shift.id) is not None
    with pytest.raises(Refusal):
        service.close(reply.id, coordinator.id)


def test_a_person_answers_by_text(app: Flask) -> None:
    person, coordinator = factories.volunteer(), factories.coordinator()
    reply = receive(person.phone, "who is this?")
    service.respond(reply.id, "It is the food bank.", coordinator.id)
    bodies = db.session.scalars(select(Message.body).where(Message.purpose == "personal answer"))
    assert bodies.all() == ["Many Hands: It is the food bank."]
    assert db.session.get_one(Reply, reply.id).state == ReplyState.CLOSED


@pytest.mark.usefixtures("noon")
def test_a_bare_no_to_two_requests_gives_up_nothing_and_is_asked_which() -> None:
    person = factories.volunteer()
    place = factories.shift(starts_at=clock.now() + timedelta(days=6))
    claim(place.id, person.id, way=Way.WEB)
    numbers = [
        ask(factories.shift()).number,
        ask(factories.shift(starts_at=clock.now() + timedelta(days=4))).number,
    ]
    reply = receive(person.phone, "no sorry")
    assert all(f"{number} NO" in answer_to(reply) for number in numbers)
    assert signups.live_of(person.id, place.id) is not None


def ended_request(person: Volunteer) -> Broadcast:
    """A request that the person was asked and that somebody else has filled."""
    shift = factories.shift(places=1, starts_at=clock.now() + timedelta(days=3))
    broadcast = ask(shift)
    claim(shift.id, factories.volunteer().id, way=Way.WEB)
    db.session.rollback()
    assert db.session.get_one(Broadcast, broadcast.id).state == BroadcastState.ENDED
    return broadcast


def test_a_late_no_to_a_request_gives_up_no_other_place(noon: datetime) -> None:
    person = factories.volunteer()
    place = factories.shift(starts_at=noon + timedelta(days=6))
    claim(place.id, person.id, way=Way.WEB)
    with clock.stopped_at(noon + timedelta(hours=1)):
        broadcast = ended_request(person)
        receive(person.phone, "Sorry can't tonight")
    assert signups.live_of(person.id, place.id) is not None
    assert recipient(broadcast, person).answer == Answer.NO


def test_a_no_long_after_a_request_gives_up_the_coming_place(noon: datetime) -> None:
    person = factories.volunteer()
    place = factories.shift(starts_at=noon + timedelta(days=6))
    claim(place.id, person.id, way=Way.WEB)
    with clock.stopped_at(noon + timedelta(hours=1)):
        broadcast = ended_request(person)
    with clock.stopped_at(noon + timedelta(days=2)):
        receive(person.phone, "Sorry I can't make it")
    assert signups.live_of(person.id, place.id) is None
    assert recipient(broadcast, person).answer == Answer.NONE


def test_a_no_after_a_place_was_given_gives_up_that_place(noon: datetime) -> None:
    person = factories.volunteer()
    ended_request(person)
    place = factories.shift(starts_at=noon + timedelta(days=6))
    with clock.stopped_at(noon + timedelta(hours=1)):
        claim(place.id, person.id, way=Way.WEB)
        receive(person.phone, "Sorry I can't make it")
    assert signups.live_of(person.id, place.id) is None


def test_a_no_to_the_text_of_a_place_far_off_gives_up_that_place(noon: datetime) -> None:
    person, place = factories.volunteer(), factories.shift(starts_at=noon + timedelta(days=16))
    claim(place.id, person.id, way=Way.WEB)
    receive(person.phone, "NO")
    assert signups.live_of(person.id, place.id) is None


def test_a_no_to_the_text_of_a_place_far_off_gives_up_no_nearer_one(noon: datetime) -> None:
    person = factories.volunteer()
    near = factories.shift(starts_at=noon + timedelta(days=2))
    far = factories.shift(starts_at=noon + timedelta(days=16))
    claim(near.id, person.id, way=Way.WEB)
    with clock.stopped_at(noon + timedelta(hours=1)):
        claim(far.id, person.id, way=Way.WEB)
        reply = receive(person.phone, "NO")
    assert signups.live_of(person.id, near.id) is not None
    assert signups.live_of(person.id, far.id) is not None
    assert reply.state == ReplyState.WAITING
    assert answer_to(reply) == answers.WHICH_SHIFT


def test_a_no_the_day_after_gives_up_the_near_place_and_none_far_off(noon: datetime) -> None:
    person = factories.volunteer()
    near = factories.shift(starts_at=noon + timedelta(days=2))
    far = factories.shift(starts_at=noon + timedelta(days=16))
    for place in (near, far):
        claim(place.id, person.id, way=Way.WEB)
    with clock.stopped_at(noon + timedelta(days=1)):
        receive(person.phone, "NO")
    assert signups.live_of(person.id, near.id) is None
    assert signups.live_of(person.id, far.id) is not None


@pytest.mark.parametrize("waits", [False, True])
def test_a_no_to_a_new_time_far_off_gives_up_that_place(noon: datetime, waits: bool) -> None:
    person = factories.volunteer()
    place = factories.shift(starts_at=noon + timedelta(days=16), places=1)
    if waits:
        claim(place.id, factories.volunteer().id, way=Way.WEB)
    claim(place.id, person.id, way=Way.WEB)
    with clock.stopped_at(noon + timedelta(days=1)):
        with transaction():
            db.session.get_one(Shift, place.id).revision += 1
        receive(person.phone, "NO")
    assert signups.live_of(person.id, place.id) is None


def test_a_no_the_day_after_gives_up_the_only_place_far_off_by_nobodys_guess(
    noon: datetime,
) -> None:
    person, place = factories.volunteer(), factories.shift(starts_at=noon + timedelta(days=16))
    claim(place.id, person.id, way=Way.WEB)
    with clock.stopped_at(noon + timedelta(days=1)):
        reply = receive(person.phone, "NO")
    assert signups.live_of(person.id, place.id) is not None
    assert reply.state == ReplyState.WAITING


def test_a_no_after_the_requests_own_shift_gives_up_the_next_place(noon: datetime) -> None:
    person, shift = factories.volunteer(), factories.shift()
    broadcast = ask(shift)
    receive(person.phone, "YES")
    later = shift.ends_at + timedelta(hours=1)
    place = factories.shift(starts_at=later + timedelta(days=1))
    with clock.stopped_at(later):
        broadcasting.advance(broadcast.id)
        claim(place.id, person.id, way=Way.WEB)
        reply = receive(person.phone, "NO")
    assert signups.live_of(person.id, place.id) is None
    assert reply.state == ReplyState.DONE


def _failing(monkeypatch: pytest.MonkeyPatch, fault: Exception, times: int) -> None:
    """Acting on a text fails so often, then works."""
    act, left = acting.act, itertools.count(times, -1)

    def fails_first(*given: object) -> acting.Outcome:
        if next(left) > 0:
            raise fault
        return act(*given)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(acting, "act", fails_first)


def test_a_stop_outlives_connections_that_are_cut(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = OperationalError("SELECT", {}, Exception("terminating connection"))
    _failing(monkeypatch, cut, service.MOST_ATTEMPTS + 2)
    reply = receive("+447700900123", "STOP")
    assert reply.state == ReplyState.DONE
    assert volunteers.is_opted_out(Channel.SMS, "+447700900123")


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        (ValueError("a fault of ours"), service.MOST_ATTEMPTS),
        (
            OperationalError("SELECT", {}, Exception("gone")),
            service.MOST_ATTEMPTS_OF_THE_DATABASE,
        ),
    ],
)
def test_a_text_that_cannot_be_acted_on_goes_to_a_person_and_holds_up_nobody(
    noon: datetime, monkeypatch: pytest.MonkeyPatch, fault: Exception, attempts: int
) -> None:
    _failing(monkeypatch, fault, attempts)
    poison = receive("+447700900123", "YES")
    assert (poison.state, poison.attempts) == (ReplyState.WAITING, attempts)
    assert poison.outcome == "We could not act on this text: please read it."
    assert receive("+447700900124", "STOP").state == ReplyState.DONE


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(("with_email", "most"), [(False, 13), (True, 14)])
def test_a_plain_yes_needs_few_statements(
    count_queries: Callable[[], Any], with_email: bool, most: int
) -> None:
    """One more where the place also goes out as an email with the calendar's event."""
    said: dict[str, Any] = {} if with_email else {"email": None, "email_verified_at": None}
    person, shift = factories.volunteer(**said), factories.shift()
    ask(shift)
    service.store({"MessageSid": "SMplain", "From": person.phone, "Body": "YES"})
    person_id, shift_id = person.id, shift.id
    db.session.remove()  # a worker has read nothing before
    with count_queries() as statements:
        assert service.process_all(seconds=0) == 1
    assert len(statements) <= most, "\n".join(statements)
    live = signups.live_of(person_id, shift_id)
    assert live is not None
    assert live.standing == Standing.CONFIRMED
    assert live.shift.taken == 1


def test_answers_get_their_turn_between_many_replies(app: Flask) -> None:
    for n in range(3):
        service.store({"MessageSid": f"SM{n}", "From": factories.drama_phone(n), "Body": "HELP"})
    time.sleep(2 * queue.TOGETHER)  # the last nudge of these three has been left
    queue.taken_up(service.PROCESS)
    queue.connection().delete("rq:queue:answers")
    assert service.process_all(seconds=0) == 1
    jobs = [job.func_name for job in Queue("answers", connection=queue.connection()).jobs]
    assert jobs == ["app.messaging.jobs.deliver", service.PROCESS]
    assert service.process_all() == 2


@pytest.mark.usefixtures("noon")
def test_a_request_whose_shift_is_gone_is_nothing_to_say_yes_to() -> None:
    person, shift = factories.volunteer(), factories.shift()
    broadcast = ask(shift)
    with transaction():
        db.session.execute(delete(Shift).where(Shift.id == shift.id))
    reply = receive(person.phone, f"{broadcast.number} YES")
    assert "does not exist any more" in answer_to(reply)
