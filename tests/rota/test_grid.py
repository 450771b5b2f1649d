"""The week, the month and the year as a manager sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.signups.models import Standing
from tests import factories as make

SignIn = Callable[[User], FlaskClient]
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture(autouse=True)
def _on_a_tuesday(app: Flask) -> Any:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def role(app: Flask) -> Opportunity:
    return make.opportunity(make.group(name="Kibworth Library"), title="Desk helper")


@pytest.fixture
def boss(role: Opportunity, sign_in: SignIn) -> FlaskClient:
    return sign_in(make.manager(db.session.get_one(Group, role.group_id)))


def on(role: Opportunity, hours: float, **said: Any) -> Shift:
    return make.shift(role, starts_at=NOW + timedelta(hours=hours), **said)


def page(client: FlaskClient, role: Opportunity, rest: str = "") -> str:
    """The page's words, every run of blanks one."""
    answer = client.get(f"/groups/{role.group_id}/rota{rest}")
    assert answer.status_code == 200
    words = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])
    return " ".join(words.replace("\u00a0", " ").split())


def test_a_shift_shows_who_is_in_and_who_has_not_confirmed(
    role: Opportunity, boss: FlaskClient
) -> None:
    shift = on(role, 5)
    make.signup(shift, make.volunteer(name="Asha Patel"), assured_at=NOW)
    make.signup(shift, make.volunteer(name="Ben Cole"))
    make.signup(shift, make.volunteer(name="Olu Asked"), standing=Standing.OFFERED)
    make.signup(shift, make.volunteer(name="Wim Waiting"), standing=Standing.WAITING)
    make.signup(shift, make.volunteer(name="Lee Left"), standing=Standing.WITHDRAWN)
    text = page(boss, role)
    assert "2 to 4pm , Desk helper, Tuesday 1 December Asha Patel Ben Cole not confirmed" in text
    assert "Olu Asked asked" in text
    assert "1 waiting" in text
    assert "Lee Left" not in text


def test_far_ahead_nobody_need_have_confirmed(role: Opportunity, boss: FlaskClient) -> None:
    shift = on(role, 24 * 9)
    make.signup(shift, make.volunteer(name="Ben Cole"))
    assert "not confirmed" not in page(boss, role, "?on=2026-12-10")


def test_a_time_not_yet_agreed_to_is_not_confirmed(role: Opportunity, boss: FlaskClient) -> None:
    shift = on(role, 24 * 9, revision=2)
    make.signup(shift, make.volunteer(name="Ben Cole"), agreed_revision=1)
    assert "Ben Cole not confirmed" in page(boss, role, "?on=2026-12-10")


def test_each_duty_tells_who_is_missing(role: Opportunity, boss: FlaskClient) -> None:
    shift = on(role, 5, places=4, minimum=2)
    driver = make.save(Duty(opportunity_id=role.id, name="Driver"))
    lead = make.save(Duty(opportunity_id=role.id, name="In charge", in_charge=True))
    slot = make.save(Slot(shift_id=shift.id, duty_id=driver.id, places=3, minimum=2))
    make.save(Slot(shift_id=shift.id, duty_id=lead.id, places=1, minimum=1))
    make.signup(shift, make.volunteer(name="Dee Driver"), slot_id=slot.id, assured_at=NOW)
    text = page(boss, role)
    assert "Nobody is in charge Driver: 1 more needed" in text
    assert "Driver 1 of 3 Dee Driver" in text


def test_what_is_thin_stands_on_top_with_a_reason(role: Opportunity, boss: FlaskClient) -> None:
    thin = on(role, 24 * 20, minimum=2)
    make.signup(thin, make.volunteer(), standing=Standing.WITHDRAWN)
    on(role, 24 * 20 + 4, minimum=0)
    on(role, 24 * 40, minimum=2)  # later than that
    text = page(boss, role)
    assert "2 more people needed. Why: 1 person left it." in text
    assert text.count("Why:") == 1


def test_a_shift_whose_people_were_only_asked_is_thin(role: Opportunity, boss: FlaskClient) -> None:
    make.signup(on(role, 24 * 10), make.volunteer(), standing=Standing.OFFERED)
    assert "1 more person needed. Why: 1 person has not answered yet." in page(boss, role)


