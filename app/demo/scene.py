"""What the demo's stories are told with: the rows, the rota and the people of the shown groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.demo.county import Host
from app.demo.people import Giver
from app.demo.roles import Role
from app.demo.rota import Offer, Rota, Turn
from app.demo.rows import Rows
from app.demo.standings import Standings


@dataclass(frozen=True)
class Scene:
    """The county so far."""

    rows: Rows
    now: datetime
    today: date
    hosts: list[Host]
    rota: Rota
    standings: Standings

    def host(self, name: str) -> Host:
        """The group of this name."""
        return next(host for host in self.hosts if host.name == name)

    def offer(self, group: str, role: Role) -> Offer:
        """A role of a group."""
        return next(
            offer for offer in self.rota.offers if offer.host.name == group and offer.role is role
        )

    def coming(self, offer: Offer) -> list[Turn]:
        """The shifts of a role that are still to begin, the soonest first."""
        return [
            turn
            for turn in self.rota.turns
            if turn.offer is offer and turn.starts_at > self.now and not turn.is_cancelled
        ]

    def people(self, offer: Offer) -> list[Giver]:
        """Who comes to a role and has been there for a month or more."""
        return self.standings.settled(self.standings.regulars[offer.id])
