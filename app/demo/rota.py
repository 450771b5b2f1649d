"""The roles of each group and their shifts: eight weeks back and four weeks ahead."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from app.demo.county import CENTRE, FOOD_BANK, LIBRARY, SHOWN, STORY_FOOD_BANK, Host
from app.demo.roles import (
    DESK,
    DRIVER,
    KEY_HOLDER,
    PACKING,
    READING_GROUP,
    ROLES,
    SORTING,
    WELCOME,
    Role,
)
from app.demo.roles import Slot as Time
from app.demo.rows import Rows
from app.opportunities import rules
from app.opportunities.models import Closure, Duty, Opportunity, Pattern, Policy, Shift, Slot, Stage
from app.opportunities.policies import Approves
from app.opportunities.rules.closing import bank_holidays
from app.opportunities.rules.repeating import Rule
from app.volunteers.vocabulary import Language

WEEKS_BACK: Final = 8
WEEKS_AHEAD: Final = 4
# After this o'clock the round of tonight is tomorrow's.
LATEST: Final = time(17, 30)
# A role where its managers say yes first, but for people whom they know well; and one for
# whom they ask.
ASKED_FIRST: Final = (FOOD_BANK, WELCOME)
AUTOMATIC: Final = Approves.BEFORE | Approves.REGULAR
BY_INVITATION: Final = (CENTRE, KEY_HOLDER)
# A role that nobody does by themselves.
NEVER_ALONE: Final = (LIBRARY, DESK)
# What is on at the food bank while the demo is made.
RUNS_SINCE: Final = timedelta(minutes=30)
BEGINS_IN: Final = timedelta(minutes=45)
LASTS: Final = timedelta(hours=2, minutes=30)
DAYTIME: Final = (time(7), time(20))
ROUND: Final = (time(18, 30), time(20, 30))


@dataclass(frozen=True)
class Offer:
    """An opportunity that was made, with the role it came from."""

    id: int
    host: Host
    role: Role
    languages: Language
    duties: dict[str, int]  # by name, the number of each


@dataclass(slots=True, eq=False)
class Opened:
    """A slot of a shift, with the places that nobody has yet."""

    id: int
    in_charge: bool
    left: int


@dataclass(slots=True, eq=False)
class Turn:
    """A shift that was made."""

    id: int
    offer: Offer
    day: date
    starts_at: datetime
    ends_at: datetime
    places: int
    minimum: int
    times: int
    is_cancelled: bool
    slots: list[Opened]
    pattern_id: int | None
    taken: int = 0
    is_told: bool = False  # a story has its people, so nobody else is put on it
    # Whom it has, and the number of the sign-up.
    signups: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rota:
    """All that was made; `tonight` is the round without drivers, `told` the one filled by text.

    `running` has begun at the food bank, and `soon` begins there within the hour;
    made at night, the demo has neither.
    """

    offers: list[Offer]
    turns: list[Turn]
    tonight: Turn
    told: Turn
    running: Turn | None
    soon: Turn | None


def day_of_round(now: datetime, zone: str) -> date:
    """Today, or tomorrow once it is too late to ask for tonight."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.time() <= LATEST else local.date() + timedelta(days=1)


def add_rota(
    rows: Rows, random: Random, now: datetime, today: date, zone: str, hosts: list[Host]
) -> Rota:
    """Opportunities, patterns and shifts of every group."""
    maker = _Maker(rows, random, now, today, zone)
    for host in hosts:
        for role in ROLES[host.kind]:
            if role.share >= random.random() or host.name in SHOWN:
                maker.offer(host, role)
        if host.name == LIBRARY:
            maker.offer(host, READING_GROUP)
            maker.close(host)
        if random.random() < 0.1:
            maker.draft(host)
    running = maker.today_at(FOOD_BANK, SORTING, RUNS_SINCE, places=5)
    soon = maker.today_at(FOOD_BANK, PACKING, -BEGINS_IN, places=4)
    turns = sorted(maker.turns, key=lambda turn: (turn.starts_at, turn.id))
    round_day = day_of_round(now, zone)
    tonight = next(turn for turn in maker.of(FOOD_BANK, DRIVER) if turn.day == round_day)
    told = next(
        turn for turn in maker.of(STORY_FOOD_BANK, DRIVER) if turn.day == today - timedelta(days=2)
    )
    return Rota(maker.offers, turns, tonight, told, running, soon)


def _policy(host: Host, role: Role) -> Policy:
    if (host.name, role) == ASKED_FIRST or role.on_approval:
        return Policy.APPROVAL
    return Policy.INVITATION if (host.name, role) == BY_INVITATION else Policy.OPEN