def test_a_way_down_to_today_is_there_once_something_stands_before_it(
    role: Opportunity, boss: FlaskClient
) -> None:
    on(role, -24)
    assert "Down to today" not in page(boss, role)  # nothing is on today
    on(role, 5)
    assert 'href="#day-2"' in boss.get(f"/groups/{role.group_id}/rota").text
    with clock.stopped_at(NOW - timedelta(days=1)):
        assert "Down to today" not in page(boss, role)  # it is Monday


def test_the_week_goes_by_the_sites_clock(role: Opportunity, boss: FlaskClient) -> None:
    # Half past midnight on Monday in London, in summer: still Sunday in UTC.
    make.shift(role, starts_at=datetime(2027, 6, 6, 23, 30, tzinfo=UTC))
    assert "12:30 to 2:30am" in page(boss, role, "?on=2027-06-07")
    assert "12:30 to 2:30am" not in page(boss, role, "?on=2027-06-06")


def test_a_role_can_be_looked_at_alone(role: Opportunity, boss: FlaskClient) -> None:
    other = make.save(
        Opportunity(
            group_id=role.group_id,
            site_id=role.site_id,
            title="Story time",
            stage=Stage.PUBLISHED,
        )
    )
    on(role, 5)
    on(other, 5)
    for view in ("", "/month", "/year"):
        assert "Story time" in page(boss, role, view).partition("after →")[2]
        alone = page(boss, role, f"{view}?role={role.id}")
        assert "Story time" not in alone.partition("after →")[2]
    # A role of another group narrows nothing.
    assert "2 shifts" in page(boss, role, f"/year?role={make.opportunity().id}")


def test_an_empty_rota_says_what_to_do_next(app: Flask, sign_in: SignIn) -> None:
    group = make.site().group_id
    client = sign_in(make.manager(db.session.get_one(Group, group)))
    answer = client.get(f"/groups/{group}/rota")
    assert "Set up a week" in answer.text
    assert f'href="/groups/{group}/rota/begin"' in answer.text


def test_the_year_holds_every_shift_with_its_names(role: Opportunity, boss: FlaskClient) -> None:
    for person, days in (("Asha Patel", -200), ("Ben Cole", 3), ("Cara Dale", 60)):
        make.signup(on(role, 24 * days), make.volunteer(name=person))
    on(role, 24 * 4, stage=Stage.CANCELLED)
    on(role, 24 * 5, minimum=2)
    make.signup(on(role, 24 * 6), make.volunteer(name="Olu Asked"), standing=Standing.OFFERED)
    text = page(boss, role, "/year")
    assert "5 shifts. 2 coming shifts have too few people to run" in text
    assert "Asha P" in text
    assert "9am–11am Ben C" in text
    assert "9am–11am Cancelled" in text
    assert "2 more needed" in text
    assert "(asked: Olu A) 1 more needed" in text
    assert "Cara" not in text  # in January
    assert "Cara D" in page(boss, role, "/year?on=2027-05-01")


def test_the_year_is_folded_by_month_and_only_the_month_looked_at_is_open(
    role: Opportunity, boss: FlaskClient
) -> None:
    for days in (-180, 3, 4, 5):
        on(role, 24 * days, minimum=2)
    html = boss.get(f"/groups/{role.group_id}/rota/year").text
    assert html.count("<details") == 2
    (open_one,) = re.findall(r"<details[^>]* open>.*?</details>", html, re.DOTALL)
    assert re.search(r"December 2026</span> <span[^>]*>3 shifts, <strong>3 with", open_one)
    assert html.count("Nothing runs") == 10
    wide = boss.get(f"/groups/{role.group_id}/rota/year?open=all").text
    assert len(re.findall(r"<details[^>]* open>", wide)) == 2


def test_each_shift_of_the_year_stands_in_its_own_month(
    role: Opportunity, boss: FlaskClient
) -> None:
    """The week of 30 November is told twice, each time with the days of its month."""
    on(role, -24)
    on(role, 24)
    html = boss.get(f"/groups/{role.group_id}/rota/year").text
    november, december = re.findall(r"<details.*?</details>", html, re.DOTALL)
    assert "Mon 30" in november
    assert "Wed 2" not in november
    assert "Wed 2" in december
    assert "Mon 30" not in december


def test_what_people_typed_stays_text_in_the_year(role: Opportunity, boss: FlaskClient) -> None:
    make.signup(on(role, 5), make.volunteer(name="<b>Bo</b>"))
    html = boss.get(f"/groups/{role.group_id}/rota/year").text
    assert "<b>Bo</b>" not in html
    assert "&lt;b&gt;Bo&lt;/b&gt;" in html


