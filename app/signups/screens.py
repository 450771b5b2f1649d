"""What the pages about places need to read, in one go each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.opportunities import cards
from app.opportunities.models import Opportunity, Policy, Shift, Slot, Stage
from app.signups import facts, letters, queries
from app.signups.models import LIVE, OCCUPYING, Signup, SignupEvent, Standing, Way
from app.signups.placing import Judged, judge
from app.signups.reasons import Both, reasons
from app.signups.rules import Exclusion, against_duty, hindrances
from app.volunteers.models import GroupVolunteer, Volunteer

# What the volunteer may put right in the own profile.
_TOLD_IN_PROFILE = (
    Exclusion.TOO_YOUNG,
    Exclusion.NO_EMERGENCY,
    Exclusion.SKILL,
    Exclusion.LANGUAGE,
    Exclusion.DUTY,
)


# Each returns HTML for the roster of a shift that is to come, or nothing.
beside_roster: list[Callable[[Shift], Markup]] = []


def shift_shown(shift_id: int) -> Shift | None:
    """A shift that anybody may look at, with its role, group and site; None for a draft."""
    return db.session.scalar(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Shift.id == shift_id,
            Shift.stage != Stage.DRAFT,
            Opportunity.stage != Stage.DRAFT,
        )
        .options(
            joinedload(Shift.opportunity).joinedload(Opportunity.group), joinedload(Shift.site)
        )
    )


@dataclass(frozen=True)
class Duty:
    """One thing to do on a shift, as a volunteer sees it; `why_not` says what they lack for it."""

    slot_id: int
    name: str
    places_left: int
    why_not: str


@dataclass(frozen=True)
class Fit:
    """How a shift and a volunteer go together, in sentences for the volunteer."""

    reasons: list[str]
    hindrances: list[str]
    may_change_profile: bool
    # What there is to do, where the shift's places are split among duties.
    duties: Sequence[Duty]


def fit(shift: Shift, volunteer: Volunteer) -> Fit:
    """Why the shift suits the volunteer, and what stands in the way."""
    judged = judge(shift, volunteer)
    found = hindrances(judged.person, judged.demand)
    east, north = shift.site.east - volunteer.east, shift.site.north - volunteer.north
    role = shift.opportunity
    knows_group = db.session.scalar(
        select(
            exists().where(
                GroupVolunteer.group_id == role.group_id,
                GroupVolunteer.volunteer_id == volunteer.id,
            )
        )
    )
    both = Both(
        metres=(east * east + north * north) ** 0.5,
        travel_metres=volunteer.travel_metres,
        interests=volunteer.interests,
        activity=role.activity,
        skills=volunteer.skills,
        wanted_skills=role.needs_skills | role.likes_skills,
        free_times=volunteer.free_times,
        times=shift.times,
        knows_group=bool(knows_group),
    )
    return Fit(
        reasons(both),
        [facts.sentence(reason, shift) for reason in found],
        any(reason in _TOLD_IN_PROFILE for reason in found),
        [_duty(judged, slot) for slot in judged.slots],
    )


def _duty(judged: Judged, slot: Slot) -> Duty:
    against = against_duty(judged.person, facts.opening_of(slot))
    why_not = facts.duty_sentence(against[0], slot.duty) if against else ""
    return Duty(slot.id, slot.duty.name, slot.places_left, why_not)


def closed_because(shift: Shift) -> str:
    """Why nobody can join the shift now, in a sentence; empty when it is open."""
    if shift.stage == Stage.CANCELLED or shift.opportunity.stage == Stage.CANCELLED:
        why = shift.cancel_reason or shift.opportunity.cancel_reason
        return " ".join([gettext("This shift has been cancelled."), why]).strip()
    if shift.starts_at <= clock.now():
        return gettext("This shift has already begun.")
    if shift.stage != Stage.PUBLISHED or shift.opportunity.stage != Stage.PUBLISHED:
        return gettext("This shift is closed: nobody can join it now.")
    if shift.opportunity.group.is_closed:
        return gettext("This group has closed: nobody can join its shifts now.")
    return ""


@dataclass(frozen=True)
class Place:
    """One sign-up as its volunteer sees it."""

    signup: Signup
    queue_number: int | None
    where: str
    access_notes: str
    shows_address: bool
    because: str = ""  # why they have the place, where a rule gave it

    @property
    def shift(self) -> Shift:
        return self.signup.shift


def place_of(signup: Signup) -> Place:
    """The sign-up with its number in the queue, and how to get in when that may be told."""
    waiting = signup.standing == Standing.WAITING
    shows_address = _may_know_address(signup)
    return Place(
        signup,
        queries.queue_place(signup) if waiting else None,
        where(signup),
        signup.shift.site.access_notes if shows_address else "",
        shows_address,
    )


def place_with_reason(signup: Signup) -> Place:
    """The sign-up as `place_of` has it and, where a rule gave the place, which one."""
    because = ""
    if signup.shift.opportunity.policy == Policy.APPROVAL and signup.standing in OCCUPYING:
        because = (
            db.session.scalar(
                select(SignupEvent.reason)
                .where(
                    SignupEvent.signup_id == signup.id,
                    SignupEvent.after == Standing.CONFIRMED,
                    SignupEvent.way == Way.RULE,
                )
                .order_by(SignupEvent.id.desc())
                .limit(1)
            )
            or ""
        )
    return replace(place_of(signup), because=because)


def where(signup: Signup) -> str:
    """The full address while its volunteer may know it, else the site and its district."""
    shift = signup.shift
    return letters.where(shift) if _may_know_address(signup) else cards.place_words(shift.site)


def _may_know_address(signup: Signup) -> bool:
    return signup.standing in OCCUPYING and is_near(signup.shift, clock.now())


def is_near(shift: Shift, now: datetime) -> bool:
    """From two days before until the end: when people may know where, and whom to ring."""
    return shift.starts_at - now <= letters.SHOW_ADDRESS_FROM and now < shift.ends_at


def own_signup(volunteer_id: int, shift_id: int) -> Signup | None:
    """The volunteer's live sign-up on the shift, with all that its page shows."""
    return db.session.scalar(
        select(Signup)
        .where(
            Signup.shift_id == shift_id,
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
        )
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
            joinedload(Signup.slot).joinedload(Slot.duty),
        )
    )


