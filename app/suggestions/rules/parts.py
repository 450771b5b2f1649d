"""Parts of a large problem, each given again by itself while all else stays; pure."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.suggestions.rules.problem import Candidate, Fit, Pair, Post, Problem, Turn

# So many pairs of a person and a post are in play at once.
SIZE: Final = 600


@dataclass(frozen=True)
class Part:
    """Some posts and some people: what is given of these to those is given again."""

    posts: frozenset[int]
    people: frozenset[int]


def parts(problem: Problem, chance: random.Random) -> Iterator[Callable[[frozenset[Pair]], Part]]:
    """Parts without end, by turns of some days and of some people; each from what is given now."""
    everybody = frozenset(problem.person)
    while True:
        windows = list(_windows(problem, chance))
        chance.shuffle(windows)
        for posts in windows:
            yield lambda _given, posts=posts: Part(posts, everybody)  # type: ignore[misc] # a default
            yield lambda given: _some_people(problem, given, chance)


def _windows(problem: Problem, chance: random.Random) -> Iterator[frozenset[int]]:
    """The posts in their order of time, cut where enough pairs are together."""
    order = sorted(problem.posts, key=lambda post: (post.when.starts_at, post.key))
    # The first is cut short by chance, so that the cuts are elsewhere each time.
    room = chance.randint(1, SIZE)
    found: list[int] = []
    for post in order:
        found.append(post.key)
        room -= len(problem.people_for.get(post.key, ()))
        if room <= 0:
            yield frozenset(found)
            found, room = [], SIZE
    if found:
        yield frozenset(found)


def _some_people(problem: Problem, given: frozenset[Pair], chance: random.Random) -> Part:
    """People with much to do and people by chance, with their posts and those not yet filled."""
    minutes = {person.id: person.minutes for person in problem.people}
    on: dict[int, int] = defaultdict(int)
    mine: dict[int, set[int]] = defaultdict(set)
    for person_id, key in given:
        minutes[person_id] += problem.post[key].minutes
        on[key] += 1
        mine[person_id].add(key)
    order = sorted(problem.keys_of, key=lambda one: (-minutes[one], one))
    busiest, others = order[: len(order) // 3], order
    posts = {post.key for post in problem.posts if on[post.key] < post.open}
    chosen: set[int] = set()
    while len(chosen) < len(order):
        one = chance.choice(busiest if len(chosen) % 2 and busiest else others)
        if one in chosen:
            # Another by chance, so that it ends.
            one = next(other for other in _turned(order, chance) if other not in chosen)
        chosen.add(one)
        posts |= mine[one]
        if sum(len(posts.intersection(problem.keys_of[other])) for other in chosen) > SIZE:
            break
    return Part(frozenset(posts), frozenset(chosen))


def _turned(order: Sequence[int], chance: random.Random) -> Iterator[int]:
    first = chance.randrange(len(order))
    yield from order[first:]
    yield from order[:first]


def around(problem: Problem, given: frozenset[Pair], part: Part) -> tuple[frozenset[Pair], Problem]:
    """What of a part is given again, and the smaller problem that this is.

    To the smaller problem all that stays looks like what was there before.
    """
    free = {
        pair
        for pair in given
        if pair[1] in part.posts and pair[0] in part.people and pair not in problem.locked
    }
    free -= _kept_for_the_young(problem, given.difference(free), free)
    stays = given - free
    keys: dict[int, set[int]] = defaultdict(set)
    on: dict[int, int] = defaultdict(int)
    shift_on: dict[int, list[Pair]] = defaultdict(list)
    for person_id, key in stays:
        keys[person_id].add(key)
        on[key] += 1
        shift_on[problem.post[key].shift_id].append((person_id, key))
    posts = [
        _post(post, on[post.key])
        for post in problem.posts
        if post.key in part.posts and on[post.key] < post.open
    ]
    fits: dict[Pair, Fit] = {}
    for post in posts:
        for person_id in problem.people_for.get(post.key, ()):
            pair = (person_id, post.key)
            if person_id in part.people and not keys[person_id] & (
                problem.clashes[post.key] | {post.key}
            ):
                fits[pair] = problem.fits[pair]
    in_play = {person_id for person_id, _ in fits}
    shifts = {post.shift_id for post in posts}
    smaller = Problem(
        posts=posts,
        turns=[
            _turn(problem, turn, shift_on[turn.shift_id])
            for turn in problem.turns
            if turn.shift_id in shifts
        ],
        people=[
            _candidate(problem, person, keys[person.id])
            for person in problem.people
            if person.id in in_play
        ],
        fits=fits,
        handover=problem.handover,
        floor=problem.floor,
    )
    return frozenset(free), smaller


def _kept_for_the_young(
    problem: Problem, stays: set[Pair] | frozenset[Pair], free: set[Pair]
) -> set[Pair]:
    """Of what could be given again: the places on shifts where somebody young stays beside them."""
    young: set[int] = set()
    adult: set[int] = set()
    for person_id, key in stays:
        shift_id = problem.post[key].shift_id
        (adult if problem.person[person_id].is_adult else young).add(shift_id)
    alone = {shift_id for shift_id in young - adult if not problem.turn[shift_id].adult_there}
    return {pair for pair in free if problem.post[pair[1]].shift_id in alone}


def _post(post: Post, stays: int) -> Post:
    return replace(post, open=post.open - stays, need=max(0, post.need - stays))


def _turn(problem: Problem, turn: Turn, stays: Sequence[Pair]) -> Turn:
    return replace(
        turn,
        need=max(0, turn.need - len(stays)),
        open=None if turn.open is None else turn.open - len(stays),
        adult_there=turn.adult_there or any(problem.person[one].is_adult for one, _ in stays),
        familiar_there=turn.familiar_there or any(problem.fits[pair].familiar for pair in stays),
    )


def _candidate(problem: Problem, person: Candidate, keys: set[int]) -> Candidate:
    if not keys:
        return person
    posts = [problem.post[key] for key in sorted(keys)]
    return replace(
        person,
        minutes=person.minutes + sum(post.minutes for post in posts),
        places=(*person.places, *(post.when for post in posts)),
    )
