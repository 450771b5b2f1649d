"""What kinds of errand there are; the features above say so, each in its `setup`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.errands.models import Errand
from app.errands.pen import Pen

# Does the work about one row. It calls `pen.finish` inside the transaction that makes the
# work count, and raises `Refusal` for what a person can mend.
Work = Callable[[Errand, Pen], None]


@dataclass(frozen=True)
class Kind:
    """One kind of errand, and how it is spoken of."""

    name: str
    noun: str  # "Your import of 2:02pm"
    work: Work
    result: Callable[[Errand], str]  # the address of what came of it
    button: str  # what is to be seen there
    again: Callable[[Errand], str]  # where one begins anew


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; again is harmless."""
    _kinds[kind.name] = kind


def of(errand: Errand) -> Kind:
    return _kinds[errand.kind]
