"""The words for what volunteers can do, like and hold. Append only (see foundation.flags)."""

from __future__ import annotations

import enum
from typing import Self

from app.foundation.flags import Vocabulary
from app.foundation.sentences import N_, gettext


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
            cls(1): N_("Helping at a library"),
            cls(2): N_("Sorting and packing food"),
            cls(4): N_("Driving and deliveries"),
            cls(8): N_("Befriending and phone calls"),
            cls(16): N_("Helping in an emergency"),
            cls(32): N_("Children and story times"),
            cls(64): N_("Office and computer work"),
            cls(128): N_("Gardens and outdoors"),
            cls(256): N_("Repair and re-use"),
            cls(512): N_("Events and fundraising"),
            cls(1024): N_("Helping adults learn"),
            cls(2048): N_("Community café"),
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
            cls(1): N_("Driving a car"),
            cls(2): N_("Driving a van"),
            cls(4): N_("First aid"),
            cls(8): N_("Food hygiene"),
            cls(16): N_("Lifting safely"),
            cls(32): N_("Computers"),
            cls(64): N_("Handling cash"),
            cls(128): N_("Cooking"),
            cls(256): N_("Listening"),
            cls(512): N_("Teaching"),
            cls(1024): N_("Repairs"),
            cls(2048): N_("Sign language"),
            cls(4096): N_("Leading a team"),
            cls(8192): N_("Chainsaw"),
            cls(16384): N_("Driving a 4x4"),
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
        return {
            cls(1): N_("Gujarati"),
            cls(2): N_("Punjabi"),
            cls(4): N_("Polish"),
            cls(8): N_("Urdu"),
            cls(16): N_("Hindi"),
            cls(32): N_("Bengali"),
            cls(64): N_("Romanian"),
            cls(128): N_("Somali"),
            cls(256): N_("Arabic"),
            cls(512): N_("Ukrainian"),
            cls(1024): N_("Welsh"),
            cls(2048): N_("Portuguese"),
        }


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
            cls(1): N_("On foot"),
            cls(2): N_("By bicycle"),
            cls(4): N_("By bus or train"),
            cls(8): N_("By car"),
            cls(16): N_("By van"),
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
            cls(1): N_("Food hygiene certificate"),
            cls(2): N_("Manual handling"),
            cls(4): N_("Safeguarding"),
            cls(8): N_("First aid at work"),
            cls(16): N_("Fire safety"),
            cls(32): N_("Working alone safely"),
            cls(64): N_("Flood response"),
            cls(128): N_("Data protection"),
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
        words = {
            "not-told": N_("Not told yet"),
            "under-16": N_("Under 16"),
            "16-17": N_("16 or 17"),
            "adult": N_("18 or over"),
        }
        return gettext(words[self.value])


class Lead(Vocabulary):
    """How long before a shift somebody is reminded of it."""

    WEEK = 1
    DAY = 2
    TWO_HOURS = 4

    @classmethod
    def words(cls) -> dict[Self, str]:
        return {
            cls(1): N_("A week before"),
            cls(2): N_("The day before"),
            cls(4): N_("Two hours before"),
        }


class DbsLevel(enum.StrEnum):
    """Levels of check of the Disclosure and Barring Service (England)."""

    NONE = "none"
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"
    ENHANCED_BARRED = "enhanced-barred"

    @property
    def label(self) -> str:
        words = {
            "none": N_("No check"),
            "basic": N_("Basic"),
            "standard": N_("Standard"),
            "enhanced": N_("Enhanced"),
            "enhanced-barred": N_("Enhanced with barred list"),
        }
        return gettext(words[self.value])

    @property
    def check(self) -> str:
        """The check by its whole name."""
        words = {
            "none": N_("No check"),
            "basic": N_("Basic DBS check"),
            "standard": N_("Standard DBS check"),
            "enhanced": N_("Enhanced DBS check"),
            "enhanced-barred": N_("Enhanced DBS check with barred list"),
        }
        return gettext(words[self.value])

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
        words = {
            "adult": N_("Adult workforce"),
            "child": N_("Child workforce"),
            "both": N_("Child and adult workforce"),
            "other": N_("Other workforce"),
        }
        return gettext(words[self.value])


class DayPart(enum.IntEnum):
    """A third of a day: before noon, noon to five, from five."""

    MORNING = 0
    AFTERNOON = 1
    EVENING = 2

    @property
    def label(self) -> str:
        words = (N_("morning"), N_("afternoon"), N_("evening"))
        return gettext(words[self])


WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
EVERY_TIME = (1 << 21) - 1
