"""What a group's managers may see of a person's papers, and when of whom to call.

A check, a training or an emergency contact is shown where a role needs it, and
not because somebody is on a list. What people do for a group is known higher
up; the features there say so here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import Select, false, select

from app.volunteers.models import DbsCheck, TrainingRecord, Volunteer
from app.volunteers.vocabulary import AgeBand


@dataclass(frozen=True)
class Sight:
    """What one group's managers may see of one person."""

    checks: bool = False  # a role that they do here asks for a check
    training: bool = False  # a role that they do here asks for training
    is_around: bool = False  # they have a place here that begins soon, or has begun
    is_under_18: bool = False

    @property
    def emergency(self) -> bool:
        """Whether the emergency contact may be shown: around a shift, or of somebody young."""
        return self.is_around or self.is_under_18

    def shows_check(self, check: DbsCheck, group_id: int) -> bool:
        """Whether this check may be shown: their own note, or one that a role asks for."""
        return self.checks or check.group_id == group_id

    def shows_training(self, record: TrainingRecord, group_id: int) -> bool:
        """Whether this training may be shown: their own note, or one that a role asks for."""
        return self.training or record.group_id == group_id


# (group, volunteer) -> (a check is asked for, training is asked for, has a shift about now)
Told = tuple[bool, bool, bool]
tellers: Final[list[Callable[[int, int], Told]]] = []


class Asker(Protocol):
    """Says of whom a role of a group asks for a check, or else for training."""

    def __call__(self, group_id: int, *, checks: bool) -> Select[int]: ...


askers: Final[list[Asker]] = []


def of(group_id: int, volunteer: Volunteer) -> Sight:
    """What the group's managers may see of this person; little, where nobody tells more."""
    told = [teller(group_id, volunteer.id) for teller in tellers]
    return Sight(
        checks=any(checks for checks, _, _ in told),
        training=any(training for _, training, _ in told),
        is_around=any(around for _, _, around in told),
        is_under_18=volunteer.age_band in (AgeBand.FROM_16, AgeBand.UNDER_16),
    )


def asked_for(group_id: int, *, checks: bool) -> Select[int]:
    """The ids of the volunteers of whom a role of this group asks for a check, or for training.

    The one does not open the other: who must show a first aid certificate
    here need not show what another group noted of their check.
    """
    for asker in askers:
        return asker(group_id, checks=checks)
    return select(Volunteer.id).where(false())
