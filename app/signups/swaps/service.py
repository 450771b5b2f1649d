"""Asking for a swap, saying yes or no to it, and the managers' word.

Locks, always in this order: the shifts' rows by their ids, then the
volunteers'. The swap itself is read afresh under the shifts' locks, so of two
who say yes at the same moment one has it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import or_, update

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction
from app.opportunities.models import Shift
from app.signups import approving, facts, letters, waiting
from app.signups.models import Signup, Standing, Way
from app.signups.placing import judge
from app.signups.rows import end, live, lock_volunteer, locked, note
from app.signups.rules import SETTLED_BY_MANAGER
from app.signups.signals import places_changed
from app.signups.swaps import queries, telling
from app.signups.swaps.models import PENDING, Swap, SwapState
from app.volunteers.models import Volunteer

OVER: Final = N_("This swap is no longer open. Thank you all the same!")


def ask(signup_id: int, volunteer_id: int, *, of_signup_id: int | None, in_return: bool) -> Swap:
    """Ask the person behind another place, or all on the role, to take one's own.

    `of_signup_id` names that place, one of `queries.colleagues`; with
    `in_return` one takes it in turn. Without it all on the role are asked, and
    whoever takes the place gives none. Raises `Refusal`, naming the field.
    """
    with transaction():
        signup = db.session.get(Signup, signup_id)
        if signup is None or signup.volunteer_id != volunteer_id:
            raise Refusal(gettext("You have no place on this shift."))
        locked([signup.shift_id])
        signup = db.session.get_one(Signup, signup_id, populate_existing=True)
        _must_be_held(signup)
        if queries.pending_of(signup_id) is not None:
            raise Refusal(
                gettext("You have asked for a swap of this shift already. Call it back first.")
            )
        others = queries.colleagues(signup)
        wanted = next((one for one in others if one.id == of_signup_id), None)
        if of_signup_id is not None and wanted is None:
            raise Refusal(gettext("Choose somebody from the list."), "whom")
        if not others:
            raise Refusal(gettext("Nobody else has a place on this role’s coming shifts."), "whom")
        if wanted is not None and in_return:
            _must_fit(wanted, signup.volunteer, beside=signup.shift_id, field="whom")
        swap = Swap(
            signup_id=signup.id,
            to_volunteer_id=wanted.volunteer_id if wanted else None,
            wanted_signup_id=wanted.id if wanted and in_return else None,
            state=SwapState.OPEN,
        )
        db.session.add(swap)
        db.session.flush()
        people = {one.volunteer_id: one.volunteer for one in ([wanted] if wanted else others)}
        for person in people.values():
            telling.ask(swap, person)
        return swap


def accept(swap_id: int, volunteer_id: int, way: Way) -> Swap:
    """Say yes: both change at once or, where the group wants it so, once a manager agrees.

    Raises `Refusal` when it is not open to this person, or either may not have
    the other's place.
    """
    with transaction():
        swap, shifts = _locked(swap_id)
        if swap.state != SwapState.OPEN or not queries.is_current(swap):
            raise Refusal(gettext(OVER))
        giver_id = swap.signup.volunteer_id
        people = {one: lock_volunteer(one) for one in sorted({giver_id, volunteer_id})}
        _must_be_for(swap, volunteer_id)
        _check(swap, people[giver_id], people[volunteer_id])
        swap.taken_by_id = volunteer_id
        if shifts[0].opportunity.group.swaps_need_yes:
            swap.state = SwapState.ACCEPTED
            db.session.flush()
            db.session.refresh(swap)
            telling.awaits_managers(swap)
            return swap
        _carry_out(swap, people[volunteer_id], way, None)
        return swap


def turn_down(swap_id: int, volunteer_id: int) -> None:
    """The person who was asked says no. Of a swap that is put to all, others may still take it.

    Again is harmless.
    """
    with transaction():
        swap, _ = _locked(swap_id)
        if swap.state == SwapState.OPEN and swap.to_volunteer_id == volunteer_id:
            _end(swap, SwapState.TURNED_DOWN)
            by = swap.to.first_name if swap.to else ""
            telling.turned_down(swap, by)


def call_back(swap_id: int, volunteer_id: int) -> None:
    """Who asked has changed their mind; somebody who has said yes already is told.

    Again is harmless, and what is done stays done.
    """
    with transaction():
        swap, _ = _locked(swap_id)
        if swap.state in PENDING and swap.signup.volunteer_id == volunteer_id:
            was_accepted = swap.state == SwapState.ACCEPTED
            _end(swap, SwapState.ENDED)
            if was_accepted and swap.taken_by is not None:
                telling.called_off(swap, swap.signup.volunteer.first_name)


def decide(swap_id: int, by_user_id: int, *, agrees: bool) -> Swap:
    """A manager's word on a swap to which both have agreed.

    Both hear of it. Raises `Refusal` when there is nothing to decide any more, or it
    cannot be done by now.
    """
    with transaction():
        swap, shifts = _locked(swap_id)
        if swap.state != SwapState.ACCEPTED or swap.taken_by_id is None:
            raise Refusal(gettext("There is nothing to decide about this swap any more."))
        swap.decided_by_id = by_user_id
        audit.record(
            "agreed to swap" if agrees else "refused swap",
            subject=swap,
            group_id=shifts[0].opportunity.group_id,
        )
        if not agrees:
            _end(swap, SwapState.TURNED_DOWN)
            telling.turned_down(swap)
            telling.called_off(swap)
            return swap
        if not queries.is_current(swap):
            raise Refusal(gettext("One of the places is not held any more, so they cannot swap."))
        giver_id, taker_id = swap.signup.volunteer_id, swap.taken_by_id
        people = {one: lock_volunteer(one) for one in sorted({giver_id, taker_id})}
        _check(swap, people[giver_id], people[taker_id])
        _carry_out(swap, people[taker_id], Way.MANAGER, by_user_id)
        return swap


def _locked(swap_id: int) -> tuple[Swap, list[Shift]]:
    """Lock the shifts of a swap, then read it afresh; the first is the one given away."""
    swap = queries.whole(swap_id)
    if swap is None:
        raise Refusal(gettext(OVER))
    ids = [swap.signup.shift_id, *([swap.wanted.shift_id] if swap.wanted else [])]
    shifts = {shift.id: shift for shift in locked(ids)}
    fresh = queries.whole(swap_id)
    if fresh is None:
        raise Refusal(gettext(OVER))
    return fresh, [shifts[one] for one in ids]


def _must_be_held(signup: Signup) -> None:
    if signup.standing != Standing.CONFIRMED or not approving.is_open(signup.shift):
        raise Refusal(gettext("Only a place that you have on a shift to come can be swapped."))


def _must_be_for(swap: Swap, volunteer_id: int) -> None:
    """Named, it is for that person; put to all, for whoever has a place on the role."""
    if swap.to_volunteer_id is not None:
        if swap.to_volunteer_id != volunteer_id:
            raise Refusal(gettext(OVER))
    elif not queries.colleagues(swap.signup, volunteer_id):
        raise Refusal(gettext("This swap is for people who have a place on the same role."))


def _check(swap: Swap, giver: Volunteer, taker: Volunteer) -> None:
    """Raise `Refusal` unless each may have the place of the other, without their own."""
    wanted = swap.wanted
    _must_fit(swap.signup, taker, beside=wanted.shift_id if wanted else None)
    held = live([swap.signup.shift_id], taker.id)
    if held is not None and held.standing == Standing.CONFIRMED:
        raise Refusal(gettext("You are on this shift already."))
    if wanted is not None:
        try:
            _must_fit(wanted, giver, beside=swap.signup.shift_id)
        except Refusal as refusal:
            raise Refusal(
                gettext("%(name)s cannot take your shift by now.", name=giver.first_name)
            ) from refusal


def _must_fit(place: Signup, person: Volunteer, *, beside: int | None, field: str = "") -> None:
    """Raise `Refusal` unless the person may have this very place, once `beside` is given away."""
    busy = facts.busy_beside(person.id, place.shift, but=beside)
    # Both have places on the role, so that they may be on it has been settled.
    judged = judge(place.shift, person, busy=busy, settled=SETTLED_BY_MANAGER)
    if judged.hindrance:
        raise Refusal(judged.hindrance.sentence, field or None)
    if place.slot_id is not None:
        judged.must_do(place.slot_id)


def _carry_out(swap: Swap, taker: Volunteer, way: Way, by_user_id: int | None) -> None:
    """Both changes, each with its events: the old places end, the new ones begin."""
    given, wanted = swap.signup, swap.wanted
    giver_id = given.volunteer_id
    overtaken = live([given.shift_id], taker.id)
    back = live([wanted.shift_id], giver_id) if wanted else None
    for one in (overtaken, back):
        if one is not None:  # they waited, or were offered a place: now they have one
            end(one, Standing.WITHDRAWN, way, by_user_id, letters.SWAPPED)
    end(given, Standing.WITHDRAWN, way, by_user_id, letters.SWAPPED)
    if wanted is not None:
        end(wanted, Standing.WITHDRAWN, way, by_user_id, letters.SWAPPED)
    swap.state, swap.ended_at = SwapState.DONE, clock.now()
    db.session.flush()
    begun = [_begin(swap, given, taker.id, way, by_user_id)]
    if wanted is not None:
        begun.append(_begin(swap, wanted, giver_id, way, by_user_id))
    ended = [one for one in (given, wanted) if one is not None]
    _overtake([one.id for one in ended])
    for signup in (*ended, *begun):
        letters.tell(signup)
    for signup in ended:
        waiting.fill(signup.shift)
        places_changed.send(signup.shift_id)


def _begin(
    swap: Swap, place: Signup, volunteer_id: int, way: Way, by_user_id: int | None
) -> Signup:
    signup = Signup(
        shift_id=place.shift_id,
        volunteer_id=volunteer_id,
        slot_id=place.slot_id,
        standing=Standing.CONFIRMED,
        way=way,
        cause=f"swap:{swap.id}",
        by_user_id=by_user_id,
        confirmed_at=clock.now(),
        agreed_revision=place.shift.revision,
    )
    db.session.add(signup)
    db.session.flush()
    note(signup, None, way, by_user_id, "Took the place by a swap")
    return signup


def _overtake(signup_ids: list[int]) -> None:
    """Other swaps about these places have nothing to be about any more."""
    db.session.execute(
        update(Swap)
        .where(
            Swap.state.in_(PENDING),
            or_(Swap.signup_id.in_(signup_ids), Swap.wanted_signup_id.in_(signup_ids)),
        )
        .values(state=SwapState.ENDED, ended_at=clock.now())
    )


def _end(swap: Swap, state: SwapState) -> None:
    swap.state, swap.ended_at = state, clock.now()
    db.session.flush()


def of_group(group_id: int, swap_id: int) -> Swap | None:
    """A swap on a shift of this group, or None."""
    swap = queries.whole(swap_id)
    is_theirs = swap is not None and swap.signup.shift.opportunity.group_id == group_id
    return swap if is_theirs else None
