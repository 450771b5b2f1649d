"""The first carrier dies in mid-broadcast: the second takes over, and nobody hears twice."""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientTimeout
from flask import Flask
from sqlalchemy import func, select, update

from app.foundation import clock, queue, schedule
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import carrier_health, delivery, jobs, recovery, service, ways_out
from app.messaging.carrier_models import CarrierStatus
from app.messaging.carriers import twilio
from app.messaging.models import Message, State
from tests import cuttable, factories
from tests.carrier import StubCarrier
from tests.messaging.test_delivery import letter
from tests.notify import StubNotify

PEOPLE = 220
# What may be in the air when the first carrier falls silent, the batch that stands ready, and
# one that was let go as the first of them came back.
IN_THE_AIR = twilio.AT_ONCE + 2 * delivery.SENT_AT_ONCE
BEFORE = 40  # so many are taken before the first carrier dies


class Both:
    """Two carriers, the first at the end of a wire that can be cut."""

    def __init__(self, first: StubCarrier, second: StubNotify, first_wire: cuttable.Wire) -> None:
        self.first, self.second, self.wire = first, second, first_wire

    def times_texted(self) -> Counter[str]:
        return self.first.times_texted() + self.second.times_texted()


@pytest.fixture
def both(
    app: Flask,
    stub_carrier: StubCarrier,
    stub_notify: StubNotify,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Both]:
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "twilio")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "notify")
    carrier_health.forget()
    with cuttable.wire(stub_carrier.url) as first_wire:
        monkeypatch.setitem(app.config, "TWILIO_API_URL", first_wire.url)
        yield Both(stub_carrier, stub_notify, first_wire)
    carrier_health.forget()


def write(people: int, start: int = 1) -> None:
    for number in range(start, start + people):
        service.write(letter(number, body="Can you help tonight? Reply 27 YES"))


def work(minutes: float = 4, *, later: timedelta = timedelta()) -> None:
    """What the workers and the schedule do, for so many minutes of the clock."""
    began = clock.now() + later
    for step in range(int(minutes * 4)):
        with clock.stopped_at(began + timedelta(seconds=15 * step)):
            recovery.sweep()
            while delivery.deliver(queue.URGENT):
                pass
            ways_out.check()


def states() -> Counter[State]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Message.state)))


def carriers() -> dict[str, int]:
    rows = db.session.execute(select(Message.carrier, func.count()).group_by(Message.carrier))
    return {row[0]: row[1] for row in rows}


def refused(both: Both) -> Callable[[dict[str, str]], Any]:
    """Taken, then nobody is there: the wire is cut in the middle of a request."""
    numbers = itertools.count(1)

    def answer(_form: dict[str, str]) -> Any:
        if next(numbers) == BEFORE:
            both.wire.cut()

    return answer


def faulty(both: Both) -> Callable[[dict[str, str]], Any]:
    """Each answer is a 500, and every other text was taken all the same."""
    numbers = itertools.count(1)

    def answer(form: dict[str, str]) -> Any:
        number = next(numbers)
        if number <= BEFORE:
            return None
        if number % 2:
            both.first.take(form)
        return 500, None

    return answer


def silent(both: Both) -> Callable[[dict[str, str]], Any]:
    """Each text is taken, and no answer ever comes."""
    numbers = itertools.count(1)

    def answer(form: dict[str, str]) -> Any:
        if next(numbers) <= BEFORE:
            return None
        both.first.take(form)
        SILENCE.wait(5)
        return 500, None

    return answer


SILENCE = threading.Event()


def lose_patience(monkeypatch: pytest.MonkeyPatch, dies: Callable[..., Any]) -> None:
    """Wait for an answer not ten seconds but two, where none will come."""
    SILENCE.clear()
    if dies is silent:
        monkeypatch.setattr(twilio, "TIMEOUT", ClientTimeout(total=2))


