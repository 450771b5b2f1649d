"""Each phone is told how to stop in its first text, and again before thirty days are over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.foundation import clock, outbox, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.messaging import service
from app.messaging.models import Message, State
from app.messaging.rules import opting_out, segments
from tests import factories

PHONE = factories.drama_phone(600)
NOTICE = opting_out.NOTICE


def write(body: str = "Food bank: you have a place.", **said: object) -> Message:
    """One more letter to the phone, and its row."""
    n = db.session.query(Message).count()
    letter = {"channel": "sms", "to": PHONE, "body": body, "cause": f"test:{n}"}
    letter |= {"recipient": "volunteer:1", "purpose": "standing", "lane": queue.ORDINARY}
    options = {"is_service": said.pop("is_service", False)}
    message_id = service.write(Letter(**(letter | said)), **options)  # type: ignore[arg-type]
    return db.session.get_one(Message, message_id)


def test_the_first_text_to_a_phone_says_how_to_stop(app: Flask) -> None:
    row = write()
    assert row.body == f"Food bank: you have a place.\n{NOTICE}"
    assert row.tells_stop


def test_the_next_ones_are_as_they_were_written(app: Flask) -> None:
    write()
    second, third = write(), write()
    assert second.body == third.body == "Food bank: you have a place."
    assert not second.tells_stop


def test_another_phone_is_told_for_itself(app: Flask) -> None:
    write()
    assert NOTICE in write(to=factories.drama_phone(601)).body


@pytest.mark.parametrize(("days", "told"), [(29, False), (30, True), (31, True)])
def test_after_thirty_days_it_is_said_again(app: Flask, days: int, told: bool) -> None:
    now = clock.now()
    with clock.stopped_at(now):
        write()
    with clock.stopped_at(now + timedelta(days=10)):
        assert NOTICE not in write().body
    with clock.stopped_at(now + timedelta(days=days)):
        assert (NOTICE in write().body) is told


@pytest.mark.parametrize("state", list(State))
def test_only_a_text_that_may_have_been_read_counts(app: Flask, state: State) -> None:
    write()
    with transaction():
        db.session.execute(update(Message).values(state=state))
    unread = {
        State.UNDELIVERED,
        State.FAILED,
        State.SUPPRESSED,
        State.CANCELLED,
        State.EXPIRED,
    }
    assert (NOTICE in write().body) is (state in unread)


def test_words_that_say_it_themselves_are_left_alone_and_count(app: Flask) -> None:
    row = write("Help us tonight? Reply 27 YES. STOP to opt out.")
    assert row.body == "Help us tonight? Reply 27 YES. STOP to opt out."
    assert row.tells_stop
    assert NOTICE not in write().body


def test_a_code_and_a_confirmation_are_exempt_and_count_for_nothing(app: Flask) -> None:
    code = write("Many Hands: 123456 is your code.", is_service=True)
    assert code.body == "Many Hands: 123456 is your code."
    assert NOTICE in write().body


def test_what_lower_features_write_is_exempt(app: Flask) -> None:
    letter = Letter(
        channel="sms", to=PHONE, body="Many Hands: 1 is your code.", cause="c", recipient="r",
        purpose="code",
    )  # fmt: skip
    outbox.write(letter)
    assert db.session.scalar(select(Message.body)) == "Many Hands: 1 is your code."


def test_an_email_has_its_own_way_out(app: Flask) -> None:
    row = write(channel="email", to="asha@example.org")
    assert (NOTICE in row.body, row.tells_stop, row.segments) == (False, False, 1)


@pytest.mark.parametrize("length", [130, 137, 138, 160, 161, 300])
def test_the_segments_are_those_of_the_words_that_leave(app: Flask, length: int) -> None:
    first, second = write("x" * length), write("x" * length)
    assert first.segments == segments.count(first.body).segments
    assert second.segments == segments.count("x" * length).segments
    assert first.segments == (1 if length <= 137 else 2 if length <= 283 else 3)


def test_a_text_in_gujarati_stays_as_it_is_and_says_it_too(app: Flask) -> None:
    row = write("આજે રાત્રે મદદ કરશો?")
    assert row.body == f"આજે રાત્રે મદદ કરશો?\n{NOTICE}"
    assert row.segments == 1


def test_writing_twice_is_harmless(app: Flask) -> None:
    write(cause="once")
    letter = Letter(
        channel="sms", to=PHONE, body="Again", cause="once", recipient="volunteer:1",
        purpose="standing",
    )  # fmt: skip
    assert service.write(letter) is None


def test_one_statement_writes_it(app: Flask, count_queries) -> None:
    letter = Letter(
        channel="sms", to=PHONE, body="Hello", cause="c", recipient="r", purpose="standing"
    )
    with count_queries() as statements:
        service.write(letter)
    assert [one for one in statements if "message" in one.lower()] == [
        one for one in statements if one.startswith("INSERT")
    ]


@pytest.mark.parametrize(
    ("body", "tells"),
    [
        ("Reply STOP to opt out.", True),
        ("STOP to opt out", True),
        ("બંધ કરવા STOP લખો", True),
        ("The bus stop is near", False),
        ("STOPPED", False),
        ("", False),
    ],
)
def test_a_text_tells_it_with_the_word_in_capitals(body: str, tells: bool) -> None:
    assert opting_out.tells(body) is tells
