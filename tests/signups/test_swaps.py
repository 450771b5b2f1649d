"""Two volunteers swap their places: asked by page, answered by link, by the same rules."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities.models import Opportunity, Shift
from app.signups import service as places
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.signups.swaps import queries, service, telling
from app.signups.swaps.models import Swap, SwapState
from app.volunteers import service as volunteers
from app.volunteers.models import Channel
from app.volunteers.vocabulary import Skill
from tests import factories as make
from tests import over_tls

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(title="Desk")


def held(role: Opportunity, days: int, name: str, **said: Any) -> Signup:
    """Somebody's place on a shift that begins in so many days."""
    shift = make.shift(role, starts_at=clock.now() + timedelta(days=days), places=1)
    return make.signup(shift, make.volunteer(name=name, **said))


@pytest.fixture
def anna(role: Opportunity) -> Signup:
    return held(role, 3, "Anna Apple")


@pytest.fixture
def bea(role: Opportunity) -> Signup:
    return held(role, 5, "Bea Berry")


def ask(mine: Signup, of: Signup | None = None, in_return: bool = True) -> Swap:
    return service.ask(
        mine.id,
        mine.volunteer_id,
        of_signup_id=of.id if of else None,
        in_return=in_return,
    )


def accept(swap: Swap, by: Signup) -> Swap:
    return service.accept(swap.id, by.volunteer_id, Way.LINK)


def on(shift_id: int) -> list[tuple[str, Standing]]:
    """Who is or was on a shift, in order of arrival."""
    db.session.rollback()
    rows = db.session.scalars(select(Signup).where(Signup.shift_id == shift_id).order_by(Signup.id))
    return [(one.volunteer.first_name, one.standing) for one in rows]


def state(swap: Swap) -> SwapState:
    db.session.rollback()
    return db.session.get_one(Swap, swap.id).state


def test_both_have_the_others_place_and_each_change_has_its_event(
    anna: Signup, bea: Signup
) -> None:
    swap = accept(ask(anna, bea), bea)
    assert on(anna.shift_id) == [("Anna", Standing.WITHDRAWN), ("Bea", Standing.CONFIRMED)]
    assert on(bea.shift_id) == [("Bea", Standing.WITHDRAWN), ("Anna", Standing.CONFIRMED)]
    assert state(swap) == SwapState.DONE
    events = Counter(
        (event.before, event.after, event.reason)
        for event in db.session.scalars(select(SignupEvent))
    )
    assert events == {
        (Standing.CONFIRMED, Standing.WITHDRAWN, "Swapped with another volunteer"): 2,
        (None, Standing.CONFIRMED, "Took the place by a swap"): 2,
    }
    assert set(db.session.scalars(select(Shift.taken))) == {1}
    left = db.session.get_one(Signup, anna.id)
    assert left.notice is None  # nobody was let down


def test_both_are_told_what_they_have_and_have_not(anna: Signup, bea: Signup) -> None:
    accept(ask(anna, bea), bea)
    for one in (anna, bea):
        told = " ".join(
            db.session.scalars(
                select(Message.body).where(
                    Message.volunteer_id == one.volunteer_id, Message.purpose == "standing"
                )
            )
        )
        assert "taken over. You need not come" in told
        assert "You have a place" in told


def test_asked_without_return_the_other_takes_the_place_and_keeps_their_own(
    anna: Signup, bea: Signup
) -> None:
    accept(ask(anna, bea, in_return=False), bea)
    assert on(anna.shift_id)[-1] == ("Bea", Standing.CONFIRMED)
    assert on(bea.shift_id) == [("Bea", Standing.CONFIRMED)]


def test_put_to_all_the_first_yes_has_it(role: Opportunity, anna: Signup, bea: Signup) -> None:
    cara = held(role, 6, "Cara Cherry")
    swap = ask(anna)
    accept(swap, cara)
    with pytest.raises(Refusal, match="no longer open"):
        accept(swap, bea)
    assert on(anna.shift_id)[-1] == ("Cara", Standing.CONFIRMED)


