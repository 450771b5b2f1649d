"""Writing to a group's managers about their shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import current_app
from sqlalchemy import select

from app.accounts.models import User
from app.foundation import queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.groups.models import Membership, Part
from app.messaging import service as messaging
from app.volunteers.models import Channel
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


def tell(group_id: int, notice: Notice) -> int:
    """Email each manager of the group in the open transaction; how many there were.

    Only to addresses that are proven, of accounts that may sign in.
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
    return len(people)
