"""The form in which a person answers a reply by text."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovTextArea
from wtforms import TextAreaField

from app.web.forms import Form


class AnswerForm(Form):
    """The words of an answer; how long they may be is the service's to say."""

    text = TextAreaField("Your answer by text", widget=GovTextArea())
