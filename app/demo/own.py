"""What the demo's own volunteer finds on her first page: somebody asks her to step in."""

from __future__ import annotations

from datetime import timedelta

from app.demo.county import FOOD_BANK
from app.demo.people import DEMO_VOLUNTEER
from app.demo.roles import SORTING
from app.demo.scene import Scene
from app.signups.swaps.models import Swap, SwapState

# Nearer shifts belong to the other stories.
_SOON = timedelta(days=4)


def add_question(scene: Scene) -> None:
    """Somebody who sorts food cannot come one day, and asks her to take the place.

    A day on which she is not there yet; it may be one on which she is not usually free.
    """
    turns = [
        turn
        for turn in scene.coming(scene.offer(FOOD_BANK, SORTING))
        if turn.starts_at > scene.now + _SOON
        and turn.signups
        and DEMO_VOLUNTEER not in turn.signups
        and not turn.is_told
    ]
    if turns:
        scene.rows.add(
            Swap,
            signup_id=next(iter(turns[0].signups.values())),
            to_volunteer_id=DEMO_VOLUNTEER,
            state=SwapState.OPEN,
            created_at=scene.now - timedelta(hours=2),
        )
