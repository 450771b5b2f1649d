"""Real databases and a real Redis for every test; no socket leaves this machine."""

from __future__ import annotations

import functools
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask, g, request_started
from flask.testing import FlaskClient
from flask_migrate import upgrade
from redis import Redis
from sqlalchemy import text

from app import create_app
from app.accounts.models import User
from app.foundation import local_redis
from app.foundation.extensions import db
from app.foundation.model import metadata
from scripts import translations
from tests import carrier, factories, postgresql, queries
from tests.browser import hour

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("many-hands", deadline=None)
hypothesis.settings.load_profile("many-hands")

ROOT = Path(__file__).resolve().parent.parent
AUTH_TOKEN = "token-of-the-tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.addoption(
        "--at",
        default=hour.AT,
        help="day and time in London at which the site of the browser tests begins",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The catalogues as they stand, not those of the last set-up."""
    translations.compile_all()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures that tests tell, in whichever process they ran."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, figure in getattr(report, "user_properties", ()):
            if name == "figure":
                terminalreporter.write_line(str(figure))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks no database is not run a second time on the other one."""
    if config.getoption("--database") == "sqlite":
        return
    pure = [
        item
        for item in items
        if "database_url" not in getattr(item, "fixturenames", ()) and _is_of_this_run(item)
    ]
    if pure and len(pure) < len(items):
        config.hook.pytest_deselected(items=pure)
        left = set(pure)
        items[:] = [item for item in items if item not in left]


def _is_of_this_run(item: pytest.Item) -> bool:
    """Not one that brings its own databases, or the whole site."""
    return not any(item.get_closest_marker(name) for name in ("browser", "chaos"))


@pytest.fixture(scope="session", autouse=True)
def _no_socket_leaves_this_machine() -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
            if not loopback:
                raise RuntimeError(f"A test tried to reach {host}.")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("database")
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{folder}/tests.db"
        return
    with postgresql.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with local_redis.running(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def settings(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    """What every app of the tests is made with; another process can be given the same."""
    return {
        "APP_ENV": "test",
        "TESTING": True,
        "SECRET_KEY": "secret-of-the-tests-and-of-nothing-else",
        "SQLALCHEMY_DATABASE_URI": database_url,
        "REDIS_URL": redis_url,
        "DATA_FOLDER": str(tmp_path_factory.mktemp("data")),
        "PUBLIC_URL": "http://localhost",
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM_NUMBER": "+447700900000",
        "TWILIO_API_URL": "",
        "MAIL_FROM": "Many Hands <hello@many-hands.example.org>",
        "ALLOW_DRAMA_NUMBERS": True,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "SECOND_FACTOR_REQUIRED": False,
    }


@pytest.fixture(scope="session")
def _application(settings: dict[str, object]) -> Iterator[Flask]:
    patch = pytest.MonkeyPatch()
    patch.setenv("APP_ENV", "test")
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    # The tests' context stays open around their requests; what one request put
    # into `g`, such as who is signed in, must not reach the next.
    request_started.connect(_forget_last_request, app)
    yield app
    with app.app_context():
        db.engine.dispose()
    patch.undo()


def _forget_last_request(_app: Flask, **_: object) -> None:
    vars(g._get_current_object()).clear()


@pytest.fixture
def app(_application: Flask) -> Iterator[Flask]:
    """The application, in its context, on an empty database and an empty Redis."""
    with _application.app_context():
        yield _application
        leave_nothing(_application)


def leave_nothing(app: Flask) -> None:
    """No row and no job, for the test that comes next."""
    db.session.remove()
    _wait_for_late_nudges()
    factories.begin_anew()
    _empty(str(app.config["SQLALCHEMY_DATABASE_URI"]))
    _redis(str(app.config["REDIS_URL"])).flushdb()


@functools.cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url)


def _wait_for_late_nudges() -> None:
    """`enqueue_soon` leaves some of its nudges 50 ms later."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(timeout=5)


def _empty(url: str) -> None:
    """Delete every row, the tables that point at others first."""
    sqlite = url.startswith("sqlite")
    with db.engine.begin() as connection:
        filled = connection.scalars(text(_which_are_filled())).all()
        if filled and sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        elif filled:
            # As in a restore: no trigger or reference asks about rows that all go.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in filled:
            # For a few rows far quicker than TRUNCATE, which makes new files for each table.
            gone = connection.exec_driver_sql(f'DELETE FROM "{name}"').rowcount
            _lie_still[name] = _lie_still.get(name, 0) + gone
        # What PostgreSQL deleted still lies in the files, and is read past each time.
        if not sqlite and sum(_lie_still.values()) > MOST_LEFT:
            names = ", ".join(f'"{name}"' for name in sorted(_lie_still))
            connection.exec_driver_sql(f"TRUNCATE {names} CASCADE")
            _lie_still.clear()


MOST_LEFT = 1000  # rows
_lie_still: dict[str, int] = {}


@functools.cache
def _which_are_filled() -> str:
    return " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM \"{table.name}\")"
        for table in reversed(metadata.sorted_tables)
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[User], FlaskClient]:
    """Make the client's session that of a user, as a sign-in would."""

    def enter(user: User) -> FlaskClient:
        with client.session_transaction() as session:
            session["_user_id"] = user.get_id()
            session["_fresh"] = True
        return client

    return enter


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """A context manager that lists the SQL statements run inside it."""
    return lambda: queries.counting(db.engine)


@pytest.fixture
def stub_carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[carrier.StubCarrier]:
    """A stand-in for the carrier, at the address that the app texts through."""
    with carrier.running() as stub:
        monkeypatch.setitem(app.config, "TWILIO_API_URL", stub.url)
        monkeypatch.setitem(app.config, "SMS_SEGMENTS_PER_SECOND", 10_000.0)
        yield stub
