"""A draft as it would go out at this moment: to whom first, in which words, for how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app.broadcasts import asking, rules
from app.broadcasts.models import Broadcast, Pace
from app.broadcasts.queries.drafts import audience_of, first_wave
from app.broadcasts.wording import told_count
from app.foundation import clock, languages
from app.foundation.extensions import db
from app.foundation.places import spoken_distance
from app.matching.queries import Audience
from app.messaging.queries import knows_how_to_stop
from app.messaging.rules import opting_out, segments
from app.messaging.rules.quiet import in_quiet_hours, next_allowed
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Reader:
    """One of those who would be asked, and what they would read, to the letter."""

    name: str
    distance: str
    place: int  # in the order of asking, from 1
    next: int  # the place of the one to look at after this one
    others: bool
    text: str
    language: str  # its code
    takes: int  # texts


@dataclass(frozen=True)
class InLanguage:
    """How many would read a request in a language, and how many texts each takes at most."""

    code: str
    people: int
    takes: int

    @property
    def name(self) -> str:
        """What its readers call the language."""
        return languages.LANGUAGES[languages.known(self.code)]


@dataclass(frozen=True)
class Look:
    """What would happen if a draft were sent now.

    Costs and times are those of the longer form of the text, as `told` (see
    `wording.Counted`): no less is promised than what may come.
    """

    size: int
    text: segments.SegmentCount
    told: segments.SegmentCount | None
    first: rules.NextWave
    first_pence: float
    most_pence: float
    finish: datetime
    seconds: float
    closes: datetime
    places_left: int
    is_quiet: bool
    wakes: datetime  # when people may be texted again; now, where they may be
    reader: Reader | None  # nobody where nobody fits
    read_in: list[InLanguage]

    @property
    def takes(self) -> int:
        """How many texts each person costs at most."""
        return max(one.takes for one in self.read_in)


def as_typed(broadcast_id: int, *, text: str, pace: Pace, emergency_reason: str) -> Broadcast:
    """The draft as the form on the screen has it, outside the session: nothing is kept."""
    broadcast = db.session.get_one(Broadcast, broadcast_id, populate_existing=True)
    db.session.expunge(broadcast)
    broadcast.text = text
    broadcast.pace = pace
    broadcast.emergency_reason = emergency_reason.strip()
    return broadcast


def look(broadcast: Broadcast, shifts: Sequence[Shift], reader: int = 1) -> Look:
    """The worst case of a draft: everybody is asked, at the sender's own rate.

    `reader` is the place, in the order of asking, of the one whose text is
    shown; beyond the first fifty it begins again.
    """
    found = audience_of(broadcast, shifts)
    size = found.size
    now = clock.now()
    config = current_app.config
    text, told = segments.count(broadcast.text), told_count(broadcast.text)
    texts = asking.in_languages(broadcast.text, shifts, broadcast.number)
    readers = found.languages or {languages.ENGLISH: size}
    read_in = [
        _in_language(code, people, texts.get(code, broadcast.text))
        for code, people in sorted(readers.items())
    ]
    # Each counts with the text that they will read: a mean over all who would be asked.
    all_texts = sum(one.people * one.takes for one in read_in)
    mean = all_texts / max(1, sum(one.people for one in read_in))
    per_second, pence = config["SMS_SEGMENTS_PER_SECOND"], config["SMS_SEGMENT_PENCE"]
    first = first_wave(broadcast, shifts, size)
    if broadcast.pace == Pace.EVERYONE:
        first = replace(first, size=size, reason="Everybody is asked at once.")
    return Look(
        size=size,
        text=text,
        told=told,
        first=first,
        first_pence=segments.cost_pence(mean, first.size, pence),
        most_pence=segments.cost_pence(mean, size, pence),
        finish=rules.finish_time(now, all_texts, per_second),
        seconds=segments.seconds_to_send(all_texts, per_second),
        closes=max(shift.starts_at for shift in shifts),
        places_left=sum(shift.places_left for shift in shifts),
        is_quiet=in_quiet_hours(now, config["TIMEZONE"], config["QUIET_HOURS"]),
        wakes=next_allowed(now, config["TIMEZONE"], config["QUIET_HOURS"]),
        reader=_reader(broadcast, texts, found, reader),
        read_in=read_in,
    )


def _in_language(code: str, people: int, text: str) -> InLanguage:
    with languages.speaking(code):
        return InLanguage(code, people, (told_count(text) or segments.count(text)).segments)


def _reader(
    broadcast: Broadcast, texts: Mapping[str, str], found: Audience, wanted: int
) -> Reader | None:
    if not found.best:
        return None
    index = (wanted - 1) % len(found.best)
    person = found.best[index]
    since = clock.now() - opting_out.EVERY
    language, knows = db.session.execute(
        select(Volunteer.language, knows_how_to_stop(Volunteer.phone, since)).where(
            Volunteer.id == person.volunteer_id
        )
    ).one()
    text = texts.get(language, broadcast.text)
    with languages.speaking(language):
        text = text if knows else opting_out.told(text)
    return Reader(
        name=person.name,
        distance=spoken_distance(person.metres),
        place=index + 1,
        next=(index + 1) % len(found.best) + 1,
        others=len(found.best) > 1,
        text=text,
        language=language,
        takes=segments.count(text).segments,
    )
