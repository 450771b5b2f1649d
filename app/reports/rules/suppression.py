"""Numbers of people so small that they could point at one are not shown: pure.

The rule, as a reader is told it: a number from 1 to 4 reads "fewer than 5". Where
the sum of a line is shown beside its numbers, one number could be worked out by
subtraction; then another reads "not shown", the smallest first. A nought points at
nobody and stays.

The promise of `line`: whoever sees every number and the sum that are shown, and knows
this rule for single numbers, learns nothing more of a number than its words say: each
"fewer than 5" may still be any of 1, 2, 3 and 4. So what can be had by subtraction
stands for five people at least. Sources: the Government Statistical Service's guidance
on disclosure control of tables; NHS Digital's rule of small numbers is the same idea.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.foundation.sentences import N_

# The smallest number of people, but for none, that is told.
SMALLEST: Final = 5
_MOST_HIDDEN: Final = SMALLEST - 1


class Hidden(enum.Enum):
    """Why a number is not told, in the words that stand in its place."""

    FEW = N_("fewer than 5")
    WITHHELD = N_("not shown")

    def __str__(self) -> str:
        return self.value


# What a reader sees: the number itself, or words.
Shown = int | Hidden


@dataclass(frozen=True)
class Line:
    """The numbers of one line as they may be shown, in their order, and their sum."""

    numbers: tuple[Shown, ...]
    total: Shown

    @property
    def hides(self) -> bool:
        """Whether something is missing, so that the page says why."""
        return any(isinstance(one, Hidden) for one in (*self.numbers, self.total))


def alone(people: int) -> Shown:
    """A number of people whose parts, and whose whole, are shown nowhere."""
    if people < 0:
        raise ValueError("People are counted from nought.")
    return Hidden.FEW if 0 < people < SMALLEST else people


def line(people: Sequence[int]) -> Line:
    """Numbers of different people that add up to a sum which is shown with them.

    Nobody may be counted twice in it: where one person can stand under two headings,
    the sum of the line is another number than that of all people. The sum itself is
    hidden where it is small, or where nothing less would do.
    """
    shown: list[Shown] = [alone(one) for one in people]
    few = [one for one in people if 0 < one < SMALLEST]
    total = alone(sum(people))
    if not few or isinstance(total, Hidden):
        return Line(tuple(shown), total)
    withheld: list[int] = []
    # The smallest first; of equals, the later in the line.
    left = sorted(
        (place for place, one in enumerate(people) if one >= SMALLEST),
        key=lambda place: (people[place], -place),
    )
    while not tells_nothing(few, withheld):
        if not left:
            return Line(tuple(shown), Hidden.WITHHELD)
        place = left.pop(0)
        shown[place] = Hidden.WITHHELD
        withheld.append(people[place])
    return Line(tuple(shown), total)


def tells_nothing(few: Sequence[int], withheld: Sequence[int]) -> bool:
    """Whether each of the few may still be any of 1 to 4, given the sum of all hidden ones.

    The others of the few are 1 to 4 as well, and each that is withheld is 5 or more.
    """
    others, hidden = len(few) - 1, sum(few) + sum(withheld)
    least_of_rest = others + SMALLEST * len(withheld)
    may_be_four = hidden - _MOST_HIDDEN >= least_of_rest
    may_be_one = bool(withheld) or hidden - 1 <= _MOST_HIDDEN * others
    return may_be_four and may_be_one


def table(rows: Sequence[Sequence[int]]) -> tuple[tuple[Line, ...], Shown]:
    """Rows of a table whose sums are shown at their ends, and the sum of it all below.

    The sums of its columns must not be shown beside it: they would undo it. In a row
    whose own sum is hidden, every number but a nought is hidden too.
    """
    sums = line([sum(row) for row in rows])
    found = []
    for row, total in zip(rows, sums.numbers, strict=True):
        if isinstance(total, Hidden):
            numbers = tuple(
                0 if one == 0 else Hidden.FEW if one < SMALLEST else Hidden.WITHHELD for one in row
            )
            found.append(Line(numbers, total))
            continue
        own = line(row)
        # Its sum is in the column of sums already: where the row needs it hidden, all goes.
        found.append(own if own.total == total else _all_hidden(row, total))
    return tuple(found), sums.total


def _all_hidden(row: Sequence[int], total: int) -> Line:
    """A row that cannot be told in parts: only its sum is."""
    return Line(tuple(0 if one == 0 else Hidden.WITHHELD for one in row), total)


def beside(people: Shown, value: int) -> Shown:
    """Something else that these people did, such as minutes: told when their number is."""
    return Hidden.WITHHELD if isinstance(people, Hidden) else value


def words(number: Shown) -> str:
    """As it stands in a table: "1,204", "fewer than 5"."""
    return str(number) if isinstance(number, Hidden) else f"{number:,}"
