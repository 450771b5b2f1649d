"""A spreadsheet comes in: first a look at what it would do, then all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import insert, or_, select, update

from app.accounts import audit
from app.errands import queries as errand_queries
from app.errands import service as errands
from app.errands.models import Errand
from app.errands.pen import Pen
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.volunteers.models import (
    Channel,
    Consent,
    GroupVolunteer,
    ImportState,
    Volunteer,
    VolunteerImport,
)
from app.volunteers.service.import_plan import (
    Change,
    Plan,
    make_plan,
    metres,
    position,
    read_people,
)
from app.volunteers.service.opt_outs import restore_addresses
from app.volunteers.spreadsheet import table as tables
from app.web.filters import plural

KEEP_FOR: Final = timedelta(days=1)
# The errands of an import; one with more rows than this is left to a worker.
LOOK, APPLY = "volunteers.look", "volunteers.apply"
LONG: Final = 1000
_PEOPLE: Final[Any] = Volunteer.__table__
_CONSENTS: Final[Any] = Consent.__table__
# psycopg takes ever longer to read a statement of more parameters than this makes.
_BY_THE_HUNDRED: Final = {"insertmanyvalues_page_size": 100}
_REASON: Final = "Why it was not imported"


def preview(content: bytes, file_name: str, group_id: int | None, by_user_id: int) -> int:
    """Keep an uploaded file and what it would do; return the import's id.

    Nothing else is written. Of a long file only that it is a table is looked at
    here, and a worker does the rest: the import is `READING` until then, and has
    an errand of the kind `LOOK`. Raises `Refusal` for a file that cannot be read.
    """
    text = tables.decode(content)
    is_long = text.count("\n") > LONG
    if is_long:
        tables.read(text)
    plan = None if is_long else make_plan(read_people(text), group_id)
    with transaction():
        row = VolunteerImport(
            group_id=group_id,
            by_user_id=by_user_id,
            file_name=_short_name(file_name),
            text=text,
            rejected=_rejected_text(plan) if plan else "",
            columns={},
            summary=plan.summary() if plan else {},
            state=ImportState.PREVIEW if plan else ImportState.READING,
        )
        db.session.add(row)
        db.session.flush()
        if not plan:
            errands.begin(LOOK, row.id, group_id, by_user_id, row.file_name)
        return row.id


def look(errand: Errand, pen: Pen) -> None:
    """A worker looks a long file through and keeps what it would do."""
    text = db.session.scalar(
        select(VolunteerImport.text).where(VolunteerImport.id == errand.about_id)
    )
    if not text:
        raise Refusal("This file was thrown away. Choose it again.")
    people = read_people(text, lambda done, total: pen.tell(done, total, "Reading the rows"))
    pen.tell(people.rows, people.rows, "Comparing with who is there")
    plan = make_plan(people, errand.group_id)
    with transaction():
        db.session.execute(
            update(VolunteerImport)
            .where(
                VolunteerImport.id == errand.about_id,
                VolunteerImport.state == ImportState.READING,
            )
            .values(
                summary=plan.summary(), rejected=_rejected_text(plan), state=ImportState.PREVIEW
            )
        )
        pen.finish(f"We have looked at all {plan.rows:,} rows. Nothing is changed yet.")


def start(import_id: int, group_id: int | None, by_user_id: int) -> int | None:
    """Carry an import out: at once, or a long one by a worker; then the errand's number.

    Raises `Refusal` as `apply` does.
    """
    row = db.session.get_one(VolunteerImport, import_id)
    if row.summary.get("rows", 0) <= LONG:
        apply(import_id, group_id)
        return None
    with transaction():
        row = _locked(import_id, group_id)
        return errands.begin(APPLY, row.id, group_id, by_user_id, row.file_name)


def carry_out_errand(errand: Errand, pen: Pen) -> None:
    """A worker carries a long import out, whole or not at all."""
    apply(errand.about_id, errand.group_id, pen)


def errand_of(row: VolunteerImport) -> Errand | None:
    """The last long work on an import: looking it through, or carrying it out."""
    return errand_queries.latest(APPLY, row.id) or errand_queries.latest(LOOK, row.id)


def apply(import_id: int, group_id: int | None, pen: Pen | None = None) -> dict[str, Any]:
    """Carry out an import that was looked at, whole; return what was done, in numbers.

    The plan is made again from the people who are there now. Once done, only
    its rejected rows are kept, for a day. `pen` tells how far it is. Raises
    `Refusal` when it was done or abandoned before.
    """
    # Reading takes seconds for a long file, and needs no lock.
    text = db.session.scalar(select(VolunteerImport.text).where(VolunteerImport.id == import_id))

    def tell(done: int, total: int) -> None:
        if pen:
            pen.tell(done, total, "Reading the rows")

    people = read_people(text, tell) if text else None
    if pen and people:
        pen.tell(people.rows, people.rows, "Writing them all down")
    with transaction():
        row = _locked(import_id, group_id)
        plan = make_plan(people or read_people(row.text), group_id)
        carry_out(plan, group_id, row.file_name, row.by_user_id)
        row.summary = plan.summary()
        row.text, row.rejected = "", _rejected_text(plan)
        row.state = ImportState.DONE
        row.done_at = clock.now()
        if pen:
            new = plural(len(plan.new), "new person is", "new people are")
            changed = plural(len(plan.changes), "was", "were")
            pen.finish(f"{new} on the list, and {changed} changed.")
        return row.summary


def abandon(import_id: int, group_id: int | None) -> None:
    """Throw an uploaded file away."""
    with transaction():
        row = _locked(import_id, group_id)
        row.state, row.summary = ImportState.ABANDONED, {}
        row.text = row.rejected = ""


def _locked(import_id: int, group_id: int | None) -> VolunteerImport:
    """The import's row, locked: a second click waits, and then finds it done."""
    row = db.session.get(VolunteerImport, import_id, with_for_update=True, populate_existing=True)
    if row is None or row.group_id != group_id or row.state != ImportState.PREVIEW:
        raise Refusal("This file was imported or thrown away already. Choose it again.")
    return row


