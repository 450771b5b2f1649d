"""From facts to rows and back: a draft's places, figures and gaps, in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.foundation.extensions import db
from app.opportunities.models import Opportunity
from app.signups.rules import Opening
from app.suggestions.models import STANDING, Mark, SuggestedPlace, Suggestion
from app.suggestions.queries.facts import Facts, facts
from app.suggestions.rules import explain
from app.suggestions.rules.greedy import Filling
from app.suggestions.rules.measure import lacks, measure
from app.suggestions.rules.problem import Pair, Problem, by_shift, held_in_week, monday_of


def facts_of(
    suggestion: Suggestion, only: int | None = None
) -> tuple[Facts, dict[Pair, SuggestedPlace]]:
    """The facts as they are now without what the manager took out, and the draft's places.

    A place that does not fit any more is not among them. With `only` a shift's
    number people are judged for that one alone, and the others' places are
    taken as they stand.
    """
    rows = places_of(suggestion.id)
    besides = {place.volunteer_id for place in rows} if only is not None else ()
    found = facts(suggestion.group_id, suggestion.first_day, suggestion.last_day, only, besides)
    keys = found.key_of
    fits = dict(found.problem.fits)
    places: dict[Pair, SuggestedPlace] = {}
    for place in rows:
        if place.mark not in STANDING:
            for post in found.problem.posts_of.get(place.shift_id, ()):
                fits.pop((place.volunteer_id, post.key), None)
            continue
        key = keys.get((place.shift_id, place.slot_id))
        if key is not None and place.volunteer_id in found.people:
            places[place.volunteer_id, key] = place
    places = {
        pair: place
        for pair, place in places.items()
        if pair in fits or only not in (None, place.shift_id)
    }
    return replace(found, problem=replace(found.problem, fits=fits)), places


def places_of(suggestion_id: int) -> list[SuggestedPlace]:
    return list(
        db.session.scalars(
            select(SuggestedPlace)
            .where(SuggestedPlace.suggestion_id == suggestion_id)
            .order_by(SuggestedPlace.id)
        )
    )


def locked(places: dict[Pair, SuggestedPlace]) -> frozenset[Pair]:
    return frozenset(pair for pair, place in places.items() if place.mark == Mark.LOCKED)


def write(suggestion: Suggestion, found: Facts, given: Collection[Pair]) -> None:
    """Make the draft's rows say what is given, in the open transaction; marks of old ones stay."""
    present = {(place.shift_id, place.volunteer_id): place for place in places_of(suggestion.id)}
    often = Counter(person_id for person_id, _ in given)
    wanted: set[tuple[int, int]] = set()
    for person_id, key in sorted(given, key=lambda pair: (pair[1], pair[0])):
        post = found.problem.post[key]
        where = (post.shift_id, person_id)
        wanted.add(where)
        place = present.get(where)
        if place is None:
            place = SuggestedPlace(
                suggestion_id=suggestion.id,
                shift_id=post.shift_id,
                volunteer_id=person_id,
                mark=Mark.PROPOSED,
            )
            db.session.add(place)
        place.slot_id = post.slot_id
        place.reasons = reasons(found, (person_id, key), often[person_id])
    for where, place in present.items():
        if where not in wanted and place.mark in STANDING:
            db.session.delete(place)
    tell(suggestion, found, given)


def tell(suggestion: Suggestion, found: Facts, given: Collection[Pair]) -> None:
    """Write the figures and the gaps of what is given into the suggestion's row."""
    problem = found.problem
    of_all, before = measure(problem, given), measure(problem, ())
    suggestion.figures = {
        "filled": of_all.filled,
        "places": of_all.places,
        "short": of_all.short,
        "runs": of_all.runs,
        "people": of_all.people,
        "on_list": len(found.people),
        "unseen": found.unseen,
        "most_hours": round(of_all.most_hours),
        "gini": round(of_all.gini, 3),
        "gini_before": round(before.gini, 3),
        "shifts": len(problem.turns),
        "familiar": of_all.familiar,
    }
    suggestion.gaps = gaps(found, given)


