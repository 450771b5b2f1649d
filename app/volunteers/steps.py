"""The profile in small steps: one question at a time, each saved by itself, each may be skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.volunteers.models import Volunteer
from app.volunteers.profile_parts import PARTS


@dataclass(frozen=True)
class Step:
    """One question: the part of the profile that answers it, and why it helps to answer."""

    slug: str
    question: Any  # texts, translated when they are shown
    why: Any


# In the order of asking. What most people told when they signed up comes first.
STEPS: Final[Sequence[Step]] = (
    Step(
        "travel",
        _("Where are you?"),
        _("Then we show what is near you, and no further than you like to go."),
    ),
    Step(
        "age",
        _("Are you 18 or over?"),
        _("Most roles need a grown-up. We keep no date of birth."),
    ),
    Step(
        "contact",
        _("May we ask you when help is needed?"),
        _("Without your yes we write to you only about your own shifts."),
    ),
    Step(
        "interests",
        _("What would you like to do?"),
        _("Then we show what you like first."),
    ),
    Step(
        "times",
        _("When are you free?"),
        _("Then we ask you only for those times. Tick none, and we ask for any time."),
    ),
    Step(
        "skills",
        _("What can you do?"),
        _("In your own judgement. Some roles are only for people who can do something special."),
    ),
    Step(
        "emergency",
        _("Whom should a group call in an emergency?"),
        _("If you fall ill on a shift. Only the groups that you help see it."),
    ),
)
SLUGS: Final = tuple(step.slug for step in STEPS)


@dataclass(frozen=True)
class Progress:
    """Which questions a volunteer has answered so far."""

    answered: frozenset[str]

    @property
    def done(self) -> int:
        return len(self.answered)

    @property
    def in_all(self) -> int:
        return len(STEPS)

    @property
    def left(self) -> list[Step]:
        return [step for step in STEPS if step.slug not in self.answered]

    @property
    def first_left(self) -> Step | None:
        return next(iter(self.left), None)

    def after(self, slug: str) -> Step | None:
        """The next question without an answer, further on; None when the last was asked."""
        place = SLUGS.index(slug)
        return next((step for step in self.left if SLUGS.index(step.slug) > place), None)


def progress(volunteer: Volunteer) -> Progress:
    """How far the volunteer has come."""
    return Progress(frozenset(slug for slug in SLUGS if _is_told(volunteer, slug)))


def _is_told(volunteer: Volunteer, slug: str) -> bool:
    if slug == "travel":
        return bool(volunteer.postcode)
    if slug == "contact":
        return volunteer.sms_consent_at is not None or volunteer.email_consent_at is not None
    return bool(PARTS[slug].says(volunteer))
