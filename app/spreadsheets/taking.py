"""Taking the steps of a rota that comes back in, each through the very service of the pages.

In the caller's transaction, which may undo it all. Lock: the shifts, then the people,
each in the order of numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from flask import current_app
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from app.errands.pen import Pen
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities import new_shift
from app.opportunities import queries as opportunity_queries
from app.opportunities import rules as opportunity_rules
from app.opportunities.slots import Numbers, of_shift
from app.signups import cancelling, changes, screens, teams
from app.signups import service as signups
from app.signups.models import Signup, Standing, Way
from app.signups.rows import lock_people, locked
from app.spreadsheets import plan as plans
from app.spreadsheets import queries, rules
from app.spreadsheets.plan import Fault, Plan, Step
from app.spreadsheets.reading import Sheet
from app.volunteers.models import Volunteer

_TOLD_EVERY: Final = 10  # rows
_NAMED: Final = 30


def carry_out(
    group_id: int,
    sheets: Sequence[Sheet],
    by_user_id: int,
    pen: Pen | None = None,
    doing: str = "",
) -> dict[str, Any]:
    """Take each step in the open transaction; what came of it, as values that JSON can write.

    A step that is refused leaves no trace and becomes a fault of its row.
    """
    today = clock.today(current_app.config["TIMEZONE"])
    touched = _lock(plans.make(group_id, sheets, today))
    # Again, now that nobody else can change what it is about.
    plan = plans.make(group_id, sheets, today)
    last = db.session.scalar(select(func.max(Message.id))) or 0
    taken: list[Step] = []
    rows = [
        list(of_row) for _, of_row in groupby(plan.steps, key=lambda step: (step.sheet, step.row))
    ]
    for place, steps in enumerate(rows):
        if pen and place % _TOLD_EVERY == 0:
            pen.tell(place, len(rows), doing)
        step = steps[0]
        try:
            with db.session.begin_nested():  # a row is taken whole
                for step in steps:
                    _take(group_id, step, by_user_id)
        except Refusal as refusal:
            column = _FIELDS.get(refusal.field or "", step.changes[0][0])
            plan.faults.append(Fault(step.sheet, step.row, column, refusal.sentence))
        else:
            taken += steps
    return _outcome(plan, taken, _told(touched, last) if taken else [])


_FIELDS: Final = {
    "day": "Date",
    "starts": "Starts",
    "ends": "Ends",
    "places": "Places",
    "minimum": "Minimum",
    "team": "Duties",
    "reason": "Reason",
    "slot_id": "Duty",
    "name": "Name",
}


def _lock(plan: Plan) -> set[int]:
    """Hold every shift and then every person that the steps name; the shifts' numbers.

    Each in the order of numbers. A claim holds its shift and then its person
    too: so neither waits for the other for ever.
    """
    on_shifts = {step.number for step in plan.steps if step.what in _ABOUT_SHIFTS}
    of_signups = [step.number for step in plan.steps if step.what in ("confirm", "leave", "move")]
    people = {step.values["volunteer"] for step in plan.steps if step.what == "sign-up"}
    for shift_id, volunteer_id in db.session.execute(
        select(Signup.shift_id, Signup.volunteer_id).where(Signup.id.in_(of_signups))
    ):
        on_shifts.add(shift_id)
        people.add(volunteer_id)
    if on_shifts:
        locked(sorted(on_shifts))
    lock_people(people)
    return on_shifts


_ABOUT_SHIFTS: Final = ("edit", "cancel", "duties", "sign-up")


def _take(group_id: int, step: Step, by_user_id: int) -> None:
    """One step, through the service that the pages use. Raises `Refusal`."""
    values = step.values
    if step.what == "add":
        team = {duty: Numbers(places, least) for duty, places, least in values["team"]}
        # As on the page, where a time that the role has already is refused: a file that is
        # brought in twice makes its shifts once.
        new_shift.post(
            group_id,
            step.number,
            **plans.clock_times(values),
            places=values["places"],
            minimum=values["minimum"],
            every_week=False,
            team=team or None,
        )
    elif step.what == "edit":
        _edit(group_id, step)
    elif step.what == "duties":
        team = {duty: Numbers(places, least) for duty, places, least in values["team"]}
        teams.set_for_shift(group_id, step.number, team, values["minimum"], by_user_id)
    elif step.what == "cancel":
        cancelling.cancel_shift(step.number, by_user_id, values["reason"])
    elif step.what == "confirm":
        signups.confirm(step.number, by_user_id)
    elif step.what == "move":
        signups.move(step.number, _slot(values["shift"], values["duty"]), by_user_id)
    elif step.what == "leave":
        _leave(step, by_user_id)
    elif step.what == "sign-up":
        _sign_up(group_id, step, by_user_id)
    else:
        raise ValueError(step.what)


def _edit(group_id: int, step: Step) -> None:
    said = plans.clock_times(step.values)
    shift = opportunity_queries.shift_of(group_id, step.number)
    if not step.values["moves"]:
        zone = shift.site.zone
        faces = opportunity_rules.span(**said, zone=zone)
        minutes = [
            moment.replace(second=0, microsecond=0) for moment in (shift.starts_at, shift.ends_at)
        ]
        if list(faces) != minutes:
            # In the hour that comes twice, a clock time does not say which.
            raise Refusal("The clocks change during this shift. Change it on its own page.", "day")
    changes.edit_shift(
        group_id,
        step.number,
        **said,
        places=step.values["places"],
        minimum=step.values["minimum"],
    )


def _leave(step: Step, by_user_id: int) -> None:
    reason = step.values["reason"]
    if step.values["standing"] == Standing.DECLINED.value:
        signups.decline(step.number, by_user_id, reason)
        return
    signup = db.session.get_one(Signup, step.number)
    signups.withdraw(
        signup.shift_id,
        signup.volunteer_id,
        way=Way.MANAGER,
        reason=reason,
        by_user_id=by_user_id,
    )


def _sign_up(group_id: int, step: Step, by_user_id: int) -> None:
    volunteer_id = step.values["volunteer"]
    try:
        shift = opportunity_queries.shift_of(group_id, step.number)
    except NotFound:
        raise Refusal("Your group has no such shift.") from None
    if volunteer_id not in screens.on_list(group_id, [volunteer_id]):
        raise Refusal("This person is not on your list of volunteers.")
    name, written = db.session.get_one(Volunteer, volunteer_id).name, step.values["name"]
    if written and rules.tidy(written).casefold() != rules.tidy(name).casefold():
        # A row that was copied, with only one of the two changed, is about nobody for certain.
        raise Refusal(f"{rules.key('V', volunteer_id)} is “{name}”.", "name")
    step.title = f"{name}: {shift.opportunity.title}, {plans.spoken(queries.when(shift))}"
    duty = step.values["duty"]
    signups.claim(
        step.number,
        volunteer_id,
        way=Way.MANAGER,
        by_user_id=by_user_id,
        slot_id=_slot(step.number, duty) if duty else None,
    )


def _slot(shift_id: int, duty: str) -> int:
    for slot in of_shift(shift_id):
        if slot.duty.name.casefold() == duty.casefold():
            return slot.id
    raise Refusal(f"This shift has no duty “{duty}”.", "slot_id")


def _outcome(plan: Plan, taken: list[Step], told: list[str]) -> dict[str, Any]:
    steps = [
        {
            "sheet": step.sheet,
            "row": step.row,
            "what": step.what,
            "title": step.title,
            "changes": [list(change) for change in step.changes],
        }
        for step in taken
    ]
    faults = [asdict(fault) for fault in sorted(plan.faults, key=lambda one: (one.sheet, one.row))]
    touched = {(step.sheet, step.row) for step in plan.steps}
    touched |= {(fault.sheet, fault.row) for fault in plan.faults}
    held = json.dumps([steps, faults, told], sort_keys=True)
    return {
        "rows": plan.rows,
        "unchanged": plan.rows - len(touched),
        "unknown": plan.unknown[:20],
        "steps": steps,
        "faults": faults,
        "told": told[:_NAMED],
        "told_count": len(told),
        "fingerprint": hashlib.sha256(held.encode()).hexdigest(),
    }


def _told(shift_ids: set[int], last: int) -> list[str]:
    """Who is written to: the names on the ledger's letters since, of people of these shifts."""
    of_them = select(Signup.volunteer_id).where(Signup.shift_id.in_(sorted(shift_ids)))
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name)
        .join(Message, Message.volunteer_id == Volunteer.id)
        .where(Message.id > last, Volunteer.id.in_(of_them))
        .distinct()
        .order_by(Volunteer.name, Volunteer.id)
    )
    return [name for _, name in rows]
