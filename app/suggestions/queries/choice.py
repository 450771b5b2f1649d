"""Who else could take a place of the draft, best first."""

from __future__ import annotations

from dataclasses import dataclass

from app.suggestions import drafting
from app.suggestions.models import Suggestion
from app.suggestions.queries.facts import Told
from app.suggestions.rules import weights
from app.suggestions.rules.greedy import Filling


@dataclass(frozen=True)
class Other:
    """Somebody who fits, with the reasons and how many places of this draft they have."""

    volunteer_id: int
    name: str
    reasons: list[str]
    places: int


@dataclass(frozen=True)
class Choice:
    """A place of the draft, who has it in the draft now, and who could have it instead."""

    told: Told
    instead_of: str  # empty for an open place
    others: list[Other]


def choice(
    suggestion: Suggestion,
    shift_id: int,
    slot_id: int | None,
    instead_of: int | None,
    at_most: int = 30,
) -> Choice | None:
    """Who may take the place beside the rest of the draft; None when there is no such place.

    `instead_of` is the number of the suggested place whose person gives way.
    First come those whom it suits best and who have done least lately.
    """
    found, places = drafting.facts_of(suggestion, only=shift_id)
    key = found.key_of.get((shift_id, slot_id))
    if key is None:
        return None
    there = {place.id: pair[0] for pair, place in places.items() if pair[1] == key}
    if instead_of is not None and instead_of not in there:
        return None
    gone = there[instead_of] if instead_of is not None else None
    state = Filling(found.problem, [pair for pair in places if pair != (gone, key)])
    able = [
        person_id
        for person_id in found.problem.people_for.get(key, ())
        if person_id != gone and state.may(person_id, key)
    ]

    def value(person_id: int) -> tuple[float, int]:
        fit = found.problem.fits[person_id, key]
        before = max(0, state.minutes[person_id] - found.problem.floor)
        cost = weights.hours_cost(before + found.problem.post[key].minutes)
        knows = weights.KNOWS if fit.familiar else 0
        return cost - weights.hours_cost(before) - fit.points - knows, person_id

    others = [
        Other(
            person_id,
            found.people[person_id].name,
            drafting.reasons(found, (person_id, key), len(state.mine[person_id]) + 1),
            len(state.mine[person_id]),
        )
        for person_id in sorted(able, key=value)[:at_most]
    ]
    name = found.people[gone].name if gone is not None else ""
    return Choice(found.posts[key], name, others)
