"""The one small thing that a volunteer could tell us next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.volunteers.models import Volunteer
from app.volunteers.profile_parts import PARTS


@dataclass(frozen=True)
class Step:
    """A part of the profile by its slug, how we ask for it, and why it helps."""

    slug: str
    sentence: Any  # text that is translated when it is shown
    button: Any
    why: Any = ""


# What helps most comes first: whoever may not be asked is not found at all.
_ASKED = {
    "contact": Step(
        "contact",
        _("May we text or email you when a group near you needs help?"),
        _("Say how"),
        _("Without your yes we write to you only about your own shifts."),
    ),
    "age": Step(
        "age",
        _("Are you 18 or over?"),
        _("Tell us"),
        _("Most roles need a grown-up. We show them to you once we know."),
    ),
    "interests": Step(
        "interests",
        _("What kind of help do you like to give?"),
        _("Choose"),
        _("We then show what you like first."),
    ),
    "times": Step(
        "times",
        _("When are you often free?"),
        _("Choose"),
        _("We then ask you only for those times."),
    ),
    "skills": Step(
        "skills",
        _("What can you do? Driving, cooking, a language: it all helps."),
        _("Say"),
        _("Some roles are only for people who can do something special."),
    ),
    "emergency": Step(
        "emergency",
        _("Whom should a group call if you fall ill?"),
        _("Tell us"),
        _("Only the groups that you help can see it."),
    ),
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