def signup_of_group(group_id: int, signup_id: int) -> Signup | None:
    """A sign-up on a shift of this group, or None."""
    return db.session.scalar(
        select(Signup)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(Signup.id == signup_id, Opportunity.group_id == group_id)
        .options(joinedload(Signup.volunteer))
    )


@dataclass(frozen=True)
class Addable:
    """Those of a group's own volunteers whom its manager can put on a shift."""

    people: Sequence[tuple[int, str]]  # (id, name) of the first few, by name
    total: int


def can_be_added(group_id: int, shift_id: int, name: str = "", at_most: int = 8) -> Addable:
    """The group's own volunteers who are not on the shift yet; with `name`, those called so."""
    on_it = select(Signup.volunteer_id).where(
        Signup.shift_id == shift_id, Signup.standing.in_(LIVE)
    )
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name, func.count().over().label("total"))
        .join(GroupVolunteer, GroupVolunteer.volunteer_id == Volunteer.id)
        .where(
            GroupVolunteer.group_id == group_id,
            Volunteer.erased_at.is_(None),
            Volunteer.id.not_in(on_it),
            *(Volunteer.name.icontains(word, autoescape=True) for word in name.split()[:5]),
        )
        .order_by(Volunteer.name, Volunteer.id)
        .limit(at_most)
    ).all()
    return Addable([(row.id, row.name) for row in rows], rows[0].total if rows else 0)


def known_volunteer(group_id: int, shift_id: int, volunteer_id: int) -> Volunteer | None:
    """Somebody on the group's list or on this shift of theirs, or None."""
    on_shift = exists().where(Signup.shift_id == shift_id, Signup.volunteer_id == Volunteer.id)
    on_their_list = exists().where(
        GroupVolunteer.group_id == group_id, GroupVolunteer.volunteer_id == Volunteer.id
    )
    return db.session.scalar(
        select(Volunteer).where(
            Volunteer.id == volunteer_id,
            Volunteer.erased_at.is_(None),
            or_(on_shift, on_their_list),
        )
    )


def on_list(group_id: int, volunteer_ids: Iterable[int]) -> set[int]:
    """Those of the volunteers who stand on the group's list: it may know their phones."""
    return set(
        db.session.scalars(
            select(GroupVolunteer.volunteer_id).where(
                GroupVolunteer.group_id == group_id,
                GroupVolunteer.volunteer_id.in_(list(volunteer_ids)),
            )
        )
    )
