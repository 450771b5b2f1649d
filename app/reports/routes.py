"""The pages of charts: of the county for coordinators, of a group for its managers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.access import coordinator
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.reports.figures import PAGES, Page
from app.reports.forms import Asked
from app.reports.queries import hours, requests, shifts
from app.reports.queries.scoped import counted_at
from app.reports.rules.periods import Scope
from app.reports.rules.suppression import Hidden, alone, beside
from app.spreadsheets.writing import as_csv

bp = Blueprint("reports", __name__, template_folder="templates")


@dataclass(frozen=True)
class Look:
    """Somebody's look at the charts: whose, of which days, and where the others are."""

    asked: Asked
    group: Group | None  # whose managers look; None for the county
    chosen: str = ""  # the name of the group that a coordinator has chosen

    @property
    def scope(self) -> Scope | None:
        return self.asked.scope

    @property
    def words(self) -> str:
        return self.asked.words(self.chosen)

    def url(self, page: str = "", figure: str = "") -> str:
        """The address of a page, or of a figure's file, with the same choices."""
        return self._address(page, figure, **self.asked.query)

    def plain_url(self, page: str = "") -> str:
        """The same with every choice as usual."""
        return self._address(page, "")

    def _address(self, page: str, figure: str, **query: Any) -> str:
        part = "file" if figure else "page" if page else "index"
        values: dict[str, Any] = dict(query)
        if page:
            values["page"] = page
        if figure:
            values["figure"] = figure
        if self.group is None:
            return url_for(f"reports.{part}", **values)
        return url_for(f"reports.group_{part}", group_id=self.group.id, **values)


def _county() -> Look:
    groups = _groups()
    asked = Asked(request.args, groups=groups)
    named = {str(number): name for number, name in groups}
    return Look(asked, None, named.get(asked.form.group.data or "", ""))


def _of_group(group_id: int) -> Look:
    return Look(Asked(request.args, group_id=group_id), db.get_or_404(Group, group_id))


def _groups() -> Sequence[tuple[int, str]]:
    rows = db.session.execute(select(Group.id, Group.name).order_by(Group.name))
    return [(number, name) for number, name in rows]


@bp.get("/reports")
@coordinator
def index() -> ResponseReturnValue:
    """The county in a few numbers, and what the charts answer."""
    return _index(_county())


@bp.get("/reports/<page>")
@coordinator
def page(page: str) -> ResponseReturnValue:
    return _page(_county, page)


@bp.get("/reports/<page>/<figure>.csv")
@coordinator
def file(page: str, figure: str) -> ResponseReturnValue:
    return _file(_county, page, figure)


@bp.get("/groups/<int:group_id>/reports")
@group_manager
def group_index(group_id: int) -> ResponseReturnValue:
    return _index(_of_group(group_id))


@bp.get("/groups/<int:group_id>/reports/<page>")
@group_manager
def group_page(group_id: int, page: str) -> ResponseReturnValue:
    return _page(partial(_of_group, group_id), page)


@bp.get("/groups/<int:group_id>/reports/<page>/<figure>.csv")
@group_manager
def group_file(group_id: int, page: str, figure: str) -> ResponseReturnValue:
    return _file(partial(_of_group, group_id), page, figure)


def _index(look: Look) -> str:
    numbers = None
    if look.scope is not None:
        given = hours.total(look.scope)
        people = alone(given.people)
        numbers = {
            "people": people,
            "minutes": beside(people, given.minutes),
            "filled": shifts.total(look.scope),
            "requests": requests.total(look.scope),
        }
    return render_template(
        "reports/index.html",
        look=look,
        pages=PAGES.values(),
        numbers=numbers,
        hides=numbers is not None and isinstance(numbers["people"], Hidden),
        counted=counted_at(look.scope) if look.scope else None,
    )


def _known(name: str) -> Page:
    return PAGES[name] if name in PAGES else abort(404)


def _page(looked: Any, name: str) -> str:
    page = _known(name)
    look: Look = looked()
    return render_template(
        "reports/page.html",
        look=look,
        page=page,
        pages=PAGES.values(),
        figures=page.figures(look.scope) if look.scope else [],
        counted=counted_at(look.scope) if look.scope else None,
    )


def _file(looked: Any, name: str, figure: str) -> ResponseReturnValue:
    page = _known(name)
    look: Look = looked()
    if look.scope is None:
        # The page says beside each field what is wrong with it.
        return redirect(f"{look.plain_url(name)}?{request.query_string.decode()}")
    one = next((one for one in page.figures(look.scope) if one.name == figure), None)
    if one is None:
        abort(404)
    days = f"{look.scope.first_day.isoformat()}-to-{look.scope.last_day.isoformat()}"
    response = Response(as_csv(*one.file()), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{figure}-{days}.csv")
    return response
