"""From rows to what the pure rules need, and from a rule's answer to a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.months import months_before
from app.foundation.sentences import gettext
from app.opportunities.models import Duty, Policy, Shift, Slot
from app.opportunities.slots import of_shift
from app.signups.models import HOLDING, LIVE, PRESENT, RoleInvitation, Signup
from app.signups.rules import Demand, Exclusion, Held, Opening, Person, is_handover, overlaps
from app.volunteers import induction
from app.volunteers.models import DbsCheck, GroupVolunteer, TrainingRecord, Volunteer
from app.volunteers.vocabulary import AgeBand, DbsLevel, Training

# Of a shift: when it begins and ends, aware.
Times = tuple[datetime, datetime]


def demand_of(shift: Shift, slots: Sequence[Slot] | None = None) -> Demand:
    """What the shift asks for; `slots` for whoever has read its slots already."""
    role = shift.opportunity
    if slots is None:
        slots = of_shift(shift.id)
    return Demand(
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        minimum_age=role.minimum_age,
        skills=role.needs_skills,
        languages=role.needs_languages,
        trainings=role.needs_training,
        dbs_level=role.dbs_level,
        dbs_workforce=role.dbs_workforce,
        checks_since=months_before(local_day(shift), role.group.recheck_months),
        is_by_invitation=role.policy == Policy.INVITATION,
        is_for_members=role.policy == Policy.MEMBERS,
        openings=[opening_of(slot) for slot in slots],
        needs_induction=role.needs_induction,
        adult_comes=role.minimum_age > 16 or _adult_comes(shift.id),
    )


def opening_of(slot: Slot) -> Opening:
    """A slot as the rules know it."""
    duty = slot.duty
    return Opening(
        slot_id=slot.id,
        name=duty.name,
        places=slot.places,
        taken=slot.taken,
        minimum=slot.minimum,
        rank=duty.rank,
        in_charge=duty.in_charge,
        minimum_age=duty.minimum_age,
        skills=duty.needs_skills,
        languages=duty.needs_languages,
        trainings=duty.needs_training,
    )


def local_day(shift: Shift) -> date:
    """The date on which the shift begins, as its site's calendar has it."""
    return shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()


def person_for(
    volunteer: Volunteer, shift: Shift, demand: Demand, busy: Collection[Times] | None = None
) -> Person:
    """What the rules need to know of the volunteer, for this shift.

    `busy`: when they have a place elsewhere, for whoever has read that already.
    """
    asks_training = bool(demand.all_trainings)
    trainings = trainings_on(volunteer.id, local_day(shift)) if asks_training else Training(0)
    return Person(
        age_band=volunteer.age_band,
        guardian_agreed=volunteer.guardian_consent_at is not None,
        names_emergency_contact=bool(volunteer.emergency_phone),
        skills=volunteer.skills,
        languages=volunteer.languages,
        trainings=trainings,
        checks=checks_of(volunteer.id) if demand.dbs_level != DbsLevel.NONE else (),
        is_inducted=demand.needs_induction
        and induction.is_done(shift.opportunity.group_id, volunteer.id),
        busy=busy_beside(volunteer.id, shift) if busy is None else busy,
        is_invited=demand.is_by_invitation and is_invited(volunteer.id, shift.opportunity_id),
        is_member=demand.is_for_members and _is_member(volunteer.id, shift.opportunity.group_id),
    )


def is_invited(volunteer_id: int, opportunity_id: int) -> bool:
    """Whether the group's managers have asked this person to the role, and still do."""
    found = db.session.scalar(
        select(RoleInvitation.id).where(
            RoleInvitation.opportunity_id == opportunity_id,
            RoleInvitation.volunteer_id == volunteer_id,
            RoleInvitation.withdrawn_at.is_(None),
        )
    )
    return found is not None


def _is_member(volunteer_id: int, group_id: int) -> bool:
    found = db.session.scalar(
        select(GroupVolunteer.id).where(
            GroupVolunteer.group_id == group_id, GroupVolunteer.volunteer_id == volunteer_id
        )
    )
    return found is not None


