"""The row that a verb is about, or the sentence that it is gone."""

from __future__ import annotations

from sqlalchemy import select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.volunteers.models import GroupVolunteer, Volunteer


def the_volunteer(volunteer_id: int) -> Volunteer:
    """The volunteer. Raises `Refusal` for one who is not there or was erased."""
    volunteer = db.session.get(Volunteer, volunteer_id)
    if volunteer is None or volunteer.erased_at is not None:
        raise Refusal(gettext("This person is no longer with us."))
    return volunteer


def own_volunteer(group_id: int, volunteer_id: int) -> Volunteer:
    """A volunteer whose profile this group may see. Raises `Refusal` for any other."""
    link = db.session.scalar(
        select(GroupVolunteer).where(
            GroupVolunteer.group_id == group_id, GroupVolunteer.volunteer_id == volunteer_id
        )
    )
    if link is None or not link.sees_profile:
        raise Refusal("This person is not one of your group's volunteers.")
    return the_volunteer(volunteer_id)
