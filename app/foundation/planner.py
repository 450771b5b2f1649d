"""What the database's planner knows about the rows."""

from __future__ import annotations

from typing import Final

from app.foundation.extensions import db

# Rows that are looked at in each index: enough to tell a long table from a short one, and
# a county is through in well under a second (https://www.sqlite.org/lang_analyze.html).
LOOKED_AT: Final = 1000


def learn() -> None:
    """Let SQLite count its rows anew; PostgreSQL does so by itself (autovacuum).

    Without it SQLite guesses, and takes a poor way through long tables.
    """
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {LOOKED_AT}")
        connection.exec_driver_sql("ANALYZE")
