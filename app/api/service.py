"""What a token may change, through the same services as the pages: same rules, same letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from app.accounts import audit
from app.api import problems, queries, shapes, telling
from app.api.door import Call
from app.api.models import ApiCall
from app.api.problems import Problem
from app.api.rules import local_face
from app.api.tokens import Bearer
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities import rules as opportunity_rules
from app.opportunities import service as opportunities
from app.opportunities.models import Shift
from app.rota.changing import service as changing
from app.rota.changing.drafts import OneShift, values_of_shift
from app.signups import cancelling, screens
from app.signups import queries as signup_queries
from app.signups import service as signups
from app.signups.models import LIVE, Signup, Way
from app.signups.rows import locked

KEEP_FOR: Final = timedelta(days=1)
_FURTHEST: Final = timedelta(days=5 * 366)


def _cause(bearer: Bearer) -> str:
    return f"api:{bearer.token_id}"


def _note(bearer: Bearer, action: str, subject: object, group_id: int) -> None:
    audit.record(
        action,
        subject=subject,
        group_id=group_id,
        actor_id=bearer.made_by_id,
        token=bearer.token_id,
    )


def add_shift(call: Call) -> int:
    """Add a time to a role; its number. Raises `Refusal`, or 404 for another group's role."""
    asked: shapes.NewShift = call.body
    role = queries.opportunity(call.bearer, asked.opportunity_id)
    if role is None:
        raise Refusal("This role is not one of the group’s.", "opportunity_id")
    said = _said_time(asked.starts_at, asked.ends_at, role.site.zone)
    shift = opportunities.add_shift(
        role.group_id, role.id, **said, places=asked.places, minimum=asked.minimum
    )
    _note(call.bearer, "added shift by the API", shift, role.group_id)
    return shift.id


def edit_shift(call: Call, shift_id: int) -> None:
    """Change a shift that is as the caller has read it; its people are told of a new time.

    It is kept as a change of the rota, which can be undone; one that asks for what is
    changes nothing. The places of a shift with a team are refused: its duties say them.
    Raises `Refusal`, 404, or 412 when somebody has changed it, or a place on
    it was taken or left, since it was read.
    """
    asked: shapes.ShiftChange = call.body
    if not asked.model_fields_set:
        raise Problem(problems.INVALID, "Say at least one thing to change.")
    with transaction():
        shift = _locked(call, shift_id)
        group_id = shift.opportunity.group_id
        starts_at = asked.starts_at or shift.starts_at.replace(second=0, microsecond=0)
        ends_at = asked.ends_at or shift.ends_at.replace(second=0, microsecond=0)
        said = _said_time(starts_at, ends_at, shift.site.zone)
        change = OneShift(
            group_id=group_id,
            shift_id=shift_id,
            values=replace(
                values_of_shift(shift),
                **said,
                places=shift.places if asked.places is None else asked.places,
                minimum=shift.minimum if asked.minimum is None else asked.minimum,
            ),
        )
        # As by the page, so that a manager reads of it and can undo it.
        if changing.do(change, call.bearer.made_by_id) is None:
            return
        _note(call.bearer, "changed shift by the API", shift, group_id)


def cancel_shift(call: Call, shift_id: int) -> int:
    """Cancel a shift, whose people are told why. Raises as `edit_shift` does."""
    shift = _locked(call, shift_id)
    group_id = shift.opportunity.group_id
    cancelling.cancel_shift(shift_id, call.bearer.made_by_id, call.body.reason)
    _note(call.bearer, "cancelled shift by the API", shift, group_id)
    return shift_id


def _locked(call: Call, shift_id: int) -> Shift:
    """A shift of the bearer's, held till the commit, that is as the caller has read it."""
    locked([shift_id])
    call.must_match(telling.shift_of(call.bearer, shift_id))
    shift = queries.shift(call.bearer, shift_id)
    assert shift is not None
    return shift


def _said_time(starts_at: datetime, ends_at: datetime, zone: str) -> dict[str, Any]:
    """Two moments as a form says them: a local day and two clock faces.

    Raises `Refusal` where those would not mean the same two moments: for more
    than a day, for parts of a minute, and for the hour that comes twice.
    """
    if starts_at > clock.now() + _FURTHEST or starts_at.year < clock.now().year - 5:
        raise Refusal("This is too far from today. Check the year.", "starts_at")
    if ends_at <= starts_at:
        raise Refusal("The end must be after the start.", "ends_at")
    if ends_at - starts_at > opportunity_rules.LONGEST_SHIFT:
        raise Refusal("A shift can be 24 hours long at most.", "ends_at")
    tz = ZoneInfo(zone)
    start, end = local_face(starts_at, tz), local_face(ends_at, tz)
    said: dict[str, Any] = {
        "day": start.date(),
        "starts": time(start.hour, start.minute),
        "ends": time(end.hour, end.minute),
    }
    if said["starts"] == said["ends"] or opportunity_rules.span(**said, zone=zone) != (
        starts_at,
        ends_at,
    ):
        raise Refusal(
            "In the site’s time zone these are not two plain clock times: the clocks change "
            "between them, or it is a whole day.",
            "starts_at",
        )
    return said


def sign_up(call: Call, shift_id: int) -> tuple[int, int]:
    """Put one of the group's people on a shift, or in its queue; the sign-up's number.

    Harmless when they are on it: then the status beside the number is 200, not
    201. Raises `Refusal` for whoever may not take it.
    """
    shift = queries.shift(call.bearer, shift_id)
    if shift is None:
        raise Problem(problems.NOT_FOUND)
    group_id = shift.opportunity.group_id
    volunteer_id: int = call.body.volunteer_id
    if volunteer_id not in screens.on_list(group_id, [volunteer_id]):
        raise Refusal("This volunteer is not on the group’s list.", "volunteer_id")
    there = signup_queries.live_of(volunteer_id, shift_id)
    if there is not None:
        return there.id, 200
    signup = signups.claim(
        shift_id,
        volunteer_id,
        way=Way.MANAGER,
        cause=_cause(call.bearer),
        by_user_id=call.bearer.made_by_id,
        slot_id=call.body.slot_id,
    )
    _note(call.bearer, "signed up volunteer by the API", signup, group_id)
    return signup.id, 201


def withdraw(call: Call, signup_id: int) -> int:
    """Take somebody off a shift; harmless when they have left. Raises `Refusal`, or 404."""
    signup = queries.signup(call.bearer, signup_id)
    if signup is None:
        raise Problem(problems.NOT_FOUND)
    if signup.standing not in LIVE:
        return signup_id
    group_id = signup.shift.opportunity.group_id
    signups.withdraw(
        signup.shift_id,
        signup.volunteer_id,
        way=Way.MANAGER,
        reason=call.body.reason or "",
        by_user_id=call.bearer.made_by_id,
    )
    _note(call.bearer, "withdrew volunteer by the API", db.session.get(Signup, signup_id), group_id)
    return signup_id


def forget_old_calls() -> None:
    """Forget the keys of POSTs after a day: nobody repeats a request that long."""
    with transaction():
        db.session.execute(delete(ApiCall).where(ApiCall.created_at < clock.now() - KEEP_FOR))
