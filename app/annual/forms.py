"""The forms of the annual report: which year, a foreword, what an hour is worth."""

from __future__ import annotations

from decimal import Decimal

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea, GovTextInput
from wtforms import DecimalField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.web.forms import Form

LEAST, MOST = Decimal("1"), Decimal("200")
_RATE = "Enter pounds and pence from 1 to 200, like 13.45."


class YearForm(Form):
    year = RadioField(
        "Which year?", widget=GovRadioInput(), validators=[InputRequired("Choose a year.")]
    )


class ForewordForm(Form):
    foreword = TextAreaField(
        "Foreword",
        description="Comes before the figures. Leave an empty line between paragraphs. "
        "Leave it empty for none.",
        widget=GovTextArea(),
        validators=[Length(max=2500, message="Shorten the foreword to 2,500 letters.")],
    )
    foreword_by = StringField(
        "Whose words are they?",
        description="Name and office, as they are printed.",
        widget=GovTextInput(),
        validators=[Length(max=120, message="Shorten this to 120 letters.")],
    )


class WorthForm(Form):
    pounds = DecimalField(
        "Pounds for one hour",
        places=2,
        widget=GovTextInput(),
        validators=[InputRequired(_RATE), NumberRange(LEAST, MOST, _RATE)],
        render_kw={"inputmode": "decimal"},
    )
    source = StringField(
        "Where is this figure from?",
        description="Goes on in a sentence: “counted at £13.45: …”. For example: the real Living "
        "Wage for the United Kingdom, announced in October 2025 by the Living Wage Foundation",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say where the figure is from: the report prints it."),
            Length(max=300, message="Shorten this to 300 letters."),
        ],
    )

    @property
    def pence(self) -> int:
        return round((self.pounds.data or Decimal(0)) * 100)
