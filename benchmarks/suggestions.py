"""How good a suggested rota is, and how long it takes: `make bench-suggestions`.

First 200 shifts by 300 volunteers, invented: a food bank with six shifts on
each day but Sunday for more than five weeks, one in charge, drivers and
sorters on each; people free at some times of the week, some who can drive or
lead. Prints the seconds, the coverage (shifts that reach their minimum, places
filled), fairness (Gini of hours) and points of plain filling and of the
suggestion, and how near that is to a bound that no rota can pass: the linear
relaxation's. `--solvers` puts the whole model to other solvers for the same
time as well.

Then the demo county: for each of its groups with most open places, the coming
four weeks from the database, filled plainly and as suggested; the sum of all.

Ends with 1 when the large problem takes over 20 seconds, or a suggestion
breaks a rule or has fewer points than plain filling.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["APP_ENV"] = "development"

from flask import Flask  # the path and the environment come first
from flask_migrate import upgrade
from ortools.linear_solver.python import model_builder
from ortools.sat.python import cp_model
from sqlalchemy import func, select

from app import create_app
from app.demo.service import seed
from app.foundation import clock, local_redis
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift, Stage
from app.suggestions import solver
from app.suggestions.queries.facts import facts
from app.suggestions.rules.check import faults
from app.suggestions.rules.greedy import fill
from app.suggestions.rules.measure import Measure, measure
from app.suggestions.rules.problem import Busy, Candidate, Fit, Pair, Post, Problem, Turn

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 12, 1, 14, 40, tzinfo=UTC)  # a Tuesday afternoon
MONDAY = datetime(2026, 12, 7, tzinfo=UTC)
LIMIT_SECONDS = 20
DUTIES = ("lead", "driver", "sorter")
HOURS = ((8, 3), (9, 3), (11, 3), (13, 3), (15, 3), (18, 3))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--volunteers", type=int, default=20_000, help="of the demo county")
    parser.add_argument("--groups", type=int, default=12, help="of the demo county")
    parser.add_argument("--seeds", type=int, default=3, help="large problems to try")
    parser.add_argument("--solvers", action="store_true", help="the whole to other solvers too")
    said = parser.parse_args()
    logging.disable(logging.WARNING)
    failed = _large(said.seeds, said.solvers)
    if said.groups:
        failed |= _county(said.volunteers, said.groups)
    return int(failed)


@dataclass(frozen=True)
class _Line:
    name: str
    seconds: float
    work: float
    found: Measure


_HEAD = (
    f"{'':<18}{'seconds':>8}{'work':>7}{'running':>9}{'filled':>9}{'Gini':>7}"
    f"{'most':>6}{'knows':>7}{'points':>9}"
)


def _tell(line: _Line, bound: float | None = None) -> None:
    found = line.found
    near = f"  {100 * found.points / bound:.2f}% of the bound" if bound else ""
    print(
        f"{line.name:<18}{line.seconds:>8.1f}{line.work:>7.1f}{found.share_running:>9.1%}"
        f"{found.share_filled:>9.1%}{found.gini:>7.3f}{found.most_hours:>5.0f}h"
        f"{found.familiar:>7}{found.points:>9.0f}{near}",
        flush=True,
    )


def _timed(name: str, problem: Problem, make: Any) -> tuple[_Line, Any]:
    wall, work = time.perf_counter(), time.process_time()
    answer = make()
    work, wall = time.process_time() - work, time.perf_counter() - wall
    given = answer.given if isinstance(answer, solver.Answer) else answer
    return _Line(name, wall, work, measure(problem, given)), answer


def _large(seeds: int, others: bool) -> bool:
    failed = False
    for number in range(1, seeds + 1):
        problem = invented(number)
        print(
            f"\n{len(problem.turns)} shifts, {len(problem.people)} volunteers, "
            f"{sum(post.open for post in problem.posts)} places, {len(problem.fits):,} pairs that "
            f"fit; {os.getloadavg()[0]:.1f} at work on {os.cpu_count()} cores"
        )
        bound = _bound(problem)
        print(_HEAD)
        plain, _ = _timed("plain filling", problem, lambda: fill(problem))  # noqa: B023
        _tell(plain, bound)
        ours, answer = _timed("suggested", problem, lambda: solver.solve(problem, seed=number))  # noqa: B023
        _tell(ours, bound)
        ended = "ended by the clock" if answer.was_cut_short else "ended by itself"
        print(f"  {answer.parts} parts, {ended}")
        broken = faults(problem, answer.given)
        failed |= bool(broken) or ours.seconds > LIMIT_SECONDS
        failed |= ours.found.points < plain.found.points - 1e-6
        if others:
            for name, way in _others(problem).items():
                line, _ = _timed(name, problem, way)
                _tell(line, bound)
    return failed


def invented(number: int, shifts: int = 200, volunteers: int = 300) -> Problem:
    """A food bank's weeks: one in charge, two drivers and two sorters on each shift."""
    chance = random.Random(f"food bank {number}")
    posts: list[Post] = []
    turns: list[Turn] = []
    day = 0
    while len(turns) < shifts:
        if day % 7 < 6:
            for start, length in HOURS[: shifts - len(turns)]:
                shift = len(turns)
                begins = MONDAY + timedelta(days=day, hours=start)
                when = Busy(
                    starts_at=begins,
                    ends_at=begins + timedelta(hours=length),
                    site_id=chance.choice([1, 1, 2]),
                    day=begins.date(),
                )
                for duty, places, need in (("lead", 1, 1), ("driver", 2, 1), ("sorter", 2, 1)):
                    posts.append(
                        Post(
                            key=len(posts),
                            shift_id=shift,
                            slot_id=len(posts),
                            role_id=DUTIES.index(duty),
                            when=when,
                            open=places,
                            need=need,
                            in_charge=duty == "lead",
                            is_late=start + length >= 21,
                            is_early=start < 10,
                        )
                    )
                turns.append(Turn(shift_id=shift, need=4, open=5))
        day += 1
    people, fits = [], {}
    for person in range(volunteers):
        adult = chance.random() < 0.9
        people.append(
            Candidate(
                id=person,
                is_adult=adult,
                minutes=60 * chance.choice([0, 0, 0, 3, 6, 9, 15]),
                a_week=chance.choice([1, 1, 2, 3, 3, 5]),
            )
        )
        # Free at some thirds of the week, the same each week.
        free = {(chance.randrange(6), chance.choice("maae")) for _ in range(chance.randint(1, 5))}
        can = {"sorter"}
        can |= {"driver"} if adult and chance.random() < 0.3 else set()
        can |= {"lead"} if adult and chance.random() < 0.12 else set()
        knows = {duty for duty in can if chance.random() < 0.4}
        likes = chance.randint(0, 15)
        for post in posts:
            hour = post.when.starts_at.hour
            part = "m" if hour < 12 else "a" if hour < 17 else "e"
            duty = DUTIES[post.role_id]
            if (post.when.day.weekday(), part) in free and duty in can:
                fits[person, post.key] = Fit(min(20, likes + chance.randint(0, 5)), duty in knows)
    return Problem(posts=posts, turns=turns, people=people, fits=fits)


