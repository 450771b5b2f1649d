"""Somebody leaves late: each manager has one email and at most one text, and all is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.accounts.models import User
from app.broadcasts import service as broadcasting
from app.cover import service
from app.cover import setup as cover_setup
from app.cover.models import CoverState
from app.cover.rules import Start
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging import delivery
from app.messaging.models import Message
from app.opportunities import slots
from app.opportunities.slots import Numbers
from app.safeguarding import service as safety
from app.safeguarding import setup as safety_setup
from app.safeguarding.models import ShiftAlarm
from app.signups import managers
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.signups.signals import place_left, places_changed
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, DatesAway
from tests import factories as make
from tests.carrier import StubCarrier
from tests.cover.scene import NOW, Scene

UNSAFE = "It is not safe to run as it stands."
NO_RULE = "Nobody is being asked. You can ask for cover."
AT_ONCE = "We ask up to 5 people now, by your rule. You can stop it."
LATER = "We ask up to 5 people at 5:10pm, unless you stop it."


def sweep() -> None:
    """What the schedule does in its next minutes."""
    for _ in range(2):
        service.look_at_all()
        safety.watch()


def the_letter(scene: Scene) -> str:
    """The one email's words; the one text beside it says the same of what matters."""
    email, text = sorted(scene.to_boss(), key=lambda one: one.channel.value)
    assert (email.channel, text.channel) == (Channel.EMAIL, Channel.SMS)
    for line in (UNSAFE, NO_RULE, AT_ONCE, LATER):
        assert (line in email.body) == (line in text.body)
    assert email.html is not None
    for name in ("On It", "Own Person", "Near By", "Wendy"):
        assert name not in email.subject + email.body + email.html + text.body
    return email.body


@pytest.mark.parametrize(
    ("rule", "expected"),
    [(None, NO_RULE), ({"wait_minutes": 0}, AT_ONCE), ({"wait_minutes": 10}, LATER)],
)
@pytest.mark.parametrize(
    ("minimum", "is_alone", "stands"),
    [
        (1, False, "2 of 3 places are taken.\n"),
        (3, False, "2 of 3 places are taken, and it needs 3 to be safe.\n"),
        (1, True, "1 of 3 places is taken.\n"),
        (2, True, "1 of 3 places is taken, and it needs 2 to be safe.\n"),
    ],
)
def test_one_letter_says_how_it_stands_and_what_is_done(
    rule: dict[str, int] | None, expected: str, minimum: int, is_alone: bool, stands: str
) -> None:
    scene = Scene(minimum=minimum)
    if is_alone:
        places.withdraw(scene.ids[1], scene.on_it[2].id, way=Way.MANAGER)
        clear_letters()
    if rule is not None:
        scene.rule(**rule)
    scene.drop_out()
    sweep()
    body = the_letter(scene)
    assert "somebody who had a place on Parcel driver, tonight, 8 to 10pm" in body
    assert stands in body
    assert expected in body
    assert (UNSAFE in body) == (is_alone or minimum == 3)
    assert ("Only one person is left." in body) == is_alone
    group_id, shift_id, _ = scene.ids
    assert ("See who is asked, or stop it: " in body) == (rule is not None)
    assert f"/groups/{group_id}/shifts/{shift_id}/cover" in body
    assert f"See the shift: http://localhost/groups/{group_id}/shifts/{shift_id}\n" in body
    assert (f"/groups/{group_id}/alarms\n" in body) == (UNSAFE in body)


def clear_letters() -> None:
    """Forget what was written and found before the event that a test is about."""
    with transaction():
        for model in (Message, ShiftAlarm):
            db.session.execute(delete(model))


@contextmanager
def without(*listeners: tuple[Any, Callable[..., object]]) -> Iterator[None]:
    """A site that lacks these features: nobody listens for them."""
    for signal, listener in listeners:
        signal.disconnect(listener)
    try:
        yield
    finally:
        for signal, listener in listeners:
            signal.connect(listener)


NO_COVER = [(place_left, cover_setup._on_place_left)]
NO_SAFETY = [
    (place_left, safety_setup._on_place_left),
    (places_changed, safety_setup._on_places_changed),
]


