"""Checking in and out, taking it back, and putting it right; each keeps its history.

The lock that matters is the shift's row (`signups.rows.with_shift`): two
hands that press at the same moment take turns, and the second finds it done.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.hours import rules
from app.hours.models import Attendance, AttendanceChange, Seen
from app.opportunities.models import Shift, Stage
from app.signups import attending, rows
from app.signups.models import Signup, Standing, Way

_WAYS: Final = {
    Seen.BOARD: Way.MANAGER,
    Seen.MANAGER: Way.MANAGER,
    Seen.TEXT: Way.TEXT,
    Seen.ASKED: Way.LINK,
    Seen.RULE: Way.RULE,
}


def check_in(signup_id: int, seen: Seen, *, by_user_id: int | None = None) -> Attendance:
    """Note that the holder of a place is here, now.

    Again is harmless; who had left and comes back is here again from the
    first arrival on. Raises `Refusal` too early, after the end, for a shift
    that was cancelled and for a sign-up without a place.
    """
    with transaction():
        signup, shift = rows.with_shift(signup_id)
        must_be_open(shift)
        row = _of(signup)
        was_there = signup.standing == Standing.ATTENDED
        if was_there and row.is_here:
            return row
        before = _state(row, signup)
        if not (was_there and row.came_at):
            row.came_at, row.came_by = clock.now(), seen
        row.left_at = row.left_by = None
        row.is_exact = False
        _count(row, signup, shift, seen, by_user_id)
        _keep(row, before, seen, by_user_id)
        return row


def check_in_extra(
    shift_id: int, volunteer_id: int, seen: Seen, *, by_user_id: int | None = None
) -> Attendance:
    """Note that somebody is here beyond the places: their time counts, they take none.

    Whether they may be there at all is for the caller to ask
    (`service.walk_ins`). Raises `Refusal` outside the shift's time.
    """
    with transaction():
        shift = _locked(shift_id)
        must_be_open(shift)
        row = _row(shift_id, volunteer_id)
        if row is None:
            row = Attendance(shift_id=shift_id, volunteer_id=volunteer_id)
            db.session.add(row)
            db.session.flush()
        elif row.signup_id is None and row.is_here:
            return row
        before = _state(row, None)
        row.signup_id = row.signup = None
        row.came_at, row.came_by = row.came_at or clock.now(), seen
        row.left_at = row.left_by = None
        _count(row, None, shift, seen, by_user_id)
        _keep(row, before, seen, by_user_id)
        return row


def check_out(attendance_id: int, seen: Seen, *, by_user_id: int | None = None) -> Attendance:
    """Note that somebody leaves, now. Again is harmless.

    Raises `Refusal` for who is not here, and two hours after the planned end:
    then we ask them when it was.
    """
    with transaction():
        row, signup, shift = _held(attendance_id)
        if row.left_at is not None:
            return row
        if not rules.may_check_out(clock.now(), shift.ends_at):
            raise Refusal(
                gettext("This shift has been over for a while. Say when they left instead.")
            )
        return _leave(row, signup, shift, clock.now(), seen, by_user_id)


def say_when_left(attendance_id: int, left_at: datetime) -> Attendance:
    """The volunteer tells when they left, having forgotten to say so at the time.

    Raises `Refusal` beside `left` for a moment before they came, after now,
    or more than two hours after the planned end.
    """
    with transaction():
        row, signup, shift = _held(attendance_id)
        assert row.came_at is not None  # _held has seen to it
        if left_at <= row.came_at:
            raise Refusal(gettext("This is before you came. When did you leave?"), "left")
        if left_at > clock.now():
            raise Refusal(gettext("This is still to come. When did you leave?"), "left")
        if not rules.may_check_out(left_at, shift.ends_at):
            raise Refusal(
                gettext(
                    "This is more than two hours after the planned end. "
                    "Ask the group to count it: their managers can."
                ),
                "left",
            )
        return _leave(row, signup, shift, left_at, Seen.ASKED, None)


def take_planned_end(attendance_id: int) -> Attendance:
    """Nobody told us when they left, and we wait no longer: the planned end counts."""
    with transaction():
        row, signup, shift = _held(attendance_id)
        if row.left_at is not None:
            return row
        left_at = max(shift.ends_at, row.came_at or shift.ends_at)
        return _leave(
            row, signup, shift, left_at, Seen.RULE, None, "Nobody told us: the planned end counts."
        )


def undo(attendance_id: int, seen: Seen, *, by_user_id: int | None = None) -> Attendance:
    """Take back the last step: that they left or, before that, that they came.

    Raises `Refusal` for who has left, two hours after the planned end: nobody can leave
    after it, and the step before is not what was pressed for.
    """
    with transaction():
        row, signup, shift = _held(attendance_id)
        before = _state(row, signup)
        if row.left_at is not None:
            if not rules.may_check_out(clock.now(), shift.ends_at):
                raise Refusal(
                    gettext("This shift has been over for a while. Put the times right instead.")
                )
            row.left_at = row.left_by = None
            _count(row, signup, shift, seen, by_user_id)
        else:
            _clear(row)
            if signup is not None:
                attending.not_attend(
                    signup, Standing.CONFIRMED, way=_way(seen), by_user_id=by_user_id
                )
        _keep(row, before, seen, by_user_id, "Taken back.")
        return row


def mark_missing(signup_id: int, seen: Seen, *, by_user_id: int | None = None) -> Signup:
    """Note that the holder of a place did not come. Raises `Refusal` before the start."""
    with transaction():
        signup, shift = rows.with_shift(signup_id)
        if shift.starts_at > clock.now():
            raise Refusal("The shift has not begun yet: they may still come.")
        row = _row(shift.id, signup.volunteer_id)
        before = _state(row, signup) if row is not None else None
        attending.not_attend(signup, Standing.NO_SHOW, way=_way(seen), by_user_id=by_user_id)
        if row is not None and before is not None:
            _clear(row)
            _keep(row, before, seen, by_user_id, "Did not come.")
        return signup


def mark_due(signup_id: int, seen: Seen, *, by_user_id: int | None = None) -> Signup:
    """Take back that somebody did not come: they are expected again."""
    with transaction():
        signup, _shift = rows.with_shift(signup_id)
        if signup.standing == Standing.NO_SHOW:
            attending.not_attend(signup, Standing.CONFIRMED, way=_way(seen), by_user_id=by_user_id)
        return signup


def correct(
    signup_id: int,
    came_at: datetime,
    left_at: datetime,
    reason: str,
    *,
    by_user_id: int,
) -> Attendance:
    """A manager states when the holder of a place came and left; it counts as stated.

    Raises `Refusal` beside `came`, `left` or `reason`.
    """
    with transaction():
        signup, shift = rows.with_shift(signup_id)
        must_be_sensible(shift, came_at, left_at)
        if not reason.strip():
            raise Refusal("Say why, for the record.", "reason")
        row = _of(signup)
        before = _state(row, signup)
        row.came_at, row.left_at = came_at, left_at
        row.came_by = row.left_by = Seen.MANAGER
        row.is_exact = True
        _count(row, signup, shift, Seen.MANAGER, by_user_id)
        _keep(row, before, Seen.MANAGER, by_user_id, reason)
        return row


def must_be_sensible(shift: Shift, came_at: datetime, left_at: datetime) -> None:
    """Raise `Refusal` for times that cannot be those of this shift."""
    if left_at <= came_at:
        raise Refusal(gettext("They must leave after they came."), "left")
    if left_at > clock.now():
        raise Refusal(gettext("This is still to come."), "left")
    if came_at >= shift.ends_at or left_at <= shift.starts_at:
        raise Refusal(gettext("These times are not at the time of the shift."), "came")
    if came_at < shift.starts_at - rules.MOST_OFF:
        raise Refusal(gettext("This is more than six hours before the shift."), "came")
    if left_at > shift.ends_at + rules.MOST_OFF:
        raise Refusal(gettext("This is more than six hours after the shift."), "left")


def must_be_open(shift: Shift) -> None:
    """Raise `Refusal` outside the time in which people can check in."""
    if shift.stage == Stage.CANCELLED:
        raise Refusal(gettext("This shift has been cancelled."))
    now = clock.now()
    if now >= shift.ends_at:
        raise Refusal(gettext("This shift is over."))
    if not rules.may_check_in(now, shift.starts_at, shift.ends_at):
        raise Refusal(gettext("It is too early: check-in opens an hour before the shift begins."))


def _leave(
    row: Attendance,
    signup: Signup | None,
    shift: Shift,
    left_at: datetime,
    seen: Seen,
    by_user_id: int | None,
    reason: str = "",
) -> Attendance:
    before = _state(row, signup)
    row.left_at, row.left_by = left_at, seen
    _count(row, signup, shift, seen, by_user_id)
    _keep(row, before, seen, by_user_id, reason)
    return row


def _count(
    row: Attendance, signup: Signup | None, shift: Shift, seen: Seen, by_user_id: int | None
) -> None:
    """Reckon the minutes anew, and keep them where they belong."""
    assert row.came_at is not None  # who calls this has set it
    if row.is_exact and row.left_at is not None:
        minutes = rules.minutes_stated(row.came_at, row.left_at)
    else:
        minutes = rules.minutes_given(row.came_at, row.left_at, shift.starts_at, shift.ends_at)
    if signup is None:
        row.extra_minutes = minutes
    else:
        row.extra_minutes = None
        attending.attend(signup, shift, minutes, way=_way(seen), by_user_id=by_user_id)


def _clear(row: Attendance) -> None:
    row.came_at = row.left_at = row.came_by = row.left_by = row.extra_minutes = None
    row.is_exact = False


def _way(seen: Seen) -> Way:
    return _WAYS.get(seen, Way.SITE)


def _locked(shift_id: int) -> Shift:
    shifts = rows.locked([shift_id])
    if not shifts:
        raise Refusal(gettext("This shift does not exist any more."))
    return shifts[0]


def _row(shift_id: int, volunteer_id: int) -> Attendance | None:
    return db.session.scalar(
        select(Attendance)
        .where(Attendance.shift_id == shift_id, Attendance.volunteer_id == volunteer_id)
        .execution_options(populate_existing=True)
    )


def _of(signup: Signup) -> Attendance:
    """The attendance of a sign-up, made where there is none; its shift is locked."""
    row = _row(signup.shift_id, signup.volunteer_id)
    if row is None:
        row = Attendance(shift_id=signup.shift_id, volunteer_id=signup.volunteer_id)
        db.session.add(row)
    row.signup_id, row.signup = signup.id, signup
    db.session.flush()
    return row


def _held(attendance_id: int) -> tuple[Attendance, Signup | None, Shift]:
    """The attendance of somebody who came, with its sign-up, under the shift's lock."""
    shift_id = db.session.scalar(select(Attendance.shift_id).where(Attendance.id == attendance_id))
    if shift_id is None:
        raise Refusal(gettext("We have no such attendance any more."))
    shift = _locked(shift_id)
    row = db.session.get_one(Attendance, attendance_id, populate_existing=True)
    signup = None
    if row.signup_id is not None:
        signup = db.session.get_one(Signup, row.signup_id, populate_existing=True)
    if row.came_at is None or (signup is not None and signup.standing != Standing.ATTENDED):
        raise Refusal(gettext("This person is not marked as here."))
    return row, signup, shift


State = tuple[datetime | None, datetime | None, int | None]


def _state(row: Attendance, signup: Signup | None) -> State:
    counted = signup.attended_minutes if signup is not None else row.extra_minutes
    return row.came_at, row.left_at, counted


def _keep(
    row: Attendance, before: State, seen: Seen, by_user_id: int | None, reason: str = ""
) -> None:
    """Write one line of history."""
    db.session.flush()
    after = _state(row, row.signup)
    db.session.add(
        AttendanceChange(
            attendance_id=row.id,
            came_before=before[0],
            came_after=after[0],
            left_before=before[1],
            left_after=after[1],
            minutes_before=before[2],
            minutes_after=after[2],
            seen=seen,
            by_user_id=by_user_id,
            reason=reason.strip()[:300],
        )
    )
