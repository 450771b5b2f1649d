"""The first page, for each kind of person the one that answers "what now?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.utils import parseaddr
from functools import partial
from typing import Final

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import coordinator, public
from app.broadcasts import links
from app.foundation import clock, languages
from app.foundation.sentences import N_
from app.foundation.transaction import transaction
from app.groups.models import GroupKind
from app.home import boxes, county_page
from app.home.queries import front, groups, own
from app.home.queries.who import Managed, Who, who
from app.home.steps import next_step, why
from app.matching.queries import roles_for, why_thin
from app.matching.rules import thin_because
from app.opportunities.cards import place_words, shift_card
from app.safeguarding.queries import desk as safeguarding
from app.signups import leaving, plans
from app.signups.swaps.queries import waiting_for as waiting_swaps
from app.signups.swaps.telling import token as swap_token
from app.stories.queries import unread_thanks
from app.volunteers.models import Volunteer
from app.volunteers.steps import progress

bp = Blueprint("home", __name__, template_folder="templates")

# The person's other first pages: (label, address).
Others = list[tuple[str, str]]
Page = Callable[[Others], ResponseReturnValue]
ROLES_SHOWN: Final = 3
# For so many shifts of a manager's page it is looked up what keeps the group's people away.
EXPLAINED: Final = 12
# What a group of each kind is called among others, and what one does there.
KINDS: Final = {
    GroupKind.LIBRARY: (
        N_("Community libraries"),
        N_("Keep the desk, help people online, read to children."),
    ),
    GroupKind.FOOD_BANK: (
        N_("Food banks"),
        N_("Sort, pack and drive food parcels; make people welcome."),
    ),
    GroupKind.RESPONSE: (
        N_("Response groups"),
        N_("Shop, fetch medicine, or lend a hand when it floods or snows."),
    ),
    GroupKind.COMMUNITY_CENTRE: (
        N_("Community centres"),
        N_("Run a café, a lunch club or a hall that everybody uses."),
    ),
    GroupKind.OTHER: (N_("Other groups"), N_("Befriend, repair, garden, remember: there is more.")),
}


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Everybody's first page; who is several things chooses by `view`."""
    if not current_user.is_authenticated:
        return _front()
    me = who(current_user.id)
    views = _views(me)
    asked = request.args.get("view", "")
    view = asked if asked in views else next(iter(views), "")
    if view in ("county", "groups"):
        languages.speak_on(languages.ENGLISH)  # as all pages of managers and coordinators
    others = [
        (gettext(label), url_for("home.index", view=name))
        for name, (label, _page) in views.items()
        if name != view
    ]
    return views[view][1](others) if view else render_template("home/newcomer.html")


def _views(me: Who) -> dict[str, tuple[str, Page]]:
    """The pages that this user may choose between, the most pressing first."""
    views: dict[str, tuple[str, Page]] = {}
    if current_user.is_coordinator:
        views["county"] = (N_("The county"), _county)
    if me.groups:
        label = me.groups[0].name if len(me.groups) == 1 else N_("Your groups")
        views["groups"] = (label, partial(_groups, me.groups))
    if me.volunteer_id is not None:
        views["own"] = (N_("Your own page as a volunteer"), partial(_own, me.volunteer_id))
    return views


def _front() -> ResponseReturnValue:
    return render_template(
        "home/front.html",
        shifts=[shift_card(shift) for shift in front.needy_shifts()],
        numbers=front.numbers(),
        kinds=KINDS,
        contact=parseaddr(current_app.config["MAIL_FROM"])[1],
    )


def _is_resting(volunteer: Volunteer) -> bool:
    until = volunteer.paused_until
    return until is not None and until > clock.today(current_app.config["TIMEZONE"])


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _own(volunteer_id: int, others: Others) -> ResponseReturnValue:
    volunteer = own.volunteer(volunteer_id)
    asks = own.asks(volunteer.id)
    asked = {shift.id for ask in asks for shift in ask.shifts}
    fitting = roles_for(volunteer, ROLES_SHOWN + len(asked))
    roles = [role for role in fitting if role.shift.id not in asked][:ROLES_SHOWN]
    step = next_step(volunteer)
    return render_template(
        "home/own.html",
        volunteer=volunteer,
        resting=_is_resting(volunteer),
        coming=own.coming(volunteer.id),
        asks=[
            (ask, url_for("broadcasts.answer", token=links.token(ask.broadcast_id, volunteer.id)))
            for ask in asks
        ],
        swaps=[
            (swap, url_for("signups.answer_swap", token=swap_token(swap.id, volunteer.id)))
            for swap in waiting_swaps(volunteer.id)
        ],
        roles=[
            shift_card(role.shift)
            | {"reasons": [_sentence(reason) for reason in role.reasons], "shift_id": role.shift.id}
            for role in roles
        ],
        given=own.given(volunteer.id, clock.today(current_app.config["TIMEZONE"])),
        thanks=unread_thanks(volunteer.id),
        step=step,
        why=why(step, volunteer) if step else "",
        progress=progress(volunteer),
        miles_to=partial(plans.miles_to, volunteer),
        place_words=place_words,
        others=others,
    )


def _groups(managed: Sequence[Managed], others: Others) -> ResponseReturnValue:
    desks = groups.desks(managed)
    left_late = leaving.unseen([desk.id for desk in desks])
    if named := sorted({*groups.shows_people(desks), *left_late}):
        with transaction():
            for group_id in named:
                audit.record("viewed people on home page", group_id=group_id)
    safety = safeguarding.of([desk.id for desk in desks])
    sorted_out = {
        desk.id: boxes.sort_out(
            desk,
            safety[desk.id].alarms if desk.id in safety else [],
            left_late.get(desk.id, []),
        )
        for desk in desks
    }
    pressing = [shift_id for box in sorted_out.values() for shift_id in box.pressing()]
    return render_template(
        "home/groups.html",
        desks=desks,
        safety=safety,
        boxes=sorted_out,
        why={
            shift_id: thin_because(counts)
            for shift_id, counts in why_thin(pressing[:EXPLAINED]).items()
        },
        today=clock.today(current_app.config["TIMEZONE"]),
        others=others,
    )


def _county(others: Others) -> ResponseReturnValue:
    return county_page.page(others)


@bp.get("/county/now")
@coordinator
def county_now() -> ResponseReturnValue:
    """The part of the coordinator's page that renews itself."""
    return county_page.part()
