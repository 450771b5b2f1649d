"""How places are given in the demo: asked for, offered, by invitation, and swapped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.demo.county import CENTRE, FOOD_BANK
from app.demo.people import Giver
from app.demo.roles import KEY_HOLDER, PACKING, WELCOME
from app.demo.rota import Turn
from app.demo.scene import Scene
from app.signups.approval_rules import clock_for
from app.signups.models import RoleInvitation, Standing, Way
from app.signups.swaps.models import Swap, SwapState

ANSWER_DAYS: Final = 3
# How many hours ago each asked for a place; the first asked when half of the time is over.
_ASKED: Final = (44, 20, 5, 1)
QUEUE: Final = 2
_SOON: Final = timedelta(days=4)  # stories of coming shifts are about later ones
OFFERED_AGO: Final = timedelta(minutes=40)


def _later(scene: Scene, turns: list[Turn]) -> list[Turn]:
    return [turn for turn in turns if turn.starts_at > scene.now + _SOON]


def add_applications(scene: Scene) -> None:
    """Some who have not been to the food bank ask for a place, and wait for its yes."""
    offer = scene.offer(FOOD_BANK, WELCOME)
    turns = [
        turn
        for turn in _later(scene, scene.coming(offer))
        # Asked longest ago, its answer is due in full time only for a shift this far away.
        if turn.taken < turn.places and turn.starts_at > scene.now + timedelta(days=6)
    ]
    people = scene.standings.settled(scene.standings.newcomers[offer.id])
    for number, hours in enumerate(_ASKED):
        if not turns:
            return
        turn = turns[number % len(turns)]
        giver = next((each for each in people if scene.standings.can_come(each, turn)), None)
        if giver is None:
            continue
        people.remove(giver)
        at = scene.now - timedelta(hours=hours)
        scene.standings.sign_up(
            giver,
            turn,
            Standing.WAITING,
            at,
            Way.WEB,
            answer=clock_for(at, turn.starts_at, ANSWER_DAYS),
        )
        scene.standings.knows(giver, offer.host, "signed up")


def add_offer(scene: Scene) -> None:
    """A full shift: one has given back the place, the first of the queue is offered it."""
    offer = scene.offer(FOOD_BANK, PACKING)
    people = scene.people(offer)

    def able(turn: Turn) -> list[Giver]:
        return [each for each in people if scene.standings.can_come(each, turn)]

    turns = _later(scene, scene.coming(offer))
    turn = max(turns, key=lambda each: (len(able(each)), -each.id), default=None)
    if turn is None or len(free := able(turn)) < turn.places + QUEUE + 1:
        return
    turn.is_told = True
    standings, offered_at = scene.standings, scene.now - OFFERED_AGO
    ats = [scene.now - timedelta(days=6, hours=-number) for number in range(len(free))]
    confirmed, rest = free[: turn.places - 1], free[turn.places - 1 :]
    for giver, at in zip(confirmed, ats, strict=False):
        standings.take(giver, turn)
        standings.sign_up(giver, turn, Standing.CONFIRMED, at, Way.WEB)
    gone, first, *queue = rest[: QUEUE + 2]
    begun = ats[turn.places]
    standings.sign_up(
        gone,
        turn,
        Standing.WITHDRAWN,
        begun,
        Way.WEB,
        ended_at=offered_at,
        reason="Family matter.",
    )
    standings.take(first, turn)
    standings.sign_up(
        first, turn, Standing.OFFERED, _after(begun, 1), Way.WEB, offered_at=offered_at
    )
    for number, giver in enumerate(queue, start=2):
        standings.sign_up(giver, turn, Standing.WAITING, _after(begun, number), Way.WEB)


def _after(moment: datetime, hours: int) -> datetime:
    return moment + timedelta(hours=hours)


def add_invitations(scene: Scene) -> None:
    """The community centre gives its keys to people whom it has asked."""
    offer = scene.offer(CENTRE, KEY_HOLDER)
    for giver in scene.standings.regulars[offer.id]:
        scene.standings.knows(giver, offer.host, "came to help")
        scene.rows.add(
            RoleInvitation,
            opportunity_id=offer.id,
            volunteer_id=giver.id,
            invited_by_id=offer.host.manager_id,
            invited_at=scene.now - timedelta(days=69),
            created_at=scene.now - timedelta(days=69),
        )


def add_swap(scene: Scene) -> None:
    """Somebody who packs parcels would like to give a place to another on the role."""
    turns = [
        turn
        for turn in _later(scene, scene.coming(scene.offer(FOOD_BANK, PACKING)))
        if turn.signups and not turn.is_told
    ]
    if turns:
        scene.rows.add(
            Swap,
            signup_id=next(iter(turns[0].signups.values())),
            to_volunteer_id=None,  # to all; rows of one table name the same columns
            state=SwapState.OPEN,
            created_at=scene.now - timedelta(hours=3),
        )