@pytest.mark.parametrize("dies", [refused, faulty, silent])
def test_the_second_carrier_takes_over_and_nobody_hears_twice(
    both: Both,
    monkeypatch: pytest.MonkeyPatch,
    dies: Callable[[Both], Callable[[dict[str, str]], Any]],
) -> None:
    lose_patience(monkeypatch, dies)
    both.first.answer = dies(both)
    write(PEOPLE)
    work(minutes=1.5)
    SILENCE.set()

    assert carrier_health.chosen() == "notify"
    [row, _] = carrier_health.overview()
    assert row.is_resting
    assert row.reason
    # Nobody was asked by both, nor twice by one.
    assert max(both.times_texted().values()) == 1
    assert not set(both.first.times_texted()) & set(both.second.times_texted())
    # Whoever was not in the air at that moment has been asked.
    there = states()
    assert sum(there.values()) == PEOPLE
    assert set(there) <= {State.ACCEPTED, State.UNCERTAIN}
    assert there[State.ACCEPTED] >= PEOPLE - IN_THE_AIR
    assert len(both.second.taken) >= PEOPLE - BEFORE - IN_THE_AIR > 0
    # What may be with the first carrier stays with it.
    uncertain = db.session.scalars(
        select(Message.carrier).where(Message.state == State.UNCERTAIN).distinct()
    ).all()
    assert set(uncertain) <= {"twilio"}


@pytest.mark.parametrize("dies", [refused, faulty, silent])
def test_what_was_in_the_air_is_settled_once_the_first_carrier_is_back(
    both: Both,
    monkeypatch: pytest.MonkeyPatch,
    dies: Callable[[Both], Callable[[dict[str, str]], Any]],
) -> None:
    lose_patience(monkeypatch, dies)
    both.first.answer = dies(both)
    write(PEOPLE)
    work()
    SILENCE.set()
    if dies is refused:
        both.wire.mend()
    both.first.answer = lambda _form: None
    with transaction():
        db.session.execute(
            update(Message)
            .where(Message.state == State.UNCERTAIN)
            .values(sending_at=Message.created_at)
        )
    with clock.stopped_at(clock.now() + timedelta(minutes=10)):
        recovery.reconcile()
    work(minutes=15)

    assert states() == {State.ACCEPTED: PEOPLE}
    assert both.times_texted() == Counter(
        {factories.drama_phone(n): 1 for n in range(1, PEOPLE + 1)}
    )
    # It is back in use: the next request leaves by it.
    assert carrier_health.chosen() == "twilio"
    before = len(both.first.taken)
    write(10, start=PEOPLE + 1)
    work(minutes=0.5)
    assert len(both.first.taken) == before + 10


def test_it_does_not_come_back_while_it_is_dead(both: Both) -> None:
    both.wire.cut()
    write(30)
    work(minutes=12)
    assert carrier_health.chosen() == "notify"
    assert len(both.second.taken) == 30
    assert both.first.taken == []
    status = db.session.scalar(select(CarrierStatus).where(CarrierStatus.carrier == "twilio"))
    assert status is not None
    assert status.rests > 1
    both.wire.mend()


def test_a_rough_wire_is_no_reason_to_change(both: Both) -> None:
    """One in a hundred is a fault, one lost, five are asked to wait: what chaos brings."""
    numbers = itertools.count(1)

    def answer(_form: dict[str, str]) -> Any:
        number = next(numbers)
        if number % 100 == 50:
            return 500, None
        if number % 100 == 70:
            return "drop"
        return (429, 20429) if number % 20 == 0 else None

    both.first.answer = answer
    write(300)
    work()
    assert carrier_health.chosen() == "twilio"
    assert both.second.taken == []
    assert max(both.times_texted().values()) == 1


