"""What a cell says, written and read; pure."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from app.foundation.errors import Refusal
from app.web.dates import parse_date, parse_time

# A cell that begins so is a formula to a spreadsheet program:
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r")
# Day 0 of a spreadsheet program; its 29 February 1900, which never was, is long past.
_DAY_ZERO: Final = date(1899, 12, 30)
_SERIAL: Final = re.compile(r"([3-7]\d{4})(?:\.0*)?", re.ASCII)
_FRACTION: Final = re.compile(r"0?\.\d+|0|1(?:\.0*)?", re.ASCII)


class Kind(enum.StrEnum):
    """The two sheets of a rota."""

    SHIFTS = "Shifts"
    SIGNUPS = "Sign-ups"


class Column(enum.StrEnum):
    """A heading, as we write it."""

    SHIFT = "Shift"
    SIGNUP = "Sign-up"
    VERSION = "Version"
    ROLE = "Role"
    SITE = "Site"
    DATE = "Date"
    STARTS = "Starts"
    ENDS = "Ends"
    ZONE = "Zone"
    PLACES = "Places"
    MINIMUM = "Minimum"
    DUTIES = "Duties"
    TAKEN = "Taken"
    STATUS = "Status"
    REASON = "Reason"
    DUTY = "Duty"
    VOLUNTEER = "Volunteer"
    NAME = "Name"
    PHONE = "Phone"
    EMAIL = "Email"
    SIGNED_UP = "Signed up"
    MINUTES = "Minutes"


SHIFT_COLUMNS: Final = (
    Column.SHIFT,
    Column.VERSION,
    Column.ROLE,
    Column.SITE,
    Column.DATE,
    Column.STARTS,
    Column.ENDS,
    Column.ZONE,
    Column.PLACES,
    Column.MINIMUM,
    Column.DUTIES,
    Column.TAKEN,
    Column.STATUS,
    Column.REASON,
)
SIGNUP_COLUMNS: Final = (
    Column.SIGNUP,
    Column.VERSION,
    Column.SHIFT,
    Column.ROLE,
    Column.DATE,
    Column.STARTS,
    Column.ENDS,
    Column.ZONE,
    Column.DUTY,
    Column.VOLUNTEER,
    Column.NAME,
    Column.STATUS,
    Column.REASON,
    Column.SIGNED_UP,
    Column.MINUTES,
)
CONTACT: Final = (Column.PHONE, Column.EMAIL)
NUMBERS: Final = (Column.PLACES, Column.MINIMUM, Column.TAKEN, Column.VERSION, Column.MINUTES)
WHY: Final = "Why it was not done"

_KEY: Final = re.compile(r"([SUV])[- ]?(\d{1,15})", re.I | re.ASCII)


def key(letter: str, number: int) -> str:
    """A row's name for good: "S12" is shift 12, "U7" sign-up 7, "V3" volunteer 3."""
    return f"{letter}{number}"


def read_key(letter: str, text: str) -> int:
    """The number in a key. Raises `Refusal` for another kind's key, or none."""
    found = _KEY.fullmatch(text.strip())
    if found is None or found[1].upper() != letter:
        raise Refusal(f"This should look like {letter}12. Leave it as it came out.")
    return int(found[2])


def naming(key: str, *names: str) -> Callable[[Any], bool]:
    """Says of a value that JSON can write whether a text anywhere in it holds one of these.

    Each as words of their own ("Ann" is not in "Annual"), in any case and
    spacing; the key also as people write it: "V3", "v-3".
    """
    letter, number = key[0].casefold(), key[1:]
    parts = [rf"{letter}[- ]?0*{number}"]
    parts += [re.escape(tidy(name).casefold()) for name in names if name.strip()]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")

    def holds(value: Any) -> bool:
        if isinstance(value, str):
            return pattern.search(tidy(value).casefold()) is not None
        if isinstance(value, dict):
            return any(holds(one) for one in value.values())
        return isinstance(value, list | tuple) and any(holds(one) for one in value)

    return holds


def plain(heading: str) -> str:
    """A heading without what people change about it: case, spaces, marks."""
    return re.sub(r"[^a-z]", "", heading.lower())


