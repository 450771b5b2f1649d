"""From the facts of this moment to what is wrong, in words; one table of limits.

A problem is what an alarm may be about. It is found as soon as it is seen;
whether it has lasted long enough to tell anybody is `alarms.decide`'s matter.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final


class Kind(enum.StrEnum):
    """What can be wrong."""

    SWEEP = "sweep"
    TASK = "task"
    WORKER = "worker"
    QUEUE = "queue"
    FAILURES = "failures"
    CARRIER = "carrier"
    UNCERTAIN = "uncertain"
    CONSERVATION = "conservation"
    REDIS = "redis"
    REPLIES = "replies"
    HELD = "held"
    REMINDERS = "reminders"


ANSWERS: Final = "answers"
EMAIL: Final = "email"
LANE_NAMES: Final = {
    "answers": "Answers to people",
    "urgent": "Urgent requests",
    "ordinary": "Other texts",
    "email": "Emails",
}

# The sweep runs every 15 seconds; another worker takes over within 30.
SWEEP_WITHIN: Final = timedelta(minutes=2)
# A person waits for an answer. Of the others a large request may rightly take hours, so
# they are late only when none of their kind leaves any more.
ANSWERS_WITHIN: Final = timedelta(minutes=2)
OTHERS_WITHIN: Final = timedelta(minutes=10)
# Of so many attempts at least, so large a share that failed.
FEWEST_ATTEMPTS: Final = 20
HIGH_SHARE: Final = 0.2
# The carrier's own list has been asked several times by then.
UNDECIDED_AFTER: Final = timedelta(minutes=30)
REPLIES_WITHIN: Final = timedelta(minutes=2)
HELD_FOR: Final = timedelta(hours=1)
REMINDERS_WITHIN: Final = timedelta(minutes=10)
# A task is overdue after so many of its pauses, or so long, whichever is more.
PAUSES_MISSED: Final = 10
OVERDUE_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class LaneFacts:
    """One lane: since when something is due, who serves it, whether its kind still leaves."""

    name: str
    waiting: int = 0
    oldest_due: timedelta | None = None
    workers: int = 1
    is_moving: bool = True


@dataclass(frozen=True)
class CarrierFacts:
    """One carrier's latest attempts, and why it rests, if it does."""

    name: str
    attempts: int = 0
    failing: int = 0
    last_error: str = ""
    resting_because: str = ""


@dataclass(frozen=True)
class TaskFacts:
    """One periodic task: its pause, since when it fails each time, since when it has not ended."""

    path: str
    name: str
    pause: timedelta
    failing_for: timedelta | None = None
    since_ended: timedelta | None = None


@dataclass(frozen=True)
class Facts:
    """How the service is at this moment."""

    since_sweep: timedelta | None = timedelta(0)  # nothing: it has never run
    lanes: tuple[LaneFacts, ...] = ()
    carriers: tuple[CarrierFacts, ...] = ()
    tasks: tuple[TaskFacts, ...] = ()
    undecided: int = 0  # uncertain for longer than UNDECIDED_AFTER
    breaches: int = 0
    redis_answers: bool = True
    replies_waited: timedelta | None = None  # the oldest reply that no rule has read yet
    held_for: timedelta | None = None
    # Since the reminders' sweep last ended, and how late the oldest is that nobody has written.
    since_reminders: timedelta | None = None
    reminders_late: timedelta | None = None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: facts only, no person's name, number or words."""

    kind: Kind
    subject: str  # which lane, carrier or task; empty where there is only one
    sentence: str
    advice: str


def problems(facts: Facts) -> list[Problem]:
    """Everything that is wrong, what matters most first."""
    return [
        *_schedule(facts),
        *_redis(facts),
        *_lanes(facts),
        *_carriers(facts),
        *_people_wait(facts),
        *_books(facts),
        *_tasks(facts),
    ]


def _schedule(facts: Facts) -> Iterator[Problem]:
    if facts.since_sweep is None or facts.since_sweep > SWEEP_WITHIN:
        when = (
            f"has not run for {spoken(facts.since_sweep)}"
            if facts.since_sweep is not None
            else "has never run"
        )
        yield Problem(
            Kind.SWEEP,
            "",
            f"The sweep, which finds forgotten work, {when}.",
            "Look whether a worker runs. A task that hangs holds up the others: restart the "
            "worker that holds the schedule.",
        )


def _redis(facts: Facts) -> Iterator[Problem]:
    if not facts.redis_answers:
        yield Problem(
            Kind.REDIS,
            "",
            "Redis does not answer. Nothing is lost, but messages leave late and slowly.",
            "Start Redis again. The sweep then finds all that waits.",
        )


def _lanes(facts: Facts) -> Iterator[Problem]:
    if facts.lanes and not any(lane.workers for lane in facts.lanes):
        yield Problem(
            Kind.WORKER,
            "",
            "No worker is running. Messages wait, and texts that come in are not read.",
            "Start two: python worker.py --queues answers,email and python worker.py",
        )
        return
    for lane in facts.lanes:
        name = LANE_NAMES.get(lane.name, lane.name)
        if not lane.workers:
            yield Problem(
                Kind.WORKER,
                lane.name,
                f"No worker serves the lane “{name}”.",
                f"Start one: python worker.py --queues {lane.name}",
            )
        elif facts.held_for is None and _is_late(lane):
            yield Problem(
                Kind.QUEUE,
                lane.name,
                f"“{name}” has waited for {spoken(lane.oldest_due or timedelta())}: "
                f"{_counted(lane.waiting, 'message')} in the lane.",
                "See on the operations page why they wait. If a worker is stuck, restart it.",
            )


