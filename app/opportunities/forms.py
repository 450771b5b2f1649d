"""The form of an opportunity; those of its times are in `shift_forms`."""

from __future__ import annotations

from typing import Any, Final

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
)

from app.opportunities.models import Opportunity, Policy
from app.opportunities.policies import (
    MOST_ANSWER_DAYS,
    MOST_SHIFTS_BEFORE,
    Approves,
    Unanswered,
)
from app.opportunities.rules import Ground
from app.opportunities.service import Details
from app.volunteers.vocabulary import (
    Activity,
    DbsLevel,
    Language,
    Skill,
    Training,
    Workforce,
)
from app.web.forms import Bits, Form, Within, choices

_NONE: Final = "none"  # one that is empty would never be drawn as chosen


def _chosen(value: str | None) -> str:
    """What a row leaves empty is the choice that says so."""
    return value or _NONE


class OpportunityForm(Form):
    """What a role is, where, and what it needs; the first part is enough to begin."""

    title = StringField(
        "What is the role called?",
        description="For example “Food parcel driver” or “Saturday story time helper”.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Give the role a name, like “Food parcel driver”."),
            Length(max=120, message="The name can be 120 letters long at most."),
        ],
    )
    summary = StringField(
        "In one sentence, what will people do?",
        description="This is what people read first.",
        widget=GovTextInput(),
        validators=[
            DataRequired("Say in one sentence what people will do."),
            Length(max=200, message="The sentence can be 200 letters long at most."),
        ],
    )
    activity = Bits("What kind of help is it?", Activity)
    site_id = SelectField(
        "Where is it?",
        coerce=int,
        widget=GovSelect(),
        validators=[InputRequired("Choose where it is.")],
    )
    minimum_age = RadioField(
        "Who can take part?",
        coerce=int,
        choices=choices(
            [
                (18, "Adults only"),
                (16, "16 and over, with a guardian’s consent"),
                (0, "All ages: under 16 only together with their family"),
            ]
        ),
        default=18,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose who can take part.")],
    )
    policy = RadioField(
        "How do people get a place?",
        choices=choices(
            [
                (Policy.OPEN.value, "At once, if the role fits them"),
                (Policy.APPROVAL.value, "A manager says yes to each person first"),
                (Policy.MEMBERS.value, "Only people on our list can take one"),
                (Policy.INVITATION.value, "Only people whom we invite to this role"),
            ]
        ),
        default=Policy.OPEN.value,
        widget=GovRadioInput(),
    )
    answer_days = Within(
        "How many days do managers have to answer?",
        description="People get an answer sooner when the shift is near.",
        sentence=f"Give a number of days from 1 to {MOST_ANSWER_DAYS}.",
        least=1,
        most=MOST_ANSWER_DAYS,
        default=3,
    )
    unanswered = RadioField(
        "And if nobody answers in time?",
        choices=choices(
            [
                (Unanswered.DECLINE.value, "Say no kindly, and show them other things nearby"),
                (Unanswered.GIVE.value, "Give them the place, if it fits them"),
            ]
        ),
        default=Unanswered.DECLINE.value,
        widget=GovRadioInput(),
    )
    approves = Bits(
        "What is enough for a yes without asking you? (optional)",
        Approves,
        description="People are told which of these it was, and so are you.",
    )
    approves_after = Within(
        "How many of our shifts are enough?",
        sentence=f"Give a number of shifts from 1 to {MOST_SHIFTS_BEFORE}.",
        least=1,
        most=MOST_SHIFTS_BEFORE,
        default=3,
    )
    approves_training = Bits("Which training is enough?", Training)
    needs_skills = Bits("Skills that people must have", Skill)
    likes_skills = Bits("Skills that help, but are not a must", Skill)
    needs_languages = Bits("Languages that people must speak, beside English", Language)
    needs_training = Bits("Training that people must have done", Training)
    dbs_level = RadioField(
        "DBS check",
        description="Ask only where the law allows it for this role.",
        choices=choices([(level.value, level.label) for level in DbsLevel]),
        default=DbsLevel.NONE.value,
        widget=GovRadioInput(),
    )
    dbs_ground = RadioField(
        "Why may this role ask for a check?",
        choices=choices([(_NONE, "No check is asked for"), *((g.value, g.label) for g in Ground)]),
        filters=[_chosen],
        default=_NONE,
        widget=GovRadioInput(),
    )
    dbs_workforce = RadioField(
        "Whom is the check about?",
        description="A basic check does not name anybody.",
        choices=choices([(_NONE, "Does not matter"), *((w.value, w.label) for w in Workforce)]),
        filters=[_chosen],
        default=_NONE,
        widget=GovRadioInput(),
    )
    dbs_reason = StringField(
        "Anything to add about why (optional)",
        widget=GovTextInput(),
        validators=[Length(max=300, message="This can be 300 letters long at most.")],
    )
    never_alone = BooleanField(
        "Nobody does this alone: warn us when only one person is coming",
        widget=GovCheckboxInput(),
    )
    needs_induction = BooleanField(
        "Only people who have done our first steps, as listed under “Getting started”",
        widget=GovCheckboxInput(),
    )
    about = TextAreaField(
        "More about the role (optional)",
        description="What a shift is like, who will be there, what people get out of it.",
        widget=GovTextArea(),
        validators=[Length(max=5000, message="This can be 5,000 letters long at most.")],
    )
    what_to_bring = StringField(
        "What should people bring or wear? (optional)",
        widget=GovTextInput(),
        validators=[Length(max=300, message="This can be 300 letters long at most.")],
    )
    contact_name = StringField(
        "Who meets them? (optional)",
        description="A first name is enough. Everybody can see it.",
        widget=GovTextInput(),
        validators=[Length(max=100, message="This can be 100 letters long at most.")],
    )

    def details(self) -> Details:
        """What the service takes."""
        return Details(
            title=self.title.data or "",
            summary=self.summary.data or "",
            activity=self.activity.data,
            site_id=self.site_id.data,
            minimum_age=self.minimum_age.data,
            policy=Policy(self.policy.data),
            answer_days=self.answer_days.data or 0,
            unanswered=Unanswered(self.unanswered.data),
            approves=self.approves.data,
            approves_after=self.approves_after.data or 0,
            approves_training=self.approves_training.data,
            needs_skills=self.needs_skills.data,
            likes_skills=self.likes_skills.data,
            needs_languages=self.needs_languages.data,
            needs_training=self.needs_training.data,
            dbs_level=DbsLevel(self.dbs_level.data),
            dbs_ground=Ground(self.dbs_ground.data) if self.dbs_ground.data != _NONE else None,
            dbs_workforce=Workforce(self.dbs_workforce.data)
            if self.dbs_workforce.data != _NONE
            else None,
            dbs_reason=self.dbs_reason.data or "",
            never_alone=bool(self.never_alone.data),
            needs_induction=bool(self.needs_induction.data),
            about=self.about.data or "",
            what_to_bring=self.what_to_bring.data or "",
            contact_name=self.contact_name.data or "",
        )

    NEEDS: Final = (
        "needs_skills",
        "likes_skills",
        "needs_languages",
        "needs_training",
    )
    PLACES: Final = (
        "policy",
        "answer_days",
        "unanswered",
        "approves",
        "approves_after",
        "approves_training",
    )
    SAFETY: Final = ("never_alone", "needs_induction")
    CHECK: Final = ("dbs_level", "dbs_ground", "dbs_workforce", "dbs_reason")
    MORE: Final = ("about", "what_to_bring", "contact_name")

    def is_open(self, names: tuple[str, ...]) -> bool:
        """Whether a folded part of the form should stand open: something in it is said or wrong."""
        usual = {"", None, 0}
        return any(
            self[name].errors or self[name].data not in {*usual, self[name].default}
            for name in names
        )

    @staticmethod
    def values_of(opportunity: Opportunity) -> dict[str, Any]:
        """An opportunity's row as this form's values."""
        return {
            "site_id": opportunity.site_id,
            "policy": opportunity.policy.value,
            "unanswered": opportunity.unanswered.value,
            "dbs_level": opportunity.dbs_level.value,
            "dbs_ground": opportunity.dbs_ground.value if opportunity.dbs_ground else _NONE,
            "dbs_workforce": (
                opportunity.dbs_workforce.value if opportunity.dbs_workforce else _NONE
            ),
        }
