"""A stranger's first place: the shift is chosen first, then come name, address and code.

What was chosen is remembered as an intent (accounts.intents) and done by `claim`,
the one way in, once the code is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import flash, url_for
from flask_babel import gettext

from app.accounts.intents import Held, Intent, Told
from app.accounts.models import User
from app.foundation.errors import Refusal
from app.opportunities.models import Policy, Shift, Slot
from app.opportunities.slots import of_shift
from app.signups import facts, screens, service
from app.signups.models import Way
from app.signups.rules import Exclusion, Person, hindrances
from app.volunteers import induction
from app.volunteers import queries as volunteers
from app.volunteers.vocabulary import AgeBand, Language, Skill
from app.web.filters import spoken_when

NAME: Final = "claim"


@dataclass(frozen=True)
class Chance:
    """What a shift asks of a stranger, and what they would get."""

    obstacles: Sequence[str]  # what a form cannot settle, in sentences: nobody can come at once
    skills: Skill  # that the role or one of its duties needs: asked in the form
    languages: Language
    slots: Sequence[Slot]

    @property
    def asks_more(self) -> bool:
        return bool(self.skills or self.languages)


def chance_of(shift: Shift) -> Chance:
    """What an adult stranger, with every skill that is asked for, would still lack."""
    slots = of_shift(shift.id)
    demand = facts.demand_of(shift, slots)
    skills, languages = demand.skills, demand.languages
    for opening in demand.openings:
        skills |= opening.skills
        languages |= opening.languages
    stranger = Person(
        age_band=AgeBand.ADULT,
        skills=skills,
        languages=languages,
        is_inducted=demand.needs_induction and not induction.is_asked(shift.opportunity.group_id),
    )
    found = hindrances(stranger, demand)
    # A duty that nobody new can do is said by what it needs.
    said = [facts.sentence(one, shift) for one in found if one != Exclusion.DUTY]
    if Exclusion.DUTY in found and not said:
        said = [
            gettext("What is still needed on this shift asks for training that the group gives.")
        ]
    return Chance(said, skills, languages, slots)


def intent(shift_id: int, slot_id: int | None) -> Held:
    """The wish to have a place on this shift, for `session.ask_for_code`."""
    return [NAME, shift_id, slot_id or 0]


def must_fit(shift: Shift, skills: Skill, languages: Language, age_band: AgeBand) -> None:
    """Raise `Refusal`, naming the field, for answers with which nobody could have the place.

    Told before a code is sent, so that nobody signs up in vain. What needs more
    than an answer, such as a guardian's consent, is told after it.
    """
    role = shift.opportunity
    if age_band != AgeBand.ADULT and role.minimum_age >= 18:
        raise Refusal(gettext("This role is for people of 18 or over."), "age_band")
    if role.needs_skills & ~skills:
        raise Refusal(
            gettext("This role needs it. Tick it if you can; if not, another role will suit you."),
            "skills",
        )
    if role.needs_languages & ~languages:
        raise Refusal(
            gettext("This role needs it. Tick it if you speak it; if not, look at other roles."),
            "languages",
        )


def button_words(shift: Shift) -> str:
    """What the button does that asks for the place."""
    if shift.is_full:
        return str(gettext("Join the waiting list"))
    if shift.opportunity.policy == Policy.APPROVAL:
        return str(gettext("Ask for this place"))
    return str(gettext("Take this place"))


def _do(user: User, shift_id: int, slot_id: int) -> str:
    """Claim the place; where that cannot be, the shift's page says what is missing."""
    volunteer = volunteers.volunteer_of(user.id)
    if volunteer is not None:
        try:
            service.claim(shift_id, volunteer.id, way=Way.WEB, slot_id=slot_id or None)
            return url_for("signups.place", shift_id=shift_id)
        except Refusal:
            # Why not is said by the shift's page, which judges anew and knows the way on.
            flash(gettext("You are signed up. Something is missing before you have this place."))
    return url_for("signups.claim", shift_id=shift_id)


def _tell(shift_id: int, slot_id: int) -> Told | None:
    shift = screens.shift_shown(shift_id)
    if shift is None or screens.closed_because(shift):
        return None
    when = spoken_when(shift.starts_at, shift.ends_at, shift.site.zone, True)
    return Told(
        gettext("One more step to “%(role)s”, %(when)s.", role=shift.opportunity.title, when=when),
        button_words(shift),
    )


INTENT: Final = Intent(_do, _tell)
