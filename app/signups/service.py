"""Claiming a place, waiting, leaving: the one way in, whoever asks and however.

The lock that matters is the shift's row, taken by `_locked` before anything
is decided; the volunteer's row is locked after it, so that one person cannot
take two shifts at the same time. Always in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm.attributes import set_committed_value

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.opportunities.models import Shift, Stage
from app.opportunities.slots import of_shifts
from app.signups import approving, facts, leaving, letters, offers, waiting
from app.signups.models import HOLDING, OCCUPYING, Signup, Standing, Way
from app.signups.placing import Room, judge, settled_by
from app.signups.rows import end, live, lock_volunteer, locked, note, place_is_gone, with_shift
from app.signups.rules import Exclusion
from app.signups.signals import places_changed
from app.volunteers.service import know

# The group itself lets the person in: by a manager's hand, or at its door.
_LET_IN: Final = (Way.MANAGER, Way.SITE)
# Who stands at the door knows where to be; of standing places one letter tells, not one for each.
_TOLD_ALREADY: Final = (Way.SITE, Way.STANDING)


def claim(
    shift_id: int,
    volunteer_id: int,
    *,
    way: Way,
    cause: str = "",
    by_user_id: int | None = None,
    slot_id: int | None = None,
    clash_allowed: str = "",
    tell: bool = True,
) -> Signup:
    """Give the volunteer a place on the shift or, when full, in its queue.

    `slot_id` names what they want to do, where the shift has slots; without it
    they get the duty in which they are most needed. Claiming twice is
    harmless: the live sign-up is returned as it stands. `clash_allowed` is a
    manager's reason why they may have another place at the same time. Raises
    `Refusal` once the shift is closed, and for whoever may not hold a place on
    it. `tell` is off when the caller writes the answer itself.
    """
    return claim_one_of(
        [shift_id],
        volunteer_id,
        way=way,
        cause=cause,
        by_user_id=by_user_id,
        slot_id=slot_id,
        clash_allowed=clash_allowed,
        tell=tell,
    )


def claim_one_of(
    shift_ids: Sequence[int],
    volunteer_id: int,
    *,
    way: Way,
    cause: str = "",
    by_user_id: int | None = None,
    slot_id: int | None = None,
    clash_allowed: str = "",
    tell: bool = True,
) -> Signup:
    """Give the volunteer a place on the first of the shifts that has one for them.

    When each is full, a place in the queue of the first that they may take.
    Raises `Refusal`, of the first shift, when they may take none.
    """
    with transaction():
        shifts = {shift.id: shift for shift in locked(shift_ids)}
        wanted = [shifts[shift_id] for shift_id in shift_ids if shift_id in shifts]
        if not wanted:
            raise Refusal(gettext("This shift does not exist any more."))
        volunteer = lock_volunteer(volunteer_id)
        held = facts.around(volunteer_id, wanted)
        if held.live is not None:
            # Who is offered a place and asks for one has taken it, by whichever door.
            if held.live.standing == Standing.OFFERED:
                return offers.accept(held.live.id, way, tell=tell)
            return held.live
        slots = of_shifts(list(shifts))
        refusals: list[Refusal] = []
        possible: list[tuple[Shift, Room, bool]] = []
        for shift in wanted:
            try:
                _must_be_open(shift, way)
                judged = judge(
                    shift,
                    volunteer,
                    slots=slots.get(shift.id, []),
                    busy=held.busy_beside(shift),
                    settled=settled_by(way, clash_allowed),
                )
                if judged.hindrance:
                    raise judged.hindrance
                clashes = bool(clash_allowed) and Exclusion.CLASH in judged.found
                possible.append((shift, judged.room(slot_id), clashes))
            except Refusal as refusal:
                refusals.append(refusal)
        if not possible:
            raise refusals[0]
        chosen, room, clashes = next((one for one in possible if one[1].is_free), possible[0])
        asks_first, because = approving.asks_first(chosen.opportunity, way), ""
        if asks_first and room.is_free:
            because = approving.automatic_yes(chosen, volunteer)
        confirmed = room.is_free and (bool(because) or not asks_first)
        signup = Signup(
            shift_id=chosen.id,
            volunteer_id=volunteer_id,
            # Who must be approved first waits for the duty that they chose, or for any.
            slot_id=room.slot_id if confirmed else slot_id,
            agreed_revision=chosen.revision,
            standing=Standing.CONFIRMED if confirmed else Standing.WAITING,
            way=way,
            cause=cause,
            by_user_id=by_user_id,
            confirmed_at=clock.now() if confirmed else None,
            clash_allowed=clash_allowed[:300] if clashes else "",
        )
        db.session.add(signup)
        db.session.flush()
        if confirmed:
            # As the trigger has counted it: the row is locked, so nobody else's is among them.
            set_committed_value(chosen, "taken", chosen.taken + 1)
        elif asks_first and room.is_free:
            approving.start_clock(signup, chosen)
        note(signup, None, way, by_user_id, _allowed(signup))
        if because:
            note(signup, signup.standing, Way.RULE, None, because)
        # Whoever signs up becomes known to the group's managers. A place that a
        # manager gave opens nothing: the volunteer has not agreed to it.
        group_id = chosen.opportunity.group_id
        know(volunteer_id, group_id, "signed up", sees_profile=way not in (*_LET_IN, Way.STANDING))
        if way not in _TOLD_ALREADY:
            letters.tell(signup, sms=tell, because=because)
        if confirmed:
            places_changed.send(chosen.id, has_room_still=not chosen.is_full)
        return signup


def withdraw(
    shift_id: int,
    volunteer_id: int,
    *,
    way: Way,
    reason: str = "",
    by_user_id: int | None = None,
    tell: bool = True,
) -> Signup | None:
    """Take the volunteer off the shift and give the place to the next who waits.

    Whether it was in time or late stands on the sign-up; the managers hear of
    a late one at once. Returns the sign-up, or None when there was no live one. Raises `Refusal`
    once the shift is over: then attendance is what counts.
    """
    with transaction():
        shifts = locked([shift_id])
        signup = live([shift_id], volunteer_id)
        if not shifts or signup is None:
            return None
        if shifts[0].ends_at <= clock.now():
            raise Refusal(gettext("This shift is over."))
        signup.notice = leaving.notice_for(signup, shifts[0])
        end(signup, Standing.WITHDRAWN, way, by_user_id, reason)
        if way not in _TOLD_ALREADY:
            letters.tell(signup, sms=tell)
        waiting.fill(shifts[0])
        places_changed.send(shift_id, notice=signup.notice)
        leaving.announce(signup, shifts[0])
        return signup


def confirm(signup_id: int, by_user_id: int | None, clash_allowed: str = "") -> Signup:
    """A manager gives a waiting volunteer a place, past the queue's order if they wish.

    So does whoever is in charge in the building, behind the tablet's PIN: then nobody's
    account is known. `clash_allowed` as for `claim`. Raises `Refusal` when the shift is full or
    the person may not take it.
    """
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.standing in OCCUPYING:
            return signup
        if signup.standing == Standing.OFFERED:
            waiting.give(signup, Way.MANAGER, by_user_id)
            places_changed.send(shift.id)
            return signup
        if signup.standing != Standing.WAITING:
            raise Refusal(gettext("Only somebody who is waiting can be confirmed."))
        if shift.is_full:
            raise Refusal(gettext("Every place is taken. Add a place first, or let somebody wait."))
        _must_be_open(shift, Way.MANAGER)
        allowed = clash_allowed or signup.clash_allowed
        settled = settled_by(Way.MANAGER, allowed)
        judged = judge(shift, lock_volunteer(signup.volunteer_id), settled=settled)
        if judged.hindrance:
            raise judged.hindrance
        signup.clash_allowed = allowed[:300] if Exclusion.CLASH in judged.found else ""
        room = judged.room(signup.slot_id)
        if not room.is_free:
            raise Refusal(gettext("Every place that they could take is taken."))
        signup.slot_id = room.slot_id
        waiting.give(signup, Way.MANAGER, by_user_id, event=_allowed(signup))
        places_changed.send(shift.id)
        return signup


def decline(signup_id: int, by_user_id: int, reason: str = "") -> Signup:
    """A manager says no to a volunteer, who is told kindly, with the reason if there is one.

    Raises `Refusal` when the sign-up has ended already.
    """
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.standing not in (Standing.WAITING, Standing.OFFERED, Standing.CONFIRMED):
            raise Refusal(gettext("This sign-up has ended already."))
        end(signup, Standing.DECLINED, Way.MANAGER, by_user_id, reason)
        letters.tell(signup)
        waiting.fill(shift)
        places_changed.send(shift.id)
        return signup


def _allowed(signup: Signup) -> str | None:
    """What the event of a place says where a manager allowed an overlap; it goes on the trail."""
    if not signup.clash_allowed:
        return None
    group_id = signup.shift.opportunity.group_id
    audit.record("allowed two places at the same time", subject=signup, group_id=group_id)
    return f"Two places at the same time, allowed: {signup.clash_allowed}"


def mark(signup_id: int, standing: Standing, by_user_id: int) -> Signup:
    """Note what became of a place: attended, excused or no-show, or back to confirmed.

    Raises `Refusal` before the shift has begun, or for a sign-up without a place.
    """
    if standing not in (
        Standing.ATTENDED,
        Standing.EXCUSED,
        Standing.NO_SHOW,
        Standing.CONFIRMED,
    ):
        raise ValueError(f"{standing} is not a kind of attendance.")
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.standing not in (*OCCUPYING, Standing.EXCUSED):
            raise Refusal(gettext("This person had no place on the shift."))
        if shift.starts_at > clock.now():
            raise Refusal(gettext("The shift has not begun yet."))
        comes_back = standing in OCCUPYING and signup.standing == Standing.EXCUSED
        if comes_back and place_is_gone(signup, shift):
            raise Refusal(gettext("Their place has been given to somebody else."))
        before, signup.standing = signup.standing, standing
        length = shift.ends_at - shift.starts_at
        attended = standing == Standing.ATTENDED
        signup.attended_minutes = int(length.total_seconds() // 60) if attended else None
        db.session.flush()
        note(signup, before, Way.MANAGER, by_user_id)
        return signup


def promote(shift_id: int) -> int:
    """Give places that have come free to those who wait, in order; how many got one.

    Called when a manager adds places. Nobody is promoted where the group
    approves each person, or once the shift has begun.
    """
    with transaction():
        shifts = locked([shift_id])
        promoted = waiting.fill(shifts[0]) if shifts else 0
        if promoted:
            places_changed.send(shift_id)
        return promoted


def _must_be_open(shift: Shift, way: Way) -> None:
    if shift.stage == Stage.CANCELLED:
        raise Refusal(gettext("This shift has been cancelled."))
    if shift.stage != Stage.PUBLISHED or shift.opportunity.stage != Stage.PUBLISHED:
        raise Refusal(gettext("This shift is closed: nobody can join it now."))
    if shift.opportunity.group.is_closed and way != Way.MANAGER:
        raise Refusal(gettext("This group has closed: nobody can join its shifts now."))
    now = clock.now()
    # Somebody who turned up may still be added; others are too late once it began.
    if shift.ends_at <= now or (way not in _LET_IN and shift.starts_at <= now):
        raise Refusal(gettext("This shift has already begun."))


def move(signup_id: int, slot_id: int, by_user_id: int) -> Signup:
    """A manager gives somebody on the shift another duty; the person is told when they next look.

    Raises `Refusal` when the duty is full or the person may not do it.
    """
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.standing not in (Standing.CONFIRMED, Standing.WAITING, Standing.OFFERED):
            raise Refusal(gettext("Only somebody who is on the shift can get another duty."))
        if shift.ends_at <= clock.now():
            raise Refusal(gettext("This shift is over."))
        if signup.slot_id == slot_id:
            return signup
        judged = judge(shift, lock_volunteer(signup.volunteer_id))
        if signup.standing in HOLDING:
            slot = next((one for one in judged.slots if one.id == slot_id), None)
            if slot is not None and not slot.places_left:
                raise Refusal(f"“{slot.duty.name}” has no place free.")
        judged.must_do(slot_id)
        signup.slot_id = slot_id
        db.session.flush()
        duty = next(slot.duty.name for slot in judged.slots if slot.id == slot_id)
        note(signup, signup.standing, Way.MANAGER, by_user_id, f"New duty: {duty}")
        # Another place may be what somebody waits for.
        waiting.fill(shift)
        places_changed.send(shift.id)
        return signup