def adults_on(shift_id: int | ColumnElement[int] | InstrumentedAttribute[int]) -> Select[int]:
    """The sign-ups of adults who come to the shift, or came. An offered place is not taken yet."""
    return (
        select(Signup.id)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(
            Signup.shift_id == shift_id,
            Signup.standing.in_(PRESENT),
            Volunteer.age_band == AgeBand.ADULT,
        )
    )


def _adult_comes(shift_id: int) -> bool:
    return bool(db.session.scalar(select(adults_on(shift_id).exists())))


def trainings_on(volunteer_id: int, day: date) -> Training:
    """The trainings that are valid on a day, as the site's calendar has it."""
    held = Training(0)
    for training in db.session.scalars(
        select(TrainingRecord.training).where(
            TrainingRecord.volunteer_id == volunteer_id,
            or_(TrainingRecord.valid_until.is_(None), TrainingRecord.valid_until >= day),
        )
    ):
        held |= training
    return held


def checks_of(volunteer_id: int, seen_by_group: int | None = None) -> list[Held]:
    """The checks that a volunteer holds; those that one group has seen, when it is named."""
    wanted = select(DbsCheck.level, DbsCheck.workforce, DbsCheck.issued_on).where(
        DbsCheck.volunteer_id == volunteer_id
    )
    if seen_by_group is not None:
        wanted = wanted.where(DbsCheck.group_id == seen_by_group)
    rows = db.session.execute(wanted)
    return [Held(level, workforce, issued_on) for level, workforce, issued_on in rows]


@dataclass(frozen=True)
class Around:
    """What a volunteer holds around some shifts, read in one statement."""

    live: Signup | None  # on one of the shifts
    places: Sequence[tuple[int, int, Times]]  # shift, site and times of each place

    def busy_beside(self, shift: Shift) -> list[Times]:
        """When the volunteer has a place on another shift that does not go with this one."""
        beside = [(site, times) for shift_id, site, times in self.places if shift_id != shift.id]
        return clashing(shift, beside)


