"""What can be done with a request; each verb is one unit of work."""

from app.broadcasts.service.course import advance, advance_all, start
from app.broadcasts.service.drafting import (
    adjust,
    again,
    choose,
    discard,
    draft,
    keep,
    limit,
    word,
)
from app.broadcasts.service.ending import note_answer, places_changed, tell_filled
from app.broadcasts.service.steering import (
    CAN_WIDEN,
    ask_everyone,
    pause,
    resume,
    stop,
    widen,
)

__all__ = [
    "CAN_WIDEN",
    "adjust",
    "advance",
    "advance_all",
    "again",
    "ask_everyone",
    "choose",
    "discard",
    "draft",
    "keep",
    "limit",
    "note_answer",
    "pause",
    "places_changed",
    "resume",
    "start",
    "stop",
    "tell_filled",
    "widen",
    "word",
]