def reasons(found: Facts, pair: Pair, new_places: int) -> list[str]:
    """Why this person, for this place."""
    person_id, key = pair
    told, about = found.posts[key], found.about[person_id]
    role = told.shift.opportunity
    shared = about.interests & role.activity
    return explain.reasons(
        explain.Standing(
            metres=about.metres(told.shift.site.east, told.shift.site.north),
            times_done=found.people[person_id].has_done.get(role.id, 0),
            says_free=bool(about.free_times),
            likes=", ".join(one.label[:1].lower() + one.label[1:] for one in shared),
            hours_here=found.hours_here[person_id],
            new_places=new_places,
        )
    )


def gaps(found: Facts, given: Collection[Pair]) -> list[dict[str, Any]]:
    """Each post that keeps a place open, what that means for its shift, and why."""
    problem = found.problem
    state = Filling(problem, given)
    shifts = by_shift(problem, given)
    told = []
    for key, post in found.posts.items():
        free = post.post.open - state.on[key]
        if free <= 0:
            continue
        short = lacks(problem, post.post.shift_id, shifts[post.post.shift_id])
        told.append(
            {
                "shift_id": post.post.shift_id,
                "slot_id": post.post.slot_id,
                "free": free,
                "short": min(short, free),
                "why": explain.gap(_gap(found, key, state)),
            }
        )
    return told


def _gap(found: Facts, key: int, state: Filling) -> explain.Gap:
    problem, told = found.problem, found.posts[key]
    able = problem.people_for.get(key, [])
    count: Counter[str] = Counter()
    weeks: dict[tuple[int, date], int] = defaultdict(int)
    for person_id, other in state.given:
        weeks[person_id, monday_of(problem.post[other].when.day)] += 1
    monday = monday_of(told.post.when.day)
    turn = problem.turn[told.post.shift_id]
    has_adult = turn.adult_there or any(
        problem.person[one].is_adult for one in state.shift_on[told.post.shift_id]
    )
    open_to = [one for one in able if (one, key) not in state.given]
    for person_id in open_to:
        person = problem.person[person_id]
        if problem.clashes[key] & state.mine[person_id]:
            count["busy"] += 1
        elif held_in_week(person, monday) + weeks[person_id, monday] >= person.a_week:
            count["enough"] += 1
        elif not person.is_adult and not has_adult:
            count["young"] += 1
    everybody = found.why_not(key)
    return explain.Gap(
        against=everybody,
        needs=_needs(told.shift.opportunity, told.opening),
        fitting=len(open_to),
        busy=count["busy"],
        enough=count["enough"],
        young=count["young"],
    )


def _needs(role: Opportunity, opening: Opening | None) -> str:
    """What a post asks people to have, in words."""
    skills = role.needs_skills | (opening.skills if opening else 0)
    trainings = role.needs_training | (opening.trainings if opening else 0)
    languages = role.needs_languages | (opening.languages if opening else 0)
    said = [one.label.lower() for one in (skills, trainings) if one]
    if languages:
        said.append(languages.label)
    if role.dbs_level.rank:
        said.append(f"a {role.dbs_level.label.lower()} DBS check")
    return ", ".join(said)


def with_locked(found: Facts, places: dict[Pair, SuggestedPlace]) -> Problem:
    """The problem in which what the manager locked, and still fits, stays."""
    return replace(found.problem, locked=locked(places))


def sound(problem: Problem, given: Collection[Pair]) -> set[Pair]:
    """What of a suggestion keeps all that binds, as things are now; the rest is left out."""
    state = Filling(problem, ())
    # Adults first, so that the young have somebody beside them.
    order = sorted(given, key=lambda pair: (not problem.person[pair[0]].is_adult, pair))
    for person_id, key in order:
        if state.may(person_id, key):
            state.give((person_id, key))
    return state.given
