"""A volunteer's standing on a shift, and the triggers that keep a shift from being oversold."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.model import Model, choice
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer


class Standing(enum.StrEnum):
    """What became of a sign-up so far."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    CANCELLED = "cancelled"  # the shift was
    ATTENDED = "attended"
    EXCUSED = "excused"
    NO_SHOW = "no-show"


# These hold a place; the triggers below say the same in SQL.
OCCUPYING = (Standing.CONFIRMED, Standing.ATTENDED, Standing.NO_SHOW)
# These are live: one per volunteer and shift.
LIVE = (*OCCUPYING, Standing.WAITING)

_LIVE_SQL = "standing IN ('confirmed', 'waiting', 'attended', 'no-show')"


class Way(enum.StrEnum):
    """How a claim reached us."""

    WEB = "web"
    TEXT = "text"
    LINK = "link"
    MANAGER = "manager"
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
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id", ondelete="CASCADE"))
    standing: Mapped[Standing] = mapped_column(choice(Standing))
    way: Mapped[Way] = mapped_column(choice(Way))
    cause: Mapped[str] = mapped_column(String(40), default="")  # "broadcast:27"
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
    attended_minutes: Mapped[int | None]

    shift: Mapped[Shift] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class SignupEvent(Model):
    """One change of a standing: from what, to what, by whom and why."""

    signup_id: Mapped[int] = mapped_column(ForeignKey("signup.id", ondelete="CASCADE"), index=True)
    before: Mapped[Standing | None] = mapped_column(choice(Standing))
    after: Mapped[Standing] = mapped_column(choice(Standing))
    way: Mapped[Way] = mapped_column(choice(Way))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(300), default="")


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


_HOLDS = "{row}.standing IN ('confirmed', 'attended', 'no-show')"
_HOLDS_NEW = _HOLDS.format(row="NEW")
_HOLDS_OLD = _HOLDS.format(row="OLD")

# Count the places held, in the database itself. Together with the check
# `taken <= places` on the shift they refuse the sign-up that oversells it.
SQLITE_TRIGGERS = (
    f"""CREATE TRIGGER signup_takes_place AFTER INSERT ON signup WHEN {_HOLDS_NEW}
BEGIN UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id; END""",
    f"""CREATE TRIGGER signup_frees_place AFTER DELETE ON signup WHEN {_HOLDS_OLD}
BEGIN UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id; END""",
    f"""CREATE TRIGGER signup_moves_place AFTER UPDATE OF standing, shift_id ON signup
BEGIN
  UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id AND {_HOLDS_OLD}
    AND NOT ({_HOLDS_NEW} AND NEW.shift_id = OLD.shift_id);
  UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id AND {_HOLDS_NEW}
    AND NOT ({_HOLDS_OLD} AND NEW.shift_id = OLD.shift_id);
END""",
)
POSTGRESQL_TRIGGERS = (
    f"""CREATE FUNCTION count_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND {_HOLDS_OLD} THEN
    IF TG_OP = 'UPDATE' AND {_HOLDS_NEW} AND NEW.shift_id = OLD.shift_id THEN
      RETURN NEW;
    END IF;
    UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id;
  END IF;
  IF TG_OP <> 'DELETE' AND {_HOLDS_NEW} THEN
    UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id;
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER signup_counts_places AFTER INSERT OR DELETE OR UPDATE OF standing, shift_id
ON signup FOR EACH ROW EXECUTE FUNCTION count_places()""",
)
