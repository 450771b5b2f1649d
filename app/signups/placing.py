"""Whether a person may take a place, and which: what each verb of `service` asks first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.foundation.errors import Refusal
from app.foundation.sentences import gettext
from app.opportunities.models import Shift, Slot
from app.opportunities.slots import of_shift
from app.signups import facts
from app.signups.models import Signup, Way
from app.signups.rules import (
    SETTLED_BY_MANAGER,
    Demand,
    Exclusion,
    Opening,
    Person,
    against_duty,
    choose_opening,
    hindrances,
)
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Room:
    """Whether there is a place for the person now, and the slot that it is in.

    Without slots `slot_id` is None. A full shift's `slot_id` is the duty that
    was asked for, or None where any will do.
    """

    is_free: bool
    slot_id: int | None


class Clash(Refusal):
    """Nothing but another place at the same time speaks against them: a manager can allow it."""


@dataclass(frozen=True)
class Judged:
    """A volunteer in view of a shift whose row is locked."""

    shift: Shift
    slots: Sequence[Slot]
    person: Person
    demand: Demand
    settled: Collection[Exclusion] = ()

    @property
    def hindrance(self) -> Refusal | None:
        """The first reason against them, said to them; None when they may have a place."""
        found = [one for one in self.found if one not in self.settled]
        if not found:
            return None
        kind = Clash if found == [Exclusion.CLASH] else Refusal
        return kind(facts.sentence(found[0], self.shift))

    @property
    def found(self) -> list[Exclusion]:
        """Every binding reason against them, settled or not."""
        return hindrances(self.person, self.demand)

    def room(self, wanted: int | None = None) -> Room:
        """The place that they would get; `wanted` is the slot of the duty that they chose.

        Raises `Refusal` for a duty that is not of this shift or not for them.
        """
        if wanted is not None:
            self.must_do(wanted)
        if self.shift.is_full:
            return Room(False, wanted)
        if not self.demand.openings:
            return Room(True, None)
        chosen = self.opening(wanted)
        return Room(False, wanted) if chosen is None else Room(True, chosen.slot_id)

    def opening(self, wanted: int | None = None) -> Opening | None:
        """The slot with room in which they are most needed, or the wanted one if it has room."""
        openings = [one for one in self.demand.openings if wanted in (None, one.slot_id)]
        return choose_opening(self.person, openings)

    def must_do(self, slot_id: int) -> None:
        """Raise `Refusal` for a duty that is not of this shift or not for them."""
        slot = next((slot for slot in self.slots if slot.id == slot_id), None)
        if slot is None:
            raise Refusal(gettext("Choose what you would like to do."), "slot_id")
        found = against_duty(self.person, facts.opening_of(slot))
        if found:
            raise Refusal(facts.duty_sentence(found[0], slot.duty), "slot_id")


def judge(
    shift: Shift,
    volunteer: Volunteer,
    *,
    slots: Sequence[Slot] | None = None,
    busy: Collection[facts.Times] | None = None,
    settled: Collection[Exclusion] = (),
) -> Judged:
    """Read what the rules need; `slots` and `busy` for whoever has read them already.

    What is `settled` speaks against nobody here: see `settled_by`.
    """
    slots = of_shift(shift.id) if slots is None else slots
    demand = facts.demand_of(shift, slots)
    person = facts.person_for(volunteer, shift, demand, busy)
    return Judged(shift, slots, person, demand, settled)


def settled_by(way: Way, clash_allowed: str = "") -> Collection[Exclusion]:
    """What is settled already by how a claim reached us, and by what a manager has allowed.

    Whom the group puts on a shift it need not invite first. `clash_allowed` is
    the manager's reason for two places at the same time.
    """
    settled = SETTLED_BY_MANAGER if way in (Way.MANAGER, Way.SITE, Way.STANDING) else ()
    return (*settled, Exclusion.CLASH) if clash_allowed else settled


def settled_for(signup: Signup) -> Collection[Exclusion]:
    """The same for somebody who is on the shift already."""
    return settled_by(signup.way, signup.clash_allowed)
