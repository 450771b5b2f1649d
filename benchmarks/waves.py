"""Fewest texts, full in time: the rules of waves against three plain ways of asking.

    python benchmarks/waves.py [--requests 1000] [--seed 1]

Each request is a world of its own, drawn before anybody plays in it: who would
say yes if asked, after how long, and who drops out again. Every way of asking
plays in the same worlds, so they differ by what they do and not by luck.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.broadcasts.rules import planning  # run as a script, from anywhere
from app.broadcasts.rules.curve import Curve

_DROPS = -1
WINDOW = 400  # of those next in order so many are looked at one by one, as production does


@dataclass(frozen=True)
class Answer:
    """What a person would say if asked, and when; a yes may turn into a drop-out."""

    is_yes: bool
    after: float  # minutes after being asked
    stays: float  # minutes after the yes; infinite for who stays


@dataclass(frozen=True)
class World:
    """One request: what is true, and what is believed."""

    places: int
    minutes: float
    answers: list[Answer | None]  # by the order of asking; None: never answers
    believed: list[float]  # the chance of yes as it is estimated


def draw(rng: random.Random) -> World:
    """A world as the aim describes it. Every range is drawn evenly, or evenly by factor."""

    def by_factor(low: float, high: float) -> float:
        return math.exp(rng.uniform(math.log(low), math.log(high)))

    pool = round(by_factor(20, 2000))
    rate = by_factor(0.02, 0.40)
    wrong = 2 ** rng.uniform(-1, 1)
    half = by_factor(5, 20)
    spread = rng.uniform(1.0, 1.6)
    says_no = rng.uniform(0.1, 0.5)
    drops = rng.uniform(0.0, 0.15)
    minutes = 60 * by_factor(1, 24)
    answers: list[Answer | None] = []
    believed = []
    for _ in range(pool):
        keen = rng.lognormvariate(-0.08, 0.4)  # mean 1: people differ
        chance = min(0.9, rate * keen)
        # What we know of a person tells about half of how they differ from others.
        believed.append(min(0.9, max(0.005, rate * wrong * math.sqrt(keen))))
        draw_says, after = rng.random(), half * rng.lognormvariate(0, spread)
        stays = rng.expovariate(1 / 120) if rng.random() < drops else math.inf
        if draw_says < chance:
            answers.append(Answer(True, after, stays))
        elif draw_says < chance + (1 - chance) * says_no:
            answers.append(Answer(False, after, math.inf))
        else:
            answers.append(None)
    return World(rng.randint(1, 12), minutes, answers, believed)


@dataclass(frozen=True)
class Result:
    """What became of one request."""

    texts: int
    held: int  # places that are taken at the deadline
    places: int
    filled_after: float | None  # minutes until it was full for the first time
    told: int  # asked in the last two hours and silent when it filled: a text more, each

    @property
    def is_filled(self) -> bool:
        return self.held >= self.places


class Course:
    """One request being played: time runs from look to look, answers come in between."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = 0.0
        self.asked: list[int] = []  # people, by wave
        self.times: list[float] = []  # when, by wave
        self.next = 0
        self.held = self.waiting = 0
        self.yes: list[int] = []
        self.no: list[int] = []
        self.filled_after: float | None = None
        self.told = 0
        # When, who, and their wave; _DROPS in place of a person who leaves.
        self._events: list[tuple[float, int, int]] = []

    @property
    def left(self) -> int:
        return self.world.places - self.held

    @property
    def unasked(self) -> int:
        return len(self.world.answers) - self.next

    def ask(self, people: int) -> None:
        """Ask the next so many in order."""
        chosen = range(self.next, min(self.next + people, len(self.world.answers)))
        self.next = chosen.stop
        wave = len(self.times)
        self.asked.append(len(chosen))
        self.times.append(self.now)
        self.yes.append(0)
        self.no.append(0)
        for person in chosen:
            answer = self.world.answers[person]
            if answer is not None and self.now + answer.after < self.world.minutes:
                heapq.heappush(self._events, (self.now + answer.after, person, wave))

    def until(self, moment: float, stop_when_open: bool = False) -> None:
        """Let time run; with `stop_when_open` only until a place is free."""
        while self._events and self._events[0][0] <= moment:
            if stop_when_open and self.left:
                return
            self.now, person, wave = heapq.heappop(self._events)
            if person == _DROPS:
                self._drop()
                continue
            answer = self.world.answers[person]
            if answer is None or not answer.is_yes:
                self.no[wave] += 1
                continue
            self.yes[wave] += 1
            if self.left:
                self.held += 1
            else:
                self.waiting += 1
            if self.now + answer.stays < self.world.minutes:
                heapq.heappush(self._events, (self.now + answer.stays, _DROPS, 0))
            if not self.left and self.filled_after is None:
                self._filled()
        if not (stop_when_open and self.left):
            self.now = moment

    def _drop(self) -> None:
        if self.waiting:
            self.waiting -= 1  # the next who waits has the place, or the one who waits leaves
        else:
            self.held -= 1

    def _filled(self) -> None:
        self.filled_after = self.now
        self.told = sum(
            people - yes - no
            for people, asked, yes, no in zip(
                self.asked, self.times, self.yes, self.no, strict=True
            )
            if asked > self.now - 120
        )

    def result(self) -> Result:
        return Result(self.next, self.held, self.world.places, self.filled_after, self.told)


def _looks(course: Course) -> Iterator[None]:
    """Each moment at which a place is free and somebody can still be asked.

    A full request that somebody drops out of goes on, with every way of asking.
    """
    while course.now < course.world.minutes and course.unasked:
        if course.left:
            yield
        else:
            course.until(course.world.minutes, stop_when_open=True)
    course.until(course.world.minutes)


