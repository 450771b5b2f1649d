"""What sign-ups tell a person of themselves, and how they forget them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift
from app.signups import service
from app.signups.models import LIVE, CalendarFeed, RoleInvitation, Signup, SignupEvent, Way
from app.signups.swaps.models import Swap, SwapState
from app.signups.swaps.queries import swaps_of
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """Each sign-up of the volunteer, oldest first, as plain values."""
    signups = db.session.scalars(
        select(Signup)
        .where(Signup.volunteer_id == volunteer.id)
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group)
        )
        .order_by(Signup.id)
    )
    return {
        "shifts": [
            {
                "role": signup.shift.opportunity.title,
                "group": signup.shift.opportunity.group.name,
                "starts": signup.shift.starts_at.isoformat(),
                "ends": signup.shift.ends_at.isoformat(),
                "standing": signup.standing.value,
                "reason": signup.reason,
                "minutes_given": signup.attended_minutes,
            }
            for signup in signups
        ],
        "swaps": [
            {
                "role": swap.signup.shift.opportunity.title,
                "starts": swap.signup.shift.starts_at.isoformat(),
                "asked": swap.signup.volunteer_id == volunteer.id,
                "state": swap.state.value,
            }
            for swap in swaps_of(volunteer.id)
        ],
        "invitations_to_roles": [
            {
                "role": invitation.opportunity.title,
                "group": invitation.opportunity.group.name,
                "invited": invitation.invited_at.isoformat(),
                "taken_back": bool(invitation.withdrawn_at),
            }
            for invitation in db.session.scalars(
                select(RoleInvitation)
                .where(RoleInvitation.volunteer_id == volunteer.id)
                .options(joinedload(RoleInvitation.opportunity).joinedload(Opportunity.group))
                .order_by(RoleInvitation.id)
            )
        ],
    }


def forget(volunteer: Volunteer) -> None:
    """Leave every coming shift and drop the words; who came when stays, without a name.

    Runs in the open transaction of the erasure.
    """
    coming = db.session.scalars(
        select(Signup.shift_id)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id == volunteer.id,
            Signup.standing.in_(LIVE),
            Shift.ends_at > clock.now(),
        )
        .order_by(Signup.shift_id)
    ).all()
    for shift_id in coming:
        service.withdraw(shift_id, volunteer.id, way=Way.WEB, reason="", tell=False)
    mine = select(Signup.id).where(Signup.volunteer_id == volunteer.id)
    db.session.execute(
        update(SignupEvent)
        .where(SignupEvent.signup_id.in_(mine))
        .values(reason="")
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Signup)
        .where(Signup.volunteer_id == volunteer.id)
        .values(reason="", clash_allowed="")
    )
    # A swap that is done tells only who came instead; what was not, nobody needs.
    db.session.execute(
        delete(Swap).where(
            or_(Swap.to_volunteer_id == volunteer.id, Swap.signup_id.in_(mine)),
            Swap.state != SwapState.DONE,
        )
    )
    db.session.execute(delete(RoleInvitation).where(RoleInvitation.volunteer_id == volunteer.id))
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.volunteer_id == volunteer.id))
