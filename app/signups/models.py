"""A volunteer's standing on a shift, and the triggers that keep a shift from being oversold."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.foundation.model import Model, choice
from app.groups.models import Site
from app.opportunities.models import Opportunity, Shift, Slot
from app.volunteers.models import Volunteer


class Standing(enum.StrEnum):
    """What became of a sign-up so far."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"  # waited, and a place is kept for them until they answer
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    CANCELLED = "cancelled"  # the shift was
    ATTENDED = "attended"
    EXCUSED = "excused"
    NO_SHOW = "no-show"


# These have a place.
OCCUPYING = (Standing.CONFIRMED, Standing.ATTENDED, Standing.NO_SHOW)
# These come, or came.
PRESENT = (Standing.CONFIRMED, Standing.ATTENDED)
# For these a place is kept, so nobody else can have it; the triggers below say the same in SQL.
HOLDING = (*OCCUPYING, Standing.OFFERED)
# These are live: one per volunteer and shift.
LIVE = (*HOLDING, Standing.WAITING)

_LIVE_SQL = "standing IN ('confirmed', 'waiting', 'offered', 'attended', 'no-show')"
_ANSWER_DUE_SQL = "answer_due_at IS NOT NULL"
_OFFERED_SQL = "offered_until IS NOT NULL"


class Notice(enum.StrEnum):
    """How somebody left a place."""

    IN_TIME = "in-time"
    LATE = "late"
    EXCUSED = "excused"


class Way(enum.StrEnum):
    """How a claim reached us."""

    WEB = "web"
    TEXT = "text"
    LINK = "link"
    MANAGER = "manager"
    STANDING = "standing"  # made with the shift, for somebody who always comes
    RULE = "rule"  # by a rule that the group has set
    SITE = "site"  # at the door: the tablet, or the code on the wall
    DEMO = "demo"


class Signup(Model):
    """One volunteer's standing on one shift.

    A withdrawn sign-up is kept for the record. The partial index lets the
    volunteer come back later, yet never hold two live places. `id` is the
    order of arrival: it is drawn while the shift's row is locked.
    """

    __table_args__ = (
        Index(
            "uq_signup_live",
            "shift_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text(_LIVE_SQL),
            postgresql_where=text(_LIVE_SQL),
        ),
        Index("ix_signup_shift_standing", "shift_id", "standing"),
        Index("ix_signup_volunteer_standing", "volunteer_id", "standing"),
        # What the sweep looks for: few rows, among all that ever were.
        Index(
            "ix_signup_answer_due",
            "answer_due_at",
            sqlite_where=text(_ANSWER_DUE_SQL),
            postgresql_where=text(_ANSWER_DUE_SQL),
        ),
        Index(
            "ix_signup_offered_until",
            "offered_until",
            sqlite_where=text(_OFFERED_SQL),
            postgresql_where=text(_OFFERED_SQL),
        ),
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    # What they do on it, where the shift has slots; waiting, it is what they asked for.
    slot_id: Mapped[int | None] = mapped_column(
        ForeignKey("slot.id", ondelete="SET NULL"), index=True
    )
    standing: Mapped[Standing] = mapped_column(choice(Standing))
    way: Mapped[Way] = mapped_column(choice(Way))
    cause: Mapped[str] = mapped_column(String(40), default="")  # "broadcast:27"
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime | None]
    # Until when a place is kept for somebody who waited and has been offered it.
    offered_until: Mapped[datetime | None]
    # Where a manager says yes first: when the managers are reminded, and when time is up.
    answer_remind_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime | None]
    # When they last said that they come after all we told them of the shift.
    assured_at: Mapped[datetime | None]
    # The shift's `revision` that they know of and have not turned down; behind it: to be asked.
    agreed_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    # Why a manager allowed this place beside another at the same time; empty where none is.
    clash_allowed: Mapped[str] = mapped_column(String(300), default="", server_default="")
    # How they left; empty while they have not.
    notice: Mapped[Notice | None] = mapped_column(choice(Notice))
    # When a manager saw that they left late; until then it is an alarm.
    late_seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
    attended_minutes: Mapped[int | None]

    shift: Mapped[Shift] = relationship()
    slot: Mapped[Slot | None] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class SignupEvent(Model):
    """One change of a standing: from what, to what, by whom and why."""

    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="CASCADE"), index=True)
    before: Mapped[Standing | None] = mapped_column(choice(Standing))
    after: Mapped[Standing] = mapped_column(choice(Standing))
    way: Mapped[Way] = mapped_column(choice(Way))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(300), default="")