@pytest.mark.parametrize("seed", range(4))
def test_whatever_both_carriers_do_nobody_hears_twice(both: Both, seed: int) -> None:
    """Both refuse, fail, take and fall over at random; at the end each person heard once."""
    dice, lock = random.Random(seed), threading.Lock()

    def ill(weights: tuple[int, ...], *answers: object) -> object:
        with lock:
            return dice.choices(answers, weights)[0]

    def first(form: dict[str, str]) -> object:
        answer = ill((50, 10, 10, 15, 15), None, (429, 20429), "drop", (500, None), "fault")
        if answer == "fault":
            both.first.take(form)
            return 500, None
        return answer

    def second(_request: object) -> object:
        slow = (429, "RateLimitError", "Exceeded rate limit")
        fault = (500, "Exception", "Internal server error")
        return ill((50, 10, 10, 15, 15), None, slow, "drop", fault, "fault")

    both.first.answer, both.second.answer = first, second
    write(PEOPLE // 2)
    work(minutes=6)
    assert max(both.times_texted().values()) == 1
    assert {row.name for row in carrier_health.overview() if row.asked} == {"twilio", "notify"}

    both.first.answer = both.second.answer = lambda _said: None
    with transaction():
        db.session.execute(
            update(Message)
            .where(Message.state == State.UNCERTAIN)
            .values(sending_at=Message.created_at)
        )
    later = timedelta(minutes=40)
    with clock.stopped_at(clock.now() + later):
        recovery.reconcile()
    work(minutes=6, later=later)
    everybody = (factories.drama_phone(number) for number in range(1, PEOPLE // 2 + 1))
    assert both.times_texted() == Counter(everybody)
    assert states() == {State.ACCEPTED: PEOPLE // 2}


def test_the_limit_of_the_day_sends_the_rest_by_the_other_one(
    app: Flask, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "notify")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "twilio")
    numbers = itertools.count(1)
    full = (429, "TooManyRequestsError", "Exceeded send limits (250000) for today")
    both.second.answer = lambda _request: full if next(numbers) > BEFORE else None
    write(PEOPLE)
    work(minutes=1)
    assert states() == {State.ACCEPTED: PEOPLE}
    assert len(both.second.taken) == BEFORE
    assert len(both.first.taken) == PEOPLE - BEFORE
    assert carriers() == {"notify": BEFORE, "twilio": PEOPLE - BEFORE}
    assert "today" in carrier_health.overview()[0].reason


def test_an_account_that_is_closed_moves_the_texts_on(
    app: Flask, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "notify")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "twilio")
    both.second.answer = lambda _request: (403, "AuthError", "Invalid token: API key not found")
    write(50)
    work(minutes=1)
    assert states() == {State.ACCEPTED: 50}
    assert len(both.first.taken) == 50


def test_mail_never_leaves_by_a_carrier_of_texts(both: Both) -> None:
    assert ways_out.carrier_for(queue.EMAIL).name == "smtp"
    for lane in (queue.ANSWERS, queue.URGENT, queue.ORDINARY):
        assert ways_out.carrier_for(lane).name == "twilio"


@pytest.mark.parametrize("name", ["twilio", "simulator", "notify", "smtp"])
def test_a_carrier_is_found_by_the_name_in_the_ledger(app: Flask, name: str) -> None:
    assert ways_out.carrier_named(name).name == name


def test_nobody_is_called_pigeon(app: Flask) -> None:
    with pytest.raises(LookupError):
        ways_out.carrier_named("pigeon")


def test_a_carrier_that_cannot_be_asked_does_not_hold_up_the_other(
    app: Flask, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = service.write(letter(1))
    both.first.answer = lambda _form: "drop"
    delivery.deliver(queue.URGENT)
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "notify")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "twilio")
    second = service.write(letter(2))
    both.second.answer = lambda _request: "drop"
    delivery.deliver(queue.URGENT)
    assert carriers() == {"twilio": 1, "notify": 1}

    both.wire.cut()
    with pytest.raises(ExceptionGroup, match="could not be asked"):
        recovery.reconcile()
    assert db.session.get_one(Message, first).state == State.UNCERTAIN
    assert db.session.get_one(Message, second).state == State.ACCEPTED
    both.wire.mend()
    recovery.reconcile()
    assert states() == {State.ACCEPTED: 2}
    assert set(both.times_texted().values()) == {1}


def test_each_carrier_says_whether_it_would_take_a_text(app: Flask, both: Both) -> None:
    asked = app.test_cli_runner().invoke(args=["messages", "carriers"])
    assert asked.exit_code == 0
    assert asked.output.splitlines() == [
        "twilio (in use): answers",
        "notify (in reserve): answers",
    ]
    both.wire.cut()
    both.second.template = "Dear volunteer, ((message))"
    asked = app.test_cli_runner().invoke(args=["messages", "carriers"])
    assert asked.exit_code == 1
    first, second = asked.output.splitlines()
    assert first == "twilio (in use): The carrier could not be reached."
    assert "((message))" in second
    assert both.first.taken == both.second.taken == []


def test_the_schedule_looks_at_the_carriers(app: Flask, both: Both) -> None:
    both.wire.cut()
    write(10)
    delivery.deliver(queue.URGENT, seconds=0)
    jobs.check_carriers()
    assert carrier_health.chosen() == "notify"
    assert "app.messaging.jobs.check_carriers" in schedule.registered(app)
