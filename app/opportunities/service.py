"""What a group's managers do with opportunities and their shifts.

Every function takes the group whose manager asks, and answers 404 for a row
of another group, as for one that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TypedDict

from sqlalchemy import select, update

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Site
from app.opportunities import making, queries, rules, slots
from app.opportunities.models import Opportunity, Pattern, Policy, Shift, Stage
from app.opportunities.policies import Approves, Unanswered, check_policy
from app.opportunities.rules import Ground, Occurrence, Repeat
from app.opportunities.rules.repeating import Rule
from app.opportunities.signals import shifts_made
from app.volunteers.vocabulary import Activity, DbsLevel, Language, Skill, Training, Workforce


class Details(TypedDict, total=False):
    """What a manager can say about an opportunity."""

    site_id: int
    title: str
    summary: str
    about: str
    what_to_bring: str
    contact_name: str
    activity: Activity
    policy: Policy
    answer_days: int
    unanswered: Unanswered
    approves: Approves
    approves_after: int
    approves_training: Training
    needs_skills: Skill
    likes_skills: Skill
    needs_languages: Language
    needs_training: Training
    minimum_age: int
    dbs_level: DbsLevel
    dbs_workforce: Workforce | None
    dbs_ground: Ground | None
    dbs_reason: str
    never_alone: bool
    needs_induction: bool


def create(group_id: int, details: Details) -> Opportunity:
    """Begin a draft. Raises `Refusal` for a site of another group or an unlawful check."""
    with transaction():
        opportunity = Opportunity(
            group_id=group_id,
            stage=Stage.DRAFT,
            minimum_age=18,
            dbs_level=DbsLevel.NONE,
            answer_days=3,
            approves=Approves(0),
            approves_after=3,
            approves_training=Training(0),
        )
        _describe(opportunity, details)
        db.session.add(opportunity)
        db.session.flush()
    return opportunity


def edit(group_id: int, opportunity_id: int, details: Details) -> Opportunity:
    """Change what an opportunity says; a published one must still say enough.

    With a new site, the coming shifts on which nobody has a place move there;
    the others stay where their people expect them.
    """
    with transaction():
        opportunity = queries.opportunity_of(group_id, opportunity_id, lock=True)
        if opportunity.stage == Stage.CANCELLED:
            raise Refusal("This role was cancelled, so it cannot be changed.")
        before = opportunity.site_id
        _describe(opportunity, details)
        if opportunity.stage == Stage.PUBLISHED:
            _check_complete(opportunity)
        if opportunity.site_id != before:
            db.session.execute(
                update(Shift)
                .where(
                    Shift.opportunity_id == opportunity.id,
                    Shift.starts_at > clock.now(),
                    Shift.taken == 0,
                )
                .values(site_id=opportunity.site_id, times=Shift.times)
            )
    return opportunity


def _describe(opportunity: Opportunity, details: Details) -> None:
    for name, value in details.items():
        # An enumeration's member is a str too, and must stay a member.
        setattr(opportunity, name, value.strip() if type(value) is str else value)
    owner = db.session.scalar(select(Site.group_id).where(Site.id == opportunity.site_id))
    if owner != opportunity.group_id:
        raise Refusal("Choose one of your group’s sites.", "site_id")
    if not opportunity.title:
        raise Refusal("Give the role a name, like “Food parcel driver”.", "title")
    if opportunity.minimum_age not in (0, 16, 18):
        raise Refusal("Choose who can take part.", "minimum_age")
    check_policy(
        opportunity.answer_days,
        opportunity.approves,
        opportunity.approves_after,
        opportunity.approves_training,
        opportunity.dbs_level,
    )
    rules.check_dbs(opportunity.dbs_level, opportunity.dbs_ground, opportunity.dbs_workforce)
    if opportunity.dbs_level in (DbsLevel.NONE, DbsLevel.BASIC):
        opportunity.dbs_workforce = None
    if opportunity.dbs_level == DbsLevel.NONE:
        opportunity.dbs_ground, opportunity.dbs_reason = None, ""


def _check_complete(opportunity: Opportunity) -> None:
    if not opportunity.summary:
        raise Refusal("Say in one sentence what people will do.", "summary")


def publish(group_id: int, opportunity_id: int) -> Opportunity:
    """Show a draft, or a closed opportunity again, to everybody, with its coming shifts.

    Raises `Refusal` when it does not say enough yet, or was cancelled.
    """
    with transaction():
        opportunity = queries.opportunity_of(group_id, opportunity_id, lock=True)
        if opportunity.stage == Stage.CANCELLED:
            raise Refusal("This role was cancelled. Make a new one instead.")
        _check_complete(opportunity)
        rules.check_dbs(opportunity.dbs_level, opportunity.dbs_ground, opportunity.dbs_workforce)
        opportunity.stage = Stage.PUBLISHED
        opportunity.published_at = opportunity.published_at or clock.now()
        _move_coming_shifts(opportunity, (Stage.DRAFT, Stage.CLOSED), Stage.PUBLISHED)
        coming = select(Shift.id).where(
            Shift.opportunity_id == opportunity.id,
            Shift.pattern_id.is_not(None),
            Shift.starts_at > clock.now(),
        )
        shifts_made.send(list(db.session.scalars(coming)))
    return opportunity


def close(group_id: int, opportunity_id: int) -> Opportunity:
    """Take no more sign-ups. Those who have a place keep it."""
    with transaction():
        opportunity = queries.opportunity_of(group_id, opportunity_id, lock=True)
        if opportunity.stage != Stage.PUBLISHED:
            raise Refusal("Only a published role can be closed.")
        opportunity.stage = Stage.CLOSED
        _move_coming_shifts(opportunity, (Stage.PUBLISHED,), Stage.CLOSED)
    return opportunity


def _move_coming_shifts(opportunity: Opportunity, before: Iterable[Stage], after: Stage) -> None:
    db.session.execute(
        update(Shift)
        .where(
            Shift.opportunity_id == opportunity.id,
            Shift.stage.in_(list(before)),
            Shift.ends_at > clock.now(),
        )
        .values(stage=after)
    )


def add_shift(
    group_id: int,
    opportunity_id: int,
    *,
    day: date,
    starts: time,
    ends: time,
    places: int,
    minimum: int,
    team: slots.Team | None = None,
) -> Shift:
    """Add one time, in local time of the opportunity's site; `ends` may be on the next day.

    With a team, its places are what the shift has; `minimum` is of all together.
    """
    with transaction():
        opportunity = queries.opportunity_of(group_id, opportunity_id, lock=True)
        places = _places_of(opportunity, team, places)
        occurrence = Occurrence(day, *_span(day, starts, ends, opportunity.site.zone))
        _check_coming(occurrence)
        shift = making.new_shift(opportunity, occurrence, places, minimum)
        db.session.add(shift)
        db.session.flush()
        slots.give(shift, team or {})
    return shift


def _places_of(opportunity: Opportunity, team: slots.Team | None, places: int) -> int:
    """How many places a shift has: what its team adds up to, if it has one."""
    if not team:
        return places
    slots.check_team(team, slots.duties_of(opportunity.id))
    return sum(one.places for one in team.values())


def add_pattern(
    group_id: int,
    opportunity_id: int,
    repeat: Repeat,
    *,
    places: int,
    minimum: int,
    team: slots.Team | None = None,
) -> tuple[Pattern, int]:
    """Add times that repeat; return the pattern and how many shifts it made so far.

    Shifts are made up to 26 weeks ahead, later ones as their time comes nearer.
    """
    with transaction():
        opportunity = queries.opportunity_of(group_id, opportunity_id, lock=True)
        _check_length(repeat.starts, repeat.ends)
        rule = Rule.read(repeat.rule).written()
        if not queries.preview(opportunity, repeat):
            raise nothing_fits(repeat, opportunity.site.zone)
        places = _places_of(opportunity, team, places)
        pattern = Pattern(
            opportunity_id=opportunity.id,
            rule=rule,
            starts=repeat.starts,
            ends=repeat.ends,
            first_day=repeat.first_day,
            last_day=repeat.last_day,
            skipped_days=[day.isoformat() for day in sorted(set(repeat.skipped))],
            works_on_holidays=repeat.works_on_holidays,
            places=places,
            minimum=minimum,
            team=[
                {"duty_id": duty_id, "places": one.places, "minimum": one.minimum}
                for duty_id, one in (team or {}).items()
            ],
        )
        db.session.add(pattern)
        db.session.flush()
        return pattern, len(making.make_missing(pattern))


def nothing_fits(repeat: Repeat, zone: str) -> Refusal:
    """Why a repeat makes no shift now: it begins too far ahead, or none of its days comes."""
    if repeat.first_day > clock.today(zone) + rules.HORIZON:
        weeks = rules.HORIZON.days // 7
        return Refusal(
            f"Shifts are made up to {weeks} weeks ahead. Choose an earlier first date, "
            "or come back nearer the time.",
            "first_day",
        )
    return Refusal("No day fits. Check the days of the week and the dates.", "weekdays")


def _span(day: date, starts: time, ends: time, zone: str) -> tuple[datetime, datetime]:
    _check_length(starts, ends)
    return rules.span(day, starts, ends, zone)


def _check_length(starts: time, ends: time) -> None:
    # An end before the start is on the next day; the same time would be a whole day.
    if starts == ends:
        raise Refusal("The end must be after the start.", "ends")


def _check_coming(occurrence: Occurrence) -> None:
    if occurrence.starts_at <= clock.now():
        raise Refusal("That time has passed. Choose a later one.", "day")


def edit_shift(
    group_id: int,
    shift_id: int,
    *,
    day: date,
    starts: time,
    ends: time,
    places: int,
    minimum: int,
) -> Shift:
    """Change a coming shift's time, places or minimum.

    Places never go below those taken, and where the shift has slots these say
    how many there are (see `slots.set_team`). A new time raises `revision`; who has
    or awaits a place must hear of it: `signups.changes.edit_shift` does both.
    """
    with transaction():
        shift = queries.shift_of(group_id, shift_id, lock=True)
        if shift.stage == Stage.CANCELLED:
            raise Refusal("This shift was cancelled. Add a new one instead.")
        if shift.starts_at <= clock.now():
            raise Refusal("This shift has begun, so it cannot be changed.")
        occurrence = Occurrence(day, *_span(day, starts, ends, shift.site.zone))
        if slots.of_shift(shift.id):
            places = shift.places  # its duties say how many
        rules.check_shift(
            occurrence.starts_at, occurrence.ends_at, places, minimum, zone=shift.site.zone
        )
        if places < shift.taken:
            raise Refusal(
                f"{shift.taken} people have a place already. Give at least {shift.taken} places.",
                "places",
            )
        if (occurrence.starts_at, occurrence.ends_at) != _to_the_minute(shift):
            _check_coming(occurrence)
            shift.starts_at, shift.ends_at = occurrence.starts_at, occurrence.ends_at
            shift.times = rules.local_times(shift.starts_at, shift.ends_at, shift.site.zone)
            shift.revision += 1
        shift.places, shift.minimum = places, minimum
        shift.version += 1
    return shift


def _to_the_minute(shift: Shift) -> tuple[datetime, datetime]:
    """The shift's time as a form can hold it."""
    start, end = shift.starts_at, shift.ends_at
    return start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)


def delete_shift(group_id: int, shift_id: int) -> Opportunity:
    """Delete a shift that nobody ever signed up to; return its opportunity.

    Its pattern will not make it again. Sign-ups are not known here: ask
    through `signups.changes.delete_shift`, which refuses when there are any.
    """
    with transaction():
        # The pattern's row before the shift's: a change of the pattern takes them in this order.
        before = queries.shift_of(group_id, shift_id).pattern_id
        if before is not None:
            queries.pattern_of(group_id, before, lock=True)
        shift = queries.shift_of(group_id, shift_id, lock=True)
        if shift.pattern and shift.occurrence_day:
            skipped = {*shift.pattern.skipped_days, shift.occurrence_day.isoformat()}
            shift.pattern.skipped_days = sorted(skipped)
            shift.pattern.version += 1
        opportunity = shift.opportunity
        db.session.delete(shift)
    return opportunity