@pytest.mark.parametrize("has_cover", [True, False])
@pytest.mark.parametrize("has_safety", [True, False])
def test_the_letter_goes_whichever_feature_is_absent(has_cover: bool, has_safety: bool) -> None:
    scene = Scene(minimum=3)
    scene.rule(wait_minutes=10)
    absent = [*([] if has_cover else NO_COVER), *([] if has_safety else NO_SAFETY)]
    with without(*absent):
        scene.drop_out()
    body = the_letter(scene)
    assert "2 of 3 places are taken, and it needs 3 to be safe." in body
    assert (LATER in body) == has_cover
    assert (UNSAFE in body) == has_safety
    assert f"/groups/{scene.ids[0]}/shifts/{scene.ids[1]}" in body


def test_who_waited_has_the_place_and_nothing_is_asked_or_unsafe(scene: Scene) -> None:
    places.claim(scene.ids[1], scene.person(300, "Wendy Waits").id, way=Way.WEB)
    scene.rule()
    scene.drop_out()
    sweep()
    body = the_letter(scene)
    assert "3 of 3 places are taken.\n" in body
    assert all(line not in body for line in (UNSAFE, NO_RULE, AT_ONCE))


def test_an_offered_place_is_not_counted_as_taken() -> None:
    scene = Scene(minimum=3)
    wendy = scene.person(300, "Wendy Waits")
    places.claim(scene.ids[1], wendy.id, way=Way.WEB)
    # Whoever has waited longer than an hour is asked whether they still can.
    with clock.stopped_at(NOW + timedelta(minutes=70)):
        scene.drop_out()
        sweep()
    standing = select(Signup.standing).where(Signup.volunteer_id == wendy.id)
    assert db.session.scalar(standing) == Standing.OFFERED
    body = the_letter(scene)
    assert "2 of 3 places are taken, and it needs 3 to be safe." in body
    assert "1 place is offered to whoever waited, without an answer yet." in body
    assert UNSAFE in body


def test_the_duty_that_is_missing_is_named() -> None:
    scene = Scene()
    role = scene.shift.opportunity
    driver, sorter = make.duty(role, name="Driver"), make.duty(role, name="Sorter")
    for person in scene.on_it:
        places.withdraw(scene.ids[1], person.id, way=Way.MANAGER)
    slots.set_team(scene.ids[0], scene.ids[1], {driver.id: Numbers(1, 1), sorter.id: Numbers(2)})
    found = {slot.duty_id: slot.id for slot in slots.of_shift(scene.ids[1])}
    drives = scene.person(301, "On It Drives")
    places.claim(scene.ids[1], drives.id, way=Way.WEB, slot_id=found[driver.id])
    for number in (302, 303):
        sorts = scene.person(number, "On It Sorts")
        places.claim(scene.ids[1], sorts.id, way=Way.WEB, slot_id=found[sorter.id])
    clear_letters()
    places.withdraw(scene.ids[1], drives.id, way=Way.WEB)
    sweep()
    body = the_letter(scene)
    assert "a place on Parcel driver (driver), tonight" in body
    assert "Driver: 0 of 1, and it needs 1." in body
    assert "Sorter:" not in body


def test_each_of_two_who_leave_has_one_letter_and_the_second_knows_of_the_first(
    scene: Scene,
) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out(0)
    sweep()
    first = scene.to_boss()
    scene.drop_out(1)
    sweep()
    second = [one for one in scene.to_boss() if one.id not in {each.id for each in first}]
    assert len(first) == len(second) == 2
    assert all(LATER in one.body for one in (*first, *second))
    assert all(UNSAFE in one.body and "Only one person is left." in one.body for one in second)


def test_what_asks_already_is_said(scene: Scene) -> None:
    scene.drop_out(0)
    county = broadcasting.draft([scene.ids[1]], make.coordinator().id)
    broadcasting.start(county.id, make.coordinator().id)
    scene.rule()
    clear_letters()
    scene.drop_out(1)
    sweep()
    assert "People are being asked for this shift already." in the_letter(scene)


def test_what_cannot_be_asked_after_all_has_a_letter_of_its_own(scene: Scene) -> None:
    scene.rule()
    for person in (*scene.own, *scene.nearby):
        make.save(DatesAway(volunteer_id=person.id, first_day=NOW.date(), last_day=NOW.date()))
    scene.drop_out()
    assert AT_ONCE in the_letter(scene)
    before = {one.id for one in scene.to_boss()}
    sweep()
    after = [one for one in scene.to_boss() if one.id not in before]
    assert {one.channel for one in after} == {Channel.EMAIL, Channel.SMS}
    assert all("We could not ask anybody." in one.body for one in after)


