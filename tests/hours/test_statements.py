"""Signed statements: what they say, who sees it, and that a changed one is found out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.hours import service
from app.hours.models import AttendanceChange, HoursRequest, Seen, Statement
from app.hours.service import statements
from app.signups.models import Signup, Standing
from app.volunteers import service as volunteers
from app.volunteers.models import Volunteer
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
START = datetime(2026, 6, 13, 9, tzinfo=UTC)


@pytest.fixture
def me(app: Flask) -> Iterator[Volunteer]:
    """Somebody with three hours at a food bank in June."""
    with clock.stopped_at(datetime(2026, 6, 20, 12, tzinfo=UTC)):
        group = make.group(name="Sileby Food Bank")
        person = make.volunteer(name="Amina #eval(1) Khan", user_id=make.user().id)
        make.known_to(person, group)
        shift = make.shift(
            make.opportunity(group, title="Sorter"),
            starts_at=START,
            ends_at=START + timedelta(hours=3),
        )
        make.signup(shift, person, standing=Standing.ATTENDED, attended_minutes=180)
        yield person


@pytest.fixture
def mine(me: Volunteer, sign_in: SignIn) -> FlaskClient:
    return sign_in(db.session.get_one(User, me.user_id))


def made(me: Volunteer) -> Statement:
    return statements.make(me.id, date(2026, 1, 1), date(2026, 6, 20))


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_statement_is_made_shown_and_printed(mine: FlaskClient) -> None:
    answer = mine.post(
        "/my/hours/statement", data={"first_day": "1/1/2026", "last_day": "20 June 2026"}
    )
    page = mine.get(answer.location).text
    assert "Amina #eval(1) Khan gave 3 hours from" in words(page)
    printed = mine.get(f"{answer.location}.pdf")
    assert printed.mimetype == "application/pdf"
    assert printed.data.startswith(b"%PDF-")
    assert "hours-" in printed.headers["Content-Disposition"]
    assert "Amina" not in printed.headers["Content-Disposition"]


def test_what_people_wrote_is_no_markup_on_the_paper(me: Volunteer) -> None:
    for odd in ("#panic()", "*a* _b_ $c$", "`x` \\ @y <z>", "અમીના ਆਮਨਾ", '"]) #read("/etc/x")'):
        with transaction():
            row = db.session.get_one(Volunteer, me.id)
            row.name = odd
        assert statements.pdf(made(me)).startswith(b"%PDF-")


def test_anybody_with_the_code_sees_initials_and_sums_and_no_more(
    app: Flask, me: Volunteer
) -> None:
    statement = made(me)
    page = words(app.test_client().get(f"/statements/{statements.spoken(statement.code)}").text)
    assert "We made this statement" in page
    assert "AK gave 3 hours" in page
    assert "Sileby Food Bank" in page
    assert "The hours are the same today" in page
    for private in ("Amina", "Khan", "Sorter", "13 June"):
        assert private not in page


def test_the_code_is_found_however_it_is_typed(me: Volunteer, client: FlaskClient) -> None:
    code = made(me).code
    typed = f" {code[:4].lower()} {code[4:8]}-{code[8:]}"
    page = client.get("/statements", query_string={"code": typed}, follow_redirects=True).text
    assert "We made this statement" in page
    assert client.get("/statements/ABCD-EFGH-JKLM").status_code == 404
    assert client.get("/statements").status_code == 200


def test_a_row_that_was_tampered_with_breaks_the_seal(me: Volunteer, client: FlaskClient) -> None:
    statement_id = made(me).id
    with transaction():
        row = db.session.get_one(Statement, statement_id)
        row.contents = row.contents | {"minutes": 99 * 60}
    code = db.session.get_one(Statement, statement_id).code
    page = client.get(f"/statements/{code}").text
    assert "We cannot vouch for this" in page
    assert "99 hours" not in page


def test_a_correction_since_is_told_and_the_new_sum_is_not(
    me: Volunteer, client: FlaskClient
) -> None:
    code = made(me).code
    place = db.session.scalars(select(Signup)).one()
    boss = make.manager(place.shift.opportunity.group)
    service.correct(place.id, START, START + timedelta(hours=1), "Left early", by_user_id=boss.id)
    page = words(client.get(f"/statements/{code}").text)
    assert "gave 3 hours" in page
    assert "were put right since" in page
    assert "1 hour " not in page


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 6, 20), date(2026, 6, 1), "first_day"),
        (date(2026, 6, 1), date(2026, 6, 21), "last_day"),
        (date(2010, 1, 1), date(2026, 6, 1), "first_day"),
        (date(2026, 6, 14), date(2026, 6, 20), "first_day"),  # no hours in it
    ],
)
def test_a_time_that_cannot_be_stated_is_refused(
    me: Volunteer, first: date, last: date, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        statements.make(me.id, first, last)
    assert refused.value.field == field
    assert db.session.scalars(select(Statement)).all() == []


def test_a_statement_is_its_owners(app: Flask, me: Volunteer, sign_in: SignIn) -> None:
    statement_id = made(me).id
    other = make.volunteer(user_id=make.user().id)
    stranger = sign_in(db.session.get_one(User, other.user_id))
    for end in ("", ".pdf"):
        assert stranger.get(f"/my/statements/{statement_id}{end}").status_code == 404


def test_a_person_is_told_what_we_hold_of_their_hours(me: Volunteer) -> None:
    made(me)
    group_id = db.session.scalars(select(Signup)).one().shift.opportunity.group_id
    service.ask(me.id, group_id, date(2026, 6, 19), 60, "Mended the bags")
    held = json.dumps(volunteers.everything_held(me.id))
    assert "Mended the bags" in held
    assert "statements_of_hours" in held


def test_an_erased_person_leaves_minutes_and_no_words(me: Volunteer, client: FlaskClient) -> None:
    code = made(me).code
    place = db.session.scalars(select(Signup)).one()
    boss = make.manager(place.shift.opportunity.group)
    service.correct(
        place.id, START, START + timedelta(hours=1), "Amina was ill", by_user_id=boss.id
    )
    service.ask(me.id, place.shift.opportunity.group_id, date(2026, 6, 19), 60, "Amina sewed")
    volunteers.erase(me.id)
    assert client.get(f"/statements/{code}").status_code == 404
    db.session.rollback()
    assert db.session.scalars(select(AttendanceChange.reason)).all() == [""]
    assert db.session.scalars(select(HoursRequest.what)).all() == [""]
    assert db.session.scalars(select(Signup.attended_minutes)).all() == [60]
    assert db.session.scalars(select(AttendanceChange.seen)).all() == [Seen.MANAGER]
