"""How common each thing is among the demo's volunteers, and where they live."""

from __future__ import annotations

from typing import Final

from app.volunteers.rules import time_bit
from app.volunteers.vocabulary import (
    EVERY_TIME,
    Activity,
    DayPart,
    DbsLevel,
    Skill,
    Training,
    Workforce,
)

EVENINGS: Final = sum(time_bit(day, DayPart.EVENING) for day in range(7))
_WORKDAYS: Final = sum(
    time_bit(day, part) for day in range(5) for part in (DayPart.MORNING, DayPart.AFTERNOON)
)
SATURDAY: Final = sum(time_bit(5, part) for part in DayPart)
_SUNDAY: Final = sum(time_bit(6, part) for part in DayPart)
FREE_TIMES: Final = (
    (0, 25),  # not told
    (EVERY_TIME, 8),
    (_WORKDAYS, 18),
    (_WORKDAYS | EVENINGS, 8),
    (EVENINGS, 9),
    (EVENINGS | SATURDAY, 8),
    (SATURDAY | _SUNDAY, 8),
    (EVENINGS | SATURDAY | _SUNDAY, 6),
)
WEIGHTS: Final = {
    "Leicester": 30,
    "Loughborough": 55,
    "Hinckley": 38,
    "Coalville": 32,
    "Wigston": 28,
    "Melton Mowbray": 27,
    "Oadby": 23,
    "Market Harborough": 23,
    "Braunstone Town": 16,
    "Syston": 14,
    "Shepshed": 14,
    "Ashby-de-la-Zouch": 14,
    "Birstall": 13,
    "Oakham": 11,
    "Lutterworth": 10,
    "Earl Shilton": 10,
}
WEIGHTS_BY_KIND: Final = {"town": 8, "suburb": 12, "village": 5}
SPREAD_METRES: Final = {"town": 1500, "suburb": 800, "village": 600}

SKILLS: Final = {
    Skill.DRIVE_VAN: 0.07,
    Skill.FIRST_AID: 0.12,
    Skill.FOOD_HYGIENE: 0.18,
    Skill.MANUAL_HANDLING: 0.2,
    Skill.IT: 0.25,
    Skill.CASH: 0.2,
    Skill.COOKING: 0.2,
    Skill.LISTENING: 0.35,
    Skill.TEACHING: 0.12,
    Skill.DIY: 0.14,
    Skill.SIGNING: 0.01,
    Skill.LEADING: 0.12,
    Skill.CHAINSAW: 0.01,
    Skill.FOUR_BY_FOUR: 0.04,
}
ACTIVITIES: Final = dict.fromkeys(Activity, 0.2)
TRAININGS: Final = (
    # training, how many hold it, how many months it holds
    (Training.FOOD_HYGIENE, 0.3, 36),
    (Training.MANUAL_HANDLING, 0.15, 24),
    (Training.SAFEGUARDING, 0.3, 36),
    (Training.FIRST_AID, 0.08, 36),
    (Training.FIRE_SAFETY, 0.12, 24),
    (Training.FLOOD_RESPONSE, 0.14, 36),
    (Training.DATA_PROTECTION, 0.08, 24),
)
CHECKS: Final = (
    (DbsLevel.BASIC, Workforce.OTHER),
    (DbsLevel.ENHANCED, Workforce.CHILD),
    (DbsLevel.ENHANCED, Workforce.CHILD),
    (DbsLevel.ENHANCED, Workforce.BOTH),
    (DbsLevel.ENHANCED, Workforce.ADULT),
    (DbsLevel.ENHANCED_BARRED, Workforce.ADULT),
    (DbsLevel.ENHANCED_BARRED, Workforce.ADULT),
    (DbsLevel.ENHANCED_BARRED, Workforce.BOTH),
)