def test_all_on_the_role_are_asked_by_first_name_and_nobody_else(
    role: Opportunity, anna: Signup, bea: Signup
) -> None:
    elsewhere = held(make.opportunity(), 4, "Elsa Elsewhere")
    past = make.shift(role, starts_at=clock.now() - timedelta(days=2))
    gone = make.signup(past, make.volunteer())
    ask(anna)
    asked = set(
        db.session.scalars(select(Message.volunteer_id).where(Message.purpose == "swap-ask"))
    )
    assert asked == {bea.volunteer_id}
    assert not asked & {elsewhere.volunteer_id, gone.volunteer_id}
    (body, *_) = db.session.scalars(select(Message.body).where(Message.purpose == "swap-ask"))
    assert "Anna cannot come to Desk" in body
    assert "Apple" not in body


def test_somebody_who_is_not_on_the_role_cannot_take_it(anna: Signup, bea: Signup) -> None:
    swap = ask(anna)
    stranger = make.volunteer()
    with pytest.raises(Refusal, match="same role"):
        service.accept(swap.id, stranger.id, Way.LINK)


def test_a_swap_asked_of_one_is_no_one_elses(role: Opportunity, anna: Signup, bea: Signup) -> None:
    cara = held(role, 6, "Cara Cherry")
    swap = ask(anna, bea)
    with pytest.raises(Refusal):
        accept(swap, cara)
    assert state(swap) == SwapState.OPEN


# The same rules as at every door.


def test_a_clash_counts_but_not_with_the_shift_that_is_given_away(
    role: Opportunity, anna: Signup
) -> None:
    close = make.shift(role, starts_at=anna.shift.starts_at + timedelta(hours=1), places=1)
    dora = make.signup(close, make.volunteer(name="Dora Damson"))
    swap = accept(ask(anna, dora), dora)
    assert state(swap) == SwapState.DONE


def test_a_clash_with_another_place_stops_it(role: Opportunity, anna: Signup, bea: Signup) -> None:
    swap = ask(anna, bea)
    make.signup(make.shift(starts_at=anna.shift.starts_at), bea.volunteer)
    with pytest.raises(Refusal, match="already have a place"):
        accept(swap, bea)
    assert on(anna.shift_id) == [("Anna", Standing.CONFIRMED)]


def test_the_asker_must_be_able_to_take_what_they_ask_for(anna: Signup, bea: Signup) -> None:
    make.signup(make.shift(starts_at=bea.shift.starts_at), anna.volunteer)
    with pytest.raises(Refusal, match="already have a place") as refused:
        ask(anna, bea)
    assert refused.value.field == "whom"
    assert ask(anna, bea, in_return=False).state == SwapState.OPEN


def test_put_to_all_whoever_is_on_the_role_may_take_it_however_many_they_are(
    role: Opportunity, anna: Signup
) -> None:
    many = make.shift(
        role, starts_at=clock.now() + timedelta(days=5), places=queries.MOST_PLACES + 1
    )
    others = [
        make.signup(many, make.volunteer(name=f"Other {number}"))
        for number in range(queries.MOST_PLACES + 1)
    ]
    accept(ask(anna), others[-1])
    assert on(anna.shift_id)[-1] == ("Other", Standing.CONFIRMED)


def test_what_the_duty_needs_counts(app: Flask) -> None:
    role = make.opportunity()
    driver = make.duty(role, needs_skills=Skill.DRIVE_VAN)
    first, second = (
        make.shift(role, starts_at=clock.now() + timedelta(days=days), places=1) for days in (3, 4)
    )
    slot = make.slot(first, driver, places=1)
    drives = make.signup(first, make.volunteer(skills=Skill.DRIVE_VAN), slot_id=slot.id)
    walks = make.signup(second, make.volunteer())
    with pytest.raises(Refusal):
        accept(ask(drives, walks), walks)
    able = make.signup(
        make.shift(role, starts_at=clock.now() + timedelta(days=6)),
        make.volunteer(skills=Skill.DRIVE_VAN),
    )
    service.call_back(queries.pending_of(drives.id).id, drives.volunteer_id)  # type: ignore[union-attr] # there is one
    accept(ask(drives, able), able)
    taken = db.session.scalars(
        select(Signup).where(Signup.shift_id == first.id, Signup.standing == Standing.CONFIRMED)
    ).one()
    assert (taken.volunteer_id, taken.slot_id) == (able.volunteer_id, slot.id)


