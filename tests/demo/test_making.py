"""Making the demo county: the same each time, whenever it is made, and never over other data."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.models import User
from app.demo import queries, service
from app.demo.county import FOOD_BANK
from app.demo.roles import ROLES
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.model import metadata
from app.groups.models import Group
from app.hours.models import Attendance
from app.matching.queries import Wish, audience
from app.opportunities.models import Shift
from app.opportunities.rules import check_dbs
from tests import factories
from tests.conftest import leave_nothing
from tests.demo.conftest import AFTERNOON

FEW = service.FEWEST


def _checksums() -> dict[str, str]:
    """Of every table that has rows, but for what must differ: the salt of the password."""
    found = {}
    for table in metadata.sorted_tables:
        columns = [column for column in table.c if column.name != "password_hash"]
        rows = db.session.execute(select(*columns).order_by(*table.primary_key)).all()
        if rows:
            found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def _number_from_one() -> None:
    """As in a database that is new: the rows of some tables are numbered by the database itself."""
    if db.engine.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        with db.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def test_the_county_is_the_same_every_time(app: Flask) -> None:
    sums = []
    for _ in range(2):
        _number_from_one()  # first too: other tests may have taken numbers before
        with clock.stopped_at(AFTERNOON):
            service.seed(FEW)
        sums.append(_checksums())
        leave_nothing(app)
    assert sums[0] == sums[1]
    assert len(sums[0]) > 15


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        # A Saturday in winter; an evening too late for tonight; the night the clocks go back.
        (datetime(2027, 1, 9, 9, 0, tzinfo=UTC), datetime(2027, 1, 9, 18, 30, tzinfo=UTC)),
        (datetime(2026, 6, 18, 16, 31, tzinfo=UTC), datetime(2026, 6, 19, 17, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 18, 30, tzinfo=UTC)),
    ],
)
def test_there_is_a_round_without_drivers_whenever_it_is_made(
    app: Flask, moment: datetime, begins: datetime
) -> None:
    with clock.stopped_at(moment):
        service.seed(FEW)
        shift = db.session.scalars(select(Shift).where(Shift.starts_at == begins, Shift.taken == 0))
        rounds = [
            each
            for each in shift
            if each.opportunity.group.name == FOOD_BANK
            and each.opportunity.title == "Food parcel driver"
        ]
        assert len(rounds) == 1
        assert audience(Wish(shift_ids=(rounds[0].id,))).size >= 60


def test_rows_made_later_get_numbers_of_their_own(app: Flask) -> None:
    service.seed(FEW)
    assert factories.volunteer().id == FEW + 1
    assert factories.shift().id > 1000


def test_it_is_refused_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    said = app.test_cli_runner().invoke(args=["demo", "seed"])
    assert said.exit_code == 1
    assert said.output == (
        "Error: The demo county is refused in production: its passwords are public.\n"
    )
    assert app.test_cli_runner().invoke(args=["demo", "sign-ins"]).exit_code == 1
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_it_leaves_other_peoples_data_alone(app: Flask) -> None:
    factories.user()
    assert service.seed(FEW) is None
    assert db.session.scalar(select(func.count(Group.id))) == 0
    assert queries.sign_ins() == []


def test_nothing_is_kept_when_it_fails_half_way(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Refusal("No.")

    monkeypatch.setattr(service.Standings, "know_some", fail)
    with pytest.raises(Refusal):
        service.seed(FEW)
    assert queries.is_empty()


def test_every_check_that_a_role_asks_for_is_lawful() -> None:
    for role in (role for roles in ROLES.values() for role in roles):
        check = role.check
        check_dbs(check["dbs_level"], check["dbs_ground"], check["dbs_workforce"])


def test_made_at_night_nothing_is_on(app: Flask) -> None:
    with clock.stopped_at(datetime(2026, 6, 18, 1, 0, tzinfo=UTC)):
        service.seed(service.FEWEST)
        assert db.session.scalars(select(Attendance)).all() == []
