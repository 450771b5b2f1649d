"""A database that people have used comes through the migrations with every row."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Pattern, Shift
from app.signups.models import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS
from tests import postgresql

MIGRATIONS = str(Path(__file__).resolve().parents[2] / "migrations")
# The oldest state of which each table that others refer to had rows.
FILLED = (
    *("account", "organisation", "site", "volunteer", "opportunity", "pattern", "shift"),
    *("signup", "signup_event", "broadcast", "broadcast_shift", "broadcast_recipient", "message"),
)


@pytest.fixture
def old_app(
    settings: dict[str, object],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """An app whose database stands where the first release left it."""
    monkeypatch.setenv("APP_ENV", "test")
    if request.config.getoption("--database") == "sqlite":
        yield from _at_the_first(settings, f"sqlite:///{tmp_path}/old.db")
    else:
        with postgresql.fresh_database() as url:
            yield from _at_the_first(settings, url)


def _at_the_first(settings: dict[str, object], url: str) -> Any:
    app = create_app(settings | {"SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0001")
        yield app
        db.session.remove()
        db.engine.dispose()


def test_no_row_is_lost_on_the_way_up(old_app: Flask) -> None:
    with db.engine.begin() as connection:
        counts = _fill(connection)
    upgrade(directory=MIGRATIONS)
    with db.engine.begin() as connection:
        after = {name: _count(connection, name) for name in counts}
        assert after == counts
        # The places are still counted: the shift has the one that was signed up.
        assert connection.scalar(sa.text("SELECT taken FROM shift")) == 1
    assert db.session.scalar(sa.select(Opportunity.title))
    pattern = db.session.scalars(sa.select(Pattern)).one()
    assert pattern.rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"
    assert db.session.scalar(sa.select(Shift.series)) == pattern.series == "pattern-1"


def test_the_triggers_of_the_database_are_those_of_the_model(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        found = list(db.session.scalars(sa.text(query)))
        assert sorted(map(str.split, found)) == sorted(map(str.split, SQLITE_TRIGGERS))
        return
    body = db.session.scalar(sa.text("SELECT prosrc FROM pg_proc WHERE proname = 'count_places'"))
    assert str(body).split() == POSTGRESQL_TRIGGERS[0].split("$$")[1].split()
    columns = db.session.scalars(
        sa.text(
            "SELECT a.attname FROM pg_trigger t, pg_attribute a WHERE t.tgname = "
            "'signup_counts_places' AND a.attrelid = t.tgrelid AND a.attnum = ANY(t.tgattr)"
        )
    )
    assert set(columns) == {"standing", "shift_id", "slot_id"}


def _fill(connection: sa.Connection) -> dict[str, int]:
    """One row in each of the tables, whose columns are read from the database as it is."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=[name for name in FILLED if _exists(connection, name)])
    for table in metadata.sorted_tables:
        connection.execute(table.insert().values(_row(table)))
    return {table.name: _count(connection, table.name) for table in metadata.sorted_tables}


def _exists(connection: sa.Connection, name: str) -> bool:
    return sa.inspect(connection).has_table(name)


def _count(connection: sa.Connection, name: str) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0


def _row(table: sa.Table) -> dict[str, Any]:
    said: dict[str, Any] = {
        "taken": 0,
        "places": 3,
        "minimum": 1,
        "ends_at": datetime(2026, 12, 1, 12, tzinfo=clock.now().tzinfo),
        "standing": "confirmed",
        "stage": "published",
        "policy": "open",
        "every_weeks": 2,
        "weekdays": 2 | 8,
    }
    return {
        column.name: said.get(column.name, _value(column))
        for column in table.columns
        if not column.nullable or column.foreign_keys
    }


def _value(column: sa.Column[Any]) -> Any:
    if column.foreign_keys or column.primary_key:
        return 1
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 12, 1, 10, tzinfo=clock.now().tzinfo)
    values: list[tuple[type[Any], Any]] = [
        (sa.Boolean, False),
        (sa.Date, date(2026, 12, 1)),
        (sa.Time, time(10)),
        (sa.JSON, []),
        (sa.Float, 0.0),
        (sa.Integer, 0),
    ]
    return next((value for of, value in values if isinstance(kind, of)), "x")
