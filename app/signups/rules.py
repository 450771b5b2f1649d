"""Who may hold a place on a shift: pure rules, the same for each door.

`matching` says in SQL for everybody what `hindrances` says here for one
person; a test holds the two together.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

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
    NOT_INVITED = "not-invited"
    NOT_A_MEMBER = "not-a-member"
    TOO_YOUNG = "too-young"
    NO_EMERGENCY = "no-emergency"
    SKILL = "skill"
    LANGUAGE = "language"
    TRAINING = "training"
    DBS = "dbs"
    DUTY = "duty"
    INDUCTION = "induction"
    NO_ADULT = "no-adult"
    ALREADY_IN = "already-in"
    SAID_NO = "said-no"
    CLASH = "clash"
    AWAY = "away"
    NOT_FREE = "not-free"
    TOO_FAR = "too-far"
    ASKED_OFTEN = "asked-often"
    ASKED_LATELY = "asked-lately"
    OTHER_GROUPS = "other-groups"
    NOT_CHOSEN = "not-chosen"
    SAME_PHONE = "same-phone"

    @property
    def words(self) -> str:
        """The reason as it reads after a number of people: "14 …"."""
        return {
            "no-contact": "cannot be texted: no confirmed number, or no consent",
            "opted-out": "asked us not to text them",
            "paused": "are taking a break",
            "not-invited": "were not invited to this role",
            "not-a-member": "are not on the group’s list, as this role asks",
            "too-young": "are too young for this role, or have not told their age",
            "no-emergency": "are 16 or 17 and have not told whom to call in an emergency",
            "skill": "do not have a skill that it needs",
            "language": "do not speak a language that it needs",
            "training": "do not have the training, or it has run out",
            "dbs": "do not have the check that it needs",
            "duty": "cannot do any of the duties that are free",
            "induction": "have not done this group’s induction",
            "no-adult": "are 16 or 17, and no adult is coming to this shift yet",
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
            "not-chosen": "were left out: the group asks only a few",
        }[self.value]


# What stops a person from taking a place even of their own wish.
BINDING = (
    Exclusion.NOT_INVITED,
    Exclusion.NOT_A_MEMBER,
    Exclusion.TOO_YOUNG,
    Exclusion.NO_EMERGENCY,
    Exclusion.SKILL,
    Exclusion.LANGUAGE,
    Exclusion.TRAINING,
    Exclusion.DBS,
    Exclusion.DUTY,
    Exclusion.INDUCTION,
    Exclusion.NO_ADULT,
    Exclusion.CLASH,
)

# What a manager settles by putting somebody on a shift.
SETTLED_BY_MANAGER = (Exclusion.NOT_INVITED, Exclusion.NOT_A_MEMBER)


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
    names_emergency_contact: bool = False
    skills: Skill = Skill(0)
    languages: Language = Language(0)
    trainings: Training = Training(0)  # valid on the day of the shift
    checks: Collection[Held] = ()
    is_inducted: bool = False  # has done what the shift's group wants done before the first
    # Times at which the person already has a place: (start, end), aware. What goes with this
    # shift all the same, by a handover at the same site, is not among them.
    busy: Collection[tuple[datetime, datetime]] = ()
    is_invited: bool = False  # to this role, by the group's managers
    is_member: bool = False  # on the group's list


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A slot of a shift: what its duty needs beside what the shift does, and its room."""

    slot_id: int
    name: str = ""
    places: int = 1
    taken: int = 0
    minimum: int = 0
    rank: int = 0
    in_charge: bool = False
    minimum_age: int = 0
    skills: Skill = Skill(0)
    languages: Language = Language(0)
    trainings: Training = Training(0)

    @property
    def has_room(self) -> bool:
        return self.taken < self.places

    @property
    def is_short(self) -> bool:
        return self.taken < self.minimum

    @property
    def needs(self) -> int:
        """How much it asks for: the more, the fewer people can do it."""
        wanted = (self.skills, self.languages, self.trainings)
        age = 18 if self.in_charge else self.minimum_age
        return sum(int(bits).bit_count() for bits in wanted) + age // 16 + self.in_charge


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
    is_by_invitation: bool = False
    is_for_members: bool = False
    needs_induction: bool = False
    adult_comes: bool = True  # an adult has a place on it
    # The slots among which a person needs one that they can do; empty: all do the same.
    openings: Collection[Opening] = ()

    @property
    def all_trainings(self) -> Training:
        """Every training that it may depend on."""
        found = self.trainings
        for opening in self.openings:
            found |= opening.trainings
        return found


def old_enough(band: AgeBand, minimum_age: int, guardian_agreed: bool) -> bool:
    """Whether the age band meets the role's minimum of 18, 16 or 0 years.

    Under 18 a guardian must have agreed. Under 16 nobody takes a shift by
    themselves: a group arranges that with the family.
    """
    if band == AgeBand.ADULT:
        return True
    return band == AgeBand.FROM_16 and minimum_age <= 16 and guardian_agreed


