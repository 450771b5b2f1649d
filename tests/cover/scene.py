"""A food bank this afternoon: a shift tonight, its own people, and others nearby."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.broadcasts.models import Broadcast, Recipient
from app.cover import service
from app.cover.models import Cover
from app.cover.rules import Reach, Setting, Start
from app.foundation.extensions import db
from app.groups.models import Group
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.signups import service as places
from app.signups.models import Way
from app.volunteers.models import Volunteer
from tests import factories as make

# A Tuesday, five in the afternoon.
NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)


class Scene:
    """A group with a shift at eight tonight that three people have places on; it needs two."""

    def __init__(self, **shift: Any) -> None:
        self.group: Group = make.group(name="Gorse Covert Food Bank")
        self.boss: User = make.manager(
            self.group,
            name="Bea Boss",
            email="boss@example.org",
            phone=make.drama_phone(999),
            phone_verified_at=NOW,
        )
        # Allows texts in her own profile.
        make.volunteer(
            user_id=self.boss.id, name="Bea Boss", phone=make.drama_phone(999), asks_per_week=0
        )
        role = make.opportunity(self.group, title="Parcel driver")
        usual = {"starts_at": NOW + timedelta(hours=3), "places": 3, "minimum": 2}
        self.shift: Shift = make.shift(role, **(usual | shift))
        self.on_it = [self.person(n, f"On It {n}") for n in range(3)]
        for person in self.on_it:
            places.claim(self.shift.id, person.id, way=Way.WEB)
        self.own = [self.person(100 + n, f"Own Person{n}", own=True) for n in range(2)]
        self.nearby = [self.person(200 + n, f"Near By{n}") for n in range(4)]
        # Drawn once: a rolled-back session would have to read them again.
        self.ids = (self.group.id, self.shift.id, self.boss.id)

    def person(self, number: int, name: str, *, own: bool = False, **said: Any) -> Volunteer:
        person = make.volunteer(name=name, phone=make.drama_phone(number), **said)
        if own:
            make.known_to(person, self.group)
        return person

    def rule(self, start: Start = Start.LATE, **said: Any) -> None:
        group_id, _, boss_id = self.ids
        usual = {"wait_minutes": 0, "most_people": 5}
        service.set_rule(group_id, Setting(start=start, **(usual | said)), boss_id)

    def drop_out(self, place: int = 0) -> None:
        """One of those on it cannot come after all; then a worker takes the nudge."""
        person_id = db.session.get_one(Volunteer, self.on_it[place].id).id
        places.withdraw(self.ids[1], person_id, way=Way.TEXT, reason="I am ill")

    def ask(self, most: int = 5, reach: Reach = Reach.NEARBY) -> Cover:
        group_id, shift_id, boss_id = self.ids
        return service.ask(group_id, shift_id, boss_id, most, reach)

    @property
    def covers(self) -> list[Cover]:
        db.session.rollback()
        return list(db.session.scalars(select(Cover).order_by(Cover.id)))

    @property
    def request(self) -> Broadcast:
        db.session.rollback()
        found = db.session.scalar(select(Broadcast).order_by(Broadcast.id.desc()).limit(1))
        assert found is not None
        return found

    def audience(self) -> list[str]:
        """The names of those who can be asked, in order."""
        db.session.rollback()
        return list(
            db.session.scalars(
                select(Volunteer.name)
                .join(Recipient, Recipient.volunteer_id == Volunteer.id)
                .where(Recipient.excluded == "")
                .order_by(Recipient.rank)
            )
        )

    def to_boss(self) -> list[Message]:
        db.session.rollback()
        rows = select(Message).where(
            Message.to_address.in_(["boss@example.org", make.drama_phone(999)])
        )
        return list(db.session.scalars(rows.order_by(Message.id)))
