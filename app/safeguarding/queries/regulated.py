"""Who works with children in a group's roles, on how many days, and with which check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.flags import has_all
from app.foundation.months import months_before
from app.groups.models import Group, Site
from app.opportunities.models import Opportunity, Shift
from app.opportunities.rules import Ground
from app.safeguarding.queries import roles
from app.safeguarding.queries.alarms import RUNS
from app.safeguarding.rules import regulated as rules
from app.safeguarding.rules.dues import best
from app.safeguarding.rules.regulated import Count, Reach, Turn
from app.signups.models import PRESENT, Signup
from app.signups.rules import Held
from app.volunteers.models import DbsCheck, GroupVolunteer, Volunteer
from app.volunteers.queries import today
from app.volunteers.vocabulary import Activity, DbsLevel, Workforce

BACK: Final = timedelta(days=365)
# The grounds that say so; a role about children that states no ground is counted too.
WITH_CHILDREN: Final = (Ground.CHILDREN_REGULATED, Ground.CHILDREN)


@dataclass(frozen=True)
class Worker:
    """One person who works with children here."""

    volunteer_id: int
    name: str
    count: Count  # of the days on which nobody supervises, or none has said
    supervised_days: int  # further days of the last year, in roles where somebody supervises
    next_at: datetime | None
    # Enhanced with the barred list, child workforce, not due again, and seen by this group.
    has_check: bool

    @property
    def needs_eye(self) -> bool:
        """Whether a manager should look: near or beyond the law's count, without the check."""
        return self.count.reach != Reach.FAR and not self.has_check


def workers(group: Group) -> list[Worker]:
    """The group's people who work with children, the most pressing first; two statements."""
    now = clock.now()
    free: dict[int, list[Turn]] = {}
    supervised: dict[int, set[date]] = {}
    names: dict[int, str] = {}
    next_at: dict[int, datetime] = {}
    about_children = or_(
        Opportunity.dbs_ground.in_(WITH_CHILDREN), has_all(Opportunity.activity, Activity.CHILDREN)
    )
    for row in db.session.execute(
        select(
            Signup.volunteer_id,
            Volunteer.name,
            Shift.starts_at,
            Shift.ends_at,
            Site.zone,
            Opportunity.dbs_ground,
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .join(
            GroupVolunteer,
            and_(
                GroupVolunteer.volunteer_id == Signup.volunteer_id,
                GroupVolunteer.group_id == group.id,
            ),
        )
        .where(
            Opportunity.group_id == group.id,
            about_children,
            Shift.stage.in_(RUNS),
            Shift.ends_at > now - BACK,
            Signup.standing.in_(PRESENT),
            Volunteer.erased_at.is_(None),
        )
        .order_by(Shift.starts_at)
    ):
        names[row.volunteer_id] = row.name
        days = rules.turns(row.starts_at, row.ends_at, row.zone)
        if row.dbs_ground == Ground.CHILDREN:
            supervised.setdefault(row.volunteer_id, set()).update(turn.day for turn in days)
        else:
            free.setdefault(row.volunteer_id, []).extend(days)
        if row.ends_at > now:
            next_at.setdefault(row.volunteer_id, row.starts_at)
    checked = _checked(group, names) if names else set()
    day = today()
    found = [
        Worker(
            volunteer_id,
            name,
            rules.count(free.get(volunteer_id, ()), day),
            len(supervised.get(volunteer_id, ())),
            next_at.get(volunteer_id),
            volunteer_id in checked,
        )
        for volunteer_id, name in names.items()
    ]
    found.sort(
        key=lambda one: (not one.needs_eye, -one.count.most, one.name.casefold(), one.volunteer_id)
    )
    return found


def _checked(group: Group, names: dict[int, str]) -> set[int]:
    """Those of whom the group has seen an enhanced check with the barred list for children.

    One that is not due again, which the group noted, or which a role of its
    that asks for a check lets it see.
    """
    since = months_before(today(), group.recheck_months)
    held: dict[int, list[Held]] = {}
    for volunteer_id, level, workforce, issued_on in db.session.execute(
        select(DbsCheck.volunteer_id, DbsCheck.level, DbsCheck.workforce, DbsCheck.issued_on).where(
            DbsCheck.volunteer_id.in_(list(names)),
            or_(
                DbsCheck.group_id == group.id,
                DbsCheck.volunteer_id.in_(roles.asked_for(group.id, checks=True)),
            ),
            DbsCheck.level == DbsLevel.ENHANCED_BARRED,
            DbsCheck.issued_on >= since,
        )
    ):
        held.setdefault(volunteer_id, []).append(Held(level, workforce, issued_on))
    return {
        volunteer_id
        for volunteer_id, checks in held.items()
        if best(checks, DbsLevel.ENHANCED_BARRED, Workforce.CHILD)
    }
