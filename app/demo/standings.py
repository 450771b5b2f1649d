"""Who comes to which shift: places taken by people who may take them, and never two at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from app.demo.county import FOOD_BANK, SHOWN, Host
from app.demo.people import DEMO_VOLUNTEER, Giver
from app.demo.roles import SORTING
from app.demo.rota import BY_INVITATION, Offer, Rota, Turn
from app.demo.rows import Rows
from app.foundation.months import months_before
from app.signups.approval_rules import Clock
from app.signups.models import HOLDING, PRESENT, Signup, SignupEvent, Standing, Way
from app.signups.rules import Demand, hindrances
from app.volunteers.models import GroupVolunteer
from app.volunteers.vocabulary import AgeBand

# Only so many volunteers take shifts: there are no more places than that.
ACTIVE: Final = 3_000
MOST_A_WEEK: Final = 2
INVITED: Final = 3
OFFERED_FOR: Final = timedelta(hours=6)
RECHECK_MONTHS: Final = 36
_WAYS: Final = (Way.WEB, Way.WEB, Way.WEB, Way.TEXT, Way.LINK, Way.MANAGER)
_EXCUSES: Final = ("Not well.", "Car will not start.", "Called in to work.", "Family matter.")


class Standings:
    """Fills shifts, the earliest first, and remembers who is busy when."""

    def __init__(
        self, rows: Rows, random: Random, now: datetime, today: date, givers: list[Giver]
    ) -> None:
        self.rows, self.random, self.now, self.today = rows, random, now, today
        self.givers = givers[:ACTIVE]
        self._busy: set[tuple[int, date]] = set()
        self._weeks: Counter[tuple[int, date]] = Counter()
        self._knows: set[tuple[int, int]] = set()
        self._near: dict[int, list[Giver]] = {}
        self._able: defaultdict[Hashable, dict[int, bool]] = defaultdict(dict)
        self.regulars: dict[int, list[Giver]] = {}  # who comes to which opportunity
        # Who could come to a role of a shown group, and has not so far.
        self.newcomers: dict[int, list[Giver]] = {}
        # What holds four weeks from now holds all the while.
        self._horizon = today + timedelta(weeks=4)
        self._persons = {giver.id: giver.person(self._horizon) for giver in self.givers}

    def prepare(self, rota: Rota) -> None:
        """Choose the people of each role; needed before any of them gets a place."""
        self._busy.add((DEMO_VOLUNTEER, rota.tonight.day))
        times: dict[int, set[int]] = {}
        for turn in rota.turns:
            times.setdefault(turn.offer.id, set()).add(turn.times)
        self.regulars = {
            offer.id: self._regulars(offer, times.get(offer.id, set())) for offer in rota.offers
        }

    def fill(self, rota: Rota) -> None:
        """Sign-ups for every shift but the two of which a story is told."""
        self._three_left(rota.tonight, self.regulars[rota.tonight.offer.id])
        for turn in rota.turns:
            if turn not in (rota.tonight, rota.told) and not turn.is_told:
                self._fill(turn, self.regulars[turn.offer.id])

    def take(self, giver: Giver, turn: Turn) -> None:
        """Note that somebody is on a shift, so that they are on no other that day."""
        self._busy.add((giver.id, turn.day))
        self._weeks[giver.id, _monday(turn.day)] += 1

    def can_come(self, giver: Giver, turn: Turn) -> bool:
        """Whether somebody is free then, as far as they have told us."""
        return not (
            (giver.free and giver.free & turn.times != turn.times)
            or (giver.id, turn.day) in self._busy
            or giver.joined > turn.starts_at - timedelta(days=16)
            or any(first <= turn.day <= last for first, last in giver.away)
            or (giver.paused_until and self.today <= turn.day <= giver.paused_until)
        )

    def knows(self, giver: Giver, host: Host, how: str) -> None:
        """Put somebody on a group's list, once."""
        if (giver.id, host.id) not in self._knows:
            self._knows.add((giver.id, host.id))
            self.rows.add(
                GroupVolunteer,
                volunteer_id=giver.id,
                group_id=host.id,
                how=how,
                sees_profile=True,
                created_at=giver.joined,
            )

    def know_some(self, givers: list[Giver], hosts: list[Host]) -> None:
        """Half of all are on the list of a group near them, whether or not they have come."""
        near: dict[str, list[Host]] = {}
        for giver in givers:
            if self.random.random() < 0.5:
                if giver.town not in near:
                    near[giver.town] = sorted(hosts, key=lambda host: _square(giver, host))[:4]
                self.knows(giver, self.random.choice(near[giver.town]), "said so when they joined")

    def _regulars(self, offer: Offer, times: set[int]) -> list[Giver]:
        """Who may take this role, is free at one of its times, lives near and likes it."""
        role, host = offer.role, offer.host
        demand = Demand(
            starts_at=self.now,
            ends_at=self.now,
            minimum_age=role.minimum_age,
            skills=role.needs,
            languages=offer.languages,
            trainings=role.training,
            dbs_level=role.check["dbs_level"],
            dbs_workforce=role.check["dbs_workforce"],
            checks_since=months_before(self._horizon, RECHECK_MONTHS),
        )
        able = [
            giver
            for giver in self.in_reach(host)
            if (not giver.free or any(giver.free & each == each for each in times))
            and self._may(giver, demand)
        ]
        able.sort(key=lambda giver: (not giver.interests & role.activity, self.random.random()))
        chosen = able[: 8 + 4 * role.places[1]]
        if (host.name, role) == BY_INVITATION:
            chosen = self.settled(able)[:INVITED]
        self.newcomers[offer.id] = able[len(chosen) :] if offer.host.name in SHOWN else []
        if host.name == FOOD_BANK and role is SORTING:
            chosen = [each for each in able if each.id == DEMO_VOLUNTEER] + [
                each for each in chosen if each.id != DEMO_VOLUNTEER
            ]
        for giver in chosen[: len(chosen) // 2]:
            self.knows(giver, host, "came to help")
        return chosen

    def _may(self, giver: Giver, demand: Demand) -> bool:
        """Whether nothing is against them; of roles that ask the same it is found out once."""
        able = self._able[
            demand.minimum_age,
            demand.skills,
            demand.languages,
            demand.trainings,
            demand.dbs_level,
            demand.dbs_workforce,
        ]
        if giver.id not in able:
            able[giver.id] = not hindrances(self._persons[giver.id], demand)
        return able[giver.id]

    def in_reach(self, host: Host) -> list[Giver]:
        """The active volunteers who would travel to a group."""
        if host.id not in self._near:
            self._near[host.id] = [
                giver for giver in self.givers if _square(giver, host) <= giver.travel**2
            ]
        return self._near[host.id]

    def _fill(self, turn: Turn, regulars: list[Giver]) -> None:
        wanted, queue = self._wanted(turn)
        wanted = max(0, wanted - turn.taken)
        free = self._free(turn, regulars, wanted + queue)
        if turn.ends_at <= self.now:
            self._past(turn, free[:wanted])
            return
        arrivals = self._arrivals(turn, len(free))
        for place, (giver, at) in enumerate(zip(free, arrivals, strict=True)):
            way = self.random.choice(_WAYS)
            if turn.is_cancelled:
                reason = "The heating is being mended that day."
                self.sign_up(giver, turn, Standing.CANCELLED, at, way, reason=reason)
            elif place < wanted:
                self.take(giver, turn)
                self.sign_up(giver, turn, Standing.CONFIRMED, at, way)
            else:
                self.sign_up(giver, turn, Standing.WAITING, at, way)
        if self.random.random() < 0.06:
            self._left(turn, regulars, free)

    def _left(self, turn: Turn, regulars: list[Giver], there: list[Giver]) -> None:
        """Somebody who had a place and gave it back."""
        others = [each for each in self.settled(regulars) if each not in there]
        if others and not turn.is_cancelled:
            giver, at = self.random.choice(others), self._arrivals(turn, 1)[0]
            ended_at = at + (self.now - at) / 2
            self.sign_up(
                giver,
                turn,
                Standing.WITHDRAWN,
                at,
                Way.WEB,
                ended_at=ended_at,
                reason=self.random.choice(_EXCUSES),
            )

    def settled(self, givers: list[Giver]) -> list[Giver]:
        """Those who joined a month ago or more, the demo's own volunteer left out."""
        since = self.now - timedelta(days=30)
        return [each for each in givers if each.id != DEMO_VOLUNTEER and each.joined < since]

    def _wanted(self, turn: Turn) -> tuple[int, int]:
        """How many come, and how many more wait."""
        random, places = self.random, turn.places
        draw = random.random()
        if turn.ends_at <= self.now:
            return max(turn.minimum, round(places * random.uniform(0.7, 1))), 0
        days = (turn.day - self.today).days
        if draw < (0.35 if days <= 1 else 0.2 + days * 0.012):
            return random.randint(0, max(0, turn.minimum - 1)), 0
        if draw > (0.6 if days < 10 else 0.75):
            return places, random.choice((0, 0, 0, 1, 2))
        # Where a manager decides about places, somebody often waits for that.
        undecided = int(turn.offer.role.on_approval and random.random() < 0.4)
        return random.randint(turn.minimum, places), undecided

    def _free(self, turn: Turn, regulars: list[Giver], number: int) -> list[Giver]:
        """So many of the regulars who can come then, another one first each week."""
        found: list[Giver] = []
        start = self.random.randrange(len(regulars)) if regulars else 0
        turned = regulars[start:] + regulars[:start]
        if regulars and regulars[0].id == DEMO_VOLUNTEER:
            turned.insert(0, regulars[0])
        for giver in turned:
            if len(found) >= number:
                break
            if (
                giver not in found
                and self._weeks[giver.id, _monday(turn.day)] < MOST_A_WEEK
                and self.can_come(giver, turn)
            ):
                found.append(giver)
        # Nobody under 18 is there without an adult: these come first, or nobody does.
        adults = [giver for giver in found if giver.band == AgeBand.ADULT]
        return adults and [*adults, *(giver for giver in found if giver not in adults)]

    def _past(self, turn: Turn, came: list[Giver]) -> None:
        """What became of them: most came, some could not, a few did not say so."""
        for giver, at in zip(came, self._arrivals(turn, len(came)), strict=True):
            draw, reason = self.random.random(), ""
            standing = Standing.ATTENDED
            if giver.id != DEMO_VOLUNTEER and draw > 0.94:
                standing = Standing.NO_SHOW
                if draw < 0.98:
                    standing, reason = Standing.EXCUSED, self.random.choice(_EXCUSES)
            self.take(giver, turn)
            self.sign_up(giver, turn, standing, at, self.random.choice(_WAYS), reason=reason)
            self.knows(giver, turn.offer.host, "took a shift")

    def _arrivals(self, turn: Turn, number: int) -> list[datetime]:
        """When each claimed, in order: within the fortnight before, and before now."""
        last = min(self.now, turn.starts_at)
        return sorted(
            last - timedelta(minutes=self.random.randint(30, 60 * 24 * 14)) for _ in range(number)
        )

    def _three_left(self, turn: Turn, regulars: list[Giver]) -> None:
        """Three drivers had the places of tonight, and dropped out one after the other."""
        for number, giver in enumerate(self.settled(regulars)[:3]):
            at = self.now - timedelta(days=6 - number)
            self.sign_up(
                giver,
                turn,
                Standing.WITHDRAWN,
                at,
                Way.WEB,
                ended_at=self.now - timedelta(minutes=50 - 15 * number),
                reason=_EXCUSES[number],
            )

    def sign_up(
        self,
        giver: Giver,
        turn: Turn,
        standing: Standing,
        at: datetime,
        way: Way,
        *,
        cause: str = "",
        ended_at: datetime | None = None,
        reason: str = "",
        offered_at: datetime | None = None,
        answer: Clock | None = None,
    ) -> int:
        """One sign-up, claimed at a moment, with each change of its standing."""
        waited = standing in (Standing.WAITING, Standing.OFFERED)
        first = Standing.WAITING if waited else Standing.CONFIRMED
        done = standing in (Standing.ATTENDED, Standing.NO_SHOW, Standing.EXCUSED)
        turn.taken += standing in HOLDING
        minutes = int((turn.ends_at - turn.starts_at).total_seconds()) // 60
        ended_at = ended_at or (turn.ends_at if done else None)
        number = self.rows.add(
            Signup,
            shift_id=turn.id,
            volunteer_id=giver.id,
            slot_id=_slot(turn, giver) if standing in HOLDING else None,
            standing=standing,
            way=way,
            cause=cause,
            confirmed_at=at if first == Standing.CONFIRMED else None,
            ended_at=ended_at,
            offered_until=offered_at + OFFERED_FOR if offered_at else None,
            # Half of the time is over: the managers have been reminded.
            answer_remind_at=answer.remind_at if answer and answer.remind_at > self.now else None,
            answer_due_at=answer.due_at if answer else None,
            assured_at=self._assured(giver, turn, at) if standing == Standing.CONFIRMED else None,
            reason=reason,
            attended_minutes=minutes if standing == Standing.ATTENDED else None,
            created_at=at,
        )
        self._event(number, None, first, way, at, "")
        if standing != first:
            by = Way.MANAGER if done else Way.RULE if offered_at else way
            self._event(number, first, standing, by, ended_at or offered_at or at, reason)
        if standing in PRESENT:
            turn.signups[giver.id] = number
        return number

    def _assured(self, giver: Giver, turn: Turn, at: datetime) -> datetime | None:
        """When they said that they come: two in three of those who come tomorrow have."""
        tomorrow = turn.day == self.today + timedelta(days=1)
        return at + (self.now - at) / 2 if tomorrow and giver.id % 3 else None

    def _event(
        self,
        number: int,
        before: Standing | None,
        after: Standing,
        way: Way,
        at: datetime,
        reason: str,
    ) -> None:
        self.rows.add(
            SignupEvent,
            signup_id=number,
            before=before,
            after=after,
            way=way,
            reason=reason,
            created_at=at,
        )


def _slot(turn: Turn, giver: Giver) -> int | None:
    """The duty that they do on a shift that has any: an adult is in charge first."""
    for slot in turn.slots:
        if slot.left and (giver.band == AgeBand.ADULT or not slot.in_charge):
            slot.left -= 1
            return slot.id
    return None


def _square(giver: Giver, host: Host) -> int:
    return (giver.east - host.east) ** 2 + (giver.north - host.north) ** 2


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
