"""Groups, the sites where they work, and the users' parts in them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.model import Model, choice
from app.foundation.sentences import N_, gettext

# Of a degree: about a kilometre. Finer than that would point at a street.
_MAP_DIGITS: Final = 2


class GroupKind(enum.StrEnum):
    """The kinds of organisation that the county's volunteers serve."""

    LIBRARY = "library"
    FOOD_BANK = "food-bank"
    RESPONSE = "response"
    COMMUNITY_CENTRE = "community-centre"
    OTHER = "other"

    @property
    def label(self) -> str:
        words = {
            "library": N_("Community library"),
            "food-bank": N_("Food bank"),
            "response": N_("Response group"),
            "community-centre": N_("Community centre"),
            "other": N_("Other group"),
        }
        return gettext(words[self.value])


class Group(Model):
    """An organisation that volunteers give their time to."""

    # "group" is a reserved word in SQL.
    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    slug: Mapped[str] = mapped_column(String(140), unique=True)
    kind: Mapped[GroupKind] = mapped_column(choice(GroupKind), index=True)
    district: Mapped[str] = mapped_column(String(60), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    public_phone: Mapped[str] = mapped_column(String(30), default="")
    public_email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    # DBS checks have no expiry; each group says after how long it asks again.
    recheck_months: Mapped[int] = mapped_column(default=36)
    is_closed: Mapped[bool] = mapped_column(default=False)
    # So long may one shift of a person overlap the next at the same site: to hand over.
    handover_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    # Whether two volunteers who swap their places wait for a manager's yes.
    swaps_need_yes: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Who gives a place back later than so many hours before the shift is late.
    late_hours: Mapped[int] = mapped_column(default=24, server_default="24")


def map_spot(latitude: float, longitude: float) -> tuple[float, float]:
    """Where a site is for everybody: to about a kilometre, which tells no street."""
    return round(latitude, _MAP_DIGITS), round(longitude, _MAP_DIGITS)


class Site(Model):
    """A place where a group works. The position is that of its postcode."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300), default="")
    postcode: Mapped[str] = mapped_column(String(8))
    latitude: Mapped[float]
    longitude: Mapped[float]
    east: Mapped[int]  # metres on the flat grid of foundation.places
    north: Mapped[int]
    cell: Mapped[int] = mapped_column(index=True)
    district: Mapped[str] = mapped_column(String(60), default="")
    zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    # Shown to confirmed people only, around the time: may hold a door code.
    access_notes: Mapped[str] = mapped_column(Text, default="")

    group: Mapped[Group] = relationship()

    @property
    def area(self) -> str:
        """Where it is, for everybody: the district and the outward code, which tell no street."""
        return ", ".join(filter(None, (self.district, self.outward)))

    @property
    def spot(self) -> tuple[float, float]:
        """Latitude and longitude for everybody's map: see `map_spot`."""
        return map_spot(self.latitude, self.longitude)

    @property
    def outward(self) -> str:
        """The first half of the postcode, which some miles share."""
        return self.postcode.partition(" ")[0]


class Part(enum.StrEnum):
    """A user's part in a group."""

    MANAGER = "manager"
    LEAD = "lead"


class Membership(Model):
    """A user's part in a group."""

    __table_args__ = (UniqueConstraint("user_id", "group_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    part: Mapped[Part] = mapped_column(choice(Part), default=Part.MANAGER)

    user: Mapped[User] = relationship()
    group: Mapped[Group] = relationship()


class Invitation(Model):
    """A manager asked by email to join a group; good once, for 14 days."""

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(254))
    part: Mapped[Part] = mapped_column(choice(Part), default=Part.MANAGER)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship()
    invited_by: Mapped[User | None] = relationship()
