"""What a column's heading means, in the spellings that people use; pure."""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Sequence
from typing import Final


class Column(enum.StrEnum):
    """What a column of a spreadsheet can hold; the value is how we call it."""

    NAME = "Name"
    FIRST_NAME = "First name"
    LAST_NAME = "Last name"
    MOBILE = "Mobile"
    PHONE = "Phone"
    EMAIL = "Email"
    POSTCODE = "Postcode"
    BORN = "Date of birth"
    AGE = "Age"
    SKILLS = "Skills"
    INTERESTS = "Interests"
    LANGUAGES = "Languages"
    TRANSPORT = "Transport"
    MILES = "Miles to travel"
    AVAILABLE = "Available"
    AVAILABLE_AT = "Available at that time"
    CONSENT = "Consent to contact"
    CONSENT_SMS = "Consent to text"
    CONSENT_EMAIL = "Consent to email"
    DO_NOT_CONTACT = "Do not contact"
    EMERGENCY_NAME = "Emergency contact"
    EMERGENCY_PHONE = "Emergency phone"


_SPELLINGS: Final[dict[Column, str]] = {
    Column.NAME: """name; full name; volunteer; volunteer name; name of volunteer; person;
        contact name; your name; display name""",
    Column.FIRST_NAME: """first name; forename; forenames; given name; first names; first;
        christian name; known as; preferred name""",
    Column.LAST_NAME: "last name; surname; family name; second name; last",
    Column.MOBILE: """mobile; mobile no; mobile number; mobile phone; mobile phone number; mob;
        mob no; cell; cell phone; mobile tel; mobile telephone; text number; sms; sms number;
        whatsapp; phone mobile; mobile contact number; mobile 1""",
    Column.PHONE: """phone; phone no; phone number; telephone; telephone no; telephone number;
        tel; tel no; tel number; contact number; contact no; contact phone; contact tel;
        daytime phone; phone 1; phone 2; home phone; home tel; landline; primary phone""",
    Column.EMAIL: """email; e mail; email address; e mail address; mail; email addr;
        contact email; email 1; primary email; your email""",
    Column.POSTCODE: """postcode; post code; post code zip; postal code; zip; zip code;
        home postcode; p code; pcode; address postcode""",
    Column.BORN: """dob; d o b; date of birth; birth date; birthday; birthdate; born;
        birth day; date born""",
    Column.AGE: "age; age band; age group; age range; over 18; aged; are you over 18; 18 or over",
    Column.SKILLS: """skills; skill; skills and experience; experience; what can you do;
        abilities; skill set; key skills; skills offered""",
    Column.INTERESTS: """interests; interest; interested in; areas of interest; roles;
        preferred roles; role; volunteer role; what interests you; roles of interest; activities;
        would like to help with""",
    Column.LANGUAGES: "languages; language; languages spoken; other languages; speaks",
    Column.TRANSPORT: """transport; travel by; own transport; travel method; mode of transport;
        vehicle; how do you travel; means of transport""",
    Column.MILES: """miles; distance; travel distance; miles willing to travel; how far; radius;
        max distance; distance willing to travel; travel miles; max miles""",
    Column.AVAILABLE: """available; availability; days available; times available; when available;
        when free; free times; days; available days; days and times; when can you help;
        preferred days""",
    Column.CONSENT: """consent; consent to contact; contact consent; happy to be contacted;
        ok to contact; okay to contact; can we contact you; permission to contact; contact ok;
        consent to be contacted; contact permission; consent given; contact preference;
        contact preferences; preferred contact; how may we contact you""",
    Column.CONSENT_SMS: """consent to text; text consent; sms consent; consent sms; ok to text;
        okay to text; consent to sms; text ok; texts ok; sms ok; consent to texts; can we text;
        can we text you; happy to receive texts; sms opt in; text opt in; consent text;
        consent to text messages; agrees to texts; receive texts; receive sms; sms permission""",
    Column.CONSENT_EMAIL: """consent to email; email consent; consent email; ok to email;
        okay to email; email ok; emails ok; consent to emails; can we email; can we email you;
        happy to receive emails; email opt in; agrees to emails; receive emails;
        email permission""",
    Column.DO_NOT_CONTACT: """do not contact; dont contact; no contact; opted out; opt out;
        unsubscribed; stop; do not text; do not message""",
    Column.EMERGENCY_NAME: """emergency contact; emergency contact name; emergency name;
        next of kin; next of kin name; ice contact; ice name; nok""",
    Column.EMERGENCY_PHONE: """emergency phone; emergency contact phone; emergency contact number;
        emergency number; emergency tel; next of kin phone; next of kin number; ice number;
        emergency contact no; emergency telephone; emergency contact tel; ice phone;
        emergency contact mobile; emergency mobile; next of kin tel""",
}

_DAY: Final = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*")
_PART: Final = re.compile(r"(?:am|pm|eve|evening|evenings|morning|mornings|afternoon|afternoons)")
# A slip of a letter or two is forgiven, another word is not.
_ALIKE: Final = 0.86
_MAY_REPEAT: Final = {Column.PHONE, Column.MOBILE, Column.AVAILABLE_AT}


def _plain(heading: str) -> str:
    words = re.sub(r"\(.*?\)", " ", heading.lower()).replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", words).split())


_KNOWN: Final[dict[str, Column]] = {
    _plain(spelling).replace(" ", ""): column
    for column, spellings in _SPELLINGS.items()
    for spelling in spellings.split(";")
}


def meaning(heading: str) -> Column | None:
    """What a heading stands for, or None. A slip in the spelling is forgiven."""
    words = _plain(heading)
    compact = words.replace(" ", "")
    if not compact or len(compact) > 60:
        return None
    if compact in _KNOWN:
        return _KNOWN[compact]
    first, _, rest = words.partition(" ")
    if _DAY.fullmatch(first) and (not rest or _PART.fullmatch(rest)):
        return Column.AVAILABLE_AT
    if len(compact) < 5:
        return None
    close = difflib.get_close_matches(compact, _KNOWN, n=1, cutoff=_ALIKE)
    return _KNOWN[close[0]] if close else None


def recognise(header: Sequence[str]) -> dict[int, Column]:
    """What each column of a row of headings holds; the first of two alike counts.

    Columns whose heading says nothing to us are left out.
    """
    found: dict[int, Column] = {}
    for index, heading in enumerate(header[:200]):
        column = meaning(heading)
        if column and (column in _MAY_REPEAT or column not in found.values()):
            found[index] = column
    return found
