"""An email that carries the thanks to those who like to have email."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import exists, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.outbox import Letter
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
    address = f"{current_app.config['PUBLIC_URL']}/"
    group = thanks.group.name
    letters = []
    for reader in readers:
        parts = mail.compose(
            [f"Hello {reader.first_name},", f"{group} says thank you:", f"“{thanks.words}”"],
            action=("See it on your page", address),
            closing=f"{group}, through Many Hands",
        )
        letters.append(
            bulk.Addressed(
                Letter(
                    channel=Channel.EMAIL,
                    to=reader.email or "",
                    subject=f"Thank you from {group}",
                    body=parts.text,
                    html=parts.html,
                    cause=f"thanks:{thanks.id}",
                    recipient=f"volunteer:{reader.id}",
                    purpose=PURPOSE,
                ),
                reader.id,
                deadline=clock.now() + _USEFUL_FOR,
            )
        )
    bulk.write_many(letters)
    return len(letters)
