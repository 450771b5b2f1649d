"""The short form of a new shift."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput
from wtforms import BooleanField

from app.opportunities.shift_forms import ShiftForm


class NewShiftForm(ShiftForm):
    """One time, or the same one each week."""

    every_week = BooleanField(
        "Every week on this day, until we say",
        widget=GovCheckboxInput(),
    )
