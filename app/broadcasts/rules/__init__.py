"""How a request decides and reads: pure.

`chances` and `curve` say who is likely to answer yes, and when; `planning`
how many to ask next; `texts` and `lists` what is written and counted.
"""

from app.broadcasts.rules.chances import (
    HALF_LIFE,
    History,
    Occasion,
    Person,
    Pool,
    chance,
    pool_of,
    weight_after,
)
from app.broadcasts.rules.curve import Curve, Timing, curve_of, timing_of
from app.broadcasts.rules.lists import GONE, LISTS, TEXT_GROUPS, finish_time
from app.broadcasts.rules.planning import (
    TARGET,
    NextWave,
    Outlook,
    Progress,
    Wave,
    chance_of_the_rest,
    next_wave,
    warning,
)
from app.broadcasts.rules.texts import (
    draft_text,
    filled_text,
    free_number,
    how_to_answer,
    in_other_words,
    names_request,
    names_sender,
)
from app.broadcasts.rules.time_left import answer_by, minutes_between

__all__ = [
    "GONE",
    "HALF_LIFE",
    "LISTS",
    "TARGET",
    "TEXT_GROUPS",
    "Curve",
    "History",
    "NextWave",
    "Occasion",
    "Outlook",
    "Person",
    "Pool",
    "Progress",
    "Timing",
    "Wave",
    "answer_by",
    "chance",
    "chance_of_the_rest",
    "curve_of",
    "draft_text",
    "filled_text",
    "finish_time",
    "free_number",
    "how_to_answer",
    "in_other_words",
    "minutes_between",
    "names_request",
    "names_sender",
    "next_wave",
    "pool_of",
    "timing_of",
    "warning",
    "weight_after",
]
