"""A message to many: drafted, looked at, sent once, held and stopped.

Locks, always in this order: the group's row, so that two messages of one group count one
another; then the message's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import cast, func, insert, literal, select
from sqlalchemy.orm import joinedload

from app.accounts import audit
from app.foundation import clock, languages
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.model import BigId
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging import bulk
from app.messaging import service as messaging
from app.messaging.models import RunState
from app.rosters import audience
from app.rosters.models import RosterMessage, RosterRecipient, Scope
from app.rosters.rules import MOST_A_DAY, Reach, text_of
from app.volunteers.models import Channel, Volunteer
from app.web import mail

PURPOSE: Final = "roster"
# News to a group is of no use for longer than this.
_USEFUL_FOR: Final = timedelta(days=2)


def draft(group_id: int, user_id: int, said: Mapping[str, Any]) -> RosterMessage:
    """Keep a message that is not sent yet; `said` are the columns that the form has filled."""
    with transaction():
        message = RosterMessage(group_id=group_id, by_user_id=user_id, **said)
        db.session.add(message)
        db.session.flush()
        return message


def change(group_id: int, message_id: int, said: Mapping[str, Any]) -> None:
    """Change a draft. Raises `Refusal` when it has been sent meanwhile."""
    with transaction():
        message = _locked(group_id, message_id)
        if message.sent_at is not None:
            raise Refusal("This message has been sent already, so it cannot be changed.")
        for name, value in said.items():
            setattr(message, name, value)


def sent_lately(group_id: int) -> int:
    """How many messages the group has sent in the last 24 hours."""
    return (
        db.session.scalar(
            select(func.count()).where(
                RosterMessage.group_id == group_id,
                RosterMessage.sent_at > clock.now() - timedelta(days=1),
            )
        )
        or 0
    )


def send(group_id: int, message_id: int, user_id: int, *, although_many: bool = False) -> bool:
    """Write the message to all whom it reaches; False when it had been sent already.

    `although_many` says that the sender knows of those sent today. Raises `Refusal` when
    they do not, when nobody is reached, and when what it is about is over.
    """
    with transaction():
        db.session.execute(select(Group.id).where(Group.id == group_id).with_for_update())
        message = _locked(group_id, message_id)
        if message.sent_at is not None:
            return False
        if sent_lately(group_id) >= MOST_A_DAY and not although_many:
            raise Refusal(
                f"Your group has sent {MOST_A_DAY} messages or more since yesterday. "
                "Tick the box if this one must go as well.",
                "although_many",
            )
        deadline = _deadline(message)
        if deadline <= clock.now():
            raise Refusal("What this message is about is over.")
        message.sent_at = clock.now()
        run = messaging.start_run(deadline)
        message.run_id = run.id
        people = audience.people(message).subquery()
        db.session.execute(
            insert(RosterRecipient).from_select(
                ["created_at", "roster_message_id", "volunteer_id", "reach"],
                select(
                    literal(clock.now(), RosterRecipient.created_at.type),
                    cast(literal(message.id), BigId),
                    people.c.id,
                    people.c.reach,
                ),
            )
        )
        reached = (
            select(Volunteer.id)
            .select_from(RosterRecipient)
            .join(Volunteer, Volunteer.id == RosterRecipient.volunteer_id)
            .where(
                RosterRecipient.roster_message_id == message.id,
                RosterRecipient.reach == Reach.WRITTEN,
            )
        )
        written = 0
        # The group's own words stay; ours around them are in each reader's language.
        codes = db.session.scalars(reached.with_only_columns(Volunteer.language).distinct()).all()
        for code in sorted(codes):
            with languages.speaking(code):
                written += bulk.write_to_all(
                    _letter(message, deadline),
                    reached.where(Volunteer.language == code).order_by(Volunteer.id),
                    audience.address(message),
                    run_id=run.id,
                )
        if not written:
            raise Refusal("Nobody can be reached this way. See below why.")
        audit.record(
            "sent message to roster",
            subject=message,
            group_id=group_id,
            actor_id=user_id,
            people=written,
            channel=message.channel.value,
        )
        return True


def _letter(message: RosterMessage, deadline: datetime) -> bulk.Circular:
    by_text = message.channel == Channel.SMS
    group = message.group.name
    parts = None if by_text else email_of(message)
    return bulk.Circular(
        channel=message.channel,
        cause=f"roster:{message.id}",
        purpose=PURPOSE,
        body=text_of(group, message.body) if parts is None else parts.text,
        html=parts.html if parts else None,
        subject=message.subject,
        deadline=deadline,
    )


def email_of(message: RosterMessage) -> mail.Mail:
    """The email as it is sent: the message's own paragraphs, and who it is from."""
    paragraphs = [" ".join(one.split()) for one in message.body.split("\n\n") if one.strip()]
    url = f"{current_app.config['PUBLIC_URL']}/my/shifts"
    return mail.compose(
        paragraphs,
        action=(gettext("See your shifts"), url),
        closing=gettext("%(group)s, through Many Hands", group=message.group.name),
    )


def _deadline(message: RosterMessage) -> datetime:
    """Until when it may leave: while what it is about is not over."""
    now = clock.now()
    if message.scope == Scope.SHIFT:
        return message.shift.ends_at if message.shift else now
    if message.scope == Scope.DAY:
        return audience.day_of(message.site, message)[1] if message.site else now
    return now + _USEFUL_FOR


def steer(group_id: int, message_id: int, state: RunState) -> int:
    """Let a message that is leaving pause, go on or stop; how many a stop held back.

    A stopped one stays so. Raises `Refusal` for one that was never sent.
    """
    with transaction():
        message = _locked(group_id, message_id)
        if message.run is None:
            raise Refusal("This message has not been sent.")
        if message.run.state == RunState.STOPPED:
            return 0
        held = messaging.set_run(message.run.id, state)
        audit.record(
            "steered message to roster", subject=message, group_id=group_id, state=state.value
        )
        return held


def drop(group_id: int, message_id: int) -> None:
    """Throw a draft away. Raises `Refusal` for one that has been sent."""
    with transaction():
        message = _locked(group_id, message_id)
        if message.sent_at is not None:
            raise Refusal("This message has been sent already, so it is kept.")
        db.session.delete(message)


def _locked(group_id: int, message_id: int) -> RosterMessage:
    message = db.session.scalar(
        select(RosterMessage)
        .where(RosterMessage.id == message_id, RosterMessage.group_id == group_id)
        .options(joinedload(RosterMessage.group))
        .with_for_update(of=RosterMessage)
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise Refusal("This message does not exist any more.")
    return message
