"""No page asks the database row by row: each one, in each role, on a county that is full."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from benchmarks import addresses, crowd
from tests import queries

NOW = datetime(2026, 12, 1, 14, 40, tzinfo=UTC)  # a Tuesday afternoon
MOST = 20
# All that we hold of a person: each table is read once, and there are ever more of them.
MOST_OF = {"/my/profile/data.json": 40}
MOST_ALIKE = 4  # a page that writes to the audit trail reads its user again
ROLES = ("", "volunteer", "foodbank", "coordinator", "administrator")
FEWEST_PAGES = 250  # fewer would mean that doors were shut which should be open


def test_each_page_needs_few_statements(app: Flask) -> None:
    with clock.stopped_at(NOW):
        crowd.build(volunteers=600, share=0.05)
        pages = addresses.of_pages(app)
        found = {
            name: db.session.scalars(select(User).where(User.email == f"{name}@example.org"))
            for name in ROLES
            if name
        }
        sessions = {name: users.one().get_id() for name, users in found.items()}
        engine, opened, faults = db.engine, 0, []
        for role in ROLES:
            client = app.test_client()
            if role:
                with client.session_transaction() as session:
                    session["_user_id"], session["_fresh"] = sessions[role], True
            for endpoint, path in pages:
                db.session.remove()
                with queries.counting(engine) as statements:
                    answer = client.get(path)
                assert answer.status_code < 500 or endpoint == "health.readyz", path
                opened += answer.status_code == 200
                alike = max(Counter(statements).values(), default=0)
                if len(statements) > MOST_OF.get(path, MOST) or alike > MOST_ALIKE:
                    faults.append(f"{path} ({role}): {len(statements)}, {alike} alike")
    assert not faults, "\n".join(faults)
    assert opened >= FEWEST_PAGES
