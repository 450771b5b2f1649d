"""Safety at the demo's food bank: first steps, checks that fall due, and one decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from app.demo.county import FOOD_BANK, SHOWN
from app.demo.people import Giver
from app.demo.roles import PACKING, SORTING
from app.demo.rota import Turn
from app.demo.scene import Scene
from app.demo.standings import RECHECK_MONTHS
from app.foundation.months import months_before
from app.safeguarding.models import Digest, Finding, SafetySettings, Verdict
from app.safeguarding.rules.alarms import ALONE_HOURS
from app.signups.models import Standing, Way
from app.signups.rules import Exclusion
from app.volunteers.models import DbsCheck, InductionStep, InductionTick, TickedBy
from app.volunteers.vocabulary import AgeBand, DbsLevel, Training, Workforce

_STEPS: Final = (
    ("Read how we keep food safe", TickedBy.VOLUNTEER),
    ("Read what we keep to ourselves", TickedBy.VOLUNTEER),
    ("A walk round the store: exits, first aid, the cold room", TickedBy.MANAGER),
    ("Lifting crates: shown and tried", TickedBy.MANAGER),
)
# So many of the steps each of the first people has done.
_DONE: Final = (4, 4, 3, 2, 1)
# So many days from now each check falls due.
_DUE: Final = (50, 6, -9)


def add_first_steps(scene: Scene) -> None:
    """Four first steps, which some have done and some have begun."""
    host = scene.host(FOOD_BANK)
    begun = scene.now - timedelta(days=120)
    steps = [
        scene.rows.add(
            InductionStep,
            group_id=host.id,
            name=name,
            rank=rank,
            needed_first=True,
            ticked_by=by,
            created_at=begun,
        )
        for rank, (name, by) in enumerate(_STEPS)
    ]
    for giver, done in zip(_people(scene), _DONE, strict=False):
        for step_id, (_, by) in list(zip(steps, _STEPS, strict=True))[:done]:
            scene.rows.add(
                InductionTick,
                step_id=step_id,
                volunteer_id=giver.id,
                by_user_id=host.manager_id if by == TickedBy.MANAGER else None,
                created_at=scene.now - timedelta(days=20, hours=giver.id % 24),
            )


def add_settings(scene: Scene) -> None:
    """Only the groups with a sign-in are written to of what falls due: nobody reads for others."""
    for host in scene.hosts:
        scene.rows.add(
            SafetySettings,
            group_id=host.id,
            alone_hours=ALONE_HOURS,
            digest=Digest.WEEKLY if host.name in SHOWN else Digest.NEVER,
            created_at=scene.now - timedelta(days=60),
        )


def _people(scene: Scene) -> list[Giver]:
    """Who helps at the food bank with sorting; each is on its list."""
    offer = scene.offer(FOOD_BANK, SORTING)
    people = scene.people(offer)
    for giver in people[: len(_DONE) + len(_DUE)]:
        scene.standings.knows(giver, offer.host, "came to help")
    return people


def add_checks(scene: Scene) -> None:
    """Three DBS checks that the food bank has noted: due soon, due at once, and over."""
    host = scene.host(FOOD_BANK)
    unchecked = [each for each in _people(scene) if not each.checks and each.band == AgeBand.ADULT]
    for giver, days in zip(unchecked, _DUE, strict=False):
        scene.standings.knows(giver, host, "came to help")
        scene.rows.add(
            DbsCheck,
            volunteer_id=giver.id,
            level=DbsLevel.BASIC,
            workforce=Workforce.OTHER,
            issued_on=months_before(scene.today + timedelta(days=days), RECHECK_MONTHS),
            group_id=host.id,
            seen_by_id=host.manager_id,
            created_at=scene.now - timedelta(days=100),
        )


def add_decision(scene: Scene) -> None:
    """Somebody whose training has run out stays on a shift, with the manager's reason."""
    offer = scene.offer(FOOD_BANK, PACKING)
    found = _lapsed(scene, [turn for turn in scene.coming(offer) if turn.taken < turn.places])
    if found is None:
        return
    giver, turn = found
    at, decided_at = scene.now - timedelta(days=30), scene.now - timedelta(days=1)
    scene.standings.take(giver, turn)
    scene.standings.knows(giver, offer.host, "came to help")
    scene.rows.add(
        Finding,
        group_id=offer.host.id,
        signup_id=scene.standings.sign_up(giver, turn, Standing.CONFIRMED, at, Way.WEB),
        reason=Exclusion.TRAINING.value,
        told_at=decided_at - timedelta(days=1),
        verdict=Verdict.KEEP,
        words="The new course is booked. Works beside somebody trained until then.",
        keep_until=turn.day + timedelta(days=14),
        decided_by_id=offer.host.manager_id,
        decided_at=decided_at,
        created_at=decided_at - timedelta(days=1),
    )


def _lapsed(scene: Scene, turns: list[Turn]) -> tuple[Giver, Turn] | None:
    """The first whose food hygiene training has run out, and a shift that they could come to."""
    lately = scene.today - timedelta(days=180)
    people = [
        giver
        for giver in scene.standings.settled(scene.standings.in_reach(scene.host(FOOD_BANK)))
        if giver.band == AgeBand.ADULT
        and any(
            training == Training.FOOD_HYGIENE and lately < until < scene.today
            for training, until in giver.trainings
        )
    ]
    return next(
        (
            (giver, turn)
            for turn in turns
            if turn.day > scene.today + timedelta(days=1) and not turn.is_told
            for giver in people
            if scene.standings.can_come(giver, turn)
        ),
        None,
    )
