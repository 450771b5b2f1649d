"""Spreadsheets that are too big, broken, or bent."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.volunteers.models import GroupVolunteer, Volunteer, VolunteerImport
from app.volunteers.service import imports
from tests import factories

Enter = Callable[[User | None], FlaskClient]


def preview(content: bytes, name: str = "people.csv") -> VolunteerImport:
    group = factories.group()
    boss = factories.manager(group)
    number = imports.preview(content, name, group.id, boss.id)
    return db.session.get_one(VolunteerImport, number)


def rejected(row: VolunteerImport) -> list[list[str]]:
    text = imports.rejected_rows(row).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x00" * 100,
        b"PK\x03\x04rest of a workbook",
        b"Name,Email\n",
        b"Name,Email,Name,Email",
        b'"Name,Email\nAnn,ann@example.org\n',
        b"Age,Town\n3,Oakham\n",
        bytes(range(256)) * 50,
        b"," * 5000,
        b'"' * 5001,
    ],
)
def test_what_is_no_list_of_people_is_refused_in_words(app: Flask, content: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        preview(content)
    assert refusal.value.sentence


@pytest.mark.parametrize("number", ["7.7009E+09", "7.7E+09", "447700900E3", "07700 9001", "#####"])
def test_a_number_that_a_spreadsheet_spoilt_is_rejected_and_not_guessed(
    app: Flask, number: str
) -> None:
    row = preview(f"Name,Mobile\nAnn Example,{number}\n".encode())
    (line,) = rejected(row)
    assert "phone number" in line[-1]


def test_a_number_without_its_zero_is_read(app: Flask) -> None:
    row = preview(b"Name,Mobile,Postcode\nAnn Example,7700900123,LE11 3TU\n")
    imports.apply(row.id, row.group_id)
    assert db.session.scalar(select(Volunteer.phone)) == "+447700900123"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r="])
def test_a_rejected_row_comes_back_without_a_formula(app: Flask, start: str) -> None:
    formula = f'{start}HYPERLINK("http://evil.example.org")'
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["Name", "Email", "Notes"], [formula, "not an address", formula]])
    for line in rejected(preview(out.getvalue().encode())):
        for cell in line:
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell


def test_a_name_with_a_nul_and_odd_letters_comes_in(app: Flask) -> None:
    content = "Name,Email,Postcode\nZoë\0 Ńowak\u202e,zoe@example.org,LE11 3TU\n".encode()
    row = preview(content)
    imports.apply(row.id, row.group_id)
    assert "Zoë" in str(db.session.scalar(select(Volunteer.name)))


def test_an_unclosed_quote_loses_nobody_in_silence(app: Flask) -> None:
    content = (
        b"Name,Email,Postcode\nAnn,ann@example.org,LE11 3TU\n"
        b'"Bob,bob@example.org,LE11 3TU\nCy,cy@example.org,LE11 3TU\n'
    )
    row = preview(content)
    summary = row.summary
    assert summary["new"] == 1
    assert summary["rejected"] == 1  # the rest of the file, as one row, with a reason


def test_the_same_heading_twice_does_not_break_the_file(app: Flask) -> None:
    row = preview(b"Name,Email,Email,Postcode\nAnn,ann@example.org,b@example.org,LE11 3TU\n")
    assert row.summary["new"] == 1


def test_more_rows_than_we_take_are_refused_quickly(app: Flask) -> None:
    content = b"Name,Email\n" + b"A,a@example.org\n" * 60_000
    began = time.monotonic()
    with pytest.raises(Refusal, match="50,000"):
        preview(content)
    assert time.monotonic() - began < 5


def test_a_file_over_the_limit_is_413(app: Flask, client_of: Enter) -> None:
    group = factories.group()
    client = client_of(factories.manager(group))
    answer = client.post(
        f"/groups/{group.id}/volunteers/import",
        data=b"--x\r\nContent-Disposition: form-data; name=file; filename=people.csv\r\n\r\n"
        + b"x" * (9 * 1024 * 1024)
        + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "8 MB" in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\0b.csv", "x" * 5000, "<b>.csv", ""])
def test_an_odd_file_name_is_only_a_name(app: Flask, client_of: Enter, name: str) -> None:
    group = factories.group()
    client = client_of(factories.manager(group))
    content = b"Name,Email\nAnn,ann@example.org\n"
    answer = client.post(
        f"/groups/{group.id}/volunteers/import",
        data={"file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert answer.status_code == (400 if "\0" in name else 200)
    assert "<b>.csv" not in answer.get_data(as_text=True)


def test_an_import_that_is_pressed_twice_is_done_once(app: Flask) -> None:
    row = preview(b"Name,Email,Postcode\nAnn,ann@example.org,LE11 3TU\n")
    number, group_id = row.id, row.group_id
    imports.apply(number, group_id)
    with pytest.raises(Refusal):
        imports.apply(number, group_id)
    assert db.session.scalar(select(func.count()).select_from(GroupVolunteer)) == 1


def test_a_list_of_names_does_not_open_what_others_told(app: Flask, client_of: Enter) -> None:
    """A manager who guesses a name and a phone is not shown the person's own profile."""
    person = factories.volunteer(name="Ann Example", phone="+447700900123", postcode="LE65 1AA")
    group = factories.group()
    boss = factories.manager(group)
    number = imports.preview(
        b"Name,Mobile,Email,Postcode\nAnn Example,07700900123,mine@example.org,LE11 3TU\n",
        "x.csv",
        group.id,
        boss.id,
    )
    imports.apply(number, group.id)
    page = client_of(boss).get(f"/groups/{group.id}/volunteers/{person.id}").get_data(as_text=True)
    assert "LE65 1AA" not in page
    db.session.rollback()
    fresh = db.session.get_one(Volunteer, person.id, populate_existing=True)
    assert fresh.email != "mine@example.org"
