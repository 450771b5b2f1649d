"""A rota comes back in: first a look at all that it would do, then all of that or nothing.

The look is a rehearsal: each step is taken through the very services that the
pages use, in a transaction that is then undone. So what is shown, and who
would be told, is what will happen, and not a guess at it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer
from werkzeug.exceptions import NotFound

from app.accounts import audit
from app.errands import queries as errand_queries
from app.errands import service as errands
from app.errands.models import Errand
from app.errands.pen import Pen
from app.foundation import clock, phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
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
from app.spreadsheets import queries, reading, rules, writing
from app.spreadsheets.models import ImportState, RotaImport
from app.spreadsheets.plan import Fault, Plan, Step
from app.spreadsheets.reading import FORMULA, Sheet
from app.spreadsheets.rules import Kind
from app.volunteers.models import Volunteer
from app.web.filters import plural

KEEP_FOR: Final = timedelta(days=1)
# The errands of an import; more rows to look at, or changes to make, are left to a worker.
LOOK, APPLY = "spreadsheets.look", "spreadsheets.apply"
LONG: Final = 300
MANY: Final = 100
_TOLD_EVERY: Final = 10
_NAMED: Final = 30


class _Undo(Exception):
    """Ends a rehearsal: nothing of it stays."""


def preview(content: bytes, file_name: str, group_id: int, by_user_id: int) -> int:
    """Keep what a file holds and what it would do; return the import's number.

    Nothing else is written. A long file is `READING` until a worker has looked it
    through, and has an errand of the kind `LOOK`. Raises `Refusal` for a file that
    is no rota.
    """
    sheets = reading.read(content)
    is_long = sum(len(sheet.rows) for sheet in sheets) > LONG
    outcome = {} if is_long else _rehearse(group_id, sheets, by_user_id)
    with transaction():
        row = RotaImport(
            group_id=group_id,
            by_user_id=by_user_id,
            file_name=file_name.replace("\\", "/").rsplit("/", 1)[-1][:100] or "file",
            sheets=[asdict(sheet) for sheet in sheets],
            plan=outcome,
            state=ImportState.READING if is_long else ImportState.PREVIEW,
        )
        db.session.add(row)
        db.session.flush()
        if is_long:
            errands.begin(LOOK, row.id, group_id, by_user_id, row.file_name)
        return row.id


def look(errand: Errand, pen: Pen) -> None:
    """A worker looks a long file through and keeps what it would do."""
    row = db.session.get(RotaImport, errand.about_id)
    if row is None or row.state != ImportState.READING:
        raise Refusal("This file was thrown away. Choose it again.")
    group_id, sheets = row.group_id, _sheets(row)
    outcome = _rehearse(group_id, sheets, errand.by_user_id, pen)
    with transaction():
        row = db.session.get_one(RotaImport, errand.about_id, with_for_update=True)
        if row.state == ImportState.READING:
            row.plan, row.state = outcome, ImportState.PREVIEW
        pen.finish(f"We have looked at all {outcome['rows']:,} rows. Nothing is changed yet.")


def start(import_id: int, group_id: int, by_user_id: int) -> int | None:
    """Do what was shown: at once, or much of it by a worker; then the errand's number.

    Raises `Refusal` as `apply` does.
    """
    row = db.session.get_one(RotaImport, import_id)
    if len(row.plan.get("steps", ())) <= MANY:
        apply(import_id, group_id, by_user_id)
        return None
    with transaction():
        row = _locked(import_id, group_id)
        return errands.begin(APPLY, row.id, group_id, by_user_id, row.file_name)


def apply_errand(errand: Errand, pen: Pen) -> None:
    """A worker does much of what was shown, whole or not at all."""
    apply(errand.about_id, errand.group_id or 0, errand.by_user_id, pen)


def errand_of(row: RotaImport) -> Errand | None:
    """The last long work on an import: looking it through, or doing what it says."""
    return errand_queries.latest(APPLY, row.id) or errand_queries.latest(LOOK, row.id)


def apply(import_id: int, group_id: int, by_user_id: int, pen: Pen | None = None) -> dict[str, Any]:
    """Do what was shown, whole; return it.

    The plan is made again from the rota as it is now. Where that is no longer
    what was shown, nothing is done, the new plan is kept to be looked at, and
    `Refusal` is raised. `pen` tells how far it is.
    """
    outcome: dict[str, Any] = {}
    try:
        with transaction():
            row = _locked(import_id, group_id)
            shown, sheets = row.plan, _sheets(row)
            outcome = _carry_out(group_id, sheets, by_user_id, pen, "Changing the rota")
            if outcome["fingerprint"] != shown["fingerprint"]:
                raise _Undo
            audit.record(
                "imported rota",
                subject=row,
                group_id=group_id,
                actor_id=by_user_id,
                steps=len(outcome["steps"]),
            )
            row.state, row.done_at = ImportState.DONE, clock.now()
            # What stays holds no names: how many of each, and the rows not taken.
            row.plan = {"done": _numbers(outcome)}
            row.sheets = _left_over(sheets, outcome)
            if pen:
                done = row.plan["done"]
                made = plural(done["steps"], "change was", "changes were")
                told = plural(done["told"], "person was", "people were")
                pen.finish(f"{made} made, and {told} told.")
    except _Undo:
        with transaction():
            row = _locked(import_id, group_id)
            row.plan = outcome
        raise Refusal(
            "The rota changed since you looked, so nothing was done yet. Look again."
        ) from None
    return outcome


def abandon(import_id: int, group_id: int) -> None:
    """Throw a file away."""
    with transaction():
        row = _locked(import_id, group_id)
        row.state, row.plan, row.sheets = ImportState.ABANDONED, {}, []


def _locked(import_id: int, group_id: int) -> RotaImport:
    """The import's row, locked: a second click waits, and then finds it done."""
    row = db.session.get(RotaImport, import_id, with_for_update=True, populate_existing=True)
    if row is None or row.group_id != group_id or row.state != ImportState.PREVIEW:
        raise Refusal("This file was brought in or thrown away already. Choose it again.")
    return row


