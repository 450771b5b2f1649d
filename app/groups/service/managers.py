"""Who manages a group: invited by email, joined, removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import delete, func, select, update

from app.accounts import audit, secrets
from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.queries import user_by_email
from app.accounts.rules import email_address
from app.foundation import clock, outbox
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.groups.models import Group, Invitation, Membership, Part
from app.groups.service.details import make_group

INVITATION_LIFE: Final = timedelta(days=14)
MOST_OPEN: Final = 20
ENDED: Final = "This invitation has ended. Ask for a new one."


def found_group(manager_email: str, invited_by: User, **details: Any) -> Group:
    """Make a group and invite its first manager, if one is named: both or neither.

    `details` as in `make_group`. Raises `Refusal` beside a field, that of the
    manager being `manager_email`.
    """
    with transaction():
        group = make_group(**details)
        if manager_email.strip():
            try:
                invite(group.id, manager_email, invited_by)
            except Refusal as refusal:
                raise Refusal(refusal.sentence, "manager_email") from None
        return group


def invite(group_id: int, email: str, invited_by: User) -> Invitation:
    """Ask somebody by email to manage the group; an older invitation to them ends.

    Raises `Refusal` beside `email`.
    """
    email = email_address(email)
    with transaction():
        group = _locked(group_id)
        known = user_by_email(email)
        if known is not None and _membership(known.id, group_id, Part.MANAGER):
            raise Refusal("This person manages the group already.", "email")
        now = clock.now()
        db.session.execute(
            update(Invitation)
            .where(
                Invitation.group_id == group_id,
                Invitation.email == email,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
        )
        waiting = db.session.scalar(
            select(func.count()).where(
                Invitation.group_id == group_id,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
                Invitation.expires_at > now,
            )
        )
        if (waiting or 0) >= MOST_OPEN:
            raise Refusal("Many invitations wait for an answer. Withdraw some first.", "email")
        token = secrets.new_token()
        invitation = Invitation(
            group_id=group_id,
            email=email,
            token_hash=secrets.keyed_hash("invitation", token),
            invited_by_id=invited_by.id,
            expires_at=now + INVITATION_LIFE,
        )
        db.session.add(invitation)
        db.session.flush()
        audit.record("manager invited", subject=invitation, group_id=group_id)
        outbox.write(
            Letter(
                channel="email",
                to=email,
                subject=f"Help to run {group.name}",
                body=(
                    f"{invited_by.name} asks you to help run {group.name} on Many Hands, where "
                    "the county's volunteers find their shifts.\n\nTo say yes, use this link. "
                    f"It works once, for 14 days.\n\n"
                    f"{current_app.config['PUBLIC_URL']}/invitations/{token}\n\n"
                    "If you do not know what this is about, you can ignore it."
                ),
                cause=f"invitation:{invitation.id}",
                recipient=f"invitation:{invitation.id}",
                purpose="invitation",
            )
        )
        return invitation


def withdraw(group_id: int, invitation_id: int) -> None:
    """End an invitation that nobody has accepted; harmless for others."""
    with transaction():
        invitation = db.session.get(Invitation, invitation_id)
        if invitation and invitation.group_id == group_id and _is_open(invitation):
            invitation.withdrawn_at = clock.now()
            audit.record("invitation withdrawn", subject=invitation, group_id=group_id)


def find_invitation(token: str) -> Invitation | None:
    """The invitation of a link, while it can be accepted."""
    invitation = db.session.scalar(
        select(Invitation).where(Invitation.token_hash == secrets.keyed_hash("invitation", token))
    )
    return invitation if invitation is not None and _is_open(invitation) else None


def accept(token: str, user: User) -> Group:
    """Make a signed-in user a manager, because they hold the link. Raises `Refusal`."""
    with transaction():
        invitation = _locked_invitation(token)
        return _join(invitation, db.session.get_one(User, user.id))


def accept_as_new(token: str, name: str, password: str) -> User:
    """A new user with the invited address, which the link has proven, as a manager.

    Raises `Refusal` beside `name` or `password`, or when the address has an
    account already.
    """
    with transaction():
        invitation = _locked_invitation(token)
        user = accounts.create_verified_user(name, invitation.email, password)
        _join(invitation, user)
        return user


def add_manager(group_id: int, user_id: int) -> None:
    """Make a user a manager without an invitation: the operator's way."""
    with transaction():
        _locked(group_id)
        _make_manager(group_id, user_id)


def remove_manager(group_id: int, membership_id: int) -> None:
    """Take a manager off the group. Raises `Refusal` for the last one."""
    with transaction():
        group = db.session.get(Group, group_id, with_for_update=True, populate_existing=True)
        membership = db.session.get(Membership, membership_id) if group else None
        if membership is None or membership.group_id != group_id:
            return
        others = db.session.scalar(
            select(func.count()).where(
                Membership.group_id == group_id,
                Membership.part == Part.MANAGER,
                Membership.id != membership_id,
            )
        )
        if not others:
            raise Refusal("A group needs at least one manager. Invite another first.")
        audit.record(
            "manager removed", subject=membership, group_id=group_id, user=membership.user_id
        )
        db.session.delete(membership)


def leave_every_group(user_id: int) -> None:
    """Take a user who goes for good off their groups. Raises `Refusal` for an only manager."""
    with transaction():
        mine = select(Membership.group_id).where(
            Membership.user_id == user_id, Membership.part == Part.MANAGER
        )
        # Locked as by `_locked`, and in one order, so that two who leave do not wait in a ring.
        groups = db.session.scalars(
            select(Group).where(Group.id.in_(mine)).order_by(Group.id).with_for_update()
        ).all()
        others = set(
            db.session.scalars(
                select(Membership.group_id).where(
                    Membership.group_id.in_(mine),
                    Membership.user_id != user_id,
                    Membership.part == Part.MANAGER,
                )
            )
        )
        for group in groups:
            if group.id not in others:
                raise Refusal(
                    f"You are the only manager of {group.name}. Invite another manager first."
                )
        db.session.execute(delete(Membership).where(Membership.user_id == user_id))


def _join(invitation: Invitation, user: User) -> Group:
    invitation.accepted_at = clock.now()
    _make_manager(invitation.group_id, user.id)
    return invitation.group


def _make_manager(group_id: int, user_id: int) -> None:
    membership = _membership(user_id, group_id)
    if membership is None:
        membership = Membership(user_id=user_id, group_id=group_id)
        db.session.add(membership)
    membership.part = Part.MANAGER
    db.session.flush()
    audit.record(
        "manager joined", subject=membership, group_id=group_id, actor_id=user_id, user=user_id
    )


def _membership(user_id: int, group_id: int, part: Part | None = None) -> Membership | None:
    wanted = select(Membership).where(
        Membership.user_id == user_id, Membership.group_id == group_id
    )
    return db.session.scalar(wanted.where(Membership.part == part) if part else wanted)


def _is_open(invitation: Invitation) -> bool:
    return (
        invitation.accepted_at is None
        and invitation.withdrawn_at is None
        and invitation.expires_at > clock.now()
    )


def _locked(group_id: int) -> Group:
    """The group's row, locked so that two removals cannot leave it without a manager."""
    return db.session.get_one(Group, group_id, with_for_update=True, populate_existing=True)


def _locked_invitation(token: str) -> Invitation:
    """The invitation's row, locked so that it is good once. Raises `Refusal`."""
    invitation = db.session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == secrets.keyed_hash("invitation", token))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if invitation is None or not _is_open(invitation):
        raise Refusal(ENDED)
    return invitation
