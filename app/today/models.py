"""The tablet in the building: which device, its PIN, what was done with it, and who knocked."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.groups.models import Site
from app.opportunities.models import Shift


class SitePin(Model):
    """The PIN by which the people in charge open the tablets of a site.

    Only its Argon2 hash is kept. Wrong tries are counted over all tablets of
    the site; too many close it for a while (see `service.pins`).
    """

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[datetime | None]


class Device(Model):
    """A tablet that stands in a site's building.

    A manager makes a code on their own screen and types it on the tablet, so
    that nobody signs in there. The cookie that the tablet then gets is kept
    here as a hash only; taking the device off the list ends it at once.
    `staff_until` is how long the functions behind the PIN stay open.
    """

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    code_until: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    staff_until: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    site: Mapped[Site] = relationship()

    @property
    def is_live(self) -> bool:
        return self.token_hash is not None and self.revoked_at is None


class DeviceAct(enum.StrEnum):
    """What the log of a site's tablets tells."""

    PAIRED = "paired"
    REVOKED = "revoked"
    PIN_SET = "pin-set"
    OPENED = "opened"
    WRONG_PIN = "wrong-pin"
    LOCKED = "locked"

    @property
    def label(self) -> str:
        return {
            "paired": "Was set up",
            "revoked": "Was switched off",
            "pin-set": "A new PIN was set",
            "opened": "Was opened with the PIN",
            "wrong-pin": "A wrong PIN was tried",
            "locked": "Too many wrong PINs: closed for a while",
        }[self.value]


class DeviceEvent(Model):
    """One line of the log of a site's tablets."""

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="SET NULL"))
    act: Mapped[DeviceAct] = mapped_column(choice(DeviceAct))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    device: Mapped[Device | None] = relationship()


class Knock(Model):
    """Somebody said at the tablet that they are here, and we do not know them.

    The person in charge sees it and decides. Kept until then, two days at most.
    """

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))

    shift: Mapped[Shift] = relationship()
