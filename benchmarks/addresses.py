"""Which pages are opened: each endpoint once, and some again as people use them."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, url_for
from sqlalchemy import select

from app.accounts.models import User
from app.annual import queries as annual_reports
from app.annual import service as annual
from app.annual.models import WORKING
from app.annual.rules import years as annual_years
from app.broadcasts import links
from app.broadcasts.models import Broadcast, BroadcastState, Recipient
from app.broadcasts.rules import LISTS
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Membership, Site
from app.inbox.models import Reply, ReplyState
from app.opportunities import cards
from app.opportunities.models import Opportunity, Shift, Stage
from app.reminders import links as reminder_links
from app.reports.figures import PAGES as CHARTS
from app.rosters import service as rosters
from app.rosters.models import Scope
from app.signups import calendars, group_calendars
from app.signups.models import Names, Signup, Standing
from app.simulator.models import SimulatedHandset
from app.stories import service as stories
from app.stories.models import CaseStudy, Photograph, StudyState
from app.suggestions import service as suggestions
from app.suggestions.models import SuggestedPlace
from app.volunteers.models import Channel, GroupVolunteer, Volunteer, VolunteerImport
from app.volunteers.profile_parts import PARTS
from app.volunteers.service import unsubscribe_url
from app.volunteers.steps import SLUGS
from benchmarks.crowd import group_looked_at

# The same page with other choices: what searching, paging and folding cost.
QUERIES = {
    "opportunities.search": [
        {"near": "Loughborough", "miles": "5"},
        {"near": "LE11 5AB", "miles": "", "day": "1", "part": "2", "skill": "1", "kind": "library"},
        {"page": "30"},
        {"view": "map"},
        {"view": "map", "near": "Leicester", "miles": "10"},
    ],
    "accounts.people": [{"words": "son"}, {"page": "100"}],
    "accounts.audit": [{"action": "viewed volunteer"}, {"page": "900"}, {"about": "77"}],
    "groups.index": [{"words": "Food"}, {"page": "5"}],
    "inbox.index": [{"show": "all"}, {"show": "all", "page": "20"}],
    "volunteers.people": [{"name": "son"}, {"skill": "1"}, {"papers": "lapsed"}, {"page": "40"}],
    "broadcasts.new": [{"near": "Leicester"}, {"words": "driver"}],
    "simulator.index": [{"q": "a"}, {"page": "10"}],
    "reports.page": [{"district": "Charnwood"}, {"from": "2020-01-01"}],
    "home.index": [{"view": "county"}, {"view": "groups"}, {"view": "volunteer"}],
}


def of_pages(app: Flask) -> list[tuple[str, str]]:
    """(endpoint, path) of all pages; call it in the app's context."""
    found = []
    with app.test_request_context():
        numbers = _numbers()
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            if "GET" not in (rule.methods or ()):
                continue
            for values in _values(rule.endpoint, rule.arguments, numbers):
                for query in [{}, *QUERIES.get(rule.endpoint, [])]:
                    found.append((rule.endpoint, url_for(rule.endpoint, **values, **query)))
    return list(dict.fromkeys(found))


def _values(endpoint: str, arguments: set[str], numbers: dict[str, Any]) -> list[dict[str, Any]]:
    """What fills an address; nothing for one that takes what only a person has."""
    own = numbers["own"].get(endpoint)
    if own is not None:
        return list(own)
    if not arguments <= numbers["any"].keys():
        return []
    return [{name: numbers["any"][name] for name in arguments}]


