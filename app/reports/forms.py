"""Which days, and whose: read from the address, so that a chart can be shared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import current_app
from govuk_frontend_wtf.wtforms_widgets import GovSelect
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.places import DISTRICTS
from app.reports.rules.periods import Scope, check, usual
from app.web.filters import spoken_day
from app.web.forms import Day, Form, choices, show_refusal


class ScopeForm(Form):
    """The choices above every chart. What is left out is as usual: twelve months, everybody."""

    class Meta:
        csrf = False

    first = Day("From", name="from")
    last = Day("Until", name="until")
    district = SelectField(
        "District",
        choices=choices([("", "Every district"), *((one, one) for one in DISTRICTS)]),
        widget=GovSelect(),
        default="",
    )
    group = SelectField("Group", widget=GovSelect(), default="")


class GroupScopeForm(Form):
    """The same for the managers of one group: only the dates."""

    class Meta:
        csrf = False

    first = Day("From", name="from")
    last = Day("Until", name="until")


class Asked:
    """What an address asks for: the form that shows it, and the scope, or None if it is amiss."""

    def __init__(
        self,
        args: MultiDict[str, str],
        *,
        groups: Sequence[tuple[int, str]] = (),
        group_id: int | None = None,
    ) -> None:
        self._usual = usual(clock.today(current_app.config["TIMEZONE"]))
        first, last = self._usual
        said = MultiDict(args)
        for name, day in (("from", first), ("until", last)):
            if not said.get(name, "").strip():
                said[name] = day.isoformat()
        self.group_id = group_id
        self.form: Any = ScopeForm(said) if group_id is None else GroupScopeForm(said)
        if group_id is None:
            self.form.group.choices = choices([("", "Every group"), *groups])
        self.scope = self._scope()

    def _scope(self) -> Scope | None:
        form = self.form
        if not form.validate():
            return None
        first, last = form.first.data, form.last.data
        try:
            check(first, last)
        except Refusal as refusal:
            show_refusal(form, refusal)
            return None
        if self.group_id is not None:
            return Scope(first, last, (self.group_id,))
        chosen = form.group.data
        return Scope(first, last, (int(chosen),) if chosen else None, form.district.data)

    @property
    def query(self) -> dict[str, str]:
        """The same choices for another address, those that are as usual left out."""
        scope = self.scope
        if scope is None:
            return {}
        found: dict[str, str] = {}
        days = ("from", scope.first_day, self._usual[0]), ("until", scope.last_day, self._usual[1])
        for name, day, as_usual in days:
            if day != as_usual:
                found[name] = day.isoformat()
        if self.group_id is None:
            found |= {
                name: self.form[name].data for name in ("district", "group") if self.form[name].data
            }
        return found

    def words(self, group: str = "") -> str:
        """ "1 December 2025 to 26 November 2026, Melton": what the charts are of."""
        scope = self.scope
        if scope is None:
            return ""
        parts = [f"{_full(scope.first_day)} to {_full(scope.last_day)}", scope.district, group]
        return ", ".join(filter(None, parts))


def _full(day: date) -> str:
    words = spoken_day(day, current_app.config["TIMEZONE"]).partition(" ")[2]
    return words if words.endswith(str(day.year)) else f"{words} {day.year}"
