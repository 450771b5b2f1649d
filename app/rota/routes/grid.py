"""A week, a month and a year of the rota, as a group's managers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import audit
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.matching.queries import why_thin
from app.matching.rules import thin_because
from app.opportunities.models import Stage
from app.rota.queries import grid, long
from app.rota.queries.grid import Choice, Role, Turn
from app.rota.queries.reasons import reasons
from app.rota.routes import bp
from app.rota.rules.grid import (
    WEEK,
    last_of_month,
    monday_of,
)
from app.rota.tables import LongTable

THIN_DAYS: Final = 28
SUGGEST: Final = "suggestions.start"
PAPER: Final = "rosters.paper"
# For so many it is looked up what keeps the group's people away.
EXPLAINED: Final = 8
PHRASES: Final = 2
THIN_SHOWN: Final = 20
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class _Look:
    """What the address asks to see: a day, and the site and role chosen."""

    group: Group
    roles: list[Role]
    day: date
    today: date
    chosen: Choice

    def url(self, view: str, day: date | None = None, **changed: int | str | None) -> str:
        """The address of another day or view, with what is chosen kept."""
        values: dict[str, Any] = {"site": self.chosen.site_id, "role": self.chosen.role_id}
        values |= changed
        if (day or self.day) != self.today:
            values["on"] = (day or self.day).isoformat()
        return url_for(f"rota.{view}", group_id=self.group.id, **values)

    @property
    def offered(self) -> list[Role]:
        """What may be chosen: the roles that were not cancelled."""
        return [role for role in self.roles if role.stage != Stage.CANCELLED]

    @property
    def sites(self) -> dict[int, str]:
        return {role.site_id: role.site for role in self.roles}


def _look(group_id: int) -> _Look:
    group = db.session.get(Group, group_id)
    if group is None:
        abort(404)
    roles = grid.roles_of(group_id)
    today = clock.today(current_app.config["TIMEZONE"])
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        day = today
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        day = today
    site_id = request.args.get("site", type=int)
    role_id = request.args.get("role", type=int)
    return _Look(
        group,
        roles,
        day,
        today,
        Choice(
            site_id if any(role.site_id == site_id for role in roles) else None,
            role_id if any(role.id == role_id for role in roles) else None,
        ),
    )


@bp.get("/groups/<int:group_id>/rota")
@group_manager
def week(group_id: int) -> ResponseReturnValue:
    """One week as a grid: on a phone a list."""
    look = _look(group_id)
    monday = monday_of(look.day)
    turns = grid.turns(group_id, monday, monday + timedelta(days=6), look.chosen)
    values = {
        "look": look,
        "group": look.group,
        "monday": monday,
        "days": [monday + timedelta(days=number) for number in range(7)],
        "rows": _rows(turns),
        "local": _local,
        "now": clock.now(),
    }
    if request.headers.get("HX-Request") == "true":
        # The page asked again by itself: that somebody looks is on record already.
        return render_template("rota/_grid.html", **values)
    thin = grid.thin(group_id, THIN_DAYS, look.chosen) if look.roles else []
    if any(team.people for turn in (*turns, *thin) for team in turn.teams):
        audit.record("viewed rota", group_id=group_id, week=monday.isoformat())
    return render_template(
        "rota/week.html",
        **values,
        thin=thin[:THIN_SHOWN],
        more_thin=max(0, len(thin) - THIN_SHOWN),
        why=_why(thin[:THIN_SHOWN]),
        before=look.url("week", monday - WEEK),
        after=look.url("week", monday + WEEK),
        published=any(role.stage == Stage.PUBLISHED for role in look.roles),
        # What stands above is known by name only.
        can_suggest=SUGGEST in current_app.view_functions,
        has_paper=PAPER in current_app.view_functions,
    )


def _why(thin: list[Turn]) -> dict[int, str]:
    """Why each is thin: what became of those who had it, and who of the group's people could."""
    if not thin:
        return {}
    left = reasons([turn.id for turn in thin])
    people = why_thin([turn.id for turn in thin[:EXPLAINED]])
    return {
        turn.id: ", ".join([left[turn.id], *thin_because(people.get(turn.id, {}), 2)])
        for turn in thin
    }


def _local(moment: datetime, zone: str) -> time:
    return moment.astimezone(ZoneInfo(zone)).time()


def _rows(turns: list[Turn]) -> list[tuple[tuple[str, str], dict[date, list[Turn]]]]:
    """A row for each site and role that runs this week: its label, and its turns by day."""
    found: dict[tuple[str, str, int], dict[date, list[Turn]]] = {}
    for turn in turns:
        key = (turn.site, turn.title, turn.role_id)
        found.setdefault(key, {}).setdefault(turn.day, []).append(turn)
    return [((site, title), found[site, title, role]) for site, title, role in sorted(found)]


@bp.get("/groups/<int:group_id>/rota/month")
@group_manager
def month(group_id: int) -> ResponseReturnValue:
    look = _look(group_id)
    first = look.day.replace(day=1)
    last = last_of_month(first.year, first.month)
    return _long(
        look,
        "month",
        (first, last),
        (first - timedelta(days=1), last + timedelta(days=1)),
        f"{first:%B %Y}",
    )


@bp.get("/groups/<int:group_id>/rota/year")
@group_manager
def year(group_id: int) -> ResponseReturnValue:
    """Every shift of a calendar year with its names, a row a week.

    The month of the day looked at is open, the others can be opened; `?open=all` opens all.
    """
    look = _look(group_id)
    number = look.day.year
    first, last = date(number, 1, 1), date(number, 12, 31)
    return _long(
        look,
        "year",
        (first, last),
        (first - timedelta(days=1), last + timedelta(days=1)),
        str(number),
    )


def _long(
    look: _Look,
    view: str,
    days: tuple[date, date],
    beside: tuple[date, date],
    title: str,
) -> str:
    rota = long.long_rota(look.group.id, *days, look.chosen)
    if rota.shifts:
        audit.record("viewed rota", group_id=look.group.id, period=title)
    # Made once: an address for each of a thousand shifts is slow.
    roster = url_for("signups.roster", group_id=look.group.id, shift_id=0).removesuffix("0")
    shown = {entry.role_id for entries in rota.days.values() for entry in entries}
    table = LongTable(
        rota,
        roles={role.id: role.title for role in look.roles if role.id in shown},
        roster=lambda shift_id: f"{roster}{shift_id}",
        week=lambda monday: look.url("week", monday),
        today=look.today,
    )
    return render_template(
        "rota/long.html",
        look=look,
        group=look.group,
        view=view,
        title=title,
        rota=rota,
        months=table.months(days[0].year, look.day) if view == "year" else [],
        table=table.month(days[0].year, days[0].month) if view == "month" else "",
        open_all=request.args.get("open") == "all",
        before=look.url(view, beside[0]),
        after=look.url(view, beside[1]),
    )
