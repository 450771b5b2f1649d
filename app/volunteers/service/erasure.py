"""A person asks to be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, select, update

from app.accounts import audit
from app.accounts.models import User
from app.accounts.service.people import keep_one_administrator
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.languages import ENGLISH
from app.foundation.transaction import transaction
from app.groups import service as groups
from app.volunteers.models import (
    Channel,
    Consent,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    InductionTick,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.service.found import the_volunteer
from app.volunteers.vocabulary import Activity, AgeBand, Language, Skill, Transport

ERASED_NAME: Final = "Erased volunteer"

# Called with the volunteer, whole still, inside the transaction: features
# above withdraw live sign-ups and blank the addresses that they keep.
erasers: Final[list[Callable[[Volunteer], None]]] = []


def erase(volunteer_id: int, *, by_user_id: int | None = None) -> None:
    """Forget who the volunteer is; keep that they gave time, and that they opted out.

    Sign-ups stay for the record, without the name. An opt-out stays as a
    hash, so that an import of the same address finds it. The volunteer's
    account stays: see `close_account`.
    """
    with transaction():
        volunteer = the_volunteer(volunteer_id)
        # The highest feature first: what it writes in parting is blanked by those below.
        for eraser in reversed(erasers):
            eraser(volunteer)
        phone, email = volunteer.phone, volunteer.email
        for kept in (DatesAway, DbsCheck, TrainingRecord, InductionTick, GroupVolunteer):
            db.session.execute(delete(kept).where(kept.volunteer_id == volunteer_id))
        # A row of a spreadsheet is named in how we knew; what was allowed when is kept.
        db.session.execute(
            update(Consent).where(Consent.volunteer_id == volunteer_id).values(how="erased")
        )
        _forget(volunteer)
        db.session.flush()
        _hash_only(Channel.SMS, phone)
        _hash_only(Channel.EMAIL, email)
        audit.record("erased volunteer", subject=volunteer, actor_id=by_user_id)


def close_account(user_id: int) -> None:
    """Delete a user's account with the volunteer's profile behind it.

    Raises `Refusal` for a group's only manager and for the last
    administrator, who must hand over first.
    """
    with transaction():
        user = db.session.get_one(User, user_id)
        keep_one_administrator(user)
        groups.leave_every_group(user_id)
        volunteer = db.session.scalar(select(Volunteer).where(Volunteer.user_id == user_id))
        if volunteer is not None:
            erase(volunteer.id, by_user_id=user_id)
        audit.record("closed account", actor_id=user_id)
        db.session.flush()
        # Rows elsewhere that name the user as the one who did something lose the name.
        db.session.delete(user)


def _forget(volunteer: Volunteer) -> None:
    volunteer.name = ERASED_NAME
    volunteer.user_id = None
    volunteer.phone = volunteer.phone_verified_at = None
    volunteer.email = volunteer.email_verified_at = None
    volunteer.postcode = ""
    volunteer.latitude = volunteer.longitude = 0.0
    volunteer.east = volunteer.north = volunteer.cell = 0
    volunteer.transport, volunteer.interests = Transport(0), Activity(0)
    volunteer.skills, volunteer.languages = Skill(0), Language(0)
    volunteer.language = ENGLISH
    volunteer.free_times = 0
    volunteer.age_band = AgeBand.NOT_TOLD
    volunteer.guardian_name = volunteer.guardian_phone = ""
    volunteer.guardian_consent_at = None
    volunteer.emergency_name = volunteer.emergency_phone = ""
    volunteer.sms_consent_at = volunteer.email_consent_at = None
    volunteer.paused_until = None
    volunteer.erased_at = clock.now()


def _hash_only(channel: Channel, address: str | None) -> None:
    """Keep the opt-out's hash alone, unless somebody else shares the address."""
    if address is None:
        return
    column = Volunteer.phone if channel == Channel.SMS else Volunteer.email
    if db.session.scalar(select(Volunteer.id).where(column == address).limit(1)) is None:
        db.session.execute(
            update(OptOut)
            .where(OptOut.channel == channel, OptOut.address == address)
            .values(address=None)
        )
