"""How the service is at this moment: the same figures for the page and for the alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import func, select

from app.foundation import clock, queue, schedule
from app.foundation.extensions import db
from app.foundation.health import WORKER_SILENT_AFTER, WorkerHeartbeat
from app.foundation.schedule import SCHEDULE, PeriodicTask, ScheduleLease
from app.inbox.models import Reply, ReplyState
from app.messaging import figures, holding
from app.messaging.carriers.smtp import SmtpCarrier
from app.messaging.figures import Counts, Queued
from app.messaging.holding import SendingHold
from app.messaging.models import Message, State
from app.messaging.queries import stands
from app.operations import words
from app.operations.models import ConservationBreach
from app.operations.queries import carriers
from app.operations.queries.carriers import CarrierSeen
from app.operations.queries.jobs import RedisSeen, redis_seen
from app.operations.rules.problems import (
    UNDECIDED_AFTER,
    CarrierFacts,
    Facts,
    LaneFacts,
    TaskFacts,
)
from app.reminders import queries as reminders

SWEEP: Final = "app.messaging.jobs.sweep"
# Whoever sends at all has sent something within so long.
MOVING_WITHIN: Final = timedelta(minutes=5)
# A worker that was killed is shown for so long.
WORKERS_SHOWN_FOR: Final = timedelta(hours=1)
# Longer than any request to a carrier may take.
SENDING_TOO_LONG: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Worker:
    """A worker process that was heard from within the last hour."""

    name: str
    at: datetime
    serves: list[str]
    is_alive: bool
    holds_the_schedule: bool


@dataclass(frozen=True)
class Task:
    """A periodic task and how it has gone."""

    path: str
    name: str
    pause: timedelta
    began_at: datetime | None
    ended_at: datetime | None
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True)
class Moment:
    """Everything that the page shows and the alarms judge by."""

    at: datetime
    counts: Counts
    queued: Sequence[Queued]
    oldest_due: dict[str, datetime]
    workers: Sequence[Worker]
    schedule_is_held: bool
    tasks: Sequence[Task]
    carriers: Sequence[CarrierSeen]
    redis: RedisSeen | None
    hold: SendingHold | None
    undecided: int
    leases_run_out: int
    sending_too_long: int
    breaches: int
    replies_new: int
    replies_new_since: datetime | None
    replies_for_a_person: int
    reminders: reminders.Pulse

    def workers_of(self, lane: str) -> int:
        """How many workers that are alive serve a lane."""
        return sum(worker.is_alive and lane in worker.serves for worker in self.workers)

    def is_moving(self, lane: str) -> bool:
        """Whether something of the lane's kind, text or email, has left lately."""
        return any(
            carrier.figures.last_attempt_at is not None
            and carrier.figures.last_attempt_at > self.at - MOVING_WITHIN
            for carrier in self.carriers
            if (carrier.name == SmtpCarrier.name) == (lane == queue.EMAIL)
        )


def read() -> Moment:
    """Read this moment: fourteen statements, and a few words with Redis."""
    now = clock.now()
    row = db.session.execute(_single_figures(now)).one()
    queued = figures.queued()
    return Moment(
        at=now,
        counts=figures.counts(),
        queued=queued,
        oldest_due=figures.oldest_due(queued),
        workers=_workers(now, row.holder if row.until and row.until > now else None),
        schedule_is_held=row.until is not None and row.until > now,
        tasks=_tasks(),
        carriers=carriers.seen(),
        redis=redis_seen(),
        hold=holding.current(),
        undecided=row.undecided,
        leases_run_out=row.leases_run_out,
        sending_too_long=row.sending_too_long,
        breaches=row.breaches,
        replies_new=row.replies_new,
        replies_new_since=row.replies_new_since,
        replies_for_a_person=row.replies_for_a_person,
        reminders=reminders.pulse(),
    )


