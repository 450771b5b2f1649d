"""The few people who are shown: loaded, with the reasons in words."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.foundation.extensions import db
from app.matching import rules
from app.matching.queries import conditions
from app.matching.queries.wish import Need
from app.matching.rules import Candidate
from app.signups.rules import Person
from app.volunteers.models import GroupVolunteer, TrainingRecord, Volunteer
from app.volunteers.vocabulary import Training


@dataclass(frozen=True)
class Ranked:
    """Somebody who is asked: for which of the shifts, how far away, and why."""

    volunteer_id: int
    name: str
    shift_id: int
    score: int
    metres: int
    reasons: list[str]


def whole_metres(square: int) -> int:
    """The root of a squared distance, rounded up: within a limit or not, as SQL says."""
    return math.isqrt(square - 1) + 1 if square else 0


def introduce(rows: Sequence[Any], wanted: list[Need]) -> list[Ranked]:
    """Load the people of (id, shift_id, score, square, …) rows, in their order."""
    if not rows:
        return []
    by_shift = {need.shift_id: need for need in wanted}
    people = _people([row[0] for row in rows])
    known = _known_groups(people, {need.group_id for need in wanted})
    trained = _trainings(people, wanted)
    ranked = []
    for volunteer_id, shift_id, score, square, *_ in rows:
        found, need = people[volunteer_id], by_shift[shift_id]
        metres = whole_metres(square)
        candidate = Candidate(
            person=Person(
                age_band=found.age_band,
                skills=found.skills,
                languages=found.languages,
                trainings=trained.get(volunteer_id, Training(0)),
            ),
            metres=metres,
            travel_metres=found.travel_metres,
            free_times=found.free_times,
            last_asked_at=found.last_asked_at,
            interests=found.interests,
            knows_group=(volunteer_id, need.group_id) in known,
        )
        ranked.append(
            Ranked(
                volunteer_id=volunteer_id,
                name=found.name,
                shift_id=shift_id,
                score=score,
                metres=metres,
                reasons=rules.reasons(candidate, need.request),
            )
        )
    return ranked


def _people(ids: Collection[int]) -> dict[int, Any]:
    return {
        row.id: row
        for row in db.session.execute(
            select(
                Volunteer.id,
                Volunteer.name,
                Volunteer.age_band,
                Volunteer.skills,
                Volunteer.languages,
                Volunteer.interests,
                Volunteer.free_times,
                Volunteer.travel_metres,
                Volunteer.last_asked_at,
            ).where(Volunteer.id.in_(ids))
        )
    }


def _known_groups(ids: Collection[int], groups: Collection[int]) -> set[tuple[int, int]]:
    rows = db.session.execute(
        select(GroupVolunteer.volunteer_id, GroupVolunteer.group_id).where(
            GroupVolunteer.volunteer_id.in_(ids), GroupVolunteer.group_id.in_(groups)
        )
    )
    return {(volunteer_id, group_id) for volunteer_id, group_id in rows}


def _trainings(ids: Collection[int], wanted: list[Need]) -> dict[int, Training]:
    """The trainings that a shift needs, valid on the first day; no query where none is needed."""
    if not any(need.request.demand.all_trainings for need in wanted):
        return {}
    day = min(need.day for need in wanted)
    found: dict[int, Training] = {}
    for volunteer_id, training in db.session.execute(
        select(TrainingRecord.volunteer_id, TrainingRecord.training).where(
            TrainingRecord.volunteer_id.in_(ids),
            conditions.holds_on(day),
        )
    ):
        found[volunteer_id] = found.get(volunteer_id, Training(0)) | training
    return found
