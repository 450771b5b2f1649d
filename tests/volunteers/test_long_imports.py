"""A long file of people is looked through and brought in by a worker."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.errands import jobs
from app.errands.models import Errand
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.volunteers.models import ImportState, Volunteer, VolunteerImport
from app.volunteers.service import imports
from tests import factories

SignIn = Callable[[User], FlaskClient]
HEADER = "Name,Email,Postcode\n"


@pytest.fixture(autouse=True)
def _short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LONG", 20)


def file_of(people: int) -> dict[str, tuple[BytesIO, str]]:
    rows = "".join(f"Person {n},person{n}@example.org,LE11 3TU\n" for n in range(people))
    return {"file": (BytesIO((HEADER + rows).encode()), "people.csv")}


def latest() -> int:
    db.session.rollback()
    return db.session.scalars(select(Errand.id).order_by(Errand.id.desc())).first()


def many() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Volunteer.id)))


def test_from_the_file_to_the_people_in_two_errands(app: Flask, sign_in: SignIn) -> None:
    group = factories.group()
    factories.site(group)
    group_id = group.id
    client = sign_in(factories.manager(group))
    choose = f"/groups/{group_id}/volunteers/import"
    answer = client.post(choose, data=file_of(30), follow_redirects=True)
    errand_id = latest()
    assert answer.request.path == f"/my/work/{errand_id}"
    assert "Your import of" in answer.text
    # Left and found again: on the first page, and where files are chosen.
    assert f'href="/my/work/{errand_id}"' in client.get(choose).text
    jobs.work(errand_id)
    assert many() == 0
    page = client.get(f"/my/work/{errand_id}/result", follow_redirects=True)
    assert "Import 30 people" in page.text
    import_page = page.request.path
    answer = client.post(f"{import_page}/apply", follow_redirects=True)
    assert latest() != errand_id
    assert answer.request.path == f"/my/work/{latest()}"
    assert many() == 0
    # A second click, or the page itself, leads to the same work.
    assert client.get(import_page).location == f"/my/work/{latest()}"
    jobs.work(latest())
    assert many() == 30
    assert "30 new people are on the list" in client.get(f"/my/work/{latest()}").text
    page = client.get(f"/my/work/{latest()}/result", follow_redirects=True)
    assert "What was done" in page.text


def test_a_short_file_is_done_at_once(app: Flask, sign_in: SignIn) -> None:
    group = factories.group()
    factories.site(group)
    client = sign_in(factories.manager(group))
    answer = client.post(
        f"/groups/{group.id}/volunteers/import", data=file_of(5), follow_redirects=True
    )
    assert "Import 5 people" in answer.text
    assert latest() is None


def test_what_is_no_table_is_said_beside_the_field(app: Flask, sign_in: SignIn) -> None:
    group = factories.group()
    client = sign_in(factories.manager(group))
    nonsense = {"file": (BytesIO(b"hello\n" * 50), "people.csv")}
    page = client.post(f"/groups/{group.id}/volunteers/import", data=nonsense).text
    assert "Error: Bring in a spreadsheet" in page
    assert db.session.scalars(select(VolunteerImport)).all() == []


def test_a_file_thrown_away_meanwhile_is_not_brought_in(app: Flask) -> None:
    group = factories.group()
    factories.site(group)
    group_id, user_id = group.id, factories.manager(group).id
    content = file_of(30)["file"][0].getvalue()
    import_id = imports.preview(content, "people.csv", group_id, user_id)
    jobs.work(latest())
    imports.start(import_id, group_id, user_id)
    imports.abandon(import_id, group_id)
    jobs.work(latest())
    errand = db.session.get_one(Errand, latest())
    assert errand.progress == "refused"
    assert many() == 0


def test_old_files_are_forgotten_while_they_are_read(app: Flask) -> None:
    group = factories.group()
    user_id = factories.manager(group).id
    content = file_of(30)["file"][0].getvalue()
    import_id = imports.preview(content, "people.csv", group.id, user_id)
    with transaction():
        row = db.session.get_one(VolunteerImport, import_id)
        row.created_at = row.created_at - 2 * imports.KEEP_FOR
    imports.forget_old_files()
    db.session.rollback()
    row = db.session.get_one(VolunteerImport, import_id)
    assert (row.state, row.text) == (ImportState.ABANDONED, "")
    jobs.work(latest())
    assert db.session.get_one(Errand, latest()).progress == "refused"
