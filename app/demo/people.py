"""The volunteers of the demo county: where they live, what they can, when they are free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from app.demo import names, odds
from app.demo.county import near, postcode
from app.demo.rows import Rows
from app.foundation.places import Place, Town, miles_to_metres, towns
from app.signups.rules import Held, Person
from app.volunteers.models import (
    Channel,
    Consent,
    DatesAway,
    DbsCheck,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.rules import address_hash
from app.volunteers.vocabulary import (
    Activity,
    AgeBand,
    Language,
    Lead,
    Skill,
    Training,
    Transport,
)

# Ofcom's numbers for drama; 000 is the simulator's sender.
PHONES: Final = tuple(f"+447700900{n:03d}" for n in range(1, 980))  # the rest is for newcomers
SHARING: Final = 25  # pairs who share one phone
# From here on phones are shared by many, so that a large audience can be tried.
CROWD: Final = 5_000

# Drivers who live near two food banks and are free in the evening: (from where, how many).
_DRIVERS: Final = (
    (("Gorse Covert", "Thorpe Acre", "Loughborough", "Shelthorpe", "Shepshed", "Hathern"), 105),
    (("Coalville", "Whitwick", "Hugglescote", "Thringstone", "Ravenstone"), 40),
)
DEMO_VOLUNTEER: Final = 1
# People are written to so long before a training ends: none of the crowd's ends then.
WARNED: Final = timedelta(days=62)


@dataclass(slots=True, eq=False)
class Giver:
    """A volunteer as the rest of the demo needs them."""

    id: int
    name: str
    phone: str | None
    can_be_texted: bool
    has_opted_out: bool
    east: int
    north: int
    town: str
    travel: int
    skills: Skill
    languages: Language
    interests: Activity
    free: int
    band: AgeBand
    guardian_agreed: bool
    paused_until: date | None
    asks: int
    joined: datetime
    trainings: list[tuple[Training, date]]
    checks: list[Held]
    away: list[tuple[date, date]]

    def person(self, day: date) -> Person:
        """What the rules of places ask about, with the training that holds on a day."""
        held = Training(0)
        for training, until in self.trainings:
            if until >= day:
                held |= training
        return Person(
            age_band=self.band,
            guardian_agreed=self.guardian_agreed,
            names_emergency_contact=self.guardian_agreed,
            skills=self.skills,
            languages=self.languages,
            trainings=held,
            checks=self.checks,
        )


def add_people(
    rows: Rows, random: Random, now: datetime, today: date, number: int, user_id: int, key: bytes
) -> list[Giver]:
    """So many volunteers; the first is the one who signs in as `user_id`."""
    maker = _Maker(rows, random, now, today, key)
    every = towns()
    weights = [odds.WEIGHTS.get(town.name, odds.WEIGHTS_BY_KIND[town.kind]) for town in every]
    by_name = {town.name: town for town in every}
    drivers = [names_ for names_, many in _DRIVERS for _ in range(many)]
    givers = [maker.demo_volunteer(by_name["Thorpe Acre"], user_id)]
    for homes in drivers:
        givers.append(maker.volunteer(by_name[random.choice(homes)], drives=True))
    for town in random.choices(every, weights, k=number - len(givers)):
        givers.append(maker.volunteer(town))
    return givers


class _Maker:
    """Makes one volunteer after the other, with all that hangs on them."""

    def __init__(self, rows: Rows, random: Random, now: datetime, today: date, key: bytes) -> None:
        self.rows, self.random, self.now, self.today, self.key = rows, random, now, today, key
        self.made = 0

    def demo_volunteer(self, home: Town, user_id: int) -> Giver:
        """The person behind volunteer@example.org."""
        place = near(home, 300, self.random)
        return self._keep(
            "Sunita Harwell",
            place,
            home,
            user_id=user_id,
            phone=PHONES[0],
            email="volunteer@example.org",
            says_sms=True,
            joined=self.now - timedelta(days=320),
            travel_metres=miles_to_metres(6),
            transport=Transport.CAR | Transport.ON_FOOT,
            interests=Activity.FOOD | Activity.DRIVING | Activity.EVENTS,
            skills=Skill.DRIVE_CAR | Skill.FOOD_HYGIENE | Skill.MANUAL_HANDLING,
            languages=Language.GUJARATI,
            free_times=odds.EVENINGS | odds.SATURDAY,
            reminders=Lead.WEEK | Lead.DAY,
            age_band=AgeBand.ADULT,
            paused_until=None,
            asks_per_week=3,
        )

    def volunteer(self, home: Town, *, drives: bool = False) -> Giver:
        """Somebody who lives about a town; `drives` makes them fit an evening round."""
        random, index = self.random, self.made
        name, spoken = names.full_name(random)
        place = near(home, odds.SPREAD_METRES[home.kind], random)
        phone = self._phone(index)
        young = not drives and random.random() < 0.05
        free = random.choices(
            [bits for bits, _ in odds.FREE_TIMES], [many for _, many in odds.FREE_TIMES]
        )[0]
        transport = Transport.ON_FOOT
        skills = _some(random, Skill, odds.SKILLS)
        has_car = drives or (not young and random.random() < 0.6)
        if has_car:
            transport |= Transport.CAR
            skills |= Skill.DRIVE_CAR
        else:
            transport |= random.choice((Transport.BUS, Transport.BICYCLE, Transport.ON_FOOT))
        miles = random.choice((5, 5, 8, 10, 15) if has_car else (1, 2, 3, 5))
        paused = None if drives or random.random() > 0.04 else random.randint(3, 60)
        return self._keep(
            name,
            place,
            home,
            user_id=None,
            phone=phone,
            email=None
            if phone and random.random() < 0.12
            else f"{names.plain(name)}.{index + 1}@example.org",
            says_sms=drives or random.random() < 0.92,
            joined=self.now
            - timedelta(days=random.randint(80, 900), minutes=random.randint(0, 600))
            if random.random() < 0.93
            else self.now - timedelta(days=random.randint(1, 25)),
            travel_metres=miles_to_metres(miles),
            transport=transport,
            interests=_some(random, Activity, odds.ACTIVITIES),
            skills=skills,
            languages=spoken if random.random() < 0.75 else Language(0),
            free_times=free if not drives or not free else free | odds.EVENINGS,
            age_band=AgeBand.FROM_16
            if young
            else AgeBand.NOT_TOLD
            if not drives and random.random() < 0.04
            else AgeBand.ADULT,
            paused_until=self.today + timedelta(days=paused) if paused else None,
            reminders=Lead.DAY,
            asks_per_week=3 if drives else random.choice((3, 3, 3, 3, 2, 2, 1, 7, 0)),
        )

    def _joined(self) -> datetime:
        newcomer = self.random.random() < 0.07
        days = self.random.randint(1, 25) if newcomer else self.random.randint(80, 900)
        return self.now - timedelta(days=days, minutes=self.random.randint(0, 600))

    def _phone(self, index: int) -> str | None:
        if index < len(PHONES):
            return PHONES[index]
        beyond = index - len(PHONES)
        # A few households with one phone, from where nobody is counted on tonight.
        if beyond < SHARING:
            return PHONES[200 + beyond]
        if index >= CROWD and index % 2:
            return PHONES[index % len(PHONES)]
        return None

    def _keep(
        self,
        name: str,
        place: Place,
        home: Town,
        *,
        phone: str | None,
        email: str | None,
        says_sms: bool,
        joined: datetime,
        **said: Any,
    ) -> Giver:
        random = self.random
        self.made += 1
        opted_out = bool(phone) and 200 > self.made > 160 and self.made % 4 == 0
        texts = bool(phone) and says_sms and not opted_out
        emails = bool(email) and random.random() < 0.95
        guarded = said["age_band"] == AgeBand.FROM_16
        last_asked = random.randint(8, 200) if phone and random.random() < 0.3 else None
        emergency, _ = names.full_name(random)
        # Whoever is under 18 must name one.
        names_emergency = random.random() < 0.3 or guarded
        number = self.rows.add(
            Volunteer,
            name=name,
            created_at=joined,
            phone=phone,
            phone_verified_at=joined if phone else None,
            email=email,
            email_verified_at=joined if email else None,
            postcode=postcode(home, random),
            latitude=place.latitude,
            longitude=place.longitude,
            east=place.east,
            north=place.north,
            cell=place.cell,
            guardian_name=f"Parent of {name}" if guarded else "",
            guardian_consent_at=joined if guarded else None,
            emergency_name=emergency if names_emergency else "",
            emergency_phone=random.choice(PHONES) if names_emergency else "",
            sms_consent_at=joined if texts else None,
            email_consent_at=joined if emails else None,
            prefers=Channel.SMS if texts else Channel.EMAIL,
            last_asked_at=self.now - timedelta(days=last_asked) if last_asked else None,
            **said,
        )
        self._consents(number, joined, phone, texts, opted_out, emails)
        giver = Giver(
            id=number,
            name=name,
            phone=phone,
            can_be_texted=texts,
            has_opted_out=opted_out,
            east=place.east,
            north=place.north,
            town=home.name,
            travel=said["travel_metres"],
            skills=said["skills"],
            languages=said["languages"],
            interests=said["interests"],
            free=said["free_times"],
            band=said["age_band"],
            guardian_agreed=guarded,
            paused_until=said["paused_until"],
            asks=said["asks_per_week"],
            joined=joined,
            trainings=[],
            checks=[],
            away=[],
        )
        self._trainings(giver)
        self._checks(giver)
        self._away(giver)
        return giver

    def _consents(
        self,
        number: int,
        joined: datetime,
        phone: str | None,
        texts: bool,
        opted_out: bool,
        emails: bool,
    ) -> None:
        def note(channel: Channel, given: bool, how: str, at: datetime) -> None:
            self.rows.add(
                Consent,
                volunteer_id=number,
                channel=channel,
                given=given,
                how=how,
                created_at=at,
            )

        if texts or opted_out:
            note(Channel.SMS, True, "when they joined", joined)
        if emails:
            note(Channel.EMAIL, True, "when they joined", joined)
        if opted_out and phone:
            stopped = joined + (self.now - joined) / 2
            note(Channel.SMS, False, "text STOP", stopped)
            self.rows.add(
                OptOut,
                channel=Channel.SMS,
                address=phone,
                address_hash=address_hash(Channel.SMS.value, phone, self.key),
                how="text STOP",
                created_at=stopped,
            )

    def _trainings(self, giver: Giver) -> None:
        for training, chance, months in odds.TRAININGS:
            if self.random.random() >= chance:
                continue
            completed = self.today - timedelta(days=self.random.randint(60, months * 30 + 60))
            until = completed + timedelta(days=months * 30 + 30)
            if self.today <= until <= self.today + WARNED:
                completed, until = completed + 2 * WARNED, until + 2 * WARNED
            giver.trainings.append((training, until))
            self.rows.add(
                TrainingRecord,
                volunteer_id=giver.id,
                training=training,
                completed_on=completed,
                valid_until=until,
                created_at=self.now,
            )

    def _checks(self, giver: Giver) -> None:
        if giver.band != AgeBand.ADULT or self.random.random() >= 0.34:
            return
        level, workforce = self.random.choice(odds.CHECKS)
        # One in nine was seen more than three years ago and is due again.
        issued = self.today - timedelta(days=self.random.randint(70, 1200))
        giver.checks.append(Held(level, workforce, issued))
        self.rows.add(
            DbsCheck,
            volunteer_id=giver.id,
            level=level,
            workforce=workforce,
            issued_on=issued,
            group_id=None,
            seen_by_id=None,
            created_at=self.now,
        )

    def _away(self, giver: Giver) -> None:
        if giver.id == DEMO_VOLUNTEER or self.random.random() >= 0.06:
            return
        first = self.today + timedelta(days=self.random.randint(3, 40))
        last = first + timedelta(days=self.random.randint(2, 14))
        giver.away.append((first, last))
        self.rows.add(
            DatesAway, volunteer_id=giver.id, first_day=first, last_day=last, created_at=self.now
        )


def _some(random: Random, of: Any, chances: dict[Any, float]) -> Any:
    """Each member by its own odds, together."""
    found = 0
    for member, chance in chances.items():
        if random.random() < chance:
            found |= member.value
    return of(found)
