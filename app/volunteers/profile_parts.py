"""The parts of one's own profile: what each says in the list, asks and saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.foundation import phone
from app.foundation.languages import ENGLISH, LANGUAGES
from app.foundation.places import metres_to_miles, miles_to_metres
from app.volunteers import forms, queries, service
from app.volunteers.models import Channel, Volunteer
from app.volunteers.rules import spoken_asks, spoken_free_times
from app.volunteers.vocabulary import AgeBand
from app.web.forms import Form

HOW: Final = "own profile"


@dataclass(frozen=True)
class Part:
    """One short page of the profile.

    `says` is its line in the list, empty when nothing was told; `reads` gives
    the form its present values; `saves` calls the service.
    """

    title: Any  # both are translated when they are shown
    lead: Any
    form: type[Form]
    says: Callable[[Volunteer], str]
    reads: Callable[[Volunteer], dict[str, Any]]
    saves: Callable[[int, Any], None]


def _fields(*names: str) -> Callable[[Volunteer], dict[str, Any]]:
    return lambda volunteer: {name: getattr(volunteer, name) for name in names}


def _says_travel(volunteer: Volunteer) -> str:
    miles = round(metres_to_miles(volunteer.travel_metres))
    if volunteer.postcode:
        where = ngettext(
            "Up to %(num)s mile from %(postcode)s",
            "Up to %(num)s miles from %(postcode)s",
            miles,
            postcode=volunteer.postcode,
        )
    else:
        where = ngettext("Up to %(num)s mile", "Up to %(num)s miles", miles)
    return f"{where}. {volunteer.transport.phrase}" if volunteer.transport else where


def _save_travel(volunteer_id: int, form: forms.TravelForm) -> None:
    service.move_to(volunteer_id, str(form.postcode.data))
    service.update(
        volunteer_id,
        travel_metres=miles_to_metres(form.miles.data or 0),
        transport=form.transport.data,
    )


def _says_age(volunteer: Volunteer) -> str:
    if volunteer.age_band == AgeBand.NOT_TOLD:
        return ""
    if volunteer.age_band == AgeBand.ADULT:
        return volunteer.age_band.label
    if volunteer.guardian_consent_at is None:
        missing = gettext("We need to know of your parent or guardian")
        return f"{volunteer.age_band.label}. {missing}"
    agrees = gettext("%(name)s agrees", name=volunteer.guardian_name)
    return f"{volunteer.age_band.label}. {agrees}"


def _save_age(volunteer_id: int, form: forms.AgeForm) -> None:
    band = AgeBand(form.age_band.data)
    if band == AgeBand.ADULT:
        service.update(volunteer_id, age_band=band)
        return
    service.update(
        volunteer_id,
        age_band=band,
        guardian_name=form.guardian_name.data or "",
        guardian_phone=form.guardian_phone.data or "",
        guardian_agrees=bool(form.guardian_agrees.data and form.guardian_name.data),
    )


def _says_emergency(volunteer: Volunteer) -> str:
    if not volunteer.emergency_phone:
        return volunteer.emergency_name
    return f"{volunteer.emergency_name} {phone.spoken(volunteer.emergency_phone)}".strip()


def _says_contact(volunteer: Volunteer) -> str:
    may = _read_contact(volunteer)
    if not (may["sms"] or may["email"]):
        return str(gettext("You have not said yes to texts or emails, so we do not ask you"))
    if may["sms"] and may["email"]:
        how = gettext("By text and email")
    else:
        how = gettext("By text") if may["sms"] else gettext("By email")
    return f"{how}. {spoken_asks(volunteer.asks_per_week)}"


def _read_contact(volunteer: Volunteer) -> dict[str, Any]:
    stopped = queries.opted_out(volunteer)
    return {
        "sms": volunteer.sms_consent_at is not None and Channel.SMS not in stopped,
        "email": volunteer.email_consent_at is not None and Channel.EMAIL not in stopped,
        "prefers": volunteer.prefers.value,
        "asks_per_week": str(volunteer.asks_per_week),
    }


def _save_contact(volunteer_id: int, form: forms.ContactForm) -> None:
    service.set_contact_wishes(
        volunteer_id,
        HOW,
        sms_allowed=bool(form.sms.data),
        email_allowed=bool(form.email.data),
        prefers=Channel(form.prefers.data),
        asks_per_week=int(form.asks_per_week.data),
    )


def _says_reminders(volunteer: Volunteer) -> str:
    return volunteer.reminders.phrase if volunteer.reminders else gettext("We do not remind you")


PARTS: Final[dict[str, Part]] = {
    "name": Part(
        _("Your name"),
        _("The name that groups call you by."),
        forms.NameForm,
        lambda volunteer: volunteer.name,
        _fields("name"),
        lambda volunteer_id, form: service.rename(volunteer_id, form.name.data),
    ),
    "travel": Part(
        _("Where you start from"),
        "",
        forms.TravelForm,
        _says_travel,
        lambda volunteer: {
            "postcode": volunteer.postcode,
            "miles": round(metres_to_miles(volunteer.travel_metres)),
            "transport": volunteer.transport,
        },
        _save_travel,
    ),
    "interests": Part(
        _("What interests you"),
        "",
        forms.InterestsForm,
        lambda volunteer: volunteer.interests.phrase,
        _fields("interests"),
        lambda volunteer_id, form: service.update(volunteer_id, interests=form.interests.data),
    ),
    "skills": Part(
        _("What you can do"),
        _("In your own judgement. Groups see certificates themselves."),
        forms.SkillsForm,
        lambda volunteer: volunteer.skills.phrase,
        _fields("skills"),
        lambda volunteer_id, form: service.update(volunteer_id, skills=form.skills.data),
    ),
    "languages": Part(
        _("Languages"),
        "",
        forms.LanguagesForm,
        lambda volunteer: volunteer.languages.label,
        _fields("languages"),
        lambda volunteer_id, form: service.update(volunteer_id, languages=form.languages.data),
    ),
    "language": Part(
        _("The language we use"),
        _("What groups write themselves stays in their own words."),
        forms.SpokenForm,
        lambda volunteer: LANGUAGES.get(volunteer.language, LANGUAGES[ENGLISH]),
        _fields("language"),
        lambda volunteer_id, form: service.choose_language(volunteer_id, form.language.data),
    ),
    "times": Part(
        _("When you are free"),
        _("Tick the times when you are often free. Tick none, and we ask you for any time."),
        forms.TimesForm,
        lambda volunteer: spoken_free_times(volunteer.free_times),
        lambda volunteer: {
            "times": [str(bit) for bit in range(21) if volunteer.free_times >> bit & 1]
        },
        lambda volunteer_id, form: service.update(volunteer_id, free_times=form.bits),
    ),
    "age": Part(
        _("Your age"),
        _(
            "We keep no date of birth. Some roles need a grown-up, and young people "
            "never work alone."
        ),
        forms.AgeForm,
        _says_age,
        lambda volunteer: (
            _fields("guardian_name", "guardian_phone")(volunteer)
            | {
                "age_band": volunteer.age_band.value,
                "guardian_agrees": volunteer.guardian_consent_at is not None,
            }
        ),
        _save_age,
    ),
    "emergency": Part(
        _("Emergency contact"),
        _("Whom should a group call if something happens to you? Only the groups you help see it."),
        forms.EmergencyForm,
        _says_emergency,
        _fields("emergency_name", "emergency_phone"),
        lambda volunteer_id, form: service.update(
            volunteer_id,
            emergency_name=form.emergency_name.data or "",
            emergency_phone=form.emergency_phone.data or "",
        ),
    ),
    "contact": Part(
        _("How we may ask you"),
        _("We write only if you say yes here. Saying no is fine, and so is changing your mind."),
        forms.ContactForm,
        _says_contact,
        _read_contact,
        _save_contact,
    ),
    "reminders": Part(
        _("Reminders of your shifts"),
        _(
            "By text or by email, as you chose. Never at night. Tick none, and we do "
            "not remind you."
        ),
        forms.RemindersForm,
        _says_reminders,
        _fields("reminders"),
        lambda volunteer_id, form: service.update(volunteer_id, reminders=form.reminders.data),
    ),
}
