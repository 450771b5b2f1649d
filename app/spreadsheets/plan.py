"""What a file would change, worked out from its cells and from the rota as it is now.

Reads only. A row says what to change by being other than the row is now. Where
the row itself has changed since the file was made (its version is another), a
difference may be somebody else's work: that is a conflict, and is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from typing import Any, Final

from app.foundation.errors import Refusal
from app.opportunities import queries as opportunity_queries
from app.opportunities.models import Opportunity, Stage
from app.signups.models import Standing
from app.spreadsheets import queries, rules
from app.spreadsheets.queries import Cells
from app.spreadsheets.reading import FORMULA, Sheet
from app.spreadsheets.rules import Column, Kind

MOST_CHANGES: Final = 500
_TIMES: Final = (Column.DATE, Column.STARTS, Column.ENDS)
_SHIFT_EDITS: Final = (*_TIMES, Column.PLACES, Column.MINIMUM, Column.DUTIES, Column.STATUS)
_SHIFT_FIXED: Final = (Column.ROLE, Column.SITE, Column.ZONE)
_SIGNUP_EDITS: Final = (Column.DUTY, Column.STATUS)
_SIGNUP_FIXED: Final = (Column.SHIFT, Column.VOLUNTEER, Column.NAME)
_LEFT: Final = (Standing.WITHDRAWN.value, Standing.DECLINED.value)


@dataclass
class Fault:
    """A row that cannot be taken: where, and why. `conflict`: somebody else was there first."""

    sheet: str
    row: int
    column: str
    sentence: str
    conflict: bool = False


@dataclass
class Step:
    """One row's change: what to do with which numbers, and what changes from what to what."""

    sheet: str
    row: int
    what: str  # "edit", "add", "cancel", "duties", "sign-up", "confirm", "leave", "move"
    title: str
    changes: list[tuple[str, str, str]]
    number: int = 0
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Plan:
    """Every step in order, and every row that cannot be taken."""

    steps: list[Step] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    unknown: list[str] = field(default_factory=list)


