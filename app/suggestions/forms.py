"""The forms of suggested rotas."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.suggestions.service.working import MOST_WEEKS
from app.web.forms import Form, choices


class StartForm(Form):
    """For how many weeks."""

    weeks = RadioField(
        "For how many weeks, from tomorrow?",
        coerce=int,
        choices=choices(
            (number, "1 week" if number == 1 else f"{number} weeks")
            for number in range(1, MOST_WEEKS + 1)
        ),
        default=2,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose for how many weeks.")],
    )


class BareForm(Form):
    """A button with its token."""
