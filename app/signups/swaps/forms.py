"""The form of asking for a swap."""

from __future__ import annotations

from flask_babel import lazy_gettext
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.web.forms import Form, choices

ALL = "all"
SWAP = "swap"
GIVE = "give"


class SwapForm(Form):
    whom = RadioField(
        lazy_gettext("Whom would you like to ask?"),
        widget=GovRadioInput(),
        validators=[InputRequired(lazy_gettext("Choose whom you would like to ask."))],
    )
    how = RadioField(
        lazy_gettext("If you ask one person"),
        choices=choices(
            [
                (SWAP, lazy_gettext("We swap: I take their shift, and they take mine")),
                (GIVE, lazy_gettext("They take mine, and keep their own")),
            ]
        ),
        default=SWAP,
        widget=GovRadioInput(),
    )