def test_who_waited_for_that_very_shift_has_it_by_the_swap(anna: Signup, bea: Signup) -> None:
    swap = ask(anna, bea)
    make.signup(anna.shift, bea.volunteer, standing=Standing.WAITING)
    accept(swap, bea)
    assert on(anna.shift_id) == [
        ("Anna", Standing.WITHDRAWN),
        ("Bea", Standing.WITHDRAWN),
        ("Bea", Standing.CONFIRMED),
    ]


def test_a_place_swapped_away_ends_the_other_swaps_about_it(
    role: Opportunity, anna: Signup, bea: Signup
) -> None:
    cara = held(role, 6, "Cara Cherry")
    other = ask(cara, bea)
    accept(ask(anna, bea), bea)
    assert state(other) == SwapState.ENDED
    with pytest.raises(Refusal):
        accept(other, bea)


def test_one_swap_of_a_shift_at_a_time_until_it_is_called_back(anna: Signup, bea: Signup) -> None:
    first = ask(anna, bea)
    with pytest.raises(Refusal, match="already"):
        ask(anna)
    service.call_back(first.id, bea.volunteer_id)  # not theirs to call back
    assert state(first) == SwapState.OPEN
    service.call_back(first.id, anna.volunteer_id)
    assert ask(anna).state == SwapState.OPEN


def test_a_no_is_told_kindly_and_the_place_stays(anna: Signup, bea: Signup) -> None:
    swap = ask(anna, bea)
    service.turn_down(swap.id, bea.volunteer_id)
    assert state(swap) == SwapState.TURNED_DOWN
    told = db.session.scalars(select(Message).where(Message.purpose == "swap-no")).first()
    assert told is not None
    assert told.volunteer_id == anna.volunteer_id
    assert "You still have your place" in told.body
    assert on(anna.shift_id) == [("Anna", Standing.CONFIRMED)]


def test_who_said_yes_to_neither_way_hears_what_became_of_their_swap(
    role: Opportunity, bea: Signup
) -> None:
    unasked: dict[str, Any] = {"sms_consent_at": None, "email_consent_at": None}
    quiet = held(role, 3, "Quinn Quiet", **unasked)
    service.turn_down(ask(quiet, bea).id, bea.volunteer_id)
    to_quiet = select(Message).where(Message.volunteer_id == quiet.volunteer_id)
    [told] = db.session.scalars(to_quiet)
    assert (told.purpose, told.channel) == ("swap-no", Channel.EMAIL)
    # To be asked for theirs is more than to hear of it.
    ask(bea, quiet)
    assert [one.purpose for one in db.session.scalars(to_quiet)] == ["swap-no"]


def test_who_left_meanwhile_swaps_no_more(anna: Signup, bea: Signup) -> None:
    swap = ask(anna, bea)
    places.withdraw(anna.shift_id, anna.volunteer_id, way=Way.WEB)
    with pytest.raises(Refusal, match="no longer open"):
        accept(swap, bea)
    assert on(bea.shift_id) == [("Bea", Standing.CONFIRMED)]


# Where a manager is to agree.


@pytest.fixture
def strict(app: Flask) -> Opportunity:
    return make.opportunity(make.group(swaps_need_yes=True), title="Desk")


def test_where_the_group_wants_it_a_manager_agrees_first(
    strict: Opportunity, sign_in: SignIn
) -> None:
    anna, bea = held(strict, 3, "Anna Apple"), held(strict, 5, "Bea Berry")
    boss = make.manager(strict.group)
    swap = accept(ask(anna, bea), bea)
    assert state(swap) == SwapState.ACCEPTED
    assert on(anna.shift_id) == [("Anna", Standing.CONFIRMED)]
    mail = db.session.scalars(select(Message).where(Message.purpose == "for-managers")).one()
    assert mail.to_address == boss.email
    assert f"/groups/{strict.group_id}/swaps" in mail.body
    client = sign_in(boss)
    page = client.get(f"/groups/{strict.group_id}/swaps").text
    assert "Anna Apple" in page
    assert "Bea Berry" in page
    client.post(f"/groups/{strict.group_id}/swaps/{swap.id}/agree")
    assert on(anna.shift_id)[-1] == ("Bea", Standing.CONFIRMED)
    begun = db.session.scalars(select(SignupEvent).order_by(SignupEvent.id.desc())).first()
    assert begun is not None
    assert begun.by_user_id == boss.id
    assert "agreed to swap" in set(db.session.scalars(select(AuditEvent.action)))


