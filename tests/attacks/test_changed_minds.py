"""What happens to people between the start of a request and the moment their text would leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.broadcasts import links, queries, service
from app.broadcasts.models import Broadcast, BroadcastState, Pace, Recipient
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import delivery
from app.messaging.models import Message, State
from app.opportunities import service as opportunities
from app.opportunities.models import Shift
from app.signups import cancelling
from app.signups import service as places
from app.signups.models import Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories
from tests.carrier import StubCarrier

NOW = datetime(2026, 12, 1, 17, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _afternoon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def boss() -> User:
    return factories.coordinator()


def tonight(**said: object) -> Shift:
    return factories.shift(**({"starts_at": NOW + timedelta(hours=3), "places": 2} | said))


def started(shift: Shift, boss: User) -> Broadcast:
    broadcast = service.draft([shift.id], boss.id)
    service.word(broadcast.id, broadcast.text, pace=Pace.EVERYONE)
    service.start(broadcast.id, boss.id)
    return fresh(broadcast)


def fresh(broadcast: Broadcast) -> Broadcast:
    db.session.rollback()
    return db.session.get_one(Broadcast, broadcast.id, populate_existing=True)


def asks() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.purpose == "ask")))


def withdraw_consent(person: Volunteer) -> None:
    volunteers.withdraw_consent(person.id, Channel.SMS, "test")


def rest(person: Volunteer) -> None:
    volunteers.pause(person.id, NOW.date() + timedelta(days=9))


def stop(person: Volunteer) -> None:
    volunteers.opt_out(Channel.SMS, str(person.phone), "text STOP")


def erase(person: Volunteer) -> None:
    volunteers.erase(person.id)


CHANGES = {
    "no-contact": withdraw_consent,
    "paused": rest,
    "opted-out": stop,
    "erased": erase,
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_changed_their_mind_since_the_start_is_not_asked(boss: User, change: str) -> None:
    person, other = factories.volunteer(), factories.volunteer()
    broadcast = started(tonight(), boss)
    CHANGES[change](person)
    service.advance(broadcast.id)
    assert [message.volunteer_id for message in asks()] == [other.id]
    row = db.session.scalar(select(Recipient).where(Recipient.volunteer_id == person.id))
    assert row is None or (row.wave, row.excluded) == (None, change.replace("erased", "no-contact"))
    broadcast = fresh(broadcast)
    counted = queries.tally(broadcast, queries.shifts_of(broadcast.id))
    assert (counted.audience, counted.asked, counted.adds_up) == (1, 1, True)


def test_whoever_took_a_place_by_themselves_is_not_asked_for_it(boss: User) -> None:
    person, other = factories.volunteer(), factories.volunteer()
    shift = tonight()
    broadcast = started(shift, boss)
    places.claim(shift.id, person.id, way=Way.WEB)
    service.advance(broadcast.id)
    assert [message.volunteer_id for message in asks()] == [other.id]


@pytest.mark.parametrize("change", ["no-contact", "opted-out", "erased"])
def test_a_text_that_waits_is_held_back_from_who_changed_their_mind(
    boss: User, change: str, stub_carrier: StubCarrier
) -> None:
    person, other = factories.volunteer(), factories.volunteer()
    phone = person.phone
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    other_phone = other.phone
    CHANGES[change](person)
    delivery.deliver(queue.URGENT)
    delivery.deliver(queue.URGENT)
    assert set(stub_carrier.times_texted()) == {other_phone}
    assert phone not in str(stub_carrier.taken)
    broadcast = fresh(broadcast)
    assert queries.tally(broadcast, queries.shifts_of(broadcast.id)).adds_up


def test_a_lost_number_between_writing_and_sending_stops_nobody_elses_text(
    boss: User, stub_carrier: StubCarrier
) -> None:
    person, other = factories.volunteer(), factories.volunteer()
    broadcast = started(tonight(), boss)
    with transaction():
        db.session.execute(update(Volunteer).where(Volunteer.id == person.id).values(phone=None))
    service.advance(broadcast.id)
    other_phone = other.phone
    delivery.deliver(queue.URGENT)
    assert set(stub_carrier.times_texted()) == {other_phone}


def test_a_cancelled_shift_holds_back_what_has_not_left(
    boss: User, stub_carrier: StubCarrier
) -> None:
    factories.volunteer()
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    cancelling.cancel_shift(shift.id, boss.id, "The hall is flooded.")
    service.advance_all()
    delivery.deliver(queue.URGENT)
    assert fresh(broadcast).state == BroadcastState.ENDED
    assert stub_carrier.taken == []
    assert {message.state for message in asks()} == {State.CANCELLED}


def test_a_deleted_shift_leaves_a_request_that_ends_and_a_draft_that_can_be_thrown_away(
    boss: User, client, sign_in
) -> None:  # type: ignore[no-untyped-def]
    factories.volunteer()
    shift = tonight()
    broadcast = started(shift, boss)
    draft = service.draft([shift.id], boss.id)
    group_id = shift.opportunity.group_id
    opportunities.delete_shift(group_id, shift.id)
    service.advance_all()
    assert fresh(broadcast).state == BroadcastState.ENDED
    sign_in(boss)
    for path in (
        f"/broadcasts/{broadcast.id}",
        f"/broadcasts/{broadcast.id}/progress",
        f"/broadcasts/{broadcast.id}/people/audience",
        f"/broadcasts/{broadcast.id}/people/asked",
        f"/broadcasts/{draft.id}/audience",
        f"/broadcasts/{draft.id}/message",
        f"/broadcasts/{draft.id}/shifts",
        "/broadcasts",
        "/",
    ):
        assert client.get(path).status_code < 500, path
    with pytest.raises(Refusal):
        service.start(draft.id, boss.id)
    with pytest.raises(Refusal):
        service.again(broadcast.id, boss.id)
    service.discard(draft.id)


def test_an_erased_persons_one_tap_address_opens_nothing(boss: User, client) -> None:  # type: ignore[no-untyped-def]
    person = factories.volunteer()
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    token = links.token(broadcast.id, person.id)
    assert client.get(f"/r/{token}").status_code == 200
    volunteers.erase(person.id)
    answer = client.post(f"/r/{token}", data={"answer": "yes"})
    assert answer.status_code in (200, 404)
    assert db.session.get_one(Shift, shift.id, populate_existing=True).taken == 0
    assert client.get(f"/r/{token}").status_code == 404


def test_a_closed_groups_shift_is_asked_for_no_more(boss: User) -> None:
    from app.groups import service as groups  # noqa: PLC0415

    factories.volunteer()
    shift = tonight()
    broadcast = started(shift, boss)
    groups.close_group(shift.opportunity.group_id)
    service.advance(broadcast.id)
    assert asks() == []
