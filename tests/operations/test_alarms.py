"""Alarms: kept as rows, told once, reminded each day, told when over; by the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.messaging import holding
from app.messaging import ledger as ledger_of
from app.messaging.models import Message
from app.operations import alarms
from app.operations.models import Alarm
from app.operations.rules.problems import Kind, Problem
from app.volunteers.models import Channel
from tests import factories
from tests.operations import ledger

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REDIS = Problem(Kind.REDIS, "", "Redis does not answer.", "Start Redis again.")
SWEEP = Problem(Kind.SWEEP, "", "Nobody sweeps.", "Look at the workers.")


def settle_at(minutes: float, *problems: Problem) -> None:
    with clock.stopped_at(NOON + timedelta(minutes=minutes)):
        alarms.settle(problems)


def letters() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def rows() -> list[Alarm]:
    db.session.rollback()
    return list(db.session.scalars(select(Alarm).order_by(Alarm.id)))


def test_what_lasts_five_minutes_is_told_once_and_once_that_it_is_over(app: Flask) -> None:
    factories.administrator(email="ada@example.org")
    for minute in range(11):
        settle_at(minute, REDIS)
    begun = letters()
    assert [letter.subject for letter in begun] == ["Many Hands: 1 thing is wrong"]
    assert begun[0].to_address == "ada@example.org"
    assert begun[0].channel == Channel.EMAIL
    assert "Redis does not answer. Start Redis again." in begun[0].body
    assert "http://localhost/operations" in begun[0].body
    for minute in range(11, 20):
        settle_at(minute)
    subjects = [letter.subject for letter in letters()]
    assert subjects == ["Many Hands: 1 thing is wrong", "Many Hands: 1 thing is well again"]
    alarm = rows()[0]
    assert not alarm.is_open
    assert (alarm.began_at, alarm.told_at) == (NOON, NOON + timedelta(minutes=5))
    assert alarm.ended_at == NOON + timedelta(minutes=16)


def test_what_passes_is_told_to_nobody_and_leaves_no_row(app: Flask) -> None:
    factories.administrator()
    for minute in range(4):
        settle_at(minute, REDIS)
    for minute in range(4, 12):
        settle_at(minute)
    assert letters() == []
    assert rows() == []


def test_a_reminder_comes_each_day(app: Flask) -> None:
    factories.administrator()
    for minute in range(0, 3 * 24 * 60, 30):
        settle_at(minute, REDIS)
    assert [letter.subject for letter in letters()] == [
        "Many Hands: 1 thing is wrong",
        "Many Hands: 1 thing is still wrong",
        "Many Hands: 1 thing is still wrong",
    ]


def test_several_at_once_are_one_email_to_each_administrator(app: Flask) -> None:
    factories.administrator(email="ada@example.org")
    factories.administrator(email="bea@example.org")
    factories.administrator(email="gone@example.org", is_enabled=False)
    factories.administrator(email="unproved@example.org", email_verified_at=None)
    factories.coordinator(email="coordinator@example.org")
    for minute in range(7):
        settle_at(minute, REDIS, SWEEP)
    written = letters()
    assert [letter.to_address for letter in written] == ["ada@example.org", "bea@example.org"]
    assert {letter.subject for letter in written} == {"Many Hands: 2 things are wrong"}


def test_the_same_check_twice_tells_once(app: Flask) -> None:
    factories.administrator()
    settle_at(0, REDIS)
    settle_at(5, REDIS)
    settle_at(5, REDIS)
    assert len(letters()) == 1


def test_the_same_problem_later_is_another_alarm(app: Flask) -> None:
    factories.administrator()
    for minute in range(6):
        settle_at(minute, REDIS)
    for minute in range(6, 12):
        settle_at(minute)
    for minute in range(12, 18):
        settle_at(minute, REDIS)
    assert [alarm.is_open for alarm in rows()] == [False, True]
    assert len(letters()) == 3


def test_an_alarm_leaves_while_all_sending_is_paused(app: Flask) -> None:
    who = factories.administrator()
    holding.pause(who.id)
    with clock.stopped_at(NOON):
        alarms.settle([REDIS])
    with clock.stopped_at(NOON + timedelta(minutes=5)):
        alarms.settle([REDIS])
        assert len(ledger_of.lease(queue.EMAIL, "me")) == 1


def test_the_check_reads_the_service_as_it_is(app: Flask) -> None:
    """Nobody sweeps, nobody works, a text is uncertain and nobody decides."""
    ledger.uncertain(minutes_ago=45)
    alarms.check()
    assert {(alarm.kind, alarm.subject) for alarm in rows()} == {
        (Kind.SWEEP, ""),
        (Kind.WORKER, ""),
        (Kind.UNCERTAIN, ""),
    }


def test_all_well_makes_no_row(app: Flask) -> None:
    ledger.all_is_well()
    alarms.check()
    assert rows() == []


def test_an_alarm_without_administrators_is_loud_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    settle_at(0, REDIS)
    settle_at(5, REDIS)
    assert "reach nobody" in caplog.text
    assert rows()[0].told_at is not None


def test_the_metrics_count_what_was_told_and_is_not_over(app: Flask, client: FlaskClient) -> None:
    settle_at(0, REDIS)
    assert 'many_hands_alarms{kind="redis"} 0.0' in client.get("/metrics").text
    settle_at(5, REDIS)
    assert 'many_hands_alarms{kind="redis"} 1.0' in client.get("/metrics").text
