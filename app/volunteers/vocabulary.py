"""The words for what volunteers can do, like and hold. Append only (see foundation.flags)."""

from __future__ import annotations

import enum
from typing import Self

from app.foundation.flags import Vocabulary


class Activity(Vocabulary):
    """What a role is about, and what a volunteer is interested in."""

    LIBRARY_DESK = 1
    FOOD = 2
    DRIVING = 4
    BEFRIENDING = 8
    EMERGENCY = 16
    CHILDREN = 32
    ADMIN = 64
    OUTDOORS = 128
    REPAIR = 256
    EVENTS = 512
    LEARNING = 1024
    CAFE = 2048

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {
            cls(1): "Helping at a library",
            cls(2): "Sorting and packing food",
            cls(4): "Driving and deliveries",
            cls(8): "Befriending and phone calls",
            cls(16): "Helping in an emergency",
            cls(32): "Children and story times",
            cls(64): "Office and computer work",
            cls(128): "Gardens and outdoors",
            cls(256): "Repair and re-use",
            cls(512): "Events and fundraising",
            cls(1024): "Helping adults learn",
            cls(2048): "Community café",
        }


class Skill(Vocabulary):
    """What somebody can do, in their own judgement unless a training says so."""

    DRIVE_CAR = 1
    DRIVE_VAN = 2
    FIRST_AID = 4
    FOOD_HYGIENE = 8
    MANUAL_HANDLING = 16
    IT = 32
    CASH = 64
    COOKING = 128
    LISTENING = 256
    TEACHING = 512
    DIY = 1024
    SIGNING = 2048
    LEADING = 4096
    CHAINSAW = 8192
    FOUR_BY_FOUR = 16384

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {
            cls(1): "Driving a car",
            cls(2): "Driving a van",
            cls(4): "First aid",
            cls(8): "Food hygiene",
            cls(16): "Lifting safely",
            cls(32): "Computers",
            cls(64): "Handling cash",
            cls(128): "Cooking",
            cls(256): "Listening",
            cls(512): "Teaching",
            cls(1024): "Repairs",
            cls(2048): "Sign language",
            cls(4096): "Leading a team",
            cls(8192): "Chainsaw",
            cls(16384): "Driving a 4x4",
        }


class Language(Vocabulary):
    """Languages other than English that are often needed in the county."""

    GUJARATI = 1
    PUNJABI = 2
    POLISH = 4
    URDU = 8
    HINDI = 16
    BENGALI = 32
    ROMANIAN = 64
    SOMALI = 128
    ARABIC = 256
    UKRAINIAN = 512
    WELSH = 1024
    PORTUGUESE = 2048

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {member: str(member.name).capitalize() for member in cls}


class Transport(Vocabulary):
    """How a volunteer gets about."""

    ON_FOOT = 1
    BICYCLE = 2
    BUS = 4
    CAR = 8
    VAN = 16

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {
            cls(1): "On foot",
            cls(2): "By bicycle",
            cls(4): "By bus or train",
            cls(8): "By car",
            cls(16): "By van",
        }


class Training(Vocabulary):
    """Courses with a certificate that a role can ask for."""

    FOOD_HYGIENE = 1
    MANUAL_HANDLING = 2
    SAFEGUARDING = 4
    FIRST_AID = 8
    FIRE_SAFETY = 16
    LONE_WORKING = 32
    FLOOD_RESPONSE = 64
    DATA_PROTECTION = 128

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {
            cls(1): "Food hygiene certificate",
            cls(2): "Manual handling",
            cls(4): "Safeguarding",
            cls(8): "First aid at work",
            cls(16): "Fire safety",
            cls(32): "Working alone safely",
            cls(64): "Flood response",
            cls(128): "Data protection",
        }

    @property
    def usual_months(self) -> int:
        """For how long a certificate of this one course is usually taken to hold.

        First aid at work: three years, by the Health and Safety Executive
        (https://www.hse.gov.uk/firstaid/). The others end by no law; these are
        what most groups go by, and each record can say otherwise.
        """
        return {
            Training.FIRE_SAFETY: 12,
            Training.FLOOD_RESPONSE: 24,
            Training.DATA_PROTECTION: 24,
        }.get(self, 36)


class AgeBand(enum.StrEnum):
    """All that a rule needs to know of somebody's age."""

    NOT_TOLD = "not-told"
    UNDER_16 = "under-16"
    FROM_16 = "16-17"
    ADULT = "adult"

    @property
    def label(self) -> str:
        return {
            "not-told": "Not told yet",
            "under-16": "Under 16",
            "16-17": "16 or 17",
            "adult": "18 or over",
        }[self.value]


class Lead(Vocabulary):
    """How long before a shift somebody is reminded of it."""

    WEEK = 1
    DAY = 2
    TWO_HOURS = 4

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {cls(1): "A week before", cls(2): "The day before", cls(4): "Two hours before"}


class DbsLevel(enum.StrEnum):
    """Levels of check of the Disclosure and Barring Service (England)."""

    NONE = "none"
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"
    ENHANCED_BARRED = "enhanced-barred"

    @property
    def label(self) -> str:
        return {
            "none": "No check",
            "basic": "Basic",
            "standard": "Standard",
            "enhanced": "Enhanced",
            "enhanced-barred": "Enhanced with barred list",
        }[self.value]

    @property
    def rank(self) -> int:
        return list(DbsLevel).index(self)

    def at_least(self) -> list[DbsLevel]:
        """The levels that satisfy this one."""
        return [level for level in DbsLevel if level.rank >= self.rank]


class Workforce(enum.StrEnum):
    """Whom the check is about, as on the certificate."""

    ADULT = "adult"
    CHILD = "child"
    BOTH = "both"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "adult": "Adult workforce",
            "child": "Child workforce",
            "both": "Child and adult workforce",
            "other": "Other workforce",
        }[self.value]


class DayPart(enum.IntEnum):
    """A third of a day: before noon, noon to five, from five."""

    MORNING = 0
    AFTERNOON = 1
    EVENING = 2

    @property
    def label(self) -> str:
        return self.name.lower()


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_TIME = (1 << 21) - 1
