"""What can be done with a standing place; each verb is one unit of work, then its places follow.

A standing place is changed under the lock of its row alone. The places that
this makes or frees are seen to after it, each in a unit of its own
(`making`): a sweep finds what a killed worker left.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.opportunities.models import Opportunity, Pattern, Policy, Stage
from app.signups import facts
from app.signups import queries as signups
from app.signups import service as places
from app.signups.models import Signup, Way
from app.signups.placing import judge
from app.signups.rows import lock_volunteer, locked
from app.signups.rules import Exclusion, hindrances
from app.signups.standing import making, rules, telling
from app.signups.standing.making import Filled, locked_standing
from app.signups.standing.models import (
    GOES_ON,
    Difference,
    StandingDate,
    StandingPlace,
    StandingState,
)
from app.signups.standing.queries import next_shift
from app.signups.standing.rules import Stand, check, is_away, meets, week_of
from app.signups.standing.words import weekdays_of
from app.volunteers import service as volunteers
from app.web.filters import spoken_day

# So far ahead a person may say that they begin.
LATEST_BEGINNING = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """When somebody would like to come, as a form says it."""

    weekdays: int
    every_weeks: int
    first_day: date
    last_day: date | None = None
    duty_id: int | None = None

    def stand(self, pattern: Pattern) -> Stand:
        """As the rules know it: the weeks are counted from the first day that counts."""
        all_days = weekdays_of(pattern)
        bits = self.weekdays or all_days
        begin = self.first_day
        while not bits >> begin.weekday() & 1:
            begin += timedelta(days=1)
        return Stand(
            weekdays=0 if self.weekdays == all_days else self.weekdays,
            every_weeks=self.every_weeks,
            phase=week_of(begin) % self.every_weeks,
            first_day=self.first_day,
            last_day=self.last_day,
        )


@dataclass(frozen=True)
class Taken:
    """A standing place and what came of it at once."""

    standing: StandingPlace
    filled: Filled


def give(
    group_id: int, pattern_id: int, volunteer_id: int, wanted: Wanted, by_user_id: int
) -> Taken:
    """A manager gives one of their own people a standing place; its places are made.

    Raises `Refusal` for days that make none, and for one that the person has already.
    """
    with transaction():
        pattern = pattern_of(pattern_id, group_id)
        standing = _new(pattern, volunteer_id, wanted, StandingState.ACTIVE, by_user_id)
        standing.decided_by_id, standing.decided_at = by_user_id, clock.now()
        volunteers.know(volunteer_id, group_id, "stands for a shift", sees_profile=False)
        audit.record("gave standing place", subject=standing, group_id=group_id)
        standing_id = standing.id
    return _begun(standing_id)


def ask(pattern_id: int, volunteer_id: int, wanted: Wanted, by_user_id: int | None) -> Taken:
    """A volunteer takes a standing place or, where the group decides, asks for one.

    Raises `Refusal` for a role that takes nobody now, for days that make no
    standing place, and for one that they have already.
    """
    with transaction():
        pattern = pattern_of(pattern_id)
        role = pattern.opportunity
        if role.stage != Stage.PUBLISHED or role.group.is_closed:
            raise Refusal(gettext("This role takes nobody new now."))
        _must_fit(pattern, volunteer_id)
        at_once = role.policy != Policy.APPROVAL
        state = StandingState.ACTIVE if at_once else StandingState.ASKED
        standing = _new(pattern, volunteer_id, wanted, state, by_user_id)
        volunteers.know(volunteer_id, role.group_id, "asked for a standing place")
        standing_id = standing.id
        if not at_once:
            telling.tell_asked(telling.with_all(standing_id))
    return _begun(standing_id) if at_once else Taken(read(standing_id), Filled())


def _must_fit(pattern: Pattern, volunteer_id: int) -> None:
    """Raise `Refusal` when the person could not take the next of the shifts; a clash may pass."""
    shift = next_shift(pattern.id)
    if shift is None:
        return
    judged = judge(shift, lock_volunteer(volunteer_id))
    found = [one for one in hindrances(judged.person, judged.demand) if one != Exclusion.CLASH]
    if found:
        raise Refusal(facts.sentence(found[0], shift))


def _new(
    pattern: Pattern,
    volunteer_id: int,
    wanted: Wanted,
    state: StandingState,
    by_user_id: int | None,
) -> StandingPlace:
    zone = pattern.opportunity.site.zone
    today = clock.today(zone)
    if wanted.every_weeks not in rules.EVERY:
        raise Refusal(gettext("Choose how often."), "every_weeks")
    if wanted.first_day > today + LATEST_BEGINNING:
        raise Refusal(gettext("Choose a first day within a year."), "first_day")
    stand = wanted.stand(pattern)
    check(stand, weekdays_of(pattern), today)
    if pattern.last_day and pattern.last_day < max(today, wanted.first_day):
        raise Refusal(gettext("These shifts have ended by then."), "first_day")
    in_team = {one["duty_id"] for one in pattern.team}
    if wanted.duty_id is not None and wanted.duty_id not in in_team:
        raise Refusal(gettext("Choose what to do."), "duty_id")
    # Of two requests at once the second waits here, and finds the first.
    lock_volunteer(volunteer_id)
    for other in db.session.scalars(
        select(StandingPlace).where(
            StandingPlace.volunteer_id == volunteer_id,
            StandingPlace.pattern_id == pattern.id,
            StandingPlace.state.in_(GOES_ON),
        )
    ):
        if meets(other.stand, stand):
            raise Refusal(gettext("There is a standing place on some of these days already."))
    standing = StandingPlace(
        pattern_id=pattern.id,
        volunteer_id=volunteer_id,
        duty_id=wanted.duty_id,
        weekdays=stand.weekdays,
        every_weeks=stand.every_weeks,
        phase=stand.phase,
        first_day=max(stand.first_day, today),
        last_day=stand.last_day,
        state=state,
        by_user_id=by_user_id,
    )
    db.session.add(standing)
    db.session.flush()
    return standing


def _begun(standing_id: int) -> Taken:
    filled = making.fill(standing_ids=[standing_id])
    telling.tell_taken(standing_id)
    telling.tell_differences(standing_id)
    return Taken(read(standing_id), filled)


def accept(group_id: int, standing_id: int, by_user_id: int) -> Taken:
    """The group says yes to who asked; the places are made and the person is told.

    Raises `Refusal` when it was decided already.
    """
    with transaction():
        standing = of_group(group_id, standing_id)
        _must_be_asked(standing)
        standing.state = StandingState.ACTIVE
        standing.decided_by_id, standing.decided_at = by_user_id, clock.now()
        standing.first_day = max(
            standing.first_day, clock.today(standing.pattern.opportunity.site.zone)
        )
        audit.record("accepted standing place", subject=standing, group_id=group_id)
    return _begun(standing_id)


def decline(group_id: int, standing_id: int, by_user_id: int, reason: str) -> None:
    """The group says no to who asked; they are told, with the reason if there is one.

    Raises `Refusal` when it was decided already.
    """
    with transaction():
        standing = of_group(group_id, standing_id)
        _must_be_asked(standing)
        standing.state = StandingState.DECLINED
        standing.decided_by_id, standing.decided_at = by_user_id, clock.now()
        standing.reason = reason.strip()[:300]
        telling.tell_declined(telling.with_all(standing_id))
        audit.record("declined standing place", subject=standing, group_id=group_id)


def _must_be_asked(standing: StandingPlace) -> None:
    if standing.state != StandingState.ASKED:
        raise Refusal(gettext("This has been decided already."))


def end(
    standing_id: int,
    last_day: date,
    *,
    keeps_made: bool,
    reason: str = "",
    by_user_id: int | None,
    by_group: bool,
) -> int:
    """End a standing place after a day; how many places were given up.

    The places already made for later days are given up, or stay with
    `keeps_made`. The other side is told. Raises `Refusal` when it has ended.
    """
    with transaction():
        standing = locked_standing(standing_id)
        if standing is None or standing.state not in GOES_ON:
            raise Refusal(gettext("This standing place has ended already."))
        zone = standing.pattern.opportunity.site.zone
        if standing.last_day and last_day > standing.last_day:
            ends = spoken_day(standing.last_day, zone)
            raise Refusal(gettext("It ends before that already: on %(day)s.", day=ends), "last_day")
        today = clock.today(zone)
        asked = standing.state == StandingState.ASKED
        standing.last_day = last_day
        standing.keeps_made = keeps_made
        standing.reason = reason.strip()[:300]
        standing.ended_at, standing.ended_by_id = clock.now(), by_user_id
        if asked or last_day < today:
            standing.state = StandingState.ENDED
        audit.record(
            "ended standing place",
            subject=standing,
            group_id=standing.pattern.opportunity.group_id,
        )
        gone = making.surplus([standing_id])
        if by_group:
            telling.tell_ended(telling.with_all(standing_id))
        elif not asked:
            telling.tell_given_up(telling.with_all(standing_id), len(gone), standing.reason)
    return making.give_up(making.surplus([standing_id]))


def skip(standing_id: int, day: date, by_user_id: int | None, reason: str = "") -> int:
    """The volunteer does not come on this day; how many places that gave up, 0 or 1.

    Raises `Refusal` for a day on which the standing place is not, or that is over.
    """
    with transaction():
        standing = locked_standing(standing_id)
        if standing is None or standing.state not in GOES_ON:
            raise Refusal(gettext("This standing place has ended already."))
        if not rules.wants(standing.stand, day):
            raise Refusal(gettext("The standing place is not on this day."))
        if day < clock.today(standing.pattern.opportunity.site.zone):
            raise Refusal(gettext("This day is over."))
        table = StandingDate.__table__
        row = {
            "created_at": clock.now(),
            "standing_place_id": standing_id,
            "day": day,
            "kind": Difference.SKIPPED,
            "reason": reason.strip()[:300],
            "by_user_id": by_user_id,
        }
        db.session.execute(
            insert(table)
            .values(row)
            .on_conflict_do_update(
                index_elements=[table.c.standing_place_id, table.c.day],
                set_={name: row[name] for name in ("kind", "reason", "by_user_id")},
            )
        )
    return making.give_up(making.surplus([standing_id]))


def come_after_all(standing_id: int, day: date) -> Filled:
    """The volunteer comes on a day that was skipped, if there is a place still."""
    with transaction():
        if locked_standing(standing_id) is None:
            raise Refusal(gettext("This standing place has ended already."))
        db.session.execute(
            delete(StandingDate).where(
                StandingDate.standing_place_id == standing_id,
                StandingDate.day == day,
                StandingDate.kind == Difference.SKIPPED,
            )
        )
    return making.fill(standing_ids=[standing_id])


def touched(volunteer_id: int, first_day: date, last_day: date) -> list[Signup]:
    """The volunteer's live sign-ups on shifts to come that these days touch, soonest first."""
    return [
        signup
        for signup in signups.coming(volunteer_id)
        if signup.shift.starts_at > clock.now()
        and is_away(
            *making.local_days(
                signup.shift.starts_at, signup.shift.ends_at, signup.shift.site.zone
            ),
            [(first_day, last_day)],
        )
    ]


