"""A volunteer says on a page that they come to the shift on which they have a place."""

from __future__ import annotations

from typing import Final

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction
from app.opportunities.models import Stage
from app.signups.assuring_rules import asks_if_coming
from app.signups.models import Signup, Standing
from app.signups.rows import live, locked

NOT_NOTED: Final = N_("We have not noted that you are coming. Below you can see how it stands.")


def assure(shift_id: int, volunteer_id: int, revision: int) -> bool:
    """Note that the volunteer comes; whether they were shown the shift as it is now.

    `revision` is the shift's when the page was made: of one that was moved since they know
    no more than the old time, and nothing is noted. Saying it twice is harmless. Raises
    `Refusal` without a place, and once the shift is over or cancelled: their page is old.
    """
    with transaction():
        shifts = locked([shift_id])
        signup = live([shift_id], volunteer_id)
        if not shifts or signup is None or signup.standing != Standing.CONFIRMED:
            raise Refusal(gettext(NOT_NOTED))
        shift = shifts[0]
        if shift.revision != revision:
            return False
        if shift.ends_at <= clock.now() or shift.stage == Stage.CANCELLED:
            raise Refusal(gettext(NOT_NOTED))
        signup.agreed_revision = shift.revision
        signup.assured_at = clock.now()
        return True


def is_assured(signup: Signup) -> bool:
    """Whether they have said that they come, at the time that the shift has now."""
    return signup.assured_at is not None and signup.agreed_revision >= signup.shift.revision


def is_asked(signup: Signup) -> bool:
    """Whether the page asks them to say that they come."""
    return (
        signup.standing == Standing.CONFIRMED
        and not is_assured(signup)
        and asks_if_coming(clock.now(), signup.shift.starts_at, signup.confirmed_at)
    )
