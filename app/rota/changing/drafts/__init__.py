"""The kinds of change, each worked out into what happens to which shift; nothing is written here.

A draft is worked out twice from the same code: for the page that shows it, and
again, under locks, when it is applied.
"""

from app.rota.changing.drafts.closing import Close, Reopen, closed_words, closure_of
from app.rota.changing.drafts.one_shift import OneShift, ShiftValues, values_of_shift
from app.rota.changing.drafts.pattern import PatternValues, ThisAndLater, values_of_pattern
from app.rota.changing.drafts.shapes import Change, Conflict, Draft

__all__ = [
    "Change",
    "Close",
    "Conflict",
    "Draft",
    "OneShift",
    "PatternValues",
    "Reopen",
    "ShiftValues",
    "ThisAndLater",
    "closed_words",
    "closure_of",
    "values_of_pattern",
    "values_of_shift",
]
