"""The audit trail: who saw and changed what."""

from __future__ import annotations

from flask import has_request_context
from flask_login import current_user

from app.accounts.models import AuditEvent
from app.foundation.extensions import db
from app.foundation.transaction import transaction


def record(
    action: str,
    *,
    subject: object | None = None,
    group_id: int | None = None,
    actor_id: int | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Write one event, in the open transaction or in one of its own.

    `action` reads as "signed in", "viewed volunteer"; `subject` is the row
    concerned. The actor is the signed-in user unless given. `detail` must
    hold no contact details.
    """
    if actor_id is None and has_request_context() and current_user.is_authenticated:
        actor_id = current_user.id
    subject_type = type(subject).__name__.lower() if subject is not None else None
    subject_id = getattr(subject, "id", None)
    with transaction():
        db.session.add(
            AuditEvent(
                actor_id=actor_id,
                action=action,
                subject_type=subject_type,
                subject_id=subject_id,
                group_id=group_id,
                detail=detail,
            )
        )
