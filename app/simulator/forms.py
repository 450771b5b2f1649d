"""The forms of the handsets and the dials."""

from __future__ import annotations

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import DecimalField, IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange

from app.simulator.rules import Dials
from app.simulator.service import MOST_ANSWERS
from app.web.forms import Form


def _share(label: str, hint: str) -> IntegerField:
    return IntegerField(
        label,
        description=hint,
        widget=GovTextInput(),
        validators=[
            InputRequired("Enter a number from 0 to 100."),
            NumberRange(0, 100, "Enter a number from 0 to 100."),
        ],
        render_kw=_short("of 100"),
    )


def _seconds(label: str, hint: str, most: int) -> DecimalField:
    sentence = f"Enter a number of seconds from 0 to {most}."
    return DecimalField(
        label,
        description=hint,
        widget=GovTextInput(),
        places=None,
        validators=[InputRequired(sentence), NumberRange(0, most, sentence)],
        render_kw=_short("seconds", "decimal"),
    )


def _short(suffix: str, mode: str = "numeric") -> dict[str, Any]:
    return {
        "params": {
            "classes": "govuk-input--width-4",
            "inputmode": mode,
            "suffix": {"text": suffix},
        }
    }


class DialsForm(Form):
    """How badly the stand-in carrier behaves."""

    delay_seconds = _seconds(
        "How long does each step take?", "A text is sent, then delivered: two steps.", 600
    )
    jitter_seconds = _seconds(
        "How much longer can a step take by chance?", "Makes texts overtake each other.", 600
    )
    refused_percent = _share(
        "How many texts does the carrier refuse for now?", "It answers: too many, slow down."
    )
    failed_percent = _share(
        "How many texts never arrive?", "The phone is off, or its number does not exist any more."
    )
    lost_percent = _share(
        "How many answers get lost?", "The carrier takes the text, but we never hear that it did."
    )
    doubled_percent = _share("How many calls to us come twice?", "Replies and receipts.")
    shuffled_percent = _share(
        "How many calls to us come late?", "So that “delivered” can come before “sent”."
    )

    def dials(self) -> Dials:
        """What was asked for, once it is valid."""
        return Dials(
            delay_seconds=float(self.delay_seconds.data or 0),
            jitter_seconds=float(self.jitter_seconds.data or 0),
            refused_percent=self.refused_percent.data or 0,
            failed_percent=self.failed_percent.data or 0,
            lost_percent=self.lost_percent.data or 0,
            doubled_percent=self.doubled_percent.data or 0,
            shuffled_percent=self.shuffled_percent.data or 0,
        )


class ReplyForm(Form):
    """Type a text on a handset."""

    body = StringField("Type a reply from this phone", widget=GovTextInput())


class SeveralForm(Form):
    """Answer YES for several people at once."""

    people = IntegerField(
        "How many people answer YES?",
        description="Those who were asked last and have not answered.",
        widget=GovTextInput(),
        default=5,
        validators=[
            InputRequired("Enter a number of people."),
            NumberRange(1, MOST_ANSWERS, f"Choose from 1 to {MOST_ANSWERS} people."),
        ],
        render_kw=_short("people"),
    )
