"""What can be decided about somebody who no longer meets what their shift needs; pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from app.foundation.sentences import N_
from app.signups.rules import Exclusion

LONGEST_KEPT: Final = timedelta(days=366)

# No manager's word makes these safe: what is missing must be put right, or the person released.
NEVER_KEPT: Final = frozenset({Exclusion.NO_ADULT})

_SAID: Final = {
    Exclusion.TOO_YOUNG: "is too young for this now, or a parent’s consent is missing",
    Exclusion.NO_EMERGENCY: "is under 18 and names nobody to call in an emergency",
    Exclusion.SKILL: "does not have a skill that it needs",
    Exclusion.LANGUAGE: "does not speak a language that it needs",
    Exclusion.TRAINING: "does not have training that still holds on the day",
    Exclusion.DBS: "has no check that is high and recent enough on the day",
    Exclusion.DUTY: "no longer meets what their duty on the shift needs",
    Exclusion.INDUCTION: "has not done your induction",
    Exclusion.NO_ADULT: "is under 18, and no adult is coming",
}

_KINDLY: Final = {
    Exclusion.TOO_YOUNG: N_("This role now asks for another age, or for a parent’s consent"),
    Exclusion.NO_EMERGENCY: N_("We must know whom to call in an emergency before you come"),
    Exclusion.SKILL: N_("This role now needs a skill that is not in your profile"),
    Exclusion.LANGUAGE: N_("This role now needs a language that is not in your profile"),
    Exclusion.TRAINING: N_("This role needs training that holds on the day"),
    Exclusion.DBS: N_("This role needs a newer or higher DBS check on the day"),
    Exclusion.DUTY: N_("What you would do on this shift now asks for more"),
    Exclusion.INDUCTION: N_("This role now needs our induction first"),
    Exclusion.NO_ADULT: N_("No adult can be there, and we want you to be safe"),
}


def said(reason: Exclusion) -> str:
    """The reason after a person's name, to a manager."""
    return _SAID[reason]


def kindly(reason: Exclusion) -> str:
    """The reason as the person is told it when they are released, unless a manager says better."""
    return _KINDLY[reason]


def is_settled(keep_until: date | None, shift_day: date) -> bool:
    """Whether a decision to keep somebody covers a shift: until a day, that day included."""
    return keep_until is not None and shift_day <= keep_until
