"""Who may hold a place on a shift: pure rules, the same for each door.

`matching` says in SQL for everybody what `hindrances` says here for one
person; a test holds the two together.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from app.volunteers.vocabulary import (
    AgeBand,
    DbsLevel,
    Language,
    Skill,
    Training,
    Workforce,
)


class Exclusion(enum.StrEnum):
    """Why a volunteer is not asked, the first that applies.

    The order is the order of telling: what the person decided, then what the
    role demands, then what is only so this time.
    """

    NO_CONTACT = "no-contact"
    OPTED_OUT = "opted-out"
    PAUSED = "paused"
    TOO_YOUNG = "too-young"
    SKILL = "skill"
    LANGUAGE = "language"
    TRAINING = "training"
    DBS = "dbs"
    ALREADY_IN = "already-in"
    SAID_NO = "said-no"
    CLASH = "clash"
    AWAY = "away"
    NOT_FREE = "not-free"
    TOO_FAR = "too-far"
    ASKED_OFTEN = "asked-often"
    ASKED_LATELY = "asked-lately"
    OTHER_GROUPS = "other-groups"
    SAME_PHONE = "same-phone"

    @property
    def words(self) -> str:
        """The reason as it reads after a number of people: "14 …"."""
        return {
            "no-contact": "cannot be texted: no confirmed number, or no consent",
            "opted-out": "asked us not to text them",
            "paused": "are taking a break",
            "too-young": "are too young for this role, or have not told their age",
            "skill": "do not have a skill that it needs",
            "language": "do not speak a language that it needs",
            "training": "do not have the training, or it has run out",
            "dbs": "do not have the check that it needs",
            "already-in": "already have a place or are waiting",
            "said-no": "already said no, or left this shift",
            "clash": "have another shift then",
            "away": "are away then",
            "not-free": "are not free at that time",
            "too-far": "live further away than they travel",
            "asked-often": "have been asked as often as they allow this week",
            "asked-lately": "were asked in the last days",
            "other-groups": "do not help the kinds of group that you chose",
            "same-phone": "share a phone with somebody who is asked",
        }[self.value]


# What stops a person from taking a place even of their own wish.
BINDING = (
    Exclusion.TOO_YOUNG,
    Exclusion.SKILL,
    Exclusion.LANGUAGE,
    Exclusion.TRAINING,
    Exclusion.DBS,
    Exclusion.CLASH,
)


@dataclass(frozen=True)
class Held:
    """A check that a volunteer holds."""

    level: DbsLevel
    workforce: Workforce
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the rules need to know of a volunteer."""

    age_band: AgeBand
    guardian_agreed: bool = False
    skills: Skill = Skill(0)
    languages: Language = Language(0)
    trainings: Training = Training(0)  # valid on the day of the shift
    checks: Collection[Held] = ()
    # Times at which the person already has a place: (start, end), aware.
    busy: Collection[tuple[datetime, datetime]] = ()


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What the rules need to know of a shift."""

    starts_at: datetime
    ends_at: datetime
    minimum_age: int = 18
    skills: Skill = Skill(0)
    languages: Language = Language(0)
    trainings: Training = Training(0)
    dbs_level: DbsLevel = DbsLevel.NONE
    dbs_workforce: Workforce | None = None
    checks_since: date = field(default=date.min)  # older checks are due again


def old_enough(band: AgeBand, minimum_age: int, guardian_agreed: bool) -> bool:
    """Whether the age band meets the role's minimum of 18, 16 or 0 years.

    Under 18 a guardian must have agreed. Under 16 nobody takes a shift by
    themselves: a group arranges that with the family.
    """
    if band == AgeBand.ADULT:
        return True
    return band == AgeBand.FROM_16 and minimum_age <= 16 and guardian_agreed


def check_holds(checks: Collection[Held], demand: Demand) -> bool:
    """Whether one of the checks is of the level and workforce, and recent enough."""
    if demand.dbs_level == DbsLevel.NONE:
        return True
    enough = demand.dbs_level.at_least()
    workforces = {demand.dbs_workforce, Workforce.BOTH} if demand.dbs_workforce else set(Workforce)
    if demand.dbs_workforce == Workforce.BOTH:
        workforces = {Workforce.BOTH}
    # A basic check names no workforce.
    any_workforce = demand.dbs_level == DbsLevel.BASIC
    return any(
        held.level in enough
        and (any_workforce or held.workforce in workforces)
        and held.issued_on >= demand.checks_since
        for held in checks
    )


def overlaps(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> bool:
    """Whether two stretches of time share a moment; touching ends do not."""
    return a[0] < b[1] and b[0] < a[1]


def hindrances(person: Person, demand: Demand) -> list[Exclusion]:
    """Every binding reason against this person on this shift; empty when there is none."""
    found: list[Exclusion] = []
    if not old_enough(person.age_band, demand.minimum_age, person.guardian_agreed):
        found.append(Exclusion.TOO_YOUNG)
    if demand.skills & ~person.skills:
        found.append(Exclusion.SKILL)
    if demand.languages & ~person.languages:
        found.append(Exclusion.LANGUAGE)
    if demand.trainings & ~person.trainings:
        found.append(Exclusion.TRAINING)
    if not check_holds(person.checks, demand):
        found.append(Exclusion.DBS)
    if any(overlaps(busy, (demand.starts_at, demand.ends_at)) for busy in person.busy):
        found.append(Exclusion.CLASH)
    return found