@pytest.mark.parametrize("view", ["", "/month", "/year"])
def test_the_number_of_statements_does_not_grow(
    role: Opportunity, boss: FlaskClient, count_queries: Any, view: str
) -> None:
    address = f"/groups/{role.group_id}/rota{view}"

    def counted() -> int:
        db.session.rollback()
        with count_queries() as statements:
            assert boss.get(address).status_code == 200
        return len(statements)

    make.signup(on(role, 5, minimum=2), make.volunteer())
    few = counted()
    for hours in range(6, 200, 8):
        make.signup(on(role, hours, minimum=2), make.volunteer())
    assert counted() == few, view
    assert few <= {"": 19, "/month": 13, "/year": 13}[view]


def test_looking_goes_on_record(role: Opportunity, boss: FlaskClient) -> None:
    page(boss, role)  # nobody is on it: nothing was seen of anybody
    make.signup(on(role, 5), make.volunteer())
    page(boss, role)
    page(boss, role, "/year")
    found = db.session.scalars(select(AuditEvent.action)).all()
    assert found == ["viewed rota", "viewed rota"]


@pytest.mark.parametrize("asked", ["on=never", "on=0001-01-01", "site=x&role=-4", "on=9999-12-31"])
def test_a_strange_address_shows_this_week(
    role: Opportunity, boss: FlaskClient, asked: str
) -> None:
    on(role, 5)
    assert "week of 30 November" in page(boss, role, f"?{asked}")


def test_who_could_come_is_told_in_numbers(role: Opportunity, boss: FlaskClient) -> None:
    shift = on(role, 30)
    make.volunteer(name="Fit Fellow")
    make.volunteer(sms_consent_at=None)
    text = page(boss, role, f"/shifts/{shift.id}")
    assert "1 person in the county could be asked" in text
    assert "1 cannot be texted" in text
    assert "Fit Fellow" not in text
    assert "What would help most" in page(boss, role, f"/shifts/{shift.id}/help")
    part = boss.get(
        f"/groups/{role.group_id}/rota/shifts/{shift.id}/help", headers={"HX-Request": "true"}
    )
    assert "<main" not in part.text
    assert "What would help most" in part.text


def test_the_grid_is_asked_for_again_by_itself_and_says_the_same(
    role: Opportunity, boss: FlaskClient
) -> None:
    shift = on(role, 5)
    make.signup(shift, make.volunteer(name="Asha Patel"))
    address = f"/groups/{role.group_id}/rota"
    whole = boss.get(address).text
    assert f'hx-get="{address}"' in whole
    part = boss.get(address, headers={"HX-Request": "true"}).text
    assert "<main" not in part
    assert "Asha Patel" in part
    grid = part[part.index('<div class="mh-rota') : part.index("mh-heard")]
    assert grid in whole
    # That it was looked at stands on record once, not each half minute.
    assert len(db.session.scalars(select(AuditEvent)).all()) == 1


def test_that_nobody_has_confirmed_is_said_once(role: Opportunity, boss: FlaskClient) -> None:
    shift = on(role, 5)
    for name in ("Asha Patel", "Ben Cole"):
        make.signup(shift, make.volunteer(name=name))
    said = page(boss, role)
    assert "None has confirmed yet" in said
    assert "not confirmed" not in said


def test_why_it_is_thin_names_who_of_the_groups_people_could_come(
    role: Opportunity, boss: FlaskClient
) -> None:
    on(role, 5, minimum=2)
    make.known_to(make.volunteer(), db.session.get_one(Group, role.group_id))
    assert "nobody has asked for it yet, 1 of your people could come" in page(boss, role)


def test_a_coming_day_leads_to_a_new_shift_and_a_past_one_does_not(
    role: Opportunity, boss: FlaskClient
) -> None:
    on(role, 5)
    whole = boss.get(f"/groups/{role.group_id}/rota").text
    assert "shifts/new?day=2026-12-02" in whole
    assert "shifts/new?day=2026-11-30" not in whole


def test_who_is_there_is_not_called_unconfirmed(role: Opportunity, boss: FlaskClient) -> None:
    shift = on(role, -1, places=3)
    make.signup(shift, make.volunteer(name="Asha Patel"), standing=Standing.ATTENDED)
    make.signup(shift, make.volunteer(name="Ben Cole"))
    said = page(boss, role)
    assert "Asha Patel Ben Cole not confirmed" in said
