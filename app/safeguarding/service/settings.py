"""What a group decides about its warnings."""

from __future__ import annotations

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.safeguarding.models import Digest, SafetySettings
from app.safeguarding.queries import groups
from app.safeguarding.rules.alarms import FEWEST_HOURS, MOST_HOURS


def change(group_id: int, *, alone_hours: int, digest: Digest) -> None:
    """Keep what the group has decided. Raises `Refusal` for hours out of range."""
    if not FEWEST_HOURS <= alone_hours <= MOST_HOURS:
        raise Refusal(f"Give a number of hours from {FEWEST_HOURS} to {MOST_HOURS}.", "alone_hours")
    with transaction():
        row = groups.settings_of(group_id)
        if row is None:
            row = SafetySettings(group_id=group_id)
            db.session.add(row)
        row.alone_hours, row.digest = alone_hours, digest
        audit.record("changed safety settings", group_id=group_id)
