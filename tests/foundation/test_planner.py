"""SQLite's planner learns how many rows there are."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation import planner, schedule
from app.foundation.extensions import db
from tests import factories


@pytest.mark.usefixtures("app")
def test_sqlite_knows_its_rows_afterwards() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL learns by itself.")
    for _ in range(3):
        factories.volunteer()
    db.session.commit()
    planner.learn()
    with db.engine.begin() as connection:
        known = connection.exec_driver_sql(
            "SELECT stat FROM sqlite_stat1 WHERE tbl = 'volunteer'"
        ).scalars()
        assert {stat.split()[0] for stat in known} == {"3"}
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")


def test_it_learns_each_day(app: Flask) -> None:
    day = schedule.registered(app)["app.operations.jobs.learn_rows"].pause
    assert day.days == 1
