"""How long each page takes, and what it weighs, at county scale: `make bench-pages`.

Makes the demo county of 20,000 volunteers, grown to 400 groups and more than
5,000 open shifts, on SQLite and on PostgreSQL. Then opens every page, in each
role that may enter, or as the one person or the one browser that can, and
prints the median of seven: SQL statements, milliseconds by the clock, milliseconds of this
process's own work plus its waiting for PostgreSQL, the kilobytes of the HTML
as it is and by Brotli, and those of a first visit: all that is fetched before
anybody scrolls to a map. Other work on the machine lengthens the first of the
two times, so the second is judged. Ends with 1 when a page is over 100 ms or
has more than 25 statements, or a first visit is over 100 kB; a file that
somebody asks for (a PDF, all that is held of a person) is judged by its time. `--keep FOLDER`
leaves the county there for the next run, which then begins at once: for
mending one page, as each run adds the few rows that its addresses need.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["APP_ENV"] = "development"  # with the simulator's pages

import brotli  # the path and the environment come first
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Engine, event, select

from app import create_app
from app.accounts.models import User
from app.foundation import clock, local_redis
from app.foundation.extensions import db
from benchmarks import addresses, crowd
from tests import postgresql
from tests.browser.addresses import Visits

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 12, 1, 14, 40, tzinfo=UTC)  # a Tuesday afternoon
LIMIT_MS = 100
LIMIT_KB = 100
LIMIT_STATEMENTS = 25
TIMES = 7
ROLES = {
    "visitor": "",
    "volunteer": "volunteer@example.org",
    "manager": "foodbank@example.org",
    "coordinator": "coordinator@example.org",
    "administrator": "administrator@example.org",
}
# Not pages: files of the built front end, what monitors ask, and the stand-in carrier's API.
PASSED_OVER = re.compile(r"static|health\.|simulator_api\.")
# What a file brings in that no page names: the letters of most names, and the module's module.
ASKS_FOR = {
    "many-hands.css": ("fonts/atkinson-700.woff2",),
    "many-hands.js": ("vendor/govuk-frontend.js",),
}
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True)
class Line:
    """What opening one page in one role cost."""

    endpoint: str
    path: str
    role: str
    status: int
    is_page: bool
    statements: int
    repeated: int  # how often the commonest of them ran
    wall: float
    work: float
    plain: float
    packed: float
    visit: float  # the page and all that it asks for, packed, for an empty cache

    @property
    def faults(self) -> list[str]:
        found = []
        if self.status >= 400:
            found.append(f"answers {self.status}")
        if self.work > LIMIT_MS:
            found.append("slow")
        if self.is_page and self.statements > LIMIT_STATEMENTS:
            found.append("many statements")
        if self.repeated > 4:
            found.append(f"the same statement {self.repeated} times")
        if self.is_page and self.visit > LIMIT_KB:
            found.append("heavy")
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--volunteers", type=int, default=20_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--worst", type=int, default=0, help="only so many lines")
    parser.add_argument("--only", default="", help="endpoints that begin so")
    parser.add_argument("--keep", type=Path, help="a folder to make the county in, or find it")
    said = parser.parse_args()
    logging.disable(logging.WARNING)
    failed = False
    for database in said.database or ["sqlite", "postgresql"]:
        with _county(database, said.volunteers, said.keep) as app:
            lines = list(_walk(app, said.only))
            _tell(database, lines, said.worst)
            failed |= any(line.faults for line in lines)
            with app.app_context():
                db.engine.dispose()
    return int(failed)


@contextmanager
def _county(database: str, volunteers: int, keep: Path | None) -> Iterator[Flask]:
    with ExitStack() as held:
        if keep is None:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="many-hands-")))
        else:
            folder = keep.resolve() / database
            folder.mkdir(parents=True, exist_ok=True)
        made = folder / "made.txt"
        url = held.enter_context(_address(database, folder, kept=keep is not None))
        held.enter_context(clock.stopped_at(NOW))
        settings = {
            "SQLALCHEMY_DATABASE_URI": url,
            "REDIS_URL": held.enter_context(local_redis.running(folder / "redis")),
            "DATA_FOLDER": str(folder),
            "RATELIMIT_ENABLED": False,
        }
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            if not made.exists():
                start = time.perf_counter()
                counts = crowd.build(volunteers)
                took = time.perf_counter() - start
                rows = ", ".join(f"{count:,} {name}" for name, count in counts.items())
                made.write_text(f"made in {took:.0f} s: {rows}", "utf-8")
        print(f"\n{database}, {made.read_text('utf-8')}", flush=True)
        yield app


@contextmanager
def _address(database: str, folder: Path, *, kept: bool) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder}/benchmark.db"
    elif kept:
        with postgresql.kept_database(folder / "data") as url:
            yield url
    else:
        with postgresql.fresh_database() as url:
            yield url


def _walk(app: Flask, only: str) -> Iterator[Line]:
    with app.app_context():
        engine = db.engine
        pages: list[tuple[str, str, str | None]] = [
            (endpoint, path, None) for endpoint, path in addresses.of_pages(app)
        ]
        _a_letter(Path(app.config["DATA_FOLDER"]) / "mail")
        with app.test_request_context():
            visits = Visits(app)
            visits.all()
        pages += visits.pages
        known = {endpoint for endpoint, _, _ in pages}
        users = {
            role: db.session.scalars(select(User).where(User.email == email)).one().get_id()
            for role, email in ROLES.items()
            if email
        }
    wanted = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not PASSED_OVER.match(rule.endpoint)
    }
    for endpoint in sorted(wanted - known):
        print(f"not opened: {endpoint}")
    shown: set[str] = set()
    for endpoint, path, visitor in pages:
        if PASSED_OVER.match(endpoint) or not endpoint.startswith(only):
            continue
        for role in [visitor] if visitor else ROLES:
            client = app.test_client()
            for name, value in visits.cookies.get(role, {}).items():
                client.set_cookie(name, value)
            if role in users:
                with client.session_transaction() as session:
                    session["_user_id"], session["_fresh"] = users[role], True
            line = _measure(engine, client, endpoint, path, role)
            if line is not None:
                shown.add(endpoint)
                yield line
    if not only:
        for endpoint in sorted(known - shown):
            print(f"no page for any of these roles: {endpoint}")


def _a_letter(tray: Path) -> None:
    """What a mail catcher would have kept."""
    letter = EmailMessage()
    letter["To"], letter["Subject"] = "somebody@example.org", "A letter"
    letter.set_content("Hello.")
    letter.add_alternative("<p>Hello.</p>", subtype="html")
    tray.mkdir(exist_ok=True)
    (tray / "letter.eml").write_bytes(bytes(letter))


def _measure(
    engine: Engine, client: FlaskClient, endpoint: str, path: str, role: str
) -> Line | None:
    answer = client.get(path)
    if answer.status_code in (302, 303, 308, 401, 403, 404, 410):
        return None  # the door of another role; what is shown there is measured there
    runs = []
    for _ in range(TIMES):
        with _watching(engine) as watched:
            wall, work = time.perf_counter(), time.process_time()
            answer = client.get(path)
            body = answer.data
            work, wall = time.process_time() - work, time.perf_counter() - wall
        waited = 0.0 if engine.dialect.name == "sqlite" else watched.waited
        runs.append((wall * 1000, (work + waited) * 1000))
    statements = watched.statements
    repeated = max((statements.count(one) for one in set(statements)), default=0)
    packed = _packed(body)
    return Line(
        endpoint,
        path,
        role,
        answer.status_code,
        answer.mimetype == "text/html",
        len(statements),
        repeated,
        statistics.median(run[0] for run in runs),
        statistics.median(run[1] for run in runs),
        len(body) / 1000,
        packed,
        packed + _assets(_LINKED.findall(answer.text))
        if answer.mimetype == "text/html"
        else packed,
    )


def _packed(body: bytes) -> float:
    return len(brotli.compress(body, quality=5)) / 1000


def _assets(addresses: list[str]) -> float:
    """Kilobytes of built files as they are sent, with what they ask for in turn."""
    names = {
        re.sub(r"\.[0-9a-f]{8}(\.\w+)$", r"\1", one.removeprefix("/static/")) for one in addresses
    }
    names |= {one for name in names for one in ASKS_FOR.get(name, ())}
    return sum(_sizes().get(name, 0.0) for name in names)


@cache
def _sizes() -> dict[str, float]:
    """Kilobytes on the wire of each built file, by its plain name."""
    folder = ROOT / "app" / "static"
    sizes = {}
    for name, hashed in json.loads((folder / "manifest.json").read_text("utf-8")).items():
        file = folder / hashed
        small = file.with_name(file.name + ".br")
        sizes[name] = (small if small.exists() else file).stat().st_size / 1000
    return sizes


@dataclass
class _Watched:
    statements: list[str]
    waited: float = 0.0
    began: float = 0.0


@contextmanager
def _watching(engine: Engine) -> Iterator[_Watched]:
    watched = _Watched([])

    def before(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        watched.began = time.perf_counter() - time.process_time()
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            watched.statements.append(statement)

    def after(*_: Any) -> None:
        # Only what this process did not work itself: it waited for the database.
        watched.waited += time.perf_counter() - time.process_time() - watched.began

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield watched
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def _tell(database: str, lines: list[Line], worst: int) -> None:
    lines = sorted(lines, key=lambda line: -line.work)
    print(f"{'page':<52}{'role':<15}{'SQL':>4}{'ms':>7}{'work':>7}{'kB':>7}{'br':>6}{'visit':>7}")
    for line in lines[: worst or None]:
        print(
            f"{line.path[:51]:<52}{line.role[:14]:<15}{line.statements:>4}{line.wall:>7.0f}"
            f"{line.work:>7.0f}{line.plain:>7.0f}{line.packed:>6.1f}{line.visit:>7.0f}",
            *line.faults,
            sep="  ",
        )
    the_map = sum(_sizes()[name] for name in ("vendor/leaflet.js", "vendor/leaflet.css"))
    print(f"A map that comes into view fetches {the_map:.0f} kB, and its tiles from elsewhere.")
    waiting, cores = os.getloadavg()[0], os.cpu_count() or 1
    print(f"{database}: {len(lines)} pages; {waiting:.1f} at work on {cores} cores")


if __name__ == "__main__":
    sys.exit(main())
