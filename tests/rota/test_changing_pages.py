"""The managers' pages of changes, as a browser meets them: look, decide, do, undo."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import Message
from app.opportunities.models import Closure, Pattern, Shift, Stage
from app.rota.changing.models import RotaChange
from app.signups import service as signups
from app.signups.models import Signup, Standing, Way
from tests import factories as make
from tests.rota.making import (
    NOW,
    apply,
    days_of,
    on,
    pattern_change,
    person_on,
    shift_change,
    shifts_of,
    tuesdays,
)

SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _at_nine_on_a_monday() -> Any:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def pattern(app: Flask) -> Pattern:
    return tuesdays()


@pytest.fixture
def boss(pattern: Pattern, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(pattern.opportunity.group, name="Bo Boss"))


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the page's main form, without its buttons."""
    form = page.split('<form method="post" action="#plan" novalidate')[1].split("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind, name = said.get("type", "text"), said.get("name")
        if name is None or (kind in ("checkbox", "radio") and "checked" not in tag):
            continue
        found.setdefault(name, []).append(html.unescape(said.get("value", "")))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        found[name] = [chosen[1] if chosen else "0"]
    return found


def seal(page: str) -> str:
    found = re.search(r'value="([0-9a-f]{16})"[^>]*name="apply"', page) or re.search(
        r'name="apply"[^>]*value="([0-9a-f]{16})"', page
    )
    assert found, page
    return found[1]


def do(client: FlaskClient, url: str, **said: Any) -> Any:
    """Open the page, type, look, and press the button."""
    sent = fields(client.get(url).text) | said
    page = client.post(url, data=sent).text
    return client.post(url, data=fields(page) | {"apply": seal(page)}, follow_redirects=True)


def base(pattern: Pattern) -> str:
    return f"/groups/{pattern.opportunity.group_id}"


def test_one_shift_is_looked_at_then_changed(pattern: Pattern, boss: FlaskClient) -> None:
    shift = on(pattern, date(2026, 3, 10))
    person_on(shift, name="Ina Iles")
    url = f"{base(pattern)}/shifts/{shift.id}/edit"
    sent = fields(boss.get(url).text) | {"starts": "2pm", "ends": "16:00"}
    page = boss.post(url, data=sent).text
    assert "Now: Tuesday 10 March, 2 to 4pm" in page
    assert "Told: Ina Iles" in page
    assert "the time has changed. Now: Food parcel driver, Tuesday 10 March, 2 to 4pm" in page
    assert db.session.get_one(Shift, shift.id).starts_at.hour == 10
    done = boss.post(url, data=fields(page) | {"apply": seal(page)}, follow_redirects=True).text
    assert "You can undo it within the hour" in done
    db.session.rollback()
    assert db.session.get_one(Shift, shift.id).starts_at.hour == 14
    assert "the time has changed" in " ".join(db.session.scalars(select(Message.body)))


def test_the_names_on_a_look_are_on_the_audit_trail(pattern: Pattern, boss: FlaskClient) -> None:
    shift = on(pattern, date(2026, 3, 10))
    person_on(shift)
    url = f"{base(pattern)}/shifts/{shift.id}/edit"
    boss.post(url, data=fields(boss.get(url).text) | {"starts": "11:00"})
    assert "viewed who a change concerns" in set(db.session.scalars(select(AuditEvent.action)))


def test_seconds_that_no_form_holds_move_nobody(pattern: Pattern, boss: FlaskClient) -> None:
    shift = make.shift(pattern.opportunity, starts_at=NOW.replace(hour=18, second=42), places=1)
    make.signup(shift, make.volunteer())
    waiting = make.signup(shift, make.volunteer(), standing=Standing.WAITING)
    do(boss, f"{base(pattern)}/shifts/{shift.id}/edit", places="2")
    db.session.rollback()
    shift = db.session.get_one(Shift, shift.id)
    assert (shift.starts_at.second, shift.revision, shift.places) == (42, 0, 2)
    assert db.session.get_one(Signup, waiting.id).standing == Standing.CONFIRMED


def test_a_shift_of_a_pattern_offers_the_later_ones_too(
    pattern: Pattern, boss: FlaskClient
) -> None:
    shift = on(pattern, date(2026, 3, 17))
    page = boss.get(f"{base(pattern)}/shifts/{shift.id}/edit").text
    assert "It repeats every Tuesday, 10am to noon." in page
    assert f"{base(pattern)}/shifts/{shift.id}/edit/later" in page
    assert f"{base(pattern)}/patterns/{pattern.id}/edit" in page


def test_this_and_later_are_changed_and_undone_by_buttons(
    pattern: Pattern, boss: FlaskClient
) -> None:
    shift = on(pattern, date(2026, 3, 17))
    url = f"{base(pattern)}/shifts/{shift.id}/edit/later"
    done = do(boss, url, every=["fortnight"], weekdays=["4"])
    assert "2 shifts were removed" in done.text
    assert days_of(pattern.opportunity_id) == [(3, 3), (3, 10), (3, 18)]
    change = db.session.scalars(select(RotaChange)).one()
    recent = boss.get(f"{base(pattern)}/rota/changes").text
    assert "Bo Boss" in recent
    undone = boss.post(f"{base(pattern)}/rota/changes/{change.id}/undo", follow_redirects=True)
    assert "Everybody who was told has been told again" in undone.text
    assert days_of(pattern.opportunity_id) == [(3, 3), (3, 10), (3, 17), (3, 24), (3, 31)]


def test_what_the_manager_ticks_is_shown_in_its_words_before_it_is_done(
    pattern: Pattern, boss: FlaskClient
) -> None:
    shift = on(pattern, date(2026, 3, 10))
    _, place = person_on(shift, name="Ina Iles")
    url = f"{base(pattern)}/patterns/{pattern.id}/edit"
    page = boss.post(url, data=fields(boss.get(url).text) | {"every": ["fortnight"]}).text
    assert "for you to decide" in page
    sent = fields(page) | {"apply": seal(page), "along": [str(shift.id)], "reason": "We open less"}
    page = boss.post(url, data=sent).text
    assert "Tuesday 10 March, 10am to noon is cancelled. We open less. Sorry!" in page
    db.session.rollback()
    assert db.session.get_one(Signup, place.id).standing == Standing.CONFIRMED
    boss.post(url, data=fields(page) | {"apply": seal(page)})
    db.session.rollback()
    assert db.session.get_one(Signup, place.id).standing == Standing.CANCELLED


def test_a_cancellation_without_a_reason_is_asked_for_it_beside_the_field(
    pattern: Pattern, boss: FlaskClient
) -> None:
    shift = on(pattern, date(2026, 3, 10))
    person_on(shift)
    url = f"{base(pattern)}/patterns/{pattern.id}/edit"
    sent = fields(boss.get(url).text) | {"every": ["fortnight"], "along": [str(shift.id)]}
    page = boss.post(url, data=sent).text
    page = boss.post(url, data=fields(page) | {"apply": seal(page)}).text
    assert page.count("Say why: everyone who signed up is told.") == 2  # summary and field
    assert "will be cancelled" in page
    db.session.rollback()
    assert db.session.get_one(Shift, shift.id).stage == Stage.PUBLISHED


def test_a_sign_up_between_look_and_button_is_shown_as_new(
    pattern: Pattern, boss: FlaskClient
) -> None:
    url = f"{base(pattern)}/patterns/{pattern.id}/edit"
    page = boss.post(url, data=fields(boss.get(url).text) | {"starts": "14:00", "ends": "15:00"})
    someone = make.volunteer(name="Ina Iles")
    signups.claim(on(pattern, date(2026, 3, 10)).id, someone.id, way=Way.WEB)
    again = boss.post(url, data=fields(page.text) | {"apply": seal(page.text)}).text
    assert "Something happened since you looked" in again
    assert again.count("New since you looked") == 1
    assert "Told: Ina Iles" in again
    assert db.session.scalar(select(RotaChange.id)) is None
    boss.post(url, data=fields(again) | {"apply": seal(again)})
    assert db.session.scalar(select(RotaChange.id)) is not None


def test_the_second_manager_sees_what_changed_and_loses_nothing(
    pattern: Pattern, boss: FlaskClient
) -> None:
    shift = on(pattern, date(2026, 3, 10))
    url = f"{base(pattern)}/shifts/{shift.id}/edit"
    mine = fields(boss.get(url).text) | {"minimum": "2"}
    other = make.manager(shift.opportunity.group, name="Oona Other")
    apply(shift_change(shift, places=6, starts=time(9)), other.id)
    page = boss.post(url, data=mine).text
    assert "Oona Other changed this just now" in page
    assert "Places: 2, now 6" in page
    assert "Start: 10am, now 9am" in page
    kept = fields(page)
    assert (kept["places"], kept["starts"], kept["minimum"]) == (["6"], ["09:00"], ["2"])
    boss.post(url, data=kept | {"apply": seal(page)})
    db.session.rollback()
    shift = db.session.get_one(Shift, shift.id)
    assert (shift.places, shift.minimum, shift.starts_at.hour) == (6, 2, 9)


def test_what_both_typed_is_the_second_managers_to_decide(
    pattern: Pattern, boss: FlaskClient
) -> None:
    url = f"{base(pattern)}/patterns/{pattern.id}/edit"
    mine = fields(boss.get(url).text) | {"places": "4"}
    apply(pattern_change(pattern, places=7, works_on_holidays=False), make.user().id)
    page = boss.post(url, data=mine).text
    assert "Places: 2, now 7" in page
    assert "Bank holidays: open as usual, now closed" in page
    kept = fields(page)
    assert (kept["places"], kept["holidays"]) == (["4"], ["closed"])
    boss.post(url, data=kept | {"apply": seal(page)})
    assert {shift.places for shift in shifts_of(pattern.opportunity_id)} == {4}


@pytest.mark.parametrize("base_value", ["", "x", "[]", '{"places": 3}', "null"])
def test_a_memory_that_cannot_be_read_does_no_harm(
    pattern: Pattern, boss: FlaskClient, base_value: str
) -> None:
    shift = on(pattern, date(2026, 3, 10))
    url = f"{base(pattern)}/shifts/{shift.id}/edit"
    sent = fields(boss.get(url).text) | {"base": base_value, "version": "99", "places": "3"}
    page = boss.post(url, data=sent)
    assert page.status_code == 200
    assert fields(page.text)["places"] == ["3"]


def test_a_rule_that_the_choices_cannot_say_stays_as_it_is(app: Flask, sign_in: SignIn) -> None:
    pattern = tuesdays(rule="FREQ=WEEKLY;INTERVAL=3;BYDAY=TU")
    boss = sign_in(make.manager(pattern.opportunity.group))
    url = f"{base(pattern)}/patterns/{pattern.id}/edit"
    page = boss.get(url).text
    assert "As it is: Every third Tuesday" in page
    do(boss, url, places="4")
    assert [shift.places for shift in shifts_of(pattern.opportunity_id)] == [4, 4]


def test_closed_days_are_added_and_taken_away(pattern: Pattern, boss: FlaskClient) -> None:
    url = f"{base(pattern)}/closures/new"
    done = do(boss, url, name="New boiler", first_day="10 March", last_day="", site_id="0")
    assert "Closed on Tuesday 10 March: New boiler" in done.text
    assert (3, 10) not in days_of(pattern.opportunity_id)
    listed = boss.get(f"{base(pattern)}/closures").text
    assert "New boiler" in listed
    assert "Good Friday" in listed
    number = db.session.scalar(select(Closure.id))
    url = f"{base(pattern)}/closures/{number}/remove"
    page = boss.get(url).text
    assert "1 new shift" in page
    boss.post(url, data=fields(page) | {"apply": seal(page)})
    assert (3, 10) in days_of(pattern.opportunity_id)


def test_a_shift_that_is_on_though_closed_is_listed(pattern: Pattern, boss: FlaskClient) -> None:
    person_on(on(pattern, date(2026, 3, 10)))
    do(boss, f"{base(pattern)}/closures/new", name="Boiler", first_day="10 March", site_id="0")
    listed = boss.get(f"{base(pattern)}/closures").text
    assert "On, though it is closed then" in listed
    assert "1 of 2 places taken" in listed


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": " "}, "Say what it is"),
        ({"first_day": ""}, "Give the first day."),
        ({"first_day": "soon"}, "Enter a date"),
        ({"last_day": "1/1/2020"}, "The last day must not be before the first."),
        ({"last_day": "1/1/2030"}, "A closure can be a year long at most."),
        ({"first_day": "1/1/2020"}, "These days are over. Check the year."),
        ({"site_id": "99999"}, "Choose one of the answers."),
    ],
)
def test_a_bad_closure_is_explained(
    pattern: Pattern, boss: FlaskClient, said: dict[str, str], sentence: str
) -> None:
    sent = {"name": "Boiler", "first_day": "10 March", "last_day": "", "site_id": "0"}
    page = boss.post(f"{base(pattern)}/closures/new", data=sent | said).text
    assert sentence in page