def go_away(
    volunteer_id: int,
    first_day: date,
    last_day: date,
    *,
    keep: Collection[int] = (),
    by_user_id: int | None = None,
    why: str = "",
) -> int:
    """The volunteer is away on these days; how many places were given up.

    All or nothing: the days are kept, and every place on them is left, but
    those on the shifts of `keep`, to which they come all the same. No standing
    place is made on these days. Raises `Refusal` for days that make no stretch.
    """
    with transaction():
        leaving = _leaving(volunteer_id, first_day, last_day, keep)
        locked([signup.shift_id for signup in leaving])
        lock_volunteer(volunteer_id)
        volunteers.add_dates_away(volunteer_id, first_day, last_day)
        left = _leave(leaving, why, by_user_id)
    # A standing place that was made in this same moment, before it knew.
    return left + _leave(_leaving(volunteer_id, first_day, last_day, keep), why, by_user_id)


def _leaving(
    volunteer_id: int, first_day: date, last_day: date, keep: Collection[int]
) -> list[Signup]:
    found = touched(volunteer_id, first_day, last_day)
    return [signup for signup in found if signup.shift_id not in keep]


def _leave(leaving: Sequence[Signup], why: str, by_user_id: int | None) -> int:
    each = [(signup.shift_id, signup.volunteer_id) for signup in leaving]
    for shift_id, volunteer_id in each:
        places.withdraw(
            shift_id,
            volunteer_id,
            way=Way.STANDING,
            reason=why,
            by_user_id=by_user_id,
            tell=False,
        )
    return len(each)


