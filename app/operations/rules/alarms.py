"""When a problem becomes an alarm, whom it is told and when it is over; see `decide`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.operations.rules.problems import Problem

WRONG_FOR: Final = timedelta(minutes=5)
WELL_FOR: Final = timedelta(minutes=5)
REMIND_EVERY: Final = timedelta(days=1)
# What comes and goes must be well for longer each time, up to 64 times as long.
MOST_DOUBLINGS: Final = 6

Key = tuple[str, str]  # kind and subject


@dataclass(frozen=True)
class Known:
    """An alarm that has not ended, as its row has it."""

    alarm_id: int
    kind: str
    subject: str
    began_at: datetime
    told_at: datetime | None = None  # when its beginning was told
    reminded_at: datetime | None = None
    well_since: datetime | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.subject


@dataclass(frozen=True)
class Decision:
    """What to write and what to tell; each list holds what the name says, once."""

    begin: tuple[Problem, ...] = ()  # seen for the first time: keep, tell nobody yet
    tell: tuple[int, ...] = ()
    remind: tuple[int, ...] = ()
    still_wrong: tuple[int, ...] = ()  # seemed well for a moment, and is not
    seems_well: tuple[int, ...] = ()  # since now
    end: tuple[int, ...] = ()  # over, and to be told
    drop: tuple[int, ...] = ()  # over before anybody was told: nobody need know


def decide(
    problems: Sequence[Problem],
    known: Sequence[Known],
    told_today: Mapping[Key, int],
    now: datetime,
) -> Decision:
    """What the problems of this moment make of the alarms that are open.

    A problem is told once it has lasted `WRONG_FOR` without a break of
    `WELL_FOR`, reminded of each day, and told to be over once it has been
    gone for `WELL_FOR`; twice as long for each time that the same was told
    within the last day before (`told_today` counts them, this one included).
    So one thing that flickers all day is told some ten times and no more.
    """
    wrong = {(problem.kind.value, problem.subject): problem for problem in problems}
    open_keys = {alarm.key for alarm in known}
    tell: list[int] = []
    remind: list[int] = []
    still_wrong: list[int] = []
    seems_well: list[int] = []
    end: list[int] = []
    drop: list[int] = []
    for alarm in known:
        if alarm.key in wrong:
            if alarm.well_since is not None:
                still_wrong.append(alarm.alarm_id)
            if alarm.told_at is None:
                if now - alarm.began_at >= WRONG_FOR:
                    tell.append(alarm.alarm_id)
            elif now - (alarm.reminded_at or alarm.told_at) >= REMIND_EVERY:
                remind.append(alarm.alarm_id)
        elif alarm.well_since is None:
            seems_well.append(alarm.alarm_id)
        elif now - alarm.well_since >= _well_for(told_today.get(alarm.key, 1)):
            (end if alarm.told_at else drop).append(alarm.alarm_id)
    return Decision(
        begin=tuple(problem for key, problem in wrong.items() if key not in open_keys),
        tell=tuple(tell),
        remind=tuple(remind),
        still_wrong=tuple(still_wrong),
        seems_well=tuple(seems_well),
        end=tuple(end),
        drop=tuple(drop),
    )


def _well_for(times_told: int) -> timedelta:
    doublings = min(max(times_told - 1, 0), MOST_DOUBLINGS)
    return WELL_FOR * (1 << doublings)
