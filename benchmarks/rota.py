"""A year of a library's rota in one page: `make bench-rota`.

A library of 60 volunteers that is open 50 hours a week, with one shift after
another of two to four people, one year long, on SQLite and on PostgreSQL. Asks
for the year's page as its manager does, again and again, and prints how many
SQL statements it takes, the median and the 95th percentile of the time at the
server, and what the page weighs as it is, by gzip and by Brotli. Beside it a
plain way to make the same page: rows of the ORM with their relations loaded
ahead, and a template that loops over them. Ends with 1 when the median is over
100 ms. Other work on the machine lengthens the times; its load is printed.
"""

from __future__ import annotations

import argparse
import gzip
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["APP_ENV"] = "test"

import brotli  # the path and the environment come first
from flask import Flask, render_template_string
from flask_migrate import upgrade
from sqlalchemy import select, text
from sqlalchemy.orm import contains_eager, joinedload

from app import create_app
from app.foundation import clock, local_redis
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.opportunities.models import Opportunity, Shift, Stage
from app.opportunities.rules import span
from app.rota.rules.grid import monday_of
from app.signups.models import OCCUPYING, Signup, Standing, Way
from tests import factories, postgresql, queries

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
YEAR = 2026
LIMIT_MS = 100
# 50 hours: nine on working days, five on Saturday; in shifts of three hours and two and a half.
WEEK = [
    *((day, (9 + 3 * turn, 0), (12 + 3 * turn, 0)) for day in range(5) for turn in range(3)),
    (5, (9, 30), (12, 0)),
    (5, (12, 0), (14, 30)),
]
FIRST = "Asha Ben Cara Dev Ella Faye Gita Hugo Ivy Jo Kit Lena Mo Nia Olu Pam Raj Sue Tom Una"
LAST = "Abbott Bell Cole Dale Evans Fox Gill Hart Iqbal Jones Khan Lowe Mehta North Odell"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--volunteers", type=int, default=60)
    said = parser.parse_args()
    logging.disable(logging.WARNING)
    failed = False
    for database in ("sqlite", "postgresql"):
        with _library(database, said.volunteers) as (app, group_id, user_id):
            failed |= not _measure(app, database, group_id, user_id, said.times)
    return int(failed)


@contextmanager
def _library(database: str, volunteers: int) -> Iterator[tuple[Flask, int, str]]:
    with (
        tempfile.TemporaryDirectory(prefix="many-hands-") as folder,
        _address(database, folder) as url,
        local_redis.running(Path(folder) / "redis") as redis_url,
        clock.stopped_at(NOW),
    ):
        app = create_app(
            {
                "SQLALCHEMY_DATABASE_URI": url,
                "REDIS_URL": redis_url,
                "DATA_FOLDER": folder,
                "RATELIMIT_ENABLED": False,
                "SECRET_KEY": "of the benchmark",
                "SMS_PROVIDER": "twilio",
            }
        )
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            yield app, *build(volunteers)
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _address(database: str, folder: str) -> Iterator[str]:
    if database == "postgresql":
        with postgresql.fresh_database() as url:
            yield url
        return
    yield f"sqlite:///{folder}/benchmark.db"


def build(volunteers: int) -> tuple[int, str]:
    """The library's year; the number of its group and the session name of its manager."""
    chance = random.Random(2026)
    group = factories.group(name="Kibworth Community Library")
    boss = factories.manager(group)
    role = factories.opportunity(group, title="Library desk helper")
    first_names, last_names = FIRST.split(), LAST.split()
    people = [
        factories.volunteer(name=f"{first_names[n % 20]} {last_names[(n * 7) % 15]}").id
        for n in range(volunteers)
    ]
    first, last = date(YEAR, 1, 1), date(YEAR, 12, 31)
    with transaction():
        shifts = []
        monday = monday_of(first)
        while monday <= last:
            for weekday, starts, ends in WEEK:
                day = monday + timedelta(days=weekday)
                if first <= day <= last:
                    starts_at, ends_at = span(
                        day, clock_time(*starts), clock_time(*ends), "Europe/London"
                    )
                    shifts.append(
                        Shift(
                            opportunity_id=role.id,
                            site_id=role.site_id,
                            starts_at=starts_at,
                            ends_at=ends_at,
                            places=chance.randint(2, 4),
                            minimum=2,
                            stage=Stage.PUBLISHED,
                        )
                    )
            monday += timedelta(days=7)
        db.session.add_all(shifts)
        db.session.flush()
        for shift in shifts:
            coming = min(shift.places, chance.choice([1, 2, 2, 3, 3, 4]))
            over = shift.ends_at < NOW
            for person in chance.sample(people, coming):
                db.session.add(
                    Signup(
                        shift_id=shift.id,
                        volunteer_id=person,
                        standing=Standing.ATTENDED if over else Standing.CONFIRMED,
                        way=Way.WEB,
                    )
                )
        count = len(shifts)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    places = db.session.scalar(text("SELECT count(*) FROM signup"))
    print(f"\n{count} shifts, {places} places taken, {volunteers} volunteers", flush=True)
    return group.id, boss.get_id()


