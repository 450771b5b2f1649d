"""Which carrier rests: one picture for all workers, and a way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import AuditEvent
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import carrier_health, service
from app.messaging.carrier_models import CarrierStatus, CarrierTally
from app.messaging.models import Message, State
from app.messaging.rules.outcomes import Fault, Outcome, Verdict, of_fault
from tests import factories
from tests.messaging.test_delivery import letter

ACCEPTED = Outcome(Verdict.ACCEPTED, carrier_id="x")
LOST = of_fault(Fault.CUT_OFF)


class Answering:
    """A carrier that says whether it would take a text."""

    def __init__(self, name: str, trouble: str = "") -> None:
        self.name = name
        self.says = trouble
        self.asked = 0

    def trouble(self) -> str:
        self.asked += 1
        return self.says


@pytest.fixture(autouse=True)
def _two_carriers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(app.config, "SMS_PROVIDER", "twilio")
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "notify")
    carrier_health.forget()
    yield
    carrier_health.forget()


def saw(name: str, *outcomes: Outcome, seconds: float = 0.08) -> None:
    for outcome in outcomes:
        carrier_health.note(name, outcome, seconds)
    carrier_health.flush(at_once=True)


def in_use() -> str:
    carrier_health.judge()
    return carrier_health.chosen()


def test_the_first_carrier_is_chosen_as_long_as_it_does_well(app: Flask) -> None:
    saw("twilio", *[ACCEPTED] * 95, *[LOST] * 5)
    assert in_use() == "twilio"
    assert db.session.scalar(select(func.count()).select_from(CarrierStatus)) == 0


def test_a_carrier_in_trouble_rests_and_the_reason_is_told(app: Flask) -> None:
    saw("twilio", *[ACCEPTED] * 5, *[LOST] * 5)
    assert carrier_health.chosen() == "notify"
    first, second = carrier_health.overview()
    assert (first.name, first.is_resting, first.is_in_use) == ("twilio", True, False)
    assert first.reason == "5 of 10 requests failed in the last 2 minutes."
    assert (first.asked, first.faults, first.error_share) == (10, 5, 0.5)
    assert first.median_seconds == pytest.approx(0.05)
    assert first.since is not None
    assert first.until is not None
    assert first.until - first.since == timedelta(minutes=2)
    assert (second.name, second.is_resting, second.is_in_use) == ("notify", False, True)
    assert (second.asked, second.error_share, second.median_seconds) == (0, 0.0, None)
    assert carrier_health.resting_because() == {"twilio": first.reason}


def test_slow_answers_are_trouble_too(app: Flask) -> None:
    saw("twilio", *[ACCEPTED] * 5, seconds=6.0)
    assert carrier_health.chosen() == "notify"


def test_what_several_workers_saw_adds_up(app: Flask) -> None:
    with clock.stopped_at(clock.now()):
        saw("twilio", *[LOST] * 2)
        saw("twilio", *[LOST] * 2)
        assert carrier_health.chosen() == "twilio"
        saw("twilio", LOST)
    assert carrier_health.chosen() == "notify"
    assert db.session.scalar(select(CarrierTally.faults)) == 5


def test_a_fault_of_long_ago_is_forgotten(app: Flask) -> None:
    with clock.stopped_at(clock.now() - timedelta(minutes=3)):
        saw("twilio", *[LOST] * 4)
    saw("twilio", LOST)
    assert carrier_health.chosen() == "twilio"


def test_the_last_carrier_never_rests(app: Flask) -> None:
    saw("twilio", *[LOST] * 10)
    saw("notify", *[LOST] * 10)
    assert carrier_health.resting() == {"twilio"}
    assert carrier_health.chosen() == "notify"


def test_the_only_carrier_never_rests(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "")
    saw("twilio", *[LOST] * 50)
    assert in_use() == "twilio"
    [row] = carrier_health.overview()
    assert (row.is_in_use, row.is_resting, row.error_share) == (True, False, 1.0)


def test_counts_wait_in_memory_for_a_second_and_then_are_written(app: Flask) -> None:
    saw("twilio", ACCEPTED)
    carrier_health.note("twilio", ACCEPTED, 0.1)
    carrier_health.flush()
    assert db.session.scalar(select(func.sum(CarrierTally.asked))) == 1
    carrier_health.flush(at_once=True)
    assert db.session.scalar(select(func.sum(CarrierTally.asked))) == 2


def rest_over(name: str = "twilio") -> None:
    with transaction():
        db.session.execute(
            update(CarrierStatus)
            .where(CarrierStatus.carrier == name)
            .values(until=clock.now() - timedelta(seconds=1))
        )


def test_a_carrier_comes_back_after_its_rest_when_it_answers(app: Flask) -> None:
    carrier = Answering("twilio")
    saw("twilio", *[LOST] * 5)
    carrier_health.check([carrier])
    assert (carrier.asked, carrier_health.chosen()) == (0, "notify")
    rest_over()
    carrier_health.check([carrier])
    assert (carrier.asked, carrier_health.chosen()) == (1, "twilio")
    # What was counted before its rest speaks against it no more.
    carrier_health.check([carrier])
    assert in_use() == "twilio"


def test_a_carrier_that_does_not_answer_rests_on_and_longer(app: Flask) -> None:
    carrier = Answering("twilio", "The carrier could not be reached.")
    saw("twilio", *[LOST] * 5)
    for minutes in (4, 8, 16, 30, 30):
        rest_over()
        asked = clock.now()
        with clock.stopped_at(asked):
            carrier_health.check([carrier])
        [row, _] = carrier_health.overview()
        assert (row.is_resting, row.reason) == (True, "The carrier could not be reached.")
        assert row.until == asked + timedelta(minutes=minutes)


def test_one_that_fails_again_soon_rests_longer_and_is_forgiven_after_an_hour(app: Flask) -> None:
    moment = clock.now()
    rests = []
    for pause in (timedelta(0), timedelta(minutes=10), timedelta(minutes=70)):
        moment += pause
        with clock.stopped_at(moment):
            saw("twilio", *[LOST] * 5)
            [row, _] = carrier_health.overview()
            assert row.until is not None
            rests.append(row.until - moment)
            moment = row.until
        with clock.stopped_at(moment):
            carrier_health.check([Answering("twilio")])
            assert carrier_health.chosen() == "twilio"
    assert rests == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=2)]


def test_a_limit_of_the_day_closes_a_carrier_until_it_ends(app: Flask) -> None:
    wait = timedelta(hours=7)
    now = clock.now()
    full = Outcome(
        Verdict.TRY_LATER, "Full for today.", code="x", wait=wait, is_carriers_fault=True
    )
    with clock.stopped_at(now):
        saw("twilio", full)
    [row, _] = carrier_health.overview()
    assert (row.is_resting, row.until, row.reason) == (True, now + wait, "Full for today.")


def arrived(number: int, after: timedelta | None, taken_at: datetime) -> None:
    message_id = service.write(letter(number))
    with transaction():
        db.session.execute(
            update(Message)
            .where(Message.id == message_id)
            .values(
                carrier="twilio",
                accepted_at=taken_at,
                state=State.ACCEPTED if after is None else State.DELIVERED,
                ended_at=None if after is None else taken_at + after,
            )
        )


@pytest.mark.parametrize(
    ("soon", "late", "never", "rests"),
    [(14, 3, 3, True), (16, 2, 2, False), (0, 0, 20, False), (5, 5, 5, False)],
)
def test_texts_that_arrive_late_are_trouble(
    app: Flask, soon: int, late: int, never: int, rests: bool
) -> None:
    taken_at = clock.now() - timedelta(minutes=8)
    numbers = iter(range(1, 100))
    for many, after in (
        (soon, timedelta(seconds=20)),
        (late, timedelta(minutes=6)),
        (never, None),
    ):
        for _ in range(many):
            arrived(next(numbers), after, taken_at)
    carrier_health.check([])
    assert ("twilio" in carrier_health.resting()) is rests


def test_a_text_on_its_way_is_not_late_yet(app: Flask) -> None:
    for number in range(1, 6):
        arrived(number, timedelta(seconds=5), clock.now() - timedelta(minutes=8))
    for number in range(6, 40):
        arrived(number, None, clock.now() - timedelta(minutes=4))
    carrier_health.check([])
    assert carrier_health.resting() == frozenset()


def test_a_person_has_a_carrier_rest_and_puts_it_back(app: Flask) -> None:
    by = factories.user().id
    carrier_health.set_resting("twilio", by, "Their invoice is disputed.")
    assert carrier_health.chosen() == "notify"
    [row, _] = carrier_health.overview()
    assert (row.until, row.reason) == (None, "Their invoice is disputed.")
    carrier = Answering("twilio")
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        carrier_health.check([carrier])
    assert (carrier.asked, carrier_health.chosen()) == (0, "notify")
    carrier_health.put_back("twilio", by)
    assert carrier_health.chosen() == "twilio"
    events = db.session.execute(select(AuditEvent.action, AuditEvent.actor_id)).all()
    assert events == [("rested carrier", by), ("put carrier back", by)]


def test_a_person_cannot_leave_us_without_a_carrier(app: Flask) -> None:
    by = factories.user().id
    carrier_health.set_resting("notify", by)
    with pytest.raises(Refusal):
        carrier_health.set_resting("twilio", by)
    with pytest.raises(Refusal):
        carrier_health.set_resting("pigeon", by)
    with pytest.raises(Refusal):
        carrier_health.put_back("twilio", by)
    assert carrier_health.chosen() == "twilio"


def test_old_counts_are_thrown_away(app: Flask) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=3)):
        saw("twilio", ACCEPTED)
    saw("twilio", ACCEPTED)
    carrier_health.check([])
    assert db.session.scalar(select(func.count()).select_from(CarrierTally)) == 1


def test_mail_is_counted_beside_the_carriers_of_texts(app: Flask) -> None:
    saw("smtp", ACCEPTED, *[LOST] * 9)
    names = [(row.name, row.is_in_use, row.faults) for row in carrier_health.overview()]
    assert names == [("twilio", True, 0), ("notify", False, 0), ("smtp", True, 9)]
    assert carrier_health.resting() == frozenset()
