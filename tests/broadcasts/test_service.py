"""A request's course on real databases: drafted, asking in waves, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.broadcasts import on_the_spot, queries, service
from app.broadcasts.models import Answer, Broadcast, BroadcastState, BroadcastWave, Pace
from app.broadcasts.on_the_spot import Hurried
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import delivery
from app.messaging.models import Message, State
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import cancelling
from app.signups import service as places
from app.signups.models import Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Activity, Skill
from tests import factories
from tests.broadcasts.pages import NOW, people
from tests.broadcasts.running import asked, fresh, recipients, started, texts, tonight
from tests.carrier import StubCarrier


def test_a_draft_proposes_a_text_with_its_number_and_how_to_answer(boss: User) -> None:
    broadcast = service.draft([tonight().id], boss.id)
    assert f"Reply {broadcast.number} YES or {broadcast.number} NO." in broadcast.text
    assert "tonight, 8:40 to 10:40pm" in broadcast.text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"stage": Stage.DRAFT}, "not published"),
        ({"stage": Stage.CANCELLED}, "not published"),
        ({"starts_at": NOW - timedelta(minutes=5)}, "already begun"),
    ],
)
def test_nobody_is_asked_for_a_shift_that_cannot_be_taken(
    boss: User, said: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        service.draft([tonight(**said).id], boss.id)


def test_a_full_shift_cannot_be_asked_about(boss: User) -> None:
    shift = tonight(places=1)
    factories.signup(shift, factories.volunteer())
    with pytest.raises(Refusal, match="taken already"):
        service.draft([shift.id], boss.id)


@pytest.mark.parametrize("number", [0, 6])
def test_a_request_is_about_one_to_five_shifts(boss: User, number: int) -> None:
    with pytest.raises(Refusal, match="between 1 and 5"):
        service.draft([tonight().id for _ in range(number)], boss.id)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "Write what"),
        ("Help! Reply YES. STOP to opt out.", "how to answer"),
        ("Help! Reply 10 YES.", "who is asking"),
        ("Many Hands: reply 10 YES." + "x" * 1553, "Shorten the text to 1577"),
    ],
)
def test_a_text_must_tell_how_to_answer_and_who_asks(boss: User, text: str, sentence: str) -> None:
    broadcast = service.draft([tonight().id], boss.id)
    with pytest.raises(Refusal, match=sentence):
        service.word(broadcast.id, text, pace=Pace.WAVES)


def test_every_volunteer_is_a_row_asked_or_excluded(boss: User) -> None:
    people(4)
    factories.volunteer(sms_consent_at=None)
    factories.volunteer(phone=None)
    factories.volunteer(**factories.position(53.9, -1.2))
    broadcast = started(tonight(), boss)
    rows = recipients(broadcast)
    everybody = db.session.scalar(select(func.count()).select_from(Volunteer))
    assert len(rows) == everybody == 7
    assert (broadcast.audience_size, broadcast.excluded_size) == (4, 3)
    excluded = sorted(one.excluded for one in rows if one.excluded)
    assert excluded == ["no-contact", "no-contact", "too-far"]


def test_who_opted_out_is_never_asked(boss: User) -> None:
    first, *_ = people(3)
    volunteers.opt_out(Channel.SMS, first.phone or "", how="text STOP")
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    assert {one.volunteer_id for one in texts()}.isdisjoint({first.id})
    assert len(texts()) == 2


def test_nothing_starts_when_nobody_fits(boss: User) -> None:
    factories.volunteer(phone=None)
    broadcast = service.draft([tonight().id], boss.id)
    with pytest.raises(Refusal, match="Nobody fits"):
        service.start(broadcast.id, boss.id)
    assert fresh(broadcast).state == BroadcastState.DRAFT
    assert recipients(broadcast) == []


def test_a_request_starts_once_however_often_it_is_sent(boss: User) -> None:
    people(3)
    broadcast = started(tonight(), boss)
    with pytest.raises(Refusal, match="started already"):
        service.start(broadcast.id, boss.id)
    assert len(recipients(broadcast)) == 3


def test_a_shared_phone_is_asked_once(boss: User) -> None:
    factories.volunteer(phone=factories.drama_phone(7))
    factories.volunteer(phone=factories.drama_phone(7))
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    assert [one.to_address for one in texts()] == [factories.drama_phone(7)]
    assert sorted(one.excluded for one in recipients(broadcast)) == ["", "same-phone"]


def test_the_first_wave_is_the_best_few(boss: User) -> None:
    people(40)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    first = asked(broadcast)
    assert 2 <= len(first) <= 8  # two places, three hours: there is time for others
    assert [one.rank for one in first] == list(range(1, len(first) + 1))
    assert fresh(broadcast).wave == 1
    assert all(one.deadline == NOW + timedelta(hours=3) for one in texts())


def test_a_wave_keeps_its_size_and_its_reason(boss: User) -> None:
    people(40)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    db.session.rollback()
    (wave,) = db.session.scalars(select(BroadcastWave)).all()
    assert (wave.wave, wave.size, wave.asked_at) == (1, len(asked(broadcast)), NOW)
    assert wave.reason == fresh(broadcast).wave_reason
    assert f"{wave.size} people are asked" in wave.reason
    assert 0.05 < wave.chance < 0.3


def test_nobody_new_is_asked_before_it_is_time(boss: User) -> None:
    people(40)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    first = len(asked(broadcast))
    for _ in range(3):
        service.advance(broadcast.id)
        service.advance_all()
    assert len(asked(broadcast)) == first


def test_when_nobody_answers_a_second_wave_goes_out(boss: User) -> None:
    people(40)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    first = len(asked(broadcast))
    with clock.stopped_at(NOW + timedelta(minutes=15)):
        service.advance_all()
    assert {one.wave for one in asked(broadcast)} == {1, 2}
    assert len(asked(broadcast)) > first


def test_the_last_hour_asks_more_at_once_than_the_first(boss: User) -> None:
    people(90)
    early = started(tonight(starts_at=NOW + timedelta(hours=3)), boss)
    late = started(tonight(starts_at=NOW + timedelta(minutes=40)), boss)
    for one in (early, late):
        service.advance(one.id)
    assert len(asked(late)) > 2 * len(asked(early))


def test_nobody_is_asked_twice(boss: User) -> None:
    people(30)
    broadcast = started(tonight(), boss)
    for minutes in range(0, 150, 5):
        with clock.stopped_at(NOW + timedelta(minutes=minutes)):
            service.advance(broadcast.id)
    addresses = [one.to_address for one in texts()]
    assert len(addresses) == len(set(addresses)) == 30


def test_everyone_at_once_is_one_wave(boss: User) -> None:
    people(30)
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    assert len(asked(broadcast)) == 30
    assert fresh(broadcast).wave == 1


def test_asking_everyone_now_takes_the_rest(boss: User) -> None:
    people(30)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    service.ask_everyone(broadcast.id, boss.id)
    service.advance(broadcast.id)
    assert len(asked(broadcast)) == len(texts()) == 30


@pytest.mark.parametrize("way", [Way.WEB, Way.TEXT, Way.LINK, Way.MANAGER])
def test_it_ends_by_itself_when_the_places_are_filled_by_any_door(boss: User, way: Way) -> None:
    first, second, *_ = people(20)
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    places.claim(shift.id, first.id, way=way)
    assert fresh(broadcast).state == BroadcastState.RUNNING
    places.claim(shift.id, second.id, way=way)
    ended = fresh(broadcast)
    assert (ended.state, ended.ended_reason) == (BroadcastState.ENDED, "Every place is filled.")
    assert {one.state for one in texts()} == {State.CANCELLED}


def test_nobody_is_asked_after_the_end(boss: User) -> None:
    first, second, *_ = people(40)
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    for one in (first, second):
        places.claim(shift.id, one.id, way=Way.WEB)
    first_wave = len(asked(broadcast))
    with clock.stopped_at(NOW + timedelta(minutes=30)):
        service.advance(broadcast.id)
    assert len(asked(broadcast)) == first_wave


def test_a_paused_request_that_fills_ends_too(boss: User) -> None:
    first, *_ = people(10)
    shift = tonight(places=1)
    broadcast = started(shift, boss)
    service.pause(broadcast.id, boss.id)
    places.claim(shift.id, first.id, way=Way.WEB)
    assert fresh(broadcast).state == BroadcastState.ENDED


def test_it_ends_when_the_shift_is_cancelled(boss: User) -> None:
    people(10)
    shift = tonight()
    broadcast = started(shift, boss)
    cancelling.cancel_shift(shift.id, boss.id, "The hall is flooded.")
    service.advance(broadcast.id)
    assert fresh(broadcast).ended_reason == "The shift was cancelled or closed."


def test_it_ends_when_the_shift_begins(boss: User) -> None:
    people(10)
    broadcast = started(tonight(), boss)
    with clock.stopped_at(NOW + timedelta(hours=3, seconds=1)):
        service.advance(broadcast.id)
    assert fresh(broadcast).ended_reason == "The shift has begun."


@pytest.mark.parametrize("hours", [-1, 2])
def test_nobody_is_asked_with_a_time_that_is_not_true_any_more(boss: User, hours: int) -> None:
    people(40)
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    first = len(asked(broadcast))
    assert first < 40
    with transaction():
        moved = db.session.get_one(Shift, shift.id)
        moved.starts_at += timedelta(hours=hours)
        moved.ends_at += timedelta(hours=hours)
    with clock.stopped_at(NOW + timedelta(minutes=40)):
        service.advance(broadcast.id)
        assert len(asked(broadcast)) == first
        ended = fresh(broadcast)
        assert (ended.state, "another time" in ended.ended_reason) == (BroadcastState.ENDED, True)
        anew = service.again(broadcast.id, boss.id)
        assert anew.text != ended.text


def test_a_full_shift_and_one_that_has_begun_leave_nothing_to_ask_for(boss: User) -> None:
    first, *_ = people(10)
    role = factories.opportunity()
    soon = tonight(of=role, starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=2))
    later = tonight(of=role, places=1)
    broadcast = service.draft([soon.id, later.id], boss.id)
    service.start(broadcast.id, boss.id)
    places.claim(later.id, first.id, way=Way.WEB)
    assert fresh(broadcast).state == BroadcastState.RUNNING
    with clock.stopped_at(NOW + timedelta(hours=1, minutes=1)):
        service.advance(broadcast.id)
    assert fresh(broadcast).state == BroadcastState.ENDED


def test_a_place_given_back_lets_a_running_request_go_on(boss: User) -> None:
    first, *_ = people(40)
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    first_wave = len(asked(broadcast))
    places.claim(shift.id, first.id, way=Way.WEB)
    places.withdraw(shift.id, first.id, way=Way.WEB)
    with clock.stopped_at(NOW + timedelta(minutes=15)):
        service.advance(broadcast.id)
    assert len(asked(broadcast)) > first_wave


def test_a_stop_holds_back_what_has_not_left_and_says_how_much(
    boss: User, stub_carrier: StubCarrier
) -> None:
    people(30)
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    with transaction():
        gone = select(Message.id).order_by(Message.id).limit(10).scalar_subquery()
        db.session.execute(update(Message).where(Message.id.in_(gone)).values(state=State.ACCEPTED))
    assert service.stop(broadcast.id, boss.id) == 20
    assert delivery.deliver("urgent") == 0
    assert stub_carrier.taken == []
    assert fresh(broadcast).ended_reason == "A coordinator stopped it."


def test_a_pause_holds_texts_and_asks_nobody_until_it_goes_on(
    boss: User, stub_carrier: StubCarrier
) -> None:
    people(40)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    first_wave = len(asked(broadcast))
    service.pause(broadcast.id, boss.id)
    with clock.stopped_at(NOW + timedelta(minutes=30)):
        service.advance(broadcast.id)
        delivery.deliver("urgent", seconds=0)
        assert stub_carrier.taken == []
        assert len(asked(broadcast)) == first_wave
        service.resume(broadcast.id, boss.id)
        service.advance(broadcast.id)
        assert len(asked(broadcast)) > first_wave
        delivery.deliver("urgent")
    assert len(stub_carrier.taken) == len(asked(broadcast))


@pytest.mark.parametrize("act", ["stop", "pause", "resume", "ask_everyone"])
def test_what_has_ended_takes_no_more_orders(boss: User, act: str) -> None:
    people(5)
    broadcast = started(tonight(), boss)
    service.stop(broadcast.id, boss.id)
    with pytest.raises(Refusal, match="not running"):
        getattr(service, act)(broadcast.id, boss.id)


def test_who_was_asked_is_remembered_as_asked(boss: User) -> None:
    first, *_ = people(1)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    db.session.rollback()
    assert db.session.get_one(Volunteer, first.id).last_asked_at == NOW


def test_who_said_no_is_not_asked_again_about_the_same_shift(boss: User) -> None:
    first, *_ = people(3)
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    service.note_answer(broadcast.id, first.id, Answer.NO)
    service.stop(broadcast.id, boss.id)
    again = service.again(broadcast.id, boss.id)
    service.start(again.id, boss.id)
    found = {one.volunteer_id: one.excluded for one in recipients(again)}
    assert found[first.id] == "said-no"


def test_asking_again_keeps_the_adjustments_and_takes_a_new_number(boss: User) -> None:
    people(3)
    broadcast = service.draft([tonight().id], boss.id)
    service.adjust(
        broadcast.id,
        within_metres=5000,
        also_needs=Skill(0),
        group_kinds=[],
        not_asked_days=0,
    )
    service.start(broadcast.id, boss.id)
    service.stop(broadcast.id, boss.id)
    again = service.again(broadcast.id, boss.id)
    assert (again.within_metres, again.state) == (5000, BroadcastState.DRAFT)
    assert again.number != broadcast.number
    assert f"{again.number} YES" in again.text


def test_asking_again_needs_a_shift_with_room(boss: User) -> None:
    first, *_ = people(2)
    shift = tonight(places=1)
    broadcast = started(shift, boss)
    places.claim(shift.id, first.id, way=Way.WEB)
    with pytest.raises(Refusal, match="full or have begun"):
        service.again(broadcast.id, boss.id)


def test_a_number_is_given_again_only_a_week_after_the_end(boss: User) -> None:
    people(3)
    broadcast = started(tonight(), boss)
    service.stop(broadcast.id, boss.id)
    with clock.stopped_at(NOW + timedelta(days=6)):
        service.advance_all()
    assert fresh(broadcast).number_is_live
    with clock.stopped_at(NOW + timedelta(days=7, minutes=1)):
        service.advance_all()
    assert not fresh(broadcast).number_is_live


def test_drafts_left_lying_are_thrown_away_and_requests_are_not(boss: User) -> None:
    people(3)
    shift = tonight(starts_at=NOW + timedelta(days=20))
    kept = started(shift, boss)
    left = service.draft([shift.id], boss.id).id
    with clock.stopped_at(NOW + timedelta(days=8)):
        service.advance_all()
    ids = set(db.session.scalars(select(Broadcast.id)))
    assert kept.id in ids
    assert left not in ids


def test_each_person_asked_is_one_text_in_exactly_one_state(
    boss: User, stub_carrier: StubCarrier
) -> None:
    crowd = people(25)
    shift = tonight()
    broadcast = started(shift, boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    volunteers.opt_out(Channel.SMS, crowd[3].phone or "", how="text STOP")
    stub_carrier.answer = lambda form: (400, 21211) if form["To"].endswith("5") else None
    delivery.deliver("urgent")
    service.stop(broadcast.id, boss.id)
    tally = queries.tally(fresh(broadcast), queries.shifts_of(broadcast.id))
    assert tally.asked == 25
    assert tally.adds_up
    assert tally.messages[State.SUPPRESSED] == 1
    assert tally.messages[State.FAILED] > 0
    assert sum(tally.answers.values()) == 25


def test_a_shift_is_made_on_the_spot_with_its_request(boss: User) -> None:
    site = factories.site(name="Village hall")
    wanted = Hurried(
        site_id=site.id,
        title="Sandbag filler",
        summary="",
        activity=Activity.EMERGENCY,
        needs_skills=Skill.MANUAL_HANDLING,
        day=NOW.date(),
        starts=NOW.time().replace(hour=20),
        ends=NOW.time().replace(hour=22),
        places=4,
        minimum=2,
    )
    broadcast = on_the_spot.ask_for(wanted, boss.id)
    (shift,) = queries.shifts_of(broadcast.id)
    assert (shift.stage, shift.opportunity.stage) == (Stage.PUBLISHED, Stage.PUBLISHED)
    assert shift.opportunity.group_id == site.group_id
    assert "Sandbag filler" in broadcast.text


def test_a_shift_on_the_spot_is_all_or_nothing(boss: User) -> None:
    site = factories.site()
    past = NOW - timedelta(days=1)
    wanted = Hurried(
        site_id=site.id,
        title="Too late",
        summary="",
        activity=Activity(0),
        needs_skills=Skill(0),
        day=past.date(),
        starts=past.time(),
        ends=(past + timedelta(hours=1)).time(),
        places=1,
        minimum=1,
    )
    with pytest.raises(Refusal):
        on_the_spot.ask_for(wanted, boss.id)
    assert db.session.scalar(select(func.count()).select_from(Opportunity)) == 0
