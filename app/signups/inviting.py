"""Asking people by name to a role that is by invitation, and the page that their link opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts import audit
from app.foundation import clock, languages
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.opportunities import queries as opportunities
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import keys, news
from app.signups.keys import Key
from app.signups.models import LIVE, RoleInvitation, Signup
from app.volunteers.models import GroupVolunteer, Volunteer

# A letter that could not leave for so long is of no use any more.
LASTS: Final = timedelta(days=14)
SHOWN: Final = 8


def invite(
    group_id: int, opportunity_id: int, volunteer_id: int, by_user_id: int
) -> tuple[Volunteer, bool]:
    """Ask somebody on the group's list to the role; the person, and whether we could tell them.

    Asking who is asked already is harmless, and tells nobody twice. Raises
    `Refusal` for somebody who is not on the list.
    """
    with transaction():
        role = opportunities.opportunity_of(group_id, opportunity_id, lock=True)
        volunteer = db.session.scalar(
            select(Volunteer)
            .join(GroupVolunteer, GroupVolunteer.volunteer_id == Volunteer.id)
            .where(
                GroupVolunteer.group_id == group_id,
                Volunteer.id == volunteer_id,
                Volunteer.erased_at.is_(None),
            )
        )
        if volunteer is None:
            raise Refusal("Choose somebody from the list.")
        if role.stage != Stage.PUBLISHED:
            raise Refusal("Publish the role first: the people you invite must be able to see it.")
        invitation = db.session.scalar(
            select(RoleInvitation).where(
                RoleInvitation.opportunity_id == role.id,
                RoleInvitation.volunteer_id == volunteer.id,
            )
        )
        if invitation is None:
            invitation = RoleInvitation(opportunity_id=role.id, volunteer_id=volunteer.id)
            db.session.add(invitation)
        elif invitation.withdrawn_at is None:
            return volunteer, True
        invitation.invited_by_id = by_user_id
        invitation.invited_at = clock.now()
        invitation.withdrawn_at = None
        audit.record("invited to role", subject=role, group_id=group_id, volunteer=volunteer.id)
        return volunteer, _tell(role, volunteer)


@languages.in_language_of(lambda role, volunteer: volunteer.language)
def _tell(role: Opportunity, volunteer: Volunteer) -> bool:
    now = clock.now()
    url = keys.address("invited", token(role.id, volunteer.id))
    group, title = role.group.name, role.title
    asks = gettext("%(group)s would like you to help as: %(role)s.", group=group, role=title)
    return news.tell(
        volunteer,
        news.News(
            cause=f"role-invitation:{role.id}:{now.timestamp():.6f}",
            purpose="role-invitation",
            subject=gettext("You are invited: %(role)s", role=title),
            paragraphs=[
                asks,
                *([role.summary] if role.summary else []),
                gettext("Have a look and choose a time that suits you. It is fine to say no."),
            ],
            action=(gettext("See the times"), url),
            text=gettext(
                "%(asks)s Choose a time that suits you: %(address)s It is fine to say no.",
                asks=asks,
                address=url,
            ),
            zone=role.site.zone,
            needed_by=now + LASTS,
        ),
    )


def token(opportunity_id: int, volunteer_id: int) -> str:
    """What stands in the address of this person's invitation to this role."""
    return keys.make(Key.INVITED, opportunity_id, volunteer_id)


def take_back(group_id: int, opportunity_id: int, volunteer_id: int) -> None:
    """End an invitation: no new places; those they have, they keep. Again is harmless."""
    with transaction():
        role = opportunities.opportunity_of(group_id, opportunity_id, lock=True)
        invitation = db.session.scalar(
            select(RoleInvitation).where(
                RoleInvitation.opportunity_id == role.id,
                RoleInvitation.volunteer_id == volunteer_id,
                RoleInvitation.withdrawn_at.is_(None),
            )
        )
        if invitation is not None:
            invitation.withdrawn_at = clock.now()
            audit.record(
                "took back invitation to role",
                subject=role,
                group_id=group_id,
                volunteer=volunteer_id,
            )


