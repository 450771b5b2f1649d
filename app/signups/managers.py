"""Writing to a group's managers about their shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy import and_, case, select

from app.accounts.models import User
from app.foundation import clock, languages, queue
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
    # When it must be known (a text leaves at night where the morning is too late), and
    # from when on it is no news any more.
    needed_by: datetime | None = None
    deadline: datetime | None = None


@languages.in_english
def tell(group_id: int, notice: Notice) -> int:
    """Email each manager of the group in the open transaction; how many there were.

    Only to addresses that are proven, of accounts that may sign in. With a
    `text` also by text, to the `numbers` of those who have one.
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
    text(
        group_id,
        body=notice.text,
        cause=f"{notice.cause}:sms",
        purpose=PURPOSE,
        zone=notice.zone,
        needed_by=notice.needed_by or clock.now(),
        deadline=notice.deadline,
    )


@dataclass(frozen=True)
class Number:
    """Where a manager gets texts; `volunteer_id` where they give time as well."""

    user_id: int
    phone: str
    volunteer_id: int | None


def numbers(group_id: int) -> list[Number]:
    """Where the managers of a group are texted about its shifts, each once, in order.

    That is the proven phone of the account: most managers have no profile as a
    volunteer, and whoever answers for a shift must hear that it is not safe.
    Without one, it is the proven phone of their profile, where they allow
    texts. Whoever has a phone there and does not allow texts gets none; and
    what goes to a phone that sent STOP the ledger holds back.
    """
    rows = db.session.execute(
        select(
            User.id,
            case((User.phone_verified_at.is_not(None), User.phone)).label("account"),
            Volunteer.id.label("volunteer_id"),
            Volunteer.phone,
            Volunteer.phone_verified_at,
            Volunteer.sms_consent_at,
        )
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(Volunteer, and_(Volunteer.user_id == User.id, Volunteer.erased_at.is_(None)))
        .where(
            Membership.group_id == group_id,
            Membership.part == Part.MANAGER,
            User.is_enabled.is_(True),
        )
        .order_by(User.id)
    )
    found = []
    for row in rows:
        if row.phone and row.sms_consent_at is None:
            continue
        phone = row.account or (row.phone if row.phone_verified_at else None)
        if phone:
            found.append(Number(row.id, phone, row.volunteer_id))
    return found


def text(
    group_id: int,
    *,
    body: str,
    cause: str,
    purpose: str,
    zone: str,
    needed_by: datetime,
    deadline: datetime | None = None,
) -> int:
    """One text to each of a group's `numbers`, in the open transaction; how many.

    At night in `zone` it rests until the morning, unless that is too late for
    `needed_by`; past `deadline`, else past `needed_by`, it is never sent.
    """
    not_before = rest_until(clock.now(), zone, current_app.config["QUIET_HOURS"], needed_by)
    written = 0
    for number in numbers(group_id):
        made = messaging.write(
            Letter(
                channel=Channel.SMS,
                to=number.phone,
                body=body,
                cause=cause,
                recipient=f"user:{number.user_id}",
                purpose=purpose,
                lane=queue.ORDINARY,
            ),
            volunteer_id=number.volunteer_id,
            not_before=not_before,
            deadline=deadline or needed_by,
        )
        written += made is not None
    return written
