"""The PIN of a site's tablets: hashed by Argon2, its tries counted, closed after too many.

Tries are counted over all tablets of the site, under the lock of the PIN's
row: two tablets that guess at once take turns. Every fifth wrong try closes
it, for a quarter of an hour at first and twice as long each time, a day at
most; the right PIN and a new PIN begin the count anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, select, update

from app.accounts import audit, passwords
from app.accounts.rules import typed_code
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.today.models import Device, DeviceAct, SitePin
from app.today.rules import is_guessed_first, locked_for
from app.today.service.devices import note

SHORTEST: Final = 6
LONGEST: Final = 12
# So long after the last tap the tablet closes what is behind the PIN by itself.
OPEN_FOR: Final = timedelta(minutes=3)
# Ten times that for somebody who says that they need it (WCAG 2.2, criterion 2.2.1).
OPEN_LONGER: Final = timedelta(minutes=30)


def set_pin(site_id: int, pin: str, by_user_id: int) -> None:
    """Give the tablets of a site a new PIN; what was open on them closes.

    Raises `Refusal` beside `pin` for one that is short or guessed first.
    """
    digits = typed_code(pin)
    if digits != pin.strip() or not SHORTEST <= len(digits) <= LONGEST:
        raise Refusal(f"Use {SHORTEST} to {LONGEST} digits, and nothing else.", "pin")
    if is_guessed_first(digits):
        raise Refusal("This PIN is easy to guess. Choose another.", "pin")
    kept = passwords.hashed(digits)
    with transaction():
        row = _locked(site_id)
        if row is None:
            db.session.add(SitePin(site_id=site_id, pin_hash=kept))
        else:
            row.pin_hash, row.failures, row.locked_until = kept, 0, None
        db.session.execute(update(Device).where(Device.site_id == site_id).values(staff_until=None))
        note(site_id, DeviceAct.PIN_SET, by_user_id=by_user_id)
        audit.record("set tablet PIN", actor_id=by_user_id, site_id=site_id)


def open_staff(device_id: int, pin: str) -> None:
    """Open what is behind the PIN on this tablet, for three minutes from the last tap.

    Raises `Refusal` beside `pin` for a wrong one, and while it is closed.
    """
    refusal = None
    with transaction():
        device = db.session.get_one(Device, device_id, populate_existing=True)
        row = _locked(device.site_id)
        now = clock.now()
        if row is None:
            refusal = Refusal("This site has no PIN yet. A manager can set one.", "pin")
        elif row.locked_until is not None and row.locked_until > now:
            refusal = Refusal(
                "Too many wrong PINs were tried. Wait, or ask a manager for a new PIN.", "pin"
            )
        elif not passwords.matches(row.pin_hash, typed_code(pin)):
            row.failures += 1
            note(device.site_id, DeviceAct.WRONG_PIN, device_id)
            pause = locked_for(row.failures)
            if pause:
                row.locked_until = now + pause
                note(device.site_id, DeviceAct.LOCKED, device_id)
            refusal = Refusal("That is not the PIN.", "pin")
        else:
            row.failures, row.locked_until = 0, None
            device.staff_until = now + OPEN_FOR
            note(device.site_id, DeviceAct.OPENED, device_id)
    # After the commit: a wrong try must be counted, and an error would take it back.
    if refusal is not None:
        raise refusal


def stay_open(device_id: int, *, longer: bool = False) -> datetime | None:
    """Until when it is open still, or None; a tap keeps it so for three more minutes.

    With `longer` for half an hour, which the taps after it do not cut short.
    """
    now = clock.now()
    until = now + (OPEN_LONGER if longer else OPEN_FOR)
    with transaction():
        return db.session.scalar(
            update(Device)
            .where(Device.id == device_id, Device.staff_until > now, Device.revoked_at.is_(None))
            .values(staff_until=case((Device.staff_until > until, Device.staff_until), else_=until))
            .returning(Device.staff_until)
        )


def close_staff(device_id: int) -> None:
    """Close it now."""
    with transaction():
        db.session.execute(update(Device).where(Device.id == device_id).values(staff_until=None))


def _locked(site_id: int) -> SitePin | None:
    """The lock "pin": the row by which tries are counted, held until the commit."""
    return db.session.scalar(
        select(SitePin)
        .where(SitePin.site_id == site_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
