"""How many people to ask next, and how the request reads: pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.messaging.rules.states import State

# Until answers tell more: of ten people asked for tonight, two say yes.
PRIOR_YES = 2.0
PRIOR_ASKED = 10.0
# Of those who will answer at all, half have done so after this many minutes.
HALF_ANSWER_WITHIN = 8.0
_WORDS: Final = re.compile(r"\w+")
LOWEST_CHANCE = 0.04

# What the states of the asking texts mean to a coordinator; each state is in one group.
TEXT_GROUPS: Final[dict[str, tuple[State, ...]]] = {
    "waiting": (State.QUEUED, State.LEASED),
    "sent": (State.SENDING, State.ACCEPTED, State.SENT),
    "delivered": (State.DELIVERED,),
    "uncertain": (State.UNCERTAIN,),
    "failed": (State.FAILED, State.UNDELIVERED),
    "held-back": (State.SUPPRESSED, State.CANCELLED, State.EXPIRED),
}
# What has left us or may have, and so costs money.
GONE: Final = (
    State.SENDING,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.UNDELIVERED,
    State.UNCERTAIN,
)
# The lists of people behind the counts of a request's page, and how each is called.
LISTS: Final = {
    "fit": "Who fits",
    "asked": "Who is asked",
    "not-asked": "Who fits and is not asked yet",
    "waiting": "Texts written, waiting to leave",
    "sent": "Texts sent, no word yet that they arrived",
    "delivered": "Texts delivered",
    "uncertain": "Texts we cannot be sure of",
    "failed": "Texts that failed",
    "held-back": "Texts held back",
    "yes": "Who said yes",
    "no": "Who said no",
    "unclear": "Whose answer was unclear",
    "silent": "Who has not answered",
    "excluded": "Who is not asked, and why",
}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a request stands when the next wave is chosen."""

    places_left: int
    minutes_left: float
    asked_minutes_ago: Sequence[float]  # of those who have not answered yet
    yes: int
    no: int
    unasked: int


@dataclass(frozen=True)
class NextWave:
    """How many to ask now, how soon to look again, and why, in words."""

    size: int
    look_again: timedelta
    reason: str


def chance_of_yes(progress: Progress) -> float:
    """How likely one person asked now says yes: ten people's experience, then this request's own.

    Somebody silent counts as having said no the more, the longer they are silent.
    """
    silent_no = sum(1 - still_to_answer(minutes) for minutes in progress.asked_minutes_ago)
    asked = PRIOR_ASKED + progress.yes + progress.no + silent_no
    return max(LOWEST_CHANCE, (PRIOR_YES + progress.yes) / asked)


def still_to_answer(minutes: float) -> float:
    """The share of answers that has not come so many minutes after asking: halves every eight."""
    return float(2.0 ** (-max(0.0, minutes) / HALF_ANSWER_WITHIN))


def next_wave(progress: Progress) -> NextWave:
    """Choose the smallest next wave that should fill the places in the time left.

    Enough people are asked that the yes still expected reach the places left
    with a margin, which grows as the time runs out. In the last half hour,
    when a second wave could hardly answer, the margin is two.
    """
    pause = timedelta(minutes=1 if progress.minutes_left < 60 else 3)
    if progress.places_left <= 0:
        return NextWave(0, pause, "Every place is taken.")
    chance = chance_of_yes(progress)
    expected = chance * sum(still_to_answer(minutes) for minutes in progress.asked_minutes_ago)
    margin = 2.0 if progress.minutes_left <= 30 else 1.5 if progress.minutes_left <= 120 else 1.2
    missing = progress.places_left * margin - expected
    size: int = min(progress.unasked, max(0, math.ceil(missing / chance)))
    share = f"about {max(1, round(chance * 100))} in 100 are likely to say yes"
    places = "1 place is" if progress.places_left == 1 else f"{progress.places_left} places are"
    waiting = len(progress.asked_minutes_ago)
    if progress.unasked == 0:
        return NextWave(0, pause, f"{places} free and everybody has been asked.")
    if size == 0:
        return NextWave(
            0, pause, f"{places} free; {waiting} people may still answer, so nobody new is asked."
        )
    hurry = " Time is short, so more are asked at once." if margin == 2.0 else ""
    free = "the free place" if progress.places_left == 1 else f"{progress.places_left} free places"
    more = "1 more is" if size == 1 else f"{size} more are"
    return NextWave(size, pause, f"For {free} {more} asked: {share}.{hurry}")


def free_number(taken: Collection[int], after: int) -> int:
    """The next short number for a request: two digits while there are some free.

    Goes round from the last one given, so that a number comes back as late as can be.
    """
    for last in (99, 999, 9999):
        candidates: list[int] = [
            *range(max(10, after + 1), last + 1),
            *range(10, min(after, last) + 1),
        ]
        for number in candidates:
            if number not in taken:
                return number
    raise ValueError("Every request number is in use.")


def how_to_answer(number: int) -> str:
    """The end of each asking text; how to stop is added for whoever was not told lately."""
    return f"Reply {number} YES or {number} NO."


def draft_text(group: str, roles: Sequence[str], when: str, where: str, number: int) -> str:
    """The drafted text of a request, in one segment where the names allow it."""
    first, *others = dict.fromkeys(roles)
    role = " or ".join([first[:1].upper() + first[1:], *(_inside(other) for other in others)])
    return f"{group}: can you help? {role}, {when}, {where}. {how_to_answer(number)}"


def _inside(role: str) -> str:
    """A role's name as it stands inside a sentence: "IT helper" keeps its letters."""
    return role if role[1:2].isupper() else role[:1].lower() + role[1:]


def names_request(text: str, number: int) -> bool:
    """Whether a text tells people how to answer this request."""
    return re.search(rf"(?<!\d){number} YES\b", text.upper()) is not None


def names_sender(text: str, groups: Sequence[str]) -> bool:
    """Whether a text says who it is from: a telling word of a group's name, or Many Hands."""
    said = set(_WORDS.findall(text.casefold()))
    names = [set(_WORDS.findall(name.casefold())) for name in groups]
    telling = [{word for word in name if len(word) > 3} or name for name in names]
    return {"many", "hands"} <= said or any(name & said for name in telling)


def finish_time(now: datetime, segments: int, per_second: float) -> datetime:
    """When the last text leaves if everybody is asked, at the sender's own rate."""
    return now + timedelta(seconds=segments / per_second)
