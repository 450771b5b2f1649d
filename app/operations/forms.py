"""The one field that a safe button may need."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import StringField
from wtforms.validators import Length

from app.web.forms import Form


class ActionForm(Form):
    """A button that asks once more: nothing but its token."""


class PauseForm(Form):
    """Why all sending is paused, for whoever comes next."""

    reason = StringField(
        "Why? Others see this on the operations page (optional)",
        validators=[Length(max=200, message="Shorten this to 200 characters.")],
        widget=GovTextInput(),
    )
