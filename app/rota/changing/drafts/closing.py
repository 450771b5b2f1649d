"""Days are closed, or open again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import queries
from app.opportunities import rules as shift_rules
from app.opportunities.models import Closure, Opportunity, Pattern, Shift, Stage
from app.opportunities.rules import occurrences
from app.rota.changing import rules
from app.rota.changing.drafts.shapes import Draft, keys_of, made_of, read, short
from app.rota.changing.models import Kind
from app.rota.changing.rules import Act, Face, Made, Step, Why
from app.web.filters import spoken_day


@dataclass(frozen=True, kw_only=True)
class Close:
    """A group, or one of its sites, is closed on some days, both included."""

    group_id: int
    site_id: int | None
    name: str
    first_day: date
    last_day: date

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        if self.last_day < self.first_day:
            raise Refusal("The last date must not be before the first.", "last_day")
        if self.site_id is not None and self.site_id not in {
            site.id for site in queries.sites_of(self.group_id)
        }:
            raise Refusal("Choose one of your group’s sites.", "site_id")
        patterns = _patterns_of_group(self.group_id, lock)
        shifts = [
            shift
            for shift in read(self._ids(), lock)
            if shift.starts_at > clock.now()
            and self.first_day <= _local_day(shift) <= self.last_day
        ]
        steps = [
            rules.go(
                made,
                along,
                Why.ONE_OFF if made.key is None else _exception(made),
            )
            for made in made_of(shifts, patterns)
            if not made.is_cancelled
        ]
        return Draft(
            group_id=self.group_id,
            kind=Kind.CLOSURE,
            summary=short(f"Closed {self.words()}: {self.name}"),
            steps=sorted(steps, key=rules.in_time),
            shifts={shift.id: shift for shift in shifts},
        )

    def words(self) -> str:
        """ "on Friday 25 December", "from … to …"."""
        return closed_words(self.first_day, self.last_day)

    def _ids(self) -> list[int]:
        # A day more on each side, whatever the site's zone; the local day decides.
        begin = datetime.combine(self.first_day, time.min, clock.now().tzinfo) - timedelta(days=1)
        end = datetime.combine(self.last_day, time.min, clock.now().tzinfo) + timedelta(days=2)
        query = (
            select(Shift.id)
            .join(Shift.opportunity)
            .where(
                Opportunity.group_id == self.group_id,
                Shift.starts_at > max(begin, clock.now()),
                Shift.starts_at < end,
            )
        )
        if self.site_id is not None:
            query = query.where(Shift.site_id == self.site_id)
        return list(db.session.scalars(query.order_by(Shift.id)))


@dataclass(frozen=True, kw_only=True)
class Reopen:
    """A closure was a mistake or is over sooner: what it kept from being made is made."""

    group_id: int
    closure_id: int

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        closure = closure_of(self.group_id, self.closure_id)
        if closure is None:
            raise Refusal("This closure is gone already.")
        now, steps = clock.now(), []
        first, last = closure.first_day, closure.last_day
        patterns = [
            pattern
            for pattern in _patterns_of_group(self.group_id, lock).values()
            if closure.site_id in (None, pattern.opportunity.site_id)
            and pattern.opportunity.stage in (Stage.DRAFT, Stage.PUBLISHED)
        ]
        taken = keys_of([pattern.series for pattern in patterns])
        closed: dict[tuple[int, bool], dict[date, str]] = {}  # asked once for each site
        for pattern in patterns:
            role = pattern.opportunity
            where = role.site_id, pattern.works_on_holidays
            if where not in closed:
                closed[where] = queries.closed_days(
                    role, first, last, works_on_holidays=where[1], but=closure.id
                )
            repeat = queries.repeat_of(pattern)
            for one in occurrences(
                repeat, role.site.zone, first=first, last=last, closed=closed[where]
            ):
                if one.day in taken[pattern.series]:
                    continue
                if not now < one.starts_at <= now + shift_rules.HORIZON:
                    continue
                face = Face(one.starts_at, one.ends_at, pattern.places, pattern.minimum)
                steps.append(
                    Step(act=Act.ADD, shift=None, key=one.day, after=face, pattern_id=pattern.id)
                )
        return Draft(
            group_id=self.group_id,
            kind=Kind.CLOSURE,
            summary=short(
                f"Open again {closed_words(closure.first_day, closure.last_day)}: {closure.name}"
            ),
            steps=sorted(steps, key=rules.in_time),
            shifts={},
            titles={pattern.id: pattern.opportunity.title for pattern in patterns},
            details={"closure": closure},
        )


def closure_of(group_id: int, closure_id: int) -> Closure | None:
    """A closure of this group, or None."""
    return db.session.scalar(
        select(Closure).where(Closure.id == closure_id, Closure.group_id == group_id)
    )


def closed_words(first: date, last: date) -> str:
    """ "on Friday 25 December", "from Thursday 24 to …"; with the year where it is another."""
    zone = current_app.config["TIMEZONE"]
    if first == last:
        return f"on {spoken_day(first, zone)}"
    return f"from {spoken_day(first, zone)} to {spoken_day(last, zone)}"


def _patterns_of_group(group_id: int, lock: bool) -> dict[int, Pattern]:
    """The group's patterns; locked, so that the daily task makes nothing meanwhile."""
    query = (
        select(Pattern)
        .join(Pattern.opportunity)
        .where(Opportunity.group_id == group_id)
        .order_by(Pattern.id)
        .options(joinedload(Pattern.opportunity).joinedload(Opportunity.site))
    )
    if lock:
        query = query.with_for_update(of=Pattern).execution_options(populate_existing=True)
    return {pattern.id: pattern for pattern in db.session.scalars(query)}


def _exception(made: Made) -> Why:
    return Why.EXCEPTION if made.is_exception else Why.NONE


def _local_day(shift: Shift) -> date:
    return shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()
