"""Invented problems, small and large, and the best suggestion found by trying all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from app.suggestions.rules.measure import points
from app.suggestions.rules.problem import Busy, Candidate, Fit, Pair, Post, Problem, Turn

MONDAY = datetime(2026, 12, 7, tzinfo=UTC)


def busy(day: int, start: float, hours: float, site_id: int = 1) -> Busy:
    begins = MONDAY + timedelta(days=day, hours=start)
    return Busy(
        starts_at=begins,
        ends_at=begins + timedelta(hours=hours),
        site_id=site_id,
        day=begins.date(),
    )


def invented(
    chance: random.Random, shifts: int, volunteers: int, days: int, *, able: float = 0.35
) -> Problem:
    """Shifts of one to two duties and people who may take some of them, as they come."""
    posts: list[Post] = []
    turns: list[Turn] = []
    for number in range(shifts):
        when = busy(
            chance.randrange(days), chance.choice([8, 9, 12, 15, 18, 19]), chance.choice([2, 3, 4])
        )
        duties = chance.choice([1, 1, 2])
        for duty in range(duties):
            places = chance.choice([1, 2, 2, 3])
            posts.append(
                Post(
                    key=len(posts),
                    shift_id=number,
                    role_id=number % 5,
                    when=when,
                    open=places,
                    need=chance.randint(0, places) if duties > 1 else 0,
                    in_charge=duties > 1 and duty == 0 and chance.random() < 0.5,
                    is_late=when.ends_at.hour >= 21,
                    is_early=when.starts_at.hour < 10,
                )
            )
        total = sum(post.open for post in posts if post.shift_id == number)
        turns.append(
            Turn(
                shift_id=number,
                need=chance.randint(0, total),
                open=chance.choice([None, total, max(1, total - 1)]),
                adult_there=chance.random() < 0.3,
                familiar_there=chance.random() < 0.3,
            )
        )
    people = [
        Candidate(
            id=number,
            is_adult=chance.random() < 0.85,
            minutes=60 * chance.randint(0, 12),
            a_week=chance.choice([1, 2, 3, 3, 5]),
            places=tuple(
                busy(chance.randrange(days), chance.choice([9, 13, 18]), 3, site_id=2)
                for _ in range(chance.choice([0, 0, 0, 1, 2]))
            ),
        )
        for number in range(volunteers)
    ]
    fits = {
        (person.id, post.key): Fit(chance.randint(0, 20), chance.random() < 0.4)
        for person in people
        for post in posts
        if chance.random() < able
        and (person.is_adult or not post.in_charge)
        and not any(
            post.when.starts_at < place.ends_at and place.starts_at < post.when.ends_at
            for place in person.places
        )
    }
    return Problem(posts=posts, turns=turns, people=people, fits=fits, floor=60)


def small(seed: int) -> Problem:
    """Few enough pairs that every suggestion can be tried."""
    chance = random.Random(seed)
    problem = invented(chance, chance.randint(1, 4), chance.randint(1, 5), chance.randint(1, 5))
    kept = dict(list(problem.fits.items())[:12])
    return Problem(
        posts=problem.posts, turns=problem.turns, people=problem.people, fits=kept, floor=60
    )


def every(problem: Problem) -> Iterator[frozenset[Pair]]:
    """Each set of pairs there is, allowed or not."""
    pairs = list(problem.fits)
    for bits in range(1 << len(pairs)):
        yield frozenset(pair for place, pair in enumerate(pairs) if bits >> place & 1)


def days_of(problem: Problem) -> set[date]:
    return {post.when.day for post in problem.posts}


def score(problem: Problem, given: frozenset[Pair]) -> float:
    return round(points(problem, given), 6)
