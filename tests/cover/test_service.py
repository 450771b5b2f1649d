"""Cover: by a press, by the rule; stopped, filled, taken up again; asked once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.broadcasts import service as broadcasting
from app.broadcasts.models import BroadcastState
from app.cover import queries, service
from app.cover.models import CoverState
from app.cover.rules import Cause, Reach, Start
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.models import Message
from app.opportunities import slots
from app.opportunities.slots import Numbers
from app.signups import cancelling
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.signups.rules import Exclusion
from app.volunteers.models import DatesAway
from app.volunteers.vocabulary import Skill
from tests import factories as make
from tests.cover.scene import NOW, Scene


def at(**later: int) -> object:
    return clock.stopped_at(NOW + timedelta(**later))


def test_the_groups_own_people_come_first_and_no_more_than_so_many(scene: Scene) -> None:
    scene.drop_out()
    scene.ask(most=4)
    assert sorted(scene.audience()[:2]) == ["Own Person0", "Own Person1"]
    assert len(scene.audience()) == 4
    assert (scene.request.origin, scene.request.by_user_id) == ("cover", scene.ids[2])
    assert scene.request.state == BroadcastState.RUNNING


def test_only_ones_own_people_are_asked_where_the_group_wants_that(scene: Scene) -> None:
    scene.drop_out()
    scene.ask(reach=Reach.OWN)
    assert sorted(scene.audience()) == ["Own Person0", "Own Person1"]


def test_pressed_twice_it_asks_once(scene: Scene) -> None:
    scene.drop_out()
    first, second = scene.ask(), scene.ask()
    assert first.id == second.id
    assert scene.request.id == first.broadcast_id


def test_a_full_shift_asks_nobody(scene: Scene) -> None:
    with pytest.raises(Refusal, match="taken already"):
        scene.ask()
    assert scene.covers == []


def test_another_groups_shift_is_not_found(scene: Scene) -> None:
    other = make.manager(make.group())
    with pytest.raises(Refusal, match="does not exist"):
        service.ask(scene.ids[0] + 1, scene.ids[1], other.id, 5, Reach.NEARBY)


def test_at_night_nobody_is_asked(scene: Scene) -> None:
    scene.drop_out()
    with at(hours=5), pytest.raises(Refusal, match="left in peace"):
        scene.ask()


def test_without_a_rule_nobody_is_asked(scene: Scene) -> None:
    scene.drop_out()
    service.look_at_all()
    assert scene.covers == []


def test_by_the_rule_a_late_drop_out_is_asked_for_at_once(scene: Scene) -> None:
    scene.rule()
    scene.drop_out()
    (cover,) = scene.covers
    assert (cover.state, cover.cause) == (CoverState.PENDING, Cause.LATE)
    service.look(cover.id)
    assert scene.covers[0].state == CoverState.ASKING
    broadcasting.advance(scene.request.id)
    asked = db.session.scalars(select(Message.to_address).where(Message.purpose == "ask")).all()
    assert make.drama_phone(100) in asked or make.drama_phone(101) in asked
    assert scene.request.by_user_id is None


def test_whoever_dropped_out_is_not_asked_to_cover_for_themselves(scene: Scene) -> None:
    scene.rule(most_people=50)
    scene.drop_out()
    service.look_at_all()
    assert "On It 0" not in scene.audience()
    assert len(scene.audience()) == 6


def test_a_drop_out_in_time_starts_nothing() -> None:
    scene = Scene(starts_at=NOW + timedelta(days=3))
    scene.rule()
    scene.drop_out()
    service.look_at_all()
    assert scene.covers == []


def test_the_managers_have_their_minutes_and_can_stop_it(scene: Scene) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out()
    service.look_at_all()
    letters = scene.to_boss()
    assert sorted(one.channel.value for one in letters) == ["email", "sms"]
    for letter in letters:
        assert "We ask up to 5 people at 5:10pm, unless you stop it." in letter.body
    with at(minutes=9):
        service.look_at_all()
        assert scene.covers[0].state == CoverState.PENDING
        service.stop(*scene.ids)
    with at(minutes=11):
        service.look_at_all()
        assert scene.covers[0].state == CoverState.STOPPED
    assert db.session.scalars(select(Message).where(Message.purpose == "ask")).all() == []


def test_nobody_stops_it_and_it_asks(scene: Scene) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out()
    with at(minutes=10):
        service.look_at_all()
        assert scene.covers[0].state == CoverState.ASKING


def test_a_manager_need_not_wait_for_the_rule(scene: Scene) -> None:
    scene.rule(wait_minutes=30)
    scene.drop_out()
    scene.ask(most=2)
    (cover,) = scene.covers
    assert (cover.state, cover.by_user_id) == (CoverState.ASKING, scene.ids[2])


def test_who_waits_has_the_place_before_anybody_is_asked(scene: Scene) -> None:
    waiting = scene.person(300, "Wendy Waits")
    places.claim(scene.ids[1], waiting.id, way=Way.WEB)
    scene.rule()
    scene.drop_out()
    service.look_at_all()
    assert {cover.state for cover in scene.covers} <= {CoverState.FILLED}
    assert [one for one in scene.to_boss() if ":cover" in f":{one.cause}"] == []


def test_a_shift_below_its_minimum_is_found_by_the_sweep() -> None:
    scene = Scene(starts_at=NOW + timedelta(days=3))
    scene.rule(Start.BELOW_MINIMUM)
    for place in range(2):
        scene.drop_out(place)
    service.look_at_all()
    assert scene.covers == []
    with clock.stopped_at(NOW + timedelta(days=2, hours=3)):
        service.look_at_all()
        service.look_at_all()
        (cover,) = scene.covers
        assert (cover.state, cover.cause) == (CoverState.ASKING, Cause.BELOW_MINIMUM)


def test_for_a_closed_group_nothing_is_begun_however_often_one_looks(scene: Scene) -> None:
    scene.rule(Start.BELOW_MINIMUM)
    with transaction():
        db.session.get_one(Group, scene.ids[0]).is_closed = True
    for place in range(2):
        scene.drop_out(place)
    for _ in range(3):
        service.look_at_all()
    assert scene.covers == []


def test_what_a_manager_stopped_the_sweep_does_not_begin_again(scene: Scene) -> None:
    scene.rule(Start.BELOW_MINIMUM)
    scene.drop_out(0)
    scene.drop_out(1)
    service.look_at_all()
    service.stop(*scene.ids)
    service.look_at_all()
    assert [cover.state for cover in scene.covers] == [CoverState.STOPPED]
    assert scene.request.ended_reason == service.BY_A_MANAGER


def test_it_ends_by_itself_when_the_place_is_taken(scene: Scene) -> None:
    scene.rule()
    scene.drop_out()
    service.look_at_all()
    places.claim(scene.ids[1], scene.own[0].id, way=Way.LINK)
    assert scene.request.state == BroadcastState.ENDED
    service.look_at_all()
    assert scene.covers[0].state == CoverState.FILLED
    assert "Covered: Parcel driver" in [one.subject for one in scene.to_boss()][-1]


def test_a_place_that_comes_free_again_is_asked_for_again(scene: Scene) -> None:
    scene.rule()
    scene.drop_out()
    service.look_at_all()
    broadcasting.advance(scene.request.id)
    places.claim(scene.ids[1], scene.own[0].id, way=Way.LINK)
    service.look_at_all()
    places.withdraw(scene.ids[1], scene.own[0].id, way=Way.LINK)
    service.look_at_all()
    assert scene.request.state == BroadcastState.RUNNING
    assert [cover.state for cover in scene.covers] == [CoverState.ASKING]


def test_a_filled_cover_of_a_shift_that_is_cancelled_is_over(scene: Scene) -> None:
    scene.rule()
    scene.drop_out()
    service.look_at_all()
    places.claim(scene.ids[1], scene.own[0].id, way=Way.LINK)
    service.look_at_all()
    assert [cover.state for cover in scene.covers] == [CoverState.FILLED]
    cancelling.cancel_shift(scene.ids[1], scene.ids[2], "The van is broken.")
    service.look_at_all()
    assert [cover.state for cover in scene.covers] == [CoverState.OVER]


def test_of_two_covers_the_one_that_was_filled_is_over_once_the_other_goes_on(
    scene: Scene,
) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out()
    places.claim(scene.ids[1], scene.own[0].id, way=Way.WEB)
    service.look_at_all()
    assert [cover.state for cover in scene.covers] == [CoverState.FILLED]
    places.withdraw(scene.ids[1], scene.own[0].id, way=Way.WEB)
    service.look_at_all()
    assert [cover.state for cover in scene.covers] == [CoverState.OVER, CoverState.PENDING]


def test_at_night_the_rule_waits_for_the_morning() -> None:
    with at(hours=5):
        scene = Scene(starts_at=NOW + timedelta(hours=18))
        scene.rule()
        scene.drop_out()
        service.look_at_all()
        (cover,) = scene.covers
        assert cover.state == CoverState.PENDING
        assert cover.starts_at == NOW.replace(hour=8) + timedelta(days=1)
    with clock.stopped_at(NOW.replace(hour=8) + timedelta(days=1)):
        service.look_at_all()
        assert scene.covers[0].state == CoverState.ASKING


def test_where_the_morning_is_too_late_the_managers_are_told_to_ring() -> None:
    with at(hours=5):
        scene = Scene(starts_at=NOW + timedelta(hours=14))
        scene.rule()
        scene.drop_out()
        service.look_at_all()
        (cover,) = scene.covers
        assert cover.state == CoverState.IMPOSSIBLE
        told = [one.body for one in scene.to_boss()]
        assert len(told) == 2  # an email and a text
        assert all("Ring somebody" in body for body in told)


def test_where_nobody_fits_the_managers_are_told(scene: Scene) -> None:
    scene.rule()
    for person in (*scene.own, *scene.nearby):
        make.save(DatesAway(volunteer_id=person.id, first_day=NOW.date(), last_day=NOW.date()))
    scene.drop_out()
    service.look_at_all()
    service.look_at_all()
    (cover,) = scene.covers
    assert cover.state == CoverState.IMPOSSIBLE
    assert "Nobody fits" in cover.note
    told = [one.body for one in scene.to_boss() if ":cover" in f":{one.cause}"]
    assert any("We could not ask anybody. Nobody fits" in body for body in told)


def test_a_request_of_the_county_is_not_doubled(scene: Scene) -> None:
    scene.rule()
    scene.drop_out(0)
    service.stop(*scene.ids)
    county = broadcasting.draft([scene.ids[1]], make.coordinator().id)
    broadcasting.start(county.id, make.coordinator().id)
    scene.drop_out(1)
    service.look_at_all()
    assert all(cover.state != CoverState.ASKING for cover in scene.covers)
    with pytest.raises(Refusal, match="already asks for this shift"):
        scene.ask()


def test_a_cancelled_shift_is_covered_no_more(scene: Scene) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out()
    cancelling.cancel_shift(scene.ids[1], scene.ids[2], "The van is broken.")
    service.look_at_all()
    assert scene.covers[0].state == CoverState.OVER


def test_only_who_can_do_the_missing_duty_is_asked() -> None:
    scene = Scene()
    role = scene.shift.opportunity
    driver = make.duty(role, name="Driver", needs_skills=Skill.DRIVE_CAR)
    sorter = make.duty(role, name="Sorter")
    for person in scene.on_it:
        places.withdraw(scene.ids[1], person.id, way=Way.MANAGER)
    slots.set_team(scene.ids[0], scene.ids[1], {driver.id: Numbers(1), sorter.id: Numbers(1)})
    places.claim(scene.ids[1], scene.person(302, "Sorting Sam").id, way=Way.WEB)
    drives = scene.person(303, "Driving Dora", skills=Skill.DRIVE_CAR)
    scene.ask(most=20)
    assert scene.audience() == ["Driving Dora"]
    assert drives.name == "Driving Dora"


def test_the_shortlist_names_ones_own_and_counts_the_others(scene: Scene) -> None:
    scene.drop_out()
    busy = scene.person(400, "Busy Bob", own=True)
    make.save(DatesAway(volunteer_id=busy.id, first_day=NOW.date(), last_day=NOW.date()))
    found = queries.candidates(
        scene.ids[0], db.session.get_one(type(scene.shift), scene.ids[1]), 12
    )
    assert sorted(one.name for one in found.own) == ["Own Person0", "Own Person1"]
    assert found.found.own_fit == 2
    # Those with places are known to the group, too: they are in, and one has just left.
    assert found.found.not_fit == {
        Exclusion.ALREADY_IN: 2,
        Exclusion.SAID_NO: 1,
        Exclusion.AWAY: 1,
    }
    assert found.found.others_fit == 4
    assert all("half a mile" in " ".join(one.reasons) for one in found.own)


def test_of_a_profile_that_the_group_may_not_see_only_the_name_is_shown(scene: Scene) -> None:
    scene.drop_out()
    hidden = scene.person(401, "Hidden Hugh")
    link = make.known_to(hidden, scene.group)
    with transaction():
        db.session.get_one(type(link), link.id).sees_profile = False
    found = queries.candidates(
        scene.ids[0], db.session.get_one(type(scene.shift), scene.ids[1]), 12
    )
    (one,) = [one for one in found.own if one.name == "Hidden Hugh"]
    assert one.reasons == []


def test_a_second_late_drop_out_is_asked_for_by_the_same_request(scene: Scene) -> None:
    scene.rule()
    scene.drop_out(0)
    service.look_at_all()
    scene.drop_out(1)
    service.look_at_all()
    assert len([one for one in scene.covers if one.state == CoverState.ASKING]) == 1
    left = db.session.scalars(
        select(Signup.standing).where(Signup.standing == Standing.WITHDRAWN)
    ).all()
    assert len(left) == 2


def test_numbers_out_of_range_are_refused_beside_their_field(scene: Scene) -> None:
    for name, value in (("within_hours", 0), ("most_people", 51), ("wait_minutes", 999)):
        with pytest.raises(Refusal) as refused:
            scene.rule(**{name: value})
        assert refused.value.field == name
