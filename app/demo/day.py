"""A day at the demo's food bank: who is here and who is late, and hours that wait for a yes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from app.demo.county import FOOD_BANK
from app.demo.people import DEMO_VOLUNTEER, Giver
from app.demo.roles import SORTING
from app.demo.rota import Turn
from app.demo.scene import Scene
from app.foundation.extensions import db
from app.hours import queries, rules
from app.hours.models import (
    Attendance,
    AttendanceChange,
    HoursRequest,
    RequestState,
    Seen,
    Statement,
)
from app.hours.service import statements
from app.signups.models import Standing, Way
from app.volunteers.models import Volunteer

# How many minutes after the start each came, and how we know; of nothing they are awaited.
_RUNNING: Final = ((-6, Seen.BOARD), (-2, Seen.TABLET), (4, Seen.TABLET), None)
_SOON: Final = (None, None, None)
CODE: Final = "DEMQ7RK3MXD5"  # of the statement
STATED: Final = timedelta(days=90)


def add_attendance(scene: Scene) -> None:
    """Some are here, one is late, and some are awaited within the hour."""
    for turn, plan in ((scene.rota.running, _RUNNING), (scene.rota.soon, _SOON)):
        if turn is None:
            continue
        turn.is_told = True
        offer, standings = turn.offer, scene.standings
        people = [*scene.people(offer), *standings.settled(standings.newcomers[offer.id])]
        free = [each for each in people if standings.can_come(each, turn)]
        for giver, came in zip(free, plan, strict=False):
            at = scene.now - timedelta(days=4, minutes=giver.id % 300)
            standings.take(giver, turn)
            standings.knows(giver, offer.host, "came to help")
            if came is None:
                standings.sign_up(giver, turn, Standing.CONFIRMED, at, Way.WEB)
            else:
                minutes, seen = came
                _is_here(scene, giver, turn, at, turn.starts_at + timedelta(minutes=minutes), seen)


def _is_here(
    scene: Scene, giver: Giver, turn: Turn, at: datetime, came_at: datetime, seen: Seen
) -> None:
    signup_id = scene.standings.sign_up(
        giver, turn, Standing.ATTENDED, at, Way.WEB, ended_at=came_at
    )
    number = scene.rows.add(
        Attendance,
        shift_id=turn.id,
        volunteer_id=giver.id,
        signup_id=signup_id,
        came_at=came_at,
        came_by=seen,
        created_at=came_at,
    )
    scene.rows.add(
        AttendanceChange,
        attendance_id=number,
        came_after=came_at,
        minutes_after=rules.minutes_given(came_at, None, turn.starts_at, turn.ends_at),
        seen=seen,
        by_user_id=turn.offer.host.manager_id if seen == Seen.BOARD else None,
        created_at=came_at,
    )


def add_hours_requests(scene: Scene) -> None:
    """One asks to count time beside any shift, one to put a shift's times right."""
    offer = scene.offer(FOOD_BANK, SORTING)
    over = [
        turn
        for turn in scene.rota.turns
        if turn.offer is offer and turn.ends_at <= scene.now and not turn.is_told
    ]
    came = [
        (turn, volunteer_id, signup_id)
        for turn in reversed(over)
        for volunteer_id, signup_id in turn.signups.items()
        if volunteer_id != DEMO_VOLUNTEER
    ]
    if not came:
        return
    turn, volunteer_id, signup_id = came[0]
    left_at = turn.ends_at + timedelta(minutes=45)
    _ask(
        scene,
        volunteer_id,
        turn.day,
        rules.minutes_stated(turn.starts_at, left_at),
        "I stayed until the last crate was in.",
        signup_id=signup_id,
        came_at=turn.starts_at,
        left_at=left_at,
    )
    other = next((each for _, each, _ in came if each != volunteer_id), volunteer_id)
    day = scene.today - timedelta(days=3)
    _ask(scene, other, day, 90, "Fetched bread and fruit from the market.")


def _ask(
    scene: Scene,
    volunteer_id: int,
    day: date,
    minutes: int,
    what: str,
    *,
    signup_id: int | None = None,
    came_at: datetime | None = None,
    left_at: datetime | None = None,
) -> None:
    scene.rows.add(
        HoursRequest,
        volunteer_id=volunteer_id,
        group_id=scene.host(FOOD_BANK).id,
        signup_id=signup_id,
        day=day,
        minutes=minutes,
        came_at=came_at,
        left_at=left_at,
        what=what,
        state=RequestState.WAITING,
        created_at=scene.now - timedelta(hours=16),
    )


def add_statement(today: date) -> None:
    """A signed statement of what the demo's own volunteer gave; once the rows are there."""
    volunteer = db.session.get_one(Volunteer, DEMO_VOLUNTEER)
    first_day = today - STATED
    given = queries.given(volunteer.id, first_day, today)
    if given:
        contents = statements.contents_of(volunteer, first_day, today, given, today)
        db.session.add(
            Statement(
                volunteer_id=volunteer.id,
                code=CODE,
                contents=contents,
                signature=statements.seal(contents),
            )
        )
