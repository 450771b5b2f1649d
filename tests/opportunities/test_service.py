"""Managers create, publish and repeat."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import jobs, making, service
from app.opportunities.models import Closure, Opportunity, Shift, Stage
from app.opportunities.rules import Ground, Repeat
from app.opportunities.service import Details
from app.opportunities.signals import shifts_made
from app.volunteers.vocabulary import DbsLevel, Workforce
from tests import factories as make

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def _at_nine_on_a_monday() -> Any:
    with clock.stopped_at(NOW):
        yield


def details(site_id: int, **said: Any) -> Details:
    return Details(**({"site_id": site_id, "title": "Driver", "summary": "Drive."} | said))


def every_tuesday(**said: Any) -> Repeat:
    defaults: dict[str, Any] = {
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "starts": time(18),
        "ends": time(20),
        "first_day": date(2026, 3, 2),
        "last_day": date(2026, 3, 31),
    }
    return Repeat(**(defaults | said))


def number_of_shifts() -> int:
    return db.session.scalar(select(func.count(Shift.id))) or 0


def test_a_new_opportunity_is_a_draft(app: Flask) -> None:
    at = make.site()
    assert service.create(at.group_id, details(at.id)).stage == Stage.DRAFT


def test_a_site_of_another_group_is_refused(app: Flask) -> None:
    at, elsewhere = make.site(), make.site()
    with pytest.raises(Refusal) as refused:
        service.create(at.group_id, details(elsewhere.id))
    assert refused.value.field == "site_id"


def test_a_check_without_its_ground_is_refused(app: Flask) -> None:
    at = make.site()
    with pytest.raises(Refusal):
        service.create(at.group_id, details(at.id, dbs_level=DbsLevel.BASIC))
    assert db.session.scalar(select(func.count(Opportunity.id))) == 0


def test_a_role_without_a_check_keeps_no_ground(app: Flask) -> None:
    at = make.site()
    made = service.create(
        at.group_id,
        details(at.id, dbs_ground=Ground.BASIC, dbs_workforce=Workforce.CHILD, dbs_reason="x"),
    )
    assert (made.dbs_ground, made.dbs_workforce, made.dbs_reason) == (None, None, "")


def test_nothing_is_published_without_a_summary(app: Flask) -> None:
    role = make.opportunity(stage=Stage.DRAFT, summary="", published_at=None)
    with pytest.raises(Refusal) as refused:
        service.publish(role.group_id, role.id)
    assert refused.value.field == "summary"


def test_publishing_shows_the_coming_shifts_too(app: Flask) -> None:
    role = make.opportunity(stage=Stage.DRAFT)
    shift = make.shift(role, stage=Stage.DRAFT)
    service.publish(role.group_id, role.id)
    assert db.session.get_one(Shift, shift.id).stage == Stage.PUBLISHED


def test_closing_and_opening_again_leaves_a_cancelled_shift_cancelled(app: Flask) -> None:
    role = make.opportunity()
    open_one, cancelled = make.shift(role), make.shift(role, stage=Stage.CANCELLED)
    service.close(role.group_id, role.id)
    assert db.session.get_one(Shift, open_one.id).stage == Stage.CLOSED
    service.publish(role.group_id, role.id)
    assert db.session.get_one(Shift, open_one.id).stage == Stage.PUBLISHED
    assert db.session.get_one(Shift, cancelled.id).stage == Stage.CANCELLED


def test_another_groups_opportunity_is_not_found(app: Flask) -> None:
    role, others = make.opportunity(), make.group()
    with pytest.raises(NotFound):
        service.publish(others.id, role.id)


def test_a_new_site_takes_along_only_shifts_without_people(app: Flask) -> None:
    role = make.opportunity()
    empty, taken = make.shift(role), make.shift(role)
    make.signup(taken, make.volunteer())
    new_site = make.site(role.group)
    service.edit(role.group_id, role.id, Details(site_id=new_site.id))
    assert db.session.get_one(Shift, empty.id).site_id == new_site.id
    assert db.session.get_one(Shift, taken.id).site_id != new_site.id


def test_a_shift_is_at_local_time(app: Flask) -> None:
    role = make.opportunity()
    shift = service.add_shift(
        role.group_id,
        role.id,
        day=date(2026, 7, 1),
        starts=time(22),
        ends=time(2),
        places=3,
        minimum=2,
    )
    assert (shift.starts_at.hour, shift.ends_at.hour, shift.ends_at.day) == (21, 1, 2)
    assert shift.stage == Stage.PUBLISHED


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"day": date(2026, 3, 1)}, "day"),
        ({"ends": time(10)}, "ends"),
        ({"places": 0, "minimum": 0}, "places"),
        ({"minimum": 9}, "minimum"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_beside_its_field(
    app: Flask, said: dict[str, Any], field: str
) -> None:
    role = make.opportunity()
    defaults: dict[str, Any] = {
        "day": date(2026, 3, 9),
        "starts": time(10),
        "ends": time(12),
        "places": 3,
        "minimum": 1,
    }
    with pytest.raises(Refusal) as refused:
        service.add_shift(role.group_id, role.id, **(defaults | said))
    assert refused.value.field == field
    assert number_of_shifts() == 0


def test_a_pattern_makes_its_shifts_at_once(app: Flask) -> None:
    role = make.opportunity()
    _, made = service.add_pattern(
        role.group_id,
        role.id,
        every_tuesday(skipped=[date(2026, 3, 10)]),
        places=4,
        minimum=2,
    )
    days = db.session.scalars(select(Shift.occurrence_day).order_by(Shift.starts_at)).all()
    assert made == 4
    assert [day.day for day in days if day] == [3, 17, 24, 31]


def test_a_pattern_without_a_day_is_refused(app: Flask) -> None:
    role = make.opportunity()
    with pytest.raises(Refusal):
        service.add_pattern(
            role.group_id,
            role.id,
            every_tuesday(last_day=date(2026, 3, 2)),
            places=1,
            minimum=1,
        )


def test_a_long_pattern_is_extended_as_time_goes_on(app: Flask) -> None:
    role = make.opportunity()
    _, made = service.add_pattern(
        role.group_id, role.id, every_tuesday(last_day=date(2027, 3, 2)), places=1, minimum=1
    )
    assert made == 26
    with clock.stopped_at(NOW + timedelta(weeks=2)):
        assert making.extend_patterns() == 2
    assert number_of_shifts() == 28


def test_a_pattern_of_a_day_and_a_night_makes_its_shift_when_the_clocks_go_back(
    app: Flask,
) -> None:
    role = make.opportunity()
    with clock.stopped_at(datetime(2026, 10, 1, 9, tzinfo=UTC)):
        sundays = every_tuesday(
            rule="FREQ=WEEKLY;BYDAY=SU",
            starts=time(1),
            ends=time(0, 30),
            first_day=date(2026, 10, 18),
            last_day=date(2026, 11, 1),
        )
        _, made = service.add_pattern(role.group_id, role.id, sundays, places=1, minimum=1)
    assert made == 3
    lengths = [
        one.ends_at - one.starts_at for one in db.session.scalars(select(Shift).order_by(Shift.id))
    ]
    assert lengths == [timedelta(hours=hours) for hours in (23.5, 24.5, 23.5)]


def test_a_pattern_that_fails_keeps_no_other_from_its_turn(app: Flask) -> None:
    broken, whole = make.pattern(places=501), make.pattern(first_day=NOW.date())
    with pytest.raises(ExceptionGroup) as raised:
        making.extend_patterns()
    assert len(raised.value.exceptions) == 1
    made = set(db.session.scalars(select(Shift.pattern_id)))
    assert whole.id in made
    assert broken.id not in made


def test_extending_twice_makes_nothing_twice(app: Flask) -> None:
    role = make.opportunity()
    service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
    before = number_of_shifts()
    jobs.extend_patterns()
    assert number_of_shifts() == before


def test_a_deleted_shift_is_not_made_again(app: Flask) -> None:
    role = make.opportunity()
    service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
    first = db.session.scalars(select(Shift.id).order_by(Shift.starts_at)).first()
    service.delete_shift(role.group_id, first or 0)
    assert making.extend_patterns() == 0


def test_a_moved_shift_is_not_made_again(app: Flask) -> None:
    role = make.opportunity()
    service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
    first = db.session.scalars(select(Shift.id).order_by(Shift.starts_at)).first() or 0
    service.edit_shift(
        role.group_id,
        first,
        day=date(2026, 3, 5),
        starts=time(9),
        ends=time(10),
        places=1,
        minimum=1,
    )
    assert making.extend_patterns() == 0


def test_places_never_go_below_those_taken(app: Flask) -> None:
    shift = make.shift(places=3)
    for _ in range(2):
        make.signup(shift, make.volunteer())
    with pytest.raises(Refusal) as refused:
        service.edit_shift(
            shift.opportunity.group_id,
            shift.id,
            day=date(2026, 3, 9),
            starts=time(9),
            ends=time(10),
            places=1,
            minimum=1,
        )
    assert refused.value.field == "places"


def test_a_cancelled_opportunity_takes_no_more_shifts(app: Flask) -> None:
    role = make.opportunity(stage=Stage.CANCELLED)
    with pytest.raises(Refusal):
        service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
    assert number_of_shifts() == 0


def test_a_pattern_without_an_end_goes_on_as_long_as_nobody_says(app: Flask) -> None:
    role = make.opportunity()
    _, made = service.add_pattern(
        role.group_id, role.id, every_tuesday(last_day=None), places=1, minimum=1
    )
    assert made == 26
    with clock.stopped_at(NOW + timedelta(weeks=200)):
        assert making.extend_patterns() == 26


def test_each_shift_has_the_key_of_its_occurrence(app: Flask) -> None:
    role = make.opportunity()
    pattern, _ = service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
    series = pattern.series
    shifts = db.session.scalars(select(Shift).order_by(Shift.starts_at)).all()
    assert {shift.series for shift in shifts} == {series}
    assert [shift.occurrence_day for shift in shifts] == [
        shift.starts_at.date() for shift in shifts
    ]


def test_who_wants_to_know_hears_of_the_shifts_that_a_pattern_makes(app: Flask) -> None:
    role, heard = make.opportunity(), []

    with shifts_made.connected_to(heard.append):
        service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
        making.extend_patterns()  # makes nothing more, so says nothing
    ids = db.session.scalars(select(Shift.id).order_by(Shift.starts_at)).all()
    assert heard == [ids]


def test_nothing_is_made_on_bank_holidays_when_the_pattern_is_closed_then(app: Flask) -> None:
    role = make.opportunity()
    mondays = every_tuesday(
        rule="FREQ=WEEKLY;BYDAY=MO", last_day=date(2026, 5, 31), works_on_holidays=False
    )
    service.add_pattern(role.group_id, role.id, mondays, places=1, minimum=1)
    made = set(db.session.scalars(select(Shift.occurrence_day)))
    assert date(2026, 4, 13) in made
    # Easter Monday, and the two in May.
    assert not made & {date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25)}


@pytest.mark.parametrize("whose", ["group", "site", "other site", "other group"])
def test_nothing_is_made_while_the_place_is_closed(app: Flask, whose: str) -> None:
    role = make.opportunity()
    others = {
        "group": (role.group_id, None),
        "site": (role.group_id, role.site_id),
        "other site": (role.group_id, make.site(role.group).id),
        "other group": (make.group().id, None),
    }
    group_id, site_id = others[whose]
    make.save(
        Closure(
            group_id=group_id,
            site_id=site_id,
            name="Boiler",
            first_day=date(2026, 3, 10),
            last_day=date(2026, 3, 17),
        )
    )
    service.add_pattern(role.group_id, role.id, every_tuesday(), places=1, minimum=1)
    made = [day.day for day in db.session.scalars(select(Shift.occurrence_day)) if day]
    closed = whose in ("group", "site")
    assert sorted(made) == ([3, 24, 31] if closed else [3, 10, 17, 24, 31])


def test_a_rule_that_we_do_not_know_is_refused(app: Flask) -> None:
    role = make.opportunity()
    with pytest.raises(Refusal):
        service.add_pattern(
            role.group_id, role.id, every_tuesday(rule="FREQ=HOURLY"), places=1, minimum=1
        )
    assert number_of_shifts() == 0