@dataclass(frozen=True)
class Guest:
    """Somebody who is invited to a role, and how many of its coming shifts they are on."""

    volunteer_id: int
    name: str
    invited_at: datetime
    shifts: int


def guests(opportunity_id: int) -> list[Guest]:
    """Who is invited to the role now, by name."""
    on_shifts = (
        select(Signup.volunteer_id, func.count().label("shifts"))
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Shift.opportunity_id == opportunity_id,
            Shift.ends_at > clock.now(),
            Signup.standing.in_(LIVE),
        )
        .group_by(Signup.volunteer_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Volunteer.id,
            Volunteer.name,
            RoleInvitation.invited_at,
            func.coalesce(on_shifts.c.shifts, 0).label("shifts"),
        )
        .join(RoleInvitation, RoleInvitation.volunteer_id == Volunteer.id)
        .outerjoin(on_shifts, on_shifts.c.volunteer_id == Volunteer.id)
        .where(
            RoleInvitation.opportunity_id == opportunity_id,
            RoleInvitation.withdrawn_at.is_(None),
            Volunteer.erased_at.is_(None),
        )
        .order_by(Volunteer.name, Volunteer.id)
    )
    return [Guest(row.id, row.name, row.invited_at, row.shifts) for row in rows]


@dataclass(frozen=True)
class Invitable:
    """Those on a group's list whom its managers could invite to a role."""

    people: Sequence[tuple[int, str]]  # (id, name) of the first few, by name
    total: int


def can_be_invited(opportunity: Opportunity, name: str = "") -> Invitable:
    """People on the group's list who are not invited yet; with `name`, those called so."""
    invited = select(RoleInvitation.volunteer_id).where(
        RoleInvitation.opportunity_id == opportunity.id, RoleInvitation.withdrawn_at.is_(None)
    )
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name, func.count().over().label("total"))
        .join(GroupVolunteer, GroupVolunteer.volunteer_id == Volunteer.id)
        .where(
            GroupVolunteer.group_id == opportunity.group_id,
            Volunteer.erased_at.is_(None),
            Volunteer.id.not_in(invited),
            *(Volunteer.name.icontains(word, autoescape=True) for word in name.split()[:5]),
        )
        .order_by(Volunteer.name, Volunteer.id)
        .limit(SHOWN)
    ).all()
    return Invitable([(row.id, row.name) for row in rows], rows[0].total if rows else 0)


@dataclass(frozen=True)
class Welcome:
    """What the holder of an invitation's link may look at and take."""

    volunteer: Volunteer
    opportunity: Opportunity
    is_open: bool  # the invitation stands, and the role takes people
    shifts: Sequence[Shift]
    live: dict[int, Signup]  # the person's sign-ups, by shift


def welcome(of_token: str) -> Welcome | None:
    """The role that a link invites to; None for a link that is not ours, or was never sent."""
    ids = keys.read(Key.INVITED, of_token, 2)
    if ids is None:
        return None
    invitation = db.session.scalar(
        select(RoleInvitation)
        .join(RoleInvitation.volunteer)
        .where(
            RoleInvitation.opportunity_id == ids[0],
            RoleInvitation.volunteer_id == ids[1],
            Volunteer.erased_at.is_(None),
        )
        .options(
            joinedload(RoleInvitation.volunteer),
            joinedload(RoleInvitation.opportunity).joinedload(Opportunity.group),
            joinedload(RoleInvitation.opportunity).joinedload(Opportunity.site),
        )
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        return None
    role = invitation.opportunity
    is_open = (
        invitation.withdrawn_at is None
        and role.stage == Stage.PUBLISHED
        and not role.group.is_closed
    )
    shifts = opportunities.open_shifts(role.id) if role.stage == Stage.PUBLISHED else []
    held = db.session.scalars(
        select(Signup)
        .where(
            Signup.volunteer_id == ids[1],
            Signup.shift_id.in_([shift.id for shift in shifts]),
            Signup.standing.in_(LIVE),
        )
        .execution_options(populate_existing=True)
    )
    return Welcome(invitation.volunteer, role, is_open, shifts, {one.shift_id: one for one in held})
