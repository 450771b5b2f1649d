"""News about places that no calendar's event goes with: an invitation, an offer, a swap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.foundation import clock, languages, queue
from app.foundation.outbox import Letter
from app.messaging import service as messaging
from app.messaging.rules.quiet import rest_until
from app.volunteers import reaching
from app.volunteers.models import Channel, Volunteer
from app.web import mail


@dataclass(frozen=True, kw_only=True)
class News:
    """What one person is told, for both channels.

    It is in that person's language already. `text` is the whole of the text message.
    `needed_by` is the aware moment after which it is of no use; `zone` is where its
    reader's night is kept.
    """

    cause: str
    purpose: str
    subject: str
    paragraphs: Sequence[str]
    action: tuple[str, str] | None
    text: str
    zone: str
    needed_by: datetime
    is_urgent: bool = False  # a text beside the email, whatever they prefer
    is_of_own_shift: bool = False  # and asks for nothing that they have not said yes to


@languages.in_language_of(lambda volunteer, news: volunteer.language)
def tell(volunteer: Volunteer, news: News) -> bool:
    """Write it to the volunteer in the open transaction; whether we may reach them at all.

    Whoever may be emailed is; a text goes to those who prefer texts or have
    no email, to all when it is urgent, and never in the night unless the
    morning is too late.
    """
    ways = reaching.for_own_shifts if news.is_of_own_shift else reaching.allowed
    may_text, may_email = ways(volunteer)
    if may_email:
        _email(volunteer, news)
    if may_text and (news.is_urgent or volunteer.prefers == Channel.SMS or not may_email):
        _text(volunteer, news)
    return may_text or may_email


def _text(volunteer: Volunteer, news: News) -> None:
    quiet = current_app.config["QUIET_HOURS"]
    messaging.write(
        Letter(
            channel=Channel.SMS,
            to=volunteer.phone or "",
            body=news.text,
            cause=f"{news.cause}:{Channel.SMS.value}",
            recipient=f"volunteer:{volunteer.id}",
            purpose=news.purpose,
            lane=queue.ORDINARY,
        ),
        volunteer_id=volunteer.id,
        not_before=rest_until(clock.now(), news.zone, quiet, news.needed_by),
        deadline=news.needed_by,
    )


def _email(volunteer: Volunteer, news: News) -> None:
    parts = mail.compose(
        [mail.greeting(volunteer.first_name), *news.paragraphs], action=news.action
    )
    messaging.write(
        Letter(
            channel=Channel.EMAIL,
            to=volunteer.email or "",
            subject=news.subject[:200],
            body=parts.text,
            html=parts.html,
            cause=f"{news.cause}:{Channel.EMAIL.value}",
            recipient=f"volunteer:{volunteer.id}",
            purpose=news.purpose,
        ),
        volunteer_id=volunteer.id,
        deadline=news.needed_by,
    )
