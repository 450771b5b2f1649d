"""Tablets come and go: a code on the manager's screen, a secret in the tablet's cookie."""

from __future__ import annotations

import secrets as random
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.accounts import audit, secrets
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.today.models import Device, DeviceAct, DeviceEvent

# Letters and digits that nobody takes for one another on a screen.
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH: Final = 8
CODE_LASTS: Final = timedelta(minutes=15)
# How exactly we know when a tablet was last awake.
SEEN_EVERY: Final = timedelta(minutes=5)
MOST_DEVICES: Final = 10


def offer(site_id: int, name: str, by_user_id: int) -> tuple[Device, str]:
    """A new tablet for a site, and the code to type on it, shown this once: "ABCD-EFGH".

    Good for fifteen minutes. Raises `Refusal` beside `name`.
    """
    name = " ".join(name.split())
    if not name:
        raise Refusal("Give the tablet a name.", "name")
    code = "".join(random.choice(_LETTERS) for _ in range(CODE_LENGTH))
    with transaction():
        live = db.session.scalars(
            select(Device.id).where(Device.site_id == site_id, Device.revoked_at.is_(None))
        ).all()
        if len(live) >= MOST_DEVICES:
            raise Refusal("This site has ten tablets. Switch one off first.", "name")
        device = Device(
            site_id=site_id,
            name=name[:60],
            code_hash=_code_hash(code),
            code_until=clock.now() + CODE_LASTS,
            by_user_id=by_user_id,
        )
        db.session.add(device)
        db.session.flush()
        audit.record("offered tablet", subject=device, actor_id=by_user_id)
    return device, f"{code[:4]}-{code[4:]}"


def pair(code: str) -> tuple[Device, str]:
    """Make the tablet on which the code was typed a site's; and the secret for its cookie.

    A code is good once. Raises `Refusal` beside `code`.
    """
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    token = secrets.new_token()
    with transaction():
        taken = db.session.scalar(
            update(Device)
            .where(
                Device.code_hash == _code_hash(typed),
                Device.code_until > clock.now(),
                Device.revoked_at.is_(None),
            )
            .values(
                code_hash=None,
                code_until=None,
                token_hash=_token_hash(token),
                paired_at=clock.now(),
                seen_at=clock.now(),
            )
            .returning(Device.id)
        )
        if taken is None:
            raise Refusal("This code is wrong or too old. Ask a manager for a new one.", "code")
        device = db.session.get_one(Device, taken, populate_existing=True)
        note(device.site_id, DeviceAct.PAIRED, device.id)
    return device, token


def device_of(token: str) -> Device | None:
    """The tablet that a cookie belongs to, with its site; None once it was switched off."""
    device = db.session.scalar(
        select(Device)
        .where(Device.token_hash == _token_hash(token), Device.revoked_at.is_(None))
        .options(joinedload(Device.site))
    )
    if device is not None and (device.seen_at is None or clock.now() - device.seen_at > SEEN_EVERY):
        device_id = device.id
        with transaction():
            db.session.execute(
                update(Device).where(Device.id == device_id).values(seen_at=clock.now())
            )
        device = db.session.get_one(Device, device_id, options=[joinedload(Device.site)])
    return device


def revoke(site_id: int, device_id: int, by_user_id: int) -> None:
    """Switch a tablet off: from the next tap on it shows nothing. Again is harmless."""
    with transaction():
        done = db.session.scalar(
            update(Device)
            .where(Device.id == device_id, Device.site_id == site_id, Device.revoked_at.is_(None))
            .values(
                revoked_at=clock.now(),
                token_hash=None,
                code_hash=None,
                staff_until=None,
            )
            .returning(Device.id)
        )
        if done is not None:
            note(site_id, DeviceAct.REVOKED, device_id, by_user_id)
            audit.record(
                "switched tablet off",
                subject=db.session.get(Device, device_id),
                actor_id=by_user_id,
            )


def note(
    site_id: int, act: DeviceAct, device_id: int | None = None, by_user_id: int | None = None
) -> None:
    """Write one line of the site's log, in the open transaction."""
    db.session.add(
        DeviceEvent(site_id=site_id, device_id=device_id, act=act, by_user_id=by_user_id)
    )


def _code_hash(code: str) -> str:
    return secrets.keyed_hash("tablet-code", code)


def _token_hash(token: str) -> str:
    return secrets.keyed_hash("tablet", token)
