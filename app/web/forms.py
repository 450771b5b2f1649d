"""What every form stands on: one base, and fields that read dates and times kindly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any, ClassVar

from flask import current_app
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovTextInput
from wtforms import Field, IntegerField, SelectMultipleField
from wtforms.fields.choices import (  # type: ignore[attr-defined] # the stubs are a version behind
    Choice,
    SelectChoice,
)
from wtforms.validators import InputRequired, NumberRange, StopValidation

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.flags import Vocabulary
from app.foundation.sentences import N_, gettext
from app.web import dates
from app.web.readable import LARGEST

# What wtforms says by itself, in our words.
_PLAINER = {
    "Not a valid choice.": N_("Choose one of the answers."),
    "Invalid Choice: could not coerce.": N_("Choose one of the answers."),
    "Invalid choice(s): one or more data inputs could not be coerced.": N_("Choose from the list."),
    "'%(value)s' is not a valid choice for this field.": N_("Choose from the list."),
    "'%(value)s' are not valid choices for this field.": N_("Choose from the list."),
    "This field is required.": N_("Fill this in."),
    "Not a valid integer value.": N_("Enter a whole number, like 3."),
    "Not a valid decimal value.": N_("Enter a number, like 2.5."),
    "Not a valid float value.": N_("Enter a number, like 2.5."),
    "Invalid email address.": N_("Enter an email address, like name@example.org."),
}


class _PlainWords:
    """Stands where wtforms looks for a translation."""

    def gettext(self, sentence: str) -> str:
        return gettext(_PLAINER.get(sentence, sentence))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


class Form(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A form that can say everything that is wrong with it, each beside its field."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # flask_wtf has no types
        def get_translations(self, form: Any) -> _PlainWords:
            return _PlainWords()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As wtforms does; but what cannot be read is not also out of range."""
        valid = bool(super().validate(*args, **kwargs))
        for field in self:
            if field.process_errors:
                field.errors = list(field.process_errors)
        return valid

    def error_list(self) -> list[dict[str, str]]:
        """The items of GOV.UK's error summary: one for each fault, in the form's order."""
        items = [{"text": str(sentence)} for sentence in self.form_errors]
        for field in self:
            for sentence in _sentences(field.errors):
                items.append({"text": sentence, "href": f"#{_anchor(field)}"})
        return items


def _sentences(errors: Any) -> list[str]:
    """The sentences in a field's errors, which nest when the field is a list or a form."""
    if isinstance(errors, dict):
        errors = errors.values()
    elif isinstance(errors, str | LazyString):
        return [str(errors)]
    return [sentence for error in errors for sentence in _sentences(error)]


def _anchor(field: Field) -> str:
    """The id of the field's first control: GOV.UK's first box or button has the field's name."""
    return str(field.name if field.type in _BOXES else field.id)


_BOXES = {"RadioField", "SelectMultipleField", "BooleanField", "Bits"}


def row_number(text: object) -> int:
    """The number of a row, for `coerce`; ValueError for one that no row can have."""
    number = int(str(text))
    if not 0 <= number <= LARGEST:
        raise ValueError(text)
    return number


def choices(pairs: Iterable[tuple[object, str]]) -> list[SelectChoice]:
    """(value, label) pairs as the choice fields of wtforms 3.3 want them."""
    return [SelectChoice(str(value), label) for value, label in pairs]


def show_refusal(form: Form, refusal: Refusal) -> None:
    """Put a refusal beside the field that it names, or at the top of the form."""
    field = form._fields.get(refusal.field) if refusal.field else None
    if field is None:
        form.form_errors.append(refusal.sentence)
    else:
        field.errors = [*field.errors, refusal.sentence]