def test_a_managers_no_changes_nothing(strict: Opportunity, sign_in: SignIn) -> None:
    anna, bea = held(strict, 3, "Anna Apple"), held(strict, 5, "Bea Berry")
    swap = accept(ask(anna, bea), bea)
    client = sign_in(make.manager(strict.group))
    client.post(f"/groups/{strict.group_id}/swaps/{swap.id}/refuse")
    assert state(swap) == SwapState.TURNED_DOWN
    assert on(anna.shift_id) == [("Anna", Standing.CONFIRMED)]


def told(purpose: str) -> Message:
    """The one email of this purpose."""
    db.session.rollback()
    rows = select(Message).where(Message.purpose == purpose, Message.channel == Channel.EMAIL)
    return db.session.scalars(rows).one()


def test_both_hear_of_a_managers_no_in_whole_sentences(
    strict: Opportunity, sign_in: SignIn
) -> None:
    anna, bea = held(strict, 3, "Anna Apple"), held(strict, 5, "Bea Berry")
    swap = accept(ask(anna, bea), bea)
    client = sign_in(make.manager(strict.group))
    client.post(f"/groups/{strict.group_id}/swaps/{swap.id}/refuse")
    to_anna, to_bea = told("swap-no"), told("swap-off")
    assert (to_anna.volunteer_id, to_bea.volunteer_id) == (anna.volunteer_id, bea.volunteer_id)
    assert "managers do not agree to this swap. You still have your place" in to_anna.body
    assert "managers do not agree to this swap. You do not take Anna’s place" in to_bea.body
    assert "You still have yours" in to_bea.body


def test_who_said_yes_hears_that_it_is_called_back_once(strict: Opportunity) -> None:
    anna, bea = held(strict, 3, "Anna Apple"), held(strict, 5, "Bea Berry")
    swap = accept(ask(anna, bea, in_return=False), bea)
    for _ in range(2):
        service.call_back(swap.id, anna.volunteer_id)
    to_bea = told("swap-off")
    assert to_bea.volunteer_id == bea.volunteer_id
    assert "Anna keeps their place. You do not take Anna’s place" in to_bea.body
    assert "You still have yours" not in to_bea.body


def test_another_groups_swap_is_not_there(strict: Opportunity, sign_in: SignIn) -> None:
    anna, bea = held(strict, 3, "Anna Apple"), held(strict, 5, "Bea Berry")
    swap = accept(ask(anna, bea), bea)
    other = make.group()
    client = sign_in(make.manager(other))
    assert client.post(f"/groups/{other.id}/swaps/{swap.id}/agree").status_code == 404
    assert "Anna" not in client.get(f"/groups/{other.id}/swaps").text


# The screens.


def test_one_asks_on_the_page_and_sees_what_became_of_it(
    anna: Signup, bea: Signup, app: Flask, sign_in: SignIn
) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id, name="Mia Mine")
    mine = make.signup(
        make.shift(anna.shift.opportunity, starts_at=clock.now() + timedelta(days=8)), me
    )
    client = sign_in(user)
    path = f"/shifts/{mine.shift_id}/swap"
    page = client.get(path).text
    assert "Bea:" in page
    assert "Berry" not in page
    assert "Choose whom you would like to ask" in client.post(path, data={"how": "swap"}).text
    client.post(path, data={"whom": str(bea.id), "how": "swap"})
    assert "You have asked Bea" in client.get(path).text
    swap = db.session.scalars(select(Swap)).one()
    client.post(f"{path}/{swap.id}/call-back")
    assert state(swap) == SwapState.ENDED


@pytest.mark.parametrize("whom", ["x", "0", "999999"])
def test_nonsense_asks_nobody(anna: Signup, bea: Signup, sign_in: SignIn, whom: str) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id)
    mine = make.signup(
        make.shift(anna.shift.opportunity, starts_at=clock.now() + timedelta(days=8)), me
    )
    page = sign_in(user).post(f"/shifts/{mine.shift_id}/swap", data={"whom": whom, "how": "swap"})
    assert "There is a problem" in page.text
    assert db.session.scalars(select(Swap)).all() == []


