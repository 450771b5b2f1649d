"""The rules of `matching.rules` and `signups.rules` as conditions of SQL.

Each speaks about a row of `volunteer` and is never NULL where it counts.
What lives in other tables is a set of ids that the database makes once
("id IN (SELECT …)"), not a look-up per person.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from app.foundation import clock
from app.foundation.flags import has_all
from app.groups.models import Group
from app.matching import rules
from app.matching.queries.wish import Need, Wish
from app.messaging.models import Message, State
from app.opportunities import rules as opportunities
from app.opportunities.models import Shift
from app.signups.models import HOLDING, LIVE, RoleInvitation, Signup, Standing
from app.signups.rules import Demand, Exclusion
from app.volunteers import induction
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import AgeBand, DbsLevel, Training, Workforce

Condition = ColumnElement[bool]

# What `broadcasts` calls its texts in the ledger.
ASK: Final = "ask"
# A message in one of these states reached nobody.
UNHEARD: Final = (State.SUPPRESSED, State.CANCELLED, State.EXPIRED, State.FAILED)
# No shift is longer, and the clocks may go back in it: lets the index on `starts_at` find
# the few that overlap. With more days a planner expects so many that it reads every shift.
LONGEST_SHIFT: Final = opportunities.LONGEST_SHIFT + timedelta(hours=1)
LEFT: Final = (Standing.WITHDRAWN, Standing.DECLINED, Standing.EXCUSED)

person: Final = Volunteer.__table__.c


def squared_metres(need: Need) -> ColumnElement[int]:
    """The square of the distance; whole numbers, so that both databases agree."""
    across, up = person.east - need.east, person.north - need.north
    return across * across + up * up


def in_reach(need: Need) -> Condition:
    """The site is within what the person travels, and what the wish allows."""
    square = squared_metres(need)
    within = need.request.within_metres
    reach = square <= person.travel_metres * person.travel_metres
    return reach if within is None else and_(reach, square <= within * within)


def against(need: Need, wish: Wish, asked: Subquery) -> dict[Exclusion, Condition]:
    """What speaks against a person, by reason, in the order of telling.

    `asked` is `asked_this_week`, joined to the volunteers from outside.
    Reasons that cannot apply to this wish are left out; distance and shared
    phones are seen to by the queries.
    """
    request, demand = need.request, need.request.demand
    said = {
        Exclusion.NO_CONTACT: _no_contact(),
        Exclusion.OPTED_OUT: person.phone.in_(
            select(OptOut.address).where(OptOut.channel == Channel.SMS, OptOut.address.is_not(None))
        ),
        Exclusion.PAUSED: and_(
            person.paused_until.is_not(None),
            person.paused_until > clock.today(request.zone),
        ),
        Exclusion.NOT_INVITED: _not_invited(need),
        Exclusion.NOT_A_MEMBER: _not_a_member(need),
        Exclusion.TOO_YOUNG: not_(_old_enough(demand.minimum_age)),
        Exclusion.NO_EMERGENCY: _names_nobody(demand),
        Exclusion.SKILL: _lacks(person.skills, demand.skills),
        Exclusion.LANGUAGE: _lacks(person.languages, demand.languages),
        Exclusion.TRAINING: _lacks_training(need),
        Exclusion.DBS: _lacks_check(demand),
        Exclusion.DUTY: lacks_every_duty(need),
        Exclusion.INDUCTION: _lacks_induction(need),
        Exclusion.NO_ADULT: _would_lead_alone(demand),
        Exclusion.ALREADY_IN: person.id.in_(_standing_on(need, LIVE)),
        Exclusion.SAID_NO: _said_no(need, wish),
        Exclusion.CLASH: person.id.in_(busy_during(need)),
        Exclusion.AWAY: person.id.in_(
            select(DatesAway.volunteer_id).where(
                DatesAway.first_day <= request.last_day, DatesAway.last_day >= request.first_day
            )
        ),
        Exclusion.NOT_FREE: not_free(request.bits),
        Exclusion.ASKED_OFTEN: _asked_often(need, asked),
        Exclusion.ASKED_LATELY: _asked_lately(need),
        Exclusion.OTHER_GROUPS: _helps_other_kinds(wish),
    }
    return {reason: said[reason] for reason in rules.ORDER if said.get(reason) is not None}  # type: ignore[misc] # None is filtered here


def _no_contact() -> Condition:
    return or_(
        person.phone.is_(None),
        person.phone == "",
        person.sms_consent_at.is_(None),
        and_(person.phone_verified_at.is_(None), person.user_id.is_not(None)),
    )


def _not_invited(need: Need) -> Condition | None:
    if not need.request.demand.is_by_invitation:
        return None
    return person.id.not_in(
        select(RoleInvitation.volunteer_id).where(
            RoleInvitation.opportunity_id == need.opportunity_id,
            RoleInvitation.withdrawn_at.is_(None),
        )
    )


def _not_a_member(need: Need) -> Condition | None:
    if not need.request.demand.is_for_members:
        return None
    return person.id.not_in(
        select(GroupVolunteer.volunteer_id).where(GroupVolunteer.group_id == need.group_id)
    )


def _old_enough(minimum_age: int) -> Condition:
    adult: Condition = person.age_band == AgeBand.ADULT
    if minimum_age > 16:
        return adult
    return or_(
        adult,
        and_(person.age_band == AgeBand.FROM_16, person.guardian_consent_at.is_not(None)),
    )


def _lacks(column: Any, wanted: int) -> Condition | None:
    return not_(has_all(column, wanted)) if wanted else None


def _lacks_training(need: Need) -> Condition | None:
    trainings = need.request.demand.trainings
    return _without(trainings, need.day) if trainings else None


def lacks_every_duty(need: Need) -> Condition | None:
    """The opposite of `signups.rules.can_do` for each of the slots that people are sought for."""
    openings = need.request.demand.openings
    if not openings:
        return None
    against = []
    for opening in openings:
        age = 18 if opening.in_charge else opening.minimum_age
        reasons = [
            not_(_old_enough(age)) if age else None,
            _lacks(person.skills, opening.skills),
            _lacks(person.languages, opening.languages),
            _without(opening.trainings, need.day) if opening.trainings else None,
        ]
        said = [reason for reason in reasons if reason is not None]
        if not said:
            return None  # anybody can do this one
        against.append(or_(*said))
    return and_(*against)


def _without(trainings: Training, day: date) -> Condition:
    """Who lacks one of the trainings, or whose certificate does not hold on that day."""
    return or_(
        *(
            person.id.not_in(
                select(TrainingRecord.volunteer_id).where(
                    has_all(TrainingRecord.training, training),
                    holds_on(day),
                )
            )
            for training in trainings
        )
    )


def holds_on(day: date) -> Condition:
    """A training's certificate is valid on a day."""
    return or_(TrainingRecord.valid_until.is_(None), TrainingRecord.valid_until >= day)


