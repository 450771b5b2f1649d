"""An email that carries the thanks to those who like to have email."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import exists, select

from app.foundation import clock, languages
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import gettext
from app.messaging import bulk
from app.stories.models import Thanks
from app.volunteers.models import Channel, OptOut, Volunteer
from app.web import mail

PURPOSE: Final = "thanks"
_USEFUL_FOR: Final = timedelta(days=7)


def tell_of(thanks: Thanks, people: Sequence[int]) -> int:
    """Write to those of the people who allow email, in the open transaction; to how many."""
    readers = db.session.scalars(
        select(Volunteer).where(
            Volunteer.id.in_(people),
            Volunteer.email.is_not(None),
            Volunteer.email_verified_at.is_not(None),
            Volunteer.email_consent_at.is_not(None),
            ~exists().where(OptOut.channel == Channel.EMAIL, OptOut.address == Volunteer.email),
        )
    ).all()
    letters = []
    for reader in readers:
        letters.append(
            bulk.Addressed(
                _letter(thanks, reader),
                reader.id,
                deadline=clock.now() + _USEFUL_FOR,
            )
        )
    bulk.write_many(letters)
    return len(letters)


@languages.in_language_of(lambda _thanks, reader: reader.language)
def _letter(thanks: Thanks, reader: Volunteer) -> Letter:
    """The group's own words stay as they are, what stands around them is the reader's."""
    group = thanks.group.name
    parts = mail.compose(
        [
            mail.greeting(reader.first_name),
            gettext("%(group)s says thank you:", group=group),
            f"“{thanks.words}”",
        ],
        action=(gettext("See it on your page"), f"{current_app.config['PUBLIC_URL']}/"),
        closing=gettext("%(group)s, through Many Hands", group=group),
    )
    return Letter(
        channel=Channel.EMAIL,
        to=reader.email or "",
        subject=gettext("Thank you from %(group)s", group=group),
        body=parts.text,
        html=parts.html,
        cause=f"thanks:{thanks.id}",
        recipient=f"volunteer:{reader.id}",
        purpose=PURPOSE,
    )
