"""How long `/metrics` and the operations page take on a long ledger: `make bench-scrape`.

Fills the ledger of a fresh PostgreSQL in the ways that are hard to count: all
at rest, a bulk send that has just been written, one that rests behind a pause
while others go on, and one that leaves at 600 a second. Prints the median and
the worst of fifteen. Ends with 1 when a scrape's median is over 50 ms.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["APP_ENV"] = "test"

from flask import Flask  # the path and the environment come first
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.accounts.models import CountyRole, User
from app.foundation import health, local_redis, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import figures, rate
from app.messaging.models import Run, RunState
from tests import postgresql

ROOT = Path(__file__).resolve().parent.parent
LIMIT_MS = 50
TIMES = 15
FILL = """
INSERT INTO message (created_at, channel, lane, cause, recipient, purpose, run_id, token,
    to_address, subject, body, segments, is_service, state, reason, not_before, attempts,
    sending_at, accepted_at, ended_at, carrier)
SELECT now(), 'sms', 'urgent', :cause, 'volunteer:' || n, 'ask', CAST(:run_id AS bigint),
    replace(gen_random_uuid()::text, '-', ''), '+447700900' || lpad((n % 1000)::text, 3, '0'), '',
    repeat('Can you drive a food parcel round tonight? ', 3), 1, false, CAST(:state AS text), '',
    now() - interval '10 minutes', 0, gone_at, gone_at + interval '0.1 second',
    CASE WHEN CAST(:state AS text) = 'delivered' THEN now() END, :carrier
FROM generate_series(1, CAST(:number AS int)) AS n, LATERAL (
    SELECT now() - CAST(:gone AS float) * interval '1 second' * n / CAST(:number AS int) AS gone_at
) AS moment
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    said = parser.parse_args()
    logging.disable(logging.WARNING)
    slow = False
    with (
        tempfile.TemporaryDirectory(prefix="many-hands-") as folder,
        local_redis.running(Path(folder) / "redis") as redis_url,
        postgresql.fresh_database() as url,
    ):
        app = create_app(
            {
                "SQLALCHEMY_DATABASE_URI": url,
                "REDIS_URL": redis_url,
                "DATA_FOLDER": folder,
                "SMS_PROVIDER": "simulator",
                "RATELIMIT_ENABLED": False,
            }
        )
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            health.beat("worker", queue.QUEUES)
            with transaction():
                user = User(name="Ada", county_role=CountyRole.ADMINISTRATOR)
                paused, running = Run(state=RunState.PAUSED), Run(state=RunState.RUNNING)
                db.session.add_all([user, paused, running])
            user_id, paused_id, running_id = user.get_id(), paused.id, running.id
            rate.take(1000, at_once=True)
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = user_id, True
        number = said.messages
        for name, parts in {
            "all delivered": [("delivered", None, number, 86_400)],
            "a bulk just written": [("queued", running_id, number, None)],
            "half paused, half due": [
                ("queued", paused_id, number // 2, None),
                ("queued", running_id, number // 2, None),
            ],
            "600 a second leave": [
                ("delivered", None, number - 36_000, 86_400),
                ("accepted", None, 36_000, 60),
            ],
        }.items():
            _fill(app, parts)
            slow |= _measure(app, client, f"{number:,} messages, {name}")
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    return int(slow)


def _fill(app: Flask, parts: list[tuple[str, int | None, int, int | None]]) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("TRUNCATE message CASCADE"))
        for cause, (state, run_id, number, gone) in enumerate(parts):
            connection.execute(
                text(FILL),
                {
                    "cause": str(cause),
                    "run_id": run_id,
                    "state": state,
                    "number": number,
                    "gone": gone,
                    "carrier": "twilio" if gone else "",
                },
            )
    with app.app_context():
        figures.count_all(force=True)


def _measure(app: Flask, client: FlaskClient, name: str) -> bool:
    medians = {}
    for path in ("/metrics", "/operations"):
        client.get(path)
        times = []
        for _ in range(TIMES):
            with app.app_context():
                db.session.remove()
            began = time.perf_counter()
            answer = client.get(path)
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.status_code
        medians[path] = statistics.median(times)
        print(f"{name:45} {path:12} {medians[path]:6.1f} ms, at worst {max(times):6.1f} ms")
    began = time.perf_counter()
    with app.app_context():
        counted = figures.count_all(force=True)
    assert counted
    print(f"{'':45} {'whole count':12} {(time.perf_counter() - began) * 1000:6.1f} ms", flush=True)
    return medians["/metrics"] > LIMIT_MS


if __name__ == "__main__":
    sys.exit(main())