def around(volunteer_id: int, shifts: Sequence[Shift]) -> Around:
    """The volunteer's live sign-up on one of the shifts, and their places at the same times."""
    at_the_time = and_(
        Signup.standing.in_(HOLDING),
        Shift.ends_at > clock.now(),
        or_(
            *(
                and_(Shift.starts_at < shift.ends_at, Shift.ends_at > shift.starts_at)
                for shift in shifts
            )
        ),
    )
    ids = [shift.id for shift in shifts]
    rows = db.session.execute(
        select(Signup, Shift.site_id, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
            or_(Signup.shift_id.in_(ids), at_the_time),
        )
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()
    return Around(
        live=next((signup for signup, *_ in rows if signup.shift_id in ids), None),
        places=[
            (signup.shift_id, site_id, (starts_at, ends_at))
            for signup, site_id, starts_at, ends_at in rows
            if signup.standing in HOLDING
        ],
    )


def clashing(shift: Shift, places: Iterable[tuple[int, Times]]) -> list[Times]:
    """The times of those places, each with its site, that do not go with this shift.

    At the same site one may run into the other by the group's own minutes.
    """
    times = (shift.starts_at, shift.ends_at)
    tolerance = timedelta(minutes=shift.opportunity.group.handover_minutes)
    return [
        held
        for site_id, held in places
        if not (site_id == shift.site_id and is_handover(held, times, tolerance))
    ]


# A place somewhere: the shift, its site, and when it begins and ends.
Place = tuple[int, int, Times]


def coming_places(volunteer_ids: Collection[int]) -> dict[int, list[Place]]:
    """The places that these volunteers hold on shifts that are not over; one statement."""
    found: dict[int, list[Place]] = {}
    for volunteer_id, shift_id, site_id, start, end in db.session.execute(
        select(Signup.volunteer_id, Shift.id, Shift.site_id, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.volunteer_id.in_(volunteer_ids),
            Signup.standing.in_(HOLDING),
            Shift.ends_at > clock.now(),
        )
    ):
        found.setdefault(volunteer_id, []).append((shift_id, site_id, (start, end)))
    return found


def busy_among(places: Iterable[Place], shift: Shift) -> list[Times]:
    """The times of those places that are at the time of the shift and do not go with it."""
    times = (shift.starts_at, shift.ends_at)
    beside = [
        (site_id, held)
        for shift_id, site_id, held in places
        if shift_id != shift.id and overlaps(held, times)
    ]
    return clashing(shift, beside)


def busy_beside(volunteer_id: int, shift: Shift, *, but: int | None = None) -> list[Times]:
    """When a volunteer has places that do not go with this shift; `but` is a shift left aside."""
    rows = db.session.execute(
        select(Shift.site_id, Shift.starts_at, Shift.ends_at)
        .join(Signup, Signup.shift_id == Shift.id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(HOLDING),
            Shift.id.not_in([shift.id, *([but] if but else [])]),
            Shift.ends_at > clock.now(),
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
        )
    )
    return clashing(shift, [(site_id, (start, end)) for site_id, start, end in rows])


def sentence(reason: Exclusion, shift: Shift) -> str:
    """Why this person cannot take the shift, said to them."""
    role = shift.opportunity
    if reason == Exclusion.NOT_INVITED:
        return gettext(
            "This role is by invitation. Ask the group if you would like to help with it."
        )
    if reason == Exclusion.NOT_A_MEMBER:
        return gettext(
            "This role is for people whom %(group)s knows already. "
            "Get in touch with them, or begin with another of their roles.",
            group=role.group.name,
        )
    if reason == Exclusion.TOO_YOUNG:
        if role.minimum_age >= 18:
            return gettext(
                "This role is for people of 18 or over. Tell us your age in your profile."
            )
        return gettext(
            "This role is for people of 16 or over, with a parent's or guardian's consent."
        )
    if reason == Exclusion.SKILL:
        skills = role.needs_skills.label.lower()
        return gettext(
            "This role needs: %(skills)s. If you can do it, add it to your profile.", skills=skills
        )
    if reason == Exclusion.LANGUAGE:
        return gettext(
            "This role needs somebody who speaks %(languages)s.",
            languages=role.needs_languages.label,
        )
    if reason == Exclusion.TRAINING:
        return gettext(
            "This role needs training that is still valid: %(training)s.",
            training=role.needs_training.label.lower(),
        )
    if reason == Exclusion.DBS:
        return gettext(
            "This role needs a %(level)s DBS check that the group has seen.",
            level=role.dbs_level.label.lower(),
        )
    if reason == Exclusion.DUTY:
        return gettext("What is still needed on this shift asks for more than your profile says.")
    if reason == Exclusion.NO_EMERGENCY:
        return gettext(
            "You are under 18. First tell us in your profile whom we call in an emergency."
        )
    if reason == Exclusion.INDUCTION:
        return gettext(
            "This role needs the induction of %(group)s first. "
            "See what is left to do under “Getting started”.",
            group=role.group.name,
        )
    if reason == Exclusion.NO_ADULT:
        return gettext(
            "You are under 18, and no adult is coming to this shift yet. Try again later."
        )
    if reason == Exclusion.CLASH:
        return gettext("You already have a place on another shift at that time.")
    raise ValueError(f"{reason} does not stop anybody from taking a place.")


def duty_sentence(reason: Exclusion, duty: Duty) -> str:
    """Why this person cannot do this duty, said to them."""
    if reason == Exclusion.TOO_YOUNG:
        age = 18 if duty.in_charge else duty.minimum_age
        return gettext("%(duty)s: this is for people of %(age)s or over.", duty=duty.name, age=age)
    if reason == Exclusion.SKILL:
        return gettext(
            "%(duty)s needs: %(skills)s.", duty=duty.name, skills=duty.needs_skills.label.lower()
        )
    if reason == Exclusion.LANGUAGE:
        return gettext(
            "%(duty)s needs somebody who speaks %(languages)s.",
            duty=duty.name,
            languages=duty.needs_languages.label,
        )
    if reason == Exclusion.TRAINING:
        return gettext(
            "%(duty)s needs training that is still valid: %(training)s.",
            duty=duty.name,
            training=duty.needs_training.label.lower(),
        )
    raise ValueError(f"{reason} does not keep anybody from a duty.")