def _linear(problem: Problem) -> tuple[Any, solver.Built]:
    model = model_builder.Model()
    return model, solver.build(model, problem)


def _bound(problem: Problem) -> float:
    """No rota has more points than this: the best where people can be split."""
    model, built = _linear(problem)
    relaxed = model_builder.Solver("glop")
    relaxed.solve(model)
    return float(relaxed.objective_value) / 2 + built.offset


def _others(problem: Problem) -> dict[str, Any]:
    """The whole model by other solvers, each for as long as ours has."""

    def whole(name: str) -> frozenset[Pair]:
        model, built = _linear(problem)
        other = model_builder.Solver(name)
        other.set_time_limit_in_seconds(solver.SECONDS)
        status = other.solve(model)
        if status not in (solver.SolveStatus.OPTIMAL, solver.SolveStatus.FEASIBLE):
            return frozenset()
        return frozenset(pair for pair, one in built.x.items() if other.value(one) > 0.5)

    def cp_sat() -> frozenset[Pair]:
        model = cp_model.CpModel()
        built = solver.build(model, problem)
        start = fill(problem)
        for pair, one in built.x.items():
            model.add_hint(one, pair in start)
        other = cp_model.CpSolver()
        other.parameters.max_time_in_seconds = solver.SECONDS
        other.parameters.num_workers = 2
        if other.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return frozenset()
        return frozenset(pair for pair, one in built.x.items() if other.value(one))

    return {
        "CP-SAT, whole": cp_sat,
        "SCIP, whole": lambda: whole("scip"),
        "HiGHS, whole": lambda: whole("highs"),
    }


