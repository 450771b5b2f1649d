"""The other direction: which roles fit a volunteer, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.places import cells_within
from app.groups.models import Group, Site
from app.matching import rules
from app.matching.queries.conditions import LEFT
from app.matching.queries.people import whole_metres
from app.matching.queries.wish import Need, Wish, need_of, openings, shift_facts
from app.matching.rules import Candidate
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.signups.models import HOLDING, LIVE, RoleInvitation, Signup
from app.signups.rules import Held, Person, is_handover
from app.volunteers import induction
from app.volunteers.models import DatesAway, DbsCheck, GroupVolunteer, TrainingRecord, Volunteer
from app.volunteers.vocabulary import AgeBand, Language, Skill, Training

# The soonest of the possible shifts are looked at closely, not every one of the year.
LOOKED_AT = 300
# Beyond this many metres a list of cells no longer narrows anything.
WIDE = 60_000


@dataclass(frozen=True)
class Role:
    """A shift that fits a volunteer, how far away it is, and why it suits."""

    shift: Shift
    metres: int
    score: int
    reasons: list[str]


@dataclass(frozen=True)
class _Own:
    """What is known of the volunteer, whatever the shift."""

    trainings: Sequence[tuple[Training, date | None]]
    checks: Sequence[Held]
    places: Sequence[tuple[int, tuple[datetime, datetime]]]  # the site and times of each
    away: Sequence[tuple[date, date]]
    groups: frozenset[int]
    # Groups whose induction is still to be done; read only where a role asks for one.
    uninducted: frozenset[int]


def roles_for(volunteer: Volunteer, limit: int = 10) -> list[Role]:
    """Published shifts to come that have room and fit the volunteer, the best first.

    Of each opportunity the shift that fits best, the soonest of equals. Limits
    on being texted play no part here: the person is looking of their own wish.
    """
    rows = db.session.execute(_possible(volunteer)).all()
    own = _own(volunteer, with_induction=any(row.needs_induction for row in rows))
    best: dict[int, tuple[int, datetime, Need, Candidate]] = {}
    free = openings([row.id for row in rows])
    for row in rows:
        need = need_of(row, Wish(shift_ids=[row.id]), openings=free.get(row.id, ()))
        candidate = _candidate(volunteer, own, need)
        if rules.exclusions(candidate, need.request):
            continue
        found = (-rules.score(candidate, need.request).total, row.starts_at, need, candidate)
        before = best.get(row.opportunity_id)
        if before is None or found[:2] < before[:2]:
            best[row.opportunity_id] = found
    chosen = sorted(best.values(), key=lambda found: (*found[:2], found[2].shift_id))[:limit]
    shifts = _shifts([need.shift_id for _, _, need, _ in chosen])
    return [
        Role(
            shift=shifts[need.shift_id],
            metres=candidate.metres,
            score=-score,
            reasons=rules.reasons_for_volunteer(candidate, need.request),
        )
        for score, _, need, candidate in chosen
    ]


def _possible(volunteer: Volunteer) -> Any:
    """Shifts that SQL cannot rule out: by place, bits, age, room and earlier answers."""
    across, up = Site.east - volunteer.east, Site.north - volunteer.north
    lacks_skills = sum(Skill, Skill(0)) & ~volunteer.skills
    lacks_languages = sum(Language, Language(0)) & ~volunteer.languages
    answered = select(Signup.shift_id).where(
        Signup.volunteer_id == volunteer.id, Signup.standing.in_((*LIVE, *LEFT))
    )
    possible = shift_facts().where(
        Shift.stage == Stage.PUBLISHED,
        Shift.starts_at > clock.now(),
        Shift.taken < Shift.places,
        Opportunity.stage == Stage.PUBLISHED,
        Group.is_closed.is_(False),
        across * across + up * up <= volunteer.travel_metres**2,
        # Said as "less than one" because PostgreSQL takes "is nought" for rare, and would
        # then go through all opportunities of the county before it looks at the place.
        Opportunity.needs_skills.bitwise_and(int(lacks_skills)) < 1,
        Opportunity.needs_languages.bitwise_and(int(lacks_languages)) < 1,
        Shift.id.not_in(answered),
        _may_be_taken_by(volunteer),
    )
    if volunteer.age_band != AgeBand.ADULT:
        possible = possible.where(Opportunity.minimum_age <= 16)
    if volunteer.travel_metres <= WIDE:
        cells = cells_within(volunteer.east, volunteer.north, volunteer.travel_metres)
        possible = possible.where(Site.cell.in_(cells))
    return possible.order_by(Shift.starts_at, Shift.id).limit(LOOKED_AT)


def _may_be_taken_by(volunteer: Volunteer) -> ColumnElement[bool]:
    """Where only some may take a place, the volunteer is one of them."""
    lists = select(GroupVolunteer.group_id).where(GroupVolunteer.volunteer_id == volunteer.id)
    invited = select(RoleInvitation.opportunity_id).where(
        RoleInvitation.volunteer_id == volunteer.id, RoleInvitation.withdrawn_at.is_(None)
    )
    return or_(
        Opportunity.policy.in_((Policy.OPEN, Policy.APPROVAL)),
        and_(Opportunity.policy == Policy.MEMBERS, Opportunity.group_id.in_(lists)),
        and_(Opportunity.policy == Policy.INVITATION, Opportunity.id.in_(invited)),
    )


def _own(volunteer: Volunteer, *, with_induction: bool) -> _Own:
    of = volunteer.id
    trainings = db.session.execute(
        select(TrainingRecord.training, TrainingRecord.valid_until).where(
            TrainingRecord.volunteer_id == of,
            or_(
                TrainingRecord.valid_until.is_(None),
                TrainingRecord.valid_until >= clock.now().date(),
            ),
        )
    )
    checks = db.session.execute(
        select(DbsCheck.level, DbsCheck.workforce, DbsCheck.issued_on).where(
            DbsCheck.volunteer_id == of
        )
    )
    places = db.session.execute(
        select(Shift.site_id, Shift.starts_at, Shift.ends_at)
        .join(Signup, Signup.shift_id == Shift.id)
        .where(
            Signup.volunteer_id == of,
            Signup.standing.in_(HOLDING),
            Shift.starts_at >= clock.now() - rules.LATELY,
        )
    )
    away = db.session.execute(
        select(DatesAway.first_day, DatesAway.last_day).where(DatesAway.volunteer_id == of)
    )
    groups = db.session.scalars(
        select(GroupVolunteer.group_id).where(GroupVolunteer.volunteer_id == of)
    )
    return _Own(
        trainings=[(training, until) for training, until in trainings],
        checks=[Held(level, workforce, issued_on) for level, workforce, issued_on in checks],
        places=[(site_id, (start, end)) for site_id, start, end in places],
        away=[(first, last) for first, last in away],
        groups=frozenset(groups),
        uninducted=induction.groups_left(of) if with_induction else frozenset(),
    )


def _candidate(volunteer: Volunteer, own: _Own, need: Need) -> Candidate:
    start = need.request.demand.starts_at
    times = (start, need.request.demand.ends_at)
    trainings = Training(0)
    for training, until in own.trainings:
        if until is None or until >= need.day:
            trainings |= training
    return Candidate(
        person=Person(
            age_band=volunteer.age_band,
            guardian_agreed=volunteer.guardian_consent_at is not None,
            names_emergency_contact=bool(volunteer.emergency_phone),
            skills=volunteer.skills,
            languages=volunteer.languages,
            trainings=trainings,
            checks=own.checks,
            is_inducted=need.group_id not in own.uninducted,
            busy=[
                held
                for site_id, held in own.places
                if not (site_id == need.site_id and is_handover(held, times, need.handover))
            ],
            is_invited=True,  # others' roles are not among what is possible
            is_member=need.group_id in own.groups,
        ),
        metres=whole_metres(
            (volunteer.east - need.east) ** 2 + (volunteer.north - need.north) ** 2
        ),
        travel_metres=volunteer.travel_metres,
        away=own.away,
        free_times=volunteer.free_times,
        # Who looks for a role is not "asked": no weekly limit applies.
        asks_per_week=1,
        last_asked_at=volunteer.last_asked_at,
        interests=volunteer.interests,
        knows_group=need.group_id in own.groups,
        shifts_lately=sum(
            1 for _, (began, _) in own.places if start - rules.LATELY <= began < start
        ),
    )


def _shifts(ids: Sequence[int]) -> dict[int, Shift]:
    loaded = db.session.scalars(
        select(Shift)
        .where(Shift.id.in_(ids))
        .options(
            joinedload(Shift.site),
            joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Shift.opportunity).joinedload(Opportunity.site),
        )
    )
    return {shift.id: shift for shift in loaded}
