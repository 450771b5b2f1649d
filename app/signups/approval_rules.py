"""How long somebody waits for a manager's yes, what happens then, and what needs no look; pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.foundation.sentences import N_
from app.opportunities.policies import Approves, Unanswered


@dataclass(frozen=True)
class Clock:
    """When the managers are reminded of an application, and when its time is up."""

    remind_at: datetime
    due_at: datetime


def clock_for(asked_at: datetime, starts_at: datetime, days: int) -> Clock:
    """An answer comes within so many days, and never later than half-way to the shift.

    All moments are aware. The managers are reminded when half of the time is over.
    """
    time_left = max(starts_at - asked_at, timedelta(0))
    given = min(timedelta(days=days), time_left / 2)
    return Clock(asked_at + given / 2, asked_at + given)


class Verdict(enum.StrEnum):
    """What becomes of an application whose time is up."""

    GIVE = "give"
    DECLINE = "decline"
    QUEUE = "queue"  # it fits, yet every place is taken: there is nothing to decide


def when_time_is_up(
    unanswered: Unanswered, *, is_open: bool, fits: bool, has_room: bool
) -> Verdict:
    """What the role says for this case; a place is only given to somebody who may have it."""
    if not is_open or not fits:
        return Verdict.DECLINE
    if not has_room:
        return Verdict.QUEUE
    return Verdict.GIVE if unanswered == Unanswered.GIVE else Verdict.DECLINE


@dataclass(frozen=True, kw_only=True)
class History:
    """What a group knows of a person who asks for a place on one of its roles."""

    shifts_attended: int = 0  # of this group
    # The last word of its managers on this person for this role: yes, no, or nothing yet.
    last_answer: bool | None = None
    was_listed: bool = False  # a manager put them on the list
    is_trained: bool = False  # holds the training that the role names as enough, on the day
    is_checked: bool = False  # this group has seen the check that the role asks for


def approving_rule(rules: Approves, history: History, after: int) -> Approves | None:
    """The first of the role's rules that says yes to this person; None when none does.

    Where the managers' last word was no, no rule speaks over it.
    """
    if history.last_answer is False:
        return None
    speaks = {
        Approves.BEFORE: history.last_answer is True,
        Approves.REGULAR: history.shifts_attended >= after,
        Approves.TRAINED: history.is_trained,
        Approves.CHECKED: history.is_checked,
        Approves.LISTED: history.was_listed,
    }
    return next((rule for rule, yes in speaks.items() if yes and rule in rules), None)


def because(rule: Approves) -> str:
    """Why nobody had to look, said to the person: kept as it stands, put into their language
    where it is shown."""
    return {
        Approves.BEFORE: N_("The group has said yes to you for this role before."),
        Approves.REGULAR: N_("You have come to this group’s shifts before."),
        Approves.TRAINED: N_("You have done the training that this role asks for."),
        Approves.CHECKED: N_("The group has seen your DBS check."),
        Approves.LISTED: N_("The group’s managers know you."),
    }[rule]