def _is_late(lane: LaneFacts) -> bool:
    if lane.oldest_due is None:
        return False
    if lane.name == ANSWERS:
        return lane.oldest_due > ANSWERS_WITHIN
    return lane.oldest_due > OTHERS_WITHIN and not lane.is_moving


def _carriers(facts: Facts) -> Iterator[Problem]:
    for carrier in facts.carriers:
        if carrier.resting_because:
            yield Problem(
                Kind.CARRIER,
                carrier.name,
                f"The carrier {carrier.name} is resting: {carrier.resting_because}",
                "New messages go to the other carrier, if there is one. Look at the carrier's "
                "own status page.",
            )
        elif (
            carrier.attempts >= FEWEST_ATTEMPTS and carrier.failing >= HIGH_SHARE * carrier.attempts
        ):
            last = f" The last reason: {carrier.last_error}" if carrier.last_error else ""
            yield Problem(
                Kind.FAILURES,
                carrier.name,
                f"{carrier.failing} of the last {carrier.attempts} attempts at {carrier.name} "
                f"failed.{last}",
                "Look at the carrier's own status page, at our account there and at its "
                "settings here.",
            )


def _people_wait(facts: Facts) -> Iterator[Problem]:
    if facts.replies_waited is not None and facts.replies_waited > REPLIES_WITHIN:
        yield Problem(
            Kind.REPLIES,
            "",
            f"Texts that came in have not been read for {spoken(facts.replies_waited)}.",
            "Look whether a worker serves the lane “Answers to people”, and at its log.",
        )
    if facts.since_reminders is not None and facts.since_reminders > REMINDERS_WITHIN:
        yield Problem(
            Kind.REMINDERS,
            "",
            f"Nobody has looked for {spoken(facts.since_reminders)} whom to remind of a shift.",
            "Look whether a worker runs, and at the log of the one that holds the schedule. "
            "What is still of use is written as soon as it runs again.",
        )
    elif facts.reminders_late is not None and facts.reminders_late > REMINDERS_WITHIN:
        yield Problem(
            Kind.REMINDERS,
            "",
            "Reminders of shifts have been due and not written for "
            f"{spoken(facts.reminders_late)}.",
            "The log of the worker that holds the schedule has the cause. At night they wait "
            "for the morning.",
        )
    if facts.undecided:
        many = "message has" if facts.undecided == 1 else "messages have"
        yield Problem(
            Kind.UNCERTAIN,
            "",
            f"{facts.undecided:,} {many} been uncertain for more than "
            f"{spoken(UNDECIDED_AFTER)}, and nobody has decided.",
            "Decide on the page Messages: check, send again or leave.",
        )
    if facts.held_for is not None and facts.held_for > HELD_FOR:
        yield Problem(
            Kind.HELD,
            "",
            f"All sending has been paused for {spoken(facts.held_for)}.",
            "Press “Go on sending” on the operations page when the reason is over.",
        )


def _books(facts: Facts) -> Iterator[Problem]:
    if facts.breaches:
        many = "request" if facts.breaches == 1 else "requests"
        yield Problem(
            Kind.CONSERVATION,
            "",
            f"The numbers of {facts.breaches:,} urgent {many} do not add up: the people asked "
            "are not as many as their messages.",
            "Somebody may not have been asked, or twice. The operations page names the requests; "
            "tell the developers.",
        )


def _tasks(facts: Facts) -> Iterator[Problem]:
    for task in facts.tasks:
        allowed = max(PAUSES_MISSED * task.pause, OVERDUE_AFTER)
        if task.failing_for is not None:
            yield Problem(
                Kind.TASK,
                task.path,
                f"“{task.name}” has failed each time for {spoken(task.failing_for)}.",
                "The log of the worker that holds the schedule has the cause.",
            )
        elif task.since_ended is not None and task.since_ended > allowed:
            yield Problem(
                Kind.TASK,
                task.path,
                f"“{task.name}” has not ended for {spoken(task.since_ended)}.",
                "It may hang: restart the worker that holds the schedule.",
            )


def spoken(length: timedelta) -> str:
    """ "40 seconds", "5 minutes", "3 hours", "2 days"."""
    seconds = max(0, round(length.total_seconds()))
    for unit, size, limit in (
        ("second", 1, 90),
        ("minute", 60, 90 * 60),
        ("hour", 3600, 36 * 3600),
    ):
        if seconds < limit:
            return _counted(round(seconds / size), unit)
    return _counted(round(seconds / 86400), "day")


def how_often(pause: timedelta) -> str:
    """ "every 15 seconds", "every minute", "every 2 hours", "every day"."""
    seconds = max(1, round(pause.total_seconds()))
    unit, size = next(
        (unit, size)
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
        if seconds % size == 0
    )
    number = seconds // size
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
