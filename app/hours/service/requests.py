"""Hours that volunteers ask a group to count, and what its managers say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import exists, func, select

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.hours import letters, rules
from app.hours.models import HoursRequest, RequestState
from app.hours.service.attendance import correct, must_be_sensible
from app.opportunities.models import Shift
from app.signups.models import OCCUPYING, Signup, Standing
from app.signups.rows import lock_volunteer
from app.volunteers.models import GroupVolunteer

FEWEST_MINUTES: Final = 5
MOST_MINUTES: Final = 24 * 60
OLDEST: Final = timedelta(days=366)
MOST_WAITING: Final = 30
LONGEST: Final = 300


def ask(volunteer_id: int, group_id: int, day: date, minutes: int, what: str) -> HoursRequest:
    """Ask a group to count time given beside any shift, on a local day.

    Asked twice in the same words while it waits is asked once: the form was sent again.
    Raises `Refusal` beside `group`, `day`, `hours` or `what`.
    """
    what = _words(what)
    today = clock.today(current_app.config["TIMEZONE"])
    if day > today:
        raise Refusal(gettext("This day is still to come."), "day")
    if day < today - OLDEST:
        raise Refusal(gettext("We can add hours of the last 12 months."), "day")
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise Refusal(gettext("Enter from 5 minutes to 24 hours."), "hours")
    with transaction():
        knows = db.session.scalar(
            select(
                exists().where(
                    GroupVolunteer.volunteer_id == volunteer_id,
                    GroupVolunteer.group_id == group_id,
                )
            )
        )
        if not knows:
            raise Refusal(gettext("Choose a group that you have helped."), "group")
        lock_volunteer(volunteer_id)  # one of two presses at once waits, and sees the other's
        asked = db.session.scalar(
            select(HoursRequest).where(
                HoursRequest.volunteer_id == volunteer_id,
                HoursRequest.group_id == group_id,
                HoursRequest.signup_id.is_(None),
                HoursRequest.day == day,
                HoursRequest.minutes == minutes,
                HoursRequest.what == what,
                HoursRequest.state == RequestState.WAITING,
            )
        )
        return asked or _add(
            HoursRequest(
                volunteer_id=volunteer_id, group_id=group_id, day=day, minutes=minutes, what=what
            )
        )


def ask_to_correct(
    volunteer_id: int, signup_id: int, came_at: datetime, left_at: datetime, what: str
) -> HoursRequest:
    """Ask a group to put right when one came to a shift and left it.

    Raises `Refusal` beside `came`, `left` or `what`, and `LookupError` for a
    sign-up that is not this volunteer's.
    """
    what = _words(what)
    with transaction():
        signup = db.session.get(Signup, signup_id)
        if signup is None or signup.volunteer_id != volunteer_id:
            raise LookupError("Not this volunteer's sign-up.")
        if signup.standing not in (*OCCUPYING, Standing.EXCUSED):
            raise Refusal(gettext("You had no place on this shift. Add the hours instead."))
        shift: Shift = signup.shift
        must_be_sensible(shift, came_at, left_at)
        waits = db.session.scalar(
            select(HoursRequest.id).where(
                HoursRequest.signup_id == signup_id, HoursRequest.state == RequestState.WAITING
            )
        )
        if waits is not None:
            raise Refusal(gettext("You have asked already. The group looks at it."))
        return _add(
            HoursRequest(
                volunteer_id=volunteer_id,
                group_id=shift.opportunity.group_id,
                signup_id=signup_id,
                day=came_at.astimezone(letters.zone_of(shift)).date(),
                minutes=rules.minutes_stated(came_at, left_at),
                came_at=came_at,
                left_at=left_at,
                what=what,
            )
        )


def take_back(request_id: int, volunteer_id: int) -> None:
    """The volunteer no longer asks. Harmless for one that is decided, or not theirs."""
    with transaction():
        row = _locked(request_id)
        if row and row.volunteer_id == volunteer_id and row.state == RequestState.WAITING:
            row.state = RequestState.WITHDRAWN


def decide(
    request_id: int, group_id: int, *, approves: bool, answer: str = "", by_user_id: int
) -> HoursRequest:
    """A manager of the group approves hours, or refuses them with a reason; they are told.

    Raises `Refusal` beside `answer` for a refusal without a reason, for one's
    own hours and for what is decided already; `LookupError` for another
    group's.
    """
    answer = " ".join(answer.split())[:LONGEST]
    with transaction():
        row = _locked(request_id)
        if row is None or row.group_id != group_id:
            raise LookupError("Not this group's request.")
        if row.state != RequestState.WAITING:
            raise Refusal("Somebody has decided this already.")
        if row.volunteer.user_id == by_user_id:
            raise Refusal("These are your own hours. Another manager must look at them.")
        if not approves and not answer:
            raise Refusal("Say why, in a few words: they are told.", "answer")
        row.state = RequestState.APPROVED if approves else RequestState.REFUSED
        row.decided_by_id, row.decided_at, row.answer = by_user_id, clock.now(), answer
        if approves and row.signup_id is not None and row.came_at and row.left_at:
            correct(
                row.signup_id,
                row.came_at,
                row.left_at,
                f"They asked for it: {row.what}",
                by_user_id=by_user_id,
            )
        db.session.flush()
        audit.record("decided hours", subject=row, group_id=group_id, actor_id=by_user_id)
        letters.tell_decision(row)
        return row


def _add(row: HoursRequest) -> HoursRequest:
    waiting = db.session.scalar(
        select(func.count()).where(
            HoursRequest.volunteer_id == row.volunteer_id,
            HoursRequest.state == RequestState.WAITING,
        )
    )
    if (waiting or 0) >= MOST_WAITING:
        raise Refusal(
            gettext("Many of your requests wait already. Let the groups answer them first.")
        )
    db.session.add(row)
    db.session.flush()
    return row


def _words(what: str) -> str:
    what = " ".join(what.split())
    if not what:
        raise Refusal(gettext("Say what you did, in a few words."), "what")
    if len(what) > LONGEST:
        raise Refusal(gettext("Use %(most)s letters or fewer.", most=LONGEST), "what")
    return what


def _locked(request_id: int) -> HoursRequest | None:
    """The lock "hours request": its row, held until the commit; two managers take turns."""
    return db.session.scalar(
        select(HoursRequest)
        .where(HoursRequest.id == request_id)
        .with_for_update(of=HoursRequest)
        .execution_options(populate_existing=True)
    )
