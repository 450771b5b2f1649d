"""What goes out: shifts and sign-ups of a group between two days, as rows of cells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased, joinedload

from app.foundation import phone
from app.foundation.extensions import db
from app.groups.models import Site
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.signups.models import Signup
from app.spreadsheets import rules
from app.spreadsheets.models import RotaImport
from app.spreadsheets.rules import CONTACT, SHIFT_COLUMNS, SIGNUP_COLUMNS, Column
from app.volunteers.models import GroupVolunteer, Volunteer

# Rows read at once; each such piece of shifts asks once for its slots.
PIECE = 1000
Cells = dict[Column, str]


def between(group_id: int, first: date, last: date, zone: str) -> list[ColumnElement[bool]]:
    """SQL: the group's shifts that begin on these days, first and last included."""
    start = datetime.combine(first, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return [Opportunity.group_id == group_id, Shift.starts_at >= start, Shift.starts_at < end]


def counts(conditions: list[ColumnElement[bool]]) -> tuple[int, int]:
    """How many shifts and sign-ups would go out."""
    shifts = select(func.count(Shift.id)).join(Shift.opportunity).where(*conditions)
    signups = (
        select(func.count(Signup.id)).join(Signup.shift).join(Shift.opportunity).where(*conditions)
    )
    row = db.session.execute(select(shifts.scalar_subquery(), signups.scalar_subquery())).one()
    return row[0], row[1]


def _shifts(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Shift.id,
            Shift.version,
            Opportunity.title,
            Site.name.label("site"),
            Shift.starts_at,
            Shift.ends_at,
            Site.zone,
            Shift.places,
            Shift.minimum,
            Shift.taken,
            Shift.stage,
            Shift.cancel_reason,
        )
        .join(Shift.opportunity)
        .join(Site, Site.id == Shift.site_id)
        .where(*conditions)
        .order_by(Shift.starts_at, Shift.id)
    )


def shift_rows(conditions: list[ColumnElement[bool]]) -> Iterator[Cells]:
    """The shifts' rows in the order of time; two statements for each thousand."""
    rows = db.session.execute(
        _shifts(*conditions), execution_options={"yield_per": PIECE}
    ).partitions(PIECE)
    for piece in rows:
        teams = _teams([row.id for row in piece])
        for row in piece:
            yield _shift_cells(row, teams.get(row.id, []))


def shifts_by_id(group_id: int, ids: Collection[int]) -> dict[int, Cells]:
    """The rows of some of the group's own shifts, by number."""
    found: dict[int, Cells] = {}
    for some in _pieces(ids):
        piece = db.session.execute(
            _shifts(Opportunity.group_id == group_id, Shift.id.in_(some))
        ).all()
        teams = _teams([row.id for row in piece])
        found |= {row.id: _shift_cells(row, teams.get(row.id, [])) for row in piece}
    return found


def _pieces(ids: Collection[int]) -> Iterator[list[int]]:
    """The numbers, a thousand at a time: more would be too many parameters for a statement."""
    ordered = sorted(set(ids))
    return (ordered[start : start + PIECE] for start in range(0, len(ordered), PIECE))


def _teams(shift_ids: Collection[int]) -> dict[int, list[tuple[str, int, int]]]:
    found: dict[int, list[tuple[str, int, int]]] = {}
    for row in db.session.execute(
        select(Slot.shift_id, Duty.name, Slot.places, Slot.minimum)
        .join(Duty, Duty.id == Slot.duty_id)
        .where(Slot.shift_id.in_(list(shift_ids)))
        .order_by(Slot.shift_id, Duty.rank, Slot.id)
    ):
        found.setdefault(row.shift_id, []).append((row.name, row.places, row.minimum))
    return found


def roles_of(group_id: int) -> Sequence[Opportunity]:
    """The group's roles that new shifts can be of, their sites loaded."""
    return db.session.scalars(
        select(Opportunity)
        .options(joinedload(Opportunity.site))
        .where(Opportunity.group_id == group_id, Opportunity.stage != Stage.CANCELLED)
    ).all()


def duties_of(group_id: int) -> dict[int, dict[str, int]]:
    """For each of the group's roles the duties that its shifts can have: a name's number."""
    found: dict[int, dict[str, int]] = {}
    for row in db.session.execute(
        select(Duty.opportunity_id, Duty.name, Duty.id)
        .join(Opportunity, Opportunity.id == Duty.opportunity_id)
        .where(Opportunity.group_id == group_id, Duty.retired_at.is_(None))
        .order_by(Duty.rank, Duty.id)
    ):
        found.setdefault(row.opportunity_id, {})[row.name.casefold()] = row.id
    return found


