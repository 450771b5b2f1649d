"""The forms of signing up, of one's own profile and of a group's people."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovFileInput,
    GovRadioInput,
    GovSelect,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from app.foundation.languages import LANGUAGES
from app.volunteers.models import Channel
from app.volunteers.rules import ASK_LEVELS, months_later, spoken_asks, spoken_months
from app.volunteers.vocabulary import (
    WEEKDAYS,
    Activity,
    AgeBand,
    DayPart,
    DbsLevel,
    Language,
    Lead,
    Skill,
    Training,
    Transport,
    Workforce,
)
from app.web.forms import Bits, Day, Form, choices

_AGES = [
    (AgeBand.ADULT.value, lazy_gettext("Yes, I am 18 or over")),
    (AgeBand.FROM_16.value, lazy_gettext("No, I am 16 or 17")),
    (AgeBand.UNDER_16.value, lazy_gettext("No, I am under 16")),
]
_LONG = Length(max=254, message=lazy_gettext("That is too long."))
_TEXTS = lazy_gettext("Yes, you may text me when help is needed")
_EMAILS = lazy_gettext("Yes, you may email me when help is needed")


class NameForm(Form):
    name = StringField(
        lazy_gettext("Your name"),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter your name.")), _LONG],
    )


class PostcodeForm(Form):
    postcode = StringField(
        lazy_gettext("Your postcode"),
        description=lazy_gettext(
            "So that we can show what is near you. We tell it to nobody but the groups you help."
        ),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter your postcode, like LE11 3TU.")), _LONG],
    )


class NewcomerForm(Form):
    """The few things that we must know of somebody who gives time."""

    name = StringField(
        lazy_gettext("Your name"),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter your name.")), _LONG],
    )
    contact = StringField(
        lazy_gettext("Mobile number or email address"),
        description=lazy_gettext("One is enough. We send a code to it, to know that it is yours."),
        widget=GovTextInput(),
        validators=[
            InputRequired(lazy_gettext("Enter a mobile number or an email address.")),
            _LONG,
        ],
    )
    postcode = StringField(
        lazy_gettext("Your postcode"),
        description=lazy_gettext("So that we can show what is near you."),
        widget=GovTextInput(),
        validators=[InputRequired(lazy_gettext("Enter your postcode, like LE11 3TU.")), _LONG],
    )
    age_band = RadioField(
        lazy_gettext("Are you 18 or over?"),
        widget=GovRadioInput(),
        choices=choices(_AGES),
        validators=[InputRequired(lazy_gettext("Tell us if you are 18 or over."))],
    )
    may_ask = BooleanField(
        lazy_gettext("Yes, ask me when help is needed near me"),
        description=lazy_gettext(
            "By text or email, whichever you gave, three times a week at most. "
            "Stop it at any time: here, or by answering STOP."
        ),
        widget=GovCheckboxInput(),
    )


class SignUpForm(NewcomerForm):
    interests = Bits(
        lazy_gettext("What interests you?"),
        Activity,
        description=lazy_gettext("Choose any. You can change it."),
    )


class TravelForm(PostcodeForm):
    miles = IntegerField(
        lazy_gettext("How many miles would you travel?"),
        widget=GovTextInput(),
        validators=[
            InputRequired(lazy_gettext("Enter a number of miles.")),
            NumberRange(1, 100, lazy_gettext("Enter a number from 1 to 100.")),
        ],
    )
    transport = Bits(lazy_gettext("How do you get about?"), Transport)


class InterestsForm(Form):
    interests = Bits(lazy_gettext("What interests you?"), Activity)


class SkillsForm(Form):
    skills = Bits(lazy_gettext("What can you do?"), Skill)


class SpokenForm(Form):
    language = RadioField(
        lazy_gettext("Which language should we use?"),
        description=lazy_gettext("For our texts, our emails and your pages."),
        widget=GovRadioInput(),
        choices=choices(LANGUAGES.items()),
        validators=[InputRequired(lazy_gettext("Choose a language."))],
    )


class LanguagesForm(Form):
    languages = Bits(lazy_gettext("Which languages do you speak, beside English?"), Language)


class TimesForm(Form):
    """A grid of 21 checkboxes; each value is the number of its bit."""

    times = SelectMultipleField(
        lazy_gettext("When are you often free?"),
        choices=choices(
            (str(day * len(DayPart) + part), f"{name} {part.label}")
            for day, name in enumerate(WEEKDAYS)
            for part in DayPart
        ),
        widget=GovCheckboxesInput(),
    )

    @property
    def bits(self) -> int:
        return sum(1 << int(value) for value in set(self.times.data or []))


class AgeForm(Form):
    age_band = RadioField(
        lazy_gettext("Are you 18 or over?"),
        widget=GovRadioInput(),
        choices=choices(_AGES),
        validators=[InputRequired(lazy_gettext("Tell us if you are 18 or over."))],
    )
    guardian_name = StringField(
        lazy_gettext("Name of your parent or guardian"), widget=GovTextInput()
    )
    guardian_phone = StringField(lazy_gettext("Their phone number"), widget=GovTextInput())
    guardian_agrees = BooleanField(
        lazy_gettext("My parent or guardian knows that I volunteer, and agrees"),
        widget=GovCheckboxInput(),
    )


class EmergencyForm(Form):
    emergency_name = StringField(lazy_gettext("Their name"), widget=GovTextInput())
    emergency_phone = StringField(lazy_gettext("Their phone number"), widget=GovTextInput())


class ContactForm(Form):
    sms = BooleanField(_TEXTS, widget=GovCheckboxInput())
    email = BooleanField(_EMAILS, widget=GovCheckboxInput())
    prefers = RadioField(
        lazy_gettext("Which is better for you?"),
        widget=GovRadioInput(),
        choices=choices(
            [
                (Channel.SMS.value, lazy_gettext("Text")),
                (Channel.EMAIL.value, lazy_gettext("Email")),
            ]
        ),
        validators=[InputRequired(lazy_gettext("Choose text or email."))],
    )
    asks_per_week = RadioField(
        lazy_gettext("How often may we ask you?"),
        description=lazy_gettext(
            "Counted over any seven days, for all groups together. "
            "You can also text LESS, MORE or ONLY EMERGENCIES to the number that texts you."
        ),
        widget=GovRadioInput(),
        choices=choices((str(level), spoken_asks(level)) for level in ASK_LEVELS),
        validators=[InputRequired(lazy_gettext("Choose how often."))],
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        said = (named.get("data") or {}).get("asks_per_week", "")
        # What was said by text, such as 4 a week, is offered too.
        levels = sorted({*ASK_LEVELS, *([int(said)] if said else [])})
        self.asks_per_week.choices = choices((str(each), spoken_asks(each)) for each in levels)


class RemindersForm(Form):
    reminders = Bits(lazy_gettext("When should we remind you?"), Lead)


class PauseForm(Form):
    until = Day(
        lazy_gettext("You may ask me again from"),
        validators=[InputRequired(lazy_gettext("Enter a day."))],
    )


class AwayForm(Form):
    first_day = Day(
        lazy_gettext("First day away"),
        validators=[InputRequired(lazy_gettext("Enter the first day away."))],
    )
    last_day = Day(
        lazy_gettext("Last day away"),
        validators=[InputRequired(lazy_gettext("Enter the last day away."))],
    )


class DeleteForm(Form):
    sure = BooleanField(
        lazy_gettext("Yes, delete my account for good"),
        widget=GovCheckboxInput(),
        validators=[InputRequired(lazy_gettext("Tick the box to delete your account."))],
    )


class PeopleSearch(Form):
    """A search by GET; it changes nothing and so has no token."""

    class Meta:
        csrf = False

    name = StringField("Name", widget=GovTextInput())
    skill = SelectField(
        "Skill", widget=GovSelect(), choices=choices([("", "Any skill"), *Skill.choices()])
    )
    papers = SelectField(
        "Checks and training",
        widget=GovSelect(),
        choices=choices([("", "Any"), ("lapsed", "Something has run out")]),
    )


class AddPersonForm(Form):
    name = StringField(
        "Their name", widget=GovTextInput(), validators=[InputRequired("Enter their name."), _LONG]
    )
    phone = StringField("Mobile number", widget=GovTextInput(), validators=[Optional(), _LONG])
    address = StringField("Email address", widget=GovTextInput(), validators=[Optional(), _LONG])
    postcode = StringField(
        "Postcode",
        widget=GovTextInput(),
        validators=[InputRequired("Enter their postcode, like LE11 3TU."), _LONG],
    )
    sms_allowed = BooleanField("They told me that we may text them", widget=GovCheckboxInput())
    email_allowed = BooleanField("They told me that we may email them", widget=GovCheckboxInput())


class CheckForm(Form):
    level = SelectField(
        "Level",
        widget=GovSelect(),
        choices=choices((each.value, each.label) for each in DbsLevel if each != DbsLevel.NONE),
    )
    workforce = SelectField(
        "Workforce",
        widget=GovSelect(),
        choices=choices((each.value, each.label) for each in Workforce),
    )
    issued_on = Day("Date of issue", validators=[InputRequired("Enter the date of issue.")])


class TrainingForm(Form):
    training = SelectField(
        "Course",
        widget=GovSelect(),
        choices=choices(
            (int(each), f"{each.label}, usually {spoken_months(each.usual_months)}")
            for each in Training
        ),
    )
    completed_on = Day("Completed on", validators=[InputRequired("Enter the day of the course.")])
    valid_until = Day(
        "Last day it is valid", description="Leave it empty, and we take the usual time."
    )
    no_end = BooleanField("It has no last day", widget=GovCheckboxInput())

    def last_day(self) -> date | None:
        """The last valid day that was said, else the usual one; None where there is none."""
        if self.no_end.data or self.valid_until.data:
            return self.valid_until.data  # type: ignore[no-any-return] # a Day holds a date
        usual = Training(int(self.training.data)).usual_months
        return months_later(self.completed_on.data, usual)

    def validate_no_end(self, field: Any) -> None:
        if field.data and self.valid_until.data:
            raise StopValidation("Enter a last day, or say that it has none.")


class ImportForm(Form):
    file = FileField(
        "The spreadsheet, saved as CSV",
        widget=GovFileInput(),
        validators=[FileRequired("Choose a file.")],
    )