def _single_figures(now: datetime) -> Any:
    messages = select(func.count()).select_from(Message)
    replies = select(func.count()).select_from(Reply)
    lease = ScheduleLease.name == SCHEDULE
    return select(
        select(ScheduleLease.holder).where(lease).scalar_subquery().label("holder"),
        select(ScheduleLease.until).where(lease).scalar_subquery().label("until"),
        messages.where(stands(State.UNCERTAIN), Message.sending_at < now - UNDECIDED_AFTER)
        .scalar_subquery()
        .label("undecided"),
        messages.where(stands(State.LEASED), Message.lease_until < now)
        .scalar_subquery()
        .label("leases_run_out"),
        messages.where(stands(State.SENDING), Message.sending_at < now - SENDING_TOO_LONG)
        .scalar_subquery()
        .label("sending_too_long"),
        select(func.count())
        .select_from(ConservationBreach)
        .where(ConservationBreach.mended_at.is_(None))
        .scalar_subquery()
        .label("breaches"),
        replies.where(Reply.state == ReplyState.NEW).scalar_subquery().label("replies_new"),
        select(func.min(Reply.created_at))
        .where(Reply.state == ReplyState.NEW)
        .scalar_subquery()
        .label("replies_new_since"),
        replies.where(Reply.state == ReplyState.WAITING)
        .scalar_subquery()
        .label("replies_for_a_person"),
    )


def _workers(now: datetime, holder: str | None) -> list[Worker]:
    rows = db.session.scalars(
        select(WorkerHeartbeat)
        .where(WorkerHeartbeat.at > now - WORKERS_SHOWN_FOR)
        .order_by(WorkerHeartbeat.name)
        .execution_options(populate_existing=True)
    )
    return [
        Worker(
            name=row.name,
            at=row.at,
            serves=row.serves,
            is_alive=row.at > now - WORKER_SILENT_AFTER,
            holds_the_schedule=row.name == holder,
        )
        for row in rows
    ]


def _tasks() -> list[Task]:
    known = {
        row.path: row
        for row in db.session.scalars(
            select(PeriodicTask).execution_options(populate_existing=True)
        )
    }
    found = []
    for task in schedule.registered(current_app).values():
        row = known.get(task.path)
        found.append(
            Task(
                path=task.path,
                name=words.task_name(task.path),
                pause=task.pause,
                began_at=row.began_at if row else None,
                ended_at=row.ended_at if row else None,
                failures=row.failures if row else 0,
                failing_since=row.failing_since if row else None,
            )
        )
    return sorted(found, key=lambda task: (task.pause, task.name))


def facts(moment: Moment) -> Facts:
    """What of a moment the rules judge by."""
    now = moment.at

    def since(at: datetime | None) -> timedelta | None:
        return None if at is None else now - at

    sweep = next((task.ended_at for task in moment.tasks if task.path == SWEEP), None)
    return Facts(
        since_sweep=since(sweep),
        lanes=tuple(
            LaneFacts(
                name=lane,
                waiting=moment.counts.waiting(lane),
                oldest_due=since(moment.oldest_due.get(lane)),
                workers=moment.workers_of(lane),
                is_moving=moment.is_moving(lane),
            )
            for lane in queue.QUEUES
        ),
        carriers=tuple(
            CarrierFacts(
                name=words.CARRIER_NAMES.get(carrier.name, carrier.name),
                attempts=carrier.figures.attempts,
                failing=carrier.figures.failing,
                last_error=carrier.figures.last_error,
                resting_because=carrier.resting_because,
            )
            for carrier in moment.carriers
        ),
        tasks=tuple(
            TaskFacts(
                path=task.path,
                name=task.name,
                pause=task.pause,
                failing_for=since(task.failing_since),
                since_ended=since(task.ended_at),
            )
            for task in moment.tasks
            if task.path != SWEEP or task.failing_since is not None
        ),
        undecided=moment.undecided,
        breaches=moment.breaches,
        redis_answers=moment.redis is not None,
        replies_waited=since(moment.replies_new_since),
        held_for=since(moment.hold.created_at) if moment.hold else None,
        since_reminders=moment.reminders.since_beat,
        reminders_late=moment.reminders.latest_is,
    )