class RoleInvitation(Model):
    """That a group's managers have asked somebody on their list to one of its roles.

    Where the role is by invitation only these can take a place. One that was
    withdrawn stays for the record; asking again opens it again.
    """

    __table_args__ = (UniqueConstraint("opportunity_id", "volunteer_id"),)

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    invited_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    opportunity: Mapped[Opportunity] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class CalendarFeed(Model):
    """The secret address under which a calendar program reads a volunteer's shifts.

    Only the token's hash is kept. Asking for a new address revokes the old one.
    """

    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    revoked_at: Mapped[datetime | None]

    volunteer: Mapped[Volunteer] = relationship()


class Names(enum.StrEnum):
    """How much a group's calendar tells of who comes."""

    FULL = "full"
    FIRST = "first"
    NONE = "none"

    @property
    def label(self) -> str:
        return {"full": "Full names", "first": "First names only", "none": "No names"}[self.value]


class GroupCalendar(Model):
    """The secret address under which one manager's calendar program reads a group's shifts.

    Of one site or of all. Only the token's hash is kept. It works while its user manages
    the group: whoever is not a manager any more reads nothing by it.
    """

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    names: Mapped[Names] = mapped_column(choice(Names))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    revoked_at: Mapped[datetime | None]
    last_read_at: Mapped[datetime | None]

    site: Mapped[Site | None] = relationship()
    user: Mapped[User] = relationship()


_HOLDS = "{row}.standing IN ('confirmed', 'offered', 'attended', 'no-show')"
_HOLDS_NEW = _HOLDS.format(row="NEW")
_HOLDS_OLD = _HOLDS.format(row="OLD")

# Count the places held, in the database itself. Together with the checks
# `taken <= places` on shift and slot they refuse the sign-up that oversells one.
# A slot is counted before its shift: the nearer reason is the one that is told.
SQLITE_TRIGGERS = (
    f"""CREATE TRIGGER signup_takes_place AFTER INSERT ON signup WHEN {_HOLDS_NEW}
BEGIN
  UPDATE slot SET taken = taken + 1 WHERE id = NEW.slot_id;
  UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id;
END""",
    f"""CREATE TRIGGER signup_frees_place AFTER DELETE ON signup WHEN {_HOLDS_OLD}
BEGIN
  UPDATE slot SET taken = taken - 1 WHERE id = OLD.slot_id;
  UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id;
END""",
    f"""CREATE TRIGGER signup_moves_place AFTER UPDATE OF standing, shift_id, slot_id ON signup
BEGIN
  UPDATE slot SET taken = taken - 1 WHERE id = OLD.slot_id AND {_HOLDS_OLD}
    AND NOT ({_HOLDS_NEW} AND NEW.slot_id IS OLD.slot_id);
  UPDATE slot SET taken = taken + 1 WHERE id = NEW.slot_id AND {_HOLDS_NEW}
    AND NOT ({_HOLDS_OLD} AND NEW.slot_id IS OLD.slot_id);
  UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id AND {_HOLDS_OLD}
    AND NOT ({_HOLDS_NEW} AND NEW.shift_id = OLD.shift_id);
  UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id AND {_HOLDS_NEW}
    AND NOT ({_HOLDS_OLD} AND NEW.shift_id = OLD.shift_id);
END""",
)
POSTGRESQL_TRIGGERS = (
    f"""CREATE FUNCTION count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_shift bigint; new_shift bigint; old_slot bigint; new_slot bigint;
BEGIN
  IF TG_OP <> 'INSERT' AND {_HOLDS_OLD} THEN
    old_shift := OLD.shift_id; old_slot := OLD.slot_id;
  END IF;
  IF TG_OP <> 'DELETE' AND {_HOLDS_NEW} THEN
    new_shift := NEW.shift_id; new_slot := NEW.slot_id;
  END IF;
  IF old_slot IS DISTINCT FROM new_slot THEN
    UPDATE slot SET taken = taken - 1 WHERE id = old_slot;
    UPDATE slot SET taken = taken + 1 WHERE id = new_slot;
  END IF;
  IF old_shift IS DISTINCT FROM new_shift THEN
    UPDATE shift SET taken = taken - 1 WHERE id = old_shift;
    UPDATE shift SET taken = taken + 1 WHERE id = new_shift;
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER signup_counts_places
AFTER INSERT OR DELETE OR UPDATE OF standing, shift_id, slot_id
ON signup FOR EACH ROW EXECUTE FUNCTION count_places()""",
)
