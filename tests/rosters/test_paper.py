"""The rota and the phone list, as they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group, Site
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.rosters import queries
from app.signups.models import Standing
from app.volunteers.models import GroupVolunteer, Volunteer
from tests import factories

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 6, 9, 11, 0, tzinfo=UTC)  # a Tuesday
SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield


@pytest.fixture
def site(app: Flask) -> Site:
    group = factories.group(name="Hathern Library")
    return factories.site(
        group, name="The library", address="1 Green Lane", access_notes="Door code 4711"
    )


@pytest.fixture
def manager(site: Site, sign_in: SignIn) -> FlaskClient:
    return sign_in(factories.manager(db.session.get_one(Group, site.group_id)))


def shift_at(site: Site, starts: datetime, title: str = "Desk", **said: Any) -> Shift:
    role = db.session.scalar(select(Opportunity).where(Opportunity.title == title))
    role = role or factories.opportunity(at=site, title=title)
    return factories.shift(role, starts_at=starts, **said)


def person(site: Site, **said: Any) -> Volunteer:
    someone = factories.volunteer(
        **({"emergency_name": "Bob", "emergency_phone": "01509 111222"} | said)
    )
    factories.known_to(someone, db.session.get_one(Group, site.group_id))
    return someone


def rota(client: FlaskClient, site: Site, week: str = "2026-06-09") -> str:
    return client.get(f"/groups/{site.group_id}/sites/{site.id}/paper/rota?week={week}").text


def phones(client: FlaskClient, site: Site) -> str:
    return client.get(f"/groups/{site.group_id}/sites/{site.id}/paper/phones").text


def test_the_rota_names_who_does_what_and_no_phones(manager: FlaskClient, site: Site) -> None:
    shift = shift_at(site, NOON + timedelta(days=1))
    driver = factories.save(Duty(opportunity_id=shift.opportunity_id, name="Driver"))
    desk = factories.save(Duty(opportunity_id=shift.opportunity_id, name="Front desk", rank=1))
    slots = [
        factories.save(Slot(shift_id=shift.id, duty_id=duty.id, places=places))
        for duty, places in ((driver, 1), (desk, 2))
    ]
    ada = person(site, name="Ada Lovelace")
    factories.signup(shift, ada, slot_id=slots[0].id)
    factories.signup(shift, person(site, name="Gone"), standing=Standing.WITHDRAWN)
    page = rota(manager, site)
    assert "Wednesday 10 June" in page
    assert "Ada Lovelace" in page
    assert page.index("Driver") < page.index("Front desk")
    assert page.count("mh-paper__free") == 2
    assert "Gone" not in page
    for private in ("07700", "01509", "4711"):
        assert private not in page
    days = queries.rota_of(site, datetime(2026, 6, 8, tzinfo=UTC).date())
    assert [(duty.name, duty.people, duty.free) for duty in days[0][1][0].duties] == [
        ("Driver", ["Ada Lovelace"], 0),
        ("Front desk", [], 2),
    ]


def test_the_rota_is_of_one_week_by_the_sites_clock(manager: FlaskClient, site: Site) -> None:
    monday = datetime(2026, 6, 8, 0, 30, tzinfo=LONDON)
    shift_at(site, monday, "First")
    shift_at(site, datetime(2026, 6, 14, 23, 0, tzinfo=LONDON), "Last")
    shift_at(site, monday - timedelta(hours=1), "Before")
    shift_at(site, monday + timedelta(days=7), "After")
    shift_at(site, monday + timedelta(days=1), "Cancelled", stage=Stage.CANCELLED)
    page = rota(manager, site)
    assert "First" in page
    assert "Last" in page
    for title in ("Before", "After", "Cancelled"):
        assert title not in page


@pytest.mark.parametrize(("monday", "last"), [(23, "Sunday 29 March"), (30, "Monday 30 March")])
def test_the_week_when_the_clocks_change(
    manager: FlaskClient, site: Site, monday: int, last: str
) -> None:
    shift_at(site, datetime(2026, 3, 29, 23, 30, tzinfo=LONDON), "Late on Sunday")
    shift_at(site, datetime(2026, 3, 30, 0, 30, tzinfo=LONDON), "Early on Monday")
    page = rota(manager, site, f"2026-03-{monday}")
    assert last in page
    assert ("Late on Sunday" in page) is (monday == 23)
    assert ("Early on Monday" in page) is (monday == 30)


@pytest.mark.parametrize("week", ["nonsense", "2026-13-45", ""])
def test_a_week_that_is_none_is_this_week(manager: FlaskClient, site: Site, week: str) -> None:
    assert "Monday 8 June" in rota(manager, site, week)


def test_the_last_week_that_there_is(manager: FlaskClient, site: Site) -> None:
    path = f"/groups/{site.group_id}/sites/{site.id}/paper/rota?week=9999-12-31"
    assert manager.get(path).status_code == 404


def test_choosing_leads_to_the_week(manager: FlaskClient, site: Site) -> None:
    answer = manager.get(f"/groups/{site.group_id}/paper?site={site.id}&day=2026-06-11")
    assert answer.location.endswith(f"/sites/{site.id}/paper/rota?week=2026-06-08")
    page = manager.get(f"/groups/{site.group_id}/paper?site={site.id}&day=never").text
    assert "Enter a date" in page


def test_the_phone_list_has_what_one_needs_without_a_network(
    manager: FlaskClient, site: Site
) -> None:
    shift = shift_at(site, NOON + timedelta(days=1))
    factories.signup(shift, person(site, name="Ada Lovelace", phone="+447700900123"))
    page = phones(manager, site)
    for words in ("Ada Lovelace", "07700 900123", "Bob", "01509 111222", "Door code 4711"):
        assert words in page
    assert "1 Green Lane" in page
    # On paper "tomorrow" would be wrong the next day.
    assert "Desk, Wednesday 10 June, noon to 2pm" in page
    assert "tomorrow" not in page
    assert "shred it after Friday 12 June" in page
    assert "Printed Tuesday 9 June, noon" in page
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "printed phone list")
    ).one()
    assert event.detail == {"people": 1}


def test_only_who_comes_in_the_next_days_is_on_it(manager: FlaskClient, site: Site) -> None:
    for name, starts, said in (
        ("Later", NOON + timedelta(days=3), {}),
        ("Over", NOON - timedelta(hours=5), {}),
        ("Waits", NOON + timedelta(days=1), {"standing": Standing.WAITING}),
        ("Left", NOON + timedelta(days=1), {"standing": Standing.WITHDRAWN}),
    ):
        factories.signup(shift_at(site, starts), person(site, name=name), **said)
    factories.signup(shift_at(site, NOON + timedelta(days=2)), person(site, name="Comes"))
    page = phones(manager, site)
    assert "Comes" in page
    for name in ("Later", "Over", "Waits", "Left"):
        assert f">{name}<" not in page


def test_whoever_has_not_joined_themselves_keeps_their_number(
    manager: FlaskClient, site: Site
) -> None:
    someone = person(site, name="Placed by hand", phone="+447700900124")
    with transaction():
        link = db.session.scalars(
            select(GroupVolunteer).where(GroupVolunteer.volunteer_id == someone.id)
        ).one()
        link.sees_profile = False
    factories.signup(shift_at(site, NOON + timedelta(days=1)), someone)
    page = phones(manager, site)
    assert "Placed by hand" in page
    assert "900124" not in page
    assert "Bob" not in page


def test_printing_is_not_kept_by_the_browser(manager: FlaskClient, site: Site) -> None:
    path = f"/groups/{site.group_id}/sites/{site.id}/paper/phones"
    assert manager.get(path).headers["Cache-Control"] == "no-store"


def test_printing_needs_few_statements(
    manager: FlaskClient, site: Site, count_queries: Callable[[], Any]
) -> None:
    group_id, site_id = site.group_id, site.id
    counted: dict[str, list[int]] = {"rota?week=2026-06-09": [], "phones": []}
    for turn in range(2):
        for number in range(6):
            at = NOON + timedelta(days=1, hours=number + 6 * turn)
            here = db.session.get_one(Site, site_id)
            factories.signup(shift_at(here, at), person(here))
        for page, numbers in counted.items():
            db.session.remove()
            with count_queries() as statements:
                manager.get(f"/groups/{group_id}/sites/{site_id}/paper/{page}")
            numbers.append(len(statements))
    for numbers in counted.values():
        assert numbers[0] == numbers[1] <= 12
