"""From the ledger to the carrier's wire."""

from __future__ import annotations

import asyncio
import itertools
import threading
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession, ClientTimeout
from flask import Flask
from sqlalchemy import select, update

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.messaging import delivery, ledger, rate, recovery, service
from app.messaging.carriers import twilio
from app.messaging.models import Message, RunState, State
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, OptOut
from tests import factories
from tests.carrier import StubCarrier


def letter(number: int = 1, **said: str) -> Letter:
    defaults = {
        "channel": "sms",
        "to": factories.drama_phone(number),
        "body": "Can you help?",
        "cause": "test:1",
        "recipient": f"volunteer:{number}",
        "purpose": "ask",
        "lane": queue.URGENT,
    }
    return Letter(**(defaults | said))


def state_of(message_id: int | None) -> State:
    db.session.rollback()
    return db.session.get_one(Message, message_id).state


def test_a_text_leaves_with_our_token_in_its_callback(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    message_id = service.write(letter())
    assert delivery.deliver(queue.URGENT) == 1
    message = db.session.get_one(Message, message_id)
    assert message.state == State.ACCEPTED
    assert message.carrier_id == stub_carrier.taken[0]["Sid"]
    assert stub_carrier.taken[0]["StatusCallback"].endswith(
        f"/webhooks/twilio/status?m={message.token}"
    )


def test_the_same_cause_writes_to_a_recipient_once(app: Flask) -> None:
    assert service.write(letter()) is not None
    assert service.write(letter(body="Other words")) is None


def test_a_rolled_back_cause_leaves_no_message(app: Flask) -> None:
    def write_and_fail() -> None:
        with transaction():
            service.write(letter())
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()
    assert db.session.scalar(select(Message.id)) is None


def test_429_is_tried_again_later(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter())
    stub_carrier.answer = lambda _form: (429, 20429)
    assert delivery.deliver(queue.URGENT, seconds=0) == 0
    message = db.session.get_one(Message, message_id)
    assert (message.state, message.attempts) == (State.QUEUED, 1)
    assert message.not_before > clock.now()


def test_a_refused_number_fails_with_the_reason_in_words(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    message_id = service.write(letter())
    stub_carrier.answer = lambda _form: (400, 21614)
    delivery.deliver(queue.URGENT)
    message = db.session.get_one(Message, message_id)
    assert (message.state, message.reason) == (State.FAILED, "The number is not a mobile.")


@pytest.mark.parametrize("answer", [(500, None), (503, 20503), "drop"])
def test_a_lost_answer_is_uncertain_and_never_sent_again(
    app: Flask, stub_carrier: StubCarrier, answer: object
) -> None:
    message_id = service.write(letter())
    stub_carrier.answer = lambda _form: answer
    delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.UNCERTAIN
    taken = len(stub_carrier.taken)
    stub_carrier.answer = lambda _form: None
    recovery.sweep()
    delivery.deliver(queue.URGENT)
    assert len(stub_carrier.taken) == taken


def test_a_refused_connection_is_tried_again_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "TWILIO_API_URL", "http://127.0.0.1:9")
    monkeypatch.setitem(app.config, "SMS_SEGMENTS_PER_SECOND", 10_000.0)
    message_id = service.write(letter())
    delivery.deliver(queue.URGENT, seconds=0)
    assert state_of(message_id) == State.QUEUED


def test_the_librarys_own_retry_is_off(app: Flask) -> None:
    async def connections() -> object:
        async with twilio.TwilioCarrier().open() as line:
            return line._client.http_client.session._session

    assert type(asyncio.run(connections())) is ClientSession


def test_a_carrier_that_falls_silent_is_not_waited_for(
    app: Flask, stub_carrier: StubCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = threading.Event()
    monkeypatch.setattr(twilio, "TIMEOUT", ClientTimeout(total=0.2))
    stub_carrier.answer = lambda _form: silence.wait(20) and "drop"
    message_id = service.write(letter())
    began = monotonic()
    delivery.deliver(queue.URGENT)
    silence.set()
    assert monotonic() - began < 10
    message = db.session.get_one(Message, message_id)
    assert (message.state, message.reason) == (
        State.UNCERTAIN,
        "The carrier's answer did not come in time.",
    )


def test_a_lost_answer_is_asked_for_once(app: Flask, stub_carrier: StubCarrier) -> None:
    service.write(letter())
    stub_carrier.answer = lambda _form: "drop"
    delivery.deliver(queue.URGENT)
    assert len(stub_carrier.taken) == 1


def test_an_opt_out_holds_back_what_is_queued(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter())
    volunteers.opt_out(Channel.SMS, factories.drama_phone(1), how="text STOP")
    delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.SUPPRESSED
    assert stub_carrier.taken == []


def test_an_opt_out_after_the_lease_still_holds_back(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter())
    leased = ledger.lease(queue.URGENT, "worker")
    # The row alone, as another process may have committed it a moment ago.
    factories.save(
        OptOut(
            channel=Channel.SMS,
            address=factories.drama_phone(1),
            address_hash="0" * 64,
            how="text STOP",
        )
    )
    assert ledger.begin_sending([one for one, _ in leased], "worker") == []
    assert state_of(message_id) == State.SUPPRESSED


def test_a_code_that_was_asked_for_reaches_one_who_opted_out(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    volunteers.opt_out(Channel.SMS, factories.drama_phone(1), how="text STOP")
    service.write(letter(), is_service=True)
    assert delivery.deliver(queue.URGENT) == 1


def test_the_carriers_own_opt_out_is_kept(app: Flask, stub_carrier: StubCarrier) -> None:
    service.write(letter())
    stub_carrier.answer = lambda _form: (400, 21610)
    delivery.deliver(queue.URGENT)
    assert volunteers.is_opted_out(Channel.SMS, factories.drama_phone(1))


def test_a_message_past_its_deadline_is_never_sent(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter(), deadline=clock.now() - timedelta(seconds=1))
    delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.EXPIRED
    assert stub_carrier.taken == []


def test_a_stopped_run_holds_back_and_a_paused_one_waits(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    with transaction():
        run_id = service.start_run(None).id
    first = service.write(letter(1), run_id=run_id)
    service.set_run(run_id, RunState.PAUSED)
    assert delivery.deliver(queue.URGENT) == 0
    assert state_of(first) == State.QUEUED
    service.set_run(run_id, RunState.STOPPED)
    assert state_of(first) == State.CANCELLED
    service.set_run(run_id, RunState.RUNNING)
    assert delivery.deliver(queue.URGENT) == 0


def test_a_stop_after_the_lease_holds_back(app: Flask, stub_carrier: StubCarrier) -> None:
    with transaction():
        run_id = service.start_run(None).id
    message_id = service.write(letter(1), run_id=run_id)
    ledger.lease(queue.URGENT, "worker")
    service.set_run(run_id, RunState.STOPPED)
    assert ledger.begin_sending([message_id or 0], "worker") == []
    assert state_of(message_id) == State.CANCELLED


def test_a_lease_that_ran_out_is_given_to_another(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter())
    ledger.lease(queue.URGENT, "a worker that was killed")
    with transaction():
        db.session.execute(update(Message).values(lease_until=clock.now() - timedelta(seconds=1)))
    assert recovery.sweep()["freed"] == 1
    assert delivery.deliver(queue.URGENT) == 1
    assert state_of(message_id) == State.ACCEPTED


def test_a_worker_killed_while_sending_leaves_an_uncertain_message(app: Flask) -> None:
    message_id = service.write(letter())
    leased = ledger.lease(queue.URGENT, "a worker that is killed")
    ledger.begin_sending([one for one, _ in leased], "a worker that is killed")
    with transaction():
        db.session.execute(update(Message).values(sending_at=clock.now() - timedelta(minutes=3)))
    recovery.sweep()
    assert state_of(message_id) == State.UNCERTAIN


def test_a_message_whose_lease_was_lost_is_not_sent(app: Flask) -> None:
    service.write(letter())
    leased = ledger.lease(queue.URGENT, "slow worker")
    with transaction():
        db.session.execute(update(Message).values(lease_holder="other worker"))
    assert ledger.begin_sending([one for one, _ in leased], "slow worker") == []


def test_an_outage_of_hours_loses_nothing(app: Flask, stub_carrier: StubCarrier) -> None:
    now = clock.now()
    message_id = service.write(letter())
    stub_carrier.answer = lambda _form: (429, 20429)
    moment = now
    while moment < now + timedelta(hours=3):
        with clock.stopped_at(moment):
            delivery.deliver(queue.URGENT, seconds=0)
        moment += timedelta(minutes=6)
    assert state_of(message_id) == State.QUEUED
    stub_carrier.answer = lambda _form: None
    with clock.stopped_at(moment):
        assert delivery.deliver(queue.URGENT) == 1
    assert len(stub_carrier.taken) == 1


def test_after_a_day_of_refusals_a_message_is_given_up(
    app: Flask, stub_carrier: StubCarrier
) -> None:
    message_id = service.write(letter())
    stub_carrier.answer = lambda _form: (429, 20429)
    with clock.stopped_at(clock.now() + timedelta(hours=25)):
        delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.FAILED


def at_night() -> datetime:
    """Eleven in the evening, the day after tomorrow, by the county's clock."""
    zone = ZoneInfo("Europe/London")
    day = clock.today("Europe/London") + timedelta(days=2)
    return datetime.combine(day, time(23), zone)


@pytest.mark.parametrize(("is_emergency", "leaves"), [(False, 0), (True, 1)])
def test_what_a_request_asks_waits_for_the_morning_unless_it_is_an_emergency(
    app: Flask, stub_carrier: StubCarrier, is_emergency: bool, leaves: int
) -> None:
    with transaction():
        run_id = service.start_run(None, is_emergency=is_emergency).id
    service.write(letter(), run_id=run_id)
    with clock.stopped_at(at_night()):
        assert recovery.sweep()["lanes"] == leaves
        assert delivery.deliver(queue.URGENT) == leaves
    with clock.stopped_at(at_night() + timedelta(hours=10)):
        assert delivery.deliver(queue.URGENT) == 1 - leaves


def test_an_answer_leaves_at_night(app: Flask, stub_carrier: StubCarrier) -> None:
    service.write(letter(lane=queue.ANSWERS))
    with clock.stopped_at(at_night()):
        assert delivery.deliver(queue.ANSWERS) == 1


def test_each_message_names_its_carrier(app: Flask, stub_carrier: StubCarrier) -> None:
    message_id = service.write(letter())
    delivery.deliver(queue.URGENT)
    assert db.session.get_one(Message, message_id).carrier == "twilio"


def test_what_waits_long_for_the_rate_is_held_on_to(app: Flask) -> None:
    ids = [service.write(letter(n)) for n in range(3)]
    leased = ledger.lease(queue.URGENT, "slow worker")
    with transaction():
        soon = clock.now() + timedelta(seconds=1)
        db.session.execute(update(Message).values(lease_until=soon))
        db.session.execute(
            update(Message).where(Message.id == ids[0]).values(lease_holder="other worker")
        )
    assert ledger.renew([one.id for one in leased], "slow worker") == {ids[1], ids[2]}
    with clock.stopped_at(clock.now() + timedelta(seconds=20)):
        assert recovery.sweep()["freed"] == 1


def test_a_worker_that_waited_too_long_takes_no_tokens_for_what_it_lost(
    app: Flask, stub_carrier: StubCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        service.write(letter(n))
    leased = ledger.lease(queue.URGENT, "slow worker")
    clerk = delivery._Clerk(queue.URGENT, "slow worker", 10, leased)
    with transaction():
        db.session.execute(update(Message).values(lease_holder="other worker"))
    monkeypatch.setattr(delivery, "RENEWS_EVERY", 0.0)
    taken: list[int] = []
    monkeypatch.setattr(rate, "take", lambda segments, at_once: taken.append(segments) or 0.0)
    assert clerk.round([], 10).parcels == []
    assert taken == []


def test_what_came_back_is_kept_when_the_round_that_records_it_fails(
    app: Flask, stub_carrier: StubCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = service.write(letter())
    rounds = itertools.count(1)
    a_round = delivery._Clerk.round

    def fail_the_second_time(self: Any, back: Any, room: int) -> Any:
        if next(rounds) == 2:
            raise RuntimeError("a fault of ours")
        return a_round(self, back, room)

    monkeypatch.setattr(delivery._Clerk, "round", fail_the_second_time)
    with pytest.raises(RuntimeError):
        delivery.deliver(queue.URGENT)
    assert state_of(message_id) == State.ACCEPTED
    assert len(stub_carrier.taken) == 1