def may_be_young(band: AgeBand, demand: Demand) -> bool:
    """Whether the person is 16 or 17 and the role takes people of that age.

    Then somebody to call in an emergency must be known, and an adult must be
    coming: nobody under 18 is ever the only one, or alone with others as young.
    https://www.gov.uk/volunteering/when-you-can-volunteer
    """
    return band == AgeBand.FROM_16 and demand.minimum_age <= 16


def check_holds(checks: Collection[Held], demand: Demand) -> bool:
    """Whether one of the checks is of the level and workforce, and recent enough."""
    if demand.dbs_level == DbsLevel.NONE:
        return True
    return any(
        is_enough(held, demand.dbs_level, demand.dbs_workforce)
        and held.issued_on >= demand.checks_since
        for held in checks
    )


def is_enough(held: Held, level: DbsLevel, workforce: Workforce | None) -> bool:
    """Whether a check is of this level or a higher one, and about these people.

    A basic check names no workforce; where both are asked for, one will not do.
    """
    if held.level not in level.at_least():
        return False
    if level == DbsLevel.BASIC or workforce is None:
        return True
    return held.workforce in (workforce, Workforce.BOTH)


def overlaps(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> bool:
    """Whether two stretches of time share a moment; touching ends do not."""
    return a[0] < b[1] and b[0] < a[1]


def is_handover(
    one: tuple[datetime, datetime], other: tuple[datetime, datetime], tolerance: timedelta
) -> bool:
    """Whether one stretch ends about when the other begins: over by no more than `tolerance`.

    Of two shifts at the same site this is no clash: the person is there, and
    hands over to the next. One that lies within the other is no handover,
    however short.
    """
    first, second = sorted((one, other))
    is_in_turn = first[0] < second[0] and first[1] < second[1]
    return is_in_turn and first[1] - second[0] <= tolerance


def hindrances(person: Person, demand: Demand) -> list[Exclusion]:
    """Every binding reason against this person on this shift; empty when there is none."""
    found: list[Exclusion] = []
    if demand.is_by_invitation and not person.is_invited:
        found.append(Exclusion.NOT_INVITED)
    if demand.is_for_members and not person.is_member:
        found.append(Exclusion.NOT_A_MEMBER)
    if not old_enough(person.age_band, demand.minimum_age, person.guardian_agreed):
        found.append(Exclusion.TOO_YOUNG)
    young = may_be_young(person.age_band, demand)
    if young and not person.names_emergency_contact:
        found.append(Exclusion.NO_EMERGENCY)
    if demand.skills & ~person.skills:
        found.append(Exclusion.SKILL)
    if demand.languages & ~person.languages:
        found.append(Exclusion.LANGUAGE)
    if demand.trainings & ~person.trainings:
        found.append(Exclusion.TRAINING)
    if not check_holds(person.checks, demand):
        found.append(Exclusion.DBS)
    if demand.openings and not any(can_do(person, opening) for opening in demand.openings):
        found.append(Exclusion.DUTY)
    if demand.needs_induction and not person.is_inducted:
        found.append(Exclusion.INDUCTION)
    if young and not demand.adult_comes:
        found.append(Exclusion.NO_ADULT)
    if any(overlaps(busy, (demand.starts_at, demand.ends_at)) for busy in person.busy):
        found.append(Exclusion.CLASH)
    return found


def against_duty(person: Person, opening: Opening) -> list[Exclusion]:
    """What keeps a person from this duty; who is in charge is an adult, whatever else is asked."""
    age = 18 if opening.in_charge else opening.minimum_age
    found = []
    if age and not old_enough(person.age_band, age, person.guardian_agreed):
        found.append(Exclusion.TOO_YOUNG)
    if opening.skills & ~person.skills:
        found.append(Exclusion.SKILL)
    if opening.languages & ~person.languages:
        found.append(Exclusion.LANGUAGE)
    if opening.trainings & ~person.trainings:
        found.append(Exclusion.TRAINING)
    return found


def can_do(person: Person, opening: Opening) -> bool:
    """Whether the person meets what the duty needs."""
    return not against_duty(person, opening)


def choose_opening(person: Person, openings: Iterable[Opening]) -> Opening | None:
    """The slot with room that this person is most needed in, of those that they can do.

    First what is below its minimum, then what the fewest people could do, so
    that a driver does not sort tins while nobody is left to drive; of equals
    the first on the page. None when there is no such slot.
    """
    fitting = [one for one in openings if one.has_room and can_do(person, one)]
    return min(
        fitting,
        key=lambda one: (not one.is_short, -one.needs, one.rank, one.slot_id),
        default=None,
    )
