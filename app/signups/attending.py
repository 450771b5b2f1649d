"""That somebody with a place came, and how long they stayed; for whoever keeps the times.

The caller has locked the sign-up's shift (`rows.with_shift`) in the open
transaction, and says what the minutes are.
"""

from __future__ import annotations

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.opportunities.models import Shift
from app.signups.models import OCCUPYING, Signup, Standing, Way
from app.signups.rows import note, place_is_gone


def attend(
    signup: Signup, shift: Shift, minutes: int, *, way: Way, by_user_id: int | None = None
) -> None:
    """Note that the person was there for so many minutes; again only changes the minutes.

    Unlike `service.mark` it may come before the shift begins: people are
    early. Raises `Refusal` for a sign-up without a place.
    """
    if signup.standing not in (*OCCUPYING, Standing.EXCUSED):
        raise Refusal(gettext("This person has no place on the shift."))
    if signup.standing == Standing.EXCUSED and place_is_gone(signup, shift):
        raise Refusal(gettext("Their place has been given to somebody else."))
    _become(signup, Standing.ATTENDED, minutes, way, by_user_id)


def not_attend(
    signup: Signup, standing: Standing, *, way: Way, by_user_id: int | None = None
) -> None:
    """Take back that the person was there: CONFIRMED, as before, or NO_SHOW.

    Raises `Refusal` for a sign-up without a place.
    """
    if standing not in (Standing.CONFIRMED, Standing.NO_SHOW):
        raise ValueError(f"{standing} is no way to take an attendance back.")
    if signup.standing not in OCCUPYING:
        raise Refusal(gettext("This person has no place on the shift."))
    _become(signup, standing, None, way, by_user_id)


def _become(
    signup: Signup, standing: Standing, minutes: int | None, way: Way, by_user_id: int | None
) -> None:
    before, signup.standing = signup.standing, standing
    signup.attended_minutes = minutes
    db.session.flush()
    if before != standing:
        note(signup, before, way, by_user_id)