class _Typed(Field):
    """A field that keeps what was typed until it can be read."""

    input_type: ClassVar[str]

    def __init__(self, label: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("widget", _TypedInput())
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = self.read(valuelist[0])
            except Refusal as refusal:
                raise ValueError(refusal.sentence) from None

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def _value(self) -> str:
        """What the browser's picker understands, or what the person typed."""
        if self.data is not None:
            return self.written(self.data)
        return str(self.raw_data[0]) if self.raw_data else ""

    def written(self, data: Any) -> str:
        raise NotImplementedError


class _TypedInput(GovTextInput):  # type: ignore[misc] # the library has no types
    """The browser's own date or time picker; plain text once it holds something unreadable,
    because a picker would show nothing and lose what was typed."""

    def __call__(self, field: _Typed, **kwargs: Any) -> Any:
        readable = field.data is not None or not field.raw_data or not field.raw_data[0]
        kwargs.setdefault("type", field.input_type if readable else "text")
        return super().__call__(field, **kwargs)


class Day(_Typed):
    """A day; `data` is a `date` or None. Also reads "5 Dec" and "5/12/2026"."""

    input_type = "date"

    def read(self, text: str) -> date:
        return dates.parse_date(text, clock.today(current_app.config["TIMEZONE"]))

    def written(self, data: date) -> str:
        return data.isoformat()


class Clock(_Typed):
    """A local time; `data` is a `time` or None. Also reads "6.30pm" and "1830"."""

    input_type = "time"

    def read(self, text: str) -> time:
        return dates.parse_time(text)

    def written(self, data: time) -> str:
        return data.strftime("%H:%M")


class WholeNumber(IntegerField):
    """A count; one `sentence` says that it is missing, unreadable or out of range."""

    def __init__(self, label: str, sentence: str, least: int, most: int, **kwargs: Any) -> None:
        self.sentence = sentence
        super().__init__(
            label,
            widget=GovTextInput(),
            validators=[InputRequired(sentence), NumberRange(least, most, sentence)],
            render_kw={"inputmode": "numeric"},
            **kwargs,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError:
            raise ValueError(self.sentence) from None


class Within(WholeNumber):
    """A count that keeps its usual value where nothing was said of it."""

    def __init__(self, label: str, *, sentence: str, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(label, sentence, least, most, **kwargs)
        self.validators = [NumberRange(least, most, sentence)]

    def process_formdata(self, valuelist: list[str]) -> None:
        if any(value.strip() for value in valuelist):
            super().process_formdata(valuelist)


def needed(sentence: str) -> Callable[[Any, Any], None]:
    """The validator of a day or time that must be there; one unreadable has said so already."""

    def check(_form: Any, field: Any) -> None:
        if field.data is None and not field.errors:
            raise StopValidation(sentence)

    return check


class Bits(SelectMultipleField):
    """Checkboxes over a `Vocabulary`; `data` is one member or combination of it."""

    data: Any  # a Vocabulary here, where wtforms has a list

    def __init__(self, label: str, vocabulary: type[Vocabulary], **kwargs: Any) -> None:
        kwargs.setdefault("widget", GovCheckboxesInput())
        self.vocabulary = vocabulary
        self.offered = vocabulary.choices()
        super().__init__(label, choices=choices(vocabulary.choices()), **kwargs)

    def offer(self, members: Any) -> None:
        """Ask only for these members of the vocabulary, and take no others."""
        self.offered = [(value, label) for value, label in self.offered if int(value) & members]
        self.data = (self.data or self.vocabulary(0)) & members

    def process_data(self, value: Any) -> None:
        self.data = self.vocabulary(value or 0)

    def process_formdata(self, valuelist: list[str]) -> None:
        offered = {value for value, _ in self.vocabulary.choices()}
        self.data = self.vocabulary.of([value for value in valuelist if value in offered])
        if not offered.issuperset(valuelist):
            raise ValueError(gettext("Choose from the list."))

    def iter_choices(self) -> Any:
        chosen = self.data.values() if self.data is not None else []
        for value, label in self.offered:
            yield Choice(value=value, label=gettext(label), selected=value in chosen, render_kw={})

    def pre_validate(self, form: Any) -> None:
        """Nothing more: reading has refused what is not in the vocabulary."""
