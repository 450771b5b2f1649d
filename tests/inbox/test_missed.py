"""Texts that the carrier could not bring: found in its list, taken as they were meant then."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.broadcasts.models import Broadcast, BroadcastState
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox import missed, service
from app.inbox.models import InboundListing, Reply, ReplyState
from app.messaging.carriers import Received
from app.messaging.carriers.notify import NotifyCarrier
from app.messaging.carriers.twilio import TwilioCarrier
from app.signups import queries as signups
from app.signups.models import Standing, Way
from app.signups.service import claim
from app.volunteers import service as volunteers
from app.volunteers.models import Channel
from tests import factories
from tests.conftest import AUTH_TOKEN
from tests.inbox.test_service import answer_to, ask, receive
from tests.wire import carrier as wire

_sids = itertools.count(1)
PHONE = "+447700900888"


class List:
    """What the carrier's list has, and since when it was asked for."""

    def __init__(self) -> None:
        self.texts: list[Received] = []
        self.asked_since: list[datetime] = []
        self.is_away = False

    def has(self, body: str, at: datetime, sender: str = PHONE) -> str:
        sid = f"SMmissed{next(_sids):026d}"
        self.texts.append(Received(sid, sender, "+447700900000", body, at))
        return sid

    def since(self, moment: datetime) -> list[Received]:
        self.asked_since.append(moment)
        if self.is_away:
            raise ConnectionError
        return [one for one in reversed(self.texts) if one.at >= moment]


@pytest.fixture
def noon(app: Flask) -> Iterator[datetime]:
    moment = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    with clock.stopped_at(moment):
        yield moment


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> List:
    carriers = List()
    monkeypatch.setattr(TwilioCarrier, "received_since", lambda _self, at: carriers.since(at))
    return carriers


def found(sid: str) -> Reply:
    service.process_all()
    db.session.rollback()
    return db.session.scalars(select(Reply).where(Reply.carrier_id == sid)).one()


def test_what_the_list_has_is_stored_once_in_the_order_of_arrival(
    listed: List, noon: datetime
) -> None:
    second = listed.has("second", noon - timedelta(hours=2), "+447700900002")
    first = listed.has("first", noon - timedelta(hours=3), "+447700900001")
    assert missed.fetch() == 2
    assert missed.fetch() == 0
    kept = db.session.scalars(select(Reply).order_by(Reply.id)).all()
    assert [one.carrier_id for one in kept] == [first, second]
    assert [one.created_at for one in kept] == [
        noon - timedelta(hours=3),
        noon - timedelta(hours=2),
    ]
    assert {one.found_at for one in kept} == {noon}


def test_what_the_webhook_brought_is_not_found_again(listed: List, noon: datetime) -> None:
    sid = listed.has("YES", noon - timedelta(minutes=5))
    service.store({"MessageSid": sid, "From": PHONE, "Body": "YES"})
    assert missed.fetch() == 0
    assert found(sid).found_at is None


def test_a_text_of_this_moment_is_left_to_its_call(listed: List, noon: datetime) -> None:
    sid = listed.has("YES", noon - timedelta(seconds=10))
    assert missed.fetch() == 0
    with clock.stopped_at(noon + timedelta(minutes=5)):
        assert missed.fetch() == 1
    assert found(sid).created_at == noon - timedelta(seconds=10)


def test_the_list_is_read_on_from_where_it_was_complete(listed: List, noon: datetime) -> None:
    missed.fetch()
    assert listed.asked_since == [noon - missed.LOOK_BACK - missed.READ_AGAIN]
    listed.is_away = True
    with clock.stopped_at(noon + timedelta(hours=2)), pytest.raises(ExceptionGroup):
        missed.fetch()
    listed.is_away = False
    with clock.stopped_at(noon + timedelta(hours=4)):
        missed.fetch()
    assert listed.asked_since[-1] == noon - missed.ON_ITS_WAY - missed.READ_AGAIN
    with transaction():
        long_ago = noon - timedelta(days=9)
        db.session.execute(update(InboundListing).values(complete_until=long_ago))
    missed.fetch()
    assert listed.asked_since[-1] == noon - missed.LOOK_BACK - missed.READ_AGAIN


