"""A month or a year as a table: one row a week, written straight, for speed.

A template would call a macro for each of some thousand shifts; this joins
strings, with every word that a person typed escaped once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from app.rota.queries.long import Entry, Long
from app.rota.rules.grid import Health, last_of_month, weeks_of_month
from app.volunteers.vocabulary import WEEKDAYS

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class MonthOfYear(NamedTuple):
    """One month of a year's rota."""

    name: str
    shifts: int
    short: int  # how many of them have too few people to run
    holds_day: bool  # the day that was asked for is one of its days
    table: Markup


class LongTable:
    """Writes the weeks of a long rota.

    `roles` names each role where there are several, by its number; `roster`
    and `week` give the addresses that a shift's gap and a week lead to.
    """

    def __init__(
        self,
        rota: Long,
        *,
        roles: Mapping[int, str],
        roster: Callable[[int], str],
        week: Callable[[date], str],
        today: date,
    ) -> None:
        self.rota, self.roster, self.week, self.today = rota, roster, week, today
        self.roles = {number: str(escape(title)) for number, title in roles.items()}
        self._hours: dict[tuple[time, time], str] = {}
        self._names: dict[str, str] = {}
        self.weekdays = rota.weekdays

    def month(self, year: int, month: int) -> Markup:
        """The month's table: a row for each week in which anything runs."""
        first, last = date(year, month, 1), last_of_month(year, month)
        heads = "".join(f'<th scope="col">{WEEKDAYS[weekday]}</th>' for weekday in self.weekdays)
        rows = (
            self._row(monday, first, last)
            for monday in weeks_of_month(year, month)
            if any(first <= day <= last for day in self._days(monday))
        )
        return Markup(
            '<table class="mh-long" role="table"><caption class="govuk-visually-hidden">'
            f'{_MONTHS[month - 1]} {year}</caption><thead><tr><th scope="col">Week of</th>{heads}'
            f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )

    def months(self, year: int, day: date) -> list[MonthOfYear]:
        """A table for each month of the year; a week across two stands in both, each its days."""
        found = []
        for number, named in enumerate(_MONTHS, 1):
            first, last = date(year, number, 1), last_of_month(year, number)
            days = (held for held in self.rota.days if first <= held <= last)
            entries = [entry for held in days for entry in self.rota.days[held]]
            found.append(
                MonthOfYear(
                    f"{named} {year}",
                    len(entries),
                    sum(entry.health is Health.BELOW for entry in entries),
                    first <= day <= last,
                    self.month(year, number) if entries else Markup(""),
                )
            )
        return found

    def _days(self, monday: date) -> list[date]:
        """The days of a week on which anything runs."""
        days = (monday + timedelta(days=weekday) for weekday in self.weekdays)
        return [day for day in days if day in self.rota.days]

    def _row(self, monday: date, first: date, last: date) -> str:
        now = monday <= self.today <= monday + timedelta(days=6)
        spoken = f"{monday.day} {_MONTHS[monday.month - 1][:3]}"
        cells = []
        for weekday in self.weekdays:
            day = monday + timedelta(days=weekday)
            entries = self.rota.days.get(day, ()) if first <= day <= last else ()
            cells.append(self._cell(day, entries) if entries else "<td></td>")
        return (
            f'<tr{" class=mh-long__now" if now else ""}><th scope="row">'
            f'<a href="{escape(self.week(monday))}">{spoken}</a>'
            f"{'<br>this week' if now else ''}</th>{''.join(cells)}</tr>"
        )

    def _cell(self, day: date, entries: Sequence[Entry]) -> str:
        said = [f"<td><p>{WEEKDAYS[day.weekday()][:3]} {day.day}</p>"]
        role = None
        for entry in entries if len(self.roles) < 2 else sorted(entries, key=self._by_role):
            if len(self.roles) > 1 and entry.role_id != role:
                role = entry.role_id
                said.append(f"<strong>{self.roles.get(role, '')}</strong>")
            said.append(self._entry(entry))
        return f"{''.join(said)}</td>"

    def _by_role(self, entry: Entry) -> tuple[str, object]:
        return self.roles.get(entry.role_id, ""), entry.starts

    def _entry(self, entry: Entry) -> str:
        hours = self._spoken(entry)
        if entry.health is Health.CANCELLED:
            return f"<div><s>{hours}</s> Cancelled</div>"
        names = ", ".join(map(self._name, entry.names))
        if entry.asked:
            names += f" (asked: {', '.join(map(self._name, entry.asked))})"
        if entry.health is Health.BELOW:
            gap = f'<a href="{escape(self.roster(entry.id))}">{entry.short} more needed</a>'
            return f'<div class="mh-long__below"><b>{hours}</b> {names} {gap}</div>'
        if not names:
            names = "Nobody" if entry.health is Health.OVER else "Nobody yet"
        draft = " (draft)" if entry.health is Health.DRAFT else ""
        return f"<div><b>{hours}</b> {names}{draft}</div>"

    def _name(self, name: str) -> str:
        if name not in self._names:
            # Names of two words stay on one line.
            self._names[name] = str(escape(name))
        return self._names[name]

    def _spoken(self, entry: Entry) -> str:
        key = (entry.starts.time(), entry.ends.time())
        if key not in self._hours:
            self._hours[key] = f"{_face(key[0])}–{_face(key[1])}"
        return self._hours[key]


def _face(at: time) -> str:
    """ "10am", "1:30pm", "noon": as short as it can be and still be told apart."""
    if at == time(12):
        return "noon"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"
