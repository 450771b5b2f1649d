"""The pages: a rota is taken out, brought back, looked at and done."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Shift
from app.signups.models import Signup, Standing
from app.spreadsheets import plan, queries, reading, service
from app.spreadsheets.models import ImportState, RotaImport
from app.spreadsheets.rules import Kind
from app.volunteers import service as volunteers
from app.volunteers.models import GroupVolunteer, Volunteer
from tests import factories
from tests.spreadsheets.conftest import (
    Rota,
    as_book,
    as_csv,
    book,
    bring,
    cells,
    put,
    tables,
)


def base(rota: Rota) -> str:
    return f"/groups/{rota.group.id}/spreadsheets"


def out(rota: Rota, kind: str, **more: str) -> str:
    today = clock.now().date()
    said = {"first": today.isoformat(), "last": (today + timedelta(days=30)).isoformat()}
    return f"{base(rota)}/out?" + "&".join(
        f"{name}={text}" for name, text in (said | {"kind": kind} | more).items()
    )


def test_a_workbook_goes_out_and_comes_back(rota: Rota, boss: FlaskClient) -> None:
    assert "Rota as a spreadsheet" in boss.get(base(rota)).text
    answer = boss.get(out(rota, "workbook"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert [sheet.title for sheet in book(answer.data).worksheets] == ["Shifts", "Sign-ups"]
    workbook = book(answer.data)
    workbook["Shifts"]["I2"] = 4
    changed = io.BytesIO()
    workbook.save(changed)
    changed.seek(0)
    look = boss.post(base(rota), data={"file": (changed, "my rota.xlsx")}, follow_redirects=True)
    assert "1 change will be made" in look.text
    assert "1 person will be told: Bo" in look.text
    assert "<ins>4</ins>" in look.text
    number = db.session.scalar(select(RotaImport.id))
    done = boss.post(f"{base(rota)}/{number}/apply", follow_redirects=True)
    assert "1 change was made" in done.text
    db.session.rollback()
    assert db.session.get_one(Shift, rota.shift.id).places == 4


def test_contact_points_go_out_only_when_asked_for_and_are_written_down(
    rota: Rota, boss: FlaskClient
) -> None:
    hidden = factories.volunteer(name="Hidden", phone="+447700900777")
    factories.save(
        GroupVolunteer(volunteer_id=hidden.id, group_id=rota.group.id, sees_profile=False)
    )
    factories.signup(rota.team, hidden)
    without = cells(boss.get(out(rota, "sign-ups")).data)
    assert "Phone" not in without[0]
    told = cells(boss.get(out(rota, "sign-ups", contact="y")).data)
    phones = {row[told[0].index("Name")]: row[told[0].index("Phone")] for row in told[1:]}
    assert phones["'@Ann O'Example"].startswith("07700")
    assert phones["Hidden"] == ""
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "exported rota").order_by(AuditEvent.id)
    ).all()
    assert [event.detail["contact"] for event in events] == [False, True]
    assert events[1].detail["signups"] == 3
    assert events[1].group_id == rota.group.id


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"first": "soon"}, "Enter a date"),
        ({"last": "2020-01-01"}, "before the first"),
        ({"last": "2090-01-01"}, "two years"),
        ({"kind": "parchment"}, "Choose"),
    ],
)
def test_days_that_make_no_sense_are_told_beside_their_field(
    rota: Rota, boss: FlaskClient, said: dict[str, str], words: str
) -> None:
    page = boss.get(out(rota, said.pop("kind", "shifts"), **said))
    assert page.mimetype == "text/html"
    assert words in page.text
    assert "There is a problem" in page.text


def test_a_file_that_is_no_rota_is_told_beside_its_field(rota: Rota, boss: FlaskClient) -> None:
    for content, words in ((b"a,b\n1,2\n", "found no sheet"), (b"", "found no sheet")):
        page = boss.post(base(rota), data={"file": (io.BytesIO(content), "x.csv")})
        assert words in page.text
    assert "Choose a file" in boss.post(base(rota), data={}).text


def test_a_conflict_is_shown_and_its_rows_can_be_fetched(rota: Rota, boss: FlaskClient) -> None:
    table = put(tables(rota)[Kind.SIGNUPS], 1, "Version", "oldolder")
    row = bring(rota, as_csv(put(table, 1, "Status", "withdrawn")))
    page = boss.get(f"{base(rota)}/{row.id}").text
    assert "Changed meanwhile" in page
    assert "Make" not in page
    left = boss.get(f"{base(rota)}/{row.id}/left-over.xlsx")
    assert book(left.data)["Sign-ups"].max_row == 2
    gone = boss.post(f"{base(rota)}/{row.id}/abandon", follow_redirects=True)
    assert "Nothing was changed" in gone.text
    assert boss.get(f"{base(rota)}/{row.id}/left-over.xlsx").status_code == 404


def test_another_group_finds_no_file(rota: Rota, sign_in: Callable[[Any], FlaskClient]) -> None:
    row = bring(rota, as_csv(put(tables(rota)[Kind.SHIFTS], 1, "Places", "4")))
    other = factories.group()
    client = sign_in(factories.manager(other))
    for path in ("", "/left-over.xlsx"):
        assert client.get(f"/groups/{other.id}/spreadsheets/{row.id}{path}").status_code == 404
        assert client.get(f"{base(rota)}/{row.id}{path}").status_code == 404
    assert client.post(f"/groups/{other.id}/spreadsheets/{row.id}/apply").status_code == 404
    assert client.get(out(rota, "sign-ups")).status_code == 404


def test_the_number_of_statements_does_not_grow_with_the_rota(
    rota: Rota, boss: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    def statements(kind: str) -> int:
        db.session.rollback()
        with count_queries() as found:
            assert boss.get(out(rota, kind)).data
        return len(found)

    before = {kind: statements(kind) for kind in ("workbook", "shifts", "sign-ups")}
    for _ in range(20):
        factories.signup(factories.shift(rota.role), factories.volunteer())
    assert {kind: statements(kind) for kind in before} == before
    assert before["workbook"] <= 10
    table = tables(rota)
    content = as_book(*table.items())
    with count_queries() as found:
        bring(rota, content)
    assert len(found) <= 25, found


def new_shifts(rota: Rota, number: int) -> bytes:
    """A file of so many new shifts, each with duties."""
    header, _, team = tables(rota)[Kind.SHIFTS]
    first = put([header, team], 1, "Shift", "")[1]
    first[header.index("Role")] = rota.role.title
    rows = []
    for day in range(number):
        row = list(first)
        row[header.index("Date")] = (clock.now() + timedelta(days=5 + day)).date().isoformat()
        rows.append(row)
    return as_csv([header, *rows])


def test_new_shifts_read_the_roles_and_duties_once(
    rota: Rota, count_queries: Callable[[], Any]
) -> None:
    def planned(number: int) -> int:
        sheets = reading.read(new_shifts(rota, number))
        db.session.rollback()
        with count_queries() as found:
            made = plan.make(rota.group.id, sheets, clock.now().date())
        assert (len(made.steps), made.faults) == (number, [])
        return len(found)

    assert planned(20) == planned(1)


def test_a_file_with_too_many_changes_is_refused_as_soon_as_that_is_so(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MOST_CHANGES", 3)
    assert bring(rota, new_shifts(rota, 3)).plan["faults"] == []
    read: list[int] = []
    new = plan._Shifts.new
    monkeypatch.setattr(
        plan._Shifts, "new", lambda self, row: (read.append(row.number), new(self, row))
    )
    with pytest.raises(Refusal, match="more than 3 rows"):
        bring(rota, new_shifts(rota, 9))
    assert len(read) == 4


def test_files_are_forgotten_after_a_day_and_with_their_people(rota: Rota) -> None:
    table = put(tables(rota)[Kind.SIGNUPS], 1, "Status", "withdrawn")
    first, second = bring(rota, as_csv(table)), bring(rota, as_csv(tables(rota)[Kind.SHIFTS]))
    ids = first.id, second.id
    volunteers.erase(rota.bo.id)

    def states() -> list[ImportState]:
        db.session.rollback()
        return [db.session.get_one(RotaImport, one).state for one in ids]

    assert states() == [ImportState.ABANDONED, ImportState.PREVIEW]
    with clock.stopped_at(clock.now() + timedelta(days=1, minutes=1)):
        service.forget_old_files()
    assert states() == [ImportState.ABANDONED, ImportState.ABANDONED]
    assert db.session.get_one(RotaImport, second.id).sheets == []


def without(table: list[list[str]], column: str) -> list[list[str]]:
    place = table[0].index(column)
    return [row[:place] + row[place + 1 :] for row in table]


def test_a_file_is_forgotten_with_whom_it_names_or_would_tell(rota: Rota) -> None:
    shifts, signups = tables(rota)[Kind.SHIFTS], tables(rota)[Kind.SIGNUPS]
    telling = bring(rota, as_csv(put(shifts, 1, "Starts", "09:00")))
    naming = bring(rota, as_csv(without(signups, "Volunteer")))
    keyed = bring(rota, as_csv(without(put(signups, 1, "Volunteer", f"v-{rota.ann.id}"), "Name")))
    silent = bring(rota, as_csv(put(shifts, 2, "Starts", "09:00")))
    assert rota.ann.name in telling.plan["told"]
    ids = [one.id for one in (telling, naming, keyed, silent)]
    volunteers.erase(rota.ann.id)
    db.session.rollback()
    rows = [db.session.get_one(RotaImport, one) for one in ids]
    assert [row.state for row in rows] == [*[ImportState.ABANDONED] * 3, ImportState.PREVIEW]
    assert [(row.plan, row.sheets) for row in rows[:3]] == [({}, [])] * 3


def test_a_name_within_another_word_keeps_no_file_from_its_work(rota: Rota) -> None:
    person = factories.volunteer(name="Sort")
    kept = bring(rota, as_csv(tables(rota)[Kind.SHIFTS]))
    volunteers.erase(person.id)
    db.session.rollback()
    assert db.session.get_one(RotaImport, kept.id).state == ImportState.PREVIEW


def test_the_files_are_searched_in_one_statement(
    rota: Rota, count_queries: Callable[[], Any]
) -> None:
    def counted() -> int:
        db.session.rollback()
        db.session.expire_all()
        with transaction(), count_queries() as found:
            service.forget_person(db.session.get_one(Volunteer, rota.bo.id))
        return len([one for one in found if "rota_import" in str(one)])

    for _ in range(3):
        bring(rota, as_csv(tables(rota)[Kind.SHIFTS]))
    assert counted() == 1


def test_who_looks_at_the_names_in_a_file_is_written_down(rota: Rota, boss: FlaskClient) -> None:
    row = bring(rota, as_csv(put(tables(rota)[Kind.SIGNUPS], 1, "Status", "withdrawn")))
    boss.get(f"{base(rota)}/{row.id}")
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "viewed rota import"))
    assert event is not None
    assert (event.actor_id, event.subject_id, event.group_id) == (
        rota.manager.id,
        row.id,
        rota.group.id,
    )


def test_two_clicks_at_the_same_moment_do_it_once(app: Flask, rota: Rota) -> None:
    new = dict.fromkeys(tables(rota)[Kind.SHIFTS][0], "") | {
        "Role": rota.role.title,
        "Date": (clock.now() + timedelta(days=40)).date().isoformat(),
        "Starts": "10:00",
        "Ends": "12:00",
        "Places": "2",
    }
    header = tables(rota)[Kind.SHIFTS][0]
    number = bring(rota, as_csv([header, list(new.values())])).id
    group_id, user_id = rota.group.id, rota.manager.id
    before = len(tables(rota)[Kind.SHIFTS])
    barrier, came = threading.Barrier(4), []

    def click() -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.apply(number, group_id, user_id)
                came.append("done")
            except Refusal:
                came.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["done", "refused", "refused", "refused"]
    assert len(tables(rota)[Kind.SHIFTS]) == before + 1


def test_a_row_is_taken_whole_or_not_at_all(rota: Rota) -> None:
    """Bo is given a place, and then a duty that there is not: neither stays."""
    factories.signup(rota.team, rota.bo, standing=Standing.WAITING)
    table = tables(rota)[Kind.SIGNUPS]
    table = put(table, 3, "Status", "confirmed")
    row = bring(rota, as_csv(put(table, 3, "Duty", "Pilot")))
    assert row.plan["steps"] == []
    assert row.plan["faults"][0]["column"] == "Duty"
    assert (
        db.session.scalar(select(Signup.standing).where(Signup.shift_id == rota.team.id))
        == Standing.WAITING
    )


def test_a_long_rota_goes_out_in_pieces(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PIECE", 3)
    for _ in range(10):
        factories.signup(factories.shift(rota.role), factories.volunteer())
    table = tables(rota)
    assert len(table[Kind.SHIFTS]) == 13
    assert len(table[Kind.SIGNUPS]) == 13
    assert bring(rota, as_book(*table.items())).plan["steps"] == []
