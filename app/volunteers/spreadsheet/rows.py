"""One row of a spreadsheet becomes a person, or a reason why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import phonenumbers

from app.accounts.rules import acceptable_name, email_address
from app.foundation import phone
from app.foundation.errors import Refusal
from app.foundation.places import normalise_postcode
from app.volunteers.spreadsheet import words
from app.volunteers.spreadsheet.columns import Column
from app.volunteers.spreadsheet.table import Table
from app.volunteers.vocabulary import Activity, AgeBand, Language, Skill, Transport

_LANDLINE_LEFT_OUT: Final = "landline left out"
_NO_SKILLS, _NO_INTERESTS = Skill(0), Activity(0)
_NO_LANGUAGES, _NO_TRANSPORT = Language(0), Transport(0)


@dataclass
class Person:
    """What a row says of somebody. `notes` are what was left out of it, in few words."""

    row: int
    name: str
    phone: str | None = None
    email: str | None = None
    postcode: str = ""
    skills: Skill = _NO_SKILLS
    interests: Activity = _NO_INTERESTS
    languages: Language = _NO_LANGUAGES
    transport: Transport = _NO_TRANSPORT
    miles: int | None = None
    free_times: int = 0
    age_band: AgeBand = AgeBand.NOT_TOLD
    emergency_name: str = ""
    emergency_phone: str = ""
    sms_allowed: bool = False
    email_allowed: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Two rows that share one of these are the same person."""
        name = self.name.casefold()
        return [(name, address) for address in (self.phone, self.email) if address]

    def fill_from(self, other: Person) -> None:
        """Take from a second row of the same person what this one leaves blank."""
        for blank in ("phone", "email", "postcode", "miles", "emergency_name", "emergency_phone"):
            if not getattr(self, blank):
                setattr(self, blank, getattr(other, blank))
        self.skills |= other.skills
        self.interests |= other.interests
        self.languages |= other.languages
        self.transport |= other.transport
        self.free_times |= other.free_times
        if self.age_band == AgeBand.NOT_TOLD:
            self.age_band = other.age_band
        # One row that does not allow a channel is enough to leave it alone.
        self.sms_allowed = self.sms_allowed and other.sms_allowed
        self.email_allowed = self.email_allowed and other.email_allowed


def read_person(number: int, cells: Sequence[str], table: Table, today: date) -> Person:
    """The person in a row. Raises `Refusal` with the reason why there is none."""
    said: dict[Column, list[str]] = {}
    for index, column in table.columns.items():
        if index < len(cells) and (text := " ".join(cells[index].split())):
            said.setdefault(column, []).append(text)

    def cell(column: Column) -> str:
        return said.get(column, [""])[0]

    name = cell(Column.NAME) or f"{cell(Column.FIRST_NAME)} {cell(Column.LAST_NAME)}"
    if not name.strip():
        raise Refusal("There is no name.")
    person = Person(number, acceptable_name(_turned(name)))
    _contact_points(person, said, cell)
    if cell(Column.POSTCODE):
        person.postcode = normalise_postcode(cell(Column.POSTCODE))
    person.skills = words.bits(cell(Column.SKILLS), words.SKILLS, Skill)
    person.interests = words.bits(cell(Column.INTERESTS), words.ACTIVITIES, Activity)
    person.languages = words.bits(cell(Column.LANGUAGES), words.LANGUAGES, Language)
    person.transport = words.bits(cell(Column.TRANSPORT), words.TRANSPORTS, Transport)
    person.miles = words.miles(cell(Column.MILES))
    person.free_times = words.free_times(cell(Column.AVAILABLE)) | _ticked(cells, table)
    # The date itself is read for its band and not kept.
    person.age_band = words.band_of_birth(cell(Column.BORN), today)
    if person.age_band == AgeBand.NOT_TOLD:
        person.age_band = words.band_of_age(cell(Column.AGE))
    person.emergency_name = cell(Column.EMERGENCY_NAME)[:100]
    person.emergency_phone = _digits(cell(Column.EMERGENCY_PHONE))
    _consent(person, cell, today)
    return person


def _turned(name: str) -> str:
    """ "Patel, Asha" the way round that people say it."""
    last, comma, first = name.partition(",")
    return f"{first} {last}" if comma and first.strip() and "," not in first else name


def _contact_points(
    person: Person, said: dict[Column, list[str]], cell: Callable[[Column], str]
) -> None:
    for text in said.get(Column.MOBILE, []) + said.get(Column.PHONE, []):
        number = _mobile(text)
        if number is None:
            if _LANDLINE_LEFT_OUT not in person.notes:
                person.notes.append(_LANDLINE_LEFT_OUT)
        elif person.phone is None:
            person.phone = number
    if person.phone:
        person.notes = []
    if text := cell(Column.EMAIL):
        person.email = _email(text)
    if not (person.phone or person.email):
        if person.notes:
            raise Refusal("The phone number is a landline, and there is no email address.")
        raise Refusal("There is no mobile number and no email address.")


def _email(text: str) -> str:
    try:
        return email_address(re.split(r"[;,\s]", text.removeprefix("mailto:").strip(" <>;,"))[0])
    except Refusal:
        raise Refusal("The email address is not complete.") from None


def _mobile(text: str) -> str | None:
    """The first mobile number of a cell; None for a landline.

    Raises `Refusal` for what is no phone number.
    """
    for part in re.split(r"[/;|]|\bor\b", text):
        try:
            return phone.parse(part)
        except Refusal:
            continue
    try:
        number = phonenumbers.parse(text.removeprefix("'"), "GB")
        if phonenumbers.is_valid_number(number):
            return None
    except phonenumbers.NumberParseException:
        pass
    raise Refusal("The phone number is not a mobile number that we can read.")


def _digits(text: str) -> str:
    digits = re.sub(r"[^\d+]", "", text)
    return digits if 10 <= len(digits) <= 16 else ""


def _ticked(cells: Sequence[str], table: Table) -> int:
    """The free times of columns of their own: an x below "Mon am", "evening" below "Monday"."""
    found = 0
    for index, column in table.columns.items():
        text = cells[index].strip() if index < len(cells) else ""
        if column != Column.AVAILABLE_AT or not text:
            continue
        whole = words.free_times(_spaced(table.header[index]))
        if words.says_yes(text):
            found |= whole
        elif parts := words.free_times(text):
            found |= whole & parts
    return found


def _spaced(heading: str) -> str:
    return re.sub(r"[^A-Za-z]+", " ", heading)


def _consent(person: Person, cell: Callable[[Column], str], today: date) -> None:
    """Consent only where a column for it says so; a doubt is a no."""
    if (stop := cell(Column.DO_NOT_CONTACT)) and not re.fullmatch(r"(?i)no?|false|0|n/a|-", stop):
        return
    sms, email = words.channels(cell(Column.CONSENT), today)
    if text := cell(Column.CONSENT_SMS):
        sms = words.agrees(text, today)
    if text := cell(Column.CONSENT_EMAIL):
        email = words.agrees(text, today)
    person.sms_allowed = sms and person.phone is not None
    person.email_allowed = email and person.email is not None
