"""What can be done about attendance and hours; each verb is one unit of work."""

from app.hours.service.attendance import (
    check_in,
    check_in_extra,
    check_out,
    correct,
    mark_due,
    mark_missing,
    say_when_left,
    take_planned_end,
    undo,
)
from app.hours.service.requests import ask, ask_to_correct, decide, take_back
from app.hours.service.walk_ins import newcomer, walk_in

__all__ = [
    "ask",
    "ask_to_correct",
    "check_in",
    "check_in_extra",
    "check_out",
    "correct",
    "decide",
    "mark_due",
    "mark_missing",
    "newcomer",
    "say_when_left",
    "take_back",
    "take_planned_end",
    "undo",
    "walk_in",
]
