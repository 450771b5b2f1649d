"""Scopes, cursors and moments of the API; pure."""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from app.foundation.errors import Refusal

LONGEST_LIFE: Final = timedelta(days=365)
# JSON's numbers are safe up to here in every language: RFC 8259, section 6.
LARGEST_ID: Final = 2**53 - 1
CURSOR: Final = r"^[0-9]{1,16}-[0-9]{1,15}$"
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
# RFC 3339, section 5.6: a zone must be there, and "T" and "Z" may be small.
_MOMENT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class Scope(enum.StrEnum):
    """What a token may be used for; each is given by itself."""

    OPPORTUNITIES_READ = "opportunities:read"
    SHIFTS_READ = "shifts:read"
    SHIFTS_WRITE = "shifts:write"
    SIGNUPS_READ = "signups:read"
    SIGNUPS_WRITE = "signups:write"
    HOURS_READ = "hours:read"
    VOLUNTEERS_READ = "volunteers:read"
    VOLUNTEERS_CONTACT = "volunteers:contact"

    @property
    def label(self) -> str:
        return {
            "opportunities:read": "See roles and sites",
            "shifts:read": "See shifts",
            "shifts:write": "Add, change and cancel shifts",
            "signups:read": "See who is on which shift, by number",
            "signups:write": "Put people on shifts and take them off",
            "hours:read": "See the hours that people gave",
            "volunteers:read": "See the names and skills of volunteers",
            "volunteers:contact": "See phone numbers and email addresses",
        }[self.value]


def cursor_after(moment: datetime | None, row_id: int) -> str:
    """Where a list goes on: after the row of this moment and number.

    The moment's microseconds, so that two rows of one second stay apart.
    """
    micros = 0 if moment is None else (moment - _START) // timedelta(microseconds=1)
    return f"{max(micros, 0)}-{row_id}"


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """The moment and number in a cursor that matches `CURSOR`."""
    micros, _, row_id = cursor.partition("-")
    return _START + timedelta(microseconds=int(micros)), int(row_id)


def parse_moment(text: str) -> datetime:
    """An aware moment in UTC from RFC 3339's words. Raises `ValueError` for anything else."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("This is not a date and time like 2026-12-01T18:30:00Z.")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micros = int(((found[7] or ".0")[1:7]).ljust(6, "0"))
    zone = found[8].upper()
    offset = timedelta()
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 23 or minutes > 59:
            raise ValueError("This time zone does not exist.")
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    # A leap second is the moment after it, as everywhere that counts without them.
    extra, second = (1, 59) if second == 60 else (0, second)
    local = datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
    try:
        return local + timedelta(seconds=extra) - offset
    except OverflowError:
        raise ValueError("This moment is outside of our calendar.") from None


def local_face(moment: datetime, zone: tzinfo) -> datetime:
    """What a clock in the zone shows. Raises `Refusal` for more than minutes can say."""
    if moment.second or moment.microsecond:
        raise Refusal("Shifts begin and end on a full minute.", "starts_at")
    return moment.astimezone(zone)


def etag_matches(header: str, etag: str) -> bool:
    """Whether `If-Match` names this strong tag: RFC 9110, section 13.1.1."""
    given = [tag.strip() for tag in header.split(",")]
    return "*" in given or f'"{etag}"' in given
