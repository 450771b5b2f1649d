"""The asks themselves: whom, with which words, written to the ledger in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from app.broadcasts import rules
from app.broadcasts.models import Broadcast, BroadcastShift, Recipient
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.upsert import insert_ignoring, rows_changed
from app.matching.queries import Wish
from app.matching.queries.conditions import asked_this_week
from app.messaging import service as messaging
from app.messaging.models import ASK, Message, State
from app.messaging.queries import knows_how_to_stop
from app.messaging.rules import segments
from app.opportunities.models import Shift
from app.signups.letters import when
from app.signups.models import LIVE, Signup
from app.signups.rules import Exclusion
from app.volunteers.models import Channel, OptOut, Volunteer


def draft(shifts: Sequence[Shift], number: int) -> str:
    """A text that asks for these shifts, in plain letters."""
    first = min(shifts, key=lambda shift: shift.starts_at)
    titles = [shift.opportunity.title for shift in shifts]
    group, site = first.opportunity.group.name, first.site.name
    return segments.plain(rules.draft_text(group, titles, when(first), site, number))


def wish_of(broadcast: Broadcast, shifts: Sequence[Shift]) -> Wish:
    """What the broadcast asks of matching."""
    return Wish(
        shift_ids=[shift.id for shift in shifts],
        within_metres=broadcast.within_metres,
        also_needs=broadcast.also_needs,
        group_kinds=broadcast.group_kinds,
        not_asked_days=broadcast.not_asked_days,
        is_emergency=bool(broadcast.emergency_reason),
        refused=select(Recipient.volunteer_id).where(
            Recipient.answer == "no",
            Recipient.answered_at > clock.now() - timedelta(days=2),
            Recipient.broadcast_id.in_(_about_the_same(shifts)),
        ),
    )


def _about_the_same(shifts: Sequence[Shift]) -> Any:
    return select(BroadcastShift.broadcast_id).where(
        BroadcastShift.shift_id.in_([shift.id for shift in shifts])
    )


def leave_out(broadcast: Broadcast, shifts: Sequence[Shift]) -> int:
    """Exclude those not asked yet whom we may not ask any more; how many.

    Between the start and a wave people say STOP, withdraw their consent, take
    a rest, are erased, or take a place by themselves; they are asked by other
    requests, or say that they want to be asked less often.
    """
    opted_out = select(OptOut.address).where(
        OptOut.channel == Channel.SMS, OptOut.address.is_not(None)
    )
    on_a_shift = select(Signup.volunteer_id).where(
        Signup.shift_id.in_([shift.id for shift in shifts]), Signup.standing.in_(LIVE)
    )
    today = clock.today(shifts[0].site.zone)
    reasons: list[tuple[ColumnElement[bool], Exclusion]] = [
        (
            or_(Volunteer.phone.is_(None), Volunteer.sms_consent_at.is_(None)),
            Exclusion.NO_CONTACT,
        ),
        (Volunteer.phone.in_(opted_out), Exclusion.OPTED_OUT),
        (Volunteer.paused_until > today, Exclusion.PAUSED),
        (Volunteer.id.in_(on_a_shift), Exclusion.ALREADY_IN),
    ]
    if not broadcast.emergency_reason:
        often_enough = or_(Volunteer.asks_per_week == 0, Volunteer.id.in_(_asked_enough()))
        reasons.append((often_enough, Exclusion.ASKED_OFTEN))
    why = case(*((condition, reason.value) for condition, reason in reasons))
    changed = db.session.execute(
        update(Recipient)
        .where(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave.is_(None),
            Recipient.volunteer_id.in_(
                select(Volunteer.id).where(or_(*(condition for condition, _ in reasons)))
            ),
        )
        .values(
            excluded=select(why).where(Volunteer.id == Recipient.volunteer_id).scalar_subquery()
        )
        .execution_options(synchronize_session=False)
    )
    return rows_changed(changed)


def _asked_enough() -> Select[int]:
    """Who has been asked this week as often as they like, by all groups together."""
    asked, person = asked_this_week(clock.now()), aliased(Volunteer)
    return (
        select(person.id)
        .join(asked, asked.c.volunteer_id == person.id)
        .where(asked.c.times >= person.asks_per_week)
    )


def ask(broadcast: Broadcast, size: int) -> int:
    """Ask the next so many of the audience, best first; how many were asked.

    Three statements, however many people: the recipients are marked with the
    wave, the volunteers with the moment, and the messages are written from
    the marked rows.
    """
    now = clock.now()
    chosen = (
        select(Recipient.id)
        .where(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave.is_(None),
        )
        .order_by(Recipient.rank)
        .limit(size)
    )
    db.session.execute(
        update(Recipient)
        .where(Recipient.id.in_(chosen.scalar_subquery()))
        .values(wave=broadcast.wave, asked_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Volunteer)
        .where(
            Volunteer.id.in_(
                # Whoever takes a place at this moment holds their own row and may wait for
                # ours: waiting for them in turn would stop both. They are passed over.
                select(Volunteer.id)
                .where(
                    Volunteer.id.in_(
                        select(Recipient.volunteer_id).where(
                            Recipient.broadcast_id == broadcast.id,
                            Recipient.wave == broadcast.wave,
                        )
                    )
                )
                .with_for_update(skip_locked=True, key_share=True)
            )
        )
        .values(last_asked_at=now)
        .execution_options(synchronize_session=False)
    )
    values: dict[str, Any] = {
        "created_at": literal(now, Message.created_at.type),
        "channel": literal(Channel.SMS.value),
        "lane": literal(queue.URGENT),
        "cause": literal(f"broadcast:{broadcast.id}"),
        "recipient": literal("volunteer:") + cast(Volunteer.id, String),
        "purpose": literal(ASK),
        "volunteer_id": Volunteer.id,
        "run_id": literal(broadcast.run_id),
        "token": _random_token(),
        "to_address": Volunteer.phone,
        "subject": literal(""),
        **messaging.wording(broadcast.text, knows_how_to_stop(Volunteer.phone, now)),
        "is_service": literal(False),
        "state": literal(State.QUEUED.value),
        "reason": literal(""),
        "not_before": literal(now, Message.not_before.type),
        "deadline": literal(broadcast.deadline, Message.deadline.type),
        "attempts": literal(0),
        "carrier": literal(""),
    }
    written = db.session.execute(
        insert_ignoring(Message.__table__)
        .from_select(
            list(values),
            select(*values.values())
            .select_from(Recipient)
            .join(Volunteer, Volunteer.id == Recipient.volunteer_id)
            .where(
                Recipient.broadcast_id == broadcast.id,
                Recipient.wave == broadcast.wave,
                Volunteer.phone.is_not(None),
            )
            .order_by(Recipient.rank),
        )
        .returning(Message.__table__.c.id)
    ).all()
    messaging.nudge(queue.URGENT)
    return len(written)


def _random_token() -> ColumnElement[str]:
    """32 hexadecimal digits made by the database, another for each row."""
    if db.session.get_bind().dialect.name == "postgresql":
        return func.replace(cast(func.gen_random_uuid(), String), "-", "", type_=String)
    return literal_column("lower(hex(randomblob(16)))", String)
