"""The real Twilio library, talking to the stand-in over a socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from requests import RequestException, get
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from app.foundation import clock
from app.simulator import service
from app.simulator.rules import Dials
from tests.factories import drama_phone
from tests.simulator.conftest import OUR_NUMBER, SID, Elsewhere, handset_id

PHONE = drama_phone(321)


def send(twilio: Client, to: str = PHONE, body: str = "Can you help? Reply 27 YES", **more):
    return twilio.messages.create(to=to, from_=OUR_NUMBER, body=body, **more)


def test_a_created_message_has_what_the_library_reads(twilio):
    message = send(twilio)
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert (message.to, message.from_, message.status) == (PHONE, OUR_NUMBER, "queued")
    assert message.direction == "outbound-api"
    assert message.num_segments == "1"
    assert abs(message.date_created - clock.now()) < timedelta(seconds=30)
    assert message.error_code is None


def test_a_message_is_fetched_by_its_sid(twilio):
    sid = send(twilio, body="Fetched").sid
    assert twilio.messages(sid).fetch().body == "Fetched"


def test_an_unknown_sid_is_not_found(twilio):
    with pytest.raises(TwilioRestException) as refusal:
        twilio.messages("SM" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_a_messaging_service_may_send(twilio):
    message = twilio.messages.create(
        to=PHONE, messaging_service_sid="MG" + "1" * 32, body="From the service"
    )
    assert message.messaging_service_sid == "MG" + "1" * 32


def test_messages_are_listed_newest_first_and_by_recipient(twilio):
    for body in ("one", "two"):
        send(twilio, body=body)
    send(twilio, to=drama_phone(322), body="three")
    assert [each.body for each in twilio.messages.list()] == ["three", "two", "one"]
    assert [each.body for each in twilio.messages.list(to=PHONE)] == ["two", "one"]
    assert twilio.messages.list(from_=drama_phone(1)) == []


def test_the_library_walks_through_the_pages(twilio):
    for number in range(7):
        send(twilio, body=f"text {number}")
    bodies = [each.body for each in twilio.messages.list(to=PHONE, page_size=3)]
    assert bodies == [f"text {number}" for number in reversed(range(7))]


def test_a_page_keeps_its_filters(twilio):
    for number in range(4):
        send(twilio, to=drama_phone(320 + number % 2), body=f"text {number}")
    first = twilio.messages.page(to=drama_phone(321), page_size=1)
    assert [each.body for each in first.next_page()] == ["text 1"]


def test_messages_are_listed_by_when_they_were_sent(twilio):
    service.turn_dials(Dials(delay_seconds=0, jitter_seconds=0))
    with clock.stopped_at(datetime(2026, 5, 4, 23, 30, tzinfo=UTC)):
        send(twilio, body="early")
        service.move_on()
    with clock.stopped_at(datetime(2026, 5, 5, 9, 0, tzinfo=UTC)):
        send(twilio, body="late")
        service.move_on()

    def listed(**when):
        return [each.body for each in twilio.messages.list(**when)]

    assert listed(date_sent="2026-05-04") == ["early"]
    assert listed(date_sent_after="2026-05-05") == ["late"]
    assert listed(date_sent_before="2026-05-04") == ["early"]
    assert listed(date_sent_after=datetime(2026, 5, 4, 23, 0, tzinfo=UTC)) == ["late", "early"]
    assert listed(date_sent_after=datetime(2026, 5, 4, 23, 31, tzinfo=UTC)) == ["late"]


def test_what_has_not_been_sent_yet_has_no_date_and_is_not_found_by_date(twilio):
    assert send(twilio).date_sent is None
    assert twilio.messages.list(date_sent_after="2020-01-01") == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"to": "+4412"}, 21211),
        ({"to": "nonsense"}, 21211),
        ({"body": " "}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "http://elsewhere.example.org/"}, 21609),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(twilio, said, code):
    with pytest.raises(TwilioRestException) as refusal:
        send(twilio, **said)
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert twilio.messages.list() == []


def test_a_number_that_is_not_ours_may_not_send(twilio):
    with pytest.raises(TwilioRestException) as refusal:
        twilio.messages.create(to=PHONE, from_=drama_phone(9), body="hello")
    assert refusal.value.code == 21606


def test_a_wrong_token_is_refused(simulated: Flask):
    http = Elsewhere(simulated.config["TWILIO_API_URL"])
    with pytest.raises(TwilioRestException) as refusal:
        send(Client(SID, "a guess", http_client=http))
    http.session.close()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_who_says_nothing_is_asked_for_the_token(simulated: Flask):
    base = simulated.config["TWILIO_API_URL"]
    answer = get(f"{base}/2010-04-01/Accounts/{SID}/Messages.json", timeout=10)
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_another_account_is_not_found(simulated: Flask, twilio):
    with pytest.raises(TwilioRestException) as refusal:
        twilio.api.v2010.accounts("AC" + "9" * 32).messages.create(
            to=PHONE, from_=OUR_NUMBER, body="hello"
        )
    assert refusal.value.status == 404


def test_a_stopped_phone_is_refused_until_it_starts_again(twilio):
    send(twilio)
    handset = handset_id(PHONE)
    service.type_text(handset, " stop ")
    with pytest.raises(TwilioRestException) as refusal:
        send(twilio)
    assert refusal.value.code == 21610
    service.type_text(handset, "START")
    assert send(twilio).status == "queued"


def test_yes_lifts_no_stop(twilio):
    send(twilio)
    service.type_text(handset_id(PHONE), "STOP")
    service.type_text(handset_id(PHONE), "YES")
    with pytest.raises(TwilioRestException):
        send(twilio)


def test_the_dial_of_refusals_answers_429(twilio):
    service.turn_dials(Dials(refused_percent=100))
    with pytest.raises(TwilioRestException) as refusal:
        send(twilio)
    assert (refusal.value.status, refusal.value.code) == (429, 20429)
    assert twilio.messages.list() == []


def test_a_lost_answer_leaves_a_message_behind(twilio):
    service.turn_dials(Dials(lost_percent=100))
    with pytest.raises((TwilioRestException, RequestException)):
        send(twilio, body="taken all the same")
    assert [each.body for each in twilio.messages.list()] == ["taken all the same"]