def _sheets(row: RotaImport) -> list[Sheet]:
    return [
        Sheet(
            Kind(sheet["kind"]),
            sheet["header"],
            [(number, cells) for number, cells in sheet["rows"]],
        )
        for sheet in row.sheets
    ]


def _rehearse(
    group_id: int, sheets: Sequence[Sheet], by_user_id: int, pen: Pen | None = None
) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    try:
        with transaction():
            outcome = _carry_out(group_id, sheets, by_user_id, pen, "Looking at the changes")
            raise _Undo
    except _Undo:
        return outcome


def _carry_out(
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


def _numbers(outcome: dict[str, Any]) -> dict[str, Any]:
    return {
        "rows": outcome["rows"],
        "steps": len(outcome["steps"]),
        "told": outcome["told_count"],
        "faults": len({(fault["sheet"], fault["row"]) for fault in outcome["faults"]}),
    }


def _left_over(sheets: Sequence[Sheet], outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that were not taken, each with its reason in the last column."""
    why: dict[tuple[str, int], list[str]] = {}
    for fault in outcome["faults"]:
        said = f"{fault['column']}: {fault['sentence']}"
        why.setdefault((fault["sheet"], fault["row"]), []).append(said)
    left = []
    for sheet in sheets:
        # A second time round, the old reason goes and the new one comes.
        places = [at for at, heading in enumerate(sheet.header) if heading != rules.WHY]
        rows = []
        for number, cells in sheet.rows:
            sentences = why.get((sheet.kind.value, number))
            if sentences:
                kept = [cells[at] if at < len(cells) else "" for at in places]
                shown = ["(a formula)" if cell == FORMULA else cell for cell in kept]
                rows.append([number, [*shown, " ".join(sentences)]])
        if rows:
            header = [sheet.header[at] for at in places]
            left.append({"kind": sheet.kind.value, "header": [*header, rules.WHY], "rows": rows})
    return left


def left_over(row: RotaImport) -> IO[bytes] | None:
    """The rows that cannot be taken, as a workbook with reasons; None when there are none."""
    looked_at = row.state == ImportState.PREVIEW
    sheets = _left_over(_sheets(row), row.plan) if looked_at else row.sheets
    if not sheets:
        return None
    return writing.as_workbook(
        (
            (sheet["kind"], sheet["header"], [cells for _, cells in sheet["rows"]])
            for sheet in sheets
        ),
        all_text=True,
    )


def forget_old_files() -> None:
    """Throw files away a day after they came: they hold people's names."""
    with transaction():
        db.session.execute(
            update(RotaImport)
            .where(
                RotaImport.created_at < clock.now() - KEEP_FOR,
                RotaImport.state != ImportState.ABANDONED,
            )
            .values(state=ImportState.ABANDONED, plan={}, sheets=[])
        )


def forget_person(volunteer: Volunteer) -> None:
    """Throw away the files that name somebody who is erased, in the open transaction.

    By their key, name, phone or email, in a cell or in what was worked out
    from it: whom it would tell, what a row is called. The name is theirs still.
    """
    names = rules.naming(
        rules.key("V", volunteer.id),
        volunteer.name,
        volunteer.email or "",
        phone.spoken(volunteer.phone) if volunteer.phone else "",
    )
    for row in db.session.scalars(
        select(RotaImport)
        .options(undefer(RotaImport.sheets))
        .where(RotaImport.state != ImportState.ABANDONED)
    ).all():
        if names(row.plan) or names(row.sheets):
            row.state, row.plan, row.sheets = ImportState.ABANDONED, {}, []


def zone_of(group_id: int) -> str:
    """The zone of the group's days: its first site's, or the county's."""
    sites = opportunity_queries.sites_of(group_id)
    zone = sites[0].zone if sites else str(current_app.config["TIMEZONE"])
    return ZoneInfo(zone).key
