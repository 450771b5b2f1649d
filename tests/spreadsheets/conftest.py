"""A group with a rota, and what a manager does with its file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.opportunities.models import Duty, Opportunity, Shift, Slot
from app.signups.models import Signup, Standing
from app.spreadsheets import queries, service, writing
from app.spreadsheets.models import RotaImport
from app.spreadsheets.rules import Kind
from app.volunteers.models import Volunteer
from tests import factories


@dataclass
class Rota:
    """One group's rota, and its manager."""

    group: Group
    manager: User
    role: Opportunity
    shift: Shift  # Ann has a place, Bo waits
    team: Shift  # a driver and two sorters
    ann: Volunteer
    bo: Volunteer
    place: Signup
    waits: Signup


def build() -> Rota:
    group = factories.group()
    role = factories.opportunity(group, title="=Sorter, “night” shift")
    start = clock.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
    shift = factories.shift(role, starts_at=start, places=1)
    team = factories.shift(role, starts_at=start + timedelta(days=1), places=3)
    for rank, (name, places) in enumerate((("Driver", 1), ("Sorter", 2))):
        duty = factories.save(Duty(opportunity_id=role.id, name=name, rank=rank))
        factories.save(Slot(shift_id=team.id, duty_id=duty.id, places=places, minimum=1))
    ann, bo = factories.volunteer(name="@Ann O'Example"), factories.volunteer(name="Bo")
    for person in (ann, bo):
        factories.known_to(person, group)
    place = factories.signup(shift, ann)
    waits = factories.signup(shift, bo, standing=Standing.WAITING)
    return Rota(group, factories.manager(group), role, shift, team, ann, bo, place, waits)


@pytest.fixture
def rota(app: Flask) -> Rota:
    return build()


@pytest.fixture
def boss(rota: Rota, sign_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return sign_in(rota.manager)


Table = list[list[str]]


def tables(rota: Rota, *, contact: bool = False, days: int = 60) -> dict[Kind, Table]:
    """What goes out, as cells with their headings."""
    db.session.rollback()
    today = clock.now().date()
    conditions = queries.between(
        rota.group.id, today - timedelta(days=days), today + timedelta(days=days), "Europe/London"
    )
    header = queries.signup_header(contact=contact)
    return {
        Kind.SHIFTS: [
            [column.value for column in queries.shift_header()],
            *queries.as_cells(queries.shift_header(), queries.shift_rows(conditions)),
        ],
        Kind.SIGNUPS: [
            [column.value for column in header],
            *queries.as_cells(
                header, queries.signup_rows(rota.group.id, conditions, contact=contact)
            ),
        ],
    }


def as_csv(table: Table) -> bytes:
    return b"".join(writing.as_csv(table[0], table[1:]))


def as_book(*sheets: tuple[Kind, Table]) -> bytes:
    with writing.as_workbook((kind.value, rows[0], rows[1:]) for kind, rows in sheets) as file:
        return file.read()


def cells(content: bytes) -> Table:
    """What a CSV file holds."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def book(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def bring(rota: Rota, content: bytes, name: str = "rota.csv") -> RotaImport:
    """The look at a file."""
    import_id = service.preview(content, name, rota.group.id, rota.manager.id)
    return db.session.get_one(RotaImport, import_id)


def put(table: Table, row: int, column: str, text: str) -> Table:
    """The table with another text in one cell; rows count from 1, after the headings."""
    copy = [list(cells) for cells in table]
    copy[row][table[0].index(column)] = text
    return copy