def _measure(app: Flask, database: str, group_id: int, user_id: str, times: int) -> bool:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_id, True
    address = f"/groups/{group_id}/rota/year?on={YEAR}-06-17"

    def ours() -> str:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    print(f"{database:<12}{'SQL':>5}{'median':>9}{'p95':>9}{'kB':>8}{'gzip':>7}{'brotli':>8}")
    median = _tell("our page", ours, times)
    with app.test_request_context():
        _tell("plain way", lambda: plain(group_id), max(5, times // 6))
    print(f"{os.getloadavg()[0]:.1f} at work on {os.cpu_count()} cores", flush=True)
    return median <= LIMIT_MS


def _tell(name: str, make: Callable[[], str], times: int) -> float:
    for _ in range(3):
        make()
    db.session.remove()
    with queries.counting(db.engine) as statements:
        make()
    count = len(statements)
    took = []
    for _ in range(times):
        db.session.remove()
        began = time.perf_counter()
        html = make()
        took.append((time.perf_counter() - began) * 1000)
    body = html.encode()
    took.sort()
    p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
    median = statistics.median(took)
    gzipped, packed = gzip.compress(body, 6), brotli.compress(body, quality=5)
    print(
        f"{name:<12}{count:>5}{median:>6.0f} ms{p95:>6.0f} ms{len(body) / 1000:>8.0f}"
        f"{len(gzipped) / 1000:>7.1f}{len(packed) / 1000:>8.1f}"
    )
    return median


PLAIN = """
<table>{% for monday, days in weeks %}<tr><th>{{ monday.day }} {{ monday.strftime("%b") }}</th>
{% for weekday in range(7) %}<td>{% for shift, names in days.get(weekday, []) %}<div>
<b>{{ shift.starts_at | spoken_time(shift.site.zone) }}–{{
  shift.ends_at | spoken_time(shift.site.zone) }}</b>
{{ names | join(", ") }}{% if shift.taken < shift.minimum %}
<a href="{{ url_for('signups.roster', group_id=group_id, shift_id=shift.id) }}">{{
  shift.minimum - shift.taken }} more needed</a>
{% endif %}</div>{% endfor %}</td>{% endfor %}</tr>{% endfor %}</table>
"""


def plain(group_id: int) -> str:
    """The table alone, by rows of the ORM: no frame, no menu, no sign-in, no record of looking."""
    zone = ZoneInfo("Europe/London")
    group = db.session.get_one(Group, group_id)
    shifts = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group.id,
            Shift.starts_at >= datetime(YEAR, 1, 1, tzinfo=zone),
            Shift.starts_at < datetime(YEAR + 1, 1, 1, tzinfo=zone),
        )
        .options(contains_eager(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at)
    ).all()
    names: dict[int, list[str]] = defaultdict(list)
    for signup in db.session.scalars(
        select(Signup)
        .where(Signup.shift_id.in_([shift.id for shift in shifts]), Signup.standing.in_(OCCUPYING))
        .options(joinedload(Signup.volunteer))
    ):
        names[signup.shift_id].append(signup.volunteer.name)
    weeks: dict[date, dict[int, list[tuple[Shift, list[str]]]]] = {}
    for shift in shifts:
        day = shift.starts_at.astimezone(zone).date()
        week = weeks.setdefault(monday_of(day), {})
        week.setdefault(day.weekday(), []).append((shift, names[shift.id]))
    return render_template_string(PLAIN, weeks=weeks.items(), group_id=group_id)


if __name__ == "__main__":
    sys.exit(main())
