"""What cover's pages and its service read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.broadcasts.asking import refused
from app.broadcasts.models import Broadcast, BroadcastShift, BroadcastState
from app.broadcasts.queries import live
from app.broadcasts.queries.people import Person
from app.cover.models import Cover, CoverRule, CoverState
from app.cover.rules import Setting
from app.foundation import clock
from app.foundation.extensions import db
from app.matching.queries import Shortlist, Wish, shortlist
from app.matching.queries.people import Ranked
from app.opportunities.models import Shift
from app.opportunities.slots import Missing, missing, of_shift
from app.volunteers.models import GroupVolunteer


def setting_of(group_id: int) -> Setting:
    """The group's rule; what holds until it has set one is that nothing starts by itself."""
    rule = db.session.scalar(select(CoverRule).where(CoverRule.group_id == group_id))
    if rule is None:
        return Setting()
    return Setting(
        start=rule.start,
        within_hours=rule.within_hours,
        most_people=rule.most_people,
        wait_minutes=rule.wait_minutes,
        reach=rule.reach,
    )


def latest(shift_id: int) -> Cover | None:
    """The newest cover of a shift, with its request."""
    return db.session.scalar(
        select(Cover)
        .where(Cover.shift_id == shift_id)
        .options(joinedload(Cover.broadcast))
        .order_by(Cover.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def asked_by_others(shift_id: int, own_broadcast_id: int | None) -> Broadcast | None:
    """A request under way about the shift that is not the group's own."""
    query = (
        select(Broadcast)
        .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
        .where(
            BroadcastShift.shift_id == shift_id,
            Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
        )
        .limit(1)
    )
    if own_broadcast_id is not None:
        query = query.where(Broadcast.id != own_broadcast_id)
    return db.session.scalar(query)


@dataclass(frozen=True)
class Candidate:
    """One of the group's own people who fits; the reasons only where it may know them."""

    volunteer_id: int
    name: str
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Candidates:
    """Whom a group would ask for a shift."""

    own: list[Candidate]
    found: Shortlist

    @property
    def own_more(self) -> int:
        """Of its own people who fit, how many are not named."""
        return self.found.own_fit - len(self.own)


def candidates(group_id: int, shift: Shift, limit: int) -> Candidates:
    """The ranked shortlist as the group's managers may see it.

    Names are of the group's own people; of those whose profile it may not see
    the name alone. Others nearby are a number.
    """
    found = shortlist(Wish(shift_ids=[shift.id], refused=refused([shift])), group_id, limit)
    sees = seen_profiles(group_id, [one.volunteer_id for one in found.own])
    return Candidates([_candidate(one, one.volunteer_id in sees) for one in found.own], found)


def _candidate(one: Ranked, sees_profile: bool) -> Candidate:
    return Candidate(one.volunteer_id, one.name, one.reasons if sees_profile else [])


def seen_profiles(group_id: int, volunteer_ids: Collection[int]) -> set[int]:
    """Those of the volunteers whose profile the group may see."""
    return set(
        db.session.scalars(
            select(GroupVolunteer.volunteer_id).where(
                GroupVolunteer.group_id == group_id,
                GroupVolunteer.sees_profile,
                GroupVolunteer.volunteer_id.in_(list(volunteer_ids)),
            )
        )
    )


def known(group_id: int, volunteer_ids: Collection[int]) -> set[int]:
    """Those of the volunteers who are on the group's list."""
    return set(
        db.session.scalars(
            select(GroupVolunteer.volunteer_id).where(
                GroupVolunteer.group_id == group_id,
                GroupVolunteer.volunteer_id.in_(list(volunteer_ids)),
            )
        )
    )


@dataclass(frozen=True)
class Progress:
    """A cover's request as the group's managers may see it."""

    broadcast: Broadcast
    seen: live.Seen
    answers: Sequence[tuple[str, Person]]  # with a name, or nothing for somebody unknown here


def progress(cover: Cover) -> Progress | None:
    """The numbers of a cover's request, and names of the group's own people only."""
    if cover.broadcast is None or cover.broadcast.state == BroadcastState.DRAFT:
        return None
    seen = live.seen(cover.broadcast)
    named = known(cover.group_id, [person.volunteer_id for person in seen.answers])
    return Progress(
        cover.broadcast,
        seen,
        [(person.name if person.volunteer_id in named else "", person) for person in seen.answers],
    )


@dataclass(frozen=True)
class Page:
    """All that the cover page of a shift shows."""

    shift: Shift
    setting: Setting
    cover: Cover | None
    progress: Progress | None
    others: Broadcast | None
    candidates: Candidates | None
    missing: list[Missing]

    @property
    def is_asking(self) -> bool:
        """Whether the group's own request asks at this moment."""
        return self.progress is not None and self.progress.broadcast.state in (
            BroadcastState.RUNNING,
            BroadcastState.PAUSED,
        )

    @property
    def is_pending(self) -> bool:
        return self.cover is not None and self.cover.state == CoverState.PENDING

    @property
    def can_ask(self) -> bool:
        return not (
            self.is_asking
            or self.others is not None
            or self.shift.is_full
            or self.shift.starts_at <= clock.now()
        )


def page(group_id: int, shift: Shift, shown: int) -> Page:
    """The cover page: the shift, what goes on, and whom one could ask."""
    cover = latest(shift.id)
    going_on = progress(cover) if cover is not None else None
    others = asked_by_others(shift.id, cover.broadcast_id if cover is not None else None)
    found = Page(
        shift=shift,
        setting=setting_of(group_id),
        cover=cover,
        progress=going_on,
        others=others,
        candidates=None,
        missing=missing(of_shift(shift.id)),
    )
    if not found.can_ask:
        return found
    return Page(
        shift=shift,
        setting=found.setting,
        cover=cover,
        progress=going_on,
        others=others,
        candidates=candidates(group_id, shift, shown),
        missing=found.missing,
    )