class _Maker:
    def __init__(self, rows: Rows, random: Random, now: datetime, today: date, zone: str) -> None:
        self.rows, self.random, self.now, self.today, self.zone = rows, random, now, today, zone
        self.first_day = today - timedelta(weeks=WEEKS_BACK)
        self.last_day = today + timedelta(weeks=WEEKS_AHEAD) - timedelta(days=1)
        self.offers: list[Offer] = []
        self.turns: list[Turn] = []
        self.patterns = 0
        self._parts: dict[tuple[int, time, time], int] = {}
        # A Thursday and Friday, two weeks ahead or soon after.
        self.boiler = today + timedelta(days=14 + (3 - today.weekday()) % 7)

    def of(self, group: str, role: Role) -> list[Turn]:
        return [
            turn for turn in self.turns if turn.offer.host.name == group and turn.offer.role is role
        ]

    def close(self, host: Host) -> None:
        """Two days on which a group is closed, so that none of its patterns makes a shift."""
        self.rows.add(
            Closure,
            group_id=host.id,
            site_id=host.site_id,
            name="New boiler",
            first_day=self.boiler,
            last_day=self.boiler + timedelta(days=1),
            created_at=self.now - timedelta(days=9),
        )

    def _closed(self, host: Host, on_holidays: bool) -> set[date]:
        closed = set(bank_holidays(self.first_day, self.last_day)) if on_holidays else set()
        if host.name == LIBRARY:
            closed |= {self.boiler, self.boiler + timedelta(days=1)}
        return closed

    def today_at(self, group: str, role: Role, ago: timedelta, *, places: int) -> Turn | None:
        """A shift of today that began so long ago, to the quarter of an hour; by day only."""
        local = (self.now - ago).astimezone(ZoneInfo(self.zone))
        starts = local.time().replace(minute=local.minute // 15 * 15, second=0, microsecond=0)
        if local.date() != self.today or not DAYTIME[0] <= starts <= DAYTIME[1]:
            return None
        ends = (datetime.combine(self.today, starts) + LASTS).time()
        offer = next(each for each in self.offers if each.host.name == group and each.role is role)
        self._shift(offer, self.today, starts, ends, places, role.minimum)
        return self.turns[-1]

    def draft(self, host: Host) -> None:
        """Something that a manager has begun and not yet published."""
        self._opportunity(host, ROLES[host.kind][0], Language(0), "Open day helper", Stage.DRAFT)

    def offer(self, host: Host, role: Role) -> None:
        """Publish a role of a group and make its shifts."""
        language = Language(0)
        if role.languages and self.random.random() < 0.2:
            language = self.random.choice(role.languages)
        title = f"{role.title} in {language.label}" if language else role.title
        number = self._opportunity(host, role, language, title, Stage.PUBLISHED)
        offer = Offer(number, host, role, language, self._duties(number, role))
        self.offers.append(offer)
        for slot in self._slots(host, role):
            self._pattern(offer, slot)
        if self.random.random() < 0.25:
            self._one_off(offer)
        if host.name == STORY_FOOD_BANK and role is DRIVER:
            self._shift(offer, self.today - timedelta(days=2), *ROUND, 3, 2)

    def _duties(self, opportunity_id: int, role: Role) -> dict[str, int]:
        return {
            task.name: self.rows.add(
                Duty,
                opportunity_id=opportunity_id,
                name=task.name,
                rank=rank,
                in_charge=task.in_charge,
                created_at=self.now - timedelta(days=75),
            )
            for rank, task in enumerate(role.team)
        }

    def _team(self, offer: Offer, places: int, minimum: int) -> list[dict[str, int]]:
        """How many of each duty, where so many come and so many are needed."""
        team, left, needed = [], places, minimum
        for task in offer.role.team:
            here = left if task.places is None else min(task.places, left)
            least = min(needed, here)
            left, needed = left - here, needed - least
            duty = {"duty_id": offer.duties[task.name], "places": here, "minimum": least}
            team.append(duty)
        return team

    def _open(self, shift_id: int, offer: Offer, places: int, minimum: int) -> list[Opened]:
        """The slots of a shift that was made."""
        opened = []
        team = self._team(offer, places, minimum)
        for task, said in zip(offer.role.team, team, strict=True):
            number = self.rows.add(
                Slot, shift_id=shift_id, taken=0, created_at=self.now - timedelta(days=70), **said
            )
            opened.append(Opened(number, task.in_charge, said["places"]))
        return opened

    def _slots(self, host: Host, role: Role) -> tuple[Time, ...]:
        if role is DRIVER and host.name == FOOD_BANK:
            # Every evening, so that there is a round tonight whenever the demo is made.
            return (Time(days=tuple(range(7)), times=7, starts=ROUND[0], ends=ROUND[1]),)
        return role.slots

    def _opportunity(
        self, host: Host, role: Role, language: Language, title: str, stage: Stage
    ) -> int:
        published = stage == Stage.PUBLISHED
        return self.rows.add(
            Opportunity,
            group_id=host.id,
            site_id=host.site_id,
            title=title,
            summary=role.summary if published else "",
            about=role.about if published else "",
            what_to_bring=role.bring,
            contact_name=host.contact,
            activity=role.activity,
            stage=stage,
            policy=_policy(host, role),
            approves=AUTOMATIC if (host.name, role) == ASKED_FIRST else Approves(0),
            published_at=self.now - timedelta(days=70) if published else None,
            needs_skills=role.needs,
            likes_skills=role.likes,
            needs_languages=language,
            needs_training=role.training,
            minimum_age=role.minimum_age,
            never_alone=(host.name, role) == NEVER_ALONE,
            created_at=self.now - timedelta(days=75),
            **role.check,
        )

    def _pattern(self, offer: Offer, slot: Time) -> None:
        places = self.random.randint(*offer.role.places)
        skipped: list[date] = []
        if offer.host.name == STORY_FOOD_BANK and offer.role is DRIVER:
            skipped = [self.today - timedelta(days=2)]  # its own shift that day
        # One desk goes on until somebody says, and is closed on bank holidays.
        open_ended = offer.host.name == LIBRARY and slot is DESK.slots[0]
        repeat = rules.Repeat(
            rule=Rule(
                tuple(sorted(self.random.sample(slot.days, slot.times))),
                slot.every_weeks,
                slot.ordinal,
            ).written(),
            starts=slot.starts,
            ends=slot.ends,
            first_day=self.first_day,
            last_day=None if open_ended else self.last_day,
            skipped=skipped,
            works_on_holidays=not open_ended,
        )
        self.patterns += 1
        series = f"demo-{self.patterns}"
        number = self.rows.add(
            Pattern,
            opportunity_id=offer.id,
            series=series,
            rule=repeat.rule,
            starts=repeat.starts,
            ends=repeat.ends,
            first_day=repeat.first_day,
            last_day=repeat.last_day,
            skipped_days=[day.isoformat() for day in skipped],
            works_on_holidays=repeat.works_on_holidays,
            places=places,
            minimum=offer.role.minimum,
            team=self._team(offer, places, offer.role.minimum),
            created_at=self.now - timedelta(days=70),
        )
        closed = self._closed(offer.host, open_ended)
        for each in rules.occurrences(repeat, self.zone, last=self.last_day, closed=closed):
            self._keep(
                offer,
                each.day,
                each.starts_at,
                each.ends_at,
                places,
                offer.role.minimum,
                number,
                series,
            )

    def _one_off(self, offer: Offer) -> None:
        """A time of its own, beside the pattern: a Sunday afternoon in the coming weeks."""
        ahead = self.today + timedelta(days=self.random.randint(7, 27))
        day = ahead - timedelta(days=ahead.weekday() + 1)  # the Sunday before
        if day > self.today:
            places = max(offer.role.minimum, self.random.randint(*offer.role.places))
            self._shift(offer, day, time(14, 30), time(16, 30), places, offer.role.minimum)

    def _shift(
        self, offer: Offer, day: date, starts: time, ends: time, places: int, minimum: int
    ) -> None:
        starts_at, ends_at = rules.span(day, starts, ends, self.zone)
        self._keep(offer, day, starts_at, ends_at, places, minimum, None)

    def _keep(
        self,
        offer: Offer,
        day: date,
        starts_at: datetime,
        ends_at: datetime,
        places: int,
        minimum: int,
        pattern_id: int | None,
        series: str | None = None,
    ) -> None:
        times = self._parts_of_the_week(starts_at, ends_at)
        coming = pattern_id is not None and day > self.today + timedelta(days=2)
        cancelled = coming and self.random.random() < 0.008
        number = self.rows.add(
            Shift,
            opportunity_id=offer.id,
            site_id=offer.host.site_id,
            pattern_id=pattern_id,
            series=series,
            occurrence_day=day if pattern_id else None,
            starts_at=starts_at,
            ends_at=ends_at,
            places=places,
            minimum=minimum,
            taken=0,  # the sign-ups' triggers count
            stage=Stage.CANCELLED if cancelled else Stage.PUBLISHED,
            cancel_reason="The heating is being mended that day." if cancelled else "",
            times=times,
            created_at=self.now - timedelta(days=70),
        )
        slots = self._open(number, offer, places, minimum)
        self.turns.append(
            Turn(
                number,
                offer,
                day,
                starts_at,
                ends_at,
                places,
                minimum,
                times,
                cancelled,
                slots,
                pattern_id,
            )
        )

    def _parts_of_the_week(self, starts_at: datetime, ends_at: datetime) -> int:
        """As `rules.local_times`, which is found out once for all weeks of a pattern."""
        start, end = rules.faces(starts_at, ends_at, self.zone)
        key = start.weekday(), start.time(), end.time()
        if key not in self._parts:
            self._parts[key] = rules.local_times(starts_at, ends_at, self.zone)
        return self._parts[key]
