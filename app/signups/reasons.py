"""Why a shift suits the person who looks at it, in words; pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.foundation.places import spoken_distance
from app.volunteers.vocabulary import Activity, Skill


@dataclass(frozen=True, kw_only=True)
class Both:
    """What the volunteer offers and what the shift is about."""

    metres: float
    travel_metres: int
    interests: Activity
    activity: Activity
    skills: Skill
    wanted_skills: Skill
    free_times: int
    times: int
    knows_group: bool


def reasons(both: Both) -> list[str]:
    """What speaks for it, the plainest first; says nothing against it."""
    said = []
    if both.metres <= both.travel_metres:
        distance = spoken_distance(both.metres)
        said.append(f"{distance[0].upper()}{distance[1:]} away")
    if both.free_times and both.times & ~both.free_times == 0:
        said.append("You are free then")
    if shared := both.interests & both.activity:
        said.append(f"You like: {shared.label.lower()}")
    if used := both.skills & both.wanted_skills:
        said.append(f"Uses your skills: {used.label.lower()}")
    if both.knows_group:
        said.append("You know this group")
    return said
