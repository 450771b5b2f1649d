"""The coordinator's first page: the county at this moment, narrowed as one likes."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template, request, url_for
from flask_login import current_user
from govuk_frontend_wtf.wtforms_widgets import GovSelect
from wtforms import SelectField

from app.broadcasts.queries import drafts
from app.foundation import clock
from app.foundation.places import DISTRICTS
from app.groups.models import GroupKind
from app.home.queries import county
from app.home.queries.happenings import happenings
from app.web.filters import plural
from app.web.forms import Form, choices

_SPANS = {2: "Today and tomorrow", 3: "The next 3 days", 7: "The next 7 days"}


class CountyForm(Form):
    """What the page is narrowed to; a search by GET, so it has no token."""

    class Meta:
        csrf = False

    district = SelectField(
        "District",
        widget=GovSelect(),
        choices=choices(
            [
                ("", "Whole county"),
                *((name, name) for name in DISTRICTS),
                (county.ELSEWHERE, county.ELSEWHERE),
            ]
        ),
    )
    kind = SelectField(
        "Kind of group",
        widget=GovSelect(),
        choices=choices([("", "Every kind"), *((kind.value, kind.label) for kind in GroupKind)]),
    )
    days = SelectField(
        "When",
        widget=GovSelect(),
        choices=choices((str(days), words) for days, words in _SPANS.items()),
    )

    def wanted(self) -> county.Wanted:
        """What was chosen; whatever is not on a list counts for nothing chosen."""
        kind, days = self.kind.data or "", self.days.data or ""
        known = {*DISTRICTS, county.ELSEWHERE}
        return county.Wanted(
            district=self.district.data if self.district.data in known else "",
            kind=kind if kind in set(GroupKind) else "",
            days=int(days) if days in map(str, _SPANS) else county.DAYS[0],
        )


def page(others: list[tuple[str, str]]) -> str:
    """The whole page."""
    form = CountyForm(request.args)
    wanted = form.wanted()
    form.days.data = str(wanted.days)
    is_administrator = current_user.is_administrator
    return render_template(
        "home/county.html",
        form=form,
        marks=_marks(wanted),
        need=county.need_by_district(),
        health=county.health() if is_administrator else None,
        lonely=county.without_manager() if is_administrator else None,
        others=others,
        **_now(wanted),
    )


def part() -> str:
    """What renews itself: the numbers, what runs, what happened, who is needed where."""
    return render_template(
        "home/_county_now.html", is_part=True, **_now(CountyForm(request.args).wanted())
    )


def _now(wanted: county.Wanted) -> dict[str, Any]:
    number = max(1, min(request.args.get("page", 1, type=int), 10_000))
    running = drafts.under_way()
    thin, thin_in_all = county.too_thin(wanted, number)
    here = clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    # The part is asked for by another address; its links lead to the page all the same.
    said: dict[str, Any] = {
        "view": "county",
        "district": wanted.district,
        "kind": wanted.kind,
        "days": wanted.days,
    }
    return {
        "wanted": wanted,
        "span": _SPANS[wanted.days].lower(),
        "kind_label": GroupKind(wanted.kind).label if wanted.kind else "",
        "running": running,
        "asked_by": {shift.id: one.broadcast.id for one in running for shift in one.shifts},
        "desk": county.desk(),
        "thin": thin,
        "thin_in_all": thin_in_all,
        "number": number,
        "pages": -(-thin_in_all // county.SHOWN),
        "page_of": lambda n: url_for("home.index", **said, page=n, _anchor="thin"),
        "part_address": url_for("home.county_now", **said, page=number),
        "happenings": happenings(),
        "updated": f"{here:%H:%M:%S}",
    }


def _marks(wanted: county.Wanted) -> list[dict[str, Any]]:
    return [
        {
            "lat": spot.latitude,
            "lon": spot.longitude,
            "title": f"{spot.group}, {spot.site}",
            "href": url_for("broadcasts.new", words=spot.group),
            "line": f"{plural(spot.shifts, 'shift has', 'shifts have')} too few people",
            "number": spot.shifts,
            "tone": "danger",
        }
        for spot in county.spots(wanted)
    ]
