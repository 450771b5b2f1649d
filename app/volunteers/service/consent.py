"""What a person allows: per channel, with when and how we know."""

from __future__ import annotations

from datetime import datetime

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction
from app.volunteers.models import Channel, Consent, Volunteer
from app.volunteers.service.found import the_volunteer
from app.volunteers.service.opt_outs import is_opted_out, opt_in
from app.volunteers.service.profile import update


def give_consent(
    volunteer_id: int,
    channel: Channel,
    how: str,
    *,
    by_user_id: int | None = None,
    in_person: bool = False,
) -> None:
    """The volunteer allows us to write on the channel; the history notes how we know.

    `in_person` means that the volunteer did it here, signed in: it then lifts
    an opt-out of a verified email address. An opt-out of a phone is lifted by
    a START from that phone alone, since the carrier holds one too. Raises
    `Refusal` where there is no contact point, or an opt-out stands.
    """
    with transaction():
        volunteer = the_volunteer(volunteer_id)
        address = volunteer.phone if channel == Channel.SMS else volunteer.email
        if not address:
            words = N_("Give us an email address first.")
            if channel == Channel.SMS:
                words = N_("Give us a mobile number first.")
            raise Refusal(gettext(words), channel.value)
        if is_opted_out(channel, address):
            _lift(volunteer, channel, address, in_person)
        if _consent_at(volunteer, channel) is not None:
            return
        note_consent(volunteer, channel, clock.now(), how, by_user_id)


def _lift(volunteer: Volunteer, channel: Channel, address: str, in_person: bool) -> None:
    if channel == Channel.SMS:
        raise Refusal(
            gettext(
                "A text of STOP came from this phone. To get our texts again, "
                "send the word START from it to the number that texted you."
            ),
            channel.value,
        )
    if not (in_person and volunteer.email_verified_at):
        raise Refusal(
            gettext("This address asked us to stop. Only its owner can change that."), "email"
        )
    opt_in(channel, address)


def withdraw_consent(
    volunteer_id: int, channel: Channel, how: str, *, by_user_id: int | None = None
) -> None:
    """The volunteer no longer allows us to write on the channel; again is harmless."""
    with transaction():
        volunteer = the_volunteer(volunteer_id)
        if _consent_at(volunteer, channel) is not None:
            note_consent(volunteer, channel, None, how, by_user_id)


def set_contact_wishes(
    volunteer_id: int,
    how: str,
    *,
    sms_allowed: bool,
    email_allowed: bool,
    prefers: Channel,
    asks_per_week: int,
) -> None:
    """What a volunteer, signed in, ticked about being written to; all of it or nothing."""
    with transaction():
        for channel, allowed in ((Channel.SMS, sms_allowed), (Channel.EMAIL, email_allowed)):
            if allowed:
                give_consent(volunteer_id, channel, how, in_person=True)
            else:
                withdraw_consent(volunteer_id, channel, how)
        update(volunteer_id, prefers=prefers, asks_per_week=asks_per_week)


def _consent_at(volunteer: Volunteer, channel: Channel) -> datetime | None:
    return volunteer.sms_consent_at if channel == Channel.SMS else volunteer.email_consent_at


def note_consent(
    volunteer: Volunteer,
    channel: Channel,
    given_at: datetime | None,
    how: str,
    by_user_id: int | None,
) -> None:
    """Set or clear the moment of consent and write it in the history; asks nothing."""
    if channel == Channel.SMS:
        volunteer.sms_consent_at = given_at
    else:
        volunteer.email_consent_at = given_at
    db.session.add(
        Consent(
            volunteer_id=volunteer.id,
            channel=channel,
            given=given_at is not None,
            how=how[:200],
            by_user_id=by_user_id,
        )
    )
