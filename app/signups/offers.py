"""A place that came free, offered for a time to somebody who has waited for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction
from app.opportunities.models import Opportunity, Shift
from app.signups import approving, keys, letters, waiting
from app.signups.keys import Key
from app.signups.models import OCCUPYING, Signup, SignupEvent, Standing, Way
from app.signups.placing import judge, settled_for
from app.signups.rows import end, lock_volunteer, note, with_shift
from app.signups.signals import places_changed
from app.volunteers.models import Volunteer

GONE = N_("Thank you! This place has gone to somebody else meanwhile.")


def accept(signup_id: int, way: Way, *, tell: bool = True) -> Signup:
    """Take the place that is kept. Again is harmless.

    Raises `Refusal` when it is kept no more, or the person may not take it by now.
    """
    with transaction():
        signup, shift = with_shift(signup_id)
        if signup.standing in OCCUPYING:
            return signup
        if signup.standing != Standing.OFFERED:
            raise Refusal(gettext(GONE))
        if not approving.is_open(shift):
            raise Refusal(gettext("This shift has begun, or takes nobody any more."))
        volunteer = lock_volunteer(signup.volunteer_id)
        hindrance = judge(shift, volunteer, settled=settled_for(signup)).hindrance
        if hindrance:
            raise hindrance
        signup.standing = Standing.CONFIRMED
        signup.confirmed_at = clock.now()
        signup.offered_until = None
        signup.agreed_revision = shift.revision
        db.session.flush()
        note(signup, Standing.OFFERED, way, None, "Took the place that was offered")
        letters.tell(signup, sms=tell)
        places_changed.send(shift.id, has_room_still=not shift.is_full)
        return signup


def lapse(signup_id: int) -> bool:
    """End an offer whose time is up, and go on to the next in the queue; whether there was one."""
    with transaction():
        signup, shift = with_shift(signup_id)
        until = signup.offered_until
        if signup.standing != Standing.OFFERED or until is None:
            return False
        # A shift that was moved forward may begin before the time that was told.
        if min(until, shift.starts_at) > clock.now():
            return False
        end(signup, Standing.WITHDRAWN, Way.RULE, None, letters.LAPSED)
        letters.tell(signup)
        waiting.fill(shift)
        places_changed.send(shift.id)
        return True


def lapsed() -> Sequence[int]:
    """The offers whose time is up, or whose shift has begun, those longest so first."""
    return db.session.scalars(
        select(Signup.id)
        .join(Signup.shift)
        .where(
            Signup.offered_until.is_not(None),
            or_(Signup.offered_until <= clock.now(), Shift.starts_at <= clock.now()),
            Signup.standing == Standing.OFFERED,
        )
        .order_by(Signup.offered_until, Signup.id)
    ).all()


@dataclass(frozen=True)
class Offer:
    """A place that is kept for one of some volunteers, and since when they were offered it."""

    signup: Signup
    at: datetime


def open_to(volunteer_ids: Collection[int]) -> list[Offer]:
    """The offers that wait for the answer of one of these, the one that ends first first."""
    offered_at = (
        select(func.max(SignupEvent.created_at))
        .where(SignupEvent.signup_id == Signup.id, SignupEvent.after == Standing.OFFERED)
        .correlate(Signup)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Signup, offered_at)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id.in_(volunteer_ids),
            Signup.standing == Standing.OFFERED,
            Shift.starts_at > clock.now(),
        )
        .options(
            contains_eager(Signup.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group),
            contains_eager(Signup.shift).joinedload(Shift.site),
        )
        .order_by(Signup.offered_until, Signup.id)
    )
    return [Offer(signup, at or signup.created_at) for signup, at in rows]


def token(signup_id: int) -> str:
    """What stands in the address at which an offer is answered."""
    return keys.make(Key.OFFER, signup_id)


def of_token(text: str) -> Signup | None:
    """The sign-up that a link speaks of, with all that its page shows; None for any other link."""
    ids = keys.read(Key.OFFER, text, 1)
    if ids is None:
        return None
    return db.session.scalar(
        select(Signup)
        .join(Signup.volunteer)
        .where(Signup.id == ids[0], Volunteer.erased_at.is_(None))
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
            contains_eager(Signup.volunteer),
        )
        .execution_options(populate_existing=True)
    )
