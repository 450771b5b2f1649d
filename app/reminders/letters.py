"""From reminders that are due to the texts and emails that tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation import languages, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import gettext, ngettext
from app.messaging.bulk import Addressed
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.reminders import links, rules
from app.reminders.models import Reminder
from app.signups import letters as of_signups
from app.signups.models import Signup, Standing
from app.volunteers.models import Channel, Volunteer
from app.web import mail

PURPOSE: Final = "reminder"


@dataclass(frozen=True)
class Told:
    """One reminder with what it is about, as it stands now."""

    reminder: Reminder
    signup: Signup
    shift: Shift
    duty: str
    volunteer: Volunteer


def read(reminders: Sequence[Reminder]) -> tuple[list[Told], list[int]]:
    """What the reminders are about; and the ids of those that are about nothing any more.

    Three statements, however many.
    """
    signups = {
        signup.id: signup
        for signup in db.session.scalars(
            select(Signup)
            .where(Signup.id.in_([one.signup_id for one in reminders]))
            .options(
                joinedload(Signup.volunteer),
                joinedload(Signup.slot).joinedload(Slot.duty),
            )
        )
    }
    shifts = {
        shift.id: shift
        for shift in db.session.scalars(
            select(Shift)
            .where(Shift.id.in_({signup.shift_id for signup in signups.values()}))
            .options(
                joinedload(Shift.opportunity).joinedload(Opportunity.group),
                joinedload(Shift.site),
            )
        )
    }
    still, gone = [], []
    for one in reminders:
        signup = signups[one.signup_id]
        shift = shifts[signup.shift_id]
        if (
            signup.standing == Standing.CONFIRMED
            and shift.stage == Stage.PUBLISHED
            and shift.revision == one.revision
        ):
            duty = signup.slot.duty.name if signup.slot else ""
            still.append(Told(one, signup, shift, duty, signup.volunteer))
        else:
            gone.append(one.id)
    return still, gone


def write(told: Iterable[Told], now: datetime) -> list[Addressed]:
    """The messages: one for those that have the same cause, in the order of the shifts."""
    by_cause = sorted(told, key=lambda one: (one.reminder.cause, one.shift.starts_at))
    return [
        _letter(list(of_one), now)
        for _, of_one in groupby(by_cause, key=lambda one: one.reminder.cause)
    ]


@languages.in_language_of(lambda told, now: told[0].volunteer.language)
def _letter(told: Sequence[Told], now: datetime) -> Addressed:
    first = told[0]
    zone, quiet = first.shift.site.zone, current_app.config["QUIET_HOURS"]
    letter = (
        Letter(
            channel=Channel.SMS,
            to=first.volunteer.phone or "",
            body=rules.text_of(tuple(place_of(one) for one in told), languages.present()),
            cause=first.reminder.cause,
            recipient=f"volunteer:{first.volunteer.id}",
            purpose=PURPOSE,
            lane=queue.ORDINARY,
        )
        if first.reminder.by_text
        else _email(told)
    )
    return Addressed(
        letter,
        first.volunteer.id,
        deadline=rules.must_leave_by(now, first.shift.starts_at, zone, quiet),
    )


def place_of(told: Told) -> rules.Place:
    """A place in the words of a text."""
    shift = told.shift
    return rules.Place(
        group=shift.opportunity.group.name,
        what=what(shift, told.duty),
        where=of_signups.where(shift),
        short_where=shift.site.name,
        is_assured=is_assured(told.signup, shift),
    )


def what(shift: Shift, duty: str = "") -> str:
    """The shift, and the part in it, inside a sentence: "Food parcels (Driver), tomorrow, ..."."""
    part = f" ({duty})" if duty else ""
    return f"{shift.opportunity.title}{part}, {of_signups.when(shift)}"


def is_assured(signup: Signup, shift: Shift) -> bool:
    """Whether they have said that they come, at the time that the shift has now."""
    return signup.assured_at is not None and signup.agreed_revision >= shift.revision


def _email(told: Sequence[Told]) -> Letter:
    first = told[0]
    lines = [mail.greeting(first.volunteer.first_name)]
    lines.append(
        gettext("This is a reminder of your shift:") if len(told) == 1 else gettext("Your shifts:")
    )
    for one in told:
        role = one.shift.opportunity
        said = f"{role.group.name}: {what(one.shift, one.duty)}, {of_signups.where(one.shift)}."
        if role.what_to_bring:
            bring = role.what_to_bring.rstrip(".")
            said += " " + gettext("Please bring: %(things)s.", things=bring)
        if role.contact_name:
            said += " " + gettext("Ask for %(name)s when you arrive.", name=role.contact_name)
        lines.append(said)
    if all(is_assured(one.signup, one.shift) for one in told):
        lines.append(
            gettext("You have said that you come. Thank you! If that has changed, tell us here.")
        )
    else:
        lines.append(
            gettext(
                "Are you coming? Please tell us with one tap. It is fine to say no: "
                "the earlier we know, the better."
            )
        )
    # Made by hand: a worker has no request from which a page's address could be reckoned.
    token = links.token([one.signup.id for one in told])
    address = f"{current_app.config['PUBLIC_URL']}/coming/{token}"
    parts = mail.compose(lines, action=(gettext("Say whether you are coming"), address))
    return Letter(
        channel=Channel.EMAIL,
        to=first.volunteer.email or "",
        subject=ngettext(
            "Reminder: %(what)s and %(num)d more",
            "Reminder: %(what)s and %(num)d more",
            len(told) - 1,
            what=what(first.shift, first.duty),
        )
        if len(told) > 1
        else gettext("Reminder: %(what)s", what=what(first.shift, first.duty)),
        body=parts.text,
        html=parts.html,
        cause=first.reminder.cause,
        recipient=f"volunteer:{first.volunteer.id}",
        purpose=PURPOSE,
    )
