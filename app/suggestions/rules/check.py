"""Whether a suggestion keeps what binds; pure, and written apart from the solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import combinations

from app.suggestions.rules.problem import Pair, Problem, collide, held_in_week, monday_of


def faults(problem: Problem, given: Collection[Pair]) -> list[str]:
    """Every binding rule that a suggestion breaks, in words for a log; empty when it keeps all."""
    found = []
    pairs = list(given)
    found += [f"twice: {pair}" for pair, count in Counter(pairs).items() if count > 1]
    found += [f"does not fit: {pair}" for pair in pairs if pair not in problem.fits]
    found += [f"was to stay: {pair}" for pair in problem.locked if pair not in set(pairs)]
    for key, count in Counter(key for _, key in pairs).items():
        if count > problem.post[key].open:
            found.append(f"too many on {key}: {count}")
    for person in problem.people:
        posts = [problem.post[key] for person_id, key in pairs if person_id == person.id]
        for a, b in combinations(posts, 2):
            if a.shift_id == b.shift_id or collide(a.when, b.when, problem.handover):
                found.append(f"{person.id} at {a.key} and {b.key}")
        for post in posts:
            if any(collide(post.when, busy, problem.handover) for busy in person.places):
                found.append(f"{person.id} has another place during {post.key}")
        weeks = Counter(monday_of(post.when.day) for post in posts)
        for monday, count in weeks.items():
            if count + held_in_week(person, monday) > person.a_week:
                found.append(f"{person.id} has too much in the week of {monday}")
    for turn in problem.turns:
        on = [person_id for person_id, key in pairs if problem.post[key].shift_id == turn.shift_id]
        if turn.open is not None and len(on) > turn.open:
            found.append(f"too many on {turn.shift_id}: {len(on)}")
        adults = [one for one in on if problem.person[one].is_adult]
        if len(adults) < len(on) and not adults and not turn.adult_there:
            found.append(f"no adult on {turn.shift_id}")
    for person_id, key in pairs:
        if problem.post[key].in_charge and not problem.person[person_id].is_adult:
            found.append(f"{person_id} is too young to be in charge of {key}")
    return found