def _county(volunteers: int, groups: int) -> bool:
    failed = False
    with _demo(volunteers):
        chosen = db.session.execute(
            select(Opportunity.group_id, func.sum(Shift.places - Shift.taken).label("open"))
            .join(Shift, Shift.opportunity_id == Opportunity.id)
            .where(Shift.stage == Stage.PUBLISHED, Shift.starts_at > NOW)
            .group_by(Opportunity.group_id)
            .order_by(func.sum(Shift.places - Shift.taken).desc(), Opportunity.group_id)
            .limit(groups)
        ).all()
        first = NOW.date() + timedelta(days=1)
        plain, ours, took = [], [], []
        for group_id, _ in chosen:
            began = time.perf_counter()
            problem = facts(group_id, first, first + timedelta(days=27)).problem
            db.session.rollback()
            answer = solver.solve(problem, seed=1)
            took.append(time.perf_counter() - began)
            greedy = fill(problem)
            plain.append(_share(problem, greedy))
            ours.append(_share(problem, answer.given))
            failed |= bool(faults(problem, answer.given))
            failed |= ours[-1].points < plain[-1].points - 1e-6
        print(
            f"\nThe demo county of {volunteers:,}: {len(chosen)} groups with most open places, "
            f"4 weeks, {sum(one.places for one in ours)} places of "
            f"{sum(one.shifts for one in ours)} shifts; {statistics.median(took):.1f} s in the "
            f"middle, {max(took):.1f} s at most"
        )
        print(f"{'':<18}{'running':>9}{'filled':>9}{'Gini':>7}{'knows':>7}{'points':>9}")
        _sum("plain filling", plain)
        _sum("suggested", ours)
    return failed


@dataclass(frozen=True)
class _Share:
    """One group's figures, to be added up."""

    places: int
    filled: int
    shifts: int
    short: int
    runs: int
    familiar: int
    gini: float
    points: float


def _share(problem: Problem, given: Any) -> _Share:
    found = measure(problem, given)
    return _Share(
        found.places,
        found.filled,
        len(problem.turns),
        found.short,
        found.runs,
        found.familiar,
        found.gini,
        found.points,
    )


def _sum(name: str, shares: list[_Share]) -> None:
    short = sum(one.short for one in shares)
    shifts = sum(one.shifts for one in shares)
    print(
        f"{name:<18}{sum(one.runs for one in shares) / max(1, short):>9.1%}"
        f"{sum(one.filled for one in shares) / max(1, sum(one.places for one in shares)):>9.1%}"
        f"{statistics.mean(one.gini for one in shares):>7.3f}"
        f"{sum(one.familiar for one in shares) / max(1, shifts):>7.0%}"
        f"{sum(one.points for one in shares):>9.0f}",
        flush=True,
    )


@contextmanager
def _demo(volunteers: int) -> Iterator[Flask]:
    with (
        tempfile.TemporaryDirectory(prefix="many-hands-") as folder,
        local_redis.running(Path(folder) / "redis") as redis_url,
        clock.stopped_at(NOW),
    ):
        settings = {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/benchmark.db",
            "REDIS_URL": redis_url,
            "DATA_FOLDER": folder,
        }
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            if seed(volunteers) is None:
                raise SystemExit("The database was not empty.")
            yield app
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
