"""The one small thing that a volunteer could tell us next."""

from __future__ import annotations

from typing import Final

from flask_babel import ngettext

from app.matching.queries.untold import would_fit
from app.volunteers.models import Volunteer
from app.volunteers.steps import STEPS, Step, progress

# What helps most comes first: whoever may not be asked is not found at all.
_ORDER: Final = ("contact", "age", "travel", "interests", "times", "skills", "emergency")
_BY_SLUG: Final = {step.slug: step for step in STEPS}


def next_step(volunteer: Volunteer) -> Step | None:
    """The first thing that is not told yet, or None when nothing is missing."""
    answered = progress(volunteer).answered
    return next((_BY_SLUG[slug] for slug in _ORDER if slug not in answered), None)


def why(step: Step, volunteer: Volunteer) -> str:
    """Why it helps to answer: where it can be counted, the roles that would be found."""
    found = would_fit(volunteer, step.slug) if step.slug in ("age", "skills") else 0
    if not found:
        return str(step.why)
    if step.slug == "age":
        said = ngettext(
            "%(num)s role near you is for people of 18 or over. We show it once we know.",
            "%(num)s roles near you are for people of 18 or over. We show them once we know.",
            found,
        )
    else:
        said = ngettext(
            "%(num)s role near you asks for something special, such as driving or cooking.",
            "%(num)s roles near you ask for something special, such as driving or cooking.",
            found,
        )
    return str(said)
