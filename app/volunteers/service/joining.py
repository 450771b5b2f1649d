"""A person signs up: an account and a profile at once, silent until a code proves the address."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy import update as sql_update

from app.accounts import service as accounts
from app.accounts.models import User
from app.foundation import clock
from app.foundation import languages as our_languages
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places import locate_postcode
from app.foundation.transaction import transaction
from app.volunteers.models import Channel, Consent, GroupVolunteer, Volunteer
from app.volunteers.service.consent import note_consent
from app.volunteers.service.group_lists import same_person
from app.volunteers.service.profile import attach_contact_point, place_at
from app.volunteers.vocabulary import Activity, AgeBand, Language, Skill

HOW: Final = "ticked at sign-up"
FORGET_AFTER: Final = timedelta(days=7)


def sign_up(
    name: str,
    contact: str,
    postcode: str,
    *,
    interests: Activity = Activity(0),
    skills: Skill = Skill(0),
    languages: Language = Language(0),
    age_band: AgeBand = AgeBand.NOT_TOLD,
    may_ask: bool = False,
) -> tuple[User, Channel]:
    """Make an account with a profile and send a code to the one contact point.

    `contact` is a mobile number or an email address; with `may_ask` the person
    allows to be asked there when help is needed. The profile has no
    contact point before the code is typed, so nobody can have a stranger
    texted. The answer is the same when the address has an account already:
    its owner is told instead. Raises `Refusal` beside `name`, `contact` or
    `postcode`.
    """
    channel = Channel.EMAIL if "@" in contact else Channel.SMS
    place = locate_postcode(postcode)
    try:
        with transaction():
            user = accounts.create_user(
                name,
                email=contact if channel == Channel.EMAIL else None,
                phone=contact if channel == Channel.SMS else None,
            )
            volunteer = Volunteer(
                user_id=user.id,
                name=user.name,
                interests=interests,
                skills=skills,
                languages=languages,
                age_band=age_band,
                prefers=channel,
                # They read this page in it.
                language=our_languages.present(),
            )
            place_at(volunteer, place)
            db.session.add(volunteer)
            db.session.flush()
            if may_ask:
                note_consent(volunteer, channel, clock.now(), HOW, user.id)
            accounts.send_verification(user, channel)
    except Refusal as refusal:
        field = "contact" if refusal.field in ("email", "phone") else refusal.field
        raise Refusal(refusal.sentence, field) from None
    return user, channel


def start(user: User, postcode: str) -> Volunteer:
    """Give somebody who has an account already a volunteer's profile; again is harmless."""
    place = locate_postcode(postcode)
    with transaction():
        found = db.session.scalar(select(Volunteer).where(Volunteer.user_id == user.id))
        if found is not None:
            return found
        volunteer = Volunteer(user_id=user.id, name=user.name, language=our_languages.present())
        place_at(volunteer, place)
        db.session.add(volunteer)
        db.session.flush()
        for channel, address, verified_at in (
            (Channel.SMS, user.phone, user.phone_verified_at),
            (Channel.EMAIL, user.email, user.email_verified_at),
        ):
            if address and verified_at:
                attach_contact_point(volunteer.id, channel, address, verified=True)
        volunteer.prefers = Channel.SMS if volunteer.phone else Channel.EMAIL
        return volunteer


def adopt_contact_point(user: User, channel: str, address: str) -> None:
    """An account's contact point was proven: its volunteer has it too.

    The first one may show that a group had put this person on its list
    before: same name, same address, no account yet. Then that row is theirs,
    and what they said today counts.
    """
    volunteer = db.session.scalar(select(Volunteer).where(Volunteer.user_id == user.id))
    if volunteer is None:
        return
    on = Channel(channel)
    if volunteer.phone is None and volunteer.email is None:
        number, email = (address, None) if on == Channel.SMS else (None, address)
        earlier = same_person(volunteer.name, number, email)
        if earlier is not None and earlier.user_id is None and earlier.id != volunteer.id:
            volunteer = _merge(volunteer, earlier)
    attach_contact_point(volunteer.id, on, address, verified=True)


def release_contact_point(user: User, channel: str, address: str) -> None:
    """An account's contact point was taken off: its volunteer is not written to there."""
    volunteer = db.session.scalar(select(Volunteer).where(Volunteer.user_id == user.id))
    if volunteer is None:
        return
    if channel == Channel.EMAIL and volunteer.email == address:
        volunteer.email = volunteer.email_verified_at = None
    elif channel == Channel.SMS and volunteer.phone == address:
        volunteer.phone = volunteer.phone_verified_at = None


def _merge(fresh: Volunteer, earlier: Volunteer) -> Volunteer:
    """Keep the earlier row, which groups know, with what was said in the fresh one."""
    user_id, fresh.user_id = fresh.user_id, None
    db.session.flush()
    earlier.user_id = user_id
    earlier.name = fresh.name
    earlier.interests |= fresh.interests
    earlier.skills |= fresh.skills
    earlier.languages |= fresh.languages
    earlier.language = fresh.language
    if fresh.age_band != AgeBand.NOT_TOLD:
        earlier.age_band = fresh.age_band
    for field in ("postcode", "latitude", "longitude", "east", "north", "cell"):
        setattr(earlier, field, getattr(fresh, field))
    db.session.execute(
        sql_update(Consent).where(Consent.volunteer_id == fresh.id).values(volunteer_id=earlier.id)
    )
    for channel in Channel:
        said = getattr(fresh, f"{channel.value}_consent_at")
        if said is None and getattr(earlier, f"{channel.value}_consent_at") is not None:
            note_consent(earlier, channel, None, "not ticked at sign-up", user_id)
        setattr(earlier, f"{channel.value}_consent_at", said)
    db.session.delete(fresh)
    db.session.flush()
    return earlier


def forget_unfinished() -> None:
    """Delete the profiles of sign-ups whose code was never typed, after a week."""
    with transaction():
        db.session.execute(
            delete(Volunteer).where(
                Volunteer.phone.is_(None),
                Volunteer.email.is_(None),
                Volunteer.erased_at.is_(None),
                Volunteer.created_at < clock.now() - FORGET_AFTER,
                Volunteer.id.not_in(select(GroupVolunteer.volunteer_id)),
                Volunteer.user_id.is_(None)
                | Volunteer.user_id.not_in(
                    select(User.id).where(
                        User.email_verified_at.is_not(None) | User.phone_verified_at.is_not(None)
                    )
                ),
            )
        )
