"""Applications: who asks for a place where a manager says yes first, and what becomes of them.

No application waits for ever. Its clock stands on the sign-up: managers are
reminded half-way, and when the time is up the role's own rule answers. A
shift without a place free has no clock: whoever asks is in its queue, and
knows it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.opportunities.policies import Approves
from app.signups import facts
from app.signups.approval_rules import History, approving_rule, because, clock_for
from app.signups.models import Signup, SignupEvent, Standing, Way
from app.signups.rules import check_holds
from app.volunteers.models import GroupVolunteer, Volunteer

# Whom a sign-up put on the list, nobody has put there.
SIGNED_UP = "signed up"


def asks_first(role: Opportunity, way: Way) -> bool:
    """Whether a claim that came this way waits for a manager's yes.

    A standing place was approved once, for every shift that it makes.
    """
    return role.policy == Policy.APPROVAL and way not in (Way.MANAGER, Way.SITE, Way.STANDING)


def start_clock(signup: Signup, shift: Shift) -> None:
    """From now on an answer is due, in the open transaction."""
    times = clock_for(clock.now(), shift.starts_at, shift.opportunity.answer_days)
    signup.answer_remind_at, signup.answer_due_at = times.remind_at, times.due_at


def stop_clock(signup: Signup) -> None:
    """Nobody need answer any more."""
    signup.answer_remind_at = signup.answer_due_at = None


def automatic_yes(shift: Shift, volunteer: Volunteer) -> str:
    """Why the role's own rules give this person a place, said to them; empty when they do not."""
    role = shift.opportunity
    if not role.approves:
        return ""
    history = history_of(shift, volunteer)
    rule = approving_rule(role.approves, history, role.approves_after)
    return because(rule) if rule else ""


def history_of(shift: Shift, volunteer: Volunteer) -> History:
    """What the shift's group knows of one person."""
    role = shift.opportunity
    known = Known.read(role.group_id, [volunteer.id])
    is_trained = Approves.TRAINED in role.approves and not (
        role.approves_training & ~facts.trainings_on(volunteer.id, facts.local_day(shift))
    )
    is_checked = Approves.CHECKED in role.approves and check_holds(
        facts.checks_of(volunteer.id, seen_by_group=role.group_id), facts.demand_of(shift, [])
    )
    return History(
        shifts_attended=known.attended.get(volunteer.id, 0),
        last_answer=known.answers.get((volunteer.id, role.id)),
        was_listed=volunteer.id in known.listed,
        is_trained=is_trained,
        is_checked=is_checked,
    )


class Known:
    """What a group knows of some people: three statements, however many they are."""

    def __init__(
        self,
        attended: dict[int, int],
        answers: dict[tuple[int, int], bool],
        listed: Collection[int],
    ) -> None:
        self.attended = attended  # shifts of the group, by volunteer
        self.answers = answers  # the managers' last word, by volunteer and role
        self.listed = listed  # whom a manager put on the list

    @classmethod
    def read(cls, group_id: int, volunteer_ids: Sequence[int]) -> Known:
        """Read it for these volunteers."""
        return cls(
            _attended(group_id, volunteer_ids),
            _answers(group_id, volunteer_ids),
            _listed(group_id, volunteer_ids),
        )


def _attended(group_id: int, volunteer_ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(Signup.volunteer_id, func.count())
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Signup.volunteer_id.in_(volunteer_ids),
            Signup.standing == Standing.ATTENDED,
        )
        .group_by(Signup.volunteer_id)
    )
    return {row[0]: row[1] for row in rows}


def _answers(group_id: int, volunteer_ids: Sequence[int]) -> dict[tuple[int, int], bool]:
    """By volunteer and role: whether the last that a manager said was yes."""
    rows = db.session.execute(
        select(Signup.volunteer_id, Shift.opportunity_id, SignupEvent.after)
        .join(Signup, Signup.id == SignupEvent.signup_id)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Signup.volunteer_id.in_(volunteer_ids),
            SignupEvent.way == Way.MANAGER,
            SignupEvent.after.in_((Standing.CONFIRMED, Standing.DECLINED)),
            # Not an attendance that was put right, and not another duty.
            SignupEvent.before.is_(None)
            | SignupEvent.before.in_((Standing.WAITING, Standing.OFFERED))
            | (SignupEvent.after == Standing.DECLINED),
        )
        .order_by(SignupEvent.id)
    )
    return {
        (volunteer_id, opportunity_id): after == Standing.CONFIRMED
        for volunteer_id, opportunity_id, after in rows
    }


def _listed(group_id: int, volunteer_ids: Sequence[int]) -> set[int]:
    return set(
        db.session.scalars(
            select(GroupVolunteer.volunteer_id).where(
                GroupVolunteer.group_id == group_id,
                GroupVolunteer.volunteer_id.in_(volunteer_ids),
                GroupVolunteer.how != SIGNED_UP,
            )
        )
    )


def is_open(shift: Shift) -> bool:
    """Whether a place on the shift can be given by itself: published, and not begun."""
    return (
        shift.stage == Stage.PUBLISHED
        and shift.opportunity.stage == Stage.PUBLISHED
        and not shift.opportunity.group.is_closed
        and shift.starts_at > clock.now()
    )