def test_left_in_time_the_alarm_and_the_rule_have_their_own_letters() -> None:
    scene = Scene(starts_at=NOW + timedelta(hours=30), minimum=3)
    scene.rule(Start.BELOW_MINIMUM, within_hours=48)
    scene.drop_out()
    sweep()
    subjects = [one.subject for one in scene.to_boss() if one.channel == Channel.EMAIL]
    assert [one.split(":")[0] for one in subjects] == ["Not safe to run yet", "Asking for cover"]


def test_further_than_a_day_ahead_it_goes_by_email_and_is_texted_when_the_day_comes() -> None:
    scene = Scene(starts_at=NOW + timedelta(hours=30), minimum=3)
    with transaction():
        db.session.get_one(Group, scene.ids[0]).late_hours = 72
    scene.drop_out()
    sweep()
    (email,) = scene.to_boss()
    assert email.channel == Channel.EMAIL
    assert UNSAFE in email.body
    with clock.stopped_at(NOW + timedelta(hours=15)):
        sweep()
        assert [one.channel for one in scene.to_boss()] == [Channel.EMAIL, Channel.SMS]


def test_at_night_a_text_leaves_at_once_where_the_shift_begins_with_the_morning() -> None:
    with clock.stopped_at(NOW + timedelta(hours=6)):
        # At eight in the morning until noon: eight would be too late to hear of it.
        begins = NOW + timedelta(hours=15)
        scene = Scene(starts_at=begins, ends_at=begins + timedelta(hours=4))
        scene.drop_out()
        (text,) = [one for one in scene.to_boss() if one.channel == Channel.SMS]
        assert text.not_before == clock.now()
        assert text.deadline == begins + timedelta(hours=4)


def test_when_the_withdrawal_fails_nothing_was_told_or_begun(scene: Scene) -> None:
    scene.rule()

    def broken(_signup_id: int, **_: object) -> None:
        raise RuntimeError("broken")

    with place_left.connected_to(broken), pytest.raises(RuntimeError):
        scene.drop_out()
    assert scene.to_boss() == []
    assert scene.covers == []


def test_the_minutes_for_a_veto_begin_with_the_letter(scene: Scene) -> None:
    scene.rule(wait_minutes=10)
    scene.drop_out()
    (cover,) = scene.covers
    assert (cover.state, cover.told_at) == (CoverState.PENDING, NOW)
    assert LATER in the_letter(scene)


def phones(of: Scene) -> list[str]:
    return [one.phone for one in managers.numbers(of.ids[0])]


def boss_with(scene: Scene, **said: Any) -> User:
    return make.manager(scene.group, **said)


def test_a_manager_is_texted_on_the_proven_phone_of_the_account(scene: Scene) -> None:
    usual = phones(scene)
    boss_with(scene, phone=make.drama_phone(901), phone_verified_at=NOW)
    boss_with(scene, phone=make.drama_phone(902), phone_verified_at=None)
    boss_with(scene, phone=make.drama_phone(903), phone_verified_at=NOW, is_enabled=False)
    assert phones(scene) == [*usual, make.drama_phone(901)]


def test_without_one_on_the_phone_of_the_own_profile_where_texts_are_allowed(scene: Scene) -> None:
    usual = phones(scene)
    allows, silent = boss_with(scene), boss_with(scene)
    make.volunteer(user_id=allows.id, phone=make.drama_phone(904))
    make.volunteer(user_id=silent.id, phone=make.drama_phone(905), sms_consent_at=None)
    assert phones(scene) == [*usual, make.drama_phone(904)]


def test_who_does_not_allow_texts_in_the_own_profile_gets_none(scene: Scene) -> None:
    usual = phones(scene)
    number = make.drama_phone(906)
    boss = boss_with(scene, phone=number, phone_verified_at=NOW)
    make.volunteer(user_id=boss.id, phone=number, sms_consent_at=None)
    assert phones(scene) == usual


def test_who_sent_stop_is_not_texted(scene: Scene, stub_carrier: StubCarrier) -> None:
    number, other = make.drama_phone(999), make.drama_phone(907)
    boss_with(scene, phone=other, phone_verified_at=NOW)
    volunteers.opt_out(Channel.SMS, number, how="STOP")
    scene.drop_out()
    delivery.deliver(queue.ORDINARY, seconds=0)
    assert stub_carrier.texts_to(number) == []
    assert len(stub_carrier.texts_to(other)) == 1
