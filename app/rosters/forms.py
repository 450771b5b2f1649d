"""The forms of writing to many, and of choosing what to print."""

from __future__ import annotations

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.rosters.rules import LONGEST_EMAIL, LONGEST_TEXT
from app.volunteers.models import Channel
from app.web.forms import Day, Form, choices, needed


class MessageForm(Form):
    """What to say, by which way; and, for a group's own people, to whom."""

    role = SelectField("Which of your volunteers?", widget=GovSelect(), default="")
    this_week = BooleanField(
        "Only those with a place in the next seven days", widget=GovCheckboxInput()
    )
    channel = RadioField(
        "How?",
        widget=GovRadioInput(),
        choices=choices([(Channel.SMS.value, "Text"), (Channel.EMAIL.value, "Email")]),
        default=Channel.SMS.value,
        validators=[InputRequired("Choose text or email.")],
    )
    subject = StringField(
        "Subject",
        description="For an email only.",
        widget=GovTextInput(),
        validators=[Length(max=120, message="Use 120 letters or fewer for the subject.")],
    )
    body = TextAreaField(
        "What do you want to say?",
        description="Your group’s name is put in front of a text. "
        "A text of up to 160 letters costs least.",
        widget=GovTextArea(),
        validators=[DataRequired("Write your message.")],
    )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        valid = super().validate(*args, **kwargs)
        if not valid:
            return False
        by_text = self.channel.data == Channel.SMS.value
        most = LONGEST_TEXT if by_text else LONGEST_EMAIL
        if len((self.body.data or "").strip()) > most:
            self.body.errors = [f"Shorten it to {most:,} letters."]
            return False
        if not by_text and not (self.subject.data or "").strip():
            self.subject.errors = ["Write a subject, so that people know what the email is about."]
            return False
        return True


class SendForm(Form):
    """The button, and that one means to send more than usual in a day."""

    although_many = BooleanField("Yes, send this one as well", widget=GovCheckboxInput())


class DayForm(Form):
    """A day at a site; asked by GET, it changes nothing and so has no token."""

    class Meta(Form.Meta):
        csrf = False

    site = SelectField("Site", widget=GovSelect())
    day = Day("Day", validators=[needed("Choose a day.")])


class WeekForm(DayForm):
    day = Day("Any day of the week", validators=[needed("Choose a day.")])
