"""What the words in a cell mean: skills, interests, free times, yes and no; pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, TypeVar

from app.foundation.errors import Refusal
from app.foundation.flags import Vocabulary
from app.volunteers.rules import age_band, time_bit
from app.volunteers.vocabulary import (
    EVERY_TIME,
    WEEKDAYS,
    Activity,
    AgeBand,
    DayPart,
    Language,
    Skill,
    Transport,
)
from app.web.dates import parse_date

V = TypeVar("V", bound=Vocabulary)

SKILLS: Final = {
    Skill.DRIVE_CAR: r"driv(?!ing a van|es? a van|ing a 4)|\bcar\b|driving licen[cs]e",
    Skill.DRIVE_VAN: r"\bvan\b",
    Skill.FIRST_AID: r"first.?aid",
    Skill.FOOD_HYGIENE: r"hygiene",
    Skill.MANUAL_HANDLING: r"manual.?handling|lifting",
    Skill.IT: r"comput|\bIT\b|\bict\b|digital",
    Skill.CASH: r"\bcash|\btills?\b|money handling|treasur",
    Skill.COOKING: r"cook|\bchef|catering",
    Skill.LISTENING: r"listen|befriend|counsell",
    Skill.TEACHING: r"teach|tutor|train(?:er|ing others)|mentor",
    Skill.DIY: r"\bdiy\b|repair|handy.?(?:man|person)|joiner|carpent|plumb|electric",
    Skill.SIGNING: r"\bbsl\b|sign language|signing",
    Skill.LEADING: r"lead|supervis|manag",
    Skill.CHAINSAW: r"chain.?saw",
    Skill.FOUR_BY_FOUR: r"4 ?[x×] ?4|four.?by.?four|land.?rover",
}
ACTIVITIES: Final = {
    Activity.LIBRARY_DESK: r"librar|\bdesk\b|books",
    Activity.FOOD: r"food|parcels?|packing|sorting",
    Activity.DRIVING: r"driv|deliver",
    Activity.BEFRIENDING: r"befriend|phone calls?|lonel|companion|visiting",
    Activity.EMERGENCY: r"emergenc|flood|\bsnow|response|crisis|resilien",
    Activity.CHILDREN: r"child|kids|story.?times?|youth|young",
    Activity.ADMIN: r"admin|office|computer|\bIT\b",
    Activity.OUTDOORS: r"garden|outdoor|litter|conservation|nature",
    Activity.REPAIR: r"repair|re.?use|mend|\bdiy\b|furniture",
    Activity.EVENTS: r"event|fund.?rais|\bfete|\bfair\b",
    Activity.LEARNING: r"learn|teach|tutor|adult.?ed|work club",
    Activity.CAFE: r"caf[eé]|coffee|\btea\b",
}
LANGUAGES: Final = {language: rf"\b{str(language.name).lower()}" for language in Language}
TRANSPORTS: Final = {
    Transport.ON_FOOT: r"foot|walk",
    Transport.BICYCLE: r"bike|cycl",
    Transport.BUS: r"\bbus|train|public",
    Transport.CAR: r"\bcar\b|driv|^(?:y|yes|own)$",
    Transport.VAN: r"\bvan\b",
}

_NONE: Final = re.compile(r"^\W*(?:no|none|nil|n/?a|not?t? applicable|-)?\W*$", re.IGNORECASE)
_NOT: Final = re.compile(r"^\W*(?:no|not|non|can'?t|cannot|don'?t|doesn'?t|never)\b", re.IGNORECASE)


def bits(text: str, table: dict[V, str], vocabulary: type[V]) -> V:
    """The members whose words stand in the cell; parts that say "no" do not count."""
    found = vocabulary(0)
    for part in re.split(r"[,;|\n]", text):
        if _NONE.match(part) or _NOT.match(part):
            continue
        for member, pattern in table.items():
            # "IT" in capitals is computing; "it" is a small word.
            flags = 0 if r"\bIT\b" in pattern and re.search(r"\bIT\b", part) else re.IGNORECASE
            pattern = pattern if flags == 0 else pattern.replace(r"|\bIT\b", "")
            if re.search(pattern, part, flags):
                found |= member
    return found


_DAYS: Final = re.compile(
    r"\b(?:(?P<all>every ?day|any ?days?|all days|daily|7 days)"
    r"|(?P<work>week ?days?|mon(?:day)?s? ?(?:-|–|to) ?fri(?:day)?s?)"
    r"|(?P<end>week ?ends?)"
    r"|(?P<day>mon|tue|wed|thu|fri|sat|sun)"
    r"(?:day|s|sday|nesday|rs|rsday|urday|r|ur|urs)?s?)\b",
    re.IGNORECASE,
)
_PARTS: Final = {
    DayPart.MORNING: re.compile(r"\b(?:mornings?|a\.?m\.?)(?!\w)", re.IGNORECASE),
    DayPart.AFTERNOON: re.compile(r"\b(?:afternoons?|p\.?m\.?|after lunch)(?!\w)", re.IGNORECASE),
    DayPart.EVENING: re.compile(r"\b(?:evenings?|eves?|nights?|after work)(?!\w)", re.IGNORECASE),
}
_ANY_TIME: Final = re.compile(r"any ?time|always|flexible|^any$|^all$|full.?time", re.IGNORECASE)


def free_times(text: str) -> int:
    """The bits of "Tues eve, Sat am", "weekday mornings", "any time"; 0 when nothing is said.

    Days without a part of the day take the next one named ("Mon, Tue
    evenings"), or the whole day when none follows.
    """
    if _ANY_TIME.search(text.strip()) and not _DAYS.search(text):
        return EVERY_TIME
    found, waiting = 0, set[int]()
    for segment in re.split(r"[,;/|&\n]|\band\b", text):
        if _NOT.match(segment):
            continue
        days = {day for match in _DAYS.finditer(segment) for day in _days(match)}
        parts = {part for part, words in _PARTS.items() if words.search(segment)}
        if parts:
            days = days | waiting or set(range(7) if not found else _last_days(found))
            waiting = set()
            found |= sum(time_bit(day, part) for day in days for part in parts)
        else:
            waiting |= days
    return found | sum(time_bit(day, part) for day in waiting for part in DayPart)


def _days(match: re.Match[str]) -> range | list[int]:
    if match["all"]:
        return range(7)
    if match["work"]:
        return range(5)
    if match["end"]:
        return [5, 6]
    short = match["day"].lower()
    return [next(n for n, name in enumerate(WEEKDAYS) if name.lower().startswith(short))]


def _last_days(found: int) -> list[int]:
    """The days named so far, for "Tue mornings and evenings"; nothing wider."""
    named = [day for day in range(7) if found >> day * 3 & 0b111]
    return named[-1:]


_YES: Final = re.compile(
    r"^\W*(?:y|yes|yeah|yep|true|t|1|x|ok|okay|agreed?|agrees|consented|consents|given|granted|"
    r"opted[ -]?in|opt[ -]?in|on|✓|✔|☑|yes please|happy to|i (?:agree|consent))\b.*$|^\s*[✓✔☑]\s*$",
    re.IGNORECASE,
)
_NO_AT_ALL: Final = re.compile(r"\b(?:no|not|none|never|neither|refused|withdrawn|stop)\b", re.I)


def says_yes(text: str) -> bool:
    """Whether the cell says yes; anything doubtful is no."""
    return bool(_YES.match(text)) and not _NO_AT_ALL.search(text)


def channels(text: str, today: date) -> tuple[bool, bool]:
    """Whether a cell about contact allows texts, and emails: "yes", "email only", a date."""
    if says_yes(text) or _is_past_date(text, today):
        only_sms, only_email = _names(text)
        return (only_sms, only_email) if only_sms or only_email else (True, True)
    if _NO_AT_ALL.search(text):
        return False, False
    return _names(text)


def agrees(text: str, today: date) -> bool:
    """Whether a cell of a consent column for one channel says that it was given."""
    return says_yes(text) or _is_past_date(text, today)


def _names(text: str) -> tuple[bool, bool]:
    words = text.lower()
    both = bool(re.search(r"\bboth\b|\ball\b|\bany\b|either", words))
    sms = bool(re.search(r"\btexts?\b|\bsms\b|mobile|text message", words))
    email = bool(re.search(r"e-?mails?", words))
    return sms or both, email or both


def _is_past_date(text: str, today: date) -> bool:
    try:
        return bool(text.strip()) and _date(text, today) <= today and len(text.strip()) >= 8
    except Refusal:
        return False


def _date(text: str, today: date) -> date:
    """A date with its year; without a time of day, and never in words like "tomorrow"."""
    words = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text.strip())
    if not re.search(r"\d{2}", words):
        raise Refusal("This is not a date.")
    return parse_date(words, today)


def band_of_birth(text: str, today: date) -> AgeBand:
    """The age band of a date of birth; `NOT_TOLD` for what is not one.

    "12/3/68" is a day of 1968: nobody is born in the future.
    """
    try:
        born_on = _date(text, today)
    except Refusal:
        return AgeBand.NOT_TOLD
    while born_on > today:
        born_on = born_on.replace(year=born_on.year - 100, day=min(born_on.day, 28))
    if today - born_on > timedelta(days=366 * 120) or today - born_on < timedelta(days=366):
        return AgeBand.NOT_TOLD
    return age_band(born_on, today)


def band_of_age(text: str) -> AgeBand:
    """The age band of "34", "16-17", "18+", "Under 16", "Adult", or yes to "over 18"."""
    words = text.strip().lower()
    if says_yes(words) and not words.startswith("1"):
        return AgeBand.ADULT
    if re.search(r"under.?16|below.?16|<.?16", words):
        return AgeBand.UNDER_16
    if re.search(r"adult|over.?18|18.?(?:\+|or over|and over)|>.?1[78]", words):
        return AgeBand.ADULT
    ages = [int(age) for age in re.findall(r"\b\d{1,3}\b", words)]
    if not ages or re.search(r"under.?18", words):
        return AgeBand.NOT_TOLD
    youngest = min(ages)
    if youngest < 16:
        return AgeBand.UNDER_16 if max(ages) < 16 else AgeBand.NOT_TOLD
    if youngest < 18:
        return AgeBand.FROM_16 if max(ages) < 18 else AgeBand.NOT_TOLD
    return AgeBand.ADULT


def miles(text: str) -> int | None:
    """Whole miles from 1 to 100 in "10", "5 miles", "up to 15"; None when nothing fits."""
    found = re.search(r"\d{1,3}", text)
    number = int(found[0]) if found else 0
    return number if 1 <= number <= 100 else None