def back_again(volunteer_id: int) -> Filled:
    """Some days away were taken back: standing places on them are made again."""
    ids = db.session.scalars(
        select(StandingPlace.id).where(
            StandingPlace.volunteer_id == volunteer_id,
            StandingPlace.state == StandingState.ACTIVE,
        )
    ).all()
    return making.fill(standing_ids=ids) if ids else Filled()


def read(standing_id: int) -> StandingPlace:
    """A standing place with all that its words need, as it is now."""
    return telling.with_all(standing_id)


def pattern_of(pattern_id: int, group_id: int | None = None) -> Pattern:
    """A pattern with its role; of this group, if one is given. Raises `Refusal` when gone."""
    query = (
        select(Pattern)
        .join(Pattern.opportunity)
        .where(Pattern.id == pattern_id)
        .options(
            joinedload(Pattern.opportunity).options(
                joinedload(Opportunity.group), joinedload(Opportunity.site)
            )
        )
    )
    if group_id is not None:
        query = query.where(Opportunity.group_id == group_id)
    pattern = db.session.scalar(query)
    if pattern is None:
        raise Refusal(gettext("These shifts do not exist any more."))
    return pattern


def of_group(group_id: int, standing_id: int) -> StandingPlace:
    """A standing place of this group, its row locked. Raises `Refusal` when there is none."""
    standing = locked_standing(standing_id)
    if standing is None or standing.pattern.opportunity.group_id != group_id:
        raise Refusal(gettext("This standing place does not exist any more."))
    return standing