def _numbers() -> dict[str, Any]:
    group_id = group_looked_at()
    group = db.session.get_one(Group, group_id)
    shift = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.taken > 0,
        )
        .order_by(Shift.taken.desc(), Shift.starts_at)
        .limit(1)
    ).one()
    signup_id = _first(Signup.id, Signup.shift_id == shift.id, Signup.standing != "withdrawn")
    volunteer_id = db.session.scalars(
        select(Volunteer.id)
        .join(User, User.id == Volunteer.user_id)
        .where(User.email == "volunteer@example.org")
    ).one()
    own_shift = db.session.scalars(
        select(Signup.shift_id)
        .join(Signup.shift)
        .where(Signup.volunteer_id == volunteer_id, Signup.standing == Standing.CONFIRMED)
        .order_by(Shift.starts_at.desc())
        .limit(1)
    ).one()
    manager_id = _first(Membership.user_id, Membership.group_id == group_id)
    message_id = rosters.draft(
        group_id, manager_id, {"scope": Scope.GROUP, "channel": Channel.SMS, "body": "Hello."}
    ).id
    under_way = _first(Broadcast.id, Broadcast.state == BroadcastState.RUNNING)
    draft = _first(Broadcast.id, Broadcast.state == BroadcastState.DRAFT)
    ended = _first(Broadcast.id, Broadcast.state == BroadcastState.ENDED)
    asked = _first(
        Recipient.volunteer_id, Recipient.broadcast_id == under_way, Recipient.wave.is_not(None)
    )
    ours = {"group_id": group_id}
    county_import = _first(VolunteerImport.id, VolunteerImport.group_id.is_(None))
    group_import = _first(VolunteerImport.id, VolunteerImport.group_id == group_id)
    return {
        "any": ours
        | {
            "opportunity_id": shift.opportunity_id,
            "shift_id": shift.id,
            "signup_id": signup_id,
            "site_id": _first(Site.id, Site.group_id == group_id),
            "volunteer_id": _first(
                GroupVolunteer.volunteer_id, GroupVolunteer.group_id == group_id
            ),
            "user_id": _first(User.id),
            "reply_id": _first(Reply.id, Reply.state == ReplyState.WAITING),
            "handset_id": _first(SimulatedHandset.id),
            "broadcast_id": under_way,
        },
        "own": {
            "groups.page": [{"slug": group.slug}],
            "opportunities.show": [_page_of(shift)],
            "signups.place": [{"shift_id": own_shift}],
            "signups.withdraw": [{"shift_id": own_shift}],
            "signups.calendar": [
                {"token": calendars.new_address(volunteer_id)},
                {"token": group_calendars.make(group_id, None, Names.FULL, manager_id)},
            ],
            **{
                endpoint: [ours | {"message_id": message_id}]
                for endpoint in ("rosters.show", "rosters.change")
            },
            "rosters.new": [ours],
            "reminders.coming": [{"token": reminder_links.token([signup_id])}],
            "broadcasts.audience": [{"broadcast_id": draft}],
            "broadcasts.message": [{"broadcast_id": draft}],
            "broadcasts.shifts": [{"broadcast_id": draft}],
            "broadcasts.show": [{"broadcast_id": under_way}, {"broadcast_id": ended}],
            "broadcasts.wall": [{"broadcast_id": under_way}, {"broadcast_id": ended}],
            "broadcasts.listed": [{"broadcast_id": under_way, "which": one} for one in LISTS],
            "broadcasts.answer": [{"token": links.token(under_way, asked)}],
            "volunteers.ask_unsubscribe": [
                {"token": unsubscribe_url(volunteer_id).rpartition("/")[2]}
            ],
            **_of_suggestion(group_id, manager_id),
            **_of_stories(group_id, manager_id),
            **_of_annual(manager_id),
            "volunteers.change": [{"slug": slug} for slug in PARTS],
            "volunteers.step": [{"slug": slug} for slug in SLUGS],
            "web.icon": [{"size": "192"}],
            "volunteers.preview_for_county": [{"import_id": county_import}],
            "volunteers.rejected_for_county": [{"import_id": county_import}],
            "volunteers.preview_for_group": [ours | {"import_id": group_import}],
            "volunteers.rejected_for_group": [ours | {"import_id": group_import}],
            "reports.page": [{"page": name} for name in CHARTS],
            "reports.file": [{"page": "hours", "figure": "hours-by-district"}],
            "reports.group_page": [ours | {"page": name} for name in CHARTS],
            "reports.group_file": [ours | {"page": "coverage", "figure": "coverage"}],
            "accounts.confirm": [{"channel": "email"}],
            "accounts.change_second_factor": [{"wish": "renew"}],
        },
    }


def _of_stories(group_id: int, user_id: int) -> dict[str, list[dict[str, object]]]:
    """A story that everybody may read, and one of the group's own."""
    out = db.session.scalars(
        select(Photograph)
        .join(Photograph.case_study)
        .where(CaseStudy.state == StudyState.PUBLISHED)
        .limit(1)
    ).one()
    number, digest = out.case_study_id, out.digest
    own = stories.write(
        group_id,
        user_id,
        None,
        title="A story",
        summary="In one sentence.",
        body="What was needed. " * 20,
        quotation="",
        quotation_by="",
        quotation_agreed=False,
    )
    ours = {"group_id": group_id, "case_study_id": own.id}
    return {
        "stories.show": [{"case_study_id": number}],
        "stories.judge": [{"case_study_id": number}],
        "stories.picture": [
            {"case_study_id": number, "size": size, "digest": digest} for size in ("large", "small")
        ],
        **{f"stories.{name}": [dict(ours)] for name in ("study", "words", "photograph")},
    }


def _of_annual(user_id: int) -> dict[str, list[dict[str, object]]]:
    """The report of the last council's year, made."""
    year = annual_years.complete(clock.now().date())[0]
    report = annual_reports.of_slug(year.slug)
    if report is None or report.progress not in WORKING:  # else a worker has it in hand
        report = annual.start(year.slug, user_id)
    annual.make(report.id)
    until = time.monotonic() + 120
    while (done := annual_reports.report(report.id)).progress in WORKING:
        db.session.rollback()
        assert time.monotonic() < until, "no worker has made the annual report"
        time.sleep(0.5)
    kinds = done.contents["kinds"]
    return {
        "annual.show": [{"slug": year.slug}],
        "annual.kind": [{"slug": year.slug, "kind": one["slug"]} for one in kinds],
        "annual.pdf": [{"slug": year.slug}],
        **{
            f"annual.{name}": [{"report_id": report.id}]
            for name in ("report", "progress", "foreword")
        },
    }


def _of_suggestion(group_id: int, user_id: int) -> dict[str, list[dict[str, int]]]:
    """The pages of a rota that is suggested for the coming week."""
    suggestion = suggestions.start(group_id, user_id, 1)
    suggestions.solve(suggestion.id)
    one = {"group_id": group_id, "suggestion_id": suggestion.id}
    place = db.session.scalars(
        select(SuggestedPlace).where(SuggestedPlace.suggestion_id == suggestion.id).limit(1)
    ).first()
    found = {"suggestions.show": [one], "suggestions.progress": [one]}
    if place is not None:
        other = one | {"shift_id": place.shift_id, "instead": place.id}
        if place.slot_id is not None:
            other["slot"] = place.slot_id
        found["suggestions.choose"] = [other]
    return found


def _page_of(shift: Shift) -> dict[str, Any]:
    """The page of the shift's opportunity under its one right address."""
    slug = cards.page_of(shift.opportunity).rpartition(f"/{shift.opportunity_id}-")[2]
    return {"opportunity_id": shift.opportunity_id, "slug": slug}


def _first(column: Any, *where: Any) -> int:
    return int(db.session.scalars(select(column).where(*where).order_by(column).limit(1)).one())
