"""What goes in and out of the API, in pydantic's words: the checks and the description alike."""

from __future__ import annotations

import enum
import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema

from app.api.rules import CURSOR, LARGEST_ID, Scope, parse_moment
from app.opportunities.models import Policy, Stage
from app.opportunities.rules import MOST_PLACES
from app.signups.models import Notice, Standing, Way

PAGE: Final = 50
MOST_ON_PAGE: Final = 200
_NOT_SAID: Final[Any] = None  # of what may be left out, but not be null


def _number(said: object, info: ValidationInfo) -> object:
    """A whole number from a query's text; from JSON it is one already, and its text is none."""
    if isinstance(said, str) and info.mode != "json":
        if not re.fullmatch(r"[0-9]{1,16}", said, re.ASCII):
            raise ValueError("This is not a whole number.")
        return int(said)
    if isinstance(said, float) and said.is_integer():
        return int(said)  # to JSON, 5.0 is a whole number
    return said


def _moment(said: object) -> object:
    if isinstance(said, datetime):
        return said
    if not isinstance(said, str):
        raise ValueError("This is not a date and time like 2026-12-01T18:30:00Z.")
    return parse_moment(said)


# The bounds stand before the reader, else the description does not tell them.
Places = Annotated[int, Field(ge=1, le=MOST_PLACES), BeforeValidator(_number)]
Least = Annotated[int, Field(ge=0, le=MOST_PLACES), BeforeValidator(_number)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_number)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "A moment of RFC 3339 with its zone. We answer in UTC.",
        }
    ),
]
# No control characters but those of a line's end: PostgreSQL keeps no NUL.
Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class Asked(BaseModel):
    """What comes in: every name must be known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


# --- in ---------------------------------------------------------------------------------------


class Paged(Asked):
    limit: Annotated[int, Field(ge=1, le=MOST_ON_PAGE), BeforeValidator(_number)] = Field(
        PAGE, description="How many at most on a page."
    )
    cursor: Annotated[str, Field(pattern=CURSOR)] = Field(
        _NOT_SAID, description="Where the page begins: `next_cursor` of the page before."
    )


class OpportunityFilter(Paged):
    site_id: Id = Field(_NOT_SAID, description="Only roles at this site.")
    status: Stage = Field(_NOT_SAID, description="Only roles that stand so.")


class PublicFilter(Paged):
    group_id: Id = Field(_NOT_SAID, description="Only of this group.")


class ShiftFilter(Paged):
    from_: Moment = Field(
        _NOT_SAID, alias="from", description="Only shifts that begin then or later."
    )
    to: Moment = Field(_NOT_SAID, description="Only shifts that begin before this moment.")
    site_id: Id = Field(_NOT_SAID, description="Only shifts at this site.")
    opportunity_id: Id = Field(_NOT_SAID, description="Only shifts of this role.")
    status: Stage = Field(_NOT_SAID, description="Only shifts that stand so.")


class PublicShiftFilter(PublicFilter):
    from_: Moment = Field(
        _NOT_SAID, alias="from", description="Only shifts that begin then or later."
    )
    to: Moment = Field(_NOT_SAID, description="Only shifts that begin before this moment.")
    opportunity_id: Id = Field(_NOT_SAID, description="Only shifts of this role.")


class SignupFilter(Paged):
    from_: Moment = Field(
        _NOT_SAID, alias="from", description="Only on shifts that begin then or later."
    )
    to: Moment = Field(_NOT_SAID, description="Only on shifts that begin before this moment.")
    site_id: Id = Field(_NOT_SAID, description="Only on shifts at this site.")
    shift_id: Id = Field(_NOT_SAID, description="Only on this shift.")
    volunteer_id: Id = Field(_NOT_SAID, description="Only of this volunteer.")
    status: Standing = Field(_NOT_SAID, description="Only sign-ups that stand so.")


class HoursFilter(Paged):
    from_: Moment = Field(
        _NOT_SAID,
        alias="from",
        description="Only of shifts that began then or later; beside shifts, of that day or later.",
    )
    to: Moment = Field(
        _NOT_SAID,
        description="Only of shifts that began before then; beside shifts, of earlier days.",
    )
    site_id: Id = Field(_NOT_SAID, description="Only given at this site.")
    volunteer_id: Id = Field(_NOT_SAID, description="Only of this volunteer.")


class NewShift(Asked):
    opportunity_id: Id = Field(description="The role that it is a time of.")
    starts_at: Moment
    ends_at: Moment
    places: Places = Field(description="How many can come.")
    minimum: Least = Field(1, description="With fewer people it must not run.")


class ShiftChange(Asked):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    starts_at: Moment = Field(_NOT_SAID)
    ends_at: Moment = Field(_NOT_SAID)
    places: Places = Field(_NOT_SAID)
    minimum: Least = Field(_NOT_SAID)


class Reason(Asked):
    reason: Words = Field(description="Why: the people concerned are told.")


class Leaving(Asked):
    reason: Words = Field(_NOT_SAID, description="Why, if it was said. Managers can read it.")


class NewSignup(Asked):
    volunteer_id: Id = Field(description="Somebody on the group’s list.")
    slot_id: Id = Field(
        _NOT_SAID,
        description="What they do, where the shift has slots. Left out: where most needed.",
    )


# --- out --------------------------------------------------------------------------------------


class Page(Told):
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last. The Link header has its address."
    )


class TokenInfo(Told):
    name: str
    group_id: int | None = Field(
        description="The group whose data it opens; null for the county’s."
    )
    scopes: list[Scope]
    expires_at: datetime


class SiteInfo(Told):
    id: int
    group_id: int
    name: str
    postcode: str
    district: str
    zone: str = Field(description="Its time zone, such as Europe/London.")


class SitePage(Page):
    items: list[SiteInfo]


class Opportunity(Told):
    id: int
    group_id: int
    site_id: int
    title: str
    summary: str
    about: str
    status: Stage
    policy: Policy
    minimum_age: int
    url: str = Field(description="Its page for people.")


class OpportunityPage(Page):
    items: list[Opportunity]


class SlotInfo(Told):
    id: int
    duty: str = Field(description="What its people do, such as “Driver”.")
    in_charge: bool
    places: int
    minimum: int
    taken: int


class Shift(Told):
    id: int
    group_id: int
    opportunity_id: int
    opportunity: str = Field(description="The role’s name.")
    site_id: int
    series: str | None = Field(description="The series that it belongs to, if it repeats.")
    occurrence_day: date | None = Field(
        description="The day for which it was made. With the series it names the shift for good, "
        "wherever it is moved to."
    )
    starts_at: datetime
    ends_at: datetime
    zone: str = Field(description="The site’s time zone, in which people are told the time.")
    places: int
    minimum: int = Field(description="With fewer people it must not run.")
    taken: int = Field(description="How many places are given or kept for somebody.")
    status: Stage
    cancel_reason: str
    slots: list[SlotInfo] = Field(description="Its places by duty; empty when all do the same.")
    version: int = Field(description="Raised by each change that a manager makes.")


class ShiftPage(Page):
    items: list[Shift]


class SignupInfo(Told):
    id: int
    shift_id: int
    volunteer_id: int
    slot_id: int | None
    status: Standing
    way: Way = Field(description="How it came about.")
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    notice: Notice | None = Field(description="How they left, if they did.")
    attended_minutes: int | None


class SignupPage(Page):
    items: list[SignupInfo]


class GivenAs(enum.StrEnum):
    """What hours came of."""

    PLACE = "place"  # a place on a shift
    EXTRA = "extra"  # came to a full shift, and helped
    ADDED = "added"  # beside any shift, and the group said yes


class Hours(Told):
    given_as: GivenAs
    id: int = Field(description="With `given_as` it names the entry for good.")
    volunteer_id: int
    day: date = Field(description="The day on which the shift began, at the site.")
    minutes: int
    signup_id: int | None
    shift_id: int | None
    opportunity_id: int | None
    site_id: int | None


class HoursPage(Page):
    items: list[Hours]


class Contact(Told):
    phone: str | None
    email: str | None
    may_text: bool = Field(description="They allow texts, and have not asked us to stop.")
    may_email: bool = Field(description="They allow emails, and have not asked us to stop.")


class Volunteer(Told):
    id: int
    name: str
    known_since: datetime
    skills: list[str] = Field(description="Empty where their profile is not open to the group.")
    languages: list[str]
    contact: Contact | None = Field(
        description="Only for a token with volunteers:contact, and only of people whose profile "
        "is open to the group."
    )


class VolunteerPage(Page):
    items: list[Volunteer]


class PublicOpportunity(Told):
    id: int
    group_id: int
    group: str
    title: str
    summary: str
    about: str
    minimum_age: int
    place: str
    area: str = Field(description="The district and the first half of the postcode.")
    url: str


class PublicOpportunityPage(Page):
    items: list[PublicOpportunity]


class PublicShift(Told):
    id: int
    opportunity_id: int
    group_id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    places_left: int
    url: str = Field(description="The page where a person can take a place.")


class PublicShiftPage(Page):
    items: list[PublicShift]


class FaultInfo(Told):
    in_: str = Field(alias="in", description="body, query or header")
    pointer: str
    detail: str


class ProblemInfo(Told):
    """A problem of RFC 9457."""

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str = ""
    errors: list[FaultInfo] = []
