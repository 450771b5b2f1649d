"""How places on a role are given where a manager says yes first; pure."""

from __future__ import annotations

import enum
from typing import Final, Self

from app.foundation.errors import Refusal
from app.foundation.flags import Vocabulary
from app.volunteers.vocabulary import DbsLevel, Training

# Nobody who asks for a place waits longer for an answer than the role says, or than this.
MOST_ANSWER_DAYS: Final = 14
MOST_SHIFTS_BEFORE: Final = 50


class Unanswered(enum.StrEnum):
    """What becomes of somebody who asked for a place when nobody has answered in time."""

    GIVE = "give"
    DECLINE = "decline"


class Approves(Vocabulary):
    """What speaks for a yes by itself, without a manager's look."""

    BEFORE = 1
    REGULAR = 2
    TRAINED = 4
    CHECKED = 8
    LISTED = 16

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {
            cls(1): "We have said yes to them for this role before",
            cls(2): "They have come to enough of our shifts",
            cls(4): "They have done the training that we name below",
            cls(8): "We have seen the DBS check that this role asks for",
            cls(16): "A manager put them on our list",
        }


def check_policy(
    answer_days: int, approves: Approves, after: int, training: Training, dbs_level: DbsLevel
) -> None:
    """Raise `Refusal`, naming the field, for rules that could never say yes or never end."""
    if not 1 <= answer_days <= MOST_ANSWER_DAYS:
        raise Refusal(f"Give a number of days from 1 to {MOST_ANSWER_DAYS}.", "answer_days")
    if not 1 <= after <= MOST_SHIFTS_BEFORE:
        raise Refusal(f"Give a number of shifts from 1 to {MOST_SHIFTS_BEFORE}.", "approves_after")
    if Approves.TRAINED in approves and not training:
        raise Refusal("Choose the training that is enough for a yes.", "approves_training")
    if Approves.CHECKED in approves and dbs_level == DbsLevel.NONE:
        raise Refusal(
            "This role asks for no DBS check, so a check cannot be what counts.", "approves"
        )
