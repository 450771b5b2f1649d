"""How long it takes to find the audience of a shift: `make bench-matching`.

Makes a county of 200,000 invented volunteers on SQLite and on PostgreSQL and
asks for the audience of three shifts: ranked, with everybody else counted by
reason. Each is done by our queries (the median of five) and once the plain
way, with objects and a loop; the numbers and the first fifty people must be
the same. Ends with 1 when they differ or when a median is over 300 ms.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["APP_ENV"] = "test"

from flask_migrate import upgrade  # the path and the environment come first

from app import create_app
from app.foundation import clock
from app.foundation.extensions import db
from app.matching.queries import Wish, audience, roles_for, shortfall
from app.volunteers.models import Volunteer
from benchmarks import county, plain
from tests import postgresql

ROOT = Path(__file__).resolve().parent.parent
LIMIT_MS = 300
TIMES = 5
SHIFTS = {
    1: "Loughborough, a driver",
    2: "middle of Leicester, anybody",
    3: "a DBS check and food hygiene",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--without-plain", action="store_true", help="our queries only")
    said = parser.parse_args()
    logging.disable(logging.INFO)
    databases = said.database or ["sqlite", "postgresql"]
    return max(_measure(name, said.people, not said.without_plain) for name in databases)


def _measure(database: str, people: int, with_plain: bool) -> int:
    failed = 0
    with _address(database) as url:
        app = create_app({"SQLALCHEMY_DATABASE_URI": url})
        with app.app_context(), clock.stopped_at(county.NOW):
            upgrade(directory=str(ROOT / "migrations"))
            took, _ = _timed(lambda: county.build(people))
            print(f"\n{database}: {people:,} volunteers, made in {took / 1000:.0f} s")
            print(f"{'shift':<30}{'in reach':>10}{'asked':>9}{'ours':>10}{'plain':>12}")
            for shift_id, name in SHIFTS.items():
                failed |= _compare(shift_id, name, with_plain)
            _others()
            waiting, cores = os.getloadavg()[0], os.cpu_count() or 1
            if waiting > cores + 1:
                print(f"The machine is busy ({waiting:.0f} at work on {cores} cores): too slow.")
            db.session.remove()
            db.engine.dispose()
    return failed


def _compare(shift_id: int, name: str, with_plain: bool) -> int:
    wish = Wish(shift_ids=[shift_id])
    ours, found = _median(lambda: audience(wish))
    line = f"{name:<30}{_in_reach(found):>10,}{found.size:>9,}{ours:>7.0f} ms"
    problems = [] if ours <= LIMIT_MS else [f"over {LIMIT_MS} ms"]
    if with_plain:
        took, expected = _timed(lambda: plain.audience(wish, shown=50))
        line += f"{took:>9,.0f} ms"
        first = [one.volunteer_id for one in found.best]
        if (found.size, found.excluded, first) != expected:
            problems.append("the plain way finds other people")
        db.session.remove()
    print(line, *problems, sep="  ")
    return 1 if problems else 0


def _others() -> None:
    """What else a person waits for."""
    advice, _ = _median(lambda: shortfall(Wish(shift_ids=[3])))
    print(f"{'advice when few fit':<49}{advice:>7.0f} ms")
    several, _ = _median(lambda: audience(Wish(shift_ids=[1, 2, 3])))
    print(f"{'an audience of three shifts':<49}{several:>7.0f} ms")
    roles, _ = _median(lambda: roles_for(db.session.get_one(Volunteer, 4711)))
    print(f"{'roles for one volunteer':<49}{roles:>7.0f} ms")


def _in_reach(found: Any) -> int:
    return int(found.total - found.excluded.get("too-far", 0))


def _median(call: Callable[[], Any]) -> tuple[float, Any]:
    """The median of five in milliseconds, after one to warm up; and the last result."""
    result = call()
    taken = []
    for _ in range(TIMES):
        db.session.remove()
        took, result = _timed(call)
        taken.append(took)
    return statistics.median(taken), result


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return (time.perf_counter() - start) * 1000, result


@contextmanager
def _address(database: str) -> Iterator[str]:
    if database == "postgresql":
        with postgresql.fresh_database() as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="many-hands-") as folder:
        yield f"sqlite:///{folder}/benchmark.db"


if __name__ == "__main__":
    sys.exit(main())
