"""Out and in again changes nothing; an edit changes exactly that."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import openpyxl
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.models import AuditEvent
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.models import Message
from app.opportunities.models import Shift, Slot, Stage
from app.signups import changes
from app.signups.models import Signup, SignupEvent, Standing
from app.spreadsheets import reading, rules, service
from app.spreadsheets.models import ImportState, RotaImport
from app.spreadsheets.rules import Kind
from tests import factories
from tests.spreadsheets.conftest import Rota, as_book, as_csv, bring, put, tables


def everything() -> list[Any]:
    """Every row of the rota, as the database has it."""
    db.session.rollback()
    return [
        [tuple(row) for row in db.session.execute(select(*model.__table__.columns))]
        for model in (Shift, Slot, Signup, SignupEvent, Message)
    ]


def shift(rota: Rota) -> Shift:
    db.session.rollback()
    return db.session.get_one(Shift, rota.shift.id, populate_existing=True)


def both_ways(rota: Rota, table: Any, kind: Kind) -> list[bytes]:
    return [as_csv(table), as_book((kind, table))]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("contact", [False, True])
def test_out_and_in_again_changes_nothing(rota: Rota, kind: Kind, contact: bool) -> None:
    before = everything()
    table = tables(rota, contact=contact)[kind]
    assert len(table) == 3
    for content in both_ways(rota, table, kind):
        row = bring(rota, content)
        assert row.plan["faults"] == []
        assert (row.plan["steps"], row.plan["unchanged"]) == ([], 2)
        assert everything() == before


WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
)


@hypothesis.settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[hypothesis.Phase.generate],  # each example asks the database twenty times
    suppress_health_check=list(hypothesis.HealthCheck),
)
@given(
    title=WORDS,
    name=WORDS,
    minutes=st.integers(0, 1439),
    length=st.integers(1, 1439),
    days=st.integers(-400, 400),
    places=st.integers(1, 500),
)
def test_whatever_it_is_called_and_whenever_it_is(
    app: Flask, title: str, name: str, minutes: int, length: int, days: int, places: int
) -> None:
    """Names that look like formulas, lines in a cell, both changes of the clocks."""
    group = factories.group()
    role = factories.opportunity(group, title=title)
    start = datetime(2027, 3, 28, tzinfo=UTC) + timedelta(days=days, minutes=minutes)
    one = factories.shift(
        role,
        starts_at=start,
        ends_at=start + timedelta(minutes=length),
        places=places,
        minimum=min(1, places),
    )
    person = factories.volunteer(name=name)
    factories.known_to(person, group)
    factories.signup(one, person)
    rota = Rota(group, factories.manager(group), role, one, one, person, person, one, one)  # type: ignore[arg-type] # only some of it is used
    before = everything()
    out = tables(rota, days=1500)
    assert len(out[Kind.SHIFTS]) == len(out[Kind.SIGNUPS]) == 2
    for content in (
        as_csv(out[Kind.SHIFTS]),
        as_csv(out[Kind.SIGNUPS]),
        as_book(*out.items()),
    ):
        row = bring(rota, content)
        assert (row.plan["steps"], row.plan["faults"]) == ([], []), content
    assert everything() == before


@pytest.mark.parametrize("as_file", [0, 1])
def test_an_edit_changes_exactly_that(rota: Rota, as_file: int) -> None:
    table = tables(rota)[Kind.SHIFTS]
    before = everything()
    content = both_ways(rota, put(table, 1, "Places", "4"), Kind.SHIFTS)[as_file]
    row = bring(rota, content)
    assert row.plan["steps"][0]["changes"] == [["Places", "1", "4"]]
    # A place for Bo, who waited, and who is told.
    assert row.plan["told"] == ["Bo"]
    assert everything() == before  # nothing yet: it was a rehearsal
    service.apply(row.id, rota.group.id, rota.manager.id)
    now = shift(rota)
    assert (now.places, now.minimum, now.taken, now.version) == (4, 1, 2, 1)
    after = tables(rota)[Kind.SHIFTS]
    assert after[2] == table[2]
    assert db.session.get_one(Signup, rota.waits.id).standing == Standing.CONFIRMED


def test_a_new_time_is_shown_and_told_to_those_on_it(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 1, "Starts", "11.30am")
    row = bring(rota, as_csv(put(table, 1, "Ends", "1pm")))
    assert [change[0] for change in row.plan["steps"][0]["changes"]] == ["Starts", "Ends"]
    assert sorted(row.plan["told"]) == ["@Ann O'Example", "Bo"]
    service.apply(row.id, rota.group.id, rota.manager.id)
    assert (shift(rota).starts_at.hour, shift(rota).starts_at.minute) == (11, 30)
    told = set(db.session.scalars(select(Message.volunteer_id)))
    assert told == {rota.ann.id, rota.bo.id}


def test_a_shift_is_cancelled_with_its_reason_only(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 1, "Status", "Cancelled")
    row = bring(rota, as_csv(table))
    assert (row.plan["steps"], row.plan["faults"][0]["column"]) == ([], "Reason")
    row = bring(rota, as_csv(put(table, 1, "Reason", "The roof leaks")))
    service.apply(row.id, rota.group.id, rota.manager.id)
    assert (shift(rota).stage, shift(rota).cancel_reason) == (Stage.CANCELLED, "The roof leaks")


def test_a_row_without_a_key_is_a_new_shift(rota: Rota) -> None:
    table = tables(rota)[Kind.SHIFTS]
    day = (rota.shift.starts_at + timedelta(days=30)).date()
    new = dict.fromkeys(table[0], "") | {
        "Role": rota.role.title,
        "Date": f"{day:%d/%m/%Y}",
        "Starts": "0.75",  # 18:00, as a program keeps it
        "Ends": "20:00",
        "Duties": "driver 1; Sorter 3 (2)",
        "Minimum": "2",
    }
    row = bring(rota, as_csv([*table, list(new.values())]))
    assert row.plan["faults"] == []
    service.apply(row.id, rota.group.id, rota.manager.id)
    made = db.session.scalars(select(Shift).order_by(Shift.id.desc())).first()
    assert made is not None
    assert (made.places, made.minimum, made.starts_at.date()) == (4, 2, day)
    assert tables(rota)[Kind.SHIFTS][-1][10] == "Driver 1 (0); Sorter 3 (2)"


def test_new_shifts_that_are_brought_in_twice_are_made_once(rota: Rota) -> None:
    table = tables(rota)[Kind.SHIFTS]
    day = (rota.shift.starts_at + timedelta(days=30)).date()
    new = dict.fromkeys(table[0], "") | {
        "Role": rota.role.title,
        "Date": f"{day:%d/%m/%Y}",
        "Starts": "18:00",
        "Ends": "20:00",
        "Places": "4",
    }
    content = as_csv([table[0], list(new.values())])
    service.apply(bring(rota, content).id, rota.group.id, rota.manager.id)
    row = bring(rota, content)
    assert row.plan["steps"] == []
    assert [(fault["row"], fault["column"]) for fault in row.plan["faults"]] == [(2, "Date")]
    assert "has a shift at that time already" in row.plan["faults"][0]["sentence"]


def test_duties_change_and_the_places_with_them(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 2, "Duties", "Driver 2 (1); Sorter 2 (1)")
    row = bring(rota, as_csv(table))
    service.apply(row.id, rota.group.id, rota.manager.id)
    assert db.session.get_one(Shift, rota.team.id, populate_existing=True).places == 4


def test_people_are_taken_off_put_on_and_given_a_place(rota: Rota) -> None:
    table = tables(rota)[Kind.SIGNUPS]
    new = dict.fromkeys(table[0], "") | {
        "Shift": f"S{rota.team.id}",
        "Volunteer": f"V{rota.ann.id}",
        "Duty": "driver",
    }
    table = put(table, 1, "Status", "withdrawn")
    row = bring(rota, as_csv([*table, list(new.values())]))
    assert row.plan["faults"] == []
    assert [step["what"] for step in row.plan["steps"]] == ["leave", "sign-up"]
    service.apply(row.id, rota.group.id, rota.manager.id)
    assert db.session.get_one(Signup, rota.place.id).standing == Standing.WITHDRAWN
    assert db.session.get_one(Signup, rota.waits.id).standing == Standing.CONFIRMED
    signup = db.session.scalars(select(Signup).where(Signup.shift_id == rota.team.id)).one()
    assert signup.slot is not None
    assert (signup.volunteer_id, signup.slot.duty.name) == (rota.ann.id, "Driver")
    moved = put(tables(rota)[Kind.SIGNUPS], 3, "Duty", "Sorter")
    row = bring(rota, as_csv(moved))
    service.apply(row.id, rota.group.id, rota.manager.id)
    assert tables(rota)[Kind.SIGNUPS][3][8] == "Sorter"


def test_a_new_sign_up_says_who_it_really_is_and_another_name_is_refused(rota: Rota) -> None:
    table = tables(rota)[Kind.SIGNUPS]
    copied = dict.fromkeys(table[0], "") | {
        "Shift": f"S{rota.team.id}",
        "Volunteer": f"V{rota.ann.id}",
        "Name": "Bo",
    }
    row = bring(rota, as_csv([table[0], list(copied.values())]))
    assert row.plan["steps"] == []
    fault = row.plan["faults"][0]
    assert (fault["column"], fault["sentence"]) == ("Name", f"V{rota.ann.id} is “@Ann O'Example”.")
    bare = copied | {"Name": ""}
    row = bring(rota, as_csv([table[0], list(bare.values())]))
    assert row.plan["faults"] == []
    assert row.plan["steps"][0]["title"].startswith(f"@Ann O'Example: {rota.role.title}, ")


# --- what others did meanwhile ----------------------------------------------------------------


def edit(rota: Rota, places: int) -> None:
    said: dict[str, Any] = {
        "day": rota.shift.starts_at.date(),
        "starts": rota.shift.starts_at.time(),
        "ends": rota.shift.ends_at.time(),
    }
    with transaction():
        changes.edit_shift(rota.group.id, rota.shift.id, **said, places=places, minimum=1)


def test_what_somebody_else_changed_is_a_conflict_and_is_left_alone(rota: Rota) -> None:
    table = tables(rota)[Kind.SHIFTS]
    edit(rota, 5)
    row = bring(rota, as_csv(put(table, 1, "Minimum", "0")))
    assert row.plan["steps"] == []
    assert {fault["column"] for fault in row.plan["faults"]} == {"Places", "Minimum"}
    assert all(fault["conflict"] for fault in row.plan["faults"])
    assert "it is “5” now" in row.plan["faults"][0]["sentence"]
    # A file that was taken out since meets none.
    fresh = bring(rota, as_csv(tables(rota)[Kind.SHIFTS]))
    assert (fresh.plan["steps"], fresh.plan["faults"]) == ([], [])


def test_what_was_shown_is_done_or_nothing_is(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 1, "Places", "4")
    table = put(table, 2, "Minimum", "2")
    row = bring(rota, as_csv(table))
    edit(rota, 7)
    with pytest.raises(Refusal, match="Look again"):
        service.apply(row.id, rota.group.id, rota.manager.id)
    assert shift(rota).places == 7
    assert db.session.get_one(Shift, rota.team.id).minimum == 1
    again = db.session.get_one(RotaImport, row.id, populate_existing=True)
    assert again.state == ImportState.PREVIEW
    assert again.plan["faults"][0]["conflict"]
    # What is left can be done now, for it has been looked at.
    service.apply(row.id, rota.group.id, rota.manager.id)
    assert db.session.get_one(Shift, rota.team.id, populate_existing=True).minimum == 2
    assert shift(rota).places == 7


def test_a_file_is_brought_in_once(rota: Rota) -> None:
    row = bring(rota, as_csv(put(tables(rota)[Kind.SHIFTS], 1, "Places", "4")))
    service.apply(row.id, rota.group.id, rota.manager.id)
    with pytest.raises(Refusal):
        service.apply(row.id, rota.group.id, rota.manager.id)
    done = db.session.get_one(RotaImport, row.id, populate_existing=True)
    assert "steps" not in str(done.plan["done"]) or done.plan["done"]["steps"] == 1
    assert "Ann" not in str(done.plan)
    assert done.sheets == []
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert "imported rota" in actions


# --- rows that cannot be taken ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "column", "text", "words"),
    [
        (Kind.SHIFTS, "Places", "many", "not a whole number"),
        (Kind.SHIFTS, "Places", "0", "Places must be"),
        (Kind.SHIFTS, "Date", "soon", "Enter a date"),
        (Kind.SHIFTS, "Starts", "25:00", "Enter a time"),
        (Kind.SHIFTS, "Date", "2020-01-01", "passed"),
        (Kind.SHIFTS, "Role", "Another", "cannot be changed here"),
        (Kind.SHIFTS, "Zone", "Asia/Tokyo", "cannot be changed here"),
        (Kind.SHIFTS, "Status", "closed", "only write “cancelled”"),
        (Kind.SHIFTS, "Shift", "S99999", "no such row"),
        (Kind.SHIFTS, "Shift", "U1", "should look like S12"),
        (Kind.SHIFTS, "Duties", "Pilot 1", "no duty “Pilot”"),
        (Kind.SHIFTS, "Duties", "Driver", "Write duties like"),
        (Kind.SIGNUPS, "Status", "attended", "cannot become"),
        (Kind.SIGNUPS, "Volunteer", "V99999", "cannot be changed here"),
        (Kind.SIGNUPS, "Duty", "Pilot", "no duty “Pilot”"),
        (Kind.SIGNUPS, "Name", "Eve", "cannot be changed here"),
    ],
)
def test_a_row_that_cannot_be_taken_says_where_and_why(
    rota: Rota, kind: Kind, column: str, text: str, words: str
) -> None:
    before = everything()
    row = bring(rota, as_csv(put(tables(rota)[kind], 1, column, text)))
    (fault,) = row.plan["faults"]
    assert (fault["sheet"], fault["row"]) == (kind.value, 2)
    assert words in fault["sentence"]
    assert row.plan["steps"] == []
    assert everything() == before


def test_rows_left_out_come_back_with_their_reasons_and_lose_nothing(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 1, "Places", "=1+1")
    row = bring(rota, as_csv(put(table, 2, "Minimum", "2")))
    service.apply(row.id, rota.group.id, rota.manager.id)
    done = db.session.get_one(RotaImport, row.id, populate_existing=True)
    file = service.left_over(done)
    assert file is not None
    (sheet,) = reading.read(file.read())
    assert len(sheet.rows) == 1
    assert sheet.header[-1] == rules.WHY
    assert sheet.rows[0][1][:-1] == table[1]
    assert "not a whole number" in sheet.rows[0][1][-1]


def test_another_groups_rows_are_not_there(rota: Rota) -> None:
    other = factories.shift(factories.opportunity(factories.group(), title=rota.role.title))
    theirs = factories.volunteer()
    table = put(tables(rota)[Kind.SHIFTS], 1, "Shift", f"S{other.id}")
    assert "no such row" in bring(rota, as_csv(table)).plan["faults"][0]["sentence"]
    signups = tables(rota)[Kind.SIGNUPS]
    for said, words in (
        ({"Shift": f"S{other.id}", "Volunteer": f"V{rota.bo.id}"}, "no such shift"),
        ({"Shift": f"S{rota.team.id}", "Volunteer": f"V{theirs.id}"}, "not on your list"),
        ({"Shift": f"S{rota.team.id}", "Volunteer": "V0"}, "not on your list"),
    ):
        new = dict.fromkeys(signups[0], "") | said
        row = bring(rota, as_csv([signups[0], list(new.values())]))
        assert words in row.plan["faults"][0]["sentence"]


# --- files ------------------------------------------------------------------------------------


def test_no_cell_that_goes_out_is_a_formula(rota: Rota) -> None:
    out = tables(rota)
    text = as_csv(out[Kind.SIGNUPS]).decode("utf-8-sig")
    assert "'@Ann" in text
    assert "'=Sorter" in text
    book = openpyxl.load_workbook(io.BytesIO(as_book(*out.items())))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
    assert book["Sign-ups"]["K2"].value == "@Ann O'Example"
    assert book["Shifts"]["E2"].is_date


def test_a_formula_that_comes_in_is_not_worked_out(rota: Rota) -> None:
    content = as_book((Kind.SHIFTS, tables(rota)[Kind.SHIFTS]))
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Shifts"]["I2"] = "=1+3"
    out = io.BytesIO()
    book.save(out)
    row = bring(rota, out.getvalue(), "rota.xlsx")
    assert row.plan["steps"] == []
    assert row.plan["faults"][0]["column"] == "Places"
    assert "holds a formula" in row.plan["faults"][0]["sentence"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_programs_make_of_a_csv_file_is_read(
    rota: Rota, delimiter: str, encoding: str
) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 1, "Places", "4")
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in table]
    text = "\r\n".join([*lines, delimiter * 13, "", delimiter * 13])
    row = bring(rota, text.encode(encoding))
    assert row.plan["faults"] == []
    assert [step["changes"] for step in row.plan["steps"]] == [[["Places", "1", "4"]]]


def test_columns_may_move_or_be_left_out(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SHIFTS], 1, "Places", "4")
    order = ["Places", "Date", "Shift", "Notes"]
    places = [table[0].index(name) if name in table[0] else None for name in order]
    rows = [["x" if place is None else row[place] for place in places] for row in table]
    rows[0] = order
    row = bring(rota, as_csv([["A title above"], *rows]))
    assert row.plan["faults"] == []
    assert len(row.plan["steps"]) == 1
    assert row.plan["unknown"] == ["Notes"]


@pytest.mark.parametrize(("kind", "heading"), [(Kind.SHIFTS, "Date"), (Kind.SIGNUPS, "Shift")])
def test_a_heading_that_was_renamed_is_named(rota: Rota, kind: Kind, heading: str) -> None:
    table = tables(rota)[kind]
    table[0] = ["Day of it" if one == heading else one for one in table[0]]
    with pytest.raises(Refusal, match=f"The heading “{heading}” is missing"):
        bring(rota, as_csv(table))


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped({"xl/worksheets/sheet1.xml": b" " * 41_000_000}), "too large"),
        (zipped({f"{n}.xml": b"" for n in range(300)}), "too large"),
        (zipped({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "not one that"),
        (zipped({"word/document.xml": b"<a/>"}), "damaged"),
        (b"PK\x03\x04 and then nonsense", "damaged"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "Excel workbook"),
        (b"", "found no sheet"),
        (b"Name,Mobile\nAnn,07700900123\n", "found no sheet"),
        (b"Shift,Date\n" + b"S1,2027-01-01\n" * 5_100, "more than 5,000 rows"),
        (b"Shift,Date," + b"x," * 100 + b"y\n", "more than 60 columns"),
        (b"Shift,Date\nS1," + b"x" * 3_000, "too long"),
    ],
)
def test_a_file_that_is_no_rota_is_refused(rota: Rota, content: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        service.preview(content, "x", rota.group.id, rota.manager.id)
    assert db.session.scalar(select(func.count(RotaImport.id))) == 0


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_refused(content: bytes) -> None:
    for each in (content, b"PK\x03\x04" + content, b"Shift,Date\n" + content):
        with contextlib.suppress(Refusal):
            reading.read(each)


@given(st.text(max_size=30))
def test_the_mark_before_a_formula_is_taken_away_again(cell: str) -> None:
    assert not rules.is_formula(rules.harmless(cell))
    assert rules.unguarded(rules.harmless(cell)) == cell