def by_the_rules(world: World) -> Result:
    """As production asks: by the very function that it asks with."""
    course = Course(world)
    means: list[float] = []
    for _ in _looks(course):
        window = world.believed[course.next : course.next + WINDOW]
        plan = planning.next_wave(
            planning.Progress(
                places_left=course.left,
                minutes_left=world.minutes - course.now,
                waves=[
                    planning.Wave(
                        minutes_ago=course.now - at,
                        chance=mean,
                        silent=people - yes - no,
                        yes=yes,
                        no=no,
                    )
                    for at, people, mean, yes, no in zip(
                        course.times, course.asked, means, course.yes, course.no, strict=True
                    )
                ],
                next_chances=window,
                more=course.unasked - len(window),
                more_chance=planning.chance_of_the_rest(window),
                curve=Curve(),
            )
        )
        if plan.size:
            asked = window[: plan.size]
            means.append(sum(asked) / len(asked))
            course.ask(plan.size)
        pause = plan.look_again.total_seconds() / 60
        course.until(min(world.minutes, course.now + pause))
    return course.result()


def all_at_once(world: World) -> Result:
    """Everybody, at the start."""
    course = Course(world)
    course.ask(len(world.answers))
    course.until(world.minutes)
    return course.result()


def fixed(people: int, every: float) -> Callable[[World], Result]:
    """So many every so many minutes, until it is full."""

    def scheme(world: World) -> Result:
        course = Course(world)
        for _ in _looks(course):
            course.ask(people)
            course.until(min(world.minutes, course.now + every))
        return course.result()

    return scheme


WAYS: dict[str, Callable[[World], Result]] = {
    "by the rules": by_the_rules,
    "all at once": all_at_once,
    "ten every ten minutes": fixed(10, 10),
    "five every three minutes": fixed(5, 3),
}


@dataclass(frozen=True)
class Row:
    """One way of asking, over all worlds."""

    name: str
    results: list[Result]

    @property
    def texts(self) -> int:
        return sum(one.texts for one in self.results)

    @property
    def per_place(self) -> float:
        """Texts per filled place of a request, then the mean over the requests.

        So each request counts the same, whichever way fills it or leaves it.
        """
        each = [one.texts / max(1, one.held) for one in self.results]
        return statistics.fmean(each)

    @property
    def per_place_in_all(self) -> float:
        """All texts over all filled places: falls, too, when costly places are left empty."""
        return self.texts / max(1, sum(one.held for one in self.results))

    @property
    def filled(self) -> float:
        """Of a hundred requests, how many were full at the deadline."""
        return 100 * sum(one.is_filled for one in self.results) / len(self.results)

    @property
    def minutes(self) -> float:
        """Until a request was full: the median of those that were."""
        times = [one.filled_after for one in self.results if one.filled_after is not None]
        return statistics.median(times) if times else math.nan

    @property
    def told(self) -> float:
        """Texts "it is filled" to a request's silent people, the mean."""
        return statistics.fmean(one.told for one in self.results)

    def beside(self, other: Row) -> tuple[int, float, float]:
        """Where both filled every place: how many requests, and texts per place of each way."""
        both = [
            (mine, theirs)
            for mine, theirs in zip(self.results, other.results, strict=True)
            if mine.is_filled and theirs.is_filled
        ]
        places = max(1, sum(mine.places for mine, _ in both))
        mine, theirs = (sum(pair[n].texts for pair in both) / places for n in (0, 1))
        return len(both), mine, theirs


def table(rows: list[Row]) -> str:
    """The ways of asking beside each other, as the documentation keeps it."""
    lines = [
        "| way of asking | texts | texts per filled place | all texts over all filled places "
        "| filled in time | minutes to fill, median | texts “it is filled” |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.name} | {row.texts:,} | {row.per_place:.1f} | {row.per_place_in_all:.1f} "
        f"| {row.filled:.1f}% | {row.minutes:.0f} | {row.told:.1f} |"
        for row in rows
    ]
    ours, *others = rows
    lines += ["", "| where both filled every place | requests | by the rules | the other |"]
    lines.append("|---|---:|---:|---:|")
    for other in others:
        requests, mine, theirs = ours.beside(other)
        lines.append(f"| {other.name} | {requests} | {mine:.1f} | {theirs:.1f} |")
    return "\n".join(lines)


def missed(rows: list[Row]) -> list[str]:
    """Each aim that is not met, in words."""
    ours, everybody, *schemes = rows
    found = []
    if ours.per_place > everybody.per_place / 2 or ours.texts > everybody.texts / 2:
        found.append("more than half the texts of asking all at once")
    if ours.filled < everybody.filled - 1:
        found.append("filled in time less often than asking all, by more than one in a hundred")
    for scheme in schemes:
        _, mine, theirs = ours.beside(scheme)
        if ours.per_place >= scheme.per_place or mine >= theirs:
            found.append(f"no fewer texts per filled place than {scheme.name}")
        if ours.filled <= scheme.filled:
            found.append(f"filled in time no more often than {scheme.name}")
    return found


def play(requests: int, seed: int) -> list[Row]:
    """The same so many worlds for each way of asking, ours first."""
    rng = random.Random(seed)
    worlds = [draw(rng) for _ in range(requests)]
    return [Row(name, [way(world) for world in worlds]) for name, way in WAYS.items()]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rows = play(given.requests, given.seed)
    print(f"{given.requests:,} requests, seed {given.seed}\n")
    print(table(rows))
    faults = missed(rows)
    print()
    for fault in faults:
        print(f"MISSED: {fault}")
    if not faults:
        print("Every aim is met.")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
