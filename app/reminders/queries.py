"""Reads of reminders: the pulse, the hours' counts, and which one a reply answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import func, literal, select, true
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.rules.quiet import in_quiet_hours
from app.opportunities.models import Opportunity, Shift, Stage
from app.reminders.models import Outcome, Reminder, ReminderBeat, ReminderRound
from app.signups.models import Signup, Standing

# The sweep runs each minute; another worker takes over within seconds.
SILENT_AFTER: Final = timedelta(minutes=10)
# So long a reminder's answer is waited for.
ANSWER_EXPECTED: Final = timedelta(days=3)
# Texts that left within so short a time are answered by one OK.
AT_ONCE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Pulse:
    """Whether reminders are being written; each length is None where there is nothing to tell."""

    since_beat: timedelta | None  # since the sweep last ended; None: it has never run
    # How late the oldest round or row is that nobody has seen to, where it is not night.
    latest_is: timedelta | None

    @property
    def beats(self) -> bool:
        """Whether the sweep runs and what is due is written."""
        return (self.since_beat is None or self.since_beat <= SILENT_AFTER) and (
            self.latest_is is None or self.latest_is <= SILENT_AFTER
        )


def pulse() -> Pulse:
    """One small statement, whatever the number of shifts: it reads two partial indexes.

    What a zone's quiet hours hold back is not late, nor is it in the morning's first
    minutes, in which the sweep comes to it.
    """
    now = clock.now()
    open_ = (
        select(ReminderRound.zone, func.min(ReminderRound.due_at).label("due_at"))
        .where(ReminderRound.done_at.is_(None), ReminderRound.due_at <= now)
        .group_by(ReminderRound.zone)
        .subquery("open")
    )
    one = select(literal(1).label("one")).subquery("one")
    rows = db.session.execute(
        select(
            select(func.max(func.coalesce(ReminderBeat.ended_at, ReminderBeat.began_at)))
            .scalar_subquery()
            .label("beat"),
            select(func.min(Reminder.created_at))
            .where(Reminder.outcome == Outcome.DUE)
            .scalar_subquery()
            .label("taken_on_at"),
            open_.c.zone,
            open_.c.due_at,
        ).select_from(one.outerjoin(open_, true()))
    ).all()
    row = rows[0]
    waits = [each.due_at for each in rows if each.zone and not _was_night(each.zone, now)]
    if row.taken_on_at is not None and row.taken_on_at <= now:
        waits.append(row.taken_on_at)
    return Pulse(
        since_beat=now - row.beat if row.beat else None,
        latest_is=now - min(waits) if waits else None,
    )


def _was_night(zone: str, now: datetime) -> bool:
    """Whether it is quiet in a zone, or was until just now."""
    quiet = current_app.config["QUIET_HOURS"]
    return any(in_quiet_hours(at, zone, quiet) for at in (now - SILENT_AFTER, now))


@dataclass
class Hour:
    """The reminders that were due in one hour, from its beginning (UTC) on."""

    begins: datetime
    counts: dict[Outcome, int] = field(default_factory=dict)

    def number(self, *outcomes: Outcome) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in outcomes)

    @property
    def due(self) -> int:
        """All whom the hour's rounds were for."""
        return sum(self.counts.values())


def by_hour(since: datetime) -> list[Hour]:
    """What became of the reminders due since a moment, hour by hour, the latest first."""
    hours: dict[datetime, Hour] = {}
    for due_at, outcome, number in db.session.execute(
        select(Reminder.due_at, Reminder.outcome, func.count())
        .where(Reminder.due_at >= since)
        .group_by(Reminder.due_at, Reminder.outcome)
    ):
        begins = due_at.replace(minute=0, second=0, microsecond=0)
        hour = hours.setdefault(begins, Hour(begins))
        hour.counts[outcome] = hour.counts.get(outcome, 0) + number
    return sorted(hours.values(), key=lambda hour: hour.begins, reverse=True)


@dataclass(frozen=True)
class Asked:
    """What one text asked about, or some texts that left at nearly the same time."""

    signups: Sequence[Signup]
    texts: int  # how many told of them
    written_at: datetime


def waits_for_answer(
    volunteer_ids: Collection[int], before: datetime, *, or_answered: bool = False
) -> Asked | None:
    """The latest reminders by text to these people that have not been answered by OK yet.

    Only of shifts that are still to come, written in the last three days and before the
    moment at which the answer came in, and of the time that the shift has now: an OK to
    another time says nothing about this one. With `or_answered` one that was answered or
    that tells of an old time counts too, for somebody who cannot come.
    """
    of_this_time = [] if or_answered else [Reminder.revision == Shift.revision]
    rows = db.session.scalars(
        select(Reminder)
        .join(Reminder.signup)
        .join(Signup.shift)
        .where(
            Reminder.volunteer_id.in_(volunteer_ids),
            Reminder.written_at > before - ANSWER_EXPECTED,
            Reminder.written_at <= before,
            Reminder.outcome == Outcome.TEXT,
            Signup.standing == Standing.CONFIRMED,
            Shift.stage == Stage.PUBLISHED,
            Shift.ends_at > clock.now(),
            *of_this_time,
        )
        .options(
            joinedload(Reminder.signup)
            .joinedload(Signup.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group),
            joinedload(Reminder.signup).joinedload(Signup.shift).joinedload(Shift.site),
        )
        .order_by(Reminder.written_at.desc(), Reminder.id)
    ).all()
    open_ = [
        row
        for row in rows
        if or_answered
        or row.signup.assured_at is None
        or row.written_at is None
        or row.signup.assured_at < row.written_at
    ]
    if not open_ or open_[0].written_at is None:
        return None
    latest = open_[0].written_at
    these = [row for row in open_ if row.written_at and row.written_at > latest - AT_ONCE]
    signups = {row.signup_id: row.signup for row in these}
    return Asked(
        sorted(signups.values(), key=lambda one: one.shift.starts_at),
        len({row.cause for row in these}),
        latest,
    )