def test_the_link_shows_and_only_the_button_swaps(
    anna: Signup, bea: Signup, client: FlaskClient
) -> None:
    swap = ask(anna, bea)
    path = f"/swap/{telling.token(swap.id, bea.volunteer_id)}"
    answer = client.get(path)
    assert "Anna asks for a swap" in answer.text
    assert "Apple" not in answer.text
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert state(swap) == SwapState.OPEN
    assert "The shift is yours" in client.post(path, data={"answer": "yes"}).text
    assert on(anna.shift_id)[-1] == ("Bea", Standing.CONFIRMED)
    assert "no longer open" in client.post(path, data={"answer": "yes"}).text
    assert client.get("/swap/forged.token").status_code == 404


def test_the_link_swaps_over_tls_with_the_guard_of_the_forms(
    anna: Signup, bea: Signup, app: Flask
) -> None:
    swap = ask(anna, bea)
    path = f"/swap/{telling.token(swap.id, bea.volunteer_id)}"
    assert "The shift is yours" in over_tls.press(app, path, {"answer": "yes"}).text


def test_a_swap_stands_on_my_shifts_until_it_is_answered(
    role: Opportunity, anna: Signup, sign_in: SignIn
) -> None:
    user = make.user()
    me = make.volunteer(user_id=user.id)
    make.signup(make.shift(role, starts_at=clock.now() + timedelta(days=8)), me)
    client = sign_in(user)
    swap = ask(anna)
    page = client.get("/my/shifts").text
    assert "Anna cannot come. Can you?" in page
    assert telling.token(swap.id, me.id) in page
    service.call_back(swap.id, anna.volunteer_id)
    assert "Anna cannot come" not in client.get("/my/shifts").text


def test_swaps_are_told_and_forgotten_with_the_person(anna: Signup, bea: Signup) -> None:
    ask(anna, bea)
    assert volunteers.everything_held(bea.volunteer_id)["swaps"][0]["state"] == "open"
    volunteers.erase(bea.volunteer_id)
    assert db.session.scalars(select(Swap)).all() == []


# At the same moment.


def at_once(app: Flask, *calls: Callable[[], object]) -> Counter[str]:
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
    return Counter(outcomes)


def test_of_many_who_say_yes_at_once_one_has_the_place(
    app: Flask, role: Opportunity, anna: Signup
) -> None:
    others = [held(role, 5 + n, f"Other{n} X").volunteer_id for n in range(5)]
    swap, shift_id = ask(anna).id, anna.shift_id
    db.session.remove()
    outcomes = at_once(
        app,
        *(
            lambda who=who: service.accept(swap, who, Way.LINK)  # type: ignore[misc] # a default
            for who in others
        ),
    )
    assert outcomes == {"done": 1, "refused": 4}
    assert [s for _, s in on(shift_id)] == [Standing.WITHDRAWN, Standing.CONFIRMED]


@pytest.mark.parametrize("leaver", ["giver", "taker"])
def test_one_who_leaves_while_the_other_says_yes_leaves_no_double_place(
    app: Flask, anna: Signup, bea: Signup, leaver: str
) -> None:
    swap = ask(anna, bea).id
    first, second = anna.shift_id, bea.shift_id
    a, b = anna.volunteer_id, bea.volunteer_id
    place = (first, a) if leaver == "giver" else (second, b)
    db.session.remove()
    outcomes = at_once(
        app,
        lambda: service.accept(swap, b, Way.LINK),
        lambda: places.withdraw(*place, way=Way.WEB),
    )
    assert set(outcomes) <= {"done", "refused"}, outcomes
    live = {
        shift_id: [name for name, standing in on(shift_id) if standing == Standing.CONFIRMED]
        for shift_id in (first, second)
    }
    swapped = {first: ["Bea"], second: ["Anna"]}
    left = {first: ["Anna"], second: ["Bea"]} | {place[0]: []}
    assert live in (swapped, left)


def test_two_swaps_the_other_way_round_at_once_do_not_stop_each_other(
    app: Flask, anna: Signup, bea: Signup
) -> None:
    there, back = ask(anna, bea).id, ask(bea, anna).id
    a, b = anna.volunteer_id, bea.volunteer_id
    shifts = (anna.shift_id, bea.shift_id)
    db.session.remove()
    outcomes = at_once(
        app,
        lambda: service.accept(there, b, Way.LINK),
        lambda: service.accept(back, a, Way.LINK),
    )
    assert outcomes == {"done": 1, "refused": 1}
    for shift_id in shifts:
        assert [s for _, s in on(shift_id)].count(Standing.CONFIRMED) == 1
