"""A place that came free goes to who waits, in order: at once, or offered for a time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox import service as inbox
from app.messaging.models import Message
from app.messaging.rules.quiet import in_quiet_hours
from app.opportunities.models import Policy, Shift
from app.opportunities.policies import Approves
from app.signups import cancelling, changes, offers, service, sweeping
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.signups.offer_rules import LONGEST, SHORTEST, needs_offer, offered_until
from app.volunteers.models import Channel, Volunteer
from tests import factories as make
from tests import over_tls

SignIn = Callable[[User], FlaskClient]
LONDON = ZoneInfo("Europe/London")
QUIET = (time(21), time(8))
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


# Until when: the rule alone.


def until(told: str, begins: str) -> str:
    """In local times of March 2026, by day and clock: "3 12:00"."""

    def moment(text: str) -> datetime:
        day, clock_face = text.split()
        hour, minute = clock_face.split(":")
        return datetime(2026, 3, int(day), int(hour), int(minute), tzinfo=LONDON)

    found = offered_until(moment(told), moment(begins), "Europe/London", QUIET)
    local = found.astimezone(LONDON)
    return f"{local.day} {local:%H:%M}"


@pytest.mark.parametrize(
    ("told", "begins", "expected"),
    [
        ("3 12:00", "23 12:00", "4 12:00"),  # a day at most
        ("3 12:00", "3 20:00", "3 14:00"),  # a quarter of the time left
        ("3 12:00", "3 13:00", "3 12:30"),  # half an hour at least
        ("3 12:00", "3 12:10", "3 12:10"),  # never after it has begun
        ("3 16:00", "5 12:00", "4 09:00"),  # would end at 3am: an hour after the night
        ("3 18:00", "4 10:00", "3 20:59"),  # the morning is too late: before the night
        ("3 23:00", "13 12:00", "5 08:00"),  # the text leaves at 8, the day runs from then
        ("3 23:00", "4 02:00", "3 23:45"),  # so near that the night cannot be spared
    ],
)
def test_until_when_a_place_is_kept(told: str, begins: str, expected: str) -> None:
    assert until(told, begins) == expected


@given(
    st.timedeltas(timedelta(0), timedelta(days=700)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=60)),
)
def test_an_offer_ends_in_time_and_only_near_the_shift_at_night(
    later: timedelta, ahead: timedelta
) -> None:
    now = NOON + later
    begins = now + ahead
    found = offered_until(now, begins, "Europe/London", QUIET)
    assert now < found <= begins
    assert found - now >= min(SHORTEST, ahead)
    if in_quiet_hours(found, "Europe/London", QUIET):
        assert ahead <= timedelta(hours=26)


@given(st.timedeltas(timedelta(days=2), timedelta(days=60)))
def test_far_ahead_the_next_gets_a_turn_within_two_nights(ahead: timedelta) -> None:
    found = offered_until(NOON, NOON + ahead, "Europe/London", QUIET)
    assert found <= NOON + LONGEST + timedelta(hours=12)


def test_who_came_within_the_hour_is_not_asked_again() -> None:
    assert not needs_offer(NOON - timedelta(minutes=60), NOON)
    assert needs_offer(NOON - timedelta(minutes=61), NOON)


# In the queue.


@pytest.fixture
def noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield


def queue(shift: Shift, number: int, *, hours_ago: float = 5) -> list[Signup]:
    """So many who have waited for so long."""
    asked = clock.now() - timedelta(hours=hours_ago)
    return [
        make.signup(shift, make.volunteer(), standing=Standing.WAITING, created_at=asked)
        for _ in range(number)
    ]


def full(**said: object) -> tuple[Shift, Signup]:
    """A shift twenty days ahead whose only place is held, and who holds it."""
    shift = make.shift(places=1, starts_at=clock.now() + timedelta(days=20), **said)
    return shift, make.signup(shift, make.volunteer())


def leave(signup: Signup) -> None:
    service.withdraw(signup.shift_id, signup.volunteer_id, way=Way.WEB)


def standings(*signups: Signup) -> list[Standing]:
    db.session.rollback()
    return [db.session.get_one(Signup, one.id).standing for one in signups]


def sweep_at(moment: datetime) -> None:
    with clock.stopped_at(moment):
        sweeping.sweep()


def texts_to(person: Volunteer) -> list[str]:
    rows = select(Message.body).where(
        Message.volunteer_id == person.id, Message.channel == Channel.SMS
    )
    return list(db.session.scalars(rows.order_by(Message.id)))


@pytest.mark.usefixtures("noon")
def test_who_has_waited_long_is_offered_the_place_and_it_is_kept() -> None:
    shift, holder = full()
    first, second = queue(shift, 2)
    leave(holder)
    assert standings(first, second) == [Standing.OFFERED, Standing.WAITING]
    kept = db.session.get_one(Signup, first.id)
    assert kept.offered_until == NOON + timedelta(days=1)
    assert db.session.get_one(Shift, shift.id).taken == 1
    late = service.claim(shift.id, make.volunteer().id, way=Way.WEB)
    assert late.standing == Standing.WAITING
    assert "Reply YES by Wednesday 4 March at noon" in texts_to(first.volunteer)[0]
    assert "/offer/" in texts_to(first.volunteer)[0]


@pytest.mark.usefixtures("noon")
def test_who_came_lately_has_it_at_once() -> None:
    shift, holder = full()
    (fresh,) = queue(shift, 1, hours_ago=0.9)
    leave(holder)
    assert standings(fresh) == [Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_without_an_answer_the_next_is_offered_it() -> None:
    shift, holder = full()
    first, second, third = queue(shift, 3)
    leave(holder)
    sweep_at(NOON + timedelta(hours=23, minutes=59))
    assert standings(first) == [Standing.OFFERED]
    sweep_at(NOON + timedelta(days=1))
    assert standings(first, second, third) == [
        Standing.WITHDRAWN,
        Standing.OFFERED,
        Standing.WAITING,
    ]
    assert any("we did not hear from you" in text for text in texts_to(first.volunteer))
    reasons = list(
        db.session.execute(
            select(SignupEvent.after, SignupEvent.way, SignupEvent.reason)
            .where(SignupEvent.signup_id == first.id)
            .order_by(SignupEvent.id)
        )
    )
    assert reasons == [
        (Standing.OFFERED, Way.RULE, "A place came free, and is offered in order"),
        (Standing.WITHDRAWN, Way.RULE, "Did not answer the offer in time"),
    ]


@pytest.mark.usefixtures("noon")
def test_a_yes_takes_it_and_a_second_yes_does_no_harm() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    for _ in range(2):
        assert offers.accept(first.id, Way.LINK).standing == Standing.CONFIRMED
    kept = db.session.get_one(Signup, first.id)
    assert (kept.offered_until, kept.confirmed_at) == (None, NOON)
    assert db.session.get_one(Shift, shift.id).taken == 1
    sweep_at(NOON + timedelta(days=5))
    assert standings(first) == [Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_a_yes_that_comes_too_late_is_told_so() -> None:
    shift, holder = full()
    first, second = queue(shift, 2)
    leave(holder)
    sweep_at(NOON + timedelta(days=1))
    with pytest.raises(Refusal, match="gone to somebody else"):
        offers.accept(first.id, Way.LINK)
    assert standings(second) == [Standing.OFFERED]


@pytest.mark.usefixtures("noon")
def test_who_claims_again_by_any_door_has_taken_the_offer() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    taken = service.claim(shift.id, first.volunteer_id, way=Way.TEXT)
    assert (taken.id, taken.standing) == (first.id, Standing.CONFIRMED)


@pytest.mark.usefixtures("noon")
def test_an_offered_place_is_a_place_when_it_comes_to_clashes() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    with pytest.raises(Refusal, match="already have a place"):
        service.claim(make.shift(starts_at=shift.starts_at).id, first.volunteer_id, way=Way.WEB)


@pytest.mark.usefixtures("noon")
def test_who_may_not_take_it_by_now_is_told_why() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    make.signup(make.shift(starts_at=shift.starts_at), first.volunteer)
    with pytest.raises(Refusal, match="already have a place"):
        offers.accept(first.id, Way.LINK)


@pytest.mark.usefixtures("noon")
def test_places_that_a_manager_adds_are_offered_too() -> None:
    shift, _ = full()
    first, second = queue(shift, 2)
    there = shift.starts_at.astimezone(LONDON)
    changes.edit_shift(
        shift.opportunity.group_id,
        shift.id,
        day=there.date(),
        starts=there.time(),
        ends=(there + timedelta(hours=2)).time(),
        places=2,
        minimum=1,
    )
    assert standings(first, second) == [Standing.OFFERED, Standing.WAITING]


@pytest.mark.usefixtures("noon")
def test_a_managers_yes_from_the_queue_needs_no_offer() -> None:
    shift, holder = full(of=make.opportunity(policy=Policy.APPROVAL))
    first, second = queue(shift, 2)
    leave(holder)
    assert standings(first, second) == [Standing.WAITING, Standing.WAITING]
    service.confirm(second.id, make.user().id)
    assert standings(first, second) == [Standing.WAITING, Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_where_a_rule_says_yes_the_place_is_offered_to_who_waited() -> None:
    role = make.opportunity(policy=Policy.APPROVAL, approves=Approves.LISTED)
    shift, holder = full(of=role)
    first, second = queue(shift, 2)
    make.known_to(second.volunteer, role.group)
    leave(holder)
    assert standings(first, second) == [Standing.WAITING, Standing.OFFERED]


@pytest.mark.usefixtures("noon")
def test_a_manager_can_confirm_or_decline_who_is_offered_it() -> None:
    shift, holder = full()
    first, second = queue(shift, 2)
    leave(holder)
    boss = make.user()
    service.decline(first.id, boss.id)
    assert standings(first, second) == [Standing.DECLINED, Standing.OFFERED]
    service.confirm(second.id, boss.id)
    assert standings(second) == [Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_a_cancelled_shift_ends_its_offers() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    cancelling.cancel_shift(shift.id, None, "Flooded")
    assert standings(first) == [Standing.CANCELLED]
    with pytest.raises(Refusal):
        offers.accept(first.id, Way.LINK)


@pytest.mark.usefixtures("noon")
def test_who_is_offered_a_place_hears_of_a_new_time() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    there = shift.starts_at.astimezone(LONDON) + timedelta(hours=1)
    with clock.stopped_at(NOON + timedelta(minutes=5)):
        changes.edit_shift(
            shift.opportunity.group_id,
            shift.id,
            day=there.date(),
            starts=there.time(),
            ends=(there + timedelta(hours=2)).time(),
            places=1,
            minimum=1,
        )
    assert any("A place is kept for you" in text for text in texts_to(first.volunteer))
    assert standings(first) == [Standing.OFFERED]


@pytest.mark.usefixtures("noon")
def test_no_offer_outlives_the_beginning_of_its_shift() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    with transaction():
        moved = db.session.get_one(Shift, shift.id)
        moved.starts_at = NOON + timedelta(hours=2)
        moved.ends_at = NOON + timedelta(hours=4)
    sweep_at(NOON + timedelta(hours=2))
    assert standings(first) == [Standing.WITHDRAWN]


# By link, on the page, by text.


@pytest.mark.usefixtures("noon")
def test_the_link_shows_and_only_the_button_acts(client: FlaskClient) -> None:
    shift, holder = full()
    first, second = queue(shift, 2)
    leave(holder)
    path = f"/offer/{offers.token(first.id)}"
    page = client.get(path)
    assert "We keep it for you until tomorrow at noon" in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert standings(first) == [Standing.OFFERED]
    assert "You have a place" in client.post(path, data={"answer": "yes"}).text
    assert standings(first) == [Standing.CONFIRMED]
    client.post(path, data={"answer": "no"})
    assert standings(first, second) == [Standing.WITHDRAWN, Standing.OFFERED]
    assert "This offer is over" in client.get(path).text
    assert "gone to somebody else" in client.post(path, data={"answer": "yes"}).text
    assert client.post(path, data={"answer": "perhaps"}).status_code == 400
    assert client.get("/offer/forged.token-of-length").status_code == 404


@pytest.mark.usefixtures("noon")
def test_the_link_takes_the_place_over_tls_with_the_guard_of_the_forms(app: Flask) -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    answer = over_tls.press(app, f"/offer/{offers.token(first.id)}", {"answer": "yes"})
    assert answer.status_code == 200
    assert standings(first) == [Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_the_offer_stands_on_my_shifts_the_home_page_and_the_roster(
    client: FlaskClient, sign_in: SignIn
) -> None:
    shift, holder = full()
    user = make.user()
    me = make.volunteer(user_id=user.id, name="Ola Offered")
    asked = clock.now() - timedelta(hours=3)
    mine = make.signup(shift, me, standing=Standing.WAITING, created_at=asked)
    leave(holder)
    sign_in(user)
    for path in ("/my/shifts", "/", f"/shifts/{shift.id}/place"):
        page = client.get(path).text
        assert "A place came free" in page
        assert "until tomorrow at noon" in page
    boss = sign_in(make.manager(shift.opportunity.group))
    roster = boss.get(f"/groups/{shift.opportunity.group_id}/shifts/{shift.id}").text
    assert re.search(r"Ola Offered.*Offered until tomorrow at noon", roster, re.DOTALL)
    sign_in(user)
    answer = client.post(f"/shifts/{shift.id}/accept", follow_redirects=True)
    assert "You have a place" in answer.text
    assert standings(mine) == [Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_who_turns_it_down_on_the_page_passes_it_on(client: FlaskClient, sign_in: SignIn) -> None:
    shift, holder = full()
    user = make.user()
    asked = clock.now() - timedelta(hours=3)
    me = make.volunteer(user_id=user.id)
    mine = make.signup(shift, me, standing=Standing.WAITING, created_at=asked)
    (other,) = queue(shift, 1)
    leave(holder)
    sign_in(user)
    assert "next person" in client.get(f"/shifts/{shift.id}/withdraw").text
    client.post(f"/shifts/{shift.id}/withdraw", data={"reason": ""})
    assert standings(mine, other) == [Standing.WITHDRAWN, Standing.OFFERED]


def text(person: Volunteer, body: str, number: int = 1) -> str:
    """A text from the person, understood; what we answered."""
    inbox.store({"MessageSid": f"SM{number}", "From": person.phone, "Body": body})
    inbox.process_all()
    rows = select(Message.body).where(Message.purpose == "answer").order_by(Message.id.desc())
    return db.session.scalar(rows.limit(1)) or ""


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("body", ["YES", "Yes please", "ok"])
def test_a_bare_yes_by_text_takes_the_offer(body: str) -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    assert "You have a place" in text(first.volunteer, body)
    assert standings(first) == [Standing.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_a_bare_no_by_text_passes_it_on() -> None:
    shift, holder = full()
    first, second = queue(shift, 2)
    leave(holder)
    assert "thank you for telling us" in text(first.volunteer, "no sorry")
    assert standings(first, second) == [Standing.WITHDRAWN, Standing.OFFERED]


@pytest.mark.usefixtures("noon")
def test_with_two_offers_a_bare_yes_is_asked_which() -> None:
    shift, holder = full()
    other = make.shift(places=1, starts_at=NOON + timedelta(days=9))
    also = make.signup(other, make.volunteer())
    (first,) = queue(shift, 1)
    asked = NOON - timedelta(hours=4)
    second = make.signup(other, first.volunteer, standing=Standing.WAITING, created_at=asked)
    leave(holder)
    leave(also)
    assert "More than one place is kept for you" in text(first.volunteer, "yes")
    assert standings(first, second) == [Standing.OFFERED, Standing.OFFERED]


@pytest.mark.usefixtures("noon")
def test_a_yes_after_the_offer_ran_out_goes_to_a_person() -> None:
    shift, holder = full()
    (first,) = queue(shift, 1)
    leave(holder)
    sweep_at(NOON + timedelta(days=1))
    with clock.stopped_at(NOON + timedelta(days=1, minutes=1)):
        assert "No request is open to you" in text(first.volunteer, "yes")
    assert standings(first) == [Standing.WITHDRAWN]


# At the same moment.


def at_once(app: Flask, *calls: Callable[[], object]) -> list[str]:
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                call()
                outcomes.append("done")
            except Refusal:
                outcomes.append("refused")
            except BaseException as fault:
                outcomes.append(repr(fault))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def test_a_yes_at_the_moment_that_the_offer_runs_out_gives_one_place_to_one(app: Flask) -> None:
    shift, holder = full()
    first, second = queue(shift, 2)
    leave(holder)
    shift_id, ids = shift.id, [first.id, second.id]

    with transaction():
        db.session.get_one(Signup, ids[0]).offered_until = clock.now() - timedelta(seconds=1)
    db.session.remove()
    outcomes = at_once(app, lambda: offers.accept(ids[0], Way.LINK), lambda: offers.lapse(ids[0]))
    assert all(one in ("done", "refused") for one in outcomes), outcomes
    found = [db.session.get_one(Signup, number).standing for number in ids]
    assert found in (
        [Standing.CONFIRMED, Standing.WAITING],
        [Standing.WITHDRAWN, Standing.OFFERED],
    )
    assert db.session.get_one(Shift, shift_id).taken == 1


def test_two_who_leave_at_once_offer_two_places_to_two(app: Flask) -> None:
    shift = make.shift(places=2, starts_at=clock.now() + timedelta(days=20))
    holders = [make.signup(shift, make.volunteer()).volunteer_id for _ in range(2)]
    queue(shift, 3)
    shift_id = shift.id
    db.session.remove()
    outcomes = at_once(
        app,
        *(
            lambda who=who: service.withdraw(shift_id, who, way=Way.WEB)  # type: ignore[misc] # a default
            for who in holders
        ),
    )
    assert outcomes == ["done", "done"]
    counted = db.session.execute(
        select(Signup.standing, func.count()).group_by(Signup.standing)
    ).all()
    assert {row[0]: row[1] for row in counted} == {
        Standing.WITHDRAWN: 2,
        Standing.OFFERED: 2,
        Standing.WAITING: 1,
    }