class _Faulty(Exception):
    """A cell that cannot be taken."""

    def __init__(self, column: Column, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


@dataclass
class _Row:
    """One row of a file: a cell by its column; None where the file has no such column."""

    sheet: Sheet
    number: int
    cells: list[str]

    def get(self, column: Column) -> str | None:
        place = self.sheet.columns.get(column)
        if place is None:
            return None
        text = self.cells[place].strip() if place < len(self.cells) else ""
        if text == FORMULA:
            raise _Faulty(column, "This cell holds a formula. Put the value itself there.")
        return text

    def said(self, column: Column) -> str:
        return self.get(column) or ""

    def read(self, column: Column, how: Callable[[str], Any]) -> Any:
        try:
            return how(self.said(column))
        except Refusal as refusal:
            raise _Faulty(column, refusal.sentence) from None


def make(group_id: int, sheets: Sequence[Sheet], today: date) -> Plan:
    """What these sheets would do to the group's rota, in the order of their rows.

    Raises `Refusal` as soon as there are more than `MOST_CHANGES`.
    """
    plan = Plan(rows=sum(len(sheet.rows) for sheet in sheets))
    for sheet in sheets:
        plan.unknown += sheet.unknown
        maker = _Shifts if sheet.kind == Kind.SHIFTS else _Signups
        maker(group_id, sheet, plan, today).read()
    return plan


class _Reader:
    """Reads one sheet against the rows that are there."""

    key_column: Column
    letter: str
    edits: tuple[Column, ...]
    fixed: tuple[Column, ...]

    def __init__(self, group_id: int, sheet: Sheet, plan: Plan, today: date) -> None:
        self.group_id, self.sheet, self.plan, self.today = group_id, sheet, plan, today
        self.seen: dict[int, int] = {}

    def read(self) -> None:
        rows = [_Row(self.sheet, number, cells) for number, cells in self.sheet.rows]
        known = self.known([number for row in rows if (number := self._number(row))])
        for row in rows:
            try:
                self._row(row, known)
            except _Faulty as fault:
                self._fault(row, fault.column, fault.sentence)

    def known(self, ids: list[int]) -> dict[int, Cells]:
        raise NotImplementedError

    def new(self, row: _Row) -> None:
        raise NotImplementedError

    def changed(self, row: _Row, number: int, now: Cells, said: Cells) -> None:
        raise NotImplementedError

    def canonical(self, row: _Row, column: Column) -> str:
        """The cell as we would have written it."""
        return row.said(column)

    def _number(self, row: _Row) -> int | None:
        try:
            text = row.said(self.key_column)
            return rules.read_key(self.letter, text) if text else None
        except (_Faulty, Refusal):
            return None

    def _row(self, row: _Row, known: dict[int, Cells]) -> None:
        text = row.said(self.key_column)
        if not text:
            self.new(row)
            return
        number = row.read(self.key_column, lambda cell: rules.read_key(self.letter, cell))
        now = known.get(number)
        if now is None:
            raise _Faulty(self.key_column, "Your group has no such row. It may have been deleted.")
        if number in self.seen:
            raise _Faulty(self.key_column, f"Row {self.seen[number]} is about the same one.")
        self.seen[number] = row.number
        said = {
            column: self.canonical(row, column)
            for column in self.edits
            if row.get(column) is not None
        }
        other = {
            column: text
            for column, text in said.items()
            if rules.tidy(text) != rules.tidy(now[column])
        }
        for column in self.fixed:
            cell = row.get(column)
            if cell is not None and rules.tidy(cell) != rules.tidy(now[column]):
                raise _Faulty(column, f"This cannot be changed here. It is “{now[column]}”.")
        if not other:
            return
        if row.get(Column.VERSION) not in (None, now[Column.VERSION]):
            for column, text in other.items():
                self._fault(
                    row,
                    column,
                    f"It has been changed since you took the file out: it is “{now[column]}” now, "
                    f"your file says “{text}”.",
                    conflict=True,
                )
            return
        self.changed(row, number, now, other)

    def step(self, row: _Row, what: str, title: str, **more: Any) -> None:
        if len(self.plan.steps) >= MOST_CHANGES:
            raise Refusal(
                f"This file changes more than {MOST_CHANGES:,} rows. "
                f"Bring in {MOST_CHANGES:,} at a time.",
                "file",
            )
        self.plan.steps.append(Step(self.sheet.kind.value, row.number, what, title, **more))

    def _fault(self, row: _Row, column: Column, sentence: str, *, conflict: bool = False) -> None:
        self.plan.faults.append(
            Fault(self.sheet.kind.value, row.number, column.value, sentence, conflict)
        )


def spoken(cells: Cells) -> str:
    """When it is, for the look: "Saturday 28 November 2026, 09:30"."""
    day = date.fromisoformat(cells[Column.DATE])
    return f"{day:%A} {day.day} {day:%B %Y}, {cells[Column.STARTS]}"


def _from_to(now: Cells, said: Cells) -> list[tuple[str, str, str]]:
    return [(column.value, now[column], text) for column, text in said.items()]


class _Shifts(_Reader):
    key_column, letter = Column.SHIFT, "S"
    edits, fixed = _SHIFT_EDITS, _SHIFT_FIXED

    @cached_property
    def roles(self) -> Sequence[Opportunity]:
        """What new shifts can be of, read once for all rows."""
        return queries.roles_of(self.group_id)

    @cached_property
    def duties(self) -> dict[int, dict[str, int]]:
        """The numbers of each role's duties by name, read once for all rows."""
        return queries.duties_of(self.group_id)

    def known(self, ids: list[int]) -> dict[int, Cells]:
        return queries.shifts_by_id(self.group_id, ids)

    def canonical(self, row: _Row, column: Column) -> str:
        if column == Column.DATE:
            return str(row.read(column, lambda text: rules.read_day(text, self.today)).isoformat())
        if column in (Column.STARTS, Column.ENDS):
            return f"{row.read(column, rules.read_time):%H:%M}"
        if column in (Column.PLACES, Column.MINIMUM):
            return str(row.read(column, rules.read_number))
        if column == Column.DUTIES:
            return rules.write_team(row.read(column, rules.read_team))
        return row.said(column).lower()

    def changed(self, row: _Row, number: int, now: Cells, said: Cells) -> None:
        title = f"{now[Column.ROLE]}, {spoken(now)}"
        status = said.pop(Column.STATUS, None)
        if status is not None:
            if status != Stage.CANCELLED.value:
                raise _Faulty(Column.STATUS, "Here you can only write “cancelled”.")
            reason = row.said(Column.REASON)
            if not reason:
                raise _Faulty(Column.REASON, "Say why it is cancelled: its people are told.")
            changes = [(Column.STATUS.value, now[Column.STATUS], status)]
            self.step(
                row, "cancel", title, changes=changes, number=number, values={"reason": reason}
            )
            return
        if now[Column.STATUS] == Stage.CANCELLED.value:
            raise _Faulty(next(iter(said)), "This shift was cancelled, so it cannot be changed.")
        whole = {**now, **said}
        team = said.pop(Column.DUTIES, None)
        if team is not None:
            values = {"team": self._team(number, row), "minimum": int(whole[Column.MINIMUM])}
            changes = [(Column.DUTIES.value, now[Column.DUTIES], team)]
            self.step(row, "duties", title, changes=changes, number=number, values=values)
            # The places follow from the duties.
            said.pop(Column.PLACES, None)
            said.pop(Column.MINIMUM, None)
        elif Column.PLACES in said and now[Column.DUTIES]:
            raise _Faulty(Column.PLACES, "The places follow from the duties: change those.")
        if said:
            self.step(
                row,
                "edit",
                title,
                changes=_from_to(now, said),
                number=number,
                values=_times(whole)
                | {
                    "places": int(whole[Column.PLACES]),
                    "minimum": int(whole[Column.MINIMUM]),
                    "moves": any(column in said for column in _TIMES),
                },
            )

    def _team(self, number: int, row: _Row) -> list[tuple[int, int, int]]:
        shift = opportunity_queries.shift_of(self.group_id, number)
        return self._duties(shift.opportunity_id, row)

    def _duties(self, opportunity_id: int, row: _Row) -> list[tuple[int, int, int]]:
        ids = self.duties.get(opportunity_id, {})
        team = []
        for name, places, least in row.read(Column.DUTIES, rules.read_team):
            if name.casefold() not in ids:
                raise _Faulty(Column.DUTIES, f"This role has no duty “{name}”.")
            team.append((ids[name.casefold()], places, least))
        if len({duty_id for duty_id, _, _ in team}) < len(team):
            raise _Faulty(Column.DUTIES, "Name each duty once.")
        return team

    def new(self, row: _Row) -> None:
        named = row.said(Column.ROLE)
        site = row.said(Column.SITE).casefold()
        found = [
            role
            for role in self.roles
            if role.title.casefold() == named.casefold() and site in ("", role.site.name.casefold())
        ]
        if len(found) != 1:
            why = "Which role?" if not found else "More than one role is called so: say the site."
            raise _Faulty(Column.ROLE, f"{why} Write its name as on your list of roles.")
        cells = {
            column: self.canonical(row, column)
            for column in (*_TIMES, Column.MINIMUM, Column.DUTIES)
            if row.said(column) or column in _TIMES
        }
        team = self._duties(found[0].id, row) if cells.get(Column.DUTIES) else []
        places = sum(one for _, one, _ in team) or row.read(Column.PLACES, rules.read_number)
        cells[Column.PLACES] = str(places)
        cells.setdefault(Column.MINIMUM, "1")
        self.step(
            row,
            "add",
            f"{found[0].title}, {spoken(cells)}",
            changes=[(column.value, "", text) for column, text in cells.items()],
            number=found[0].id,
            values=_times(cells)
            | {"places": places, "minimum": int(cells[Column.MINIMUM]), "team": team},
        )


def _times(cells: Cells) -> dict[str, Any]:
    return {
        "day": cells[Column.DATE],
        "starts": cells[Column.STARTS],
        "ends": cells[Column.ENDS],
    }


def clock_times(values: dict[str, Any]) -> dict[str, Any]:
    """A step's day and times as the services take them."""
    return {
        "day": date.fromisoformat(values["day"]),
        "starts": time.fromisoformat(values["starts"]),
        "ends": time.fromisoformat(values["ends"]),
    }


class _Signups(_Reader):
    key_column, letter = Column.SIGNUP, "U"
    edits, fixed = _SIGNUP_EDITS, _SIGNUP_FIXED

    def known(self, ids: list[int]) -> dict[int, Cells]:
        return queries.signups_by_id(self.group_id, ids)

    def canonical(self, row: _Row, column: Column) -> str:
        text = row.said(column)
        return text.lower() if column == Column.STATUS else text

    def changed(self, row: _Row, number: int, now: Cells, said: Cells) -> None:
        title = f"{now[Column.NAME]}: {now[Column.ROLE]}, {spoken(now)}"
        before, status = now[Column.STATUS], said.get(Column.STATUS)
        if status is not None:
            changes = [(Column.STATUS.value, before, status)]
            reason = row.said(Column.REASON)
            if status in _LEFT and before in ("confirmed", "waiting", "offered"):
                leaving = {"standing": status, "reason": reason}
                self.step(row, "leave", title, changes=changes, number=number, values=leaving)
                return
            if (before, status) != (Standing.WAITING.value, Standing.CONFIRMED.value):
                raise _Faulty(
                    Column.STATUS,
                    f"“{before}” cannot become “{status}” here. Here you can write “confirmed” for "
                    "who waits, and “withdrawn” or “declined”.",
                )
            self.step(row, "confirm", title, changes=changes, number=number)
        if Column.DUTY in said:
            if not said[Column.DUTY]:
                raise _Faulty(Column.DUTY, "A duty cannot be taken away. Write another.")
            changes = [(Column.DUTY.value, now[Column.DUTY], said[Column.DUTY])]
            values: dict[str, Any] = {
                "shift": rules.read_key("S", now[Column.SHIFT]),
                "duty": said[Column.DUTY],
            }
            self.step(row, "move", title, changes=changes, number=number, values=values)

    def new(self, row: _Row) -> None:
        shift_id = row.read(Column.SHIFT, lambda text: rules.read_key("S", text))
        volunteer_id = row.read(Column.VOLUNTEER, lambda text: rules.read_key("V", text))
        status = row.said(Column.STATUS).lower()
        if status not in ("", Standing.CONFIRMED.value, Standing.WAITING.value):
            raise _Faulty(Column.STATUS, "A new sign-up is “confirmed”; leave this empty.")
        name = row.said(Column.NAME)
        self.step(
            row,
            "sign-up",
            f"{name or rules.key('V', volunteer_id)}: {rules.key('S', shift_id)}",
            changes=[(Column.SIGNUP.value, "", "new")],
            number=shift_id,
            values={"volunteer": volunteer_id, "duty": row.said(Column.DUTY), "name": name},
        )
