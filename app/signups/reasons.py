"""What speaks for a shift and a person to come together, in words for either side; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.foundation.places import spoken_distance
from app.foundation.sentences import gettext
from app.signups.approval_rules import History
from app.signups.rules import Exclusion
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
        away = gettext("%(distance)s away", distance=spoken_distance(both.metres))
        said.append(f"{away[0].upper()}{away[1:]}")
    if both.free_times and both.times & ~both.free_times == 0:
        said.append(gettext("You are free then"))
    if shared := both.interests & both.activity:
        said.append(gettext("You like: %(what)s", what=shared.label.lower()))
    if used := both.skills & both.wanted_skills:
        said.append(gettext("Uses your skills: %(skills)s", skills=used.label.lower()))
    if both.knows_group:
        said.append(gettext("You know this group"))
    return said


def speaks_for(both: Both, history: History) -> list[str]:
    """What speaks for giving this person a place, for the group's managers."""
    said = []
    if history.last_answer:
        said.append("You said yes to them for this role before")
    if history.shifts_attended:
        times = "once" if history.shifts_attended == 1 else f"{history.shifts_attended} times"
        said.append(f"Has come to your shifts {times}")
    if history.was_listed:
        said.append("You put them on your list")
    if both.metres <= both.travel_metres:
        said.append(f"Lives {spoken_distance(both.metres)} away")
    if both.free_times and both.times & ~both.free_times == 0:
        said.append("Is free then")
    if used := both.skills & both.wanted_skills:
        said.append(f"Can do: {used.label.lower()}")
    if shared := both.interests & both.activity:
        said.append(f"Likes: {shared.label.lower()}")
    return said


def speaks_against(
    both: Both, history: History, found: Iterable[Exclusion], *, is_away: bool
) -> list[str]:
    """What speaks against it, the weightiest first; what the rules find would stop a yes."""
    said = [
        _AGAINST.get(reason, f"The rules of this role: they {reason.words}") for reason in found
    ]
    if history.last_answer is False:
        said.append("You said no to them for this role before")
    if is_away:
        said.append("Said that they are away then")
    if both.free_times and both.times & ~both.free_times:
        said.append("Did not list this as a free time")
    if both.metres > both.travel_metres:
        said.append(f"Lives {spoken_distance(both.metres)} away, further than they like to travel")
    if not (history.shifts_attended or history.last_answer or history.was_listed):
        said.append("New to your group")
    return said


_AGAINST = {
    Exclusion.NOT_INVITED: "Was not invited to this role",
    Exclusion.NOT_A_MEMBER: "Is not on your list",
    Exclusion.TOO_YOUNG: "Is too young for this role, or has not told their age",
    Exclusion.SKILL: "Does not have a skill that it needs",
    Exclusion.LANGUAGE: "Does not speak a language that it needs",
    Exclusion.TRAINING: "Does not have the training, or it has run out",
    Exclusion.DBS: "Does not have the check that it needs",
    Exclusion.DUTY: "Cannot do any of the duties of this shift",
    Exclusion.CLASH: "Has a place somewhere else at that time",
}
