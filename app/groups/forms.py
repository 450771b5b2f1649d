"""The forms of groups, sites and managers."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import (
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from app.accounts.rules import LONGEST_PASSWORD
from app.foundation.places import DISTRICTS
from app.groups.models import GroupKind
from app.web.forms import Form, Within, choices

KINDS = [(kind.value, kind.label) for kind in GroupKind]
_TOO_LONG = "This can be 120 letters long at most."


class GroupForm(Form):
    name = StringField(
        "Name of the group",
        widget=GovTextInput(),
        validators=[InputRequired("Enter the group's name."), Length(max=120, message=_TOO_LONG)],
    )
    kind = RadioField(
        "What kind of group is it?",
        widget=GovRadioInput(),
        choices=choices(KINDS),
        validators=[InputRequired("Choose a kind of group.")],
    )
    district = SelectField(
        "District",
        widget=GovSelect(),
        choices=choices([("", "Choose"), *((one, one) for one in DISTRICTS)]),
    )
    about = TextAreaField(
        "About the group",
        description="A few sentences that everybody can read: what you do, and for whom.",
        widget=GovTextArea(),
        validators=[Length(max=4000, message="Use 4,000 letters or fewer.")],
    )
    public_phone = StringField(
        "Phone number that everybody may see (optional)", widget=GovTextInput()
    )
    public_email = StringField(
        "Email address that everybody may see (optional)", widget=GovTextInput()
    )
    website = StringField("Website (optional)", widget=GovTextInput())
    recheck_months = IntegerField(
        "Ask for a new DBS check after how many months?",
        description="A DBS check has no end date. Your group decides when to ask again.",
        default=36,
        widget=GovTextInput(),
        validators=[
            InputRequired("Enter a number of months."),
            NumberRange(min=1, max=120, message="Enter a number from 1 to 120."),
        ],
    )
    handover_minutes = Within(
        "How many minutes may two shifts of one person overlap at the same site?",
        description="To hand over: the morning’s helper stays until the afternoon’s begins. "
        "0 is not at all.",
        sentence="Enter a number of minutes from 0 to 60.",
        least=0,
        most=60,
        default=0,
    )
    late_hours = Within(
        "From how many hours before a shift is a drop-out late?",
        description="Later than this you hear at once when somebody drops out.",
        sentence="Enter a number of hours from 1 to 168.",
        least=1,
        most=168,
        default=24,
    )
    swaps_need_yes = RadioField(
        "May two of your volunteers swap shifts?",
        choices=choices([("False", "Yes, and you see it"), ("True", "Yes, once a manager agrees")]),
        # What the form holds is a word, what is kept a truth.
        coerce=lambda value: value in (True, "True"),
        default=False,
        widget=GovRadioInput(),
    )


class NewGroupForm(GroupForm):
    manager_email = StringField(
        "Email address of its first manager (optional)",
        description="We send them an invitation. It is good for 14 days.",
        widget=GovTextInput(),
    )

    def says_more(self) -> bool:
        """Whether something that is folded away was filled in, or is wrong."""
        seen = {"name", "kind", "district", "manager_email"}
        said = (self.about, self.public_phone, self.public_email, self.website)
        return any(field.data for field in said) or bool(set(self.errors) - seen)


class SiteForm(Form):
    name = StringField(
        "Name of the site",
        description="Such as Main hall, or Loughborough Library",
        widget=GovTextInput(),
        validators=[
            InputRequired("Enter a name for the site."),
            Length(max=120, message=_TOO_LONG),
        ],
    )
    address = StringField(
        "Street and town",
        widget=GovTextInput(),
        validators=[Length(max=300, message="Use 300 letters or fewer.")],
    )
    postcode = StringField(
        "Postcode",
        widget=GovTextInput(),
        validators=[InputRequired("Enter a postcode, like LE11 3TU.")],
    )
    access_notes = TextAreaField(
        "How to get in (optional)",
        description=(
            "Parking, steps, the door code. Only people with a place on a shift see this, "
            "and only around its time."
        ),
        widget=GovTextArea(),
        validators=[Length(max=2000, message="Use 2,000 letters or fewer.")],
    )


class InviteForm(Form):
    email = StringField(
        "Email address",
        widget=GovTextInput(),
        validators=[InputRequired("Enter an email address.")],
    )


class JoinForm(Form):
    """Accepting an invitation without an account."""

    name = StringField(
        "Your name", widget=GovTextInput(), validators=[InputRequired("Enter your name.")]
    )
    password = PasswordField(
        "Choose a password",
        description="10 characters or more. Three random words work well.",
        widget=GovPasswordInput(),
        validators=[
            InputRequired("Choose a password."),
            Length(max=LONGEST_PASSWORD, message="That password is too long."),
        ],
    )


class GroupSearch(Form):
    """A search by GET; it changes nothing and so has no token."""

    class Meta:
        csrf = False

    words = StringField("Name or district", widget=GovTextInput())
    kind = SelectField("Kind", widget=GovSelect(), choices=choices([("", "All kinds"), *KINDS]))
    show = SelectField(
        "Show",
        widget=GovSelect(),
        choices=choices(
            [
                ("", "Every group"),
                ("alone", "Groups that nobody manages"),
                ("closed", "Closed groups"),
            ]
        ),
    )