@pytest.mark.parametrize(
    "path",
    [
        "/shifts/{shift}/edit/later",
        "/patterns/{pattern}/edit",
        "/rota/changes",
        "/rota/changes/{change}",
        "/closures",
        "/closures/new",
    ],
)
def test_another_groups_manager_finds_nothing(pattern: Pattern, sign_in: SignIn, path: str) -> None:
    shift = on(pattern, date(2026, 3, 10))
    change = apply(shift_change(shift, places=3))
    path = path.format(shift=shift.id, pattern=pattern.id, change=change.id)
    others = make.group()
    client = sign_in(make.manager(others))
    assert client.get(f"{base(pattern)}{path}").status_code == 404
    if any(character.isdigit() for character in path):
        assert client.get(f"/groups/{others.id}{path}").status_code == 404
        assert client.post(f"/groups/{others.id}{path}").status_code in (404, 405)


def test_another_groups_change_is_not_undone(pattern: Pattern, sign_in: SignIn) -> None:
    change = apply(shift_change(on(pattern, date(2026, 3, 10)), places=3))
    others = make.group()
    client = sign_in(make.manager(others))
    answer = client.post(f"/groups/{others.id}/rota/changes/{change.id}/undo")
    assert answer.status_code == 404
    db.session.rollback()
    assert db.session.get_one(RotaChange, change.id).undone_at is None


def test_a_look_at_half_a_year_takes_as_many_statements_as_at_a_month(
    app: Flask, sign_in: SignIn, count_queries: Callable[[], Any]
) -> None:
    counts = []
    for last_day in (date(2026, 3, 31), None):
        pattern = tuesdays(last_day=last_day)
        for shift in shifts_of(pattern.opportunity_id):
            person_on(shift)
        pattern = db.session.get_one(Pattern, pattern.id)
        boss = sign_in(make.manager(pattern.opportunity.group))
        url = f"{base(pattern)}/patterns/{pattern.id}/edit"
        sent = fields(boss.get(url).text) | {"starts": "14:00", "ends": "16:00"}
        db.session.remove()
        with count_queries() as statements:
            assert boss.post(url, data=sent).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 18


def test_where_nothing_is_different_there_is_no_button_to_do_it(
    pattern: Pattern, boss: FlaskClient
) -> None:
    shift = on(pattern, date(2026, 3, 10))
    url = f"/groups/{pattern.opportunity.group_id}/shifts/{shift.id}/edit"
    page = boss.post(url, data=fields(boss.get(url).text)).text
    assert "Nothing is different from now." in page
    assert "Make these changes" not in page
    assert 'name="apply"' not in page
