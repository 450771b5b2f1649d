"""The roles that groups of each kind offer: what people do, what it needs, when it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final

from app.groups.models import GroupKind
from app.opportunities.rules import Ground
from app.volunteers.vocabulary import (
    Activity,
    DbsLevel,
    Language,
    Skill,
    Training,
    Workforce,
)

NO_CHECK: Final[dict[str, Any]] = {
    "dbs_level": DbsLevel.NONE,
    "dbs_workforce": None,
    "dbs_ground": None,
    "dbs_reason": "",
}
WITH_CHILDREN: Final[dict[str, Any]] = {
    "dbs_level": DbsLevel.ENHANCED,
    "dbs_workforce": Workforce.CHILD,
    "dbs_ground": Ground.CHILDREN,
    "dbs_reason": "You work with children each week; a member of staff is in the room.",
}
AT_HOMES: Final[dict[str, Any]] = {
    "dbs_level": DbsLevel.BASIC,
    "dbs_workforce": None,
    "dbs_ground": Ground.BASIC,
    "dbs_reason": "You call at people’s homes.",
}
WITH_MONEY: Final[dict[str, Any]] = {
    "dbs_level": DbsLevel.ENHANCED_BARRED,
    "dbs_workforce": Workforce.ADULT,
    "dbs_ground": Ground.ADULTS_REGULATED,
    "dbs_reason": "You shop and pay for adults who cannot because of age or illness.",
}
ADULT_ONLY: Final = 18
FROM_16: Final = 16

_WORKDAYS: Final = (0, 1, 2, 3, 4)
_WEEKEND: Final = (5, 6)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time of the week at which a role repeats: `times` of the `days` are chosen."""

    days: tuple[int, ...]
    times: int
    starts: time
    ends: time
    every_weeks: int = 1
    ordinal: int | None = None  # "the first Tuesday of the month"


@dataclass(frozen=True, kw_only=True)
class Task:
    """What some of a role's people do; `places` of them, or all that are left."""

    name: str
    places: int | None = None
    in_charge: bool = False


@dataclass(frozen=True, kw_only=True)
class Role:
    """One kind of opportunity; `share` of the groups of the kind offer it."""

    title: str
    summary: str
    about: str
    activity: Activity
    slots: tuple[Slot, ...]
    places: tuple[int, int]
    minimum: int
    share: float = 1.0
    bring: str = ""
    needs: Skill = Skill(0)
    likes: Skill = Skill(0)
    languages: tuple[Language, ...] = ()
    training: Training = Training(0)
    minimum_age: int = ADULT_ONLY
    check: dict[str, Any] = field(default_factory=lambda: NO_CHECK)
    on_approval: bool = False
    team: tuple[Task, ...] = ()


