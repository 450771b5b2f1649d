"""The engine between its waves: who is passed over, warned of, told, asked again, widened to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import User
from app.broadcasts import queries, rules, service
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastOutcome,
    BroadcastState,
    BroadcastWave,
    Pace,
    Recipient,
)
from app.broadcasts.queries import planning
from app.broadcasts.service import course, ending
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import delivery
from app.messaging.models import Message, State
from app.opportunities.models import Shift
from app.signups import service as places
from app.signups.models import Way
from app.signups.rules import Exclusion
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Skill
from tests import factories
from tests.broadcasts.pages import NOW, drivers, people, running, words
from tests.broadcasts.running import asked, fresh, recipients, started, texts, tonight
from tests.carrier import StubCarrier


def filled_texts() -> list[Message]:
    db.session.rollback()
    rows = select(Message).where(Message.purpose == "filled").order_by(Message.id)
    return list(db.session.scalars(rows))


def deliver_all() -> None:
    """As if every text so far had arrived."""
    with transaction():
        db.session.execute(update(Message).values(state=State.DELIVERED))


def everyone_asked(shift: Shift, boss: User, **word: Any) -> Broadcast:
    broadcast = started(shift, boss, pace=Pace.EVERYONE, **word)
    service.advance(broadcast.id)
    deliver_all()
    return broadcast


def fill(shift: Shift, broadcast: Broadcast, *by: Volunteer) -> None:
    for one in by:
        with transaction():
            service.note_answer(broadcast.id, one.id, Answer.YES)
        places.claim(shift.id, one.id, way=Way.TEXT)


# Told once that it is filled.


def test_when_it_is_filled_the_silent_are_told_once(boss: User) -> None:
    first, second, no, *silent = people(8)
    shift = tonight()
    broadcast = everyone_asked(shift, boss)
    service.note_answer(broadcast.id, no.id, Answer.NO)
    fill(shift, broadcast, first, second)
    told = filled_texts()
    assert {one.volunteer_id for one in told} == {one.id for one in silent}
    assert f"Request {broadcast.number} is filled now" in told[0].body
    assert all(one.segments == 1 for one in told)
    for _ in range(3):
        service.advance_all()
        service.tell_filled(broadcast.id)
    assert len(filled_texts()) == len(silent)


def test_who_was_asked_long_ago_is_not_told(boss: User) -> None:
    first, second, *_ = people(8)
    shift = tonight(starts_at=NOW + timedelta(hours=5))
    broadcast = everyone_asked(shift, boss)
    with clock.stopped_at(NOW + timedelta(hours=2, minutes=1)):
        fill(shift, broadcast, first, second)
    assert filled_texts() == []


def test_who_was_never_reached_is_not_told(boss: User) -> None:
    first, second, *_ = people(8)
    shift = tonight()
    broadcast = started(shift, boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)  # every text still waits
    fill(shift, broadcast, first, second)
    assert filled_texts() == []


def test_nobody_is_told_at_night_but_in_an_emergency(boss: User) -> None:
    late = NOW.replace(hour=20, minute=55)
    for reason, told in (("", 0), ("Flood", 3)):
        with clock.stopped_at(late):
            crowd = [factories.volunteer(asks_per_week=100) for _ in range(4)]
            shift = tonight(places=1, starts_at=late + timedelta(hours=9))
            with transaction():
                db.session.execute(update(Volunteer).values(sms_consent_at=None))
                ids = [one.id for one in crowd]
                db.session.execute(
                    update(Volunteer).where(Volunteer.id.in_(ids)).values(sms_consent_at=late)
                )
            broadcast = everyone_asked(shift, boss, emergency_reason=reason)
        with clock.stopped_at(late + timedelta(minutes=20)):
            fill(shift, broadcast, crowd[0])
        assert len(filled_texts()) == told


def test_who_opted_out_meanwhile_hears_nothing(boss: User, stub_carrier: StubCarrier) -> None:
    first, second, gone, other = people(4)
    shift = tonight()
    broadcast = everyone_asked(shift, boss)
    volunteers.opt_out(Channel.SMS, gone.phone or "", how="text STOP")
    fill(shift, broadcast, first, second)
    delivery.deliver("urgent")
    assert other.phone in {form["To"] for form in stub_carrier.taken}
    assert gone.phone not in {form["To"] for form in stub_carrier.taken}


def test_a_stop_by_hand_tells_nobody(boss: User) -> None:
    people(5)
    broadcast = everyone_asked(tonight(), boss)
    service.stop(broadcast.id, boss.id)
    assert filled_texts() == []


def test_many_are_told_in_steps_and_each_once(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "TOLD_AT_ONCE", 5)
    first, *silent = people(18)
    shift = tonight(places=1)
    broadcast = everyone_asked(shift, boss)
    fill(shift, broadcast, first)
    assert len(filled_texts()) == 5
    for _ in range(5):
        service.advance_all()
    assert sorted(one.volunteer_id or 0 for one in filled_texts()) == [one.id for one in silent]
    assert not fresh(broadcast).is_telling


# A place that comes free again.


def test_a_place_given_back_after_it_was_filled_is_asked_for_again(boss: User) -> None:
    first, *_ = people(40)
    shift = tonight(places=1)
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    fill(shift, broadcast, first)
    before = len(asked(broadcast))
    assert fresh(broadcast).state == BroadcastState.ENDED
    with clock.stopped_at(NOW + timedelta(minutes=40)):
        places.withdraw(shift.id, first.id, way=Way.TEXT)
        assert fresh(broadcast).state == BroadcastState.RUNNING
        service.advance_all()
        assert len(asked(broadcast)) > before
    addresses = [one.to_address for one in texts()]
    assert len(addresses) == len(set(addresses))


def test_asks_that_the_end_held_back_leave_when_it_goes_on(
    boss: User, stub_carrier: StubCarrier
) -> None:
    first, no, *rest = people(10)
    shift = tonight(places=1)
    broadcast = started(shift, boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    service.note_answer(broadcast.id, no.id, Answer.NO)
    fill(shift, broadcast, first)
    delivery.deliver("urgent")
    assert stub_carrier.taken == []
    places.withdraw(shift.id, first.id, way=Way.TEXT)
    delivery.deliver("urgent")
    asks = [form["To"] for form in stub_carrier.taken if "YES" in form["Body"]]
    assert sorted(asks) == sorted(one.phone or "" for one in rest)


def test_who_waits_has_the_place_before_anybody_is_asked_again(boss: User) -> None:
    first, second, *_ = people(40)
    shift = tonight(places=1)
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    fill(shift, broadcast, first, second)
    places.withdraw(shift.id, first.id, way=Way.TEXT)
    assert fresh(broadcast).state == BroadcastState.ENDED


def test_what_a_coordinator_stopped_stays_stopped(boss: User) -> None:
    first, *_ = people(10)
    shift = tonight()
    broadcast = started(shift, boss)
    fill(shift, broadcast, first)
    service.stop(broadcast.id, boss.id)
    places.withdraw(shift.id, first.id, way=Way.TEXT)
    assert fresh(broadcast).state == BroadcastState.ENDED


def test_an_old_request_does_not_wake_up(boss: User) -> None:
    first, *_ = people(10)
    shift = tonight(places=1, starts_at=NOW + timedelta(days=3))
    broadcast = started(shift, boss)
    fill(shift, broadcast, first)
    with clock.stopped_at(NOW + timedelta(hours=25)):
        places.withdraw(shift.id, first.id, way=Way.TEXT)
    assert fresh(broadcast).state == BroadcastState.ENDED


def test_it_does_not_wake_beside_another_that_asks_for_the_same(boss: User) -> None:
    first, *_ = people(20, asks_per_week=50)
    shift = tonight(places=1)
    old = started(shift, boss)
    fill(shift, old, first)
    other = tonight()
    with transaction():
        db.session.execute(update(Shift).where(Shift.id == shift.id).values(places=2))
    new = service.draft([shift.id, other.id], boss.id)
    service.start(new.id, boss.id)
    places.withdraw(shift.id, first.id, way=Way.TEXT)
    assert fresh(old).state == BroadcastState.ENDED


# Fairness and the weekly limit, at every wave and across all groups.


def test_whoever_other_groups_asked_enough_meanwhile_is_passed_over(boss: User) -> None:
    crowd = people(6, asks_per_week=1)
    mine = started(tonight(), boss)
    other = started(tonight(), boss)
    service.ask_everyone(other.id, boss.id)
    service.advance(other.id)
    service.advance(mine.id)
    assert asked(mine) == []
    excluded = {one.volunteer_id: one.excluded for one in recipients(mine)}
    assert excluded == {one.id: "asked-often" for one in crowd}
    assert (fresh(mine).audience_size, fresh(mine).excluded_size) == (0, 6)


def test_an_emergency_asks_past_the_weekly_limit_at_every_wave(boss: User) -> None:
    people(6, asks_per_week=1)
    mine = started(tonight(), boss, pace=Pace.EVERYONE, emergency_reason="Flood")
    other = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(other.id)
    service.advance(mine.id)
    assert len(asked(mine)) == 6


def test_whoever_another_request_asked_meanwhile_lets_others_go_first(boss: User) -> None:
    crowd = people(12, asks_per_week=50)
    with clock.stopped_at(NOW - timedelta(seconds=1)):
        mine = started(tonight(), boss)
    first = [one.volunteer_id for one in recipients(mine)][:3]
    with transaction():
        db.session.execute(
            update(Volunteer).where(Volunteer.id.in_(first)).values(last_asked_at=NOW)
        )
    service.advance(mine.id)
    assert {one.volunteer_id for one in asked(mine)}.isdisjoint(first)
    service.ask_everyone(mine.id, boss.id)
    service.advance(mine.id)
    assert len(asked(mine)) == len(crowd)


def test_who_took_another_shift_at_that_time_is_not_asked(boss: User) -> None:
    busy, *_ = people(4)
    mine = started(tonight(), boss, pace=Pace.EVERYONE)
    factories.signup(tonight(), busy)
    service.advance(mine.id)
    assert {one.volunteer_id for one in asked(mine)}.isdisjoint({busy.id})
    assert {one.excluded for one in recipients(mine) if one.volunteer_id == busy.id} == {"clash"}


# Everybody, in steps.


def test_everybody_is_asked_in_steps_each_person_once(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "STEP", 10)
    people(35)
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    sizes = []
    for _ in range(5):
        service.advance_all()
        sizes.append(len(asked(broadcast)))
    assert sizes == [10, 20, 30, 35, 35]
    assert len({one.to_address for one in texts()}) == len(texts()) == 35


# The early warning.


def test_a_pool_that_is_too_small_is_told_of_at_once_with_what_would_help(boss: User) -> None:
    people(3)
    for n in range(9):
        factories.volunteer(phone=factories.drama_phone(500 + n), asks_per_week=1)
    others = tonight()
    loud = service.draft([others.id], boss.id)
    service.start(loud.id, boss.id)
    service.ask_everyone(loud.id, boss.id)
    service.advance(loud.id)
    broadcast = started(tonight(places=5), boss)
    service.advance(broadcast.id)
    now = fresh(broadcast)
    assert "will likely not be enough" in now.warning
    assert now.advice == "9 more if their weekly limit were set aside"


def test_an_ample_pool_is_not_warned_of(boss: User) -> None:
    people(200)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    assert (fresh(broadcast).warning, fresh(broadcast).advice) == ("", "")


def test_the_warning_stands_on_the_page_with_the_phone_list(desk: FlaskClient) -> None:
    people(3)
    broadcast = running(drivers(places=4))
    page = desk.get(f"/broadcasts/{broadcast.id}")
    assert "this will likely not be enough." in words(page)
    assert f'href="/broadcasts/{broadcast.id}/people/to-ring"' in page.text
    assert f'href="/broadcasts/{broadcast.id}/widen"' in page.text


def test_the_phone_list_has_those_who_have_not_answered(desk: FlaskClient) -> None:
    yes, no, silent, opted_out = people(4)
    shift = drivers()
    broadcast = running(shift, pace=Pace.EVERYONE)
    fill(shift, broadcast, yes)
    service.note_answer(broadcast.id, no.id, Answer.NO)
    volunteers.opt_out(Channel.SMS, opted_out.phone or "", how="text STOP")
    page = desk.get(f"/broadcasts/{broadcast.id}/people/to-ring")
    assert f'href="tel:{silent.phone}"' in page.text
    for one in (yes, no, opted_out):
        assert one.phone not in page.text
        assert one.name not in words(page)
    assert "tel:" not in desk.get(f"/broadcasts/{broadcast.id}/people/asked").text


def test_the_page_says_who_was_asked_when_and_why(desk: FlaskClient) -> None:
    people(40)
    broadcast = running(drivers())
    said = words(desk.get(f"/broadcasts/{broadcast.id}"))
    assert "Who was asked when, and why so many" in said
    assert f"5:40pm: {broadcast_size(broadcast)} people. For 2 free places" in said
    assert "We look again at 5:4" in said


def broadcast_size(broadcast: Broadcast) -> int:
    return db.session.scalars(
        select(BroadcastWave.size).where(BroadcastWave.broadcast_id == broadcast.id)
    ).one()


# Wider.


def test_widening_asks_those_whom_a_limit_kept_out_and_nobody_twice(boss: User) -> None:
    near = people(5)
    far = factories.volunteer(**factories.position(52.80, -1.2046))
    broadcast = service.draft([tonight().id], boss.id)
    service.adjust(
        broadcast.id,
        within_metres=1609,
        also_needs=Skill(0),
        group_kinds=[],
        not_asked_days=0,
    )
    service.word(broadcast.id, broadcast.text, pace=Pace.EVERYONE)
    service.start(broadcast.id, boss.id)
    service.advance(broadcast.id)
    assert {one.volunteer_id for one in asked(broadcast)} == {one.id for one in near}
    assert service.widen(broadcast.id, boss.id, {Exclusion.TOO_FAR}) == 1
    service.advance(broadcast.id)
    assert {one.volunteer_id for one in asked(broadcast)} == {one.id for one in [*near, far]}
    assert len(texts()) == 6
    assert len(recipients(broadcast)) == 6


def test_widening_never_asks_a_phone_twice(boss: User) -> None:
    factories.volunteer(phone=factories.drama_phone(7))
    factories.volunteer(phone=factories.drama_phone(7))
    factories.volunteer(phone=factories.drama_phone(8), asks_per_week=0)
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    service.widen(broadcast.id, boss.id, {Exclusion.ASKED_OFTEN})
    service.advance(broadcast.id)
    assert len(texts()) == 1
    assert sorted(one.excluded for one in recipients(broadcast)) == [
        "",
        "asked-often",  # emergencies only: no coordinator sets that aside
        "same-phone",
    ]


@pytest.mark.parametrize("aside", [set(), {Exclusion.OPTED_OUT}, {Exclusion.DBS}])
def test_consent_and_safety_are_not_a_coordinators_to_set_aside(
    boss: User, aside: set[Exclusion]
) -> None:
    people(3)
    broadcast = started(tonight(), boss)
    with pytest.raises(Refusal, match="at least one"):
        service.widen(broadcast.id, boss.id, aside)


def test_the_wider_page_offers_what_helps_and_does_it(desk: FlaskClient) -> None:
    people(2)
    for n in range(4):
        factories.volunteer(
            phone=factories.drama_phone(500 + n), last_asked_at=NOW - timedelta(hours=5)
        )
    boss = factories.coordinator()
    broadcast = service.draft([drivers().id], boss.id)
    service.adjust(
        broadcast.id, within_metres=None, also_needs=Skill(0), group_kinds=[], not_asked_days=1
    )
    service.start(broadcast.id, boss.id)
    address = f"/broadcasts/{broadcast.id}/widen"
    assert "4 more if people who were asked lately were asked again" in words(desk.get(address))
    empty = desk.post(address, data={})
    assert "Choose at least one change." in words(empty)
    page = desk.post(address, data={"aside": ["asked-lately"]}, follow_redirects=True)
    assert "4 more people fit now." in words(page)
    assert fresh(broadcast).audience_size == 6
    service.stop(broadcast.id, boss.id)
    assert desk.get(address).location == f"/broadcasts/{broadcast.id}"


def test_what_the_role_itself_needs_is_shown_and_cannot_be_set_aside(desk: FlaskClient) -> None:
    people(2, skills=Skill.DRIVE_CAR)
    factories.volunteer(phone=factories.drama_phone(500))
    role = factories.opportunity(needs_skills=Skill.DRIVE_CAR)
    shift = factories.shift(role, starts_at=NOW + timedelta(hours=1), places=2)
    page = desk.get(f"/broadcasts/{running(shift).id}/widen")
    assert "What else keeps people away 1 lacks only: driving a car" in words(page)
    assert 'type="checkbox"' not in page.text
    assert "Who you could ring" in words(page)


# What is learned.


def test_what_came_of_a_request_is_summed_up_some_time_after(boss: User) -> None:
    first, second, third, *_ = people(10)
    shift = tonight()
    broadcast = everyone_asked(shift, boss)
    with clock.stopped_at(NOW + timedelta(minutes=10)):
        service.note_answer(broadcast.id, third.id, Answer.NO)
        fill(shift, broadcast, first, second)
    service.advance_all()
    assert db.session.scalars(select(BroadcastOutcome)).all() == []
    with clock.stopped_at(NOW + timedelta(hours=3)):
        for _ in range(2):
            service.advance_all()
        (sums,) = db.session.scalars(select(BroadcastOutcome)).all()
        assert (sums.asked, sums.yes, sums.no, sums.answers) == (10, 2, 1, 3)
        pool, curve = planning.experience()
    assert pool.yes > rules.Pool().yes
    assert curve.half == pytest.approx(10, abs=0.5)


def test_a_persons_history_counts_across_requests_and_fades(boss: User) -> None:
    keen, never = people(2, asks_per_week=100)
    for n in range(4):
        with clock.stopped_at(NOW - timedelta(days=20 - n)):
            broadcast = everyone_asked(tonight(starts_at=clock.now() + timedelta(hours=3)), boss)
            service.note_answer(broadcast.id, keen.id, Answer.YES)
            service.note_answer(broadcast.id, never.id, Answer.NO)
            service.stop(broadcast.id, boss.id)
    chances = {}
    for later in (0, 2000):
        with clock.stopped_at(NOW + timedelta(days=later)):
            shift = tonight(starts_at=clock.now() + timedelta(hours=3))
            broadcast = started(shift, boss)
            order = [one.volunteer_id for one in recipients(broadcast)]
            known = planning.next_chances(broadcast, [shift], rules.Pool())
            chances[later] = dict(zip(order, known, strict=True))
    assert chances[0][keen.id] > 1.5 * chances[0][never.id]
    assert chances[2000][keen.id] == chances[2000][never.id]


def test_a_failed_text_is_not_hoped_for(boss: User) -> None:
    people(30)
    shift = tonight()
    broadcast = started(shift, boss)
    service.advance(broadcast.id)
    before = queries.progress(fresh(broadcast), [shift]).waves[0]
    with transaction():
        db.session.execute(update(Message).values(state=State.UNDELIVERED))
    after = queries.progress(fresh(broadcast), [shift]).waves[0]
    assert before.silent > 0
    assert after.silent == 0


def test_a_wave_takes_as_many_statements_whatever_its_size(
    boss: User, count_queries: Callable[[], Any]
) -> None:
    people(120)
    counts = []
    for hours in (3, 1):
        broadcast = started(tonight(starts_at=NOW + timedelta(hours=hours), places=6), boss)
        with count_queries() as statements:
            service.advance(broadcast.id)
        assert asked(broadcast)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 18


def test_with_nothing_to_do_the_schedule_only_reads(
    boss: User, count_queries: Callable[[], Any]
) -> None:
    people(40)
    broadcast = started(tonight(), boss)
    service.advance(broadcast.id)
    with count_queries() as statements:
        service.advance_all()
    assert len(statements) <= 4
    assert all(one.lstrip().startswith("SELECT") for one in statements)


def test_nights_do_not_count_as_time_left(boss: User) -> None:
    people(5)
    evening = NOW.replace(hour=20, minute=0)
    with clock.stopped_at(evening):
        shift = tonight(starts_at=evening + timedelta(hours=13))  # nine in the morning
        left = planning.minutes_left(started(shift, boss), [shift])
        emergency = tonight(starts_at=evening + timedelta(hours=13))
        whole = planning.minutes_left(
            started(emergency, boss, pace=Pace.WAVES, emergency_reason="Flood"), [emergency]
        )
    assert left == pytest.approx(60 + 30, abs=15)  # until nine, and from eight to half past
    assert whole == pytest.approx(12.5 * 60)


def test_recipients_keep_no_chance() -> None:
    """How likely somebody says yes is never kept beside their name."""
    assert {"chance", "likely"}.isdisjoint(Recipient.__table__.columns.keys())


def test_once_all_who_were_asked_have_answered_nobody_waits_for_the_next_look(boss: User) -> None:
    people(6)
    broadcast = started(tonight(places=1), boss)
    with clock.stopped_at(NOW):
        service.advance_all()
        first = asked(broadcast)
        assert 0 < len(first) < 6
        assert fresh(broadcast).next_wave_at > NOW
    with clock.stopped_at(NOW + timedelta(seconds=20)):
        for one in first[1:]:
            service.note_answer(broadcast.id, one.volunteer_id, Answer.NO)
        service.note_answer(broadcast.id, first[0].volunteer_id, Answer.UNCLEAR)
        service.advance_all()
        assert len(asked(broadcast)) == len(first)
        service.note_answer(broadcast.id, first[0].volunteer_id, Answer.NO)
        service.advance_all()
        assert len(asked(broadcast)) > len(first)
