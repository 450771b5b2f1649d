"""When a carrier should rest, and for how long: decided from counts alone.

After GOV.UK Notify, which has two suppliers of texts and watches both
(alphagov/notifications-api, `app/delivery/send_to_providers.py` and
`app/celery/scheduled_tasks.py`): errors above a number in a short time lower
a supplier's share at once, and so do texts that arrive late (more than
a share of those of the last quarter of an hour took over five minutes), never
when both are slow, never twice in a row without a pause; in quiet it tends
back. Notify moves ten points in a hundred at a time, for its load is steady.
Ours comes in bursts of minutes, so here a carrier rests whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.messaging.rules.outcomes import Outcome, Verdict

# Requests: how far back we look, and what is too much.
WINDOW: Final = timedelta(minutes=2)
FEWEST_FAULTS: Final = 5
FAULTS_SHARE: Final = 0.25
# Refusals are mostly about a number; when nearly all are refused it is about us.
FEWEST_REFUSED: Final = 10
REFUSED_SHARE: Final = 0.9
# Answers: seconds that are too long, and the share of them that is too much.
SLOW_SECONDS: Final = 5.0
FEWEST_SLOW: Final = 5
SLOW_SHARE: Final = 0.5
# Texts that were taken: how far back, how long one may be on its way, and the share.
TAKEN_WINDOW: Final = timedelta(minutes=15)
LATE_AFTER: Final = timedelta(minutes=5)
FEWEST_TAKEN: Final = 20
LATE_SHARE: Final = 0.3

FIRST_REST: Final = timedelta(minutes=2)
LONGEST_REST: Final = timedelta(minutes=30)
# After so long without trouble the next rest is a first one again.
FORGIVEN_AFTER: Final = timedelta(hours=1)

# The upper ends, in seconds, of the classes that times to accept are counted in; one more above.
CLASSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, SLOW_SECONDS)
LONGEST_ANSWER: Final = 10.0  # a request's time-out


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen of one carrier within the two windows."""

    asked: int = 0
    faults: int = 0
    refused: int = 0
    slow: int = 0
    taken: int = 0  # texts whose end is known, or that are on their way for too long
    late: int = 0
    delivered: int = 0


def is_refusal(outcome: Outcome) -> bool:
    """Whether the carrier refused this message for good."""
    return outcome.verdict == Verdict.FAILED and not outcome.is_carriers_fault


def class_of(seconds: float) -> int:
    """Which of the classes of times an answer falls in, from 0 to len(CLASSES)."""
    return sum(seconds > end for end in CLASSES)


def median_seconds(counts: Sequence[int]) -> float | None:
    """The median time in seconds from the counts of each class; None when there are none.

    Within a class the times are taken as evenly spread.
    """
    total = sum(counts)
    if not total:
        return None
    ends = (*CLASSES, LONGEST_ANSWER)
    before, start = 0, 0.0
    for number, end in zip(counts, ends, strict=True):
        if number and before + number >= total / 2:
            return start + (end - start) * (total / 2 - before) / number
        before, start = before + number, end
    return LONGEST_ANSWER


def trouble(seen: Seen) -> str:
    """Why a carrier should rest, as a sentence for an administrator; empty when it need not."""
    minutes = int(WINDOW.total_seconds() // 60)
    lately = f"in the last {minutes} minutes"
    if seen.faults >= FEWEST_FAULTS and seen.faults >= FAULTS_SHARE * seen.asked:
        return f"{seen.faults} of {seen.asked} requests failed {lately}."
    turned_away = seen.refused + seen.faults
    if turned_away >= FEWEST_REFUSED and turned_away >= REFUSED_SHARE * seen.asked:
        return f"{turned_away} of {seen.asked} texts were refused {lately}."
    if seen.slow >= FEWEST_SLOW and seen.slow >= SLOW_SHARE * seen.asked:
        return f"{seen.slow} of {seen.asked} answers took over {SLOW_SECONDS:.0f} seconds {lately}."
    # Without a single receipt it may as well be our own door that is shut.
    if seen.taken >= FEWEST_TAKEN and seen.delivered and seen.late >= LATE_SHARE * seen.taken:
        late = int(LATE_AFTER.total_seconds() // 60)
        return f"{seen.late} of {seen.taken} texts took over {late} minutes to arrive."
    return ""


def rest_after(rests: int) -> timedelta:
    """How long the next rest lasts after so many in a row: doubled each time, up to a limit."""
    return min(FIRST_REST * float(2 ** min(rests, 10)), LONGEST_REST)
