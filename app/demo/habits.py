"""What happens by itself in the demo: people who always come, and a rule for cover."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from app.cover.models import Cover, CoverRule, CoverState
from app.cover.rules import Cause, Reach, Start
from app.demo.county import FOOD_BANK, LIBRARY
from app.demo.people import Giver
from app.demo.roles import DESK, STORYTIME
from app.demo.rota import Turn
from app.demo.scene import Scene
from app.signups.models import Standing, Way
from app.signups.standing.models import (
    Difference,
    StandingDate,
    StandingPlace,
    StandingState,
    cause_of,
)
from app.signups.standing.rules import Stand, wants, week_of

SINCE: Final = timedelta(days=21)
# Each on another weekday of the desk: every how many weeks, and whether one date is skipped.
_AT_THE_DESK: Final = ((1, False), (2, False), (1, True))
WITHIN_HOURS: Final = 6


def add_standing(scene: Scene) -> None:
    """Three with a standing place at the library's desk, and one who asks for one."""
    offer = scene.offer(LIBRARY, DESK)
    turns = scene.coming(offer)
    # The first pattern of the role is the one without an end.
    pattern_id = min(turn.pattern_id for turn in turns if turn.pattern_id)
    by_day: dict[int, list[Turn]] = {}
    for turn in turns:
        if turn.pattern_id == pattern_id:
            by_day.setdefault(turn.day.weekday(), []).append(turn)
    left = scene.people(offer)
    for (every, skips), (weekday, days) in zip(_AT_THE_DESK, sorted(by_day.items()), strict=False):
        giver = _who_can(scene, left, days)
        if giver is None:
            continue
        left = [each for each in left if each is not giver]
        stand = Stand(
            weekdays=1 << weekday,
            every_weeks=every,
            phase=week_of(days[0].day) % every,
            first_day=scene.today - SINCE,
        )
        number = _keep(scene, pattern_id, giver, stand, StandingState.ACTIVE)
        wanted = [turn for turn in days if wants(stand, turn.day)]
        if skips and len(wanted) > 1:  # closed days may have left only one
            _skip(scene, number, wanted.pop(1))
        for turn in wanted:
            if scene.standings.can_come(giver, turn):
                _place(scene, giver, turn, number)
    _ask(scene)


def _who_can(scene: Scene, people: list[Giver], turns: list[Turn]) -> Giver | None:
    """Somebody who is free on most of the days: one stretch away may lie among them."""
    able = (
        each
        for each in people
        if each.paused_until is None
        and 2 * sum(scene.standings.can_come(each, turn) for turn in turns) > len(turns)
        and scene.standings.can_come(each, turns[0])
    )
    return next(able, None)


def _keep(scene: Scene, pattern_id: int, giver: Giver, stand: Stand, state: StandingState) -> int:
    begun = state == StandingState.ACTIVE
    manager_id = scene.host(LIBRARY).manager_id if begun else None
    at = scene.now - SINCE if begun else scene.now - timedelta(hours=20)
    return scene.rows.add(
        StandingPlace,
        pattern_id=pattern_id,
        volunteer_id=giver.id,
        weekdays=stand.weekdays,
        every_weeks=stand.every_weeks,
        phase=stand.phase,
        first_day=stand.first_day,
        state=state,
        by_user_id=manager_id,
        decided_by_id=manager_id,
        decided_at=at if begun else None,
        told_at=at if begun else None,
        keeps_made=False,
        reason="",
        created_at=at,
    )


def _skip(scene: Scene, standing_id: int, turn: Turn) -> None:
    scene.rows.add(
        StandingDate,
        standing_place_id=standing_id,
        day=turn.day,
        kind=Difference.SKIPPED,
        reason="A wedding.",
        created_at=scene.now - timedelta(days=2),
    )


def _place(scene: Scene, giver: Giver, turn: Turn, standing_id: int) -> None:
    standings, at = scene.standings, scene.now - SINCE + timedelta(minutes=1)
    standings.take(giver, turn)
    standings.sign_up(
        giver, turn, Standing.CONFIRMED, at, Way.STANDING, cause=cause_of(standing_id)
    )
    standings.knows(giver, turn.offer.host, "stands for a shift")


def _ask(scene: Scene) -> None:
    """Somebody who would like to read each week, and waits for the library's yes."""
    offer = scene.offer(LIBRARY, STORYTIME)
    turns = [turn for turn in scene.coming(offer) if turn.pattern_id]
    giver = _who_can(scene, scene.people(offer), turns) if turns else None
    if giver is None:
        return
    stand = Stand(weekdays=0, every_weeks=1, phase=0, first_day=scene.today)
    _keep(scene, turns[0].pattern_id or 0, giver, stand, StandingState.ASKED)
    scene.standings.knows(giver, offer.host, "asked for a standing place")


def add_cover_rule(scene: Scene) -> None:
    """The food bank asks for cover by itself, but for what its manager has in hand already.

    So the rule writes to nobody while the demo is young, and the round without
    drivers is left to whoever tries a request.
    """
    host = scene.host(FOOD_BANK)
    said = {"most_people": 10, "reach": Reach.NEARBY}
    at = scene.now - timedelta(days=12)
    scene.rows.add(
        CoverRule,
        group_id=host.id,
        start=Start.LATE,
        within_hours=WITHIN_HOURS,
        wait_minutes=10,
        by_user_id=host.manager_id,
        created_at=at,
        **said,
    )
    soon = scene.now + timedelta(hours=24)
    for turn in scene.rota.turns:
        short = scene.now < turn.starts_at <= soon and turn.taken < turn.minimum
        if turn.offer.host is host and (short or turn is scene.rota.tonight):
            stopped = scene.now - timedelta(minutes=15)
            scene.rows.add(
                Cover,
                shift_id=turn.id,
                group_id=host.id,
                state=CoverState.STOPPED,
                cause=Cause.BELOW_MINIMUM,
                by_user_id=None,
                stopped_by_id=host.manager_id,
                note="The manager rings people first.",
                told_at=stopped - timedelta(minutes=5),
                ended_at=stopped,
                created_at=stopped - timedelta(minutes=5),
                **said,
            )