def _lacks_check(demand: Demand) -> Condition | None:
    """The opposite of `signups.rules.check_holds`."""
    if demand.dbs_level == DbsLevel.NONE:
        return None
    held = select(DbsCheck.volunteer_id).where(
        DbsCheck.level.in_(demand.dbs_level.at_least()),
        DbsCheck.issued_on >= demand.checks_since,
    )
    if demand.dbs_workforce is not None and demand.dbs_level != DbsLevel.BASIC:
        held = held.where(DbsCheck.workforce.in_({demand.dbs_workforce, Workforce.BOTH}))
    return person.id.not_in(held)


def _names_nobody(demand: Demand) -> Condition | None:
    """Of 16 or 17, and nobody to call. Left out where only adults are let in anyhow."""
    return None if demand.minimum_age > 16 else and_(_is_young(), person.emergency_phone == "")


def _would_lead_alone(demand: Demand) -> Condition | None:
    """Of 16 or 17, where no adult is coming."""
    return None if demand.minimum_age > 16 or demand.adult_comes else _is_young()


def _is_young() -> Condition:
    young: Condition = person.age_band == AgeBand.FROM_16
    return young


def _lacks_induction(need: Need) -> Condition | None:
    if not need.request.demand.needs_induction:
        return None
    steps = induction.needed_first(need.group_id)
    return and_(steps.exists(), person.id.not_in(induction.who_did(need.group_id)))


def _standing_on(need: Need, standings: tuple[Standing, ...]) -> Select[int]:
    return select(Signup.volunteer_id).where(
        Signup.shift_id == need.shift_id, Signup.standing.in_(standings)
    )


def _said_no(need: Need, wish: Wish) -> Condition:
    left: Condition = person.id.in_(_standing_on(need, LEFT))
    return left if wish.refused is None else or_(left, person.id.in_(wish.refused))


def busy_during(need: Need) -> Select[int]:
    """Who has a place on another shift at that time."""
    demand = need.request.demand
    busy = (
        select(Signup.volunteer_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.standing.in_(HOLDING),
            Shift.starts_at > demand.starts_at - LONGEST_SHIFT,
            Shift.starts_at < demand.ends_at,
            Shift.ends_at > demand.starts_at,
            Shift.id != need.shift_id,
        )
    )
    if not need.handover:
        return busy
    # As `signups.rules.is_handover` has it, at the same site.
    before = and_(
        Shift.starts_at < demand.starts_at,
        Shift.ends_at < demand.ends_at,
        Shift.ends_at <= demand.starts_at + need.handover,
    )
    after = and_(
        Shift.starts_at > demand.starts_at,
        Shift.ends_at > demand.ends_at,
        Shift.starts_at >= demand.ends_at - need.handover,
    )
    return busy.where(not_(and_(Shift.site_id == need.site_id, or_(before, after))))


def not_free(bits: int) -> Condition:
    """Told when they are free, and this is not among it."""
    return and_(person.free_times != 0, not_(has_all(person.free_times, bits)))


def asked_this_week(now: datetime) -> Subquery:
    """Who was asked in the last week, and how often, for all groups together."""
    return (
        select(Message.volunteer_id, func.count().label("times"))
        .where(
            Message.purpose == ASK,
            Message.created_at > now - rules.WEEK,
            Message.state.not_in(UNHEARD),
        )
        .group_by(Message.volunteer_id)
        .subquery("asked_this_week")
    )


def _asked_often(need: Need, asked: Subquery) -> Condition | None:
    request = need.request
    if request.is_emergency:
        return None
    emergencies_only: Condition = person.asks_per_week == 0
    if request.ignores_budget:
        return emergencies_only
    return or_(emergencies_only, func.coalesce(asked.c.times, 0) >= person.asks_per_week)


def _asked_lately(need: Need) -> Condition | None:
    days = need.request.not_asked_days
    if days <= 0:
        return None
    since = need.request.now - timedelta(days=days)
    return and_(person.last_asked_at.is_not(None), person.last_asked_at > since)


def _helps_other_kinds(wish: Wish) -> Condition | None:
    if not wish.group_kinds:
        return None
    return person.id.not_in(
        select(GroupVolunteer.volunteer_id)
        .join(Group, Group.id == GroupVolunteer.group_id)
        .where(Group.kind.in_(list(wish.group_kinds)))
    )


def number(value: int) -> ColumnElement[int]:
    """A whole number written into the statement.

    A bound number in each branch of a CASE would be of unknown type.
    """
    return literal_column(str(value), BigInteger)