def when(shift: Shift) -> Cells:
    """The cells that say when a shift is."""
    return _when(shift.starts_at, shift.ends_at, shift.site.zone)


def _when(starts_at: datetime, ends_at: datetime, zone_name: str) -> Cells:
    zone = ZoneInfo(zone_name)
    day, starts = rules.face(starts_at.astimezone(zone))
    _, ends = rules.face(ends_at.astimezone(zone))
    return {
        Column.DATE: day,
        Column.STARTS: starts,
        Column.ENDS: ends,
        Column.ZONE: zone_name,
    }


def _shift_cells(row: Any, team: list[tuple[str, int, int]]) -> Cells:
    return {
        Column.SHIFT: rules.key("S", row.id),
        Column.VERSION: str(row.version),
        Column.ROLE: row.title,
        Column.SITE: row.site,
        **_when(row.starts_at, row.ends_at, row.zone),
        Column.PLACES: str(row.places),
        Column.MINIMUM: str(row.minimum),
        Column.DUTIES: rules.write_team(team),
        Column.TAKEN: str(row.taken),
        Column.STATUS: row.stage.value,
        Column.REASON: row.cancel_reason,
    }


def _signups(group_id: int, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    duty = aliased(Duty)
    known = and_(
        GroupVolunteer.volunteer_id == Signup.volunteer_id,
        GroupVolunteer.group_id == group_id,
        GroupVolunteer.sees_profile,
    )
    return (
        select(
            Signup.id,
            Signup.shift_id,
            Signup.volunteer_id,
            Signup.slot_id,
            Signup.standing,
            Signup.created_at,
            Signup.attended_minutes,
            Opportunity.title,
            Shift.starts_at,
            Shift.ends_at,
            Site.zone,
            duty.name.label("duty"),
            Volunteer.name,
            Volunteer.phone,
            Volunteer.email,
            GroupVolunteer.id.label("known"),
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .outerjoin(Slot, Slot.id == Signup.slot_id)
        .outerjoin(duty, duty.id == Slot.duty_id)
        .outerjoin(GroupVolunteer, known)
        .where(Opportunity.group_id == group_id, *conditions)
        .order_by(Shift.starts_at, Shift.id, Signup.id)
    )


def signup_rows(
    group_id: int, conditions: list[ColumnElement[bool]], *, contact: bool
) -> Iterator[Cells]:
    """The sign-ups' rows in the order of time, in one statement."""
    rows = db.session.execute(
        _signups(group_id, *conditions), execution_options={"yield_per": PIECE}
    )
    for row in rows:
        yield _signup_cells(row, contact)


def signups_by_id(group_id: int, ids: Collection[int]) -> dict[int, Cells]:
    """The rows of some of the sign-ups on the group's own shifts, by number."""
    found: dict[int, Cells] = {}
    for some in _pieces(ids):
        for row in db.session.execute(_signups(group_id, Signup.id.in_(some))):
            found[row.id] = _signup_cells(row, contact=True)
    return found


def _signup_cells(row: Any, contact: bool) -> Cells:
    signed_up = row.created_at.astimezone(ZoneInfo(row.zone))
    told = contact and row.known is not None
    return {
        Column.SIGNUP: rules.key("U", row.id),
        Column.VERSION: rules.version_of(row.standing.value, row.slot_id),
        Column.SHIFT: rules.key("S", row.shift_id),
        Column.ROLE: row.title,
        **_when(row.starts_at, row.ends_at, row.zone),
        Column.DUTY: row.duty or "",
        Column.VOLUNTEER: rules.key("V", row.volunteer_id),
        Column.NAME: row.name,
        Column.STATUS: row.standing.value,
        Column.REASON: "",
        Column.SIGNED_UP: " ".join(rules.face(signed_up)),
        Column.MINUTES: "" if row.attended_minutes is None else str(row.attended_minutes),
        Column.PHONE: phone.spoken(row.phone) if told and row.phone else "",
        Column.EMAIL: row.email if told and row.email else "",
    }


def as_cells(columns: tuple[Column, ...], rows: Iterator[Cells]) -> Iterator[list[str]]:
    return ([row[column] for column in columns] for row in rows)


def shift_header() -> tuple[Column, ...]:
    return SHIFT_COLUMNS


def signup_header(*, contact: bool) -> tuple[Column, ...]:
    return (*SIGNUP_COLUMNS, *CONTACT) if contact else SIGNUP_COLUMNS


def import_of(group_id: int, import_id: int) -> RotaImport | None:
    row = db.session.get(RotaImport, import_id)
    return row if row is not None and row.group_id == group_id else None
