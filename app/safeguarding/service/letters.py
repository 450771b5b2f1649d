"""Writing to a group's managers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import current_app

from app.accounts.models import User
from app.foundation import languages, queue
from app.foundation.outbox import Letter
from app.messaging import service as messaging
from app.volunteers.models import Channel
from app.web import mail


@languages.in_english
def email(
    people: Sequence[User],
    *,
    subject: str,
    paragraphs: Sequence[str],
    action: tuple[str, str],
    cause: str,
    purpose: str,
    not_before: datetime | None = None,
) -> int:
    """One email to each who has a confirmed address, in the open transaction; how many.

    `action` is a label and a path on this site.
    """
    label, path = action
    letter = mail.compose(paragraphs, action=(label, f"{current_app.config['PUBLIC_URL']}{path}"))
    written = 0
    for person in people:
        if not (person.email and person.email_verified_at):
            continue
        made = messaging.write(
            Letter(
                channel=Channel.EMAIL,
                to=person.email,
                subject=subject,
                body=letter.text,
                html=letter.html,
                cause=cause,
                recipient=f"user:{person.id}",
                purpose=purpose,
                lane=queue.EMAIL,
            ),
            not_before=not_before,
        )
        written += made is not None
    return written