_DESK: Final = Role(
    title="Library desk helper",
    summary="Welcome people, lend and take back books, and help them find what they need.",
    about="You stand at the desk with one other person. We show you the computer on your "
    "first day. No need to know about books: a friendly face matters most.",
    activity=Activity.LIBRARY_DESK,
    slots=(
        Slot(days=(0, 1, 2, 3, 4, 5), times=3, starts=time(10), ends=time(13)),
        Slot(days=_WORKDAYS, times=2, starts=time(14), ends=time(17)),
    ),
    places=(2, 3),
    minimum=2,
    likes=Skill.IT,
    minimum_age=FROM_16,
)
_STORYTIME: Final = Role(
    title="Storytime reader",
    summary="Read and sing with children under five and their families.",
    about="Half an hour of stories and songs, then tea for the grown-ups. We have the books; "
    "you bring your voice.",
    activity=Activity.CHILDREN,
    slots=(Slot(days=(1, 3, 5), times=1, starts=time(10), ends=time(11, 30)),),
    places=(2, 2),
    minimum=1,
    share=0.7,
    likes=Skill.TEACHING,
    training=Training.SAFEGUARDING,
    check=WITH_CHILDREN,
    on_approval=True,
)
_LIBRARY: Final = (
    _DESK,
    _STORYTIME,
    Role(
        title="Home library driver",
        summary="Bring books to people who cannot come to the library.",
        about="Six to eight stops, always the same doors, often a chat. You use your own car and "
        "we pay for each mile.",
        activity=Activity.DRIVING | Activity.BEFRIENDING,
        slots=(Slot(days=(2, 4), times=1, starts=time(13), ends=time(16), every_weeks=2),),
        places=(1, 2),
        minimum=1,
        share=0.6,
        bring="Your driving licence.",
        needs=Skill.DRIVE_CAR,
        likes=Skill.LISTENING,
        check=AT_HOMES,
    ),
    Role(
        title="Computer helper",
        summary="Sit beside people who want to do something online, one at a time.",
        about="A form, an email, a photo of a grandchild. You show, they do. Patience is the "
        "skill that counts.",
        activity=Activity.LEARNING,
        slots=(Slot(days=_WORKDAYS, times=1, starts=time(14), ends=time(16)),),
        places=(2, 3),
        minimum=1,
        share=0.6,
        needs=Skill.IT,
        likes=Skill.TEACHING,
        minimum_age=FROM_16,
    ),
)
_DRIVER: Final = Role(
    title="Food parcel driver",
    summary="Bring food parcels from the food bank to people’s doors.",
    about="You collect five to seven parcels, packed and labelled, and take them round. A phone "
    "number for questions is on the list. You use your own car and we pay for each mile.",
    activity=Activity.FOOD | Activity.DRIVING,
    slots=(Slot(days=_WORKDAYS, times=2, starts=time(18, 30), ends=time(20, 30)),),
    places=(3, 3),
    minimum=2,
    bring="Your driving licence and a charged phone.",
    needs=Skill.DRIVE_CAR,
    likes=Skill.MANUAL_HANDLING,
)
_SORTING: Final = Role(
    title="Food sorting",
    summary="Check dates on donated food and put it on the right shelf.",
    about="Tins, packets and jars come in by the crate. You check, sort and stack, with music "
    "and a tea break. Some lifting; there are jobs to sit down to as well.",
    activity=Activity.FOOD,
    slots=(
        Slot(days=(5,), times=1, starts=time(9, 30), ends=time(12)),
        Slot(days=(0, 1, 2), times=1, starts=time(9, 30), ends=time(12)),
    ),
    places=(3, 6),
    minimum=2,
    likes=Skill.MANUAL_HANDLING,
    minimum_age=FROM_16,
    team=(Task(name="In charge", places=1, in_charge=True), Task(name="Sorter")),
)
_PACKING: Final = Role(
    title="Parcel packing",
    summary="Pack food parcels for families from a list.",
    about="Each family has a list: how many people, what they can eat. You pack it like you "
    "would for a neighbour.",
    activity=Activity.FOOD,
    slots=(Slot(days=_WORKDAYS, times=2, starts=time(13), ends=time(15, 30)),),
    places=(3, 5),
    minimum=2,
    likes=Skill.MANUAL_HANDLING,
    training=Training.FOOD_HYGIENE,
    minimum_age=FROM_16,
)
_WELCOME: Final = Role(
    title="Welcome and tea",
    summary="Greet people who come for food, make tea and listen.",
    about="Coming to a food bank for the first time is hard. You make it easier: a chair, a "
    "cup of tea, and the form filled in together.",
    activity=Activity.BEFRIENDING,
    slots=(Slot(days=(1, 3, 4), times=1, starts=time(10), ends=time(13)),),
    places=(2, 3),
    minimum=1,
    share=0.8,
    likes=Skill.LISTENING,
    training=Training.SAFEGUARDING,
)
_FOOD_BANK: Final = (_DRIVER, _SORTING, _PACKING, _WELCOME)
_RESPONSE: Final = (
    Role(
        title="Friendly phone calls",
        summary="Ring people who live alone, the same few each time.",
        about="You call from home or from our room. A list tells you whom and what they like to "
        "talk about. If somebody is not well, the lead on duty takes over.",
        activity=Activity.BEFRIENDING,
        slots=(Slot(days=(0, 1, 2, 3, 4, 5, 6), times=3, starts=time(18), ends=time(19, 30)),),
        places=(2, 4),
        minimum=1,
        likes=Skill.LISTENING,
        languages=(Language.GUJARATI, Language.PUNJABI, Language.POLISH),
    ),
    Role(
        title="Shopping and prescriptions",
        summary="Shop, pay and collect medicines for people who cannot go out.",
        about="You get the list by phone, shop, keep the receipt and leave the bags inside the "
        "door. The group pays you back the same day.",
        activity=Activity.EMERGENCY | Activity.DRIVING,
        slots=(Slot(days=_WORKDAYS, times=2, starts=time(10), ends=time(12)),),
        places=(1, 3),
        minimum=1,
        share=0.7,
        needs=Skill.DRIVE_CAR,
        check=WITH_MONEY,
        on_approval=True,
    ),
    Role(
        title="Flood warden walk",
        summary="Walk the brook in pairs, look at the gauges and the grilles, and report.",
        about="A two-mile walk after rain. You never go into water. Wardens are trained and work "
        "in pairs.",
        activity=Activity.EMERGENCY | Activity.OUTDOORS,
        slots=(Slot(days=_WEEKEND, times=1, starts=time(10), ends=time(12)),),
        places=(2, 6),
        minimum=2,
        share=0.8,
        bring="Strong boots and a torch.",
        training=Training.FLOOD_RESPONSE,
    ),
    Role(
        title="Evening duty phone",
        summary="Answer the group’s phone for an evening and pass on what comes.",
        about="Most evenings it rings twice. A card by the phone says what to do.",
        activity=Activity.EMERGENCY | Activity.ADMIN,
        slots=(Slot(days=(0, 1, 2, 3, 4, 5, 6), times=4, starts=time(18), ends=time(21)),),
        places=(1, 2),
        minimum=1,
        share=0.6,
        likes=Skill.LEADING,
    ),
)
_KEY_HOLDER: Final = Role(
    title="Evening key holder",
    summary="Open the hall for clubs and lock it again after.",
    about="Open up, put out chairs, be there, lock up. Bring a book.",
    activity=Activity.EVENTS,
    slots=(Slot(days=(0, 1, 2, 3, 4), times=2, starts=time(18), ends=time(21, 30)),),
    places=(1, 1),
    minimum=1,
    likes=Skill.LEADING,
    training=Training.FIRE_SAFETY,
)
_CENTRE: Final = (
    Role(
        title="Café helper",
        summary="Serve tea, cake and soup in the community café.",
        about="Take orders, carry plates, wash up and chat. You work with a cook.",
        activity=Activity.CAFE,
        slots=(
            Slot(days=(2, 3, 4), times=2, starts=time(10), ends=time(14)),
            Slot(days=_WEEKEND, times=1, starts=time(10), ends=time(14)),
        ),
        places=(2, 4),
        minimum=2,
        likes=Skill.CASH | Skill.COOKING,
        training=Training.FOOD_HYGIENE,
        minimum_age=FROM_16,
    ),
    Role(
        title="Lunch club host",
        summary="Sit and eat with older people who would else eat alone.",
        about="Set the tables, serve the meal, sit down with everyone.",
        activity=Activity.BEFRIENDING | Activity.CAFE,
        slots=(Slot(days=(1, 3), times=1, starts=time(11, 30), ends=time(14)),),
        places=(2, 4),
        minimum=1,
        likes=Skill.LISTENING,
        training=Training.SAFEGUARDING,
    ),
    _KEY_HOLDER,
)
_OTHER: Final = (
    Role(
        title="Garden morning",
        summary="Dig, plant and weed in a garden that everybody may use.",
        about="Tools and gloves are there. All ages, all weathers but ice.",
        activity=Activity.OUTDOORS,
        slots=(Slot(days=_WEEKEND, times=1, starts=time(10), ends=time(12, 30)),),
        places=(6, 10),
        minimum=2,
        bring="Old clothes.",
        minimum_age=0,
    ),
    Role(
        title="Repair bench",
        summary="Mend toasters, bikes and chairs together with their owners.",
        about="People bring what is broken. You look at it with them; two out of three go home "
        "mended.",
        activity=Activity.REPAIR,
        slots=(Slot(days=(2, 5), times=1, starts=time(13, 30), ends=time(16, 30)),),
        places=(3, 5),
        minimum=2,
        needs=Skill.DIY,
        minimum_age=FROM_16,
    ),
)

ROLES: Final[dict[GroupKind, tuple[Role, ...]]] = {
    GroupKind.LIBRARY: _LIBRARY,
    GroupKind.FOOD_BANK: _FOOD_BANK,
    GroupKind.RESPONSE: _RESPONSE,
    GroupKind.COMMUNITY_CENTRE: _CENTRE,
    GroupKind.OTHER: _OTHER,
}
# Those that the demo tells a story about.
DESK: Final = _DESK
STORYTIME: Final = _STORYTIME
DRIVER: Final = _DRIVER
SORTING: Final = _SORTING
PACKING: Final = _PACKING
WELCOME: Final = _WELCOME
KEY_HOLDER: Final = _KEY_HOLDER
# One library has this beside the others.
READING_GROUP: Final = Role(
    title="Reading group host",
    summary="Put out the chairs, make tea and keep the talk about the book going.",
    about="A dozen people who have read the same book, once a month. You need not be the one who "
    "knows most about it.",
    activity=Activity.LIBRARY_DESK | Activity.EVENTS,
    slots=(Slot(days=(1,), times=1, starts=time(19), ends=time(21), ordinal=1),),
    places=(2, 2),
    minimum=1,
)
