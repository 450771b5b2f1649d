"""Two years behind the demo county: hours from paper lists, three stories, and thanks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from app.annual.rules.years import complete
from app.demo import drawings
from app.demo.county import CENTRE, FOOD_BANK, LIBRARY, RESPONSE, STORY_FOOD_BANK
from app.demo.people import DEMO_VOLUNTEER
from app.demo.rota import WEEKS_BACK
from app.demo.scene import Scene
from app.hours.models import HoursRequest, RequestState
from app.stories import pictures
from app.stories.models import CaseStudy, Photograph, StudyState, Thanked, Thanks

_PAPER: Final = "From the group’s paper list."
_FEW: Final = 0.05  # how many groups have only two or three people
_STORIES: Final = (
    (
        LIBRARY,
        "A library that stays open late",
        "Eleven neighbours keep the lights on three evenings a week.",
        "Last spring the library in Kibworth closed at five. People who work could not come, and "
        "children had nowhere quiet to read after school.\n\n"
        "The managers asked for help with one thing only: the desk, from five until eight, on "
        "three evenings a week. Eleven neighbours said yes. Some had never worked in a library. "
        "Two learned the till in an afternoon, and then taught the others.\n\n"
        "Now the homework table is full on Tuesdays. Forty children have borrowed a book who had "
        "no card before. And the lights in the window tell the whole street that somebody is in.",
        "I come straight from the bus. It is warm, and nobody asks me what I want.",
        "A reader of fifteen",
        drawings.library,
        "A small library at dusk. Its four windows are lit, and one sees shelves of books in them.",
    ),
    (
        STORY_FOOD_BANK,
        "Three drivers in forty minutes",
        "When the van broke down, a text found people who could drive.",
        "On a wet Thursday the food bank’s van would not start. Parcels for fourteen families "
        "stood packed on the table, and the round was to begin at half past six.\n\n"
        "At five the manager asked for drivers by text. The nearest people were asked first. "
        "After forty minutes three of them had said yes, each with a car of their own. Nobody "
        "else was asked after that.\n\n"
        "All fourteen parcels were at their doors before eight. One of the three drivers now "
        "comes every other week.",
        "I was doing the washing up. Twenty minutes later I was a driver.",
        "One of the three",
        drawings.parcels,
        "Shelves full of tins and boxes. Before them a packed food parcel stands on a table.",
    ),
    (
        RESPONSE,
        "The night the river rose",
        "Flood wardens knocked at sixty doors before the water came.",
        "The warning came at nine in the evening. The wardens of Barrow upon Soar had practised "
        "for it in the summer, with a list of the doors that need a knock: people who do not "
        "hear the telephone, or cannot carry a bag upstairs by themselves.\n\n"
        "Nineteen volunteers came to the parish room. They went in pairs, to sixty doors, and "
        "filled sandbags until midnight. Others made soup.\n\n"
        "The water stopped one step below the first houses. Nobody was hurt, and nobody was "
        "alone that night.",
        "I had forgotten that I was on the list. They had not.",
        "A neighbour by the river",
        drawings.river,
        "A river stands high below a row of four houses. A wall of sandbags lies between them.",
    ),
)
_THANKS: Final = (
    (FOOD_BANK, "You packed until the last box was full. Thirty-one families ate because of it."),
    (LIBRARY, "The children ask for your story time by name. Thank you for every voice you do."),
    (RESPONSE, "You stood in the rain for five hours and made it look easy."),
    (CENTRE, "The lunch club has never laughed so much as on your Wednesdays."),
    (STORY_FOOD_BANK, "You learned to drive our van, and never once complained of the clutch."),
)


def add_year(scene: Scene, random: Random) -> None:
    """Fill the two council years before this one, and what came since."""
    _add_hours(scene, random)
    year = complete(scene.today)[0]
    for number, story in enumerate(_STORIES):
        _add_story(scene, story, year.first_day + timedelta(days=75 + number * 110))
    _add_unfinished(scene)
    _add_thanks(scene, year.first_day)


def _add_hours(scene: Scene, random: Random) -> None:
    """Each group's people, month by month, as its manager would bring a paper list over.

    There were fewer in the first of the years; whoever joined later is in none of it.
    """
    first = complete(scene.today)[0].before.first_day
    last = scene.today - timedelta(weeks=WEEKS_BACK + 1)
    for host in scene.hosts:
        near = [one for one in scene.standings.in_reach(host) if one.id != DEMO_VOLUNTEER]
        many = random.randint(2, 3) if random.random() < _FEW else random.randint(7, 15)
        people = random.sample(near, min(many, len(near)))
        day = first
        while day <= last:
            season = 0.3 if day.month in (8, 12) else 0.42
            for one in people:
                on = day + timedelta(days=random.randint(0, 27))
                if random.random() < season and one.joined.date() <= on <= last:
                    _add_time(scene, host.id, one.id, on, 30 * random.randint(3, 16))
            day = (day + timedelta(days=31)).replace(day=1)


def _add_time(scene: Scene, group_id: int, volunteer_id: int, day: date, minutes: int) -> None:
    scene.rows.add(
        HoursRequest,
        volunteer_id=volunteer_id,
        group_id=group_id,
        signup_id=None,
        day=day,
        minutes=minutes,
        came_at=None,
        left_at=None,
        what=_PAPER,
        state=RequestState.APPROVED,
        created_at=_noon(day) + timedelta(days=2),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("UTC"))


def _add_story(scene: Scene, story: tuple[object, ...], day: date) -> None:
    group, title, summary, body, quotation, by, drawn, alt = story
    host = scene.host(str(group))
    number = _study(scene, host.id, host.manager_id, StudyState.PUBLISHED, day, title=title)
    scene.rows.add(
        CaseStudy,
        **number
        | {
            "summary": summary,
            "body": body,
            "quotation": quotation,
            "quotation_by": by,
            "quotation_agreed_at": _noon(day),
        },
    )
    assert callable(drawn)
    picture = pictures.read(drawn())
    scene.rows.add(
        Photograph,
        case_study_id=scene.rows.count(CaseStudy),
        alt=alt,
        consent_by=host.contact,
        consent_on=day,
        for_web=True,
        for_print=True,
        digest=picture.digest,
        width=picture.width,
        height=picture.height,
        small_width=picture.small_width,
        small_height=picture.small_height,
        large=picture.large,
        small=picture.small,
        created_at=_noon(day),
    )


def _study(
    scene: Scene, group_id: int, user_id: int, state: StudyState, day: date, *, title: object
) -> dict[str, object]:
    """All columns of a story, so that each row says the same ones."""
    is_out = state == StudyState.PUBLISHED
    return {
        "group_id": group_id,
        "by_user_id": user_id,
        "state": state,
        "title": title,
        "summary": "",
        "body": "",
        "quotation": "",
        "quotation_by": "",
        "quotation_agreed_at": None,
        "answer": "",
        "offered_at": _noon(day) if state != StudyState.DRAFT else None,
        "published_at": _noon(day) + timedelta(days=1) if is_out else None,
        "published_by_id": None,
        "created_at": _noon(day) - timedelta(days=1),
    }


def _add_unfinished(scene: Scene) -> None:
    """One story waits at the county's desk, and one is a draft that was sent back."""
    centre, food_bank = scene.host(CENTRE), scene.host(FOOD_BANK)
    offered = _study(
        scene,
        centre.id,
        centre.manager_id,
        StudyState.OFFERED,
        scene.today - timedelta(days=2),
        title="Soup for sixty, every Wednesday",
    )
    scene.rows.add(
        CaseStudy,
        **offered
        | {
            "summary": "A lunch club that began with one pot feeds a whole village street.",
            "body": "It began with one pot, and nine people around it. The kitchen at the "
            "community centre stood empty on Wednesdays, and three friends thought that this "
            "was a waste.\n\nNow eleven volunteers cook in turns. Sixty people sit down at "
            "noon, and those who cannot come have their soup brought to them.",
        },
    )
    draft = _study(
        scene,
        food_bank.id,
        food_bank.manager_id,
        StudyState.DRAFT,
        scene.today - timedelta(days=9),
        title="What a crate of apples can do",
    )
    scene.rows.add(
        CaseStudy,
        **draft
        | {
            "summary": "An orchard gave its apples, and ten people made jam.",
            "body": "An orchard near Woodhouse gave us forty crates of apples in October.",
            "answer": "A lovely beginning. Who made the jam, and who ate it?",
        },
    )