def rejected_rows(row: VolunteerImport) -> bytes:
    """The rows of an import that cannot come in, as a CSV file with reasons."""
    return b"\xef\xbb\xbf" + row.rejected.encode()


def _rejected_text(plan: Plan) -> str:
    return rejected_file(plan).decode("utf-8-sig") if plan.rejected else ""


def rejected_file(plan: Plan) -> bytes:
    """The rejected rows as they were, the reason in the last column."""
    width = len(plan.table.header)
    return tables.write(
        [*plan.table.header, _REASON],
        [[*(each.cells + [""] * width)[:width], each.reason] for each in plan.rejected],
    )


def carry_out(plan: Plan, group_id: int | None, file_name: str, by_user_id: int | None) -> None:
    """Write everything in a plan, within the open transaction or one of its own."""
    how = f"spreadsheet {_short_name(file_name)}"
    with transaction():
        _restore_opt_outs(plan)
        consents = _insert_people(plan, group_id, how)
        _change_people(plan.changes)
        consents += [
            (change.volunteer_id, change.row, channel)
            for change in plan.changes
            for channel in change.allowed
        ]
        _note_consents(consents, how, by_user_id)
        _link(plan.joining, group_id, how, sees_profile=False)
        audit.record(
            "imported volunteers",
            group_id=group_id,
            actor_id=by_user_id,
            new=len(plan.new),
            changed=len(plan.changes),
        )


def _restore_opt_outs(plan: Plan) -> None:
    for channel, addresses in plan.opted_out.items():
        if addresses:
            restore_addresses(channel, addresses)


