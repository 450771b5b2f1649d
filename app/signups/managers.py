"""Writing to a group's managers about their shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.groups.models import Membership, Part
from app.messaging import service as messaging
from app.messaging.rules.quiet import rest_until
from app.volunteers.models import Channel, Volunteer
from app.web import mail

PURPOSE: Final = "for-managers"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the managers of one group are told; `path` is the page where they act on it."""

    cause: str
    subject: str
    paragraphs: Sequence[str]
    button: str
    path: str
    # What a text says, where it cannot wait; its reader's night is kept in `zone`.
    text: str = ""
    zone: str = ""
    needed_by: datetime | None = None


def tell(group_id: int, notice: Notice) -> int:
    """Email each manager of the group in the open transaction; how many there were.

    Only to addresses that are proven, of accounts that may sign in. With a
    `text` also by text, to those who gave consent to texts in their own profile.
    """
    parts = mail.compose(
        notice.paragraphs,
        action=(notice.button, f"{current_app.config['PUBLIC_URL']}{notice.path}"),
    )
    people = db.session.execute(
        select(User.id, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.group_id == group_id,
            Membership.part == Part.MANAGER,
            User.is_enabled.is_(True),
            User.email.is_not(None),
            User.email_verified_at.is_not(None),
        )
        .order_by(User.id)
    ).all()
    for user_id, email in people:
        messaging.write(
            Letter(
                channel=Channel.EMAIL,
                to=email or "",
                subject=notice.subject[:200],
                body=parts.text,
                html=parts.html,
                cause=notice.cause,
                recipient=f"user:{user_id}",
                purpose=PURPOSE,
                lane=queue.EMAIL,
            )
        )
    if notice.text:
        _text(group_id, notice)
    return len(people)


def _text(group_id: int, notice: Notice) -> None:
    needed_by = notice.needed_by or clock.now()
    quiet = current_app.config["QUIET_HOURS"]
    not_before = rest_until(clock.now(), notice.zone, quiet, needed_by)
    for volunteer in db.session.scalars(
        select(Volunteer)
        .join(Membership, Membership.user_id == Volunteer.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.group_id == group_id,
            Membership.part == Part.MANAGER,
            User.is_enabled.is_(True),
            Volunteer.erased_at.is_(None),
            Volunteer.phone.is_not(None),
            Volunteer.phone_verified_at.is_not(None),
            Volunteer.sms_consent_at.is_not(None),
        )
        .order_by(Volunteer.id)
    ).all():
        messaging.write(
            Letter(
                channel=Channel.SMS,
                to=volunteer.phone or "",
                body=notice.text,
                cause=f"{notice.cause}:sms",
                recipient=f"user:{volunteer.user_id}",
                purpose=PURPOSE,
                lane=queue.ORDINARY,
            ),
            volunteer_id=volunteer.id,
            not_before=not_before,
            deadline=needed_by,
        )
