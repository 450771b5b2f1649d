"""A volunteer comes to be and tells us more."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypedDict, Unpack

from flask import current_app
from sqlalchemy import select

from app.accounts.rules import acceptable_name, email_address
from app.foundation import clock, phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places import Place, locate_postcode
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.volunteers.models import Channel, DatesAway, Volunteer
from app.volunteers.rules import MOST_ASKS, months_later
from app.volunteers.service.found import the_volunteer
from app.volunteers.service.opt_outs import restore_addresses
from app.volunteers.vocabulary import (
    EVERY_TIME,
    Activity,
    AgeBand,
    Language,
    Lead,
    Skill,
    Transport,
)

LONGEST_PAUSE_MONTHS: Final = 24
MOST_DATES_AWAY: Final = 50
FARTHEST_METRES: Final = 160_934  # a hundred miles


class Told(TypedDict, total=False):
    """What a volunteer may tell us of themselves with `update`."""

    travel_metres: int
    transport: Transport
    interests: Activity
    skills: Skill
    languages: Language
    free_times: int
    age_band: AgeBand
    guardian_name: str
    guardian_phone: str
    guardian_agrees: bool
    emergency_name: str
    emergency_phone: str
    prefers: Channel
    asks_per_week: int
    reminders: Lead
    language: str


def create(
    name: str,
    postcode: str | Place,
    *,
    mobile: str | None = None,
    email: str | None = None,
    user_id: int | None = None,
    **told: Unpack[Told],
) -> Volunteer:
    """A new volunteer, not yet verified and not yet consenting to anything.

    Two people may share a phone or an email address. Raises `Refusal` for no
    contact point, or one that is not right.
    """
    name = acceptable_name(name)
    number = phone.parse(mobile) if mobile else None
    address = email_address(email) if email else None
    if not (number or address):
        raise Refusal(gettext("Give a mobile number or an email address."), "phone")
    # Before the transaction: it may ask a server elsewhere.
    place = locate_postcode(postcode) if isinstance(postcode, str) else postcode
    with transaction():
        volunteer = Volunteer(name=name, phone=number, email=address, user_id=user_id)
        volunteer.prefers = Channel.SMS if number else Channel.EMAIL
        place_at(volunteer, place)
        _tell(volunteer, told)
        db.session.add(volunteer)
        db.session.flush()
        _restore_opt_outs(volunteer)
    return volunteer


def update(volunteer_id: int, **told: Unpack[Told]) -> None:
    """Keep what the volunteer told us. Raises `Refusal` for what cannot be."""
    with transaction():
        _tell(the_volunteer(volunteer_id), told)


def rename(volunteer_id: int, name: str) -> None:
    """The volunteer goes by another name."""
    name = acceptable_name(name)
    with transaction():
        the_volunteer(volunteer_id).name = name


def _tell(volunteer: Volunteer, told: Told) -> None:
    changes: dict[str, Any] = dict(told)
    for field in ("guardian_name", "emergency_name"):
        if field in changes:
            changes[field] = _short(changes[field], field)
    for field in ("guardian_phone", "emergency_phone"):
        if field in changes:
            changes[field] = _any_phone(changes[field], field)
    if "travel_metres" in told and not 0 < told["travel_metres"] <= FARTHEST_METRES:
        raise Refusal(gettext("Enter a distance from 1 to 100 miles."), "miles")
    if "asks_per_week" in told and not 0 <= told["asks_per_week"] <= MOST_ASKS:
        raise Refusal(
            gettext("Choose a number from 0 to %(most)s.", most=MOST_ASKS), "asks_per_week"
        )
    if "free_times" in told:
        changes["free_times"] = told["free_times"] & EVERY_TIME
    if (agrees := changes.pop("guardian_agrees", None)) is not None:
        if not agrees:
            volunteer.guardian_consent_at = None
        elif volunteer.guardian_consent_at is None:
            volunteer.guardian_consent_at = clock.now()
    for field, value in changes.items():
        setattr(volunteer, field, value)
    if volunteer.age_band == AgeBand.ADULT and "age_band" in told:
        # A guardian's details are kept only while a rule needs them.
        volunteer.guardian_name = volunteer.guardian_phone = ""
        volunteer.guardian_consent_at = None


def _short(text: str, field: str) -> str:
    words = " ".join(text.split())
    if len(words) > 100:
        raise Refusal(gettext("Use 100 letters or fewer."), field)
    return words


def _any_phone(text: str, field: str) -> str:
    """A phone to call: a landline will do."""
    if not text.strip():
        return ""
    digits = "".join(character for character in text if character.isdigit() or character == "+")
    if not 10 <= len(digits.removeprefix("+")) <= 15:
        raise Refusal(gettext("Enter a phone number, like 01509 000000 or 07700 900123."), field)
    return digits


def move_to(volunteer_id: int, postcode: str) -> None:
    """The volunteer now starts from this postcode. Raises `Refusal` for one not known."""
    place = locate_postcode(postcode)
    with transaction():
        place_at(the_volunteer(volunteer_id), place)


def place_at(volunteer: Volunteer, place: Place) -> None:
    """Set the columns that say where the volunteer starts from."""
    volunteer.postcode = place.label if len(place.label) <= 8 else ""
    volunteer.latitude, volunteer.longitude = place.latitude, place.longitude
    volunteer.east, volunteer.north, volunteer.cell = place.east, place.north, place.cell


def attach_contact_point(
    volunteer_id: int, channel: Channel, address: str, *, verified: bool
) -> None:
    """Make this the volunteer's phone (E.164) or email address.

    Consent stays: it is the person's, not the number's. An opt-out of the
    new address that survived an erasure holds again.
    """
    now = clock.now() if verified else None
    with transaction():
        volunteer = the_volunteer(volunteer_id)
        if channel == Channel.SMS:
            if volunteer.phone != address or verified:
                volunteer.phone_verified_at = now
            volunteer.phone = address
        else:
            if volunteer.email != address or verified:
                volunteer.email_verified_at = now
            volunteer.email = address
        _restore_opt_outs(volunteer)


def _restore_opt_outs(volunteer: Volunteer) -> None:
    if volunteer.phone:
        restore_addresses(Channel.SMS, [volunteer.phone])
    if volunteer.email:
        restore_addresses(Channel.EMAIL, [volunteer.email])


def pause(volunteer_id: int, until: date) -> None:
    """Ask for nothing until that day, which is the first on which we may ask again."""
    today = clock.today(current_app.config["TIMEZONE"])
    if until <= today:
        raise Refusal(gettext("Choose a day that is still to come."), "until")
    if until > months_later(today, LONGEST_PAUSE_MONTHS):
        raise Refusal(gettext("A pause can be two years at most."), "until")
    with transaction():
        the_volunteer(volunteer_id).paused_until = until


def unpause(volunteer_id: int) -> None:
    """We may ask again; harmless when there was no pause."""
    with transaction():
        the_volunteer(volunteer_id).paused_until = None


def add_dates_away(volunteer_id: int, first_day: date, last_day: date) -> None:
    """The volunteer cannot help on these days, first and last included; said twice is once."""
    if last_day < first_day:
        raise Refusal(gettext("The last day must be the first day or later."), "last_day")
    if last_day < clock.today(current_app.config["TIMEZONE"]):
        raise Refusal(gettext("These days are over already."), "last_day")
    with transaction():
        the_volunteer(volunteer_id)
        known = db.session.execute(
            select(DatesAway.first_day, DatesAway.last_day).where(
                DatesAway.volunteer_id == volunteer_id
            )
        ).all()
        if (first_day, last_day) in known:
            return
        if len(known) >= MOST_DATES_AWAY:
            raise Refusal(gettext("That is a lot of dates. Use a pause, or remove some first."))
        db.session.add(DatesAway(volunteer_id=volunteer_id, first_day=first_day, last_day=last_day))


def remove_dates_away(volunteer_id: int, dates_away_id: int) -> None:
    """Forget one stretch of the volunteer's own dates; harmless when it is gone."""
    with transaction():
        row = db.session.get(DatesAway, dates_away_id)
        if row is not None and row.volunteer_id == volunteer_id:
            db.session.delete(row)