def _insert_people(plan: Plan, group_id: int | None, how: str) -> list[tuple[int, int, Channel]]:
    """Insert the new people; return (volunteer, row, channel) for each consent."""
    if not plan.new:
        return []
    now = clock.now()
    values = []
    for person, place in plan.new:
        allowed = plan.allowed(person)
        values.append(
            position(place)
            | {
                "created_at": now,
                "name": person.name,
                "phone": person.phone,
                "email": person.email,
                "travel_metres": metres(person),
                "transport": person.transport,
                "interests": person.interests,
                "skills": person.skills,
                "languages": person.languages,
                "free_times": person.free_times,
                "age_band": person.age_band,
                "emergency_name": person.emergency_name,
                "emergency_phone": person.emergency_phone,
                "sms_consent_at": now if Channel.SMS in allowed else None,
                "email_consent_at": now if Channel.EMAIL in allowed else None,
                "prefers": Channel.SMS if person.phone else Channel.EMAIL,
            }
        )
    # The table itself: the mapped class would send rows with other blanks apart.
    made = insert(_PEOPLE).returning(Volunteer.id, Volunteer.name, Volunteer.phone, Volunteer.email)
    # In any order, so that many rows go in at once; no two people of a
    # plan have the same name, phone and email.
    rows = db.session.execute(made, values, execution_options=_BY_THE_HUNDRED)
    ids = {(name, phone, email): id for id, name, phone, email in rows}
    _link(list(ids.values()), group_id, how, sees_profile=True)
    return [
        (ids[person.name, person.phone, person.email], person.row, channel)
        for person, _ in plan.new
        for channel in plan.allowed(person)
    ]


def _change_people(changes: list[Change]) -> None:
    """Fill the blanks, one statement for those that lack the same things."""
    now = clock.now()
    rows = []
    for change in changes:
        consent = {f"{channel.value}_consent_at": now for channel in change.allowed}
        rows.append({"id": change.volunteer_id, **change.values, **consent})
    rows.sort(key=lambda row: sorted(row))
    for _, alike in groupby(rows, key=lambda row: sorted(row)):
        db.session.execute(update(Volunteer), list(alike))


def _note_consents(
    consents: list[tuple[int, int, Channel]], how: str, by_user_id: int | None
) -> None:
    if not consents:
        return
    now = clock.now()
    rows = [
        {
            "created_at": now,
            "volunteer_id": volunteer_id,
            "channel": channel,
            "given": True,
            "how": f"{how}, row {row}",
            "by_user_id": by_user_id,
        }
        for volunteer_id, row, channel in consents
    ]
    db.session.execute(insert(_CONSENTS), rows)


def _link(ids: list[int], group_id: int | None, how: str, *, sees_profile: bool) -> None:
    if group_id is None or not ids:
        return
    now = clock.now()
    rows = [
        {
            "created_at": now,
            "volunteer_id": volunteer_id,
            "group_id": group_id,
            "how": how[:60],
            "sees_profile": sees_profile,
        }
        for volunteer_id in dict.fromkeys(ids)
    ]
    db.session.execute(insert_ignoring(GroupVolunteer.__table__), rows)


def _short_name(file_name: str) -> str:
    """The file's own name, without folders, short enough to quote."""
    return file_name.replace("\\", "/").rsplit("/", 1)[-1][:100] or "file"


def forget_old_files() -> None:
    """Throw away files a day after they were uploaded: they hold people's details."""
    with transaction():
        old = select(VolunteerImport.id).where(
            or_(VolunteerImport.text != "", VolunteerImport.rejected != ""),
            VolunteerImport.created_at < clock.now() - KEEP_FOR,
        )
        db.session.execute(
            update(VolunteerImport)
            .where(
                VolunteerImport.id.in_(old),
                VolunteerImport.state.in_((ImportState.READING, ImportState.PREVIEW)),
            )
            .values(state=ImportState.ABANDONED)
        )
        db.session.execute(
            update(VolunteerImport).where(VolunteerImport.id.in_(old)).values(text="", rejected="")
        )
