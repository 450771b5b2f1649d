"""What a text that came in means: pure."""

from app.inbox.rules.understanding import (
    ANSWER_EXPECTED,
    Meaning,
    Understanding,
    answers_the_ask,
    choose_request,
    understand,
)

__all__ = [
    "ANSWER_EXPECTED",
    "Meaning",
    "Understanding",
    "answers_the_ask",
    "choose_request",
    "understand",
]
