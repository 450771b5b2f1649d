"""The sweep that reminds people of their shifts, and what they answer.

Everything is found in SQL and set by set: rounds that are due become one row for each of
their people by one INSERT ... SELECT, and those rows become messages some hundreds of
people at a time. A crash between the two loses nothing and doubles nothing: a row is
unique by sign-up, kind and revision, and turns to "written" in the very transaction that
puts its message in the ledger.

Lock: the people's rows in `reminder`, passing over those that another sweep holds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.flags import Flags
from app.foundation.transaction import transaction
from app.foundation.upsert import insert, insert_ignoring, rows_changed
from app.messaging import bulk
from app.messaging.models import WAITING, Message, State
from app.messaging.rules.quiet import in_quiet_hours
from app.opportunities.models import Shift, Stage
from app.reminders import letters, planning, rules
from app.reminders.models import (
    WRITTEN,
    Outcome,
    Reminder,
    ReminderBeat,
    ReminderRound,
)
from app.signups.models import Signup, Standing
from app.volunteers import reaching
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Lead

log = logging.getLogger(__name__)

BEAT: Final = "reminders"
WRITE: Final = "app.reminders.jobs.write"
# So long the schedule's thread writes, and so long a worker's job.
TURN_SECONDS: Final = 8.0
JOB_SECONDS: Final = 60.0
# So many people's reminders are written in one transaction.
PEOPLE_AT_ONCE: Final = 500
KEPT_FOR: Final = timedelta(days=90)


def sweep() -> int:
    """Plan, take on and write all that is due now; how many reminders were written.

    Harmless however often and by however many at once. In a zone's quiet hours its
    rounds wait, and are written in the morning if that is early enough for them.
    """
    since = _begin()
    planning.plan(since)
    missed = _take_on()
    written = write(TURN_SECONDS)
    _end()
    if written or missed:
        log.info("reminders: %d written, %d missed", written, missed)
    return written


def write(seconds: float) -> int:
    """Write what has been taken on, for so long at most; how many were written.

    The rest is left to a job on a worker: whoever holds the schedule has other tasks to run.
    """
    until = time.monotonic() + seconds
    written = 0
    while True:
        these, found = _write_some()
        written += these
        if not found:
            return written
        if time.monotonic() > until:
            queue.enqueue_once(WRITE, queue=queue.ORDINARY)
            return written


def _begin() -> datetime | None:
    """Note that the sweep runs; when it last began before."""
    now = clock.now()
    with transaction():
        before = db.session.scalar(
            select(ReminderBeat.began_at).where(ReminderBeat.name == BEAT).with_for_update()
        )
        statement = insert(ReminderBeat.__table__).values(created_at=now, name=BEAT, began_at=now)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["name"], set_={"began_at": statement.excluded.began_at}
            )
        )
        return before


def _end() -> None:
    with transaction():
        db.session.execute(
            update(ReminderBeat).where(ReminderBeat.name == BEAT).values(ended_at=clock.now())
        )


def _take_on() -> int:
    """One row for each person whom a due round is for; how many came too late.

    Of a person's other shifts on the same day the same text tells, so their rows
    are made as well, though their own rounds are due some hours later.
    """
    now = clock.now()
    quiet = current_app.config["QUIET_HOURS"]
    open_and_due = and_(ReminderRound.done_at.is_(None), ReminderRound.due_at <= now)
    with transaction():
        zones = db.session.scalars(select(ReminderRound.zone).where(open_and_due).distinct()).all()
        awake = [zone for zone in zones if not in_quiet_hours(now, zone, quiet)]
        too_late = and_(open_and_due, ReminderRound.last_call <= now)
        missed = _insert(Outcome.MISSED, too_late)
        in_time = and_(open_and_due, ReminderRound.last_call > now, ReminderRound.zone.in_(awake))
        _insert(Outcome.DUE, in_time)
        _insert(Outcome.DUE, _on_the_same_day(now))
        db.session.execute(
            update(ReminderRound)
            .where(or_(too_late, in_time))
            .values(done_at=now)
            .execution_options(synchronize_session=False)
        )
        other = aliased(Reminder)
        db.session.execute(
            update(Reminder)
            .where(Reminder.outcome == Outcome.DUE, Reminder.cause == "")
            .values(
                cause=literal("reminder:")
                + cast(
                    select(func.min(other.id))
                    .where(
                        other.volunteer_id == Reminder.volunteer_id,
                        other.outcome == Outcome.DUE,
                        other.lead == Reminder.lead,
                        other.day == Reminder.day,
                    )
                    .scalar_subquery(),
                    String,
                )
            )
            .execution_options(synchronize_session=False)
        )
        return missed


def _on_the_same_day(now: datetime) -> ColumnElement[bool]:
    """Rounds, of people taken on just now, that the same message may tell of."""
    first = aliased(Reminder)
    beside = exists().where(
        first.volunteer_id == Signup.volunteer_id,
        first.outcome == Outcome.DUE,
        first.lead == ReminderRound.lead,
        first.day == ReminderRound.day,
    )
    soon = or_(
        *(
            and_(
                ReminderRound.lead == literal(lead, Flags(Lead)),
                ReminderRound.due_at <= now + together,
            )
            for lead, together in rules.TOGETHER.items()
        )
    )
    return and_(ReminderRound.done_at.is_(None), ReminderRound.due_at > now, soon, beside)


def _insert(outcome: Outcome, which: ColumnElement[bool]) -> int:
    """Rows for the people of these rounds: who has a place, wishes it, and took it before."""
    may_text, may_email = map(reaching.is_told_of_own_shifts, (Channel.SMS, Channel.EMAIL))
    by_text = and_(may_text, or_(Volunteer.prefers == Channel.SMS, ~may_email))
    reached = (
        case((or_(may_text, may_email), literal(outcome.value)), else_=Outcome.UNREACHABLE.value)
        if outcome == Outcome.DUE
        else literal(outcome.value)
    )
    values: dict[str, Any] = {
        "created_at": literal(clock.now(), Reminder.created_at.type),
        "signup_id": Signup.id,
        "volunteer_id": Signup.volunteer_id,
        "lead": ReminderRound.lead,
        "revision": ReminderRound.revision,
        "day": ReminderRound.day,
        "due_at": ReminderRound.due_at,
        "outcome": reached,
        "by_text": by_text,
        "cause": literal(""),
    }
    made = db.session.execute(
        insert_ignoring(Reminder.__table__).from_select(
            list(values),
            select(*values.values())
            .select_from(ReminderRound)
            .join(Shift, Shift.id == ReminderRound.shift_id)
            .join(Signup, Signup.shift_id == Shift.id)
            .join(Volunteer, Volunteer.id == Signup.volunteer_id)
            .where(
                which,
                Shift.revision == ReminderRound.revision,
                Shift.stage == Stage.PUBLISHED,
                Signup.standing == Standing.CONFIRMED,
                Volunteer.erased_at.is_(None),
                Volunteer.reminders.bitwise_and(ReminderRound.lead) != 0,
                func.coalesce(Signup.confirmed_at, Signup.created_at) <= ReminderRound.fresh_from,
            )
            .order_by(Signup.volunteer_id, Signup.id),
        )
    )
    return rows_changed(made)


def _write_some() -> tuple[int, bool]:
    """Write the messages of the next few hundred people; how many, and whether any were found."""
    now = clock.now()
    with transaction():
        due = Reminder.outcome == Outcome.DUE
        people = (
            select(Reminder.volunteer_id)
            .where(due)
            .distinct()
            .order_by(Reminder.volunteer_id)
            .limit(PEOPLE_AT_ONCE)
        )
        found = db.session.scalars(
            select(Reminder)
            .where(due, Reminder.volunteer_id.in_(people))
            .order_by(Reminder.volunteer_id, Reminder.id)
            .with_for_update(skip_locked=True, of=Reminder)
        ).all()
        if not found:
            return 0, False
        still, gone = letters.read(found)
        bulk.write_many(letters.write(still, now))
        _settle([one.reminder.id for one in still], now, written=True)
        _settle(gone, now, written=False)
        return len(still), True


def _settle(ids: Sequence[int], now: datetime, *, written: bool) -> None:
    if not ids:
        return
    sent = case((Reminder.by_text, Outcome.TEXT.value), else_=Outcome.EMAIL.value)
    db.session.execute(
        update(Reminder)
        .where(Reminder.id.in_(ids))
        .values(
            outcome=sent if written else Outcome.OVERTAKEN.value,
            written_at=now if written else None,
        )
        .execution_options(synchronize_session=False)
    )


def hold_back(shift_id: int) -> int:
    """Cancel what is written and has not left, of people who have no place on the shift now.

    What also tells of another place that they still have goes all the same. In the open
    transaction of the change; one statement.
    """
    of_shift, other = aliased(Reminder), aliased(Reminder)
    has_place = aliased(Signup)
    held = db.session.execute(
        update(Message)
        .where(
            Message.purpose == letters.PURPOSE,
            Message.state.in_(WAITING),
            Message.cause.in_(
                select(of_shift.cause)
                .join(Signup, Signup.id == of_shift.signup_id)
                .where(
                    Signup.shift_id == shift_id,
                    Signup.standing != Standing.CONFIRMED,
                    of_shift.written_at > clock.now() - timedelta(days=1),
                )
            ),
            ~exists().where(
                other.cause == Message.cause,
                has_place.id == other.signup_id,
                has_place.standing == Standing.CONFIRMED,
            ),
        )
        .values(
            state=State.CANCELLED,
            reason="They had no place on the shift any more.",
            ended_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )
    return rows_changed(held)


def assure(told: Mapping[int, int]) -> int:
    """Note that people say they come; how many of these places still stood.

    `told` holds, for each sign-up, the shift's revision that they were told of: of one that
    has been moved since they know no more than the old time, and nothing is noted. They
    have not turned the time down.
    """
    if not told:
        return 0
    now = clock.now()
    as_told = (
        exists().where(
            Signup.id == signup_id,
            Shift.id == Signup.shift_id,
            Shift.revision == revision,
            Shift.ends_at > now,
            Shift.stage != Stage.CANCELLED,
        )
        for signup_id, revision in told.items()
    )
    with transaction():
        changed = db.session.execute(
            update(Signup)
            .where(
                Signup.id.in_(told),
                Signup.standing == Standing.CONFIRMED,
                or_(*as_told),
            )
            .values(
                assured_at=now,
                agreed_revision=case(told, value=Signup.id),
            )
            .execution_options(synchronize_session=False)
        )
        return rows_changed(changed)


def forget_old() -> None:
    """Let go of rounds and reminders of three months ago."""
    before = clock.now() - KEPT_FOR
    with transaction():
        for of in (Reminder, ReminderRound):
            db.session.execute(
                delete(of).where(of.due_at < before).execution_options(synchronize_session=False)
            )


__all__ = ["BEAT", "WRITTEN", "assure", "forget_old", "sweep"]
