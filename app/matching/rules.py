"""Who fits a shift and how well, for one person: pure rules.

`matching.queries` says the same in SQL for everybody at once; a test holds
the two together on random people. What is binding (age, skills, checks,
clashes) is said once, in `signups.rules`.

Only what a role needs, wishes or is about enters the score. Age, sex,
belief, health, origin and the like never do, and neither does reliability.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation.flags import Vocabulary
from app.foundation.places import spoken_distance
from app.foundation.sentences import gettext
from app.signups.rules import Demand, Exclusion, Person, can_do, hindrances
from app.volunteers.rules import spoken_free_times
from app.volunteers.vocabulary import Activity, Language, Skill, Training

NO_ACTIVITY: Final = Activity(0)
NO_SKILL: Final = Skill(0)

# Of several reasons the first is told. Distance leads: of people at the other
# end of the county nobody asks whether they drive. The rest is the order of
# `Exclusion`: what the person decided, what the role demands, what is so this time.
ORDER: Final = (
    Exclusion.TOO_FAR,
    *(reason for reason in Exclusion if reason is not Exclusion.TOO_FAR),
)

# A score is the sum of these parts, at most 1,000.
# Distance as the crow flies: points for up to so many metres (1, 2, 3, 5, 8, 12, 20 miles).
DISTANCE_POINTS: Final = (
    (1609, 300),
    (3219, 260),
    (4828, 220),
    (8047, 160),
    (12875, 100),
    (19312, 50),
    (32187, 20),
)
FREE_POINTS: Final = 200  # said to be free then
FREE_UNTOLD_POINTS: Final = 60  # has not told when; may well be
ALL_WISHED_SKILLS_POINTS: Final = 150
SOME_WISHED_SKILLS_POINTS: Final = 80
INTEREST_POINTS: Final = 100
KNOWS_GROUP_POINTS: Final = 100
# Fairness: points for not having been asked for so many days, or ever.
RESTED_POINTS: Final = ((28, 100), (14, 60), (7, 30))
NOT_BUSY_POINTS: Final = 50  # fewer than MANY_SHIFTS in the LATELY before the shift
MANY_SHIFTS: Final = 4
LATELY: Final = timedelta(days=28)

# The weekly limit on asking counts back this far.
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked, of one shift: its demand and the adjustments to the audience."""

    demand: Demand
    now: datetime
    bits: int  # of the week, as `volunteers.rules.time_bits` has them
    first_day: date  # at the site
    last_day: date
    zone: str = "Europe/London"
    activity: Activity = NO_ACTIVITY
    likes: Skill = NO_SKILL
    within_metres: int | None = None
    restricts_kinds: bool = False
    not_asked_days: int = 0
    ignores_budget: bool = False
    is_emergency: bool = False


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One volunteer in view of one request."""

    person: Person
    metres: int  # to the site, rounded up
    travel_metres: int
    can_be_texted: bool = True
    has_opted_out: bool = False
    paused_until: date | None = None
    is_in: bool = False  # holds a place on this shift, or waits for one
    said_no: bool = False
    away: Collection[tuple[date, date]] = ()
    free_times: int = 0
    asks_per_week: int = 3
    asked_this_week: int = 0
    last_asked_at: datetime | None = None
    helps_chosen_kinds: bool = True
    interests: Activity = NO_ACTIVITY
    knows_group: bool = False
    shifts_lately: int = 0


def is_texted(phone: str | None, consented: bool, verified: bool, has_account: bool) -> bool:
    """Whether a person may be texted: a number, and consent to texts.

    Who signed up alone must have confirmed the number too. A number that a
    group brought in with the consent it holds counts without.
    """
    return bool(phone) and consented and (verified or not has_account)


def exclusions(candidate: Candidate, request: Request) -> list[Exclusion]:
    """Every reason not to ask this person, the one that is told first.

    `SAME_PHONE` is not among them: it depends on who else is asked.
    """
    found = set(hindrances(candidate.person, request.demand))
    limits = [candidate.travel_metres]
    if request.within_metres is not None:
        limits.append(request.within_metres)
    lately = request.now - timedelta(days=request.not_asked_days)
    other = {
        Exclusion.TOO_FAR: candidate.metres > min(limits),
        Exclusion.NO_CONTACT: not candidate.can_be_texted,
        Exclusion.OPTED_OUT: candidate.has_opted_out,
        Exclusion.PAUSED: is_paused(candidate.paused_until, request),
        Exclusion.ALREADY_IN: candidate.is_in,
        Exclusion.SAID_NO: candidate.said_no,
        Exclusion.AWAY: any(
            first <= request.last_day and request.first_day <= last
            for first, last in candidate.away
        ),
        Exclusion.NOT_FREE: is_free(candidate.free_times, request.bits) is False,
        Exclusion.ASKED_OFTEN: is_asked_often(candidate, request),
        Exclusion.ASKED_LATELY: request.not_asked_days > 0
        and candidate.last_asked_at is not None
        and candidate.last_asked_at > lately,
        Exclusion.OTHER_GROUPS: request.restricts_kinds and not candidate.helps_chosen_kinds,
    }
    found.update(reason for reason, applies in other.items() if applies)
    return [reason for reason in ORDER if reason in found]


def is_paused(paused_until: date | None, request: Request) -> bool:
    """Whether the person takes a break today; on the day named they are back."""
    today = request.now.astimezone(ZoneInfo(request.zone)).date()
    return paused_until is not None and paused_until > today


def is_free(free_times: int, bits: int) -> bool | None:
    """Whether all parts of the week are among the free ones; None when not told."""
    return None if free_times == 0 else free_times & bits == bits


def is_asked_often(candidate: Candidate, request: Request) -> bool:
    """Whether another text is more than the person allows.

    A stated emergency lifts every limit; setting the weekly limit aside
    leaves those alone who said "emergencies only" (0 a week).
    """
    if request.is_emergency:
        return False
    if candidate.asks_per_week == 0:
        return True
    return not request.ignores_budget and candidate.asked_this_week >= candidate.asks_per_week


@dataclass(frozen=True)
class Score:
    """How likely and fair it is to ask this person first, by parts."""

    distance: int
    availability: int
    skills: int
    interest: int
    group: int
    rested: int
    not_busy: int

    @property
    def total(self) -> int:
        return (
            self.distance
            + self.availability
            + self.skills
            + self.interest
            + self.group
            + self.rested
            + self.not_busy
        )


def score(candidate: Candidate, request: Request) -> Score:
    """The parts of the score; the same numbers as `matching.queries` gives."""
    held = candidate.person.skills & request.likes
    wished = 0
    if held:
        wished = ALL_WISHED_SKILLS_POINTS if held == request.likes else SOME_WISHED_SKILLS_POINTS
    free = is_free(candidate.free_times, request.bits)
    availability = {True: FREE_POINTS, None: FREE_UNTOLD_POINTS, False: 0}[free]
    return Score(
        distance=next((points for most, points in DISTANCE_POINTS if candidate.metres <= most), 0),
        availability=availability,
        skills=wished,
        interest=INTEREST_POINTS if candidate.interests & request.activity else 0,
        group=KNOWS_GROUP_POINTS if candidate.knows_group else 0,
        rested=_rested(candidate.last_asked_at, request.now),
        not_busy=NOT_BUSY_POINTS if candidate.shifts_lately < MANY_SHIFTS else 0,
    )


def _rested(last_asked_at: datetime | None, now: datetime) -> int:
    if last_asked_at is None:
        return RESTED_POINTS[0][1]
    rest = now - last_asked_at
    return next((points for days, points in RESTED_POINTS if rest >= timedelta(days=days)), 0)


_SKILL_WORDS: Final = {
    Skill.DRIVE_CAR: "can drive a car",
    Skill.DRIVE_VAN: "can drive a van",
    Skill.FIRST_AID: "knows first aid",
    Skill.FOOD_HYGIENE: "has food hygiene",
    Skill.MANUAL_HANDLING: "can lift safely",
    Skill.IT: "good with computers",
    Skill.CASH: "can handle cash",
    Skill.COOKING: "can cook",
    Skill.LISTENING: "a good listener",
    Skill.TEACHING: "can teach",
    Skill.DIY: "can do repairs",
    Skill.SIGNING: "can sign",
    Skill.LEADING: "can lead a team",
    Skill.CHAINSAW: "can use a chainsaw",
    Skill.FOUR_BY_FOUR: "can drive a 4x4",
}


def reasons(candidate: Candidate, request: Request) -> list[str]:
    """What speaks for asking this person, in words for a coordinator or manager."""
    words = [f"{spoken_distance(candidate.metres)} away"]
    if is_free(candidate.free_times, request.bits):
        words.append(f"free on {spoken_free_times(request.bits)}")
    words += _held_words(candidate, request)
    words += _duty_words(candidate, request)
    if candidate.interests & request.activity:
        words.append(f"likes {_spoken(candidate.interests & request.activity)}")
    if candidate.knows_group:
        words.append("knows this group")
    if asked := _last_asked_words(candidate.last_asked_at, request):
        words.append(asked)
    return words


def reasons_for_volunteer(candidate: Candidate, request: Request) -> list[str]:
    """Why this shift suits, in words for the volunteer and in their language."""
    words = [gettext("%(distance)s away", distance=spoken_distance(candidate.metres))]
    if is_free(candidate.free_times, request.bits):
        times = spoken_free_times(request.bits)
        words.append(gettext("you are free on %(times)s", times=times))
    if candidate.interests & request.activity:
        liked = _spoken(candidate.interests & request.activity)
        words.append(gettext("you like %(what)s", what=liked))
    held = candidate.person.skills & (request.likes | request.demand.skills)
    if held:
        words.append(gettext("it uses your skills: %(skills)s", skills=_spoken(held)))
    if candidate.knows_group:
        words.append(gettext("you know this group"))
    return words


def _held_words(candidate: Candidate, request: Request) -> list[str]:
    demand, person = request.demand, candidate.person
    skills = person.skills & (request.likes | demand.skills)
    spoken: Language = person.languages & demand.languages
    trained: Training = person.trainings & demand.trainings
    return [
        *(_SKILL_WORDS[skill] for skill in skills),
        *(f"speaks {language.label}" for language in spoken),
        *(f"has training: {_spoken(training)}" for training in trained),
    ]


def _duty_words(candidate: Candidate, request: Request) -> list[str]:
    """The duties that not just anybody could do, and that this person can."""
    able = [
        one.name for one in request.demand.openings if one.needs and can_do(candidate.person, one)
    ]
    return [f"could be: {', '.join(able)}"] if able else []


def _last_asked_words(last_asked_at: datetime | None, request: Request) -> str | None:
    """ "not asked since March" once that is four weeks ago; nothing before then."""
    if last_asked_at is None:
        return "not asked before"
    if request.now - last_asked_at < LATELY:
        return None
    zone = ZoneInfo(request.zone)
    then, today = last_asked_at.astimezone(zone), request.now.astimezone(zone)
    month = f"{then:%B}" if then.year == today.year else f"{then:%B %Y}"
    return f"not asked since {month}"


def _spoken(members: Vocabulary) -> str:
    """The members' labels as they read in the middle of a sentence."""
    return ", ".join(member.label[:1].lower() + member.label[1:] for member in members)