# So many headings of ours in one row are no chance.
_LIKE_OURS: Final = 3
_KNOWN: Final[Mapping[str, Column]] = {plain(column.value): column for column in Column}


def recognise(header: Sequence[str]) -> dict[Column, int]:
    """Where each column is that we know; the first of two alike counts."""
    found: dict[Column, int] = {}
    for place, heading in enumerate(header):
        column = _KNOWN.get(plain(heading))
        if column is not None:
            found.setdefault(column, place)
    return found


def kind_of(columns: Mapping[Column, int]) -> Kind | None:
    """Which of the two sheets has these columns; None for neither."""
    if Column.SIGNUP in columns and Column.SHIFT in columns:
        return Kind.SIGNUPS
    return Kind.SHIFTS if Column.SHIFT in columns and Column.DATE in columns else None


def lacking(columns: Mapping[Column, int]) -> Column | None:
    """The heading without which a row that looks like our headings is none; None for others."""
    if len(columns) < _LIKE_OURS:
        return None
    return next((one for one in (Column.SHIFT, Column.DATE) if one not in columns), None)


def is_formula(cell: str) -> bool:
    return cell.lstrip(" ").startswith(FORMULA_BEGINS)


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet program takes it for a formula.

    One that begins with our mark already gets another, so that reading takes
    exactly one away.
    """
    marked = cell.startswith("'") and is_formula(cell.lstrip("'"))
    return f"'{cell}" if is_formula(cell) or marked else cell


def unguarded(cell: str) -> str:
    """The cell without the mark that `harmless` puts before it."""
    guarded = cell.startswith("'") and is_formula(cell.lstrip("'"))
    return cell[1:] if guarded else cell


def read_day(text: str, today: date) -> date:
    """A day, as people and spreadsheet programs write it: "2026-12-05", "5/12/26", 46361."""
    serial = _SERIAL.fullmatch(text.strip())
    if serial:
        return _DAY_ZERO + timedelta(days=int(serial[1]))
    # A program may add midnight to a day.
    return parse_date(re.sub(r"[T ]00:00(:00)?$", "", text.strip()), today)


def read_time(text: str) -> time:
    """A clock time: "18:30", "6.30pm", "18:30:00", or the part of a day that a program keeps."""
    words = text.strip()
    if _FRACTION.fullmatch(words) and "." in words:
        minutes = round(float(words) * 24 * 60) % (24 * 60)
        return time(minutes // 60, minutes % 60)
    return parse_time(words)


def read_number(text: str) -> int:
    """A whole number; "3.0" is what some programs make of 3."""
    found = re.fullmatch(r"(\d{1,6})(?:\.0+)?", text.strip(), re.ASCII)
    if found is None:
        raise Refusal("This is not a whole number.")
    return int(found[1])


_DUTY: Final = re.compile(r"(?P<name>.+?)\s+(?P<places>\d{1,3})(?:\s*\((?P<least>\d{1,3})\))?")


def write_team(team: Sequence[tuple[str, int, int]]) -> str:
    """Duties with places and least number: "Driver 2 (1); Sorter 3 (2)"."""
    return "; ".join(f"{name} {places} ({least})" for name, places, least in team)


def read_team(text: str) -> list[tuple[str, int, int]]:
    """The duties in a cell; none for an empty one. Raises `Refusal`."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        said = _DUTY.fullmatch(part)
        if said is None:
            raise Refusal("Write duties like “Driver 2 (1); Sorter 3 (2)”.")
        found.append((said["name"], int(said["places"]), int(said["least"] or 0)))
    return found


_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def version_of(*parts: object) -> str:
    """Eight letters that change whenever one of these does.

    No digits: a spreadsheet program takes "123e4567" for a very large number.
    """
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8].translate(_LETTERS)


# What XML cannot hold, and no name needs, becomes a space.
UNWRITABLE: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], " ")


def tidy(text: str) -> str:
    """The text with single spaces: more of them, or a line's end, are no change."""
    return " ".join(text.translate(UNWRITABLE).split())


def face(moment: datetime) -> tuple[str, str]:
    """A local moment as its day and its clock time."""
    return moment.date().isoformat(), f"{moment:%H:%M}"
