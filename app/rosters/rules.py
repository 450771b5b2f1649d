"""Whom a message reaches and why not, in words; how a text begins; pure."""

from __future__ import annotations

import enum
from datetime import date, timedelta
from typing import Final

# Beyond so many messages in a day a group is asked whether it means it.
MOST_A_DAY: Final = 3
LONGEST_TEXT: Final = 459  # three segments of plain letters
LONGEST_EMAIL: Final = 5000
# Who had a place in a role so lately counts among its people.
LATELY: Final = timedelta(days=90)


class Reach(enum.StrEnum):
    """Whether somebody is written to, and if not, why."""

    WRITTEN = "written"
    NO_ADDRESS = "no-address"
    NO_CONSENT = "no-consent"
    OPTED_OUT = "opted-out"
    PAUSED = "paused"
    NOT_JOINED = "not-joined"

    def words(self, by_text: bool) -> str:
        """Why, as it stands over the names of those whom it is true of."""
        way, kind = ("mobile number", "texts") if by_text else ("email address", "emails")
        return {
            "written": "Written to",
            "no-address": f"No confirmed {way}" if not by_text else f"No {way}",
            "no-consent": f"Have not said yes to {kind}",
            "opted-out": f"Asked us to stop all {kind}",
            "paused": "Taking a break",
            "not-joined": "On your list, but have not helped you yet",
        }[self.value]


def text_of(group: str, body: str) -> str:
    """The text as it is sent: who it is from comes first."""
    words = body.strip()
    named = words.casefold().startswith(group.casefold())
    return words if named else f"{group}: {words}"


def monday_of(day: date) -> date:
    """The first day of the week that a day is in."""
    return day - timedelta(days=day.weekday())
