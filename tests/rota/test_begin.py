"""From nothing to a week of shifts, on one page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Site
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.volunteers.vocabulary import WEEKDAYS
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture(autouse=True)
def _on_a_tuesday(app: Flask) -> Any:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def site(app: Flask) -> Site:
    return make.site()


@pytest.fixture
def boss(site: Site, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(db.session.get_one(Group, site.group_id)))


def said(site: Site, **changed: str) -> dict[str, str]:
    """A library open on Monday and Wednesday from 10 to 17, and on Saturday morning."""
    filled = {
        "title": "Library desk helper",
        "summary": "Welcome people and lend books.",
        "site_id": str(site.id),
        "minimum_age": "18",
        "longest": "4",
        "first_day": "2026-12-01",
        "last_day": "2027-12-01",
    }
    for weekday in range(7):
        filled |= {f"from_{weekday}": "10:00", f"to_{weekday}": "17:00"}
        filled |= {f"people_{weekday}": "3", f"least_{weekday}": "2"}
    filled |= {"open_0": "y", "open_2": "y", "open_5": "y", "to_5": "1pm", "people_5": "4"}
    return {name: value for name, value in (filled | changed).items() if value != "-"}


def address(site: Site) -> str:
    return f"/groups/{site.group_id}/rota/begin"


def test_one_form_makes_a_published_role_with_its_shifts(site: Site, boss: FlaskClient) -> None:
    answer = boss.post(address(site), data=said(site))
    role = db.session.scalars(select(Opportunity)).one()
    assert answer.location == f"/groups/{site.group_id}/rota?role={role.id}&on=2026-12-01"
    assert role.stage == Stage.PUBLISHED
    week = db.session.scalars(
        select(Shift).where(
            Shift.starts_at >= datetime(2026, 12, 7, tzinfo=UTC),
            Shift.starts_at < datetime(2026, 12, 14, tzinfo=UTC),
        )
    ).all()
    zone = ZoneInfo("Europe/London")
    local = sorted(
        (
            WEEKDAYS[shift.starts_at.astimezone(zone).weekday()][:3],
            f"{shift.starts_at.astimezone(zone):%H:%M}-{shift.ends_at.astimezone(zone):%H:%M}",
            shift.places,
            shift.minimum,
        )
        for shift in week
    )
    assert local == [
        ("Mon", "10:00-13:30", 3, 2),
        ("Mon", "13:30-17:00", 3, 2),
        ("Sat", "10:00-13:00", 4, 2),
        ("Wed", "10:00-13:30", 3, 2),
        ("Wed", "13:30-17:00", 3, 2),
    ]
    assert all(shift.stage == Stage.PUBLISHED for shift in week)
    # Mornings and afternoons of both days are one pattern each.
    assert db.session.scalar(select(func.count()).select_from(Pattern)) == 3
    assert "shifts made" in boss.get(answer.location).text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": "-"}, "Give the role a name"),
        ({"open_0": "-", "open_2": "-", "open_5": "-"}, "Choose at least one day"),
        ({"to_2": "10:00"}, "Wednesday: it must close after it opens."),
        ({"from_2": ""}, "Wednesday: say when it opens."),
        ({"from_2": "early"}, "Enter a time"),
        ({"least_5": "5"}, "Saturday: no more than the people there."),
        ({"people_0": "many"}, "Monday: give a number from 1"),
        ({"last_day": "2026-11-01"}, "The last date must not be before the first."),
        ({"last_day": "2036-11-01"}, "Choose a date within three years."),
        # Only Tuesday and no Monday, Wednesday or Saturday between these dates.
        ({"last_day": "2026-12-01"}, "Check the days of the week and the dates."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made_or_lost(
    site: Site, boss: FlaskClient, changed: dict[str, str], sentence: str
) -> None:
    answer = boss.post(address(site), data=said(site, summary="Kept as typed.", **changed))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert "Kept as typed." in answer.text
    assert db.session.scalar(select(func.count()).select_from(Opportunity)) == 0
    assert db.session.scalar(select(func.count()).select_from(Shift)) == 0


def test_bank_holidays_are_left_out_and_the_page_says_so(site: Site, boss: FlaskClient) -> None:
    assert "Bank holidays and your closed days are left out." in boss.get(address(site)).text
    # The week in which Boxing Day is a Saturday and has Monday the 28th in its place.
    boss.post(address(site), data=said(site, first_day="2026-12-21", last_day="2027-01-03"))
    days = {shift.starts_at.date() for shift in db.session.scalars(select(Shift))}
    assert days == {date(2026, 12, day) for day in (21, 23, 30)} | {date(2027, 1, 2)}


def test_nonsense_on_a_closed_day_does_not_matter(site: Site, boss: FlaskClient) -> None:
    answer = boss.post(address(site), data=said(site, from_1="?", to_1="", people_1="x"))
    assert answer.status_code == 302


def test_a_site_of_another_group_is_refused(site: Site, boss: FlaskClient) -> None:
    answer = boss.post(address(site), data=said(site, site_id=str(make.site().id)))
    assert answer.status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Opportunity)) == 0


def test_without_a_site_that_comes_first(app: Flask, sign_in: SignIn) -> None:
    group = make.group()
    answer = sign_in(make.manager(group)).get(f"/groups/{group.id}/rota/begin")
    assert answer.location == f"/groups/{group.id}/sites/new"


def test_the_form_is_filled_in_for_a_usual_week(site: Site, boss: FlaskClient) -> None:
    html = boss.get(address(site)).text
    assert html.count("checked") >= 6
    assert date(2027, 12, 1).isoformat() in html