def _add_thanks(scene: Scene, first_day: date) -> None:
    """Words from each of the shown groups in the year, and one for the demo's own volunteer."""
    days = [_noon(first_day + timedelta(days=40 + n * 60)) for n in range(len(_THANKS))]
    known = {
        host.id: [one.id for one in scene.standings.in_reach(host) if one.id != DEMO_VOLUNTEER]
        for host in scene.hosts
        if host.name in {group for group, _ in _THANKS}
    }
    for at, (group, words) in zip(days, _THANKS, strict=True):
        host = scene.host(group)
        _thank(scene, host.id, host.manager_id, words, known[host.id][:6], at, may_print=True)
    host = scene.host(FOOD_BANK)
    _thank(
        scene,
        host.id,
        host.manager_id,
        "You sorted six crates last week and still had time to show Tom the ropes. Thank you!",
        [DEMO_VOLUNTEER],
        scene.now - timedelta(days=1, hours=3),
        may_print=False,
    )


def _thank(
    scene: Scene,
    group_id: int,
    user_id: int,
    words: str,
    people: list[int],
    at: datetime,
    *,
    may_print: bool,
) -> None:
    number = scene.rows.add(
        Thanks,
        group_id=group_id,
        by_user_id=user_id,
        shift_id=None,
        words=words,
        may_print=may_print,
        created_at=at,
    )
    for volunteer_id in people:
        scene.rows.add(
            Thanked, thanks_id=number, volunteer_id=volunteer_id, seen_at=None, created_at=at
        )
