"""Where the lines of an axis stand, and how much room words take: pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_STEPS: Final = (1, 2, 2.5, 5, 10)


def ticks(most: float, about: int = 4) -> Sequence[int]:
    """Round whole numbers from 0 to the first that is not below `most`; some `about` many.

    ticks(87) is 0, 25, 50, 75, 100.
    """
    if most <= 0:
        return (0, 1)
    rough = most / about
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    steps = (int(power * one) for one in _STEPS if power * one == int(power * one))
    step = next(one for one in steps if one >= rough)
    return range(0, step * math.ceil(most / step) + 1, step)


def width_of(words: str, size: int) -> float:
    """How wide a line of words is, in the units of its size; rather too much than too little."""
    return sum(_letter(one) for one in words) * size


def _letter(one: str) -> float:
    if one in " .,:;'’|il1fjt":
        return 0.4
    if one in "mwMW%@" or one.isupper():
        return 0.85 if one in "mwMW%@" else 0.7
    return 0.6


def shortened(words: str, size: int, room: float) -> str:
    """The words, cut with "…" where they are wider than the room."""
    if width_of(words, size) <= room:
        return words
    kept = words
    while kept and width_of(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(words: str, size: int, room: float) -> list[str]:
    """The words on one line or, where they are too wide for it, on two; cut where even that is."""
    if width_of(words, size) <= room or " " not in words.strip():
        return [shortened(words, size, room)]
    first, rest = "", words.split()
    while rest and width_of(f"{first} {rest[0]}".strip(), size) <= room:
        first = f"{first} {rest.pop(0)}".strip()
    if not first:
        first = rest.pop(0)
    return [shortened(line, size, room) for line in (first, " ".join(rest)) if line]
