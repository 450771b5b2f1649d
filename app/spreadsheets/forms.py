"""What a manager takes out, and the file that comes back."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovFileInput, GovRadioInput
from wtforms import BooleanField, RadioField

from app.foundation.errors import Refusal
from app.web.forms import Day, Form, choices, needed

LONGEST_DAYS = 800
FORMATS = {
    "workbook": "An Excel workbook: shifts and sign-ups, each on a sheet",
    "shifts": "A CSV file of the shifts",
    "sign-ups": "A CSV file of the sign-ups",
}


class OutForm(Form):
    """Which days, and as what; in the address, so that it can be kept."""

    class Meta(Form.Meta):
        csrf = False  # it changes nothing

    first = Day("From which day?", validators=[needed("Give the first day.")])
    last = Day("Until which day?", validators=[needed("Give the last day.")])
    kind = RadioField(
        "As what?",
        choices=choices(list(FORMATS.items())),
        default="workbook",
        widget=GovRadioInput(),
    )
    contact = BooleanField(
        "With phone numbers and email addresses (we write down that you took them)",
        widget=GovCheckboxInput(),
    )

    def check(self) -> None:
        """Raise `Refusal` for days that make no stretch of time."""
        if self.last.data < self.first.data:
            raise Refusal("The last day is before the first.", "last")
        if (self.last.data - self.first.data).days > LONGEST_DAYS:
            raise Refusal("Take two years at most at a time.", "last")


class InForm(Form):
    """The file that comes back."""

    file = FileField(
        "The file, as Excel workbook (.xlsx) or CSV",
        widget=GovFileInput(),
        validators=[FileRequired("Choose a file.")],
    )
