"""What can be done with a request; each verb is one unit of work."""

from app.broadcasts.service.course import (
    advance,
    advance_all,
    ask_everyone,
    note_answer,
    pause,
    places_changed,
    resume,
    start,
    stop,
)
from app.broadcasts.service.drafting import adjust, again, discard, draft, word

__all__ = [
    "adjust",
    "advance",
    "advance_all",
    "again",
    "ask_everyone",
    "discard",
    "draft",
    "note_answer",
    "pause",
    "places_changed",
    "resume",
    "start",
    "stop",
    "word",
]
