"""What a form keeps, reads and says."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovTextInput
from wtforms import IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.foundation.errors import Refusal
from app.foundation.flags import Vocabulary
from app.web.forms import Bits, Clock, Day, Form, choices, row_number, show_refusal


class Kind(Vocabulary):
    FOOD = 1
    BOOKS = 2
    CALLS = 4

    @classmethod
    def words(cls) -> dict[Any, str]:
        return {cls.FOOD: "Food", cls.BOOKS: "Books", cls.CALLS: "Phone calls"}


class ShiftForm(Form):
    name = StringField("Name", widget=GovTextInput(), validators=[InputRequired("Enter a name.")])
    day = Day("Day")
    start = Clock("Starts at")
    kinds = Bits("Kinds", Kind)
    people = IntegerField("People", validators=[Optional(), NumberRange(1, 9, "Enter 1 to 9.")])
    shifts = SelectMultipleField(
        "Shifts", choices=choices([(7, "Monday")]), coerce=int, widget=GovCheckboxesInput()
    )
    reach = RadioField("Reach", choices=choices([("sms", "Text")]), widget=GovRadioInput())
    several = SelectMultipleField("Several", choices=choices([("sms", "Text")]))
    rows = SelectMultipleField("Rows", coerce=row_number, validate_choice=False)


@pytest.fixture
def sent(page_app: Flask) -> Any:
    """A form as it comes back from the browser, validated."""
    page_app.config["WTF_CSRF_ENABLED"] = False

    def send(**values: Any) -> ShiftForm:
        data = {"name": "Parcels", "reach": "sms", **values}
        context = page_app.test_request_context("/page", method="POST", data=data)
        context.push()
        opened.append(context)
        form = ShiftForm()
        form.validate()
        return form

    opened: list[Any] = []
    yield send
    for context in reversed(opened):
        context.pop()


def test_a_day_and_a_time_are_read_kindly(sent: Any) -> None:
    form = sent(day="5 Dec 2026", start="6.30pm")
    assert (form.day.data, form.start.data) == (date(2026, 12, 5), time(18, 30))


def test_a_readable_day_goes_back_into_the_browsers_picker(sent: Any) -> None:
    html = str(sent(day="5 Dec 2026").day())
    assert 'type="date"' in html
    assert 'value="2026-12-05"' in html


def test_an_unreadable_day_is_kept_as_typed(sent: Any) -> None:
    form = sent(day="somewhen")
    assert form.day.errors == ["Enter a date, like 5 December or 5/12/2026."]
    assert 'value="somewhen"' in str(form.day())
    assert 'type="text"' in str(form.day())


def test_ticked_boxes_become_one_number_and_stay_ticked(sent: Any) -> None:
    form = sent(kinds=["1", "4"])
    assert form.kinds.data == Kind.FOOD | Kind.CALLS
    assert str(form.kinds()).count("checked") == 2


def test_a_box_that_is_not_on_the_list_is_an_error(sent: Any) -> None:
    assert sent(kinds=["frogs"]).kinds.errors == ["Choose from the list."]


def test_a_bit_that_is_not_on_the_list_is_an_error(sent: Any) -> None:
    assert sent(kinds=["64"]).kinds.errors == ["Choose from the list."]


def test_wtforms_own_sentences_are_said_plainly(sent: Any) -> None:
    assert sent(reach="owl").reach.errors == ["Choose one of the answers."]
    assert sent(several=["owl"]).several.errors == ["Choose from the list."]
    assert sent(rows=["owl"]).rows.errors == ["Choose from the list."]
    for nobody in (str(2**63), "-1", str(-(2**64))):
        assert sent(rows=[nobody]).rows.errors == ["Choose from the list."]


@pytest.mark.parametrize("ticked", [["8"], ["8", "9"], ["owl"]])
def test_boxes_that_are_gone_are_said_plainly_too(sent: Any, ticked: list[str]) -> None:
    assert sent(shifts=ticked).shifts.errors == ["Choose from the list."]


def test_a_refusal_stands_beside_its_field(sent: Any) -> None:
    form = sent()
    show_refusal(form, Refusal("That day is gone.", "day"))
    assert {"text": "That day is gone.", "href": "#day"} in form.error_list()
    assert "That day is gone." in str(form.day())


def test_a_refusal_without_a_field_stands_at_the_top(sent: Any) -> None:
    form = sent()
    show_refusal(form, Refusal("The shift has closed."))
    assert form.error_list() == [{"text": "The shift has closed."}]


def test_a_refusal_of_a_field_that_is_not_shown_is_not_lost(sent: Any) -> None:
    form = sent()
    show_refusal(form, Refusal("No such place.", "postcode"))
    assert form.error_list() == [{"text": "No such place."}]


def test_every_error_of_the_summary_leads_to_a_control_on_the_page(sent: Any) -> None:
    form = sent(name="", day="x", start="y", kinds=["frogs"], reach="owl")
    html = "".join(str(field()) for field in form)
    errors = form.error_list()
    assert len(errors) == 5
    for error in errors:
        assert f'id="{error["href"][1:]}"' in html


def test_what_cannot_be_read_is_not_also_out_of_range(sent: Any) -> None:
    assert sent(people="lots").people.errors == ["Enter a whole number, like 3."]
    assert sent(people="10").people.errors == ["Enter 1 to 9."]