# What keeps somebody who fits from this one shift: (reason, of one person, of several).
_ONLY_THIS_TIME: Final = (
    (Exclusion.AWAY, "1 who fits is away", "{} who fit are away"),
    (Exclusion.CLASH, "1 who fits has another shift then", "{} who fit have another shift then"),
    (Exclusion.NOT_FREE, "1 who fits is not free then", "{} who fit are not free then"),
    (Exclusion.SAID_NO, "1 said no or left it", "{} said no or left it"),
    (Exclusion.PAUSED, "1 is taking a break", "{} are taking a break"),
)
_DEMANDED: Final = (
    Exclusion.NOT_INVITED,
    Exclusion.TOO_YOUNG,
    Exclusion.NO_EMERGENCY,
    Exclusion.SKILL,
    Exclusion.LANGUAGE,
    Exclusion.TRAINING,
    Exclusion.DBS,
    Exclusion.DUTY,
    Exclusion.INDUCTION,
    Exclusion.NO_ADULT,
)


def thin_because(counts: Mapping[Exclusion | None, int], most: int = 3) -> list[str]:
    """Why a shift is thin, of the group's own people: "3 of your people could come" first.

    `counts` is how many are kept by each reason, None for those whom nothing
    keeps. At most `most` phrases; none where nobody is on the list.
    """
    could = counts.get(None, 0)
    said = []
    if could:
        said.append(f"{could} of your people could come")
    elif any(counts.values()):
        said.append("none of your people is free to come")
    for reason, one, several in _ONLY_THIS_TIME:
        if number := counts.get(reason, 0):
            said.append(one if number == 1 else several.format(number))
    if lack := sum(counts.get(reason, 0) for reason in _DEMANDED):
        said.append(f"{lack} {'lacks' if lack == 1 else 'lack'} something that it needs")
    if far := counts.get(Exclusion.TOO_FAR, 0):
        said.append(f"{far} {'lives' if far == 1 else 'live'} too far away")
    return said[:most]