def test_one_carriers_silence_does_not_hide_what_the_other_has(
    listed: List, noon: datetime, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMS_SECOND_PROVIDER", "notify")
    text = Received("notify-1", PHONE, "+447700900000", "STOP", noon - timedelta(hours=1))
    monkeypatch.setattr(NotifyCarrier, "received_since", lambda _self, _since: [text])
    listed.is_away = True
    with pytest.raises(ExceptionGroup):
        missed.fetch()
    assert found("notify-1").outcome == "Opted out of texts."
    assert [row.carrier for row in db.session.scalars(select(InboundListing))] == ["notify"]


def test_a_stop_takes_effect_whatever_its_age(listed: List, noon: datetime) -> None:
    receive(PHONE, "hello?")
    listed.has("STOP", noon - timedelta(hours=20))
    missed.fetch()
    service.process_all()
    assert volunteers.is_opted_out(Channel.SMS, PHONE)


def test_a_stop_from_before_a_start_changes_nothing(listed: List, noon: datetime) -> None:
    receive(PHONE, "START")
    sid = listed.has("STOP", noon - timedelta(hours=2))
    missed.fetch()
    assert "start again since" in found(sid).outcome
    assert not volunteers.is_opted_out(Channel.SMS, PHONE)


def test_a_start_from_before_a_stop_is_for_a_person(listed: List, noon: datetime) -> None:
    receive(PHONE, "STOP")
    sid = listed.has("START", noon - timedelta(hours=2))
    missed.fetch()
    assert found(sid).state == ReplyState.WAITING
    assert volunteers.is_opted_out(Channel.SMS, PHONE)


def test_a_late_yes_to_a_request_that_has_ended_is_thanked_and_waits(
    listed: List, noon: datetime
) -> None:
    person, shift = factories.volunteer(), factories.shift(places=1)
    broadcast = ask(shift)
    with clock.stopped_at(noon + timedelta(hours=5)):
        claim(shift.id, factories.volunteer().id, way=Way.WEB)
        db.session.rollback()
        assert db.session.get_one(Broadcast, broadcast.id).state == BroadcastState.ENDED
        sid = listed.has("YES", noon + timedelta(hours=1), person.phone or "")
        missed.fetch()
        reply = found(sid)
        assert "number 1 on the waiting list" in answer_to(reply)
    live = signups.live_of(person.id, shift.id)
    assert live is not None
    assert live.standing == Standing.WAITING


def test_a_late_yes_is_no_answer_to_what_was_asked_after_it(listed: List, noon: datetime) -> None:
    person = factories.volunteer()
    sid = listed.has("YES", noon - timedelta(hours=1), person.phone or "")
    shift = factories.shift()
    ask(shift)
    missed.fetch()
    assert found(sid).state == ReplyState.WAITING
    assert signups.live_of(person.id, shift.id) is None


def test_a_late_yes_after_a_no_is_for_a_person(listed: List, noon: datetime) -> None:
    person, shift = factories.volunteer(), factories.shift()
    ask(shift)
    with clock.stopped_at(noon + timedelta(hours=2)):
        receive(person.phone or "", "NO")
        sid = listed.has("YES", noon + timedelta(hours=1), person.phone or "")
        missed.fetch()
        reply = found(sid)
    assert (reply.state, answer_to(reply)) == (ReplyState.WAITING, "")
    assert signups.live_of(person.id, shift.id) is None


def test_the_metrics_tell_how_many_were_found(listed: List, noon: datetime, app: Flask) -> None:
    listed.has("hello", noon - timedelta(hours=1))
    missed.fetch()
    told = app.test_client().get("/metrics").get_data(as_text=True)
    assert "many_hands_inbound_missed_total 1.0" in told
    assert 'many_hands_inbound_listing_age_seconds{carrier="twilio"} 30.0' in told


def test_the_carriers_own_list_is_read_through_its_library(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "http://127.0.0.1:1"  # its calls reach nobody
    with wire.running("--auth-token", AUTH_TOKEN, "--public-url", nowhere) as stub:
        monkeypatch.setitem(app.config, "TWILIO_API_URL", stub.url)
        sids = [stub.inbound(PHONE, body, "+447700900000") for body in ("hello?", "STOP")]
        with clock.stopped_at(clock.now() + timedelta(minutes=1)):
            ran = app.test_cli_runner().invoke(args=["messages", "fetch-missed"])
            assert "found: 2" in ran.output
            service.process_all()
    kept = db.session.scalars(select(Reply).order_by(Reply.id)).all()
    assert [one.carrier_id for one in kept] == sids
    assert [one.body for one in kept] == ["hello?", "STOP"]
    assert volunteers.is_opted_out(Channel.SMS, PHONE)
