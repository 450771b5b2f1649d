"""The forms of thanking, of writing a case study and of its photograph."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovFileInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.web.forms import Day, Form, needed


class BareForm(Form):
    """Only a button."""


class FindForm(Form):
    """Find somebody on the group's list by name."""

    class Meta(Form.Meta):
        csrf = False

    name = StringField("Name of somebody on your list", widget=GovTextInput())


class ThanksForm(Form):
    words = TextAreaField(
        "Your words",
        description="One sentence is enough. Say what they did, and what it meant to somebody.",
        widget=GovTextArea(),
        validators=[
            DataRequired("Write a sentence of thanks."),
            Length(max=300, message="Shorten it to 300 letters."),
        ],
    )
    by_email = BooleanField(
        "Send it by email as well, to those who like email",
        widget=GovCheckboxInput(),
        default=True,
    )
    may_print = BooleanField(
        "The county may print these words in its annual report",
        description="With your group’s name. Leave people’s names out of the words.",
        widget=GovCheckboxInput(),
    )


class StudyForm(Form):
    title = StringField(
        "Title",
        description="For example: A library that stays open late",
        widget=GovTextInput(),
        validators=[
            DataRequired("Give the story a title."),
            Length(max=100, message="Shorten the title to 100 letters."),
        ],
    )
    summary = StringField(
        "The story in one sentence",
        description="It stands under the title, and in lists.",
        widget=GovTextInput(),
        validators=[Length(max=200, message="Shorten this to 200 letters.")],
    )
    body = TextAreaField(
        "The story",
        description="What was needed, what people did, and what is different now. "
        "Leave an empty line between paragraphs. 200 to 3,000 letters.",
        widget=GovTextArea(),
        validators=[
            DataRequired("Tell the story; a beginning is enough for now."),
            Length(max=3000, message="Shorten the story to 3,000 letters."),
        ],
        render_kw={"rows": 12},
    )
    quotation = TextAreaField(
        "Somebody’s own words, if you like",
        description="Without quotation marks: we add them.",
        widget=GovTextArea(),
        validators=[Length(max=300, message="Shorten the quotation to 300 letters.")],
        render_kw={"rows": 3},
    )
    quotation_by = StringField(
        "Who said it?",
        description="As it may be printed, for example: Joan, who comes every Tuesday",
        widget=GovTextInput(),
        validators=[Length(max=100, message="Shorten this to 100 letters.")],
    )
    quotation_agreed = BooleanField(
        "I asked them, and they agree that their words are printed", widget=GovCheckboxInput()
    )


class PhotographForm(Form):
    photograph = FileField(
        "Photograph",
        description="A JPEG, PNG or WebP file of up to 7 MB. "
        "We take out where and when it was taken.",
        widget=GovFileInput(),
        validators=[Optional()],
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    alt = StringField(
        "What does it show?",
        description="For people who cannot see it. For example: "
        "Two women stack tins on a shelf and laugh",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say what the photograph shows, for people who cannot see it."),
            Length(max=200, message="Shorten this to 200 letters."),
        ],
    )
    consent_by = StringField(
        "Who said that it may be used?",
        description="Everybody who can be known in it, or whoever cares for them.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say who agreed. Without their yes it cannot be used."),
            Length(max=100, message="Shorten this to 100 letters."),
        ],
    )
    consent_on = Day("When did they say so?", validators=[needed("Enter the day.")])
    for_web = BooleanField("On the web", widget=GovCheckboxInput())
    for_print = BooleanField("In print", widget=GovCheckboxInput())


class AnswerForm(Form):
    """What the county says when it sends a story back."""

    words = TextAreaField(
        "What should they change?",
        description="The group’s managers read this above their story.",
        widget=GovTextArea(),
        validators=[
            DataRequired("Say what should change, so that they know."),
            Length(max=500, message="Shorten this to 500 letters."),
        ],
    )


def file_of(form: PhotographForm) -> bytes | None:
    """The bytes that were uploaded, or None where no file was chosen."""
    upload: Any = form.photograph.data
    data = upload.read() if upload else b""
    return data or None
