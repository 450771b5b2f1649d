"""The one small thing that a volunteer could tell us next."""

from __future__ import annotations

from dataclasses import dataclass

from app.volunteers.models import Volunteer
from app.volunteers.profile_parts import PARTS


@dataclass(frozen=True)
class Step:
    """A part of the profile by its slug, and how we ask for it."""

    slug: str
    sentence: str
    button: str


# What helps most comes first: whoever may not be asked is not found at all.
_ASKED = {
    "contact": Step(
        "contact", "May we text or email you when a group near you needs help?", "Say how"
    ),
    "age": Step("age", "Are you 18 or over? Many roles need to know.", "Tell us"),
    "interests": Step("interests", "What kind of help do you like to give?", "Choose"),
    "times": Step("times", "When are you often free? We then ask at the right times.", "Choose"),
    "skills": Step("skills", "What can you do? Driving, cooking, a language: it all helps.", "Say"),
    "emergency": Step("emergency", "Whom should a group call if you fall ill?", "Tell us"),
}


def next_step(volunteer: Volunteer) -> Step | None:
    """The first thing that is not told yet, or None when nothing is missing."""
    for slug, step in _ASKED.items():
        if slug == "contact":
            is_told = volunteer.sms_consent_at is not None or volunteer.email_consent_at is not None
        else:
            is_told = bool(PARTS[slug].says(volunteer))
        if not is_told:
            return step
    return None
