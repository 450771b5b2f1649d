"""Urgent requests of the last two council years: each with its shift, who was asked and came."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from app.annual.rules.years import complete
from app.broadcasts.models import (
    Answer,
    Broadcast,
    BroadcastShift,
    BroadcastState,
    Pace,
    Recipient,
)
from app.demo.people import DEMO_VOLUNTEER, Giver
from app.demo.roles import DRIVER
from app.demo.rota import ROUND, Offer, Turn
from app.demo.scene import Scene
from app.messaging.models import Run, RunState
from app.opportunities import rules
from app.opportunities.models import Shift, Stage
from app.signups.models import Standing, Way

# Days after the year's first, and after how many minutes each of the three places was taken.
_ASKED: Final = (
    (23, (6, 9, 31)),
    (61, (14, 20)),
    (95, (4, 12, 18)),
    (131, ()),
    (170, (22, 41, 58)),
    (214, (9, 15, 27)),
    (263, (35, 70)),
    (301, (3, 8, 11)),
    (338, (17, 19, 44)),
)
_ASKED_BEFORE: Final = ((220, (41, 66)), (290, (28,)), (345, (19, 33, 52)))
_PEOPLE: Final = 12
_BEFORE: Final = timedelta(minutes=90)
_NUMBER: Final = 30


def add_past_requests(scene: Scene, random: Random, zone: str, coordinator_id: int) -> None:
    """At food banks, for the round of an evening."""
    offers = [each for each in scene.rota.offers if each.role is DRIVER]
    year = complete(scene.today)[0]
    for of, asked in ((year.before, _ASKED_BEFORE), (year, _ASKED)):
        for days, minutes in asked:
            offer = random.choice(offers)
            day = of.first_day + timedelta(days=days)
            people = [
                giver
                for giver in scene.standings.regulars[offer.id]
                if giver.id != DEMO_VOLUNTEER and giver.joined.date() < day - timedelta(days=20)
            ][:_PEOPLE]
            if len(people) >= len(minutes):
                _tell(scene, offer, day, zone, minutes, people, coordinator_id)


def _tell(
    scene: Scene,
    offer: Offer,
    day: date,
    zone: str,
    minutes: tuple[int, ...],
    people: list[Giver],
    coordinator_id: int,
) -> None:
    turn = _shift(scene, offer, day, zone)
    begins = turn.starts_at - _BEFORE
    number = _broadcast(scene, turn, begins, len(people), coordinator_id, filled=len(minutes) == 3)
    for rank, giver in enumerate(people):
        came = rank < len(minutes)
        at = begins + timedelta(minutes=minutes[rank]) if came else None
        scene.rows.add(
            Recipient,
            broadcast_id=number,
            volunteer_id=giver.id,
            excluded="",
            score=0,
            rank=rank + 1,
            metres=0,
            wave=1,
            asked_at=begins,
            answer=Answer.YES if came else Answer.NONE,
            answered_at=at,
            late_told_at=None,
            created_at=begins,
        )
        if at is not None:
            scene.standings.sign_up(
                giver, turn, Standing.ATTENDED, at, Way.TEXT, cause=f"broadcast:{number}"
            )


def _shift(scene: Scene, offer: Offer, day: date, zone: str) -> Turn:
    starts_at, ends_at = rules.span(day, *ROUND, zone)
    times = rules.local_times(starts_at, ends_at, zone)
    made = datetime.combine(day, ROUND[0], ZoneInfo(zone)) - timedelta(days=20)
    number = scene.rows.add(
        Shift,
        opportunity_id=offer.id,
        site_id=offer.host.site_id,
        pattern_id=None,
        series=None,
        occurrence_day=None,
        starts_at=starts_at,
        ends_at=ends_at,
        places=3,
        minimum=2,
        taken=0,
        stage=Stage.PUBLISHED,
        cancel_reason="",
        times=times,
        created_at=made,
    )
    return Turn(number, offer, day, starts_at, ends_at, 3, 2, times, False, [], None)


def _broadcast(
    scene: Scene, turn: Turn, begins: datetime, size: int, coordinator_id: int, *, filled: bool
) -> int:
    run_id = scene.rows.add(Run, state=RunState.STOPPED, deadline=turn.starts_at, created_at=begins)
    number = scene.rows.add(
        Broadcast,
        number=_NUMBER,
        number_is_live=False,
        by_user_id=coordinator_id,
        run_id=run_id,
        state=BroadcastState.ENDED,
        ended_reason="Every place is filled." if filled else "The shift has begun.",
        text="",
        pace=Pace.WAVES,
        group_kinds=[],
        audience_size=size,
        excluded_size=0,
        wave=1,
        wave_reason="",
        deadline=turn.starts_at,
        started_at=begins,
        ended_at=turn.starts_at,
        created_at=begins - timedelta(minutes=5),
    )
    scene.rows.add(BroadcastShift, broadcast_id=number, shift_id=turn.id, rank=0, created_at=begins)
    return number
