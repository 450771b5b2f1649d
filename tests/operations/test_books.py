"""Everybody who was asked is one message; and the ledger's figures stay cheap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.broadcasts.models import Broadcast, BroadcastState, Recipient
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox.models import Reply, ReplyState
from app.messaging import figures
from app.messaging.models import Message, Run, RunState, State
from app.operations import conservation
from app.operations.models import ConservationBreach
from tests import factories
from tests.operations import ledger


def request_with(asked: int, messages: int, **said: Any) -> Broadcast:
    """A running request that asked so many and wrote so many."""
    run = factories.save(Run(state=RunState.RUNNING))
    defaults = {"number": run.id, "state": BroadcastState.RUNNING, "run_id": run.id}
    broadcast = factories.save(Broadcast(**(defaults | said)))
    people = [factories.volunteer() for _ in range(max(asked, messages))]
    for person in people[:asked]:
        factories.save(
            Recipient(
                broadcast_id=broadcast.id, volunteer_id=person.id, wave=1, asked_at=clock.now()
            )
        )
    for person in people[:messages]:
        ledger.message(run_id=run.id, volunteer_id=person.id)
    return broadcast


def breaches() -> list[ConservationBreach]:
    db.session.rollback()
    return list(db.session.scalars(select(ConservationBreach)))


def test_books_that_add_up_leave_no_trace(app: Flask) -> None:
    broadcast = request_with(3, 3)
    # Told that it is full: not an ask, and not counted as one.
    ledger.message(run_id=broadcast.run_id, purpose="full")
    assert conservation.check() == 0
    assert breaches() == []


@pytest.mark.parametrize(("asked", "messages"), [(3, 2), (2, 3), (1, 0), (0, 1)])
def test_books_that_do_not_add_up_are_kept_with_both_numbers(
    app: Flask, client: FlaskClient, asked: int, messages: int
) -> None:
    request_with(2, 2)
    wrong = request_with(asked, messages)
    for _ in range(2):
        assert conservation.check() == 1
    breach = breaches()[0]
    assert (breach.broadcast_id, breach.asked, breach.messages) == (wrong.id, asked, messages)
    assert "many_hands_conservation_breaches 1.0" in client.get("/metrics").text


def test_a_breach_that_is_mended_stays_on_record(app: Flask, client: FlaskClient) -> None:
    request_with(1, 2)
    conservation.check()
    with transaction():
        newest = select(Message.id).order_by(Message.id.desc()).limit(1).scalar_subquery()
        db.session.execute(delete(Message).where(Message.id == newest))
    assert conservation.check() == 0
    assert breaches()[0].mended_at is not None
    assert "many_hands_conservation_breaches 0.0" in client.get("/metrics").text


def test_what_ended_long_ago_is_looked_at_no_more_unless_it_was_wrong(app: Flask) -> None:
    ended = clock.now() - timedelta(days=3)
    request_with(1, 2, state=BroadcastState.ENDED, ended_at=ended)
    assert conservation.check() == 0
    wrong = request_with(1, 2)
    conservation.check()
    with transaction():
        found = db.session.get_one(Broadcast, wrong.id)
        found.state, found.ended_at = BroadcastState.ENDED, ended
    assert conservation.check() == 1


def test_the_books_are_checked_in_the_same_few_statements_however_many_requests(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    request_with(2, 2)
    with count_queries() as few:
        conservation.check()
    for _ in range(4):
        request_with(2, 2)
    with count_queries() as many:
        conservation.check()
    assert len(few) == len(many) == 2


# Figures


def test_what_lives_is_counted_now_and_what_rests_when_last_counted(app: Flask) -> None:
    for state in (State.QUEUED, State.UNCERTAIN, State.DELIVERED, State.DELIVERED):
        ledger.message(state=state)
    before = figures.counts()
    assert (before.by_state[State.DELIVERED], before.counted_at) == (0, None)
    assert before.by_state[State.QUEUED] == before.by_state[State.UNCERTAIN] == 1
    assert figures.count_all()
    after = figures.counts()
    assert after.by_state[State.DELIVERED] == 2
    assert sum(after.by_state.values()) == 4
    assert after.counted_at is not None


def test_the_whole_is_counted_once_a_minute_and_never_more_than_a_twentieth_of_the_time(
    app: Flask,
) -> None:
    now = clock.now()
    assert figures.count_all()
    for seconds, counts in ((30, False), (60, True)):
        with clock.stopped_at(now + timedelta(seconds=seconds)):
            assert figures.count_all() is counts
    with transaction():
        for tally in db.session.scalars(select(figures.MessageTally)):
            tally.milliseconds = 10_000
    with clock.stopped_at(now + timedelta(seconds=60 + 120)):
        assert not figures.count_all()
    with clock.stopped_at(now + timedelta(seconds=60 + 200)):
        assert figures.count_all()


def test_a_lane_with_very_many_is_told_as_last_counted(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "COUNTED_EXACTLY", 3)
    for _ in range(5):
        ledger.message()
    assert figures.counts().waiting(queue.URGENT) == 3
    figures.count_all()
    assert figures.counts().waiting(queue.URGENT) == 5


def test_the_oldest_is_that_which_may_leave(app: Flask) -> None:
    paused = factories.save(Run(state=RunState.PAUSED))
    now = clock.now()
    ledger.message(run_id=paused.id, not_before=now - timedelta(hours=3))
    ledger.message(not_before=now + timedelta(hours=1))
    due = now - timedelta(minutes=4)
    ledger.message(not_before=due, lane=queue.ANSWERS)
    assert figures.oldest_due(figures.queued()) == {queue.ANSWERS: due}


def test_every_carrier_that_was_used_is_found_by_steps_down_the_index(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    assert figures.carriers() == []
    now = clock.now()
    for name in ("twilio", "notify", "twilio", "smtp"):
        ledger.message(state=State.SENT, carrier=name, sending_at=now, accepted_at=now)
    ledger.message(state=State.SENT, carrier="twilio", sending_at=now - timedelta(minutes=2))
    with count_queries() as statements:
        assert figures.carriers() == ["notify", "smtp", "twilio"]
    assert len(statements) == 1
    assert figures.accepted_lately(["notify", "twilio"], timedelta(minutes=1)) == {
        "notify": 1,
        "twilio": 2,
    }


def test_the_metrics_tell_lanes_rate_bucket_and_replies(app: Flask, client: FlaskClient) -> None:
    now = clock.now()
    ledger.message(not_before=now - timedelta(minutes=5))
    ledger.message(lane=queue.EMAIL, state=State.LEASED)
    ledger.message(state=State.SENT, carrier="twilio", sending_at=now, accepted_at=now)
    ledger.uncertain()
    for number, state in enumerate((ReplyState.NEW, ReplyState.WAITING, ReplyState.WAITING)):
        factories.save(Reply(carrier_id=f"SM{number}", from_address="+447700900001", state=state))
    redis = queue.connection()
    redis.hset("rate:sms", "busy", redis.time()[0] + 30)
    said = client.get("/metrics").text
    for line in (
        'many_hands_messages{state="queued"} 1.0',
        'many_hands_lane_messages{lane="urgent"} 1.0',
        'many_hands_lane_messages{lane="email"} 1.0',
        'many_hands_accepted_last_minute{carrier="twilio"} 1.0',
        "many_hands_messages_uncertain 1.0",
        "many_hands_replies_unprocessed 1.0",
        "many_hands_replies_waiting 2.0",
        "many_hands_conservation_breaches 0.0",
        "many_hands_sending_held 0.0",
    ):
        assert line in said, line
    values = {
        line.split()[0]: float(line.split()[1])
        for line in said.splitlines()
        if line and line[0] != "#"
    }
    assert 299 < values['many_hands_lane_queue_seconds{lane="urgent"}'] < 330
    assert 20 < values['many_hands_sender_busy_seconds{sender="sms"}'] <= 31
    assert values['many_hands_sender_share{sender="sms"}'] == 1.0


def test_a_scrape_needs_the_same_few_statements_however_long_the_ledger(
    app: Flask, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    counted = []
    for _ in range(2):
        for _ in range(10):
            ledger.message()
            ledger.message(state=State.SENT, carrier="twilio", sending_at=clock.now())
        db.session.remove()
        with count_queries() as statements:
            client.get("/metrics")
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 17
