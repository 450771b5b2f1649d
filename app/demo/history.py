"""Two years that lie behind the demo: how the county grew, and how often it asked by text.

Only what is long over: shifts, who came, and urgent requests that ended. The shown groups
have been there from the start, with half of what they do now; the others came one by one,
the most of them lately.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from app.broadcasts.models import Answer, Broadcast, BroadcastShift, BroadcastState, Pace, Recipient
from app.demo.county import SHOWN
from app.demo.people import Giver
from app.demo.rota import WEEKS_BACK, Turn
from app.demo.rows import Rows
from app.demo.scene import Scene
from app.foundation import queue
from app.messaging.models import ASK, Message, State
from app.messaging.rules import segments
from app.opportunities import rules
from app.opportunities.models import Shift, Stage
from app.signups.models import Signup, Standing, Way
from app.volunteers.models import Channel
from app.volunteers.vocabulary import AgeBand

DAYS: Final = 700
# A group that is not shown has been there for so many days in the mean, beside the last weeks.
_MEAN_DAYS: Final = 30
# Of what they do now the shown groups did so much in the first of the two years.
_AT_FIRST: Final = 0.5
_STEP: Final = timedelta(weeks=WEEKS_BACK)
# How much of the usual is filled, by month: few come in August and about Christmas.
_SEASON: Final = (0.86, 0.93, 0.97, 0.95, 0.97, 0.93, 0.84, 0.74, 0.92, 0.98, 1.0, 0.8)
_ASKED_ON: Final = 9  # every so many days the county asked for somebody by text
_WAVE: Final = timedelta(minutes=15)
_WAYS: Final = (Way.WEB, Way.WEB, Way.TEXT, Way.LINK, Way.MANAGER)


@dataclass(frozen=True)
class _Past:
    """A shift that was, made after the pattern of one that is."""

    id: int
    turn: Turn
    day: date
    starts_at: datetime
    ends_at: datetime
    came: int


class History:
    """Writes it, once the rota and its people are known."""

    def __init__(self, scene: Scene, random: Random, zone: str, coordinator_id: int) -> None:
        self.scene, self.random, self.zone = scene, random, zone
        self.rows: Rows = scene.rows
        self.coordinator_id = coordinator_id
        self._busy: set[tuple[int, date]] = set()
        self._short: list[_Past] = []

    def tell(self) -> None:
        """The shifts with who came, then the requests about some that were short of people."""
        since = {host.id: self._since(host.name in SHOWN) for host in self.scene.hosts}
        grown = self.scene.today - timedelta(days=DAYS // 2)
        for turn in self.scene.rota.turns:
            # What is on today has a day of the rota itself eight weeks back.
            if turn.pattern_id is None or turn.day >= self.scene.today:
                continue
            day = turn.day - _STEP
            while day > since[turn.offer.host.id]:
                if day > grown or self.random.random() < _AT_FIRST:
                    self._shift(turn, day)
                day -= _STEP
        self._short.sort(key=lambda past: (past.starts_at, past.id))
        last = None
        for past in self._short:
            if last is None or past.day - last >= timedelta(days=_ASKED_ON):
                last = past.day
                self._request(past)

    def _since(self, shown: bool) -> date:
        weeks = timedelta(weeks=WEEKS_BACK)
        days = DAYS if shown else min(DAYS, int(self.random.expovariate(1 / _MEAN_DAYS)))
        return self.scene.today - weeks - timedelta(days=days)

    def _shift(self, turn: Turn, day: date) -> None:
        there = ZoneInfo(self.zone)
        starts, ends = (at.astimezone(there).time() for at in (turn.starts_at, turn.ends_at))
        starts_at, ends_at = rules.span(day, starts, ends, self.zone)
        made = starts_at - timedelta(days=self.random.randint(20, 45))
        number = self.rows.add(
            Shift,
            opportunity_id=turn.offer.id,
            site_id=turn.offer.host.site_id,
            pattern_id=None,
            series=None,
            occurrence_day=None,
            starts_at=starts_at,
            ends_at=ends_at,
            places=turn.places,
            minimum=turn.minimum,
            taken=0,  # the sign-ups' triggers count
            stage=Stage.PUBLISHED,
            cancel_reason="",
            times=turn.times,  # the same weekday, at the same hours
            created_at=made,
        )
        share = _SEASON[day.month - 1] * self.random.uniform(0.75, 1.15)
        wanted = min(turn.places, round(turn.places * share))
        came = self._people(turn, day, starts_at, wanted)
        for giver in came:
            self._came(number, giver, made, starts_at, ends_at)
        if 0 < len(came) < turn.places and turn.offer.role.minimum_age >= 18:
            past = _Past(number, turn, day, starts_at, ends_at, len(came))
            if starts >= time(16):
                self._short.append(past)

    def _people(self, turn: Turn, day: date, starts_at: datetime, wanted: int) -> list[Giver]:
        """Regulars of the role who had joined by then; the first has to be an adult."""
        regulars = self.scene.standings.regulars[turn.offer.id]
        start = self.random.randrange(len(regulars)) if regulars else 0
        found: list[Giver] = []
        for giver in regulars[start:] + regulars[:start]:
            if len(found) >= wanted:
                break
            if giver.joined < starts_at - timedelta(days=16) and (giver.id, day) not in self._busy:
                found.append(giver)
        if all(giver.band != AgeBand.ADULT for giver in found):
            return []
        self._busy |= {(giver.id, day) for giver in found}
        return found

    def _came(
        self, shift_id: int, giver: Giver, made: datetime, starts_at: datetime, ends_at: datetime
    ) -> None:
        draw = self.random.random()
        standing = Standing.ATTENDED
        if draw > 0.97:
            standing = Standing.NO_SHOW if draw > 0.985 else Standing.EXCUSED
        # Most places go in the first days; the last ones shortly before.
        wait = (starts_at - made) * min(0.98, self.random.expovariate(3))
        self._sign_up(shift_id, giver, standing, made + wait, starts_at, ends_at)

    def _sign_up(
        self,
        shift_id: int,
        giver: Giver,
        standing: Standing,
        at: datetime,
        starts_at: datetime,
        ends_at: datetime,
        cause: str = "",
    ) -> None:
        minutes = int((ends_at - starts_at).total_seconds()) // 60
        self.rows.add(
            Signup,
            shift_id=shift_id,
            volunteer_id=giver.id,
            slot_id=None,
            standing=standing,
            way=Way.TEXT if cause else self.random.choice(_WAYS),
            cause=cause,
            confirmed_at=at,
            ended_at=ends_at,
            offered_until=None,
            answer_remind_at=None,
            answer_due_at=None,
            assured_at=None,
            reason="Not well." if standing == Standing.EXCUSED else "",
            attended_minutes=minutes if standing == Standing.ATTENDED else None,
            created_at=at,
        )

    def _request(self, past: _Past) -> None:
        """An urgent request hours before: some were asked, now and then all places filled."""
        turn, begins = past.turn, past.starts_at - timedelta(hours=3)
        wanted = turn.places - past.came
        people = [
            giver
            for giver in self.scene.standings.in_reach(turn.offer.host)
            if giver.can_be_texted
            and giver.phone
            and giver.joined < begins
            and giver.band == AgeBand.ADULT
            and (giver.id, past.day) not in self._busy
        ]
        asked = self.random.sample(people, min(len(people), wanted * self.random.randint(5, 9)))
        number = self.rows.count(Broadcast) + 20
        broadcast_id = self.rows.add(
            Broadcast,
            number=number,
            number_is_live=False,
            by_user_id=self.coordinator_id,
            run_id=None,
            state=BroadcastState.ENDED,
            ended_reason="The shift has begun.",
            text=self._text(turn, number),
            pace=Pace.WAVES,
            group_kinds=[],
            audience_size=len(asked),
            excluded_size=0,
            wave=1 + len(asked) // 6,
            wave_reason="",
            deadline=past.starts_at,
            started_at=begins,
            ended_at=past.starts_at,
            created_at=begins - timedelta(minutes=5),
        )
        self.rows.add(
            BroadcastShift,
            broadcast_id=broadcast_id,
            shift_id=past.id,
            rank=0,
            created_at=begins,
        )
        yes = self.random.sample(range(len(asked)), min(len(asked), self.random.randint(0, wanted)))
        for rank, giver in enumerate(asked):
            asked_at = begins + _WAVE * (rank // 6)
            answered_at = asked_at + timedelta(minutes=self.random.randint(2, 40))
            self._asked(broadcast_id, turn, number, giver, asked_at)
            self._recipient(
                broadcast_id, giver, rank, asked_at, answered_at if rank in yes else None
            )
            if rank in yes:
                self._busy.add((giver.id, past.day))
                self._sign_up(
                    past.id,
                    giver,
                    Standing.ATTENDED,
                    answered_at,
                    past.starts_at,
                    past.ends_at,
                    f"broadcast:{broadcast_id}",
                )

    def _text(self, turn: Turn, number: int) -> str:
        said = f"{turn.offer.host.name}: can you help today? {turn.offer.role.title}, short of "
        return segments.plain(f"{said}people. Reply {number} YES or {number} NO.")

    def _recipient(
        self,
        broadcast_id: int,
        giver: Giver,
        rank: int,
        asked_at: datetime,
        answered_at: datetime | None,
    ) -> None:
        self.rows.add(
            Recipient,
            broadcast_id=broadcast_id,
            volunteer_id=giver.id,
            excluded="",
            score=0,
            rank=rank + 1,
            metres=0,
            wave=1 + rank // 6,
            asked_at=asked_at,
            answer=Answer.YES if answered_at else Answer.NONE,
            answered_at=answered_at,
            late_told_at=None,
            created_at=asked_at,
        )

    def _asked(
        self,
        broadcast_id: int,
        turn: Turn,
        number: int,
        giver: Giver,
        at: datetime,
    ) -> None:
        body = self._text(turn, number)
        self.rows.add(
            Message,
            channel=Channel.SMS,
            lane=queue.URGENT,
            cause=f"broadcast:{broadcast_id}",
            recipient=f"volunteer:{giver.id}",
            purpose=ASK,
            volunteer_id=giver.id,
            run_id=None,
            token=f"{self.random.getrandbits(128):032x}",
            to_address=giver.phone,
            body=body,
            segments=segments.count(body).segments,
            state=State.DELIVERED,
            reason="",
            not_before=at,
            deadline=at + timedelta(hours=3),
            attempts=1,
            sending_at=at,
            accepted_at=at + timedelta(seconds=1),
            ended_at=at + timedelta(seconds=9),
            carrier="twilio",
            carrier_id=f"SM{self.random.getrandbits(128):032x}",
            error_code=None,
            created_at=at,
        )
